/* endpoints.h
 * Addresses and ports, and which hosts are there
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A collector and a worker may run on one machine: they are two hosts at one
 * address, and often at ports that tell nothing. So an endpoint has a host for
 * each role, and whoever looks for one says which role it has in the dialogue.
 */

#ifndef CRM_ENDPOINTS_H
#define CRM_ENDPOINTS_H

#include "compat.h"

typedef enum { CRM_ROLE_WORKER, CRM_ROLE_COLLECTOR, CRM_ROLES, CRM_ROLE_UNKNOWN = CRM_ROLES } crm_role_t;

/* An address in a network, with a port, or with port 0 for the address as
 * such. Unused bytes are 0, so that the whole struct is the key. */
typedef struct {
    uint8_t bytes[16]; /* in network order; of what is longer, a hash */
    uint16_t port;
    uint16_t network; /* as networks.h numbers them */
    uint8_t kind;     /* 4 and 6: IPv4 and IPv6; 0: there is no address; others: no Internet address */
    uint8_t unused[3];
} crm_endpoint_key_t;

typedef struct {
    uint32_t hosts[CRM_ROLES]; /* by role, or CRM_NO_HOST */
    uint32_t first_host;       /* the first that announced this address, or CRM_NO_HOST */
    uint32_t announced_in;     /* a record; CRM_NO_RECORD: nobody announced it */
    bool shared[CRM_ROLES];    /* several hosts of a role are here: the port tells which (NAT) */
} crm_endpoint_t;

/* Registers what makes the state ready for a capture file, here and in networks.h. */
void crm_endpoints_register(void);

/* Registers the preferences, here and in networks.h. */
void crm_endpoints_register_preferences(module_t *module);

/* The key of a datagram's source or destination. ::ffff:a.b.c.d is a.b.c.d. */
crm_endpoint_key_t crm_endpoint_key(const packet_info *pinfo, const address *a, uint32_t port);

/* Whether a key has an IPv4 or IPv6 address. */
static inline bool
crm_endpoint_is_ip(const crm_endpoint_key_t *key)
{
    return key->kind == 4 || key->kind == 6;
}

/* The endpoint of this key itself, or NULL. It does not move. */
crm_endpoint_t *crm_endpoint_find(const crm_endpoint_key_t *key);

/* The same, made where it is new. */
crm_endpoint_t *crm_endpoint_get(const crm_endpoint_key_t *key);

/* Puts a host at an endpoint of its network, where it is found from others
 * too. `announced_in`: the record whose HostInfo says so, or CRM_NO_RECORD; the
 * first counts. */
void crm_endpoint_set_host(const crm_endpoint_key_t *key, crm_role_t role, uint32_t host,
                           uint32_t announced_in);

/* The host of a role at an endpoint, else at its address; of CRM_ROLE_UNKNOWN,
 * any. CRM_NO_HOST if none is known, in this network or one near to it. */
uint32_t crm_endpoint_host(const crm_endpoint_key_t *key, crm_role_t role);

/* The record of the datagram before this one whose HostInfo announced the
 * destination or the source of this datagram, or CRM_NO_RECORD. That makes it
 * CRM, whatever it holds. On a later pass, what the first one found. None with
 * crm.learn_ports off, and none of what ICMP quotes, which was sent once, and has
 * its own frame. */
uint32_t crm_announced_in(const packet_info *pinfo);

#endif
