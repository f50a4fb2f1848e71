/* flows.h
 * What comes by where: the datagrams of one kind from a sender to a receiver
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_FLOWS_H
#define CRM_FLOWS_H

#include "records.h"
#include "routes.h"

/* A flow is told by its route, as it is inside of NAT, and by the type of its
 * datagrams. Ports do not matter, which may be new with each datagram, but for
 * hosts behind NAT.
 *
 * On the first pass: this record of the flow, of which there is a copy at
 * another point, was captured at its own. */
void crm_flow_see(const crm_route_t *inside, uint32_t record);

/* On the first pass: a datagram on this route was captured there in part, so
 * that nobody can tell which one it is, nor which of them is missing. */
void crm_flow_cut(const crm_route_t *inside, uint8_t point);

/* The points, a bit each, at which this record is to be expected as well:
 * others of its flow came by there before it and after it. */
uint16_t crm_flow_misses(const crm_route_t *inside, uint32_t record);

#endif
