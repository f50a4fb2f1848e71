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
 * Learned on the first pass, as records are. They grow with the number of
 * hosts and not of datagrams.
 *
 * A host is a name with an announced address, in a role, that sends from one
 * address of one network. So collector and worker of one machine are two, as
 * are two machines that announce the same; several may be behind one address
 * (NAT). Whether a host answers belongs to dialogue.h.
 */

#ifndef CRM_HOSTS_H
#define CRM_HOSTS_H

#include "compat.h"
#include "endpoints.h"
#include "message/message.h"
#include "records.h"

/* Ports that one datagram teaches, and daemons of it that are kept. What is
 * announced beyond is shown, but not remembered. */
#define CRM_MAX_ANNOUNCED 256

#define CRM_NO_PAIR UINT32_MAX

/* What is known of a host. Its texts live as long as the capture file. */
typedef struct {
    const char *name;    /* "" where no HostInfo was seen */
    const char *address; /* as announced, or the one that it sends from */
    char *daemons;       /* "workerd:10500 node_exporter:9100", may change; NULL: it never announced one */
    uint64_t info;       /* a hash of its latest HostInfo */
    crm_endpoint_key_t source; /* the address that it sends from, and its network */
    uint32_t host_type;        /* CRM_WORKER ..., 0: not announced */
    uint32_t latest_probe;     /* a record, as are ... */
    uint32_t said_in;          /* its first HostInfo, CRM_NO_RECORD: there was none, and ... */
    uint32_t other_address_in; /* those that announce something else, where it is the first of ... */
    uint32_t other_name_in;
    uint32_t other_source_in;
    uint32_t first_of_name; /* its name, ... */
    uint32_t first_of_address;
    uint32_t first_of_both;    /* and both: hosts, CRM_NO_HOST if it has not announced both */
    uint32_t daemons_capacity; /* how many bytes `daemons` has, private to hosts.c */
    uint32_t first_pair;       /* private to dialogue.c, or CRM_NO_PAIR */
    uint8_t announced[16];     /* the address that it announces, as in an endpoint's key, and ... */
    uint8_t announced_kind;    /* 0: none, or not one that a host can have */
    uint8_t role;              /* crm_role_t */
} crm_host_t;

/* Registers what makes the state ready for a capture file, here and in endpoints.h. */
void crm_hosts_register(void);

/* The host of a number, which must not be CRM_NO_HOST. It does not move. Only
 * the first pass may write to it. */
crm_host_t *crm_host_at(uint32_t number);

/* The host of a role behind an endpoint: the one that announced it or sends
 * from it, else the one of its address, else a new one without a name.
 * CRM_NO_HOST where there is no address. First pass only. */
uint32_t crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port, crm_role_t role);

/* The host that sent the HostInfo of a message, which is learned from: name,
 * address, endpoints if `learn_ports`. `number`: the datagram's record, whose
 * flags tell what is new in it and what it contradicts. First pass only. */
uint32_t crm_host_of_announcement(packet_info *pinfo, const crm_message_t *message, uint32_t number,
                                  bool learn_ports);

/* On the first pass: a host that announced itself before does so from the
 * source of this datagram too, which is a copy at another capture point. */
void crm_host_sends_from(packet_info *pinfo, const crm_message_t *message, uint32_t host);

/* Whether a datagram announces another address than the one that it is sent from. */
bool crm_host_is_elsewhere(const crm_record_t *record, const packet_info *pinfo);

/* The record of the datagram before this one whose HostInfo announced the
 * destination or the source of this datagram, or CRM_NO_RECORD. On a later
 * pass, what the first one found. */
uint32_t crm_host_announced_in(const packet_info *pinfo);

#endif
