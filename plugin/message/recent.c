/* recent.c
 * Reads datagrams, and none again that differs from an earlier one in its id alone
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "recent.h"

#include "dto-json.h"
#include "scan.h"
#include "summary.h"

/* What is kept. A ProbeInit has some 535 bytes, 51 tokens and 20 nodes; a
 * HostInfo of 20 daemons has 2,000 bytes. What has more is read each time. */
#define CRM_RECENT_MAX_LENGTH   2048
#define CRM_RECENT_MAX_TOKENS   256
#define CRM_RECENT_MAX_NODES    128
#define CRM_RECENT_MAX_FINDINGS 16
#define CRM_RECENT_MAX_TEXT     4096

/* One for each host, and some for outcomes. With more hosts, those that meet in
 * one place take turns. A place keeps some 4 KB, and 20 KB at most. */
#define CRM_RECENT_PLACE_BITS 8

/* Where an id is; both 0 in a message that has none. */
typedef struct {
    uint32_t start;
    uint32_t end;
} extent_t;

typedef struct {
    crm_message_t message; /* of `data`, which is as long as all of it */
    uint8_t *data;         /* owned; NULL: there is no message */
    extent_t id;
    char *json;          /* owned, plain JSON; NULL: nobody asked for it, or it is not kept */
    extent_t json_id;    /* where `json` has the id */
    uint64_t latest_key; /* of the message that was read last and might have been here */
} place_t;

struct crm_recent {
    place_t places[1U << CRM_RECENT_PLACE_BITS];
    extent_t ids[CRM_RECENT_MAX_LENGTH + 1]; /* by length: where the message read last had its id */
    crm_message_t other;                     /* what was read last and is in no place */
    place_t *latest;                         /* of the message read last, or NULL */
    crm_dto_json_t writer;
};

crm_recent_t *
crm_recent_new(void)
{
    crm_recent_t *recent = g_new0(crm_recent_t, 1);

    crm_message_init(&recent->other);
    crm_dto_json_init(&recent->writer);
    return recent;
}

void
crm_recent_free(crm_recent_t *recent)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(recent->places); i++) {
        if (recent->places[i].data) {
            crm_message_clear(&recent->places[i].message);
            g_free(recent->places[i].data);
            g_free(recent->places[i].json);
        }
    }
    crm_message_clear(&recent->other);
    crm_dto_json_clear(&recent->writer);
    g_free(recent);
}

/* Only finds a place; who makes keys meet has messages read that need not be. */
static uint64_t
add_to_key(uint64_t key, const uint8_t *p, uint32_t length)
{
    uint64_t word = 0;

    for (; length >= sizeof word; length -= (uint32_t)sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        key = (key ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    }
    word = length;
    memcpy(&word, p, length);
    return (key ^ word) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Of all bytes but the id's. */
static uint64_t
key_without(const uint8_t *data, uint32_t length, extent_t id)
{
    return add_to_key(add_to_key(length, data, id.start), data + id.end, length - id.end);
}

static place_t *
place_of(crm_recent_t *recent, uint64_t key)
{
    return &recent->places[key >> (64 - CRM_RECENT_PLACE_BITS)];
}

/* Whether the message of a place is this one, but for the id. */
static bool
is_repeated(const place_t *place, const uint8_t *data, uint32_t length)
{
    const extent_t id = place->id;

    return place->message.doc.length == length && memcmp(place->data, data, id.start) == 0 &&
           memcmp(place->data + id.end, data + id.end, length - id.end) == 0 &&
           crm_skip_plain(data + id.start, data + id.end, true) == data + id.end;
}

static const crm_message_t *
repeat(place_t *place, const uint8_t *data)
{
    crm_message_t *m = &place->message;
    const crm_node_t *content = &m->nodes[m->content];
    const extent_t id = place->id;

    m->doc.data = data;
    if (id.start != id.end) {
        memcpy(m->text->str + m->nodes[m->first[CRM_FIELD_ID]].text, data + id.start, id.end - id.start);
        if (content->start < id.end && content->end > id.start) {
            crm_message_set_fingerprint(m);
        }
    }
    return m;
}

static extent_t
find_id(const crm_message_t *m)
{
    const uint32_t node = m->first[CRM_FIELD_ID];
    return node == CRM_NO_NODE ? (extent_t){0, 0} : (extent_t){m->nodes[node].start, m->nodes[node].end};
}

static bool
can_be_kept(const crm_message_t *m)
{
    const uint32_t id = m->first[CRM_FIELD_ID];

    return m->doc.status == CRM_JSON_OK && m->doc.count <= CRM_RECENT_MAX_TOKENS &&
           m->count <= CRM_RECENT_MAX_NODES && m->finding_count <= CRM_RECENT_MAX_FINDINGS &&
           m->text->len <= CRM_RECENT_MAX_TEXT &&
           (id == CRM_NO_NODE || !(m->doc.tokens[m->nodes[id].token].flags & CRM_JSON_SPECIAL));
}

/* `size` is an element's. The copy keeps its room for the next. */
static void *
copy_elements(void *to, uint32_t *capacity, const void *from, uint32_t count, size_t size)
{
    if (*capacity < count) {
        *capacity = count;
        to = g_realloc_n(to, count, size);
    }
    if (count) {
        memcpy(to, from, count * size);
    }
    return to;
}

static void
copy_message(crm_message_t *to, const crm_message_t *from)
{
    const crm_message_t had = *to;

    *to = *from;
    to->doc.tokens = had.doc.tokens;
    to->doc.capacity = had.doc.capacity;
    to->doc.decoded = had.doc.decoded;
    to->nodes = had.nodes;
    to->capacity = had.capacity;
    to->findings = had.findings;
    to->finding_capacity = had.finding_capacity;
    to->text = had.text;
    to->doc.tokens = copy_elements(to->doc.tokens, &to->doc.capacity, from->doc.tokens, from->doc.count,
                                   sizeof *to->doc.tokens);
    to->nodes = copy_elements(to->nodes, &to->capacity, from->nodes, from->count, sizeof *to->nodes);
    to->findings = copy_elements(to->findings, &to->finding_capacity, from->findings, from->finding_count,
                                 sizeof *to->findings);
    g_string_truncate(to->text, 0);
    g_string_append_len(to->text, from->text->str, (gssize)from->text->len);
}

static void
keep(place_t *place, extent_t id, const crm_message_t *message)
{
    if (place->data == NULL) {
        crm_message_init(&place->message);
        place->data = g_malloc(CRM_RECENT_MAX_LENGTH);
    }
    copy_message(&place->message, message);
    crm_message_keep_summary(&place->message);
    memcpy(place->data, message->doc.data, message->doc.length);
    place->id = id;
    g_clear_pointer(&place->json, g_free);
}

/* Keeps a message that was not found under `key`, if it comes for the second
 * time: what comes once is not worth a copy, and puts nothing out. */
static void
consider(crm_recent_t *recent, uint64_t key, const crm_message_t *m)
{
    const extent_t id = find_id(m);
    extent_t *expected = &recent->ids[m->doc.length];

    if (id.start != expected->start || id.end != expected->end) {
        *expected = id;
        key = key_without(m->doc.data, m->doc.length, id);
    }
    place_t *place = place_of(recent, key);
    if (place->latest_key == key) {
        keep(place, id, m);
    }
    place->latest_key = key;
}

const crm_message_t *
crm_recent_read(crm_recent_t *recent, const uint8_t *data, uint32_t length, bool cut)
{
    recent->latest = NULL;
    if (cut || length == 0 || length > CRM_RECENT_MAX_LENGTH) {
        crm_message_read(&recent->other, data, length, cut);
        return &recent->other;
    }
    const uint64_t key = key_without(data, length, recent->ids[length]);
    place_t *place = place_of(recent, key);
    if (place->data && is_repeated(place, data, length)) {
        recent->latest = place;
        return repeat(place, data);
    }
    crm_message_read(&recent->other, data, length, false);
    if (can_be_kept(&recent->other)) {
        consider(recent, key, &recent->other);
    }
    return &recent->other;
}

/* Keeps the JSON that was written last, unless the id stands in it more than
 * once, as a reference may bring it back, or it is long. */
static void
keep_json(place_t *place, const crm_dto_json_t *written)
{
    const uint32_t length = place->id.end - place->id.start;

    if ((length > 0 && written->id_at == 0) || written->text->len > CRM_RECENT_MAX_TEXT) {
        return;
    }
    place->json = g_strdup(written->text->str);
    place->json_id = (extent_t){written->id_at, written->id_at + length};
}

const char *
crm_recent_dto_json(crm_recent_t *recent)
{
    place_t *place = recent->latest;

    if (place == NULL) {
        return crm_dto_json_write(&recent->writer, &recent->other);
    }
    if (place->json == NULL) {
        const char *json = crm_dto_json_write(&recent->writer, &place->message);
        keep_json(place, &recent->writer);
        return json;
    }
    memcpy(place->json + place->json_id.start, place->message.doc.data + place->id.start,
           place->json_id.end - place->json_id.start);
    return place->json;
}
