/* candidates.c
 * What an answer may be an answer to
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "candidates.h"

#include "copies.h"
#include "points.h"

/* Who repeated the ids of so many datagrams repeats that of the next, and an answer with another was asked
 * for by what the capture lost; more are not remembered, so that a sender that has changed is believed. */
#define CRM_TRUSTED_MATCHES 3
#define CRM_MAX_MATCHES     8

/* Records are numbered in the order of the capture. */
static bool
is_later(uint32_t record, uint32_t than)
{
    return record != CRM_NO_RECORD && (than == CRM_NO_RECORD || record > than);
}

crm_candidates_t
crm_candidates(const crm_tracked_t *d, uint32_t asked, uint32_t waiting, bool answered,
               crm_repeats_t *repeats)
{
    return (crm_candidates_t){
        .asked = asked,
        .waiting = waiting,
        .answered = answered,
        .trusted = !d->counted || repeats->numbers,
        .missing = asked == CRM_NO_RECORD && !d->counted && repeats->matches >= CRM_TRUSTED_MATCHES,
        .repeats = repeats,
    };
}

bool
crm_candidates_repeat(const crm_tracked_t *d, uint32_t same, const crm_candidates_t *c)
{
    return same != CRM_NO_RECORD &&
           (crm_tracked_comes_again_soon(d, same) || (!c->early && !is_later(c->waiting, same)));
}

uint32_t
crm_candidates_best(const crm_candidates_t *c)
{
    if (c->missing) {
        return CRM_NO_RECORD;
    }
    if (c->asked == CRM_NO_RECORD || (is_later(c->waiting, c->asked) && (c->answered || !c->trusted))) {
        return c->waiting;
    }
    return c->asked;
}

crm_candidates_t
crm_candidates_by_now(const crm_tracked_t *d, crm_candidates_t c)
{
    if (crm_point_count() < 2 || !crm_copies_is_early(d->r)) {
        return c;
    }
    const bool one_of_a_kind =
        c.asked != CRM_NO_RECORD && !c.answered && crm_record_at(c.asked)->same_id == CRM_NO_RECORD;
    const bool id_would_tell = c.asked == CRM_NO_RECORD && !d->counted && c.repeats->matches > 0;
    const uint32_t best = crm_candidates_best(&c);

    if (one_of_a_kind || (!id_would_tell && best != CRM_NO_RECORD && crm_tracked_came_by(d, best))) {
        return c;
    }
    return (crm_candidates_t){
        .asked = CRM_NO_RECORD, .waiting = CRM_NO_RECORD, .early = true, .repeats = c.repeats};
}

void
crm_candidates_learn(const crm_tracked_t *d, const crm_candidates_t *c, bool skips)
{
    crm_repeats_t *repeats = c->repeats;

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

uint32_t
crm_candidates_seen_before(const crm_tracked_t *d, const crm_tracked_t *copy, const crm_candidates_t *c)
{
    const bool is_open = d->r->last_answer == CRM_NO_RECORD && !crm_copies_is_early(copy->r);
    const uint32_t same = is_open ? crm_tracked_find_same(d) : CRM_NO_RECORD;

    return crm_candidates_repeat(d, same, c) ? same : CRM_NO_RECORD;
}
