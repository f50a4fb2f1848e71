/* ends.c
 * Which hosts a datagram goes between, by its addresses
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "ends.h"

#include "hosts.h"

/* Who sends what to whom, as docs/protocol.md has it. A QueryAck goes to a
 * monitor, which has no part here. */
typedef struct {
    crm_role_t sender, receiver;
} roles_t;

static roles_t
roles_of(uint32_t type)
{
    switch ((crm_packet_type_t)type) {
    case CRM_PROBE_INIT:
    case CRM_REG_ACK:
        return (roles_t){CRM_ROLE_COLLECTOR, CRM_ROLE_WORKER};
    case CRM_PROBE_ACK:
    case CRM_METRIC_INIT:
        return (roles_t){CRM_ROLE_WORKER, CRM_ROLE_COLLECTOR};
    case CRM_QUERY_ACK:
        return (roles_t){CRM_ROLE_COLLECTOR, CRM_ROLE_UNKNOWN};
    case CRM_NO_PACKET_TYPE:
        break;
    }
    return (roles_t){CRM_ROLE_UNKNOWN, CRM_ROLE_UNKNOWN};
}

uint32_t
crm_ends_sender(packet_info *pinfo, uint32_t type)
{
    return crm_host_of_endpoint(pinfo, &pinfo->src, pinfo->srcport, roles_of(type).sender);
}

uint32_t
crm_ends_receiver(packet_info *pinfo, uint32_t type)
{
    return crm_host_of_endpoint(pinfo, &pinfo->dst, pinfo->destport, roles_of(type).receiver);
}

/* A host that is known there. Behind NAT, where an address has several, its port has to tell. */
static uint32_t
known_end(const packet_info *pinfo, const address *a, uint32_t port, crm_role_t role)
{
    const crm_endpoint_key_t anywhere = crm_endpoint_key(pinfo, a, 0),
                             there = crm_endpoint_key(pinfo, a, port);
    const crm_endpoint_t *addr = crm_endpoint_find(&anywhere), *endpoint = crm_endpoint_find(&there);

    if (addr && role != CRM_ROLE_UNKNOWN && addr->shared[role]) {
        return endpoint ? endpoint->hosts[role] : CRM_NO_HOST;
    }
    return crm_host_known_at(pinfo, a, port, role);
}

static crm_ends_t
known_ends(const packet_info *pinfo, uint32_t type)
{
    const roles_t roles = roles_of(type);

    return (crm_ends_t){known_end(pinfo, &pinfo->src, pinfo->srcport, roles.sender),
                        known_end(pinfo, &pinfo->dst, pinfo->destport, roles.receiver)};
}

void
crm_ends_name(crm_record_t *r, const packet_info *pinfo, uint32_t type)
{
    const crm_ends_t ends = known_ends(pinfo, type);

    r->sender = ends.sender;
    r->receiver = ends.receiver;
}

crm_ends_t
crm_ends_of_record(const crm_record_t *r)
{
    return r ? (crm_ends_t){r->sender, r->receiver} : (crm_ends_t){CRM_NO_HOST, CRM_NO_HOST};
}

crm_ends_t
crm_ends_of_quoted(packet_info *pinfo, uint32_t type)
{
    const int proto = proto_get_id_by_filter_name("crm");

    if (!PINFO_FD_VISITED(pinfo)) {
        const crm_ends_t now = known_ends(pinfo, type);
        p_add_proto_data(wmem_file_scope(), pinfo, proto, pinfo->curr_layer_num,
                         wmem_memdup(wmem_file_scope(), &now, sizeof now));
    }
    const void *kept = p_get_proto_data(wmem_file_scope(), pinfo, proto, pinfo->curr_layer_num);
    return kept ? *(const crm_ends_t *)kept : crm_ends_of_record(NULL);
}
