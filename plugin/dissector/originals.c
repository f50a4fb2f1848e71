/* originals.c
 * Which datagram another one is a copy of
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "originals.h"

#include <math.h>

/* The clocks of two points may differ by as much, and the way take the rest. */
#define CRM_COPY_WINDOW 30.0 /* seconds */

/* Of equal datagrams at one point, so many are looked at. */
#define CRM_MAX_EQUAL 16

/* What the datagram at hand may be a copy of. */
typedef struct {
    uint32_t first;
    uint32_t via; /* the original itself, or a copy of it at a third point */
    crm_route_likeness_t likeness;
} candidate_t;

typedef struct {
    candidate_t items[CRM_MAX_EQUAL];
    unsigned count;
    crm_route_likeness_t best;
} candidates_t;

static void
add_candidate(crm_sighted_t *s, candidates_t *candidates, uint32_t via)
{
    const crm_tie_t *new = crm_tie_at(s->tie), *other = crm_tie_at(via);
    const uint32_t first = crm_tie_original(via);

    s->orphans |= first == CRM_NO_TIE;
    if (first == CRM_NO_TIE || crm_tie_at(first)->seen_at >> s->point & 1 ||
        candidates->count == CRM_MAX_EQUAL) {
        return;
    }
    const crm_route_likeness_t likeness =
        crm_route_compare(&other->route, crm_tie_point(other), &new->route, s->point);
    if (likeness != CRM_ROUTE_DIFFERS) {
        candidates->items[candidates->count++] = (candidate_t){first, via, likeness};
        candidates->best = MAX(candidates->best, likeness);
    }
}

static void
collect_at(crm_sighted_t *s, candidates_t *candidates, uint8_t point)
{
    uint32_t tie = crm_tie_latest(s->key, point);
    double seconds;

    for (int i = 0; i < CRM_MAX_EQUAL && tie != CRM_NO_TIE; i++, tie = crm_tie_at(tie)->before) {
        const bool timed = crm_tie_time_between(tie, s->tie, &seconds);
        if (timed && seconds > CRM_COPY_WINDOW) {
            return;
        }
        s->repeats |=
            crm_tie_at(tie)->before != CRM_NO_TIE && crm_tie_at(tie)->sighting != CRM_SIGHTING_REPETITION;
        if (!timed || seconds >= -CRM_COPY_WINDOW) {
            add_candidate(s, candidates, tie);
        }
    }
}

/* How far a candidate is from what the clocks say, in seconds. False as long as
 * they say nothing. */
static bool
distance(const crm_sighted_t *s, const candidate_t *c, double *seconds)
{
    double taken, usual;

    *seconds = INFINITY;
    if (!crm_clock_between(crm_tie_point(crm_tie_at(c->via)), s->point, &usual)) {
        return false;
    }
    if (crm_tie_time_between(c->via, s->tie, &taken)) {
        *seconds = fabs(taken - usual);
    }
    return true;
}

/* Of equal datagrams the clocks tell which. Before they are settled, what they
 * seem to say is better than nothing, and the order is the last resort. */
static crm_choice_t
choose(const crm_sighted_t *s, const candidates_t *candidates)
{
    crm_choice_t nearest = {.first = CRM_NO_TIE}, oldest = {.first = CRM_NO_TIE};
    double least = CRM_CLOCK_TOLERANCE, seconds;
    unsigned in_question = 0;

    for (unsigned i = 0; i < candidates->count; i++) {
        const candidate_t *c = &candidates->items[i];
        const bool settled = crm_clock_is_settled(crm_tie_point(crm_tie_at(c->via)), s->point);
        if (c->likeness != candidates->best) {
            continue;
        }
        if (distance(s, c, &seconds) && seconds <= least) {
            least = seconds;
            nearest = (crm_choice_t){c->first, settled,
                                     crm_clock_source(crm_tie_point(crm_tie_at(c->via)), s->point)};
        } else if (!settled) {
            in_question += oldest.first != c->first;
            oldest.first = oldest.first == CRM_NO_TIE ? c->first : MIN(oldest.first, c->first);
        }
    }
    oldest.tells = in_question > 1 ? CRM_CLOCK_BY_ORDER : CRM_CLOCK_BY_DATAGRAM;
    return nearest.first != CRM_NO_TIE ? nearest : oldest;
}

crm_choice_t
crm_original_find(crm_sighted_t *s)
{
    candidates_t candidates = {.count = 0, .best = CRM_ROUTE_DIFFERS};

    for (uint8_t point = 0; point < crm_point_count(); point++) {
        if (point != s->point) {
            collect_at(s, &candidates, point);
        }
    }
    for (unsigned i = 1; i < candidates.count; i++) {
        s->repeats |= candidates.items[i].first != candidates.items[0].first;
    }
    if (s->repeats || candidates.count == 0) {
        return choose(s, &candidates);
    }
    return (crm_choice_t){candidates.items[0].first, true, CRM_CLOCK_BY_DATAGRAM};
}
