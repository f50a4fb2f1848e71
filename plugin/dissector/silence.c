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
#include "idmap.h"
#include "message/hash.h"
#include "networks.h"
#include "store.h"

#define CRM_NONE UINT32_MAX /* no answerer, collector or group */

/* A host that has answered a collector. An answer moves it to the end of the
 * collector's list, so that those that did not answer the latest probe stand
 * before those that did, the latest heard last. */
typedef struct {
    uint32_t host;
    uint32_t collector;
    uint32_t ack;      /* its answer to the latest probe that it answered, a record */
    uint32_t known_at; /* the number of the collector's latest probe when it first answered */
    uint32_t previous;
    uint32_t next;
    uint32_t next_of_host; /* the same host, in another collector's list */
    bool listed;
} answerer_t;

typedef struct {
    uint32_t probe;  /* the latest, a record */
    uint32_t last;   /* of the list */
    uint32_t mark;   /* the first of those that answered `probe` */
    uint32_t behind; /* how many stand before the mark ... */
    uint32_t new;   /* ... and of these, first answered after `probe`, an earlier one: nobody expected them */
    uint32_t ahead; /* how many stand from the mark on */
} collector_t;

/* All hosts of one network, role and name. They are one machine that moves from address
 * to address, unless two of them answered one probe. */
typedef struct {
    uint32_t latest; /* the host that announced itself last */
    bool several;
} group_t;

/* What is known of a host here. */
typedef struct {
    uint32_t answerer;  /* its first */
    uint32_t listed;    /* its first answerer that is in a list */
    uint32_t group;     /* CRM_NONE: it has no name, or was not heard of here */
    uint32_t collector; /* what it is as a collector */
} member_t;

static crm_store_t answerers, collectors, groups, members, silences;
static crm_idmap_t more_answerers; /* host and collector -> answerer, but for each host's first */
static crm_idmap_t group_numbers;  /* name, network and role -> group */

static void
begin_file(void)
{
    answerers = (crm_store_t){.size = sizeof(answerer_t)};
    collectors = (crm_store_t){.size = sizeof(collector_t)};
    groups = (crm_store_t){.size = sizeof(group_t)};
    members = (crm_store_t){.size = sizeof(member_t)};
    silences = (crm_store_t){.size = sizeof(crm_silence_t)};
}

void
crm_silence_register(void)
{
    register_init_routine(begin_file);
}

static answerer_t *
answerer_at(uint32_t number)
{
    return (answerer_t *)crm_store_at(&answerers, number);
}

static collector_t *
collector_at(uint32_t number)
{
    return (collector_t *)crm_store_at(&collectors, number);
}

static uint32_t
probe_number(uint32_t probe)
{
    return crm_record_at(probe)->probe.number;
}

/* The list of a collector */

static bool
has_answered(const answerer_t *a, uint32_t probe)
{
    return crm_record_at(a->ack)->request == probe;
}

static void
count_in_list(collector_t *c, const answerer_t *a, int by)
{
    if (has_answered(a, c->probe)) {
        c->ahead += (uint32_t)by;
    } else {
        c->behind += (uint32_t)by;
        c->new += a->known_at == probe_number(c->probe) ? (uint32_t)by : 0;
    }
}

static void
unlink_answerer(uint32_t number)
{
    const answerer_t *a = answerer_at(number);
    collector_t *c = collector_at(a->collector);

    count_in_list(c, a, -1);
    if (c->mark == number) {
        c->mark = a->next;
    }
    if (a->previous != CRM_NONE) {
        answerer_at(a->previous)->next = a->next;
    }
    if (a->next != CRM_NONE) {
        answerer_at(a->next)->previous = a->previous;
    } else {
        c->last = a->previous;
    }
}

/* At the end, or before the mark for a late answer. */
static void
link_answerer(uint32_t number)
{
    answerer_t *a = answerer_at(number);
    collector_t *c = collector_at(a->collector);
    const bool late = !has_answered(a, c->probe);

    count_in_list(c, a, 1);
    a->next = late ? c->mark : CRM_NONE;
    a->previous = a->next == CRM_NONE ? c->last : answerer_at(a->next)->previous;
    if (a->previous != CRM_NONE) {
        answerer_at(a->previous)->next = number;
    }
    if (a->next == CRM_NONE) {
        c->last = number;
    } else {
        answerer_at(a->next)->previous = number;
    }
    if (!late && c->mark == CRM_NONE) {
        c->mark = number;
    }
}

/* One machine at several addresses */

static uint32_t
group_of(const crm_host_t *host)
{
    if (!*host->name) {
        return CRM_NONE;
    }
    const uint64_t parts[] = {crm_hash(host->name, strlen(host->name)),
                              crm_network_name(host->source.network), host->role};
    const uint64_t key = crm_hash(parts, sizeof parts);
    uint32_t group = crm_idmap_get(&group_numbers, key);
    if (group == CRM_IDMAP_NONE) {
        const group_t none = {.latest = CRM_NO_HOST};
        group = crm_store_append(&groups, &none);
        crm_idmap_put(&group_numbers, key, group);
    }
    return group;
}

static member_t *
get_member(uint32_t host)
{
    const member_t none = {CRM_NONE, CRM_NONE, CRM_NONE, CRM_NONE};

    while (members.count <= host) {
        crm_store_append(&members, &none);
    }
    return (member_t *)crm_store_at(&members, host);
}

static uint32_t
find_answerer(uint32_t host, uint32_t collector)
{
    const uint32_t first = get_member(host)->answerer;

    return first == CRM_NONE || answerer_at(first)->collector == collector
               ? first
               : crm_idmap_get(&more_answerers, crm_idmap_pair_key(host, collector));
}

/* Nothing is expected of a host any more until it answers again. */
static void
forget(uint32_t host)
{
    member_t *member = get_member(host);

    while (member->listed != CRM_NONE) {
        answerer_t *a = answerer_at(member->listed);
        unlink_answerer(member->listed);
        a->listed = false;
        member->listed = a->next_of_host;
    }
}

/* Whether the host is to be found elsewhere by now: a late answer is no sign
 * of life. `answer`: to which probe it is, or CRM_NO_RECORD. */
static bool
has_moved(uint32_t host, uint32_t collector, uint32_t answer, bool late)
{
    member_t *member = get_member(host);
    const bool is_new = member->group == CRM_NONE;
    member->group = is_new ? group_of(crm_host_at(host)) : member->group;
    group_t *group = member->group == CRM_NONE ? NULL : (group_t *)crm_store_at(&groups, member->group);

    if (group == NULL || group->several || group->latest == host) {
        return false;
    }
    if (group->latest != CRM_NO_HOST && answer != CRM_NO_RECORD) {
        const uint32_t other = find_answerer(group->latest, collector);
        group->several = other != CRM_NONE && has_answered(answerer_at(other), answer);
        if (group->several) {
            return false;
        }
    }
    if (late && !is_new) {
        return true;
    }
    if (group->latest != CRM_NO_HOST) {
        forget(group->latest);
    }
    group->latest = host;
    return false;
}

void
crm_silence_announce(uint32_t host)
{
    if (crm_host_at(host)->host_type == CRM_WORKER) {
        has_moved(host, CRM_NONE, CRM_NO_RECORD, false);
    } else {
        forget(host);
    }
}

/* Probes */

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

    uint32_t n = c->mark == CRM_NONE ? c->last : answerer_at(c->mark)->previous;
    for (; silence.rest && silence.count < CRM_MAX_SILENT; n = answerer_at(n)->previous) {
        if (answerer_at(n)->known_at != probe->probe.number) {
            acks[silence.count++] = answerer_at(n)->ack;
            silence.rest--;
        }
    }
    if (silence.count) {
        silence.acks = keep_acks(probe, acks, silence.count);
        probe->probe.silence = crm_store_append(&silences, &silence);
    }
}

static uint32_t
get_collector(uint32_t host)
{
    member_t *member = get_member(host);

    if (member->collector == CRM_NONE) {
        const collector_t c = {.probe = CRM_NO_RECORD, .last = CRM_NONE, .mark = CRM_NONE};
        member->collector = crm_store_append(&collectors, &c);
    }
    return member->collector;
}

void
crm_silence_probe(uint32_t number)
{
    crm_record_t *r = crm_record_at(number);
    collector_t *c = collector_at(get_collector(r->sender));

    r->probe.silence = CRM_NO_SILENCE;
    r->probe.number = 0;
    if (c->probe != CRM_NO_RECORD) {
        r->probe.number = probe_number(c->probe) + 1;
        judge(c);
    }
    *c = (collector_t){.probe = number, .last = c->last, .mark = CRM_NONE, .behind = c->behind + c->ahead};
}

/* Answers */

static uint32_t
new_answerer(uint32_t host, uint32_t collector)
{
    const answerer_t a = {.host = host,
                          .collector = collector,
                          .ack = CRM_NO_RECORD,
                          .known_at = probe_number(collector_at(collector)->probe)};
    const uint32_t number = crm_store_append(&answerers, &a);
    member_t *member = get_member(host);

    if (member->answerer == CRM_NONE) {
        member->answerer = number;
    } else {
        crm_idmap_put(&more_answerers, crm_idmap_pair_key(host, collector), number);
    }
    return number;
}

/* A late answer: its host was not silent after all. */
static void
forgive(const crm_record_t *probe, const answerer_t *a)
{
    if (probe->probe.silence == CRM_NO_SILENCE) {
        return;
    }
    crm_silence_t *silence = (crm_silence_t *)crm_store_at(&silences, probe->probe.silence);
    for (uint32_t n = 0; n < silence->count; n++) {
        if (crm_record_at(silence->acks[n])->sender == a->host) {
            silence->late |= UINT64_C(1) << n;
            return;
        }
    }
    silence->rest -= silence->rest && a->known_at < probe->probe.number;
}

static void
move_answerer(uint32_t number, uint32_t ack)
{
    answerer_t *a = answerer_at(number);

    if (a->listed) {
        unlink_answerer(number);
    } else {
        member_t *member = get_member(a->host);
        a->listed = true;
        a->next_of_host = member->listed;
        member->listed = number;
    }
    a->ack = ack;
    link_answerer(number);
}

void
crm_silence_answer(uint32_t number)
{
    crm_record_t *r = crm_record_at(number);
    const crm_record_t *probe = crm_record_at(r->request);
    const uint32_t collector = get_collector(probe->sender);
    const bool late = collector_at(collector)->probe != r->request;
    const uint32_t known = find_answerer(r->sender, collector);
    const uint32_t answerer = known == CRM_NONE ? new_answerer(r->sender, collector) : known;

    if (late) {
        forgive(probe, answerer_at(answerer));
    }
    const bool moved = has_moved(r->sender, collector, r->request, late);
    if (known != CRM_NONE) {
        const uint32_t due = probe_number(crm_record_at(answerer_at(answerer)->ack)->request) + 1;
        if (probe->probe.number < due) {
            return; /* it has answered a later probe */
        }
        r->probe_ack.missed = probe->probe.number - due;
    }
    if (moved) {
        answerer_at(answerer)->ack = number;
    } else {
        move_answerer(answerer, number);
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
