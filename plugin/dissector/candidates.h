/* candidates.h
 * What an answer may be an answer to
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two: what has its id, and the latest that waits for an answer of its sender.
 * First pass only.
 */

#ifndef CRM_CANDIDATES_H
#define CRM_CANDIDATES_H

#include "pairs.h"
#include "tracked.h"

/* What an answer may be an answer to. */
typedef struct {
    uint32_t asked;   /* what has its id, or CRM_NO_RECORD */
    uint32_t waiting; /* the latest that waits for an answer, or CRM_NO_RECORD */
    bool answered;    /* what has its id does not wait any more */
    bool early;       /* what it answers may stand after it in the file */
    bool trusted;     /* its id is there by no chance, or its sender repeats the ids of what it answers */
    bool missing;     /* what it answers is not in the file */
    crm_repeats_t *repeats; /* its sender's */
} crm_candidates_t;

/* Those of an answer. What they are is given; whether to trust them follows from its sender's `repeats`,
 * which must stay where it is. */
crm_candidates_t crm_candidates(const crm_tracked_t *d, uint32_t asked, uint32_t waiting, bool answered,
                                crm_repeats_t *repeats);

/* What is answered, or CRM_NO_RECORD. An id tells as long as what has it waits for an answer. Where
 * something later waits as well, it tells so unless it may be there by chance:
 * both may count, and a number that a probe had long ago is no answer to it.
 * Who repeats ids does not answer what has another one. */
uint32_t crm_candidates_best(const crm_candidates_t *c);

/* Those; or none where another point's clock is ahead, so that the question may still come: unless the id
 * names one question, or the best candidate was captured here. A copy of the answer may tell later. */
crm_candidates_t crm_candidates_by_now(const crm_tracked_t *d, crm_candidates_t c);

/* Whether an answer is `same` again, which says the same (or CRM_NO_RECORD): the wire repeats one as soon as
 * it repeats anything; or later, as long as there is nothing that it could answer which the first one could
 * not. */
bool crm_candidates_repeat(const crm_tracked_t *d, uint32_t same, const crm_candidates_t *c);

/* Of an answer whose copy comes: what seemed to answer something yet to come may be an earlier answer again:
 * that one, or CRM_NO_RECORD. Not while a third point may still tell, nor what
 * has its own answer by now. */
uint32_t crm_candidates_seen_before(const crm_tracked_t *d, const crm_tracked_t *copy,
                                    const crm_candidates_t *c);

/* Learns whether a sender repeats the ids that it answers. Where they are numbers, that
 * is told by an answer that skips one (`skips`): a count of its own would not. No others
 * match by chance, but a sender may be replaced by one that makes its own. */
void crm_candidates_learn(const crm_tracked_t *d, const crm_candidates_t *c, bool skips);

#endif
