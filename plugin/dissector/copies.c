/* copies.c
 * One datagram that was captured at several points
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "copies.h"

#include <math.h>
#include <string.h>

#include "flows.h"
#include "message/hash.h"
#include "originals.h"
#include "points.h"
#include "routes.h"

/* Copies that wait for the clocks to be known. */
#define CRM_MAX_PENDING 64

/* The datagrams of the first point that are remembered until there is another. */
#define CRM_REMEMBERED 65536

static crm_route_t *remembered;          /* by record, as long as there is one point */
static uint32_t reached[CRM_MAX_POINTS]; /* the latest record of each point */
static uint32_t pending[CRM_MAX_PENDING];
static unsigned pending_count;
static bool has_ties; /* there was a second point */

static void
begin_file(void)
{
    remembered = wmem_alloc_array(wmem_file_scope(), crm_route_t, CRM_REMEMBERED);
    has_ties = false;
    memset(reached, 0xff, sizeof reached);
    pending_count = 0;
}

void
crm_copies_register(void)
{
    crm_points_register();
    register_init_routine(begin_file);
}

/* What tells a datagram from others. A HostInfo names its sender itself, so
 * that routes are compared later, where NAT may have come between. */
static uint64_t
content_key(const crm_record_t *r, const crm_route_t *inside)
{
    struct {
        uint64_t id, content, type;
        crm_route_t route;
        uint32_t unused;
    } what = {.id = r->id, .content = r->content, .type = r->type};

    if (!crm_record_names_sender(r)) {
        what.route = *inside;
    }
    return crm_hash(&what, sizeof what);
}

/* Ties */

static bool
agrees_with_clocks(uint32_t from, uint32_t to)
{
    double taken, usual;

    return crm_tie_time_between(from, to, &taken) &&
           crm_clock_between(crm_tie_point(crm_tie_at(from)), crm_tie_point(crm_tie_at(to)), &usual) &&
           fabs(taken - usual) <= CRM_CLOCK_TOLERANCE;
}

static bool
are_clocks_settled(uint32_t from, uint32_t to)
{
    return crm_clock_is_settled(crm_tie_point(crm_tie_at(from)), crm_tie_point(crm_tie_at(to)));
}

static void
dissolve(uint32_t copy)
{
    crm_tie_t *c = crm_tie_at(copy), *first = crm_tie_at(c->first);
    uint32_t *link = &first->copies;

    while (*link != copy) {
        link = &crm_tie_at(*link)->copies;
    }
    *link = c->copies;
    first->seen_at &= (uint16_t) ~(1U << crm_tie_point(c));
    first->flags |= CRM_TIE_DOUBTFUL;
    c->first = CRM_NO_TIE;
}

static void
confirm(uint32_t copy)
{
    const crm_tie_t *first = crm_tie_at(crm_tie_at(copy)->first);
    const crm_route_t inside = crm_route_inside(&first->route, crm_tie_point(first));

    crm_tie_at(copy)->flags |= CRM_TIE_CERTAIN;
    crm_flow_see(&inside, first->record);
    crm_flow_see(&inside, crm_tie_at(copy)->record);
}

/* Now that the clocks are known, or know better. */
static void
judge(uint32_t copy)
{
    if (agrees_with_clocks(crm_tie_at(copy)->first, copy)) {
        confirm(copy);
    } else {
        dissolve(copy);
    }
}

static void
judge_pending(void)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < pending_count; i++) {
        const uint32_t copy = pending[i];
        if (!are_clocks_settled(crm_tie_at(copy)->first, copy)) {
            pending[kept++] = copy;
        } else {
            judge(copy);
        }
    }
    pending_count = kept;
}

/* Until the clocks are known nothing is said of it, and if too many wait, never. */
static void
let_wait(uint32_t copy)
{
    crm_tie_at(copy)->flags &= (uint8_t) ~(CRM_TIE_CERTAIN | CRM_TIE_UNIQUE);
    if (pending_count < CRM_MAX_PENDING) {
        pending[pending_count++] = copy;
    }
}

static void
doubt_copy(uint32_t copy)
{
    if (crm_tie_at(copy)->flags & CRM_TIE_UNIQUE) {
        let_wait(copy);
    }
}

/* An equal datagram is sent: what seemed the only one of its kind is not. */
static void
doubt(uint32_t tie)
{
    if (tie == CRM_NO_TIE) {
        return;
    }
    if (crm_tie_at(tie)->sighting == CRM_SIGHTING_COPY && crm_tie_at(tie)->first != CRM_NO_TIE) {
        doubt_copy(tie);
    }
    if (crm_tie_at(tie)->sighting == CRM_SIGHTING_FIRST) {
        for (uint32_t copy = crm_tie_at(tie)->copies; copy != CRM_NO_TIE; copy = crm_tie_at(copy)->copies) {
            doubt_copy(copy);
        }
    }
    judge_pending();
}

static void
learn_clocks(uint32_t copy, crm_clock_source_t source)
{
    double seconds;

    for (uint32_t other = crm_tie_at(copy)->first; other != CRM_NO_TIE; other = crm_tie_at(other)->copies) {
        if (other != copy && crm_tie_time_between(other, copy, &seconds)) {
            crm_clock_learn(crm_tie_point(crm_tie_at(other)), crm_tie_point(crm_tie_at(copy)), seconds,
                            source);
        }
    }
}

static void
tie_copy(const crm_sighted_t *s, const crm_choice_t *choice)
{
    const uint32_t first = choice->first;
    crm_tie_t *copy = crm_tie_at(s->tie), *original = crm_tie_at(first);
    uint32_t *link = &original->copies;

    while (*link != CRM_NO_TIE) {
        link = &crm_tie_at(*link)->copies;
    }
    *link = s->tie;
    copy->sighting = CRM_SIGHTING_COPY;
    copy->first = first;
    original->seen_at |= (uint16_t)(1U << s->point);
    crm_route_learn(&original->route, crm_tie_point(original), &copy->route, s->point);
    learn_clocks(s->tie, choice->tells);
    if (!choice->certain) {
        let_wait(s->tie);
    } else {
        copy->flags = s->repeats ? 0 : CRM_TIE_UNIQUE;
        confirm(s->tie);
    }
    judge_pending();
}

/* A datagram */

static uint32_t
add_tie(uint32_t number, const crm_route_t *route, uint64_t key)
{
    const uint8_t point = crm_record_at(number)->point;

    reached[point] = number;
    crm_route_see(route, point);
    return crm_tie_add(number, route, key);
}

static void
set_repetition(uint32_t tie, uint32_t original)
{
    crm_tie_at(tie)->sighting = CRM_SIGHTING_REPETITION;
    crm_tie_at(tie)->first = original;
}

/* Of what follows a tie of equal content at this point, see crm_tie_add(). */
static bool
is_repetition(uint32_t tie, uint32_t before)
{
    double seconds;

    return before != CRM_NO_TIE && crm_tie_original(before) != CRM_NO_TIE &&
           memcmp(&crm_tie_at(before)->route, &crm_tie_at(tie)->route, sizeof(crm_route_t)) == 0 &&
           crm_tie_time_between(before, tie, &seconds) && seconds >= 0 &&
           seconds <= nstime_to_sec(&crm_repeats_within);
}

static crm_sighting_t
sight(uint32_t number, const crm_route_t *route, uint32_t *original)
{
    const crm_route_t inside = crm_route_inside(route, crm_record_at(number)->point);
    crm_sighted_t s = {.point = crm_record_at(number)->point,
                       .key = content_key(crm_record_at(number), &inside)};
    const uint32_t before = add_tie(number, route, s.key);

    s.tie = crm_record_at(number)->tie;
    if (is_repetition(s.tie, before)) {
        set_repetition(s.tie, crm_tie_original(before));
        *original = crm_tie_at(crm_tie_original(before))->record;
        return CRM_SIGHTING_REPETITION;
    }
    s.repeats = before != CRM_NO_TIE;
    doubt(crm_tie_at(s.tie)->before);
    const crm_choice_t choice = crm_original_find(&s);
    if (choice.first == CRM_NO_TIE) {
        crm_tie_at(s.tie)->flags |= s.orphans ? CRM_TIE_DOUBTFUL : 0;
        return CRM_SIGHTING_FIRST;
    }
    *original = crm_tie_at(choice.first)->record;
    tie_copy(&s, &choice);
    return CRM_SIGHTING_COPY;
}

/* There is a second point: what came before it is held against what is to come. */
static void
begin_ties(uint32_t number)
{
    for (uint32_t n = number > CRM_REMEMBERED ? number - CRM_REMEMBERED : 0; n < number; n++) {
        crm_record_t *r = crm_record_at(n);
        const crm_route_t *route = &remembered[n % CRM_REMEMBERED];
        if (r->point == CRM_NO_POINT) {
            crm_flow_cut(route, 0); /* there was one point, which had it in part */
            continue;
        }
        const uint32_t before = add_tie(n, route, content_key(r, route));
        if (is_repetition(r->tie, before)) {
            set_repetition(r->tie, crm_tie_original(before));
        }
    }
}

crm_sighting_t
crm_copies_follow(const packet_info *pinfo, uint32_t number, bool cut, uint32_t *original)
{
    crm_record_t *r = crm_record_at(number);
    const crm_route_t route = crm_route_of(pinfo);
    const uint8_t point = crm_point_of(pinfo);

    r->tie = CRM_NO_TIE;
    r->point = cut ? CRM_NO_POINT : point;
    if (crm_point_count() < 2) {
        remembered[number % CRM_REMEMBERED] = route;
        return CRM_SIGHTING_FIRST;
    }
    if (!has_ties) {
        has_ties = true;
        begin_ties(number);
    }
    if (r->point == CRM_NO_POINT) {
        if (cut && point != CRM_NO_POINT) {
            const crm_route_t inside = crm_route_inside(&route, point);
            crm_flow_cut(&inside, point);
        }
        return CRM_SIGHTING_FIRST;
    }
    return sight(number, &route, original);
}

/* What was found */

bool
crm_copies_is_copy(const crm_record_t *record)
{
    return record->tie != CRM_NO_TIE && crm_tie_at(record->tie)->sighting == CRM_SIGHTING_COPY;
}

bool
crm_copies_is_original(const crm_record_t *record)
{
    return record->tie != CRM_NO_TIE
               ? crm_tie_at(record->tie)->sighting == CRM_SIGHTING_FIRST
               : record->point != CRM_NO_POINT &&
                     (record->original == CRM_NO_RECORD || record->flags & CRM_RECORD_SENT_AGAIN);
}

uint32_t
crm_copies_original(const crm_record_t *record)
{
    return crm_copies_is_copy(record) && crm_tie_at(record->tie)->flags & CRM_TIE_CERTAIN
               ? crm_tie_at(crm_tie_at(record->tie)->first)->record
               : CRM_NO_RECORD;
}

uint32_t
crm_copies_next(const crm_record_t *original, uint32_t after)
{
    const uint32_t from = after == CRM_NO_RECORD ? original->tie : crm_record_at(after)->tie;
    uint32_t tie = from;

    if (from == CRM_NO_TIE || (after == CRM_NO_RECORD && crm_tie_at(from)->sighting != CRM_SIGHTING_FIRST)) {
        return CRM_NO_RECORD;
    }
    do {
        tie = crm_tie_at(tie)->copies;
    } while (tie != CRM_NO_TIE && !(crm_tie_at(tie)->flags & CRM_TIE_CERTAIN));
    return tie == CRM_NO_TIE ? CRM_NO_RECORD : crm_tie_at(tie)->record;
}

uint32_t
crm_copies_at(const crm_record_t *original, uint8_t point)
{
    uint32_t copy = CRM_NO_RECORD;

    while ((copy = crm_copies_next(original, copy)) != CRM_NO_RECORD && crm_record_at(copy)->point != point) {
    }
    return copy;
}

const crm_record_t *
crm_copies_captured_at(const crm_record_t *original, uint8_t point)
{
    if (original->point == point) {
        return point == CRM_NO_POINT ? NULL : original;
    }
    const uint32_t copy = crm_copies_at(original, point);
    return copy == CRM_NO_RECORD ? NULL : crm_record_at(copy);
}

bool
crm_copies_is_early(const crm_record_t *record)
{
    /* Where the datagram itself has come by, so has all that was before it. */
    const uint32_t first = record->tie == CRM_NO_TIE ? CRM_NO_TIE : crm_tie_original(record->tie);
    const uint16_t seen_at = first == CRM_NO_TIE ? 0 : crm_tie_at(first)->seen_at;
    double since, clocks;

    for (uint8_t point = 0; point < crm_point_count(); point++) {
        if (point != record->point && !(seen_at >> point & 1) && reached[point] != CRM_NO_RECORD &&
            crm_clock_between(record->point, point, &clocks) &&
            crm_record_seconds_between(record, crm_record_at(reached[point]), &since) && since < clocks) {
            return true;
        }
    }
    return false;
}

uint16_t
crm_copies_lost_at(const crm_record_t *original)
{
    uint16_t lost = 0;

    if (original->tie == CRM_NO_TIE || crm_tie_at(original->tie)->sighting != CRM_SIGHTING_FIRST ||
        crm_tie_at(original->tie)->flags & CRM_TIE_DOUBTFUL || original->flags & CRM_RECORD_PUT_TOGETHER) {
        return 0;
    }
    const crm_route_t inside = crm_route_inside(&crm_tie_at(original->tie)->route, original->point);
    for (uint32_t tie = original->tie; tie != CRM_NO_TIE; tie = crm_tie_at(tie)->copies) {
        lost |= crm_flow_misses(&inside, crm_tie_at(tie)->record);
    }
    return lost & (uint16_t)~crm_tie_at(original->tie)->seen_at;
}
