/* conflicts.h
 * Hosts that announce what another one announced before
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A name with two addresses of one family, an address with two names, or both
 * from two sources. Each host is compared with the first that announced what
 * they have in common, so that a datagram costs the same however many do.
 */

#ifndef CRM_CONFLICTS_H
#define CRM_CONFLICTS_H

#include <stdint.h>

/* The first hosts that announced what a host announces: itself, or another one. */
typedef struct {
    uint32_t of_name;
    uint32_t of_address;
    uint32_t of_both;
} crm_firsts_t;

/* A new host that has announced a name and an address. */
void crm_conflicts_enter(uint32_t host, const crm_firsts_t *firsts);

/* Says in the record of a host's announcement, a number, with which datagram
 * it is at odds, if with any; the other hosts' later ones will name this one. */
void crm_conflicts_find(uint32_t host, uint32_t record);

#endif
