/* routes.h
 * From where to where a datagram goes, also where NAT rewrites it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host behind NAT has one endpoint at a point inside and another at a point
 * outside. That the two are one is learned from a datagram that was captured
 * at both, and holds at that point until another teaches better.
 */

#ifndef CRM_ROUTES_H
#define CRM_ROUTES_H

#include "compat.h"

/* Addresses are hashes: of the few of a capture, no two have the same. */
typedef struct {
    uint32_t from;
    uint32_t to;
    uint16_t from_port;
    uint16_t to_port;
} crm_route_t;

/* From the least to the most that two routes have in common. */
typedef enum {
    CRM_ROUTE_DIFFERS,
    CRM_ROUTE_REWRITTEN, /* NAT may have rewritten one end */
    CRM_ROUTE_KNOWN,     /* NAT is known to have done so */
    CRM_ROUTE_SAME
} crm_route_likeness_t;

/* The route of a datagram, as its addresses have it. */
crm_route_t crm_route_of(const packet_info *pinfo);

/* The same as it was before NAT, if that is known of this point. */
crm_route_t crm_route_inside(const crm_route_t *route, uint8_t point);

/* The same without the ports, which may be new with each datagram; but behind
 * NAT, only the port tells a host from others. */
crm_route_t crm_route_of_hosts(const crm_route_t *route);

/* On the first pass: a datagram on this route came by at this point. */
void crm_route_see(const crm_route_t *route, uint8_t point);

/* Whether one datagram may have these routes at these points, which differ. */
crm_route_likeness_t crm_route_compare(const crm_route_t *a, uint8_t a_point, const crm_route_t *b,
                                       uint8_t b_point);

/* On the first pass: one datagram had `route` at `point`, and `first` at
 * `first_point`. */
void crm_route_learn(const crm_route_t *first, uint8_t first_point, const crm_route_t *route, uint8_t point);

#endif
