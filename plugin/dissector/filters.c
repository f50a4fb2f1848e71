/* filters.c
 * Conversation filters: the round of a probe, and all of a worker
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "filters.h"

#include <string.h>

#include "copies.h"
#include "points.h"
#include "tracked.h"
#include "whom.h"

/* Frames that are named where ids do not tell a round: some 1000 workers', and
 * a filter that Wireshark still reads at once. */
#define CRM_MAX_ROUND 4096

/* The first datagram of a selected packet. Packet scope. */
typedef struct {
    const crm_record_t *record;
    const char *id;     /* NULL: none */
    const char *worker; /* NULL: it is not about one */
} selected_t;

static int proto_crm;

static const selected_t *
get_selected(packet_info *pinfo)
{
    return (const selected_t *)p_get_proto_data(pinfo->pool, pinfo, proto_crm, 0);
}

void
crm_filters_remember(const crm_dissection_t *d, proto_tree *tree)
{
    const uint32_t id = d->m->first[CRM_FIELD_ID];

    if (!tree || !PTREE_DATA(tree)->visible || !d->record || get_selected(d->pinfo)) {
        return;
    }
    selected_t *selected = wmem_new0(d->pinfo->pool, selected_t);
    const char *worker = crm_whom_worker(d);
    selected->record = d->record;
    selected->worker = worker ? wmem_strdup(d->pinfo->pool, worker) : NULL;
    if (id != CRM_NO_NODE && d->m->nodes[id].value == CRM_VALUE_TEXT) {
        selected->id = wmem_strdup(d->pinfo->pool, crm_message_text(d->m, d->m->nodes[id].text));
    }
    p_add_proto_data(d->pinfo->pool, d->pinfo, proto_crm, 0, selected);
}

/* FIELD == "TEXT", as the display filter's language quotes it. */
static char *
equals(const char *field, const char *text)
{
    static const char special[] = "\"\\\t\n\r", letters[] = "\"\\tnr";
    GString *filter = g_string_new(field);

    g_string_append(filter, " == \"");
    for (; *text; text++) {
        const char *found = strchr(special, *text);
        if (found) {
            g_string_append_c(filter, '\\');
        }
        g_string_append_c(filter, found ? letters[found - special] : *text);
    }
    g_string_append_c(filter, '"');
    return g_string_free(filter, FALSE);
}

/* The worker */

static crm_bool_t
has_worker(CRM_FILTER_ARGUMENTS)
{
    const selected_t *selected = get_selected(pinfo);
    return selected && selected->worker;
}

static char *
build_worker(CRM_FILTER_ARGUMENTS)
{
    return has_worker(CRM_FILTER_VALUES) ? equals("crm.worker", get_selected(pinfo)->worker) : NULL;
}

/* The round: a probe, its answers, and theirs */

static bool
is_of_a_round(const crm_record_t *r)
{
    switch ((crm_packet_type_t)r->type) {
    case CRM_PROBE_INIT:
    case CRM_PROBE_ACK:
    case CRM_REG_ACK:
        return true;
    case CRM_NO_PACKET_TYPE:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        break;
    }
    return false;
}

static const crm_record_t *
first_of(const crm_record_t *r)
{
    const uint32_t copied = crm_copies_original(r);

    return crm_record_first(copied == CRM_NO_RECORD ? r : crm_record_at(copied));
}

/* What the round began with, as far as the capture has it. */
static const crm_record_t *
beginning(const crm_record_t *r)
{
    r = first_of(r);
    while (r->request != CRM_NO_RECORD) {
        r = crm_record_at(r->request);
    }
    return r;
}

typedef struct {
    const crm_record_t *first;
    GArray *frames; /* of uint32_t */
    bool one_id;    /* so far, all have the first one's */
} round_t;

static void
add_record(round_t *round, const crm_record_t *r)
{
    const uint32_t frame = crm_record_frame(r);

    if (frame && round->frames->len < CRM_MAX_ROUND) {
        g_array_append_val(round->frames, frame);
    }
    round->one_id &= r->id == round->first->id;
}

static void
add_answers(round_t *round, const crm_record_t *r)
{
    for (uint32_t n = CRM_NO_RECORD; (n = crm_record_next_answer(r, n)) != CRM_NO_RECORD;) {
        add_record(round, crm_record_at(n));
        add_answers(round, crm_record_at(n));
    }
}

/* Others find their copies by the first of them. */
static void
add_copied_duplicates(round_t *round)
{
    for (uint32_t n = 0; crm_point_count() > 1 && n < crm_record_count(); n++) {
        const crm_record_t *r = crm_record_at(n);
        if (r->original != CRM_NO_RECORD && crm_copies_next(r, CRM_NO_RECORD) != CRM_NO_RECORD &&
            beginning(r) == round->first) {
            add_record(round, r);
        }
    }
}

/* Whether `crm.id` alone would show more than this round:
 * - another round has the id, of a collector that starts again and counts from 1 again, or of another that
 * counts as well;
 * - or what was paired with nothing, and so is of no round, has the id, and may have it by chance.
 * Walks all there are, as somebody clicked. */
static bool
is_id_of_another(const crm_record_t *first, const char *id)
{
    const bool is_by_chance = crm_tracked_is_counted(id);

    for (uint32_t n = 0; n < crm_record_count(); n++) {
        const crm_record_t *r = crm_record_at(n);
        if (r->id == first->id && r->type && beginning(r) != first &&
            (is_by_chance || beginning(r)->type == CRM_PROBE_INIT)) {
            return true;
        }
    }
    return false;
}

static round_t
read_round(const crm_record_t *r)
{
    round_t round = {
        .first = beginning(r), .frames = g_array_new(FALSE, FALSE, sizeof(uint32_t)), .one_id = true};

    add_record(&round, round.first);
    add_answers(&round, round.first);
    add_copied_duplicates(&round);
    return round;
}

static int
compare_frames(gconstpointer a, gconstpointer b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* "{8..12, 15}" */
static char *
set_of_frames(GArray *frames)
{
    GString *set = g_string_new("{");

    g_array_sort(frames, compare_frames);
    for (guint n = 0, end; n < frames->len; n = end) {
        const uint32_t first = g_array_index(frames, uint32_t, n);
        uint32_t last = first;
        for (end = n + 1; end < frames->len && g_array_index(frames, uint32_t, end) - last <= 1; end++) {
            last = g_array_index(frames, uint32_t, end);
        }
        g_string_append_printf(set, last == first ? "%s%u" : "%s%u..%u", n ? ", " : "", first, last);
    }
    g_string_append_c(set, '}');
    return g_string_free(set, FALSE);
}

static crm_bool_t
has_round(CRM_FILTER_ARGUMENTS)
{
    const selected_t *selected = get_selected(pinfo);
    return selected && is_of_a_round(selected->record);
}

static char *
build_round(CRM_FILTER_ARGUMENTS)
{
    if (!has_round(CRM_FILTER_VALUES)) {
        return NULL;
    }
    const selected_t *selected = get_selected(pinfo);
    round_t round = read_round(selected->record);
    char *filter;
    if (round.one_id && selected->id && !is_id_of_another(round.first, selected->id)) {
        filter = equals("crm.id", selected->id);
    } else {
        char *set = set_of_frames(round.frames);
        filter = g_strdup_printf("frame.number in %s || crm.duplicate_of in %s%s%s", set, set,
                                 crm_point_count() > 1 ? " || crm.copy_of in " : "",
                                 crm_point_count() > 1 ? set : "");
        g_free(set);
    }
    g_array_free(round.frames, TRUE);
    return filter;
}

void
crm_filters_register(int proto)
{
    proto_crm = proto;
    crm_register_conversation_filter("crm", "CRM Round", has_round, build_round);
    crm_register_conversation_filter("crm", "CRM Worker", has_worker, build_worker);
}
