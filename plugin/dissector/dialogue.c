/* dialogue.c
 * Who answered whom
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "dialogue.h"

#include <string.h>

#include "hosts.h"
#include "idmap.h"
#include "message/hash.h"

/* A collector may answer again and again with one id. A RegisterAck is held
 * against this many of those before it and no more, so that a datagram costs
 * the same however long the capture is. */
#define CRM_MAX_SAME_ID 16

/* Any sender: the key of a probe whose answer goes to an unexpected address. */
#define CRM_ANY_HOST (UINT32_MAX - 1)

/* A worker and a collector. */
typedef struct {
    uint32_t latest_ack;
    uint32_t waiting_ack; /* without RegisterAck; through crm_record_t.probe_ack.waiting to the one before */
    uint32_t attempts;    /* since the last success */
} pair_t;

static crm_idmap_t by_id;        /* who sent which id to whom -> record */
static crm_idmap_t answers;      /* which host answered which probe, where the id does not tell -> record */
static crm_idmap_t pair_numbers; /* worker and collector -> pair */
static wmem_array_t *pairs;      /* of pair_t */

static void
begin_file(void)
{
    by_id = answers = pair_numbers = (crm_idmap_t){0};
    pairs = wmem_array_new(wmem_file_scope(), sizeof(pair_t));
}

void
crm_dialogue_register(void)
{
    crm_records_register();
    crm_hosts_register();
    register_init_routine(begin_file);
}

/* One key of a kind of datagram and its id, which is a seeded hash itself, of
 * a host and of whom it talks with. What a worker and a collector say under one
 * id differs in the upper half and the last two bits only, so that idmap.c has
 * it side by side: of a long capture, each look-up elsewhere waits for memory. */
static uint64_t
id_key(uint8_t kind, uint64_t id, uint32_t host, uint32_t peer)
{
    const uint64_t place = id ^ ((uint64_t)host + 1) * UINT64_C(0x9e3779b97f4a7c15);
    const uint32_t rest = (peer + 1) * 0xc2b2ae3dU ^ kind * 0x165667b1U;

    return (place ^ (uint64_t)rest << 32) - place % 4 + kind % 4;
}

/* One key of two numbers of ours, which no sender chooses. Different pairs have
 * different keys. */
static uint64_t
number_key(uint32_t a, uint32_t b)
{
    const uint64_t product = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);
    return product ^ product >> 32;
}

static pair_t *
get_pair(uint32_t worker, uint32_t collector)
{
    const uint64_t key = number_key(worker, collector);
    uint32_t number = crm_idmap_get(&pair_numbers, key);

    if (number == CRM_IDMAP_NONE) {
        const pair_t pair = {.latest_ack = CRM_NO_RECORD, .waiting_ack = CRM_NO_RECORD};
        number = wmem_array_get_count(pairs);
        wmem_array_append_one(pairs, pair);
        crm_idmap_put(&pair_numbers, key, number);
    }
    return (pair_t *)wmem_array_index(pairs, number);
}

/* The datagram at hand while it is tracked. */
typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_record_t *r;
    uint32_t number;
    uint64_t key; /* see enter_id() */
    bool has_id;
} datagram_t;

/* Enters the datagram under its id_key(). Returns the record that stood there. */
static uint32_t
enter_id(datagram_t *d, uint32_t host, uint32_t peer)
{
    d->key = id_key(d->r->type, d->r->id, host, peer);
    return d->has_id ? crm_idmap_put(&by_id, d->key, d->number) : CRM_NO_RECORD;
}

static uint32_t
find_id(const datagram_t *d, uint8_t type, uint32_t host)
{
    return d->has_id ? crm_idmap_get(&by_id, id_key(type, d->r->id, host, CRM_NO_HOST)) : CRM_NO_RECORD;
}

static bool
is_same(const datagram_t *d, uint32_t before)
{
    return before != CRM_NO_RECORD && crm_record_at(before)->content == d->r->content;
}

/* The same, of RegisterAcks: those of a worker's attempts may all have one id,
 * of which `before` is the latest. */
static uint32_t
find_same_register_ack(const datagram_t *d, uint32_t before)
{
    for (int i = 0; i < CRM_MAX_SAME_ID && before != CRM_NO_RECORD && !is_same(d, before); i++) {
        before = crm_record_at(before)->register_ack.same_id;
    }
    return is_same(d, before) ? before : CRM_NO_RECORD;
}

/* What stood under the key, `before`, keeps its place. */
static void
set_duplicate(const datagram_t *d, uint32_t original, uint32_t before)
{
    crm_idmap_put(&by_id, d->key, before);
    d->r->original = original;
    d->r->request = crm_record_at(original)->request;
}

static void
set_request(const datagram_t *d, uint32_t request)
{
    crm_record_t *asked = crm_record_at(request);

    d->r->request = request;
    if (asked->first_answer == CRM_NO_RECORD) {
        asked->first_answer = d->number;
    } else {
        crm_record_at(asked->last_answer)->next_answer = d->number;
    }
    asked->last_answer = d->number;
}

/* An id that comes again is the wire's doing as long as the collector has not
 * sent another probe since; after that it is the collector's: it restarted. */
static void
track_probe_init(datagram_t *d)
{
    crm_host_t *collector = crm_host_at(d->r->sender);

    d->r->probe.previous = d->r->probe.next = CRM_NO_RECORD;
    const uint32_t before = enter_id(d, d->r->sender, CRM_NO_HOST);
    if (is_same(d, before) && before == collector->latest_probe) {
        set_duplicate(d, before, before);
        return;
    }
    d->r->probe.previous = collector->latest_probe;
    if (d->r->probe.previous != CRM_NO_RECORD) {
        crm_record_t *previous = crm_record_at(d->r->probe.previous);
        previous->probe.next = d->number;
        previous->flags |= previous->probe.hosts == 0 ? CRM_RECORD_NO_ANSWER : 0;
    }
    collector->latest_probe = d->number;
    if (d->has_id) {
        crm_idmap_put(&by_id, id_key(CRM_PROBE_INIT, d->r->id, CRM_ANY_HOST, CRM_NO_HOST), d->number);
    }
}

/* This host's answer to a probe: with the probe's own id, or one that fell
 * back on it. */
static uint32_t
find_answer(uint32_t probe, uint32_t worker)
{
    const uint64_t own = id_key(CRM_PROBE_ACK, crm_record_at(probe)->id, worker, CRM_NO_HOST);
    const uint32_t ack = crm_idmap_get(&by_id, own);

    return ack != CRM_NO_RECORD && crm_record_at(ack)->request == probe
               ? ack
               : crm_idmap_get(&answers, number_key(probe, worker));
}

/* The probe with the answer's id: of the collector that it goes to, or of any. */
static uint32_t
probe_with_id(const datagram_t *d)
{
    const uint32_t probe = find_id(d, CRM_PROBE_INIT, d->r->receiver);
    return probe != CRM_NO_RECORD ? probe : find_id(d, CRM_PROBE_INIT, CRM_ANY_HOST);
}

/* A search leaves each answer's `skip_to` pointing further back, so that what
 * it passed is not met one by one again. */
static uint32_t
latest_unanswered_probe(const datagram_t *d)
{
    uint32_t probe = crm_host_at(d->r->receiver)->latest_probe, answer;

    while (probe != CRM_NO_RECORD && (answer = find_answer(probe, d->r->sender)) != CRM_NO_RECORD) {
        probe = crm_record_at(answer)->probe_ack.skip_to;
        const uint32_t next = probe == CRM_NO_RECORD ? CRM_NO_RECORD : find_answer(probe, d->r->sender);
        if (next != CRM_NO_RECORD) {
            crm_record_at(answer)->probe_ack.skip_to = crm_record_at(next)->probe_ack.skip_to;
        }
    }
    return probe;
}

static void
answer_probe(const datagram_t *d, uint32_t probe, bool first)
{
    set_request(d, probe);
    d->r->receiver = crm_record_at(probe)->sender;
    d->r->probe_ack.skip_to = crm_record_at(probe)->probe.previous;
    crm_record_at(probe)->probe.hosts += first;
}

/* The ids tell. A host that answers a probe twice, with different contents, is
 * still one host. `before`: what had the answer's id until now. */
static void
answer_by_id(const datagram_t *d, uint32_t probe, uint32_t before)
{
    const bool again = before != CRM_NO_RECORD && crm_record_at(before)->request == probe;
    const bool by_order =
        answers.count && crm_idmap_get(&answers, number_key(probe, d->r->sender)) != CRM_IDMAP_NONE;

    answer_probe(d, probe, !again && !by_order);
    if (before != CRM_NO_RECORD && !again && crm_record_at(before)->request != CRM_NO_RECORD) {
        crm_idmap_put(&answers, number_key(crm_record_at(before)->request, d->r->sender), before);
    }
}

/* The ids do not tell: the order does. */
static void
answer_by_order(const datagram_t *d)
{
    const uint32_t probe = latest_unanswered_probe(d);

    if (probe != CRM_NO_RECORD) {
        answer_probe(d, probe, true);
        crm_idmap_put(&answers, number_key(probe, d->r->sender), d->number);
    }
}

/* The ProbeAck now waits for its RegisterAck. */
static void
wait_for_register_ack(const datagram_t *d)
{
    pair_t *pair = get_pair(d->r->sender, d->r->receiver);

    if (pair->latest_ack != CRM_NO_RECORD) {
        crm_record_t *before = crm_record_at(pair->latest_ack);
        before->probe_ack.next = d->number;
        before->flags |= before->first_answer == CRM_NO_RECORD ? CRM_RECORD_NO_ANSWER : 0;
    }
    d->r->probe_ack.waiting = pair->waiting_ack;
    pair->latest_ack = pair->waiting_ack = d->number;
}

/* The key of a ProbeAck when its host sent one with the same id to another
 * collector too. */
static uint64_t
ack_key(const datagram_t *d, uint32_t worker, uint32_t collector)
{
    return id_key(CRM_PROBE_ACK, d->r->id, worker, collector);
}

/* Of ProbeAcks with one id, the one to this collector, where `latest` is the
 * latest of them and to another. */
static uint32_t
ack_to(const datagram_t *d, uint32_t latest, uint32_t worker, uint32_t collector)
{
    return latest == CRM_NO_RECORD || crm_record_at(latest)->receiver == collector
               ? latest
               : crm_idmap_get(&by_id, ack_key(d, worker, collector));
}

static void
track_probe_ack(datagram_t *d)
{
    d->r->probe_ack.waiting = d->r->probe_ack.next = d->r->probe_ack.skip_to = CRM_NO_RECORD;
    d->r->receiver = crm_host_of_endpoint(d->pinfo, &d->pinfo->dst, d->pinfo->destport);

    const uint32_t probe = probe_with_id(d), latest = enter_id(d, d->r->sender, CRM_NO_HOST);
    d->r->receiver = probe == CRM_NO_RECORD ? d->r->receiver : crm_record_at(probe)->sender;
    const uint32_t before = ack_to(d, latest, d->r->sender, d->r->receiver);
    if (is_same(d, before) && (probe == CRM_NO_RECORD || crm_record_at(before)->request == probe)) {
        set_duplicate(d, before, latest);
        return;
    }
    if (latest != before) {
        crm_idmap_put(&by_id, ack_key(d, d->r->sender, crm_record_at(latest)->receiver), latest);
        crm_idmap_put(&by_id, ack_key(d, d->r->sender, d->r->receiver), d->number);
    }
    if (probe != CRM_NO_RECORD) {
        answer_by_id(d, probe, latest);
    } else {
        answer_by_order(d);
    }
    wait_for_register_ack(d);
}

/* Answered ones are taken off for good, so each is met here once. */
static uint32_t
latest_waiting_ack(pair_t *pair)
{
    while (pair->waiting_ack != CRM_NO_RECORD &&
           crm_record_at(pair->waiting_ack)->first_answer != CRM_NO_RECORD) {
        pair->waiting_ack = crm_record_at(pair->waiting_ack)->probe_ack.waiting;
    }
    return pair->waiting_ack;
}

static void
count_attempt(const datagram_t *d, pair_t *pair)
{
    const uint32_t status = d->m->first[CRM_FIELD_STATUS];

    if (status != CRM_NO_NODE) {
        d->r->register_ack.attempt = ++pair->attempts;
        pair->attempts = d->m->nodes[status].number ? 0 : pair->attempts;
    }
}

static void
track_register_ack(datagram_t *d)
{
    d->r->sender = crm_host_of_endpoint(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    d->r->receiver = crm_host_of_endpoint(d->pinfo, &d->pinfo->dst, d->pinfo->destport);
    const uint32_t latest = find_id(d, CRM_PROBE_ACK, d->r->receiver);
    uint32_t ack = ack_to(d, latest, d->r->receiver, d->r->sender);

    ack = ack == CRM_NO_RECORD ? latest : ack;
    if (ack != CRM_NO_RECORD) {
        d->r->sender = crm_record_at(ack)->receiver;
    }
    const uint32_t before = enter_id(d, d->r->receiver, d->r->sender);
    const uint32_t same = find_same_register_ack(d, before);
    d->r->register_ack.same_id = before;
    if (same != CRM_NO_RECORD && (ack == CRM_NO_RECORD || crm_record_at(same)->request == ack)) {
        set_duplicate(d, same, before);
        d->r->register_ack.attempt = crm_record_at(same)->register_ack.attempt;
        return;
    }
    pair_t *pair = get_pair(d->r->receiver, d->r->sender);
    if (ack == CRM_NO_RECORD) {
        ack = latest_waiting_ack(pair);
    }
    if (ack != CRM_NO_RECORD) {
        set_request(d, ack);
    }
    count_attempt(d, pair);
}

/* QueryAck and MetricInit have no answer, but may come twice. */
static void
track_other(datagram_t *d)
{
    if (d->r->sender == CRM_NO_HOST) {
        d->r->sender = crm_host_of_endpoint(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    }
    d->r->receiver = crm_host_of_endpoint(d->pinfo, &d->pinfo->dst, d->pinfo->destport);
    const uint32_t before = enter_id(d, d->r->sender, d->r->receiver);
    if (is_same(d, before)) {
        set_duplicate(d, before, before);
    }
}

static void
track_dialogue(datagram_t *d, bool learn_ports)
{
    if (d->r->type != CRM_REG_ACK && d->m->first[CRM_FIELD_HOST_INFO] != CRM_NO_NODE) {
        d->r->sender = crm_host_of_announcement(d->pinfo, d->m, d->number, learn_ports);
    } else if (d->r->type == CRM_PROBE_INIT || d->r->type == CRM_PROBE_ACK) {
        d->r->sender = crm_host_of_endpoint(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    }
    switch (d->r->type) {
    case CRM_PROBE_INIT:
        track_probe_init(d);
        break;
    case CRM_PROBE_ACK:
        track_probe_ack(d);
        break;
    case CRM_REG_ACK:
        track_register_ack(d);
        break;
    default:
        track_other(d);
        break;
    }
}

const crm_record_t *
crm_dialogue_follow(tvbuff_t *tvb, packet_info *pinfo, const crm_message_t *message, uint32_t announced_in,
                    bool learn_ports)
{
    const uint32_t id = message->first[CRM_FIELD_ID];
    bool is_new;

    if (PINFO_FD_VISITED(pinfo)) {
        return crm_record_find(tvb, pinfo);
    }
    const uint32_t number = crm_record_make(tvb, pinfo, message, &is_new);
    crm_record_t *r = crm_record_at(number);
    if (!is_new) {
        return r;
    }
    r->announced_in = announced_in;
    if (r->type) {
        datagram_t d = {.pinfo = pinfo, .m = message, .r = r, .number = number, .has_id = id != CRM_NO_NODE};
        if (d.has_id) {
            const char *text = crm_message_text(message, message->nodes[id].text);
            r->id = crm_hash(text, strlen(text));
        }
        track_dialogue(&d, learn_ports);
    }
    return r;
}
