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

/* Longer than other files because probes, their answers, and the answers to those
 * are told by the same ids, pairs and candidates, which nobody else may change. */

#include "dialogue.h"

#include <string.h>

#include "announcements.h"
#include "conflicts.h"
#include "copies.h"
#include "ends.h"
#include "hosts.h"
#include "idmap.h"
#include "message/hash.h"
#include "networks.h"
#include "pairs.h"
#include "points.h"
#include "routers.h"
#include "silence.h"

/* Of datagrams with one type, id and sender, as many are looked at as have come
 * last, so that a datagram costs the same however long the capture is. */
#define CRM_MAX_SAME_ID 16

/* Any sender of a network: the key of a probe whose answer goes to an unexpected address. */
#define CRM_ANY_HOST(network) (UINT32_MAX - 1 - crm_network_name(network))

/* Who repeated the ids of so many datagrams repeats that of the next, and an answer with another was asked
 * for by what the capture lost; more are not remembered, so that a sender that has changed is believed. */
#define CRM_TRUSTED_MATCHES 3
#define CRM_MAX_MATCHES     8

/* What came by at other points only is passed over as often. */
#define CRM_MAX_ELSEWHERE 16

/* Odd, so that hosts differ, and seeded, as it tells which of them come close: a sender chooses which hosts
 * say the same. */
static uint64_t host_factor;

static crm_idmap_t by_id;   /* who sent which id -> the latest record that is no duplicate */
static crm_idmap_t answers; /* which host answered which probe, where the id does not tell -> record */

void
crm_dialogue_register(void)
{
    host_factor = crm_hash("host", strlen("host")) | 1;
    crm_records_register();
    crm_hosts_register();
    crm_announcements_register();
    crm_pairs_register();
    crm_silence_register();
    crm_copies_register();
}

/* One key of a kind of datagram and its id, which is a seeded hash itself, and
 * of a host. Of one id, hosts have places of their own; what a host says under
 * one id in other kinds shares its place, as idmap.h has it: of a long capture,
 * each look-up elsewhere waits for memory. */
static uint64_t
id_key(uint8_t kind, uint64_t id, uint32_t host)
{
    return (id ^ ((uint64_t)host + 1) * host_factor) + kind;
}

static crm_pair_t *
get_pair(uint32_t worker, uint32_t collector)
{
    return crm_pair_at(crm_pair_get(worker, collector));
}

/* The datagram at hand while it is tracked. */
typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_record_t *r;
    uint32_t number;
    uint64_t key; /* see enter_id() */
    bool counted; /* the id is a number or nothing, and may be another's by chance */
    bool learn_ports;
} datagram_t;

/* Ids */

/* Enters the datagram under its id, as the latest of its host's with that id.
 * Of a RegisterAck, the host is the worker. */
static void
enter_id(datagram_t *d, uint32_t host)
{
    d->key = id_key(d->r->type, d->r->id, host);
    d->r->same_id = crm_idmap_put(&by_id, d->key, d->number);
}

static uint32_t
find_id(const datagram_t *d, uint8_t type, uint32_t host)
{
    return crm_idmap_get(&by_id, id_key(type, d->r->id, host));
}

/* The latest of those with its id that says the same to and from the same. */
static uint32_t
find_same(const datagram_t *d)
{
    uint32_t before = d->r->same_id;

    for (int i = 0; i < CRM_MAX_SAME_ID && before != CRM_NO_RECORD; i++) {
        const crm_record_t *r = crm_record_at(before);
        if (r->content == d->r->content && r->sender == d->r->sender && r->receiver == d->r->receiver &&
            r->original == CRM_NO_RECORD) {
            return before;
        }
        before = r->same_id;
    }
    return CRM_NO_RECORD;
}

/* Whether the wire carries an earlier datagram again, and soon after it did so last. */
static bool
comes_again_soon(const datagram_t *d, uint32_t before)
{
    const uint32_t repeat = crm_record_at(before)->latest_repeat;
    return crm_record_is_within(crm_record_at(repeat == CRM_NO_RECORD ? before : repeat), d->r,
                                &crm_repeats_within);
}

/* What stood under the id before keeps its place. */
static void
set_duplicate(const datagram_t *d, uint32_t original)
{
    if (crm_idmap_get(&by_id, d->key) == d->number) {
        const bool is_one = crm_record_at(d->r->same_id)->original == CRM_NO_RECORD;
        crm_idmap_put(&by_id, d->key, is_one ? d->r->same_id : original);
    }
    d->r->original = original;
    d->r->is_sent_again = !comes_again_soon(d, original);
    crm_record_at(original)->latest_repeat = d->number;
}

static void
set_request(const datagram_t *d, uint32_t request)
{
    crm_record_t *asked = crm_record_at(request);

    d->r->request = request;
    if (asked->last_answer == CRM_NO_RECORD) {
        d->r->next_answer = d->number;
    } else {
        crm_record_t *last = crm_record_at(asked->last_answer);
        d->r->next_answer = last->next_answer;
        last->next_answer = d->number;
    }
    asked->last_answer = d->number;
}

/* Of a datagram that is neither probe nor answer, as far as can be told. */
static void
track_repetition(datagram_t *d, uint32_t host)
{
    enter_id(d, host);
    const uint32_t same = find_same(d);
    if (same != CRM_NO_RECORD && comes_again_soon(d, same)) {
        set_duplicate(d, same);
    }
}

/* What an answer may be an answer to. */
typedef struct {
    uint32_t asked;   /* what has its id, or CRM_NO_RECORD */
    uint32_t waiting; /* the latest that waits for an answer, or CRM_NO_RECORD */
    bool answered;    /* what has its id does not wait any more */
    bool early;       /* what it answers may stand after it in the file */
    bool trusted;     /* its id is there by no chance, or its sender repeats the ids of what it answers */
    bool missing;     /* what it answers is not in the file */
} candidates_t;

/* Records are numbered in the order of the capture. */
static bool
is_later(uint32_t record, uint32_t than)
{
    return record != CRM_NO_RECORD && (than == CRM_NO_RECORD || record > than);
}

/* The wire repeats an answer as soon as it repeats anything; or later, as long
 * as there is nothing that it could answer which the first one could not. */
static bool
is_repeated_answer(const datagram_t *d, uint32_t same, const candidates_t *c)
{
    return same != CRM_NO_RECORD && (comes_again_soon(d, same) || (!c->early && !is_later(c->waiting, same)));
}

/* An id tells what is answered as long as that waits for an answer. Where
 * something later waits as well, it tells so unless it may be there by chance:
 * both may count, and a number that a probe had long ago is no answer to it.
 * Who repeats ids does not answer what has another one. */
static uint32_t
what_is_answered(const candidates_t *c)
{
    if (c->missing) {
        return CRM_NO_RECORD;
    }
    if (c->asked == CRM_NO_RECORD || (is_later(c->waiting, c->asked) && (c->answered || !c->trusted))) {
        return c->waiting;
    }
    return c->asked;
}

/* Whether a datagram came by where this one was captured. At a point whose clock
 * is behind, an answer stands in the file seconds after what came by elsewhere. */
static bool
came_by(const datagram_t *d, uint32_t number)
{
    const crm_record_t *r = crm_record_at(number);

    return r->point == d->r->point || crm_copies_at(r, d->r->point) != CRM_NO_RECORD;
}

/* Those; or none where another point's clock is ahead, so that the question may still come: unless the id
 * names one question, or the best candidate was captured here. A copy of the answer may tell later: see
 * pair_late(). */
static candidates_t
candidates_by_now(const datagram_t *d, candidates_t c, const crm_repeats_t *repeats)
{
    if (crm_point_count() < 2 || !crm_copies_is_early(d->r)) {
        return c;
    }
    const bool one_of_a_kind =
        c.asked != CRM_NO_RECORD && !c.answered && crm_record_at(c.asked)->same_id == CRM_NO_RECORD;
    const bool id_would_tell = c.asked == CRM_NO_RECORD && !d->counted && repeats->matches > 0;
    const uint32_t best = what_is_answered(&c);

    if (one_of_a_kind || (!id_would_tell && best != CRM_NO_RECORD && came_by(d, best))) {
        return c;
    }
    return (candidates_t){.asked = CRM_NO_RECORD, .waiting = CRM_NO_RECORD, .early = true};
}

/* Whether a sender repeats the ids that it answers. Where they are numbers, that
 * is told by an answer that skips one: a count of its own would not. No others
 * match by chance, but a sender may be replaced by one that makes its own. */
static void
learn_trust(const datagram_t *d, crm_repeats_t *repeats, const candidates_t *c, bool skips)
{
    if (c->early) {
        return;
    }
    if (!d->counted) {
        repeats->matches = c->asked != CRM_NO_RECORD ? MIN(repeats->matches + 1, CRM_MAX_MATCHES)
                                                     : MAX(repeats->matches, 1) - 1;
    } else if (c->asked == CRM_NO_RECORD || c->answered) {
        repeats->numbers = false;
    } else if (c->asked == c->waiting && skips) {
        repeats->numbers = true;
    }
}

/* Whether it answers something that is not in the file. */
static bool
is_question_missing(const datagram_t *d, uint32_t asked, const crm_repeats_t *repeats)
{
    return asked == CRM_NO_RECORD && !d->counted && repeats->matches >= CRM_TRUSTED_MATCHES;
}

/* Probes */

/* Without time stamps, a probe is told from its repetition by its answer. */
static bool
is_repeated_probe(const datagram_t *d, uint32_t same)
{
    if (same == CRM_NO_RECORD) {
        return false;
    }
    const crm_record_t *before = crm_record_at(same);
    return before->flags & d->r->flags & CRM_RECORD_TIME ? comes_again_soon(d, same)
                                                         : before->last_answer == CRM_NO_RECORD;
}

/* A collector with two addresses has one name, and one that got another name
 * sends from where it did. Some have no name. */
static bool
are_two_machines(const crm_host_t *a, const crm_host_t *b)
{
    const bool is_one_name = strcmp(a->name, b->name) == 0 &&
                             (*a->name || memcmp(a->announced, b->announced, sizeof a->announced) == 0);
    return !is_one_name && !crm_host_sends_from_address(a, &b->source);
}

/* Collectors that give their probes one id, as those do that make it of a count,
 * will do so again. `before`: the latest probe with the id, or CRM_NO_RECORD. */
static void
note_shared_id(const crm_record_t *probe, uint32_t before)
{
    crm_host_t *collector = crm_host_at(probe->sender),
               *other = before == CRM_NO_RECORD ? collector : crm_host_at(crm_record_at(before)->sender);

    if (are_two_machines(collector, other)) {
        collector->shares_ids = other->shares_ids = true;
    }
}

/* Whether the id may be that of another collector's probe too: then it tells
 * only among those of this one. */
static bool
is_id_shared(const datagram_t *d, uint32_t collector)
{
    return d->counted || (collector != CRM_NO_HOST && crm_host_at(collector)->shares_ids);
}

static void
track_probe_init(datagram_t *d)
{
    crm_host_t *collector = crm_host_at(d->r->sender);

    enter_id(d, d->r->sender);
    const uint32_t same = find_same(d);
    if (is_repeated_probe(d, same)) {
        set_duplicate(d, same);
        return;
    }
    d->r->probe.previous = collector->latest_probe;
    if (d->r->probe.previous != CRM_NO_RECORD) {
        crm_record_at(d->r->probe.previous)->probe.next = d->number;
    }
    collector->latest_probe = d->number;
    crm_silence_probe(d->number);
    const uint64_t key = id_key(CRM_PROBE_INIT, d->r->id, CRM_ANY_HOST(collector->source.network));
    note_shared_id(d->r, crm_idmap_put(&by_id, key, d->number));
}

/* Answers to probes */

/* This host's answer to a probe: with the probe's own id, or one that fell
 * back on the order. */
static uint32_t
find_answer(uint32_t probe, uint32_t worker)
{
    const uint32_t ack = crm_idmap_get(&by_id, id_key(CRM_PROBE_ACK, crm_record_at(probe)->id, worker));

    if (ack != CRM_NO_RECORD && crm_record_at(ack)->request == probe) {
        return ack;
    }
    return crm_idmap_is_empty(&answers) ? CRM_NO_RECORD
                                        : crm_idmap_get(&answers, crm_idmap_pair_key(probe, worker));
}

/* A search leaves each answer's `skip_to` pointing further back, so that what
 * it passed is not met one by one again. */
static uint32_t
latest_unanswered_probe(uint32_t probe, uint32_t worker)
{
    uint32_t answer;

    while (probe != CRM_NO_RECORD && (answer = find_answer(probe, worker)) != CRM_NO_RECORD) {
        probe = crm_record_at(answer)->probe_ack.skip_to;
        const uint32_t next = probe == CRM_NO_RECORD ? CRM_NO_RECORD : find_answer(probe, worker);
        if (next != CRM_NO_RECORD) {
            crm_record_at(answer)->probe_ack.skip_to = crm_record_at(next)->probe_ack.skip_to;
        }
    }
    return probe;
}

/* The probe with the answer's id: of the collector that it goes to, or of any
 * other of the network, unless that collector counts its probes as others do. */
static uint32_t
probe_with_id(const datagram_t *d)
{
    const uint32_t collector = d->r->receiver;
    const uint32_t probe = collector == CRM_NO_HOST ? CRM_NO_RECORD : find_id(d, CRM_PROBE_INIT, collector);
    const bool probes = collector != CRM_NO_HOST && crm_host_at(collector)->latest_probe != CRM_NO_RECORD;

    if (probe != CRM_NO_RECORD || (probes && is_id_shared(d, collector))) {
        return probe;
    }
    return find_id(d, CRM_PROBE_INIT, CRM_ANY_HOST(crm_network_of(d->pinfo)));
}

/* The latest that came by there, or else anywhere. */
static uint32_t
waiting_probe(const datagram_t *d)
{
    const uint32_t latest = latest_unanswered_probe(crm_host_at(d->r->receiver)->latest_probe, d->r->sender);
    uint32_t probe = latest;

    for (int i = 0; i < CRM_MAX_ELSEWHERE && probe != CRM_NO_RECORD && !came_by(d, probe); i++) {
        probe = latest_unanswered_probe(crm_record_at(probe)->probe.previous, d->r->sender);
    }
    return probe != CRM_NO_RECORD && came_by(d, probe) ? probe : latest;
}

static candidates_t
candidate_probes(const datagram_t *d, uint32_t asked, const crm_pair_t *pair)
{
    const uint32_t worker = d->r->sender;
    const uint32_t waiting = waiting_probe(d);

    return (candidates_t){
        .asked = asked,
        .waiting = waiting,
        .answered = asked != waiting && asked != CRM_NO_RECORD && find_answer(asked, worker) != CRM_NO_RECORD,
        .trusted = !d->counted || pair->acks.numbers,
        .missing = is_question_missing(d, asked, &pair->acks),
    };
}

/* The latest of a worker's ProbeAcks with one id is found by it, and so tells
 * that the probe is answered. The one before it has to be remembered apart. */
static void
remember_answer_before(const datagram_t *d)
{
    const uint32_t before = d->r->same_id;
    const uint32_t answered = before == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(before)->request;

    if (answered != CRM_NO_RECORD && answered != d->r->request) {
        crm_idmap_put(&answers, crm_idmap_pair_key(answered, d->r->sender), before);
    }
}

/* A host that answers a probe twice, with different contents, is still one host. */
static void
answer_probe(const datagram_t *d, uint32_t probe, bool first)
{
    set_request(d, probe);
    d->r->probe_ack.skip_to = crm_record_at(probe)->probe.previous;
    crm_record_at(probe)->probe.hosts += first;
    if (first) {
        crm_silence_answer(d->number);
    }
    if (crm_record_at(probe)->id != d->r->id) {
        crm_idmap_put(&answers, crm_idmap_pair_key(probe, d->r->sender), d->number);
    }
}

/* Whether this worker let the probe before this one pass, after it had answered others. */
static bool
skips_a_probe(const datagram_t *d, uint32_t probe, const crm_pair_t *pair)
{
    const uint32_t previous = probe == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(probe)->probe.previous;

    return d->counted && pair->latest_ack != CRM_NO_RECORD && previous != CRM_NO_RECORD &&
           find_answer(previous, d->r->sender) == CRM_NO_RECORD;
}

/* The ProbeAck now waits for its RegisterAck. */
static void
wait_for_register_ack(const datagram_t *d, crm_pair_t *pair)
{
    if (pair->latest_ack != CRM_NO_RECORD) {
        crm_record_at(pair->latest_ack)->probe_ack.next = d->number;
    }
    d->r->probe_ack.waiting = pair->waiting_ack;
    pair->latest_ack = pair->waiting_ack = d->number;
}

/* vrmjobs had no RegisterAck as long as a worker had a class of its own; and where there is no address, none
 * is known to be for this worker. */
static bool
expects_no_register_ack(const datagram_t *d)
{
    const uint32_t info = d->m->first[CRM_FIELD_HOST_INFO];
    return d->pinfo->src.type == AT_NONE ||
           (info != CRM_NO_NODE && d->m->nodes[info].class == CRM_CLASS_WORKER_INFO);
}

static void
track_probe_ack(datagram_t *d)
{
    d->r->flags |= expects_no_register_ack(d) ? CRM_RECORD_UNREGISTERED : 0;
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    const uint32_t asked = probe_with_id(d);
    d->r->receiver = asked == CRM_NO_RECORD ? d->r->receiver : crm_record_at(asked)->sender;
    if (d->r->receiver == CRM_NO_HOST) {
        track_repetition(d, d->r->sender); /* without an address, only an id tells whom it is for */
        return;
    }
    crm_pair_t *pair = get_pair(d->r->sender, d->r->receiver);
    const candidates_t c = candidates_by_now(d, candidate_probes(d, asked, pair), &pair->acks);

    enter_id(d, d->r->sender);
    const uint32_t same = find_same(d);
    if (is_repeated_answer(d, same, &c)) {
        set_duplicate(d, same);
        return;
    }
    const uint32_t probe = what_is_answered(&c);
    learn_trust(d, &pair->acks, &c, skips_a_probe(d, c.waiting, pair));
    if (probe != CRM_NO_RECORD) {
        answer_probe(d, probe, probe != asked || !c.answered);
    } else if (same == CRM_NO_RECORD) { /* else it is early, and its host was heard when that one came */
        crm_silence_hear(d->number);
    }
    remember_answer_before(d);
    wait_for_register_ack(d, pair);
}

/* Answers to answers */

/* Whether it has no answer, and is no duplicate: see pair_late(). */
static bool
is_waiting_ack(uint32_t ack)
{
    const crm_record_t *r = crm_record_at(ack);
    return r->last_answer == CRM_NO_RECORD && r->original == CRM_NO_RECORD;
}

/* Those that wait no more are taken off for good, so each is met here once. */
static uint32_t
latest_waiting_ack(crm_pair_t *pair)
{
    while (pair->waiting_ack != CRM_NO_RECORD && !is_waiting_ack(pair->waiting_ack)) {
        pair->waiting_ack = crm_record_at(pair->waiting_ack)->probe_ack.waiting;
    }
    return pair->waiting_ack;
}

/* The latest that came by where this RegisterAck was captured, or else anywhere. */
static uint32_t
waiting_ack(const datagram_t *d, crm_pair_t *pair)
{
    const uint32_t latest = latest_waiting_ack(pair);
    uint32_t ack = latest;

    for (int i = 0; i < CRM_MAX_ELSEWHERE && ack != CRM_NO_RECORD; i++) {
        if (is_waiting_ack(ack) && came_by(d, ack)) {
            return ack;
        }
        ack = crm_record_at(ack)->probe_ack.waiting;
    }
    return latest;
}

/* The ProbeAck with the RegisterAck's id: the one to its sender, where the
 * worker gave several collectors one id, or else the latest. */
static uint32_t
ack_with_id(const datagram_t *d)
{
    const uint32_t latest =
        d->r->receiver == CRM_NO_HOST ? CRM_NO_RECORD : find_id(d, CRM_PROBE_ACK, d->r->receiver);
    uint32_t ack = latest;

    for (int i = 0; i < CRM_MAX_SAME_ID && ack != CRM_NO_RECORD; i++) {
        if (crm_record_at(ack)->receiver == d->r->sender && crm_record_at(ack)->original == CRM_NO_RECORD) {
            return ack;
        }
        ack = crm_record_at(ack)->same_id;
    }
    return is_id_shared(d, d->r->sender) ? CRM_NO_RECORD : latest;
}

static candidates_t
candidate_acks(const datagram_t *d, uint32_t asked, crm_pair_t *pair)
{
    return (candidates_t){
        .asked = asked,
        .waiting = waiting_ack(d, pair),
        .answered = asked != CRM_NO_RECORD && crm_record_at(asked)->last_answer != CRM_NO_RECORD,
        .trusted = !d->counted || pair->registers.numbers,
        .missing = is_question_missing(d, asked, &pair->registers),
    };
}

static bool
skips_an_ack(uint32_t ack)
{
    const uint32_t before = ack == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(ack)->probe_ack.waiting;
    return before != CRM_NO_RECORD && crm_record_at(before)->last_answer == CRM_NO_RECORD;
}

static void
count_attempt(const datagram_t *d, crm_pair_t *pair)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);

    if (outcome != CRM_NO_OUTCOME) {
        d->r->register_ack.attempt = ++pair->attempts;
        pair->attempts = outcome == CRM_REGISTERED ? 0 : pair->attempts;
    }
}

static void
track_register_ack(datagram_t *d)
{
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    if (d->r->receiver == CRM_NO_HOST) {
        return; /* without an address, nothing tells whom it is for */
    }
    const uint32_t asked = ack_with_id(d);
    d->r->sender = asked == CRM_NO_RECORD ? d->r->sender : crm_record_at(asked)->receiver;
    crm_pair_t *pair = get_pair(d->r->receiver, d->r->sender);
    const candidates_t c = candidates_by_now(d, candidate_acks(d, asked, pair), &pair->registers);

    enter_id(d, d->r->receiver);
    const uint32_t same = find_same(d);
    if (is_repeated_answer(d, same, &c)) {
        set_duplicate(d, same);
        return;
    }
    const uint32_t ack = what_is_answered(&c);
    learn_trust(d, &pair->registers, &c, skips_an_ack(c.waiting));
    if (ack != CRM_NO_RECORD) {
        set_request(d, ack);
    }
    count_attempt(d, pair);
}

/* QueryAck and MetricInit have no answer, but may come twice. */
static void
track_other(datagram_t *d)
{
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    track_repetition(d, d->r->sender);
    if (d->r->flags & CRM_RECORD_NEWS) {
        crm_silence_announce(d->r->sender);
    }
}

/* The datagram at hand */

static void
track_dialogue(datagram_t *d)
{
    crm_routers_look(d->pinfo, d->m, d->number);
    d->r->sender = crm_announces_sender(d->m, d->r)
                       ? crm_announcement_host(d->pinfo, d->m, d->number, d->learn_ports)
                       : crm_ends_sender(d->pinfo, d->r->type);
    if (d->r->sender == CRM_NO_HOST) {
        return; /* neither what it says nor where it comes from tells who says it */
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

/* What seemed to answer something yet to come may be an earlier answer again:
 * that one, or CRM_NO_RECORD. Not while a third point may still tell, nor what
 * has its own answer by now. */
static uint32_t
seen_before(const datagram_t *d, const datagram_t *copy, const candidates_t *c)
{
    const bool is_open = d->r->last_answer == CRM_NO_RECORD && !crm_copies_is_early(copy->r);
    const uint32_t same = is_open ? find_same(d) : CRM_NO_RECORD;

    return is_repeated_answer(d, same, c) ? same : CRM_NO_RECORD;
}

/* In the order of its pair's answers it keeps its place, and is passed over. */
static void
set_late_duplicate(datagram_t *d, uint32_t original, uint32_t worker)
{
    d->key = id_key(d->r->type, d->r->id, worker);
    set_duplicate(d, original);
}

static void
pair_late_probe_ack(datagram_t *d, const datagram_t *copy)
{
    const uint32_t asked = probe_with_id(d);
    crm_pair_t *pair = get_pair(d->r->sender, d->r->receiver);
    const candidates_t c = candidate_probes(d, asked, pair);
    const uint32_t probe = what_is_answered(&c), same = seen_before(d, copy, &c);

    if (same != CRM_NO_RECORD) {
        set_late_duplicate(d, same, d->r->sender);
    } else if (probe != CRM_NO_RECORD && came_by(copy, probe)) {
        learn_trust(d, &pair->acks, &c, skips_a_probe(d, c.waiting, pair));
        answer_probe(d, probe, probe != asked || !c.answered);
        if (find_id(d, CRM_PROBE_ACK, d->r->sender) != d->number) { /* the id leads to one after it by now */
            crm_idmap_put(&answers, crm_idmap_pair_key(probe, d->r->sender), d->number);
        }
    }
}

/* Of a RegisterAck to who had not said who it is: where its copy came by, that may be known. */
static bool
is_receiver_known_now(const datagram_t *d)
{
    const uint32_t worker = crm_host_known_at(d->pinfo, &d->pinfo->dst, d->pinfo->destport, CRM_ROLE_WORKER);

    return crm_host_at(d->r->receiver)->said_in == CRM_NO_RECORD && worker != CRM_NO_HOST &&
           crm_host_at(worker)->said_in != CRM_NO_RECORD;
}

/* It had counted as one, or had ended a count. */
static void
uncount_attempt(const datagram_t *d, crm_pair_t *pair)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);

    if (outcome == CRM_REGISTERED) {
        pair->attempts += d->r->register_ack.attempt - 1;
    } else if (outcome != CRM_NO_OUTCOME) {
        pair->attempts -= pair->attempts > 0;
    }
}

static void
pair_late_register_ack(datagram_t *d, const datagram_t *copy)
{
    if (is_receiver_known_now(d)) {
        uncount_attempt(d, get_pair(d->r->receiver, d->r->sender));
        d->r->sender = crm_ends_sender(d->pinfo, d->r->type);
        d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
        count_attempt(d, get_pair(d->r->receiver, d->r->sender));
    }
    const uint32_t asked = ack_with_id(d);
    crm_pair_t *pair = get_pair(d->r->receiver, d->r->sender);
    const candidates_t c = candidate_acks(d, asked, pair);
    const uint32_t ack = what_is_answered(&c), same = seen_before(d, copy, &c);

    if (same != CRM_NO_RECORD) {
        set_late_duplicate(d, same, d->r->receiver);
        uncount_attempt(d, pair);
    } else if (ack != CRM_NO_RECORD && came_by(copy, ack)) {
        learn_trust(d, &pair->registers, &c, skips_an_ack(c.waiting));
        set_request(d, ack);
    }
}

/* A clock that is behind may put an answer into the file before its question,
 * which is there by the time a copy of the answer comes. */
static void
pair_late(const datagram_t *copy, uint32_t original)
{
    datagram_t d = *copy;

    d.number = original;
    d.r = crm_record_at(original);
    if (d.r->request != CRM_NO_RECORD || d.r->original != CRM_NO_RECORD || d.r->sender == CRM_NO_HOST ||
        d.r->receiver == CRM_NO_HOST) {
        return;
    }
    if (d.r->type == CRM_PROBE_ACK) {
        pair_late_probe_ack(&d, copy);
    } else if (d.r->type == CRM_REG_ACK) {
        pair_late_register_ack(&d, copy);
    }
}

/* The same at another point says nothing new, but may tell whom it is for. NAT may have rewritten where it
 * comes from: that is its sender's, too. */
static void
follow_copy(datagram_t *d, uint32_t original)
{
    const crm_record_t *first = crm_record_at(original);

    pair_late(d, original);
    d->r->sender = first->sender;
    d->r->receiver = first->receiver;
    if (d->r->sender != CRM_NO_HOST && crm_announces_sender(d->m, d->r)) {
        crm_announcement_again(d->pinfo, d->m, d->r->sender);
    }
}

/* What the wire repeats may have been sent again itself. */
static void
follow_repetition(datagram_t *d, uint32_t repeated)
{
    const crm_record_t *r = crm_record_at(repeated);
    const uint32_t original = r->original == CRM_NO_RECORD ? repeated : crm_record_original(r);
    crm_record_t *first = crm_record_at(original);

    d->r->sender = first->sender;
    d->r->receiver = first->receiver;
    d->r->original = original;
    first->latest_repeat = d->number;
    if (d->r->sender != CRM_NO_HOST && crm_announces_sender(d->m, d->r)) {
        crm_conflicts_find(d->r->sender, d->number);
    }
}

static void
follow(datagram_t *d)
{
    uint32_t original;
    const crm_sighting_t sighting = crm_copies_follow(d->pinfo, d->number, d->m->cut, &original);

    if (d->r->type == 0) {
        crm_ends_name(d->r, d->pinfo, crm_message_meant_type(d->m));
        return;
    }
    switch (sighting) {
    case CRM_SIGHTING_FIRST:
        track_dialogue(d);
        break;
    case CRM_SIGHTING_COPY:
        follow_copy(d, original);
        break;
    case CRM_SIGHTING_REPETITION:
        follow_repetition(d, original);
        break;
    }
}

/* The id as it stands there, where it is no text; what has none has the same as all others without. */
static void
read_id(datagram_t *d)
{
    const uint32_t sent = d->m->first[CRM_FIELD_ID],
                   node = sent == CRM_NO_NODE ? crm_message_child(d->m, 0, CRM_FIELD_ID) : sent;
    const char *text = node == CRM_NO_NODE ? "" : crm_message_text(d->m, d->m->nodes[node].text);
    const size_t length = strlen(text);

    d->r->id = crm_hash(text, length);
    d->counted = strspn(text, "0123456789") == length;
}

/* What has no part in the dialogue, as nothing tells who says it, stays so. */
static void
begin_part(crm_record_t *r)
{
    if (r->type == CRM_PROBE_INIT) {
        r->probe.previous = r->probe.next = CRM_NO_RECORD;
        r->probe.silence = CRM_NO_SILENCE;
    } else if (r->type == CRM_PROBE_ACK) {
        r->probe_ack.waiting = r->probe_ack.next = r->probe_ack.skip_to = CRM_NO_RECORD;
    }
}

const crm_record_t *
crm_dialogue_follow(packet_info *pinfo, const crm_message_t *message, uint32_t announced_in, bool learn_ports)
{
    bool is_new;

    if (PINFO_FD_VISITED(pinfo)) {
        return crm_record_find(pinfo);
    }
    const uint32_t number = crm_record_make(pinfo, message, &is_new);
    crm_record_t *r = crm_record_at(number);
    if (!is_new) {
        return r;
    }
    r->announced_in = announced_in;
    begin_part(r);
    datagram_t d = {.pinfo = pinfo, .m = message, .r = r, .number = number, .learn_ports = learn_ports};
    read_id(&d);
    follow(&d);
    return r;
}
