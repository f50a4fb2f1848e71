/* names.h
 * The names that hosts announce
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One place for what is known of all hosts of one name in one network: who was
 * the first, with which others are compared, and where the worker is now that
 * moves from address to address.
 */

#ifndef CRM_NAMES_H
#define CRM_NAMES_H

#include "hosts.h"

#define CRM_SEVERAL_HOSTS (UINT32_MAX - 1)

typedef struct {
    uint32_t first_ipv4; /* the first host that announced the name with such an address, CRM_NO_HOST: none */
    uint32_t first_ipv6;

    /* silence.c's: workers of one name are one machine, unless two of them answered one probe */
    uint32_t latest; /* the host that was heard of last, CRM_NO_HOST, or CRM_SEVERAL_HOSTS */
} crm_name_t;

/* The name of a number, which must not be CRM_NO_NAME. It does not move. */
crm_name_t *crm_name_at(uint32_t number);

/* The number of a name in a network, as networks.h numbers them. An empty one
 * is CRM_NO_NAME: hosts that do not say theirs have nothing in common. */
uint32_t crm_name_get(const char *name, uint16_t network);

#endif
