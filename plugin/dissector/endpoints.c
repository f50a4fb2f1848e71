/* endpoints.c
 * Addresses and ports, and which hosts are there
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "endpoints.h"

#include <string.h>

#include "idmap.h"
#include "message/hash.h"
#include "networks.h"
#include "records.h"
#include "store.h"

static crm_store_t endpoints = {.size = sizeof(crm_endpoint_t)};
static crm_idmap_t by_key; /* a hash of the key -> endpoint */
static crm_bool_t pref_learn_ports = TRUE;

#define CRM_RECENT_ENDPOINTS 128

static struct {
    crm_endpoint_key_t key;
    crm_endpoint_t *endpoint;
} recent[CRM_RECENT_ENDPOINTS];

static void
begin_file(void)
{
    memset(recent, 0, sizeof recent);
}

void
crm_endpoints_register(void)
{
    crm_networks_register();
    register_init_routine(begin_file);
}

void
crm_endpoints_register_preferences(module_t *module)
{
    prefs_register_bool_preference(
        module, "learn_ports", "Recognize announced endpoints",
        "Whether datagrams to and from the endpoints that a HostInfo announces are CRM, "
        "whatever they hold",
        &pref_learn_ports);
    crm_networks_register_preferences(module);
}

/* What an address of Wireshark's is: its own types follow those of IP. */
static uint8_t
address_kind(const address *a)
{
    return a->type == AT_NONE || a->len <= 0 ? 0
           : a->type == AT_IPv4              ? 4
           : a->type == AT_IPv6              ? 6
                                             : (uint8_t)(16 + a->type);
}

crm_endpoint_key_t
crm_endpoint_key(const packet_info *pinfo, const address *a, uint32_t port)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    crm_endpoint_key_t key = {
        .port = (uint16_t)port, .network = crm_network_of(pinfo), .kind = address_kind(a)};
    const uint8_t *bytes = (const uint8_t *)a->data;

    if (key.kind == 6 && memcmp(bytes, mapped, sizeof mapped) == 0) {
        key.kind = 4;
        memcpy(key.bytes, bytes + sizeof mapped, 4);
    } else if (key.kind && a->len <= (int)sizeof key.bytes) {
        memcpy(key.bytes, bytes, (size_t)a->len);
    } else if (key.kind) {
        const uint64_t hash = crm_hash(bytes, (size_t)a->len);
        memcpy(key.bytes, &hash, sizeof hash);
    }
    return key;
}

/* Most datagrams are of few endpoints: where one stood last time is looked at
 * first, which spares a hash each. Endpoints are never removed. */
crm_endpoint_t *
crm_endpoint_find(const crm_endpoint_key_t *key)
{
    const unsigned place = (key->bytes[3] * 7U + key->bytes[15] * 5U + key->port) % CRM_RECENT_ENDPOINTS;

    if (recent[place].endpoint && memcmp(&recent[place].key, key, sizeof *key) == 0) {
        return recent[place].endpoint;
    }
    const uint32_t number = crm_idmap_get(&by_key, crm_hash(key, sizeof *key));
    if (number == CRM_IDMAP_NONE) {
        return NULL;
    }
    recent[place].key = *key;
    recent[place].endpoint = (crm_endpoint_t *)crm_store_at(&endpoints, number);
    return recent[place].endpoint;
}

crm_endpoint_t *
crm_endpoint_get(const crm_endpoint_key_t *key)
{
    static const crm_endpoint_t empty = {
        {CRM_NO_HOST, CRM_NO_HOST}, CRM_NO_HOST, CRM_NO_RECORD, {false, false}};
    crm_endpoint_t *endpoint = crm_endpoint_find(key);

    if (endpoint == NULL) {
        const uint32_t number = crm_store_append(&endpoints, &empty);
        crm_idmap_put(&by_key, crm_hash(key, sizeof *key), number);
        endpoint = (crm_endpoint_t *)crm_store_at(&endpoints, number);
    }
    return endpoint;
}

static crm_endpoint_t *
set_host(const crm_endpoint_key_t *key, crm_role_t role, uint32_t host, uint32_t announced_in)
{
    crm_endpoint_t *endpoint = crm_endpoint_get(key);

    if (endpoint->announced_in == CRM_NO_RECORD) {
        endpoint->announced_in = announced_in;
    }
    endpoint->hosts[role] = host;
    return endpoint;
}

/* Routers may be out of sight, so that a datagram to a host is in another VLAN
 * than those that it sends. An address that hosts of several VLANs have tells
 * nothing. */
static void
set_host_for_others(const crm_endpoint_key_t *key, crm_role_t role, uint32_t host, uint32_t announced_in)
{
    crm_endpoint_key_t anywhere = *key;

    anywhere.network = CRM_NETWORK_ANY;
    const crm_endpoint_t *before = crm_endpoint_find(&anywhere);
    const bool is_other = before && before->hosts[role] != CRM_NO_HOST && before->hosts[role] != host;
    set_host(&anywhere, role, host, announced_in)->shared[role] |= is_other;
}

void
crm_endpoint_set_host(const crm_endpoint_key_t *key, crm_role_t role, uint32_t host, uint32_t announced_in)
{
    if (key->network != 0) { /* most captures have no tags, and no second entry of each endpoint */
        set_host_for_others(key, role, host, announced_in);
    }
    set_host(key, role, host, announced_in);
}

static uint32_t
host_at(const crm_endpoint_key_t *key, crm_role_t role)
{
    const crm_endpoint_t *endpoint = crm_endpoint_find(key);

    if (endpoint == NULL || (key->network == CRM_NETWORK_ANY && endpoint->shared[role])) {
        return CRM_NO_HOST;
    }
    return endpoint->hosts[role];
}

static uint32_t
host_in_network(const crm_endpoint_key_t *key, uint16_t network, crm_role_t role)
{
    crm_endpoint_key_t there = *key;

    there.network = network;
    const uint32_t host = host_at(&there, role);
    there.port = 0;
    return host == CRM_NO_HOST && key->port ? host_at(&there, role) : host;
}

/* Of whatever network: in any that has a tag, and in the one that has none. Where two hosts are, neither. */
static uint32_t
host_anywhere(const crm_endpoint_key_t *key, crm_role_t role)
{
    const uint32_t tagged = host_in_network(key, CRM_NETWORK_ANY, role),
                   untagged = host_in_network(key, 0, role);

    if (tagged == CRM_NO_HOST || untagged == CRM_NO_HOST) {
        return tagged == CRM_NO_HOST ? untagged : tagged;
    }
    return tagged == untagged ? tagged : CRM_NO_HOST;
}

static uint32_t
host_of_role(const crm_endpoint_key_t *key, crm_role_t role)
{
    uint16_t near[CRM_MAX_NEAR];
    const unsigned count = crm_networks_near(key->network, near);
    uint32_t host = CRM_NO_HOST;

    for (unsigned i = 0; i < count && host == CRM_NO_HOST; i++) {
        host = near[i] == CRM_NETWORK_ANY ? host_anywhere(key, role) : host_in_network(key, near[i], role);
    }
    return host;
}

uint32_t
crm_endpoint_host(const crm_endpoint_key_t *key, crm_role_t role)
{
    if (role != CRM_ROLE_UNKNOWN) {
        return host_of_role(key, role);
    }
    const uint32_t collector = host_of_role(key, CRM_ROLE_COLLECTOR);
    return collector != CRM_NO_HOST ? collector : host_of_role(key, CRM_ROLE_WORKER);
}

/* Where an endpoint was announced. A wildcard conversation would tell the same, but it would also merge all
 * UDP streams of the endpoint into one. */

static uint32_t
announced_in_network(const crm_endpoint_key_t *key, uint16_t network)
{
    crm_endpoint_key_t there = *key;

    there.network = network;
    const crm_endpoint_t *endpoint = crm_endpoint_find(&there);
    return endpoint ? endpoint->announced_in : CRM_NO_RECORD;
}

static uint32_t
announced_near(const crm_endpoint_key_t *key)
{
    uint16_t near[CRM_MAX_NEAR];
    const unsigned count = crm_networks_near(key->network, near);
    uint32_t record = CRM_NO_RECORD;

    for (unsigned i = 0; i < count && record == CRM_NO_RECORD; i++) {
        record = announced_in_network(key, near[i]);
    }
    if (record == CRM_NO_RECORD && near[count - 1] == CRM_NETWORK_ANY) {
        record = announced_in_network(key, 0);
    }
    return record;
}

static uint32_t
endpoint_announced_in(const packet_info *pinfo, const address *a, uint32_t port)
{
    const crm_endpoint_key_t key = crm_endpoint_key(pinfo, a, port);
    return key.kind && key.port ? announced_near(&key) : CRM_NO_RECORD;
}

/* What the first pass found, if it found it for this very datagram: of a frame
 * that was left out after it, the number may be this frame's now. */
static uint32_t
was_announced_in(const packet_info *pinfo)
{
    const crm_record_t *known = crm_record_find(pinfo);

    return known && (endpoint_announced_in(pinfo, &pinfo->dst, pinfo->destport) == known->announced_in ||
                     endpoint_announced_in(pinfo, &pinfo->src, pinfo->srcport) == known->announced_in)
               ? known->announced_in
               : CRM_NO_RECORD;
}

uint32_t
crm_announced_in(const packet_info *pinfo)
{
    if (!pref_learn_ports || pinfo->flags.in_error_pkt) {
        return CRM_NO_RECORD;
    }
    if (PINFO_FD_VISITED(pinfo)) {
        return was_announced_in(pinfo);
    }
    if (endpoints.count == 0) {
        return CRM_NO_RECORD;
    }
    const uint32_t destination = endpoint_announced_in(pinfo, &pinfo->dst, pinfo->destport);
    return destination != CRM_NO_RECORD ? destination
                                        : endpoint_announced_in(pinfo, &pinfo->src, pinfo->srcport);
}
