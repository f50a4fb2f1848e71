/* flows.c
 * What comes by where: the datagrams of one kind from a sender to a receiver
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "flows.h"

#include "idmap.h"
#include "message/hash.h"
#include "points.h"
#include "store.h"

/* What is cut may be of any. */
#define CRM_ANY_TYPE UINT8_MAX

typedef struct {
    uint32_t first[CRM_MAX_POINTS]; /* the first record of the flow at each point, or CRM_NO_RECORD, ... */
    uint32_t last[CRM_MAX_POINTS];  /* ... and the last */
    uint16_t cut_at;                /* of CRM_ANY_TYPE: the points, a bit each, where some are cut */
} flow_t;

static crm_idmap_t numbers; /* route and type -> flow */
static crm_store_t flows = {.size = sizeof(flow_t)};

static flow_t *
flow_at(uint32_t flow)
{
    return (flow_t *)crm_store_at(&flows, flow);
}

static uint32_t
add_flow(uint64_t key)
{
    flow_t flow = {.cut_at = 0};

    for (int point = 0; point < CRM_MAX_POINTS; point++) {
        flow.first[point] = flow.last[point] = CRM_NO_RECORD;
    }
    const uint32_t number = crm_store_append(&flows, &flow);
    crm_idmap_put(&numbers, key, number);
    return number;
}

static uint64_t
flow_key(const crm_route_t *inside, uint8_t type)
{
    const struct {
        crm_route_t route;
        uint32_t type;
    } what = {crm_route_of_hosts(inside), type};

    return crm_hash(&what, sizeof what);
}

static flow_t *
get_flow(const crm_route_t *inside, uint8_t type)
{
    const uint64_t key = flow_key(inside, type);
    const uint32_t flow = crm_idmap_get(&numbers, key);

    return flow_at(flow == CRM_IDMAP_NONE ? add_flow(key) : flow);
}

void
crm_flow_see(const crm_route_t *inside, uint32_t record)
{
    const crm_record_t *r = crm_record_at(record);
    flow_t *flow = get_flow(inside, r->type);
    uint32_t *first = &flow->first[r->point], *last = &flow->last[r->point];
    double seconds;

    if (*first == CRM_NO_RECORD) {
        *first = *last = record;
    }
    if (crm_record_seconds_between(r, crm_record_at(*first), &seconds) && seconds > 0) {
        *first = record;
    }
    if (crm_record_seconds_between(crm_record_at(*last), r, &seconds) && seconds > 0) {
        *last = record;
    }
}

void
crm_flow_cut(const crm_route_t *inside, uint8_t point)
{
    get_flow(inside, CRM_ANY_TYPE)->cut_at |= (uint16_t)(1U << point);
}

static uint16_t
cut_at(const crm_route_t *inside)
{
    const uint32_t flow = crm_idmap_get(&numbers, flow_key(inside, CRM_ANY_TYPE));
    return flow == CRM_IDMAP_NONE ? 0 : flow_at(flow)->cut_at;
}

/* Times of two points are compared on the clock of one of them. */
static bool
came_by_before_and_after(const flow_t *flow, uint8_t point, const crm_record_t *r)
{
    double clocks, after_first, before_last;

    return flow->first[point] != CRM_NO_RECORD && crm_clock_between(r->point, point, &clocks) &&
           crm_record_seconds_between(crm_record_at(flow->first[point]), r, &after_first) &&
           crm_record_seconds_between(r, crm_record_at(flow->last[point]), &before_last) &&
           after_first + clocks > 0 && before_last - clocks > 0;
}

uint16_t
crm_flow_misses(const crm_route_t *inside, uint32_t record)
{
    const crm_record_t *r = crm_record_at(record);
    const uint32_t flow = crm_idmap_get(&numbers, flow_key(inside, r->type));
    uint16_t misses = 0;

    for (uint8_t point = 0; flow != CRM_IDMAP_NONE && point < crm_point_count(); point++) {
        if (point != r->point && came_by_before_and_after(flow_at(flow), point, r)) {
            misses |= (uint16_t)(1U << point);
        }
    }
    return misses ? misses & (uint16_t)~cut_at(inside) : 0;
}
