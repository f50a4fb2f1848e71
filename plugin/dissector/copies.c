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
#include "idmap.h"
#include "message/hash.h"
#include "points.h"
#include "routes.h"
#include "store.h"

/* The clocks of two points may differ by as much, and the way take the rest. */
#define CRM_COPY_WINDOW 30.0 /* seconds */

/* Of equal datagrams at one point, so many are looked at. */
#define CRM_MAX_EQUAL 16

/* Copies that wait for the clocks to be known. */
#define CRM_MAX_PENDING 64

/* The datagrams of the first point that are remembered until there is another. */
#define CRM_REMEMBERED 65536

#define CRM_NO_TIE 0

enum {
    CRM_TIE_CERTAIN = 1 << 0, /* a copy: it is this original's */
    CRM_TIE_UNIQUE = 1 << 1,  /* a copy: nothing equal to it was sent but the original */
    CRM_TIE_DOUBTFUL = 1 << 2 /* who knows whether another was its copy */
};

/* A datagram of a file with several points. */
typedef struct {
    uint32_t record;
    uint32_t first;  /* of a copy or a repetition: the original's tie */
    uint32_t copies; /* of an original: its first copy's tie; of a copy: the next one's */
    uint32_t before; /* the equal datagram before this one at its point that is no repetition */
    crm_route_t route;
    uint16_t seen_at; /* of an original: the points, a bit each */
    uint8_t sighting; /* CRM_SIGHTING_... */
    uint8_t flags;    /* CRM_TIE_... */
} tie_t;

static crm_route_t *remembered;          /* by record, as long as there is one point */
static crm_store_t ties;                 /* of tie_t, the one of CRM_NO_TIE not used */
static crm_idmap_t latest;               /* what is sent, and a point -> the latest tie */
static uint32_t reached[CRM_MAX_POINTS]; /* the latest record of each point */
static uint32_t pending[CRM_MAX_PENDING];
static unsigned pending_count;

static void
begin_file(void)
{
    remembered = wmem_alloc_array(wmem_file_scope(), crm_route_t, CRM_REMEMBERED);
    ties = (crm_store_t){.size = sizeof(tie_t)};
    memset(reached, 0xff, sizeof reached);
    pending_count = 0;
}

void
crm_copies_register(void)
{
    crm_points_register();
    crm_routes_register();
    crm_flows_register();
    register_init_routine(begin_file);
}

static tie_t *
tie_at(uint32_t tie)
{
    return (tie_t *)crm_store_at(&ties, tie);
}

static uint8_t
point_of(const tie_t *tie)
{
    return crm_record_at(tie->record)->point;
}

static uint32_t
original_of(uint32_t tie)
{
    return tie_at(tie)->sighting == CRM_SIGHTING_FIRST ? tie : tie_at(tie)->first;
}

/* Between two ties, in seconds. False where one has no time. */
static bool
time_between(uint32_t from, uint32_t to, double *seconds)
{
    return crm_record_seconds_between(crm_record_at(tie_at(from)->record), crm_record_at(tie_at(to)->record),
                                      seconds);
}

/* The datagram at hand while it is held against those before it. */
typedef struct {
    uint32_t tie;
    uint8_t point;
    uint64_t key; /* without the point */
    bool repeats; /* equal ones were sent more than once */
    bool orphans; /* an equal one was taken for another's copy, wrongly: it may be this one's */
} sighted_t;

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

/* Of all points, keys stand side by side in the table. */
static uint64_t
key_at(uint64_t key, uint8_t point)
{
    return key - key % CRM_MAX_POINTS + point;
}

static uint32_t
latest_at(const sighted_t *s, uint8_t point)
{
    const uint32_t tie = crm_idmap_get(&latest, key_at(s->key, point));
    return tie == CRM_IDMAP_NONE ? CRM_NO_TIE : tie;
}

/* The original of the datagram at hand. */
typedef struct {
    uint32_t first; /* CRM_NO_TIE: it is one itself */
    bool certain;
    crm_clock_source_t tells; /* what the two tell of the clocks */
} choice_t;

/* Ties */

static bool
agrees_with_clocks(uint32_t from, uint32_t to)
{
    double taken, usual;

    return time_between(from, to, &taken) &&
           crm_clock_between(point_of(tie_at(from)), point_of(tie_at(to)), &usual) &&
           fabs(taken - usual) <= CRM_CLOCK_TOLERANCE;
}

static bool
are_clocks_settled(uint32_t from, uint32_t to)
{
    return crm_clock_is_settled(point_of(tie_at(from)), point_of(tie_at(to)));
}

static void
dissolve(uint32_t copy)
{
    tie_t *c = tie_at(copy), *first = tie_at(c->first);
    uint32_t *link = &first->copies;

    while (*link != copy) {
        link = &tie_at(*link)->copies;
    }
    *link = c->copies;
    first->seen_at &= (uint16_t) ~(1U << point_of(c));
    first->flags |= CRM_TIE_DOUBTFUL;
    c->first = CRM_NO_TIE;
}

static void
confirm(uint32_t copy)
{
    const tie_t *first = tie_at(tie_at(copy)->first);
    const crm_route_t inside = crm_route_inside(&first->route, point_of(first));

    tie_at(copy)->flags |= CRM_TIE_CERTAIN;
    crm_flow_see(&inside, first->record);
    crm_flow_see(&inside, tie_at(copy)->record);
}

/* Now that the clocks are known, or know better. */
static void
judge(uint32_t copy)
{
    if (agrees_with_clocks(tie_at(copy)->first, copy)) {
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
        if (!are_clocks_settled(tie_at(copy)->first, copy)) {
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
    tie_at(copy)->flags &= (uint8_t) ~(CRM_TIE_CERTAIN | CRM_TIE_UNIQUE);
    if (pending_count < CRM_MAX_PENDING) {
        pending[pending_count++] = copy;
    }
}

static void
doubt_copy(uint32_t copy)
{
    if (tie_at(copy)->flags & CRM_TIE_UNIQUE) {
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
    if (tie_at(tie)->sighting == CRM_SIGHTING_COPY && tie_at(tie)->first != CRM_NO_TIE) {
        doubt_copy(tie);
    }
    if (tie_at(tie)->sighting == CRM_SIGHTING_FIRST) {
        for (uint32_t copy = tie_at(tie)->copies; copy != CRM_NO_TIE; copy = tie_at(copy)->copies) {
            doubt_copy(copy);
        }
    }
    judge_pending();
}

static void
learn_clocks(uint32_t copy, crm_clock_source_t source)
{
    double seconds;

    for (uint32_t other = tie_at(copy)->first; other != CRM_NO_TIE; other = tie_at(other)->copies) {
        if (other != copy && time_between(other, copy, &seconds)) {
            crm_clock_learn(point_of(tie_at(other)), point_of(tie_at(copy)), seconds, source);
        }
    }
}

static void
tie_copy(const sighted_t *s, const choice_t *choice)
{
    const uint32_t first = choice->first;
    tie_t *copy = tie_at(s->tie), *original = tie_at(first);
    uint32_t *link = &original->copies;

    while (*link != CRM_NO_TIE) {
        link = &tie_at(*link)->copies;
    }
    *link = s->tie;
    copy->sighting = CRM_SIGHTING_COPY;
    copy->first = first;
    original->seen_at |= (uint16_t)(1U << s->point);
    crm_route_learn(&original->route, point_of(original), &copy->route, s->point);
    learn_clocks(s->tie, choice->tells);
    if (!choice->certain) {
        let_wait(s->tie);
    } else {
        copy->flags = s->repeats ? 0 : CRM_TIE_UNIQUE;
        confirm(s->tie);
    }
    judge_pending();
}

/* Candidates: what the datagram at hand may be a copy of */

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
add_candidate(sighted_t *s, candidates_t *candidates, uint32_t via)
{
    const tie_t *new = tie_at(s->tie), *other = tie_at(via);
    const uint32_t first = original_of(via);

    s->orphans |= first == CRM_NO_TIE;
    if (first == CRM_NO_TIE || tie_at(first)->seen_at >> s->point & 1 || candidates->count == CRM_MAX_EQUAL) {
        return;
    }
    const crm_route_likeness_t likeness =
        crm_route_compare(&other->route, point_of(other), &new->route, s->point);
    if (likeness != CRM_ROUTE_DIFFERS) {
        candidates->items[candidates->count++] = (candidate_t){first, via, likeness};
        candidates->best = MAX(candidates->best, likeness);
    }
}

static void
collect_at(sighted_t *s, candidates_t *candidates, uint8_t point)
{
    uint32_t tie = latest_at(s, point);
    double seconds;

    for (int i = 0; i < CRM_MAX_EQUAL && tie != CRM_NO_TIE; i++, tie = tie_at(tie)->before) {
        const bool timed = time_between(tie, s->tie, &seconds);
        if (timed && seconds > CRM_COPY_WINDOW) {
            return;
        }
        s->repeats |= tie_at(tie)->before != CRM_NO_TIE && tie_at(tie)->sighting != CRM_SIGHTING_REPETITION;
        if (!timed || seconds >= -CRM_COPY_WINDOW) {
            add_candidate(s, candidates, tie);
        }
    }
}

/* How far a candidate is from what the clocks say, in seconds. False as long as
 * they say nothing. */
static bool
distance(const sighted_t *s, const candidate_t *c, double *seconds)
{
    double taken, usual;

    *seconds = INFINITY;
    if (!crm_clock_between(point_of(tie_at(c->via)), s->point, &usual)) {
        return false;
    }
    if (time_between(c->via, s->tie, &taken)) {
        *seconds = fabs(taken - usual);
    }
    return true;
}

/* Of equal datagrams the clocks tell which. Before they are settled, what they
 * seem to say is better than nothing, and the order is the last resort. */
static choice_t
choose(const sighted_t *s, const candidates_t *candidates)
{
    choice_t nearest = {.first = CRM_NO_TIE}, oldest = {.first = CRM_NO_TIE};
    double least = CRM_CLOCK_TOLERANCE, seconds;
    unsigned in_question = 0;

    for (unsigned i = 0; i < candidates->count; i++) {
        const candidate_t *c = &candidates->items[i];
        const bool settled = are_clocks_settled(c->via, s->tie);
        if (c->likeness != candidates->best) {
            continue;
        }
        if (distance(s, c, &seconds) && seconds <= least) {
            least = seconds;
            nearest = (choice_t){c->first, settled, crm_clock_source(point_of(tie_at(c->via)), s->point)};
        } else if (!settled) {
            in_question += oldest.first != c->first;
            oldest.first = oldest.first == CRM_NO_TIE ? c->first : MIN(oldest.first, c->first);
        }
    }
    oldest.tells = in_question > 1 ? CRM_CLOCK_BY_ORDER : CRM_CLOCK_BY_DATAGRAM;
    return nearest.first != CRM_NO_TIE ? nearest : oldest;
}

static choice_t
find_original(sighted_t *s)
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
    return (choice_t){candidates.items[0].first, true, CRM_CLOCK_BY_DATAGRAM};
}

/* A datagram */

static uint32_t
add_tie(uint32_t number, const crm_route_t *route, uint64_t key)
{
    crm_record_t *r = crm_record_at(number);
    const tie_t tie = {.record = number,
                       .route = *route,
                       .seen_at = (uint16_t)(1U << r->point),
                       .sighting = CRM_SIGHTING_FIRST};

    reached[r->point] = number;
    r->tie = crm_store_append(&ties, &tie);
    crm_route_see(route, r->point);
    const uint32_t before = crm_idmap_put(&latest, key_at(key, r->point), r->tie);
    if (before != CRM_IDMAP_NONE) {
        const bool again = tie_at(before)->sighting == CRM_SIGHTING_REPETITION;
        tie_at(r->tie)->before = again ? tie_at(before)->before : before;
    }
    return before == CRM_IDMAP_NONE ? CRM_NO_TIE : before;
}

static void
set_repetition(uint32_t tie, uint32_t original)
{
    tie_at(tie)->sighting = CRM_SIGHTING_REPETITION;
    tie_at(tie)->first = original;
}

/* Of what follows a tie of equal content at this point, see add_tie(). */
static bool
is_repetition(uint32_t tie, uint32_t before)
{
    double seconds;

    return before != CRM_NO_TIE && original_of(before) != CRM_NO_TIE &&
           memcmp(&tie_at(before)->route, &tie_at(tie)->route, sizeof(crm_route_t)) == 0 &&
           time_between(before, tie, &seconds) && seconds >= 0 &&
           seconds <= nstime_to_sec(&crm_repeats_within);
}

static crm_sighting_t
sight(uint32_t number, const crm_route_t *route, uint32_t *original)
{
    const crm_route_t inside = crm_route_inside(route, crm_record_at(number)->point);
    sighted_t s = {.point = crm_record_at(number)->point, .key = content_key(crm_record_at(number), &inside)};
    const uint32_t before = add_tie(number, route, s.key);

    s.tie = crm_record_at(number)->tie;
    if (is_repetition(s.tie, before)) {
        set_repetition(s.tie, original_of(before));
        *original = tie_at(original_of(before))->record;
        return CRM_SIGHTING_REPETITION;
    }
    s.repeats = before != CRM_NO_TIE;
    doubt(tie_at(s.tie)->before);
    const choice_t choice = find_original(&s);
    if (choice.first == CRM_NO_TIE) {
        tie_at(s.tie)->flags |= s.orphans ? CRM_TIE_DOUBTFUL : 0;
        return CRM_SIGHTING_FIRST;
    }
    *original = tie_at(choice.first)->record;
    tie_copy(&s, &choice);
    return CRM_SIGHTING_COPY;
}

/* There is a second point: what came before it is held against what is to come. */
static void
begin_ties(uint32_t number)
{
    const tie_t none = {0};

    crm_store_append(&ties, &none);
    for (uint32_t n = number > CRM_REMEMBERED ? number - CRM_REMEMBERED : 0; n < number; n++) {
        crm_record_t *r = crm_record_at(n);
        const crm_route_t *route = &remembered[n % CRM_REMEMBERED];
        if (r->point == CRM_NO_POINT) {
            crm_flow_cut(route, 0); /* there was one point, which had it in part */
            continue;
        }
        const uint32_t before = add_tie(n, route, content_key(r, route));
        if (is_repetition(r->tie, before)) {
            set_repetition(r->tie, original_of(before));
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
    if (ties.count == 0) {
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
    return record->tie != CRM_NO_TIE && tie_at(record->tie)->sighting == CRM_SIGHTING_COPY;
}

bool
crm_copies_is_original(const crm_record_t *record)
{
    return record->tie != CRM_NO_TIE ? tie_at(record->tie)->sighting == CRM_SIGHTING_FIRST
                                     : record->point != CRM_NO_POINT &&
                                           (record->original == CRM_NO_RECORD || record->is_sent_again);
}

uint32_t
crm_copies_original(const crm_record_t *record)
{
    return crm_copies_is_copy(record) && tie_at(record->tie)->flags & CRM_TIE_CERTAIN
               ? tie_at(tie_at(record->tie)->first)->record
               : CRM_NO_RECORD;
}

uint32_t
crm_copies_next(const crm_record_t *original, uint32_t after)
{
    const uint32_t from = after == CRM_NO_RECORD ? original->tie : crm_record_at(after)->tie;
    uint32_t tie = from;

    if (from == CRM_NO_TIE || (after == CRM_NO_RECORD && tie_at(from)->sighting != CRM_SIGHTING_FIRST)) {
        return CRM_NO_RECORD;
    }
    do {
        tie = tie_at(tie)->copies;
    } while (tie != CRM_NO_TIE && !(tie_at(tie)->flags & CRM_TIE_CERTAIN));
    return tie == CRM_NO_TIE ? CRM_NO_RECORD : tie_at(tie)->record;
}

uint32_t
crm_copies_at(const crm_record_t *original, uint8_t point)
{
    uint32_t copy = CRM_NO_RECORD;

    while ((copy = crm_copies_next(original, copy)) != CRM_NO_RECORD && crm_record_at(copy)->point != point) {
    }
    return copy;
}

bool
crm_copies_is_early(const crm_record_t *record)
{
    /* Where the datagram itself has come by, so has all that was before it. */
    const uint16_t seen_at = tie_at(original_of(record->tie))->seen_at;
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

    if (original->tie == CRM_NO_TIE || tie_at(original->tie)->sighting != CRM_SIGHTING_FIRST ||
        tie_at(original->tie)->flags & CRM_TIE_DOUBTFUL || original->flags & CRM_RECORD_PUT_TOGETHER) {
        return 0;
    }
    const crm_route_t inside = crm_route_inside(&tie_at(original->tie)->route, original->point);
    for (uint32_t tie = original->tie; tie != CRM_NO_TIE; tie = tie_at(tie)->copies) {
        lost |= crm_flow_misses(&inside, tie_at(tie)->record);
    }
    return lost & (uint16_t)~tie_at(original->tie)->seen_at;
}
