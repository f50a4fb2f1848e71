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
 * (NAT). Whether a host answers belongs to silence.h.
 */

#ifndef CRM_HOSTS_H
#define CRM_HOSTS_H

#include <string.h>

#include "compat.h"
#include "endpoints.h"
#include "records.h"

#define CRM_NO_PAIR      UINT32_MAX
#define CRM_NO_RIVALS    UINT32_MAX
#define CRM_NO_NAME      UINT32_MAX
#define CRM_NO_COLLECTOR UINT32_MAX

/* What is known of a host. Its texts live as long as the capture file. */
typedef struct {
    const char *name; /* "" where no HostInfo was seen; its address follows, see crm_host_address() */
    char *daemons;    /* "workerd:10500 node_exporter:9100", may change; NULL: it never announced one */
    uint64_t info;    /* a hash of its latest HostInfo */
    crm_endpoint_key_t source; /* the address that it sends from, and its network */
    uint32_t latest_probe;     /* a record, as is ... */
    uint32_t said_in;          /* ... its first HostInfo, CRM_NO_RECORD: there was none */
    uint32_t named;            /* its name's number, see names.h */
    uint32_t rivals;           /* private to conflicts.c, CRM_NO_RIVALS: nobody announces the same */
    uint32_t first_pair;       /* private to pairs.c, or CRM_NO_PAIR */
    uint32_t first_listed;     /* private to silence.c: its first pair that is in a list, or CRM_NO_PAIR */
    uint32_t collector;        /* private to silence.c: what it is as one, or CRM_NO_COLLECTOR */
    uint8_t announced[16];     /* the address that it announces, as in an endpoint's key, and ... */
    uint8_t announced_kind;    /* 0: none, or not one that a host can have */
    uint8_t role;              /* crm_role_t */
    uint8_t host_type;         /* CRM_WORKER ..., 0: not announced, or not one of those */
    bool is_placed : 1;        /* private to silence.c */
    bool is_of_metrics : 1;    /* no HostInfo has announced it so far, but a MetricInfo */
    bool shares_ids : 1;       /* another collector gives its probes the ids that this one gives */
} crm_host_t;

/* Registers what makes the state ready for a capture file, here and in endpoints.h. */
void crm_hosts_register(void);

/* The host of a number, which must not be CRM_NO_HOST. It does not move. Only
 * the first pass may write to it. */
crm_host_t *crm_host_at(uint32_t number);

/* A new host that sends from an address of a network: `source` has no port. Copies the texts. */
uint32_t crm_host_add(crm_role_t role, const crm_endpoint_key_t *source, const char *name, const char *addr);

/* Of a host that was known by its source only: what it announces. Copies the texts. */
void crm_host_set_texts(crm_host_t *host, const char *name, const char *addr);

/* The host of a role behind an endpoint: the one that announced it or sends
 * from it, else the one of its address, else a new one without a name.
 * CRM_NO_HOST where there is no address. First pass only. */
uint32_t crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port, crm_role_t role);

/* Like crm_host_of_endpoint(), but adds none: CRM_NO_HOST where none is known. */
uint32_t crm_host_known_at(const packet_info *pinfo, const address *a, uint32_t port, crm_role_t role);

/* The address that a host announces, as sent, or else the one that it sends from. */
static inline const char *
crm_host_address(const crm_host_t *host)
{
    return host->name + strlen(host->name) + 1;
}

/* Whether a host sends from this address, in whatever network. */
bool crm_host_sends_from_address(const crm_host_t *host, const crm_endpoint_key_t *source);

/* Whether this is the address that a host announces, in whatever network. */
bool crm_host_announces(const crm_host_t *host, const crm_endpoint_key_t *key);

/* Whether a datagram announces an address other than the one that it is sent from. */
bool crm_host_address_mismatch(const crm_record_t *record, const packet_info *pinfo);

#endif
