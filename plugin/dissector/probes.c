/* probes.c
 * Probes, and which of them a ProbeAck answers
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "probes.h"

#include <string.h>

#include "candidates.h"
#include "ends.h"
#include "hosts.h"
#include "idmap.h"
#include "networks.h"
#include "pairs.h"
#include "silence.h"

/* Any sender of a network: the key of a probe whose answer goes to an unexpected address. */
#define CRM_ANY_HOST(network) (UINT32_MAX - 1 - crm_network_name(network))

static crm_idmap_t answers; /* which host answered which probe, where the id does not tell -> record */

/* Probes */

/* Without time stamps, a probe is told from its repetition by its answer. */
static bool
is_repeated_probe(const crm_tracked_t *d, uint32_t same)
{
    if (same == CRM_NO_RECORD) {
        return false;
    }
    const crm_record_t *before = crm_record_at(same);
    return before->flags & d->r->flags & CRM_RECORD_TIME ? crm_tracked_comes_again_soon(d, same)
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

void
crm_probes_track(const crm_tracked_t *d)
{
    crm_host_t *collector = crm_host_at(d->r->sender);

    crm_tracked_enter(d);
    const uint32_t same = crm_tracked_find_same(d);
    if (is_repeated_probe(d, same)) {
        crm_tracked_set_duplicate(d, same);
        return;
    }
    d->r->probe.previous = collector->latest_probe;
    if (d->r->probe.previous != CRM_NO_RECORD) {
        crm_record_at(d->r->probe.previous)->probe.next = d->number;
    }
    collector->latest_probe = d->number;
    crm_silence_probe(d->number);
    note_shared_id(d->r, crm_tracked_put(d, CRM_ANY_HOST(collector->source.network)));
}

/* Answers to probes */

/* This host's answer to a probe: with the probe's own id, or one that fell
 * back on the order. */
static uint32_t
find_answer(uint32_t probe, uint32_t worker)
{
    const uint32_t ack = crm_tracked_find(CRM_PROBE_ACK, crm_record_at(probe)->id, worker);

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
probe_with_id(const crm_tracked_t *d)
{
    const uint32_t collector = d->r->receiver;
    const uint32_t probe =
        collector == CRM_NO_HOST ? CRM_NO_RECORD : crm_tracked_find(CRM_PROBE_INIT, d->r->id, collector);
    const bool probes = collector != CRM_NO_HOST && crm_host_at(collector)->latest_probe != CRM_NO_RECORD;

    if (probe != CRM_NO_RECORD || (probes && crm_tracked_shares_id(d, collector))) {
        return probe;
    }
    return crm_tracked_find(CRM_PROBE_INIT, d->r->id, CRM_ANY_HOST(crm_network_of(d->pinfo)));
}

/* The latest that came by there, or else anywhere. */
static uint32_t
waiting_probe(const crm_tracked_t *d)
{
    const uint32_t latest = latest_unanswered_probe(crm_host_at(d->r->receiver)->latest_probe, d->r->sender);
    uint32_t probe = latest;

    for (int i = 0; i < CRM_MAX_ELSEWHERE && probe != CRM_NO_RECORD && !crm_tracked_came_by(d, probe); i++) {
        probe = latest_unanswered_probe(crm_record_at(probe)->probe.previous, d->r->sender);
    }
    return probe != CRM_NO_RECORD && crm_tracked_came_by(d, probe) ? probe : latest;
}

static crm_candidates_t
candidate_probes(const crm_tracked_t *d, uint32_t asked, crm_pair_t *pair)
{
    const uint32_t waiting = waiting_probe(d);
    const bool answered =
        asked != waiting && asked != CRM_NO_RECORD && find_answer(asked, d->r->sender) != CRM_NO_RECORD;

    return crm_candidates(d, asked, waiting, answered, &pair->acks);
}

/* The latest of a worker's ProbeAcks with one id is found by it, and so tells
 * that the probe is answered. The one before it has to be remembered apart. */
static void
remember_answer_before(const crm_tracked_t *d)
{
    const uint32_t before = d->r->same_id;
    const uint32_t answered = before == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(before)->request;

    if (answered != CRM_NO_RECORD && answered != d->r->request) {
        crm_idmap_put(&answers, crm_idmap_pair_key(answered, d->r->sender), before);
    }
}

/* A host that answers a probe twice, with different contents, is still one host. */
static void
answer_probe(const crm_tracked_t *d, uint32_t probe, bool first)
{
    crm_tracked_set_request(d, probe);
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
skips_a_probe(const crm_tracked_t *d, uint32_t probe, const crm_pair_t *pair)
{
    const uint32_t previous = probe == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(probe)->probe.previous;

    return d->counted && pair->latest_ack != CRM_NO_RECORD && previous != CRM_NO_RECORD &&
           find_answer(previous, d->r->sender) == CRM_NO_RECORD;
}

/* The ProbeAck now waits for its RegisterAck. */
static void
wait_for_register_ack(const crm_tracked_t *d, crm_pair_t *pair)
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
expects_no_register_ack(const crm_tracked_t *d)
{
    const uint32_t info = d->m->first[CRM_FIELD_HOST_INFO];
    return d->pinfo->src.type == AT_NONE ||
           (info != CRM_NO_NODE && d->m->nodes[info].class == CRM_CLASS_WORKER_INFO);
}

void
crm_probes_track_ack(const crm_tracked_t *d)
{
    d->r->flags |= expects_no_register_ack(d) ? CRM_RECORD_UNREGISTERED : 0;
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    const uint32_t asked = probe_with_id(d);
    d->r->receiver = asked == CRM_NO_RECORD ? d->r->receiver : crm_record_at(asked)->sender;
    if (d->r->receiver == CRM_NO_HOST) {
        crm_tracked_enter_unpaired(d); /* without an address, only an id tells whom it is for */
        return;
    }
    crm_pair_t *pair = crm_pair_of(d->r->sender, d->r->receiver);
    const crm_candidates_t c = crm_candidates_by_now(d, candidate_probes(d, asked, pair));

    crm_tracked_enter(d);
    const uint32_t same = crm_tracked_find_same(d);
    if (crm_candidates_repeat(d, same, &c)) {
        crm_tracked_set_duplicate(d, same);
        return;
    }
    const uint32_t probe = crm_candidates_best(&c);
    crm_candidates_learn(d, &c, skips_a_probe(d, c.waiting, pair));
    if (probe != CRM_NO_RECORD) {
        answer_probe(d, probe, probe != asked || !c.answered);
    } else if (same == CRM_NO_RECORD) { /* else it is early, and its host was heard when that one came */
        crm_silence_hear(d->number);
    }
    remember_answer_before(d);
    wait_for_register_ack(d, pair);
}

void
crm_probes_pair_late(const crm_tracked_t *d, const crm_tracked_t *copy)
{
    const uint32_t asked = probe_with_id(d);
    crm_pair_t *pair = crm_pair_of(d->r->sender, d->r->receiver);
    const crm_candidates_t c = candidate_probes(d, asked, pair);
    const uint32_t probe = crm_candidates_best(&c), same = crm_candidates_seen_before(d, copy, &c);

    if (same != CRM_NO_RECORD) {
        crm_tracked_set_duplicate(d, same);
    } else if (probe != CRM_NO_RECORD && crm_tracked_came_by(copy, probe)) {
        crm_candidates_learn(d, &c, skips_a_probe(d, c.waiting, pair));
        answer_probe(d, probe, probe != asked || !c.answered);
        /* The id may lead to one after it by now. */
        if (crm_tracked_find(CRM_PROBE_ACK, d->r->id, d->r->sender) != d->number) {
            crm_idmap_put(&answers, crm_idmap_pair_key(probe, d->r->sender), d->number);
        }
    }
}
