/* networks.h
 * In which network a datagram is: VLANs, and routers between them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two VLANs may have the same addresses, and are two networks then. Each
 * endpoint is known in the VLAN in which it was seen. Where one datagram comes
 * by in two VLANs, it is routed, and the two are one network from then on.
 */

#ifndef CRM_NETWORKS_H
#define CRM_NETWORKS_H

#include "compat.h"

/* Stands for every network that has a tag, and where crm_networks_near() says it, for all. */
#define CRM_NETWORK_ANY 0xffff

/* As many networks are looked through for an endpoint, so that a sender who
 * has thousands of VLANs tied does not make each datagram cost as much. */
#define CRM_MAX_NEAR 8

/* Registers what makes the state ready for a capture file. */
void crm_networks_register(void);

/* Registers the preference, where Wireshark itself has none. */
void crm_networks_register_preferences(module_t *module);

/* The outermost VLAN of a datagram, 0 if it has no tag. Notes that there are tags, which the first pass has
 * done before a later one asks. */
uint16_t crm_network_of(const packet_info *pinfo);

/* Whether a tagged datagram was met in this file. Where not, there is one network. */
bool crm_networks_are_several(void);

/* The same datagram was seen in both. */
void crm_networks_tie(uint16_t a, uint16_t b);

/* A number that tied networks have in common. */
uint16_t crm_network_name(uint16_t network);

/* Whether two numbers are of one network, as they are when they are tied. */
bool crm_networks_are_one(uint16_t a, uint16_t b);

/* Where an endpoint of a network may be known, in the order in which to look:
 * there itself, in networks that are tied to it, and, unless the user has VLANs
 * kept apart, in any other (CRM_NETWORK_ANY, at the end). Returns how many. */
unsigned crm_networks_near(uint16_t network, uint16_t near[CRM_MAX_NEAR]);

#endif
