/* routes.c
 * From where to where a datagram goes, also where NAT rewrites it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "routes.h"

#include <string.h>

#include "idmap.h"
#include "message/hash.h"
#include "store.h"

typedef struct {
    uint32_t address;
    uint16_t port;
} end_t;

static crm_idmap_t inside;     /* an end at a point -> the end that it is inside, of `ends` */
static crm_idmap_t seen;       /* an address -> the points at which it came by, a bit each */
static crm_idmap_t translated; /* an address that NAT puts in place of another, or the other -> 0 */
static crm_store_t ends = {.size = sizeof(end_t)};

/* Every datagram comes here, also of a file with one point: a product a word.
 * Where it becomes a key, it is hashed again. */
static uint32_t
hash_address(const address *a)
{
    const uint8_t *bytes = (const uint8_t *)a->data;
    uint64_t hash = (uint64_t)a->len;
    int i = 0;

    for (; i + 4 <= a->len; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    }
    for (; i < a->len; i++) { /* Ethernet's has six */
        hash = (hash ^ bytes[i]) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return (uint32_t)(hash >> 32);
}

crm_route_t
crm_route_of(const packet_info *pinfo)
{
    return (crm_route_t){hash_address(&pinfo->src), hash_address(&pinfo->dst), (uint16_t)pinfo->srcport,
                         (uint16_t)pinfo->destport};
}

static uint64_t
end_key(const end_t *end, uint8_t point)
{
    const uint32_t what[] = {end->address, end->port, point};
    return crm_hash(what, sizeof what);
}

static uint64_t
address_key(uint32_t addr)
{
    return crm_hash(&addr, sizeof addr);
}

static end_t
end_inside(end_t end, uint8_t point)
{
    const uint32_t known = crm_idmap_get(&inside, end_key(&end, point));
    return known == CRM_IDMAP_NONE ? end : *(end_t *)crm_store_at(&ends, known);
}

crm_route_t
crm_route_inside(const crm_route_t *route, uint8_t point)
{
    if (crm_idmap_is_empty(&inside)) {
        return *route;
    }
    const end_t from = end_inside((end_t){route->from, route->from_port}, point);
    const end_t to = end_inside((end_t){route->to, route->to_port}, point);
    return (crm_route_t){from.address, to.address, from.port, to.port};
}

static uint16_t
port_of_host(uint32_t addr, uint16_t port)
{
    return crm_idmap_get(&translated, address_key(addr)) == CRM_IDMAP_NONE ? 0 : port;
}

crm_route_t
crm_route_of_hosts(const crm_route_t *r)
{
    return (crm_route_t){r->from, r->to, port_of_host(r->from, r->from_port),
                         port_of_host(r->to, r->to_port)};
}

static uint32_t
points_of(uint32_t addr)
{
    const uint32_t points = crm_idmap_get(&seen, address_key(addr));
    return points == CRM_IDMAP_NONE ? 0 : points;
}

static void
see_address(uint32_t addr, uint8_t point)
{
    const uint32_t points = points_of(addr);

    if (!(points >> point & 1)) {
        crm_idmap_put(&seen, address_key(addr), points | 1U << point);
    }
}

void
crm_route_see(const crm_route_t *route, uint8_t point)
{
    see_address(route->from, point);
    see_address(route->to, point);
}

/* Outside, nobody knows the address that a host has inside, and the other way
 * round: two hosts that both come by at one point are not one behind NAT. */
static bool
may_be_rewritten(uint32_t a, uint8_t a_point, uint32_t b, uint8_t b_point)
{
    return !(points_of(a) >> b_point & 1) && !(points_of(b) >> a_point & 1);
}

crm_route_likeness_t
crm_route_compare(const crm_route_t *a, uint8_t a_point, const crm_route_t *b, uint8_t b_point)
{
    if (memcmp(a, b, sizeof *a) == 0) {
        return CRM_ROUTE_SAME;
    }
    const crm_route_t x = crm_route_inside(a, a_point), y = crm_route_inside(b, b_point);
    const bool same_from = x.from == y.from && x.from_port == y.from_port;
    const bool same_to = x.to == y.to && x.to_port == y.to_port;
    if (same_from && same_to) {
        return CRM_ROUTE_KNOWN;
    }
    if ((same_to && may_be_rewritten(a->from, a_point, b->from, b_point)) ||
        (same_from && may_be_rewritten(a->to, a_point, b->to, b_point))) {
        return CRM_ROUTE_REWRITTEN;
    }
    return CRM_ROUTE_DIFFERS;
}

static void
learn_end(end_t outer, uint8_t point, end_t inner)
{
    if (outer.address == inner.address && outer.port == inner.port) {
        return;
    }
    const uint64_t key = end_key(&outer, point);
    const uint32_t known = crm_idmap_get(&inside, key);
    if (known == CRM_IDMAP_NONE) {
        crm_idmap_put(&inside, key, crm_store_append(&ends, &inner));
    } else {
        *(end_t *)crm_store_at(&ends, known) = inner;
    }
    crm_idmap_put(&translated, address_key(outer.address), 0);
    crm_idmap_put(&translated, address_key(inner.address), 0);
}

void
crm_route_learn(const crm_route_t *first, uint8_t first_point, const crm_route_t *route, uint8_t point)
{
    const crm_route_t inner = crm_route_inside(first, first_point);

    if (memcmp(first, route, sizeof *route) != 0) {
        learn_end((end_t){route->from, route->from_port}, point, (end_t){inner.from, inner.from_port});
        learn_end((end_t){route->to, route->to_port}, point, (end_t){inner.to, inner.to_port});
    }
}
