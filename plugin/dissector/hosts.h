/* hosts.h
 * Hosts: the endpoints from which they talk, and what they announce of themselves
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Learned on the first pass, as records are. Hosts grow with the number of
 * hosts and not of datagrams, but each HostInfo that differs from its host's
 * last one leaves its list of daemons behind.
 *
 * Which addresses are the same belongs here: the key of an endpoint is the
 * place for the network (VLAN) that an address is in, the key of a host for
 * the spellings of an announced address. Whether a host answers belongs to
 * dialogue.h.
 */

#ifndef CRM_HOSTS_H
#define CRM_HOSTS_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* Which address a name has, or which name an address; private to hosts.c. */
typedef struct crm_binding crm_binding_t;

/* What is known of a host. Its texts live as long as the capture file. */
typedef struct {
    const char *name;    /* "" where no HostInfo was seen */
    const char *address; /* as announced, or the one that it sends from */
    const char *daemons; /* "workerd:10500 node_exporter:9100", "" where none was announced */
    uint8_t bytes[16];   /* the announced address in network order ... */
    uint8_t length;      /* ... of 4 or 16 bytes; 0: none, or not one that a host can have */
    uint32_t host_type;  /* CRM_WORKER ..., 0: not announced */
    uint32_t latest_probe;
    uint64_t info; /* a hash of its latest HostInfo */
    bool announced;
    crm_binding_t *of_name, *of_address; /* NULL: it has not announced both */
} crm_host_t;

/* Registers what makes the state ready for a capture file. */
void crm_hosts_register(void);

/* The host of a number, which must not be CRM_NO_HOST. The pointer holds until
 * the next host is made. Only the first pass may write to it. */
crm_host_t *crm_host_at(uint32_t number);

/* The host behind an endpoint: the one that announced it or sends from it,
 * else the one of its address, else a new one without a name. First pass only. */
uint32_t crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port);

/* The host that sent the HostInfo of a message, which is learned from: name,
 * address, endpoints if `learn_ports`. `number`: the datagram's record, whose
 * flags tell what is new in it and what it contradicts. First pass only. */
uint32_t crm_host_of_announcement(packet_info *pinfo, const crm_message_t *message, uint32_t number,
                                  bool learn_ports);

/* Whether a datagram announces another address than the one that it is sent from. */
bool crm_host_is_elsewhere(const crm_record_t *record, const packet_info *pinfo);

/* The record of the datagram before this one whose HostInfo announced the
 * destination or the source of this datagram, or CRM_NO_RECORD. On a later
 * pass, what the first one found. */
uint32_t crm_host_announced_in(tvbuff_t *tvb, const packet_info *pinfo);

#endif
