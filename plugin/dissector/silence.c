/* silence.c
 * Who did not answer a probe
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "silence.h"

#include <string.h>

#include "hosts.h"
#include "names.h"
#include "networks.h"
#include "pairs.h"
#include "store.h"

/* A collector, and the pairs with those that answer it as a list. An answer
 * moves a pair to the end, so that those that did not answer the latest probe
 * stand before those that did, the latest heard last. */
typedef struct {
    uint32_t probe;  /* the latest, a record */
    uint32_t last;   /* of the list */
    uint32_t mark;   /* the first of those that answered `probe` */
    uint32_t behind; /* how many stand before the mark ... */
    uint32_t new;   /* ... and of these, first answered after `probe`, an earlier one: nobody expected them */
    uint32_t ahead; /* how many stand from the mark on */
} collector_t;

static crm_store_t collectors = {.size = sizeof(collector_t)};
static crm_store_t silences = {.size = sizeof(crm_silence_t)};

static collector_t *
collector_of(uint32_t number)
{
    crm_host_t *host = crm_host_at(number);

    if (host->collector == CRM_NO_COLLECTOR) {
        const collector_t c = {.probe = CRM_NO_RECORD, .last = CRM_NO_PAIR, .mark = CRM_NO_PAIR};
        host->collector = crm_store_append(&collectors, &c);
    }
    return (collector_t *)crm_store_at(&collectors, host->collector);
}

/* 0 stands for what came before the capture. */
static uint32_t
ordinal_of(uint32_t probe)
{
    return probe == CRM_NO_RECORD ? 0 : crm_record_at(probe)->probe.ordinal;
}

/* The list of a collector */

static bool
has_answered(const crm_pair_t *pair, uint32_t probe)
{
    return pair->answer != CRM_NO_RECORD && pair->due == ordinal_of(probe) + 1;
}

static void
count_in_list(collector_t *c, const crm_pair_t *pair, int by)
{
    if (has_answered(pair, c->probe)) {
        c->ahead += (uint32_t)by;
    } else {
        c->behind += (uint32_t)by;
        c->new += pair->known_at == ordinal_of(c->probe) ? (uint32_t)by : 0;
    }
}

static void
unlink_pair(uint32_t number)
{
    const crm_pair_t *pair = crm_pair_at(number);
    collector_t *c = collector_of(pair->collector);

    count_in_list(c, pair, -1);
    if (c->mark == number) {
        c->mark = pair->next;
    }
    if (pair->previous != CRM_NO_PAIR) {
        crm_pair_at(pair->previous)->next = pair->next;
    }
    if (pair->next != CRM_NO_PAIR) {
        crm_pair_at(pair->next)->previous = pair->previous;
    } else {
        c->last = pair->previous;
    }
}

/* At the end, or before the mark for a late answer. */
static void
link_pair(uint32_t number)
{
    crm_pair_t *pair = crm_pair_at(number);
    collector_t *c = collector_of(pair->collector);
    const bool late = !has_answered(pair, c->probe);

    count_in_list(c, pair, 1);
    pair->next = late ? c->mark : CRM_NO_PAIR;
    pair->previous = pair->next == CRM_NO_PAIR ? c->last : crm_pair_at(pair->next)->previous;
    if (pair->previous != CRM_NO_PAIR) {
        crm_pair_at(pair->previous)->next = number;
    }
    if (pair->next == CRM_NO_PAIR) {
        c->last = number;
    } else {
        crm_pair_at(pair->next)->previous = number;
    }
    if (!late && c->mark == CRM_NO_PAIR) {
        c->mark = number;
    }
}

/* One machine at several addresses */

void
crm_silence_forget(uint32_t number)
{
    crm_host_t *host = crm_host_at(number);

    while (host->first_listed != CRM_NO_PAIR) {
        crm_pair_t *pair = crm_pair_at(host->first_listed);
        unlink_pair(host->first_listed);
        pair->listed = false;
        host->first_listed = pair->next_listed;
    }
}

/* Workers of one name are one machine that moves from address to address,
 * unless two of them answered one probe. */
static bool
is_elsewhere(const crm_name_t *name, uint32_t host)
{
    return name->latest != CRM_NO_HOST && name->latest != CRM_SEVERAL_HOSTS && name->latest != host;
}

/* The machine is where this host is now. */
static void
move_to(crm_name_t *name, uint32_t host)
{
    if (is_elsewhere(name, host)) {
        crm_silence_forget(name->latest);
    }
    name->latest = name->latest == CRM_SEVERAL_HOSTS ? CRM_SEVERAL_HOSTS : host;
}

/* Puts the worker that answers `probe` where it is. False where it is elsewhere by now: a late answer is no
 * sign of life, unless nothing else was heard of the host. */
static bool
place_worker(uint32_t worker, uint32_t collector, uint32_t probe, bool late)
{
    crm_host_t *host = crm_host_at(worker);
    const bool was_placed = host->is_placed;

    if (host->named == CRM_NO_NAME) {
        return true;
    }
    host->is_placed = true;
    crm_name_t *name = crm_name_at(host->named);
    const uint32_t other = is_elsewhere(name, worker) ? crm_pair_find(name->latest, collector) : CRM_NO_PAIR;
    if (probe != CRM_NO_RECORD && other != CRM_NO_PAIR && has_answered(crm_pair_at(other), probe)) {
        name->latest = CRM_SEVERAL_HOSTS;
        return true;
    }
    if (is_elsewhere(name, worker) && late && was_placed) {
        return false;
    }
    move_to(name, worker);
    return true;
}

void
crm_silence_announce(uint32_t number)
{
    crm_host_t *host = crm_host_at(number);

    if (host->host_type && host->host_type != CRM_WORKER) { /* the oldest hosts have none */
        crm_silence_forget(number);
    } else if (host->named != CRM_NO_NAME) {
        host->is_placed = true;
        move_to(crm_name_at(host->named), number);
    }
}

/* Probes */

/* Whether what a host answered before the collector said who it is may have been for another one: behind NAT
 * several may have one address, as in networks that are alike. */
static bool
may_answer_another(const crm_host_t *host, const crm_host_t *collector)
{
    const bool is_behind_nat =
        collector->announced_kind && !crm_host_announces(collector, &collector->source);

    return is_behind_nat || !crm_networks_are_one(host->source.network, collector->source.network);
}

static void
forget_doubtful(const collector_t *c, const crm_host_t *collector)
{
    for (uint32_t n = c->last, previous; n != CRM_NO_PAIR; n = previous) {
        const uint32_t host = crm_record_at(crm_pair_at(n)->answer)->sender;
        previous = crm_pair_at(n)->previous;
        if (may_answer_another(crm_host_at(host), collector)) {
            crm_silence_forget(host);
        }
    }
}

/* A list that is the same as that of the probe before is kept once: hosts that
 * are gone for good cost nothing more. */
static const uint32_t *
keep_acks(const crm_record_t *probe, const uint32_t *acks, uint32_t count)
{
    const crm_silence_t *before =
        probe->probe.previous == CRM_NO_RECORD ? NULL : crm_silence_at(crm_record_at(probe->probe.previous));

    if (before && before->count == count && memcmp(before->acks, acks, count * sizeof *acks) == 0) {
        return before->acks;
    }
    return (const uint32_t *)wmem_memdup(wmem_file_scope(), acks, count * sizeof *acks);
}

static void
judge(const collector_t *c)
{
    crm_record_t *probe = crm_record_at(c->probe);
    uint32_t acks[CRM_MAX_SILENT];
    crm_silence_t silence = {.rest = c->behind - c->new};

    uint32_t n = c->mark == CRM_NO_PAIR ? c->last : crm_pair_at(c->mark)->previous;
    for (; silence.rest && silence.count < CRM_MAX_SILENT; n = crm_pair_at(n)->previous) {
        if (crm_pair_at(n)->known_at != probe->probe.ordinal) {
            acks[silence.count++] = crm_pair_at(n)->answer;
            silence.rest--;
        }
    }
    if (silence.count) {
        silence.acks = keep_acks(probe, acks, silence.count);
        probe->probe.silence = crm_store_append(&silences, &silence);
    }
}

void
crm_silence_probe(uint32_t number)
{
    crm_record_t *r = crm_record_at(number);
    collector_t *c = collector_of(r->sender);

    r->probe.silence = CRM_NO_SILENCE;
    r->probe.ordinal = ordinal_of(c->probe) + 1;
    if (c->probe != CRM_NO_RECORD) {
        judge(c);
    } else {
        forget_doubtful(c, crm_host_at(r->sender));
    }
    *c = (collector_t){.probe = number, .last = c->last, .mark = CRM_NO_PAIR, .behind = c->behind + c->ahead};
}

/* Answers */

/* A late answer: its host was not silent after all. */
static void
forgive(const crm_record_t *probe, uint32_t worker, uint32_t known_at)
{
    if (probe->probe.silence == CRM_NO_SILENCE) {
        return;
    }
    crm_silence_t *silence = (crm_silence_t *)crm_store_at(&silences, probe->probe.silence);
    for (uint32_t n = 0; n < silence->count; n++) {
        if (crm_record_at(silence->acks[n])->sender == worker) {
            silence->late |= UINT64_C(1) << n;
            return;
        }
    }
    if (silence->rest && known_at < probe->probe.ordinal) {
        silence->rest--;
    }
}

static void
set_answer(crm_pair_t *pair, uint32_t answer, uint32_t answered)
{
    pair->answer = answer;
    pair->due = answered + 1;
}

static void
move_pair(uint32_t pair_number, uint32_t answer, uint32_t answered)
{
    crm_pair_t *pair = crm_pair_at(pair_number);

    if (pair->listed) {
        unlink_pair(pair_number);
    } else {
        crm_host_t *worker = crm_host_at(crm_record_at(answer)->sender);
        pair->listed = true;
        pair->next_listed = worker->first_listed;
        worker->first_listed = pair_number;
    }
    set_answer(pair, answer, answered);
    link_pair(pair_number);
}

void
crm_silence_hear(uint32_t number)
{
    const crm_record_t *r = crm_record_at(number);

    if (collector_of(r->receiver)->probe == CRM_NO_RECORD) {
        place_worker(r->sender, r->receiver, CRM_NO_RECORD, false);
        move_pair(crm_pair_get(r->sender, r->receiver), number, 0);
    }
}

void
crm_silence_answer(uint32_t number)
{
    crm_record_t *r = crm_record_at(number);
    const crm_record_t *probe = crm_record_at(r->request);
    const uint32_t latest = collector_of(probe->sender)->probe, answered = probe->probe.ordinal;
    const bool late = latest != r->request;
    const uint32_t pair_number = crm_pair_get(r->sender, probe->sender);
    crm_pair_t *pair = crm_pair_at(pair_number);
    const bool is_first = pair->answer == CRM_NO_RECORD, was_heard = pair->answer == number;

    if (is_first) {
        pair->known_at = ordinal_of(latest);
    }
    if (late) {
        forgive(probe, r->sender, pair->known_at);
    }
    const bool is_here = place_worker(r->sender, probe->sender, r->request, late);
    if (!is_first && answered < pair->due) {
        return; /* it has answered a later probe */
    }
    r->probe_ack.missed = is_first || was_heard ? 0 : answered - pair->due;
    /* One that was heard may have been named at probes between: from there, all are counted. */
    if (!was_heard || answered == 1) {
        r->probe_ack.ordinal = answered;
    }
    if (is_here) {
        move_pair(pair_number, number, answered);
    } else {
        set_answer(pair, number, answered);
    }
}

/* What was found */

const crm_silence_t *
crm_silence_at(const crm_record_t *probe)
{
    return probe->probe.silence == CRM_NO_SILENCE
               ? NULL
               : (const crm_silence_t *)crm_store_at(&silences, probe->probe.silence);
}

uint32_t
crm_silence_count(const crm_record_t *probe)
{
    const crm_silence_t *silence = crm_silence_at(probe);
    uint32_t count = silence ? silence->rest : 0;

    for (uint32_t n = 0; silence && n < silence->count; n++) {
        count += !crm_silence_is_over(silence, n);
    }
    return count;
}
