/* registers.c
 * Which ProbeAck a RegisterAck answers, and how many attempts a worker has made
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "registers.h"

#include "candidates.h"
#include "ends.h"
#include "hosts.h"
#include "pairs.h"

/* Whether it has no answer, and is no duplicate: see crm_probes_pair_late(). */
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
waiting_ack(const crm_tracked_t *d, crm_pair_t *pair)
{
    const uint32_t latest = latest_waiting_ack(pair);
    uint32_t ack = latest;

    for (int i = 0; i < CRM_MAX_ELSEWHERE && ack != CRM_NO_RECORD; i++) {
        if (is_waiting_ack(ack) && crm_tracked_came_by(d, ack)) {
            return ack;
        }
        ack = crm_record_at(ack)->probe_ack.waiting;
    }
    return latest;
}

/* The ProbeAck with the RegisterAck's id: the one to its sender, where the
 * worker gave several collectors one id, or else the latest. */
static uint32_t
ack_with_id(const crm_tracked_t *d)
{
    const uint32_t latest = d->r->receiver == CRM_NO_HOST
                                ? CRM_NO_RECORD
                                : crm_tracked_find(CRM_PROBE_ACK, d->r->id, d->r->receiver);
    uint32_t ack = latest;

    for (int i = 0; i < CRM_MAX_SAME_ID && ack != CRM_NO_RECORD; i++) {
        if (crm_record_at(ack)->receiver == d->r->sender && crm_record_at(ack)->original == CRM_NO_RECORD) {
            return ack;
        }
        ack = crm_record_at(ack)->same_id;
    }
    return crm_tracked_shares_id(d, d->r->sender) ? CRM_NO_RECORD : latest;
}

static crm_candidates_t
candidate_acks(const crm_tracked_t *d, uint32_t asked, crm_pair_t *pair)
{
    const bool answered = asked != CRM_NO_RECORD && crm_record_at(asked)->last_answer != CRM_NO_RECORD;

    return crm_candidates(d, asked, waiting_ack(d, pair), answered, &pair->registers);
}

static bool
skips_an_ack(uint32_t ack)
{
    const uint32_t before = ack == CRM_NO_RECORD ? CRM_NO_RECORD : crm_record_at(ack)->probe_ack.waiting;
    return before != CRM_NO_RECORD && crm_record_at(before)->last_answer == CRM_NO_RECORD;
}

static void
count_attempt(const crm_tracked_t *d, crm_pair_t *pair)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);

    if (outcome != CRM_NO_OUTCOME) {
        d->r->register_ack.attempt = ++pair->attempts;
        pair->attempts = outcome == CRM_REGISTERED ? 0 : pair->attempts;
    }
}

void
crm_registers_track(const crm_tracked_t *d)
{
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    if (d->r->receiver == CRM_NO_HOST) {
        return; /* without an address, nothing tells whom it is for */
    }
    const uint32_t asked = ack_with_id(d);
    d->r->sender = asked == CRM_NO_RECORD ? d->r->sender : crm_record_at(asked)->receiver;
    crm_pair_t *pair = crm_pair_of(d->r->receiver, d->r->sender);
    const crm_candidates_t c = crm_candidates_by_now(d, candidate_acks(d, asked, pair));

    crm_tracked_enter(d);
    const uint32_t same = crm_tracked_find_same(d);
    if (crm_candidates_repeat(d, same, &c)) {
        crm_tracked_set_duplicate(d, same);
        return;
    }
    const uint32_t ack = crm_candidates_best(&c);
    crm_candidates_learn(d, &c, skips_an_ack(c.waiting));
    if (ack != CRM_NO_RECORD) {
        crm_tracked_set_request(d, ack);
    }
    count_attempt(d, pair);
}

/* Of a RegisterAck to who had not said who it is: where its copy came by, that may be known. */
static bool
is_receiver_known_now(const crm_tracked_t *d)
{
    const uint32_t worker = crm_host_known_at(d->pinfo, &d->pinfo->dst, d->pinfo->destport, CRM_ROLE_WORKER);

    return crm_host_at(d->r->receiver)->said_in == CRM_NO_RECORD && worker != CRM_NO_HOST &&
           crm_host_at(worker)->said_in != CRM_NO_RECORD;
}

/* It had counted as one, or had ended a count. */
static void
uncount_attempt(const crm_tracked_t *d, crm_pair_t *pair)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);

    if (outcome == CRM_REGISTERED) {
        pair->attempts += d->r->register_ack.attempt - 1;
    } else if (outcome != CRM_NO_OUTCOME) {
        pair->attempts -= pair->attempts > 0;
    }
}

void
crm_registers_pair_late(const crm_tracked_t *d, const crm_tracked_t *copy)
{
    if (is_receiver_known_now(d)) {
        uncount_attempt(d, crm_pair_of(d->r->receiver, d->r->sender));
        d->r->sender = crm_ends_sender(d->pinfo, d->r->type);
        d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
        count_attempt(d, crm_pair_of(d->r->receiver, d->r->sender));
    }
    const uint32_t asked = ack_with_id(d);
    crm_pair_t *pair = crm_pair_of(d->r->receiver, d->r->sender);
    const crm_candidates_t c = candidate_acks(d, asked, pair);
    const uint32_t ack = crm_candidates_best(&c), same = crm_candidates_seen_before(d, copy, &c);

    if (same != CRM_NO_RECORD) {
        crm_tracked_set_duplicate(d, same);
        uncount_attempt(d, pair);
    } else if (ack != CRM_NO_RECORD && crm_tracked_came_by(copy, ack)) {
        crm_candidates_learn(d, &c, skips_an_ack(c.waiting));
        crm_tracked_set_request(d, ack);
    }
}
