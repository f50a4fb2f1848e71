/* hosts.c
 * Hosts: the endpoints from which they talk, and what they announce of themselves
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "hosts.h"

#include <string.h>

#include "message/address.h"
#include "message/hash.h"

/* An address with a port, or with port 0 for the address as such. Unused
 * bytes are 0, so that the whole struct is the key. */
typedef struct {
    uint8_t address[16];
    uint16_t port;
    uint16_t length;
} endpoint_key_t;

typedef struct {
    endpoint_key_t key;
    uint32_t host;
    uint32_t announced_in; /* a record; CRM_NO_RECORD: a datagram came from it, but nobody announced it */
    bool shared;           /* several hosts send from this address: the port tells which (NAT) */
} endpoint_t;

/* What a name or address was first said to belong to, and what contradicts it. */
struct crm_binding {
    const char *value;
    uint32_t said_in; /* a record */
    const char *other;
    uint32_t other_said_in;
};

static wmem_array_t *hosts;    /* of crm_host_t */
static wmem_map_t *identities; /* "address\nname" -> host + 1 */
static wmem_map_t *endpoints;  /* endpoint_key_t -> endpoint_t */
static wmem_map_t *names;      /* host name, with the family -> crm_binding_t */
static wmem_map_t *addresses;  /* announced address -> crm_binding_t */

#define CRM_RECENT_ENDPOINTS 128
static endpoint_t *recent_endpoints[CRM_RECENT_ENDPOINTS];

static guint
hash_endpoint(gconstpointer key)
{
    return (guint)crm_hash(key, sizeof(endpoint_key_t));
}

static gboolean
equal_endpoints(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(endpoint_key_t)) == 0;
}

static void
begin_file(void)
{
    memset(recent_endpoints, 0, sizeof recent_endpoints);
    hosts = wmem_array_new(wmem_file_scope(), sizeof(crm_host_t));
}

static wmem_map_t *
new_map(GHashFunc hash, GEqualFunc equal)
{
    return wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash, equal);
}

void
crm_hosts_register(void)
{
    identities = new_map(wmem_str_hash, g_str_equal);
    endpoints = new_map(hash_endpoint, equal_endpoints);
    names = new_map(wmem_str_hash, g_str_equal);
    addresses = new_map(wmem_str_hash, g_str_equal);
    register_init_routine(begin_file);
}

crm_host_t *
crm_host_at(uint32_t number)
{
    return (crm_host_t *)wmem_array_index(hosts, number);
}

/* Endpoints */

static endpoint_key_t
endpoint_key(const address *a, uint32_t port)
{
    endpoint_key_t key = {.port = (uint16_t)port, .length = (uint16_t)MIN(a->len, 16)};
    memcpy(key.address, a->data, key.length);
    return key;
}

/* Most datagrams are of few endpoints: where one stood last time is looked at
 * first, which spares two hashes a datagram. Endpoints are never removed. */
static endpoint_t *
find_endpoint(const endpoint_key_t *key)
{
    const unsigned place =
        (key->address[key->length ? key->length - 1 : 0] * 7U + key->port) % CRM_RECENT_ENDPOINTS;

    if (recent_endpoints[place] == NULL || !equal_endpoints(&recent_endpoints[place]->key, key)) {
        endpoint_t *endpoint = (endpoint_t *)wmem_map_lookup(endpoints, key);
        if (endpoint == NULL) {
            return NULL;
        }
        recent_endpoints[place] = endpoint;
    }
    return recent_endpoints[place];
}

static endpoint_t *
set_endpoint(const endpoint_key_t *key, uint32_t host)
{
    endpoint_t *endpoint = find_endpoint(key);

    if (endpoint == NULL) {
        endpoint = wmem_new0(wmem_file_scope(), endpoint_t);
        endpoint->key = *key;
        endpoint->announced_in = CRM_NO_RECORD;
        wmem_map_insert(endpoints, &endpoint->key, endpoint);
    }
    endpoint->host = host;
    return endpoint;
}

static uint32_t
new_host(const char *name, const char *text)
{
    const crm_host_t host = {
        .name = wmem_strdup(wmem_file_scope(), name),
        .address = wmem_strdup(wmem_file_scope(), text),
        .daemons = "",
        .latest_probe = CRM_NO_RECORD,
    };
    wmem_array_append_one(hosts, host);
    return wmem_array_get_count(hosts) - 1;
}

uint32_t
crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port)
{
    endpoint_key_t key = endpoint_key(a, port);
    const endpoint_t *endpoint = find_endpoint(&key);

    if (endpoint == NULL) {
        key.port = 0;
        endpoint = find_endpoint(&key);
    }
    if (endpoint == NULL) {
        endpoint = set_endpoint(&key, new_host("", address_to_str(pinfo->pool, a)));
    }
    return endpoint->host;
}

/* Announcements */

/* The HostInfo of a message, as far as it says who its host is. */
typedef struct {
    const crm_message_t *m;
    const char *name;
    const char *text;       /* the address as sent */
    endpoint_key_t address; /* length 0: not an address that a host can have */
    uint64_t content;
    uint32_t said_in; /* the datagram's record */
} announcement_t;

static bool
is_a_hosts_address(const endpoint_key_t *key)
{
    static const uint8_t zeros[16];

    if (memcmp(key->address, zeros, key->length) == 0) {
        return false;
    }
    return key->length == 4
               ? (key->address[0] & 0xf0) != 0xe0 && memcmp(key->address, "\xff\xff\xff\xff", 4) != 0
               : key->address[0] != 0xff;
}

static endpoint_key_t
announced_address(const char *text)
{
    endpoint_key_t key = {0};
    crm_address_t address;

    if (crm_address_read(text, &address)) {
        key.length = crm_address_length(address.family);
        memcpy(key.address, address.bytes, key.length);
        if (!is_a_hosts_address(&key)) {
            key.length = 0;
        }
    }
    return key;
}

static announcement_t
read_announcement(const crm_message_t *m, uint32_t number)
{
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];
    const uint32_t name = crm_message_child(m, info, CRM_FIELD_HOSTNAME);
    const uint32_t text = crm_message_child(m, info, CRM_FIELD_INET_ADDR);
    announcement_t a = {
        .m = m, .name = "", .text = "", .content = crm_record_at(number)->content, .said_in = number};

    if (name != CRM_NO_NODE && m->nodes[name].value == CRM_VALUE_TEXT) {
        a.name = crm_message_text(m, m->nodes[name].text);
    }
    if (text != CRM_NO_NODE) {
        a.text = crm_message_text(m, m->nodes[text].text);
        a.address = m->nodes[text].value == CRM_VALUE_TEXT ? announced_address(a.text) : a.address;
    }
    return a;
}

static void
learn_port(const announcement_t *a, uint32_t host, int64_t port, bool learn_ports)
{
    endpoint_key_t key = a->address;

    key.port = (uint16_t)port;
    endpoint_t *endpoint = set_endpoint(&key, host);
    if (learn_ports && endpoint->announced_in == CRM_NO_RECORD) {
        endpoint->announced_in = a->said_in;
    }
}

static void
learn_endpoints(const announcement_t *a, uint32_t host, bool learn_ports)
{
    const crm_message_t *m = a->m;
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];

    if (a->address.length == 0) {
        return;
    }
    set_endpoint(&a->address, host);
    for (uint32_t n = info + 1; n < m->nodes[info].next; n++) {
        if (m->nodes[n].field == CRM_FIELD_PORT && m->nodes[n].value == CRM_VALUE_NUMBER &&
            m->nodes[n].number > 0) {
            learn_port(a, host, m->nodes[n].number, learn_ports);
        }
    }
}

static crm_binding_t *
get_binding(wmem_map_t *map, const char *key)
{
    crm_binding_t *binding = (crm_binding_t *)wmem_map_lookup(map, key);

    if (binding == NULL) {
        binding = wmem_new0(wmem_file_scope(), crm_binding_t);
        wmem_map_insert(map, wmem_strdup(wmem_file_scope(), key), binding);
    }
    return binding;
}

/* Names and addresses are compared within one family: a host with an IPv4 and
 * an IPv6 address is no contradiction. */
static void
find_bindings(packet_info *pinfo, crm_host_t *host, const announcement_t *a)
{
    if (*a->name && a->address.length) {
        host->of_name =
            get_binding(names, wmem_strdup_printf(pinfo->pool, "%u%s", a->address.length, a->name));
        host->of_address = get_binding(addresses, a->text);
    }
}

/* Binds a value, as record `said_in` has it, and keeps the first value and the
 * first that differs. Returns the record that contradicts, or CRM_NO_RECORD. */
static uint32_t
bind_value(crm_binding_t *binding, const char *value, uint32_t said_in)
{
    if (binding->value == NULL) {
        binding->value = value;
        binding->said_in = said_in;
        return CRM_NO_RECORD;
    }
    if (strcmp(binding->value, value) == 0) {
        return binding->other ? binding->other_said_in : CRM_NO_RECORD;
    }
    if (binding->other == NULL) {
        binding->other = value;
        binding->other_said_in = said_in;
    }
    return binding->said_in;
}

static void
bind_name_and_address(const crm_host_t *host, uint32_t number)
{
    crm_record_t *r = crm_record_at(number);

    if (host->of_name == NULL) {
        return;
    }
    const uint32_t by_name = bind_value(host->of_name, host->address, number);
    const uint32_t by_address = bind_value(host->of_address, host->name, number);
    if (by_name != CRM_NO_RECORD) {
        r->flags |= CRM_RECORD_NAME_CONFLICT;
        r->conflict = by_name;
    } else if (by_address != CRM_NO_RECORD) {
        r->flags |= CRM_RECORD_ADDRESS_CONFLICT;
        r->conflict = by_address;
    }
}

/* A host that was known by its address only, from datagrams before its first
 * HostInfo in the capture. */
static uint32_t
unnamed_host_at(const endpoint_key_t *key)
{
    const endpoint_t *endpoint = key->length ? find_endpoint(key) : NULL;
    return endpoint && !crm_host_at(endpoint->host)->announced ? endpoint->host : CRM_NO_HOST;
}

/* The host of a name and address, which is what makes a host: several may send
 * from one address (NAT), and one may send from several. */
static uint32_t
identify_host(packet_info *pinfo, const announcement_t *a, const endpoint_key_t *source)
{
    const char *text = *a->text ? a->text : address_to_str(pinfo->pool, &pinfo->src);
    const char *identity = wmem_strdup_printf(pinfo->pool, "%s\n%s", text, a->name);
    uint32_t host = GPOINTER_TO_UINT(wmem_map_lookup(identities, identity));

    if (host) {
        return host - 1;
    }
    host = unnamed_host_at(source);
    if (host == CRM_NO_HOST) {
        host = unnamed_host_at(&a->address);
    }
    if (host == CRM_NO_HOST) {
        host = new_host(a->name, text);
    } else {
        crm_host_at(host)->name = wmem_strdup(wmem_file_scope(), a->name);
        crm_host_at(host)->address = wmem_strdup(wmem_file_scope(), text);
    }
    wmem_map_insert(identities, wmem_strdup(wmem_file_scope(), identity), GUINT_TO_POINTER(host + 1));
    crm_host_at(host)->announced = true;
    find_bindings(pinfo, crm_host_at(host), a);
    return host;
}

static const char *
announced_daemons(const crm_message_t *m)
{
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];
    wmem_strbuf_t *daemons = wmem_strbuf_new(wmem_file_scope(), "");

    for (uint32_t n = info + 1; n < m->nodes[info].next; n++) {
        if (m->nodes[n].field == CRM_FIELD_PORT_INFO && m->nodes[n].text != CRM_NO_TEXT) {
            wmem_strbuf_append_printf(daemons, "%s%s", wmem_strbuf_get_len(daemons) ? " " : "",
                                      crm_message_text(m, m->nodes[n].text));
        }
    }
    return wmem_strbuf_finalize(daemons);
}

static uint32_t
announced_type(const crm_message_t *m)
{
    const uint32_t type = crm_message_child(m, m->first[CRM_FIELD_HOST_INFO], CRM_FIELD_HOST_TYPE);
    return type == CRM_NO_NODE ? 0 : (uint32_t)m->nodes[type].number;
}

static void
update_host(crm_host_t *host, const announcement_t *a)
{
    host->info = a->content;
    host->host_type = announced_type(a->m);
    host->daemons = announced_daemons(a->m);
    host->length = (uint8_t)a->address.length;
    memcpy(host->bytes, a->address.address, sizeof host->bytes);
}

static uint32_t
learn_host(packet_info *pinfo, const announcement_t *a, bool learn_ports)
{
    endpoint_key_t source = endpoint_key(&pinfo->src, 0);
    const uint32_t host = identify_host(pinfo, a, &source);

    update_host(crm_host_at(host), a);
    learn_endpoints(a, host, learn_ports);
    endpoint_t *endpoint = find_endpoint(&source);
    if (endpoint == NULL) {
        set_endpoint(&source, host);
        return host;
    }
    endpoint->shared |= endpoint->host != host;
    if (endpoint->shared) {
        source.port = (uint16_t)pinfo->srcport;
        set_endpoint(&source, host);
    }
    return host;
}

/* The host that sent this HostInfo. The same HostInfo from the same source is
 * known: nothing is learned from it again. */
static uint32_t
announcing_host(packet_info *pinfo, const crm_message_t *m, uint32_t number, bool learn_ports)
{
    crm_record_t *r = crm_record_at(number);
    endpoint_key_t source = endpoint_key(&pinfo->src, 0);
    const endpoint_t *endpoint = find_endpoint(&source);

    if (endpoint && !endpoint->shared && crm_host_at(endpoint->host)->info == r->content) {
        return endpoint->host;
    }
    source.port = (uint16_t)pinfo->srcport;
    endpoint = endpoint ? find_endpoint(&source) : NULL;
    if (endpoint && crm_host_at(endpoint->host)->info == r->content) {
        return endpoint->host;
    }
    const announcement_t a = read_announcement(m, number);
    r->flags |= CRM_RECORD_NEWS;
    return learn_host(pinfo, &a, learn_ports);
}

uint32_t
crm_host_of_announcement(packet_info *pinfo, const crm_message_t *message, uint32_t number, bool learn_ports)
{
    const uint32_t host = announcing_host(pinfo, message, number, learn_ports);

    bind_name_and_address(crm_host_at(host), number);
    return host;
}

/* Where an endpoint was announced */

static uint32_t
endpoint_announced_in(const address *a, uint32_t port)
{
    const endpoint_key_t key = endpoint_key(a, port);
    const endpoint_t *endpoint = find_endpoint(&key);
    return endpoint ? endpoint->announced_in : CRM_NO_RECORD;
}

/* What the first pass found, if it found it for this very datagram: of a frame
 * that was left out after it, the number may be this frame's now. */
static uint32_t
was_announced_in(tvbuff_t *tvb, const packet_info *pinfo)
{
    const crm_record_t *known = crm_record_find(tvb, pinfo);

    return known && (endpoint_announced_in(&pinfo->dst, pinfo->destport) == known->announced_in ||
                     endpoint_announced_in(&pinfo->src, pinfo->srcport) == known->announced_in)
               ? known->announced_in
               : CRM_NO_RECORD;
}

uint32_t
crm_host_announced_in(tvbuff_t *tvb, const packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        return was_announced_in(tvb, pinfo);
    }
    if (wmem_map_size(endpoints) == 0) {
        return CRM_NO_RECORD;
    }
    const uint32_t destination = endpoint_announced_in(&pinfo->dst, pinfo->destport);
    return destination != CRM_NO_RECORD ? destination : endpoint_announced_in(&pinfo->src, pinfo->srcport);
}

bool
crm_host_is_elsewhere(const crm_record_t *r, const packet_info *pinfo)
{
    const bool announces =
        r->type == CRM_PROBE_INIT || r->type == CRM_PROBE_ACK || r->type == CRM_METRIC_INIT;

    if (!announces || r->sender == CRM_NO_HOST) {
        return false;
    }
    const crm_host_t *host = crm_host_at(r->sender);
    return host->length &&
           (host->length != pinfo->src.len || memcmp(host->bytes, pinfo->src.data, host->length) != 0);
}
