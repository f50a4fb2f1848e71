/* pairs.h
 * A worker and a collector: what is remembered of the two
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One place for what probes.c, registers.c and silence.c know of the same two hosts, so
 * that all find it in one way.
 */

#ifndef CRM_PAIRS_H
#define CRM_PAIRS_H

#include "hosts.h"

/* Whether a sender repeats the ids of what it answers. */
typedef struct {
    bool numbers;    /* also those that are numbers */
    uint8_t matches; /* of its answers with other ids, how many more had one that was asked than had none */
} crm_repeats_t;

/* Where nothing else is said, a uint32_t is the number of a record or CRM_NO_RECORD. */
typedef struct {
    uint32_t collector; /* a host */

    /* probes.c's and registers.c's */
    uint32_t latest_ack;
    uint32_t waiting_ack; /* without RegisterAck; through crm_record_t.probe_ack.waiting to the one before */
    uint32_t attempts;    /* how many since the last success */

    /* silence.c's: the worker's place in the list of those that answer the collector */
    uint32_t answer;   /* the latest, but for late ones; CRM_NO_RECORD: there is none */
    uint32_t due;      /* probe.ordinal of the first that it did not answer after that */
    uint32_t known_at; /* probe.ordinal of the collector's latest probe when it first answered, or 0 */
    uint32_t previous; /* a pair of the same collector, or CRM_NO_PAIR, as is ... */
    uint32_t next;
    uint32_t next_listed; /* ... and another pair of the same worker that is in a list */
    bool listed;

    /* candidates.c's */
    crm_repeats_t acks;      /* the worker's */
    crm_repeats_t registers; /* the collector's */
} crm_pair_t;

/* The pair of a number, which must not be CRM_NO_PAIR. It does not move. */
crm_pair_t *crm_pair_at(uint32_t number);

/* The pair of two hosts of hosts.h, or CRM_NO_PAIR. */
uint32_t crm_pair_find(uint32_t worker, uint32_t collector);

/* The same, made where it is new. */
uint32_t crm_pair_get(uint32_t worker, uint32_t collector);

/* The same as such. */
static inline crm_pair_t *
crm_pair_of(uint32_t worker, uint32_t collector)
{
    return crm_pair_at(crm_pair_get(worker, collector));
}

#endif
