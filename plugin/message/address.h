/* address.h
 * An IP address that someone wrote as text
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_ADDRESS_H
#define CRM_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers are those of the IP versions. */
typedef enum { CRM_ADDRESS_INVALID = 0, CRM_ADDRESS_IPV4 = 4, CRM_ADDRESS_IPV6 = 6 } crm_address_family_t;

/* Bytes in network order; what is not used is 0. */
typedef struct {
    crm_address_family_t family; /* as written */
    uint8_t bytes[16];           /* as written: 4 of IPv4, 16 of IPv6 */
    /* For comparison: ::ffff:a.b.c.d is the IPv4 address a.b.c.d, as a socket
     * that takes both writes it; all others are as above. */
    crm_address_family_t canonical_family;
    uint8_t canonical[16];
} crm_address_t;

/* Reads a NUL-terminated text: an IPv4 address in four decimal parts, or an
 * IPv6 address. An IPv6 address may have a zone (fe80::1%eth0), which belongs
 * to the host and is no part of the address. False, with the family
 * CRM_ADDRESS_INVALID, for anything else. */
bool crm_address_read(const char *text, crm_address_t *address);

#endif
