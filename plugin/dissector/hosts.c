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

#include "idmap.h"
#include "message/address.h"
#include "message/hash.h"
#include "networks.h"
#include "store.h"
#include "text.h"

/* Bytes of a host's name and address that are kept: more than DNS allows. */
#define CRM_MAX_HOST_TEXT 255

/* Characters of each daemon that are kept. */
#define CRM_MAX_DAEMON 64

static crm_store_t hosts;      /* of crm_host_t */
static GStringChunk *texts;    /* their names and addresses: most are shorter than what wmem adds to each */
static crm_idmap_t identities; /* hashes of what makes a host, of parts of it -> host */

static void
begin_file(void)
{
    hosts = (crm_store_t){.size = sizeof(crm_host_t)};
    texts = g_string_chunk_new(4096);
}

static void
end_file(void)
{
    g_string_chunk_free(texts);
}

void
crm_hosts_register(void)
{
    crm_endpoints_register();
    register_init_routine(begin_file);
    register_cleanup_routine(end_file);
}

crm_host_t *
crm_host_at(uint32_t number)
{
    return (crm_host_t *)crm_store_at(&hosts, number);
}

/* A sender's text of any length, or the beginning of it. */
static const char *
keep_text(const char *text)
{
    size_t length = strlen(text);

    if (length <= CRM_MAX_HOST_TEXT) {
        return g_string_chunk_insert_len(texts, text, (gssize)length);
    }
    for (length = CRM_MAX_HOST_TEXT; (text[length] & 0xc0) == 0x80; length--) {
    }
    char *cut = g_strdup_printf("%.*s\u2026", (int)length, text);
    const char *kept = g_string_chunk_insert(texts, cut);
    g_free(cut);
    return kept;
}

static uint32_t
new_host(crm_role_t role, const crm_endpoint_key_t *source, const char *name, const char *addr)
{
    const crm_host_t host = {
        .name = *name ? keep_text(name) : "",
        .address = keep_text(addr),
        .source = *source,
        .latest_probe = CRM_NO_RECORD,
        .said_in = CRM_NO_RECORD,
        .other_address_in = CRM_NO_RECORD,
        .other_name_in = CRM_NO_RECORD,
        .other_source_in = CRM_NO_RECORD,
        .first_of_name = CRM_NO_HOST,
        .first_of_address = CRM_NO_HOST,
        .first_of_both = CRM_NO_HOST,
        .first_pair = CRM_NO_PAIR,
        .role = (uint8_t)role,
    };
    return crm_store_append(&hosts, &host);
}

uint32_t
crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port, crm_role_t role)
{
    crm_endpoint_key_t key = crm_endpoint_key(pinfo, a, port);
    uint32_t host = key.kind ? crm_endpoint_host(&key, role) : CRM_NO_HOST;

    if (host == CRM_NO_HOST && key.kind) {
        key.port = 0;
        host = new_host(role, &key, "", address_to_str(pinfo->pool, a));
        crm_endpoint_set_host(&key, role == CRM_ROLE_UNKNOWN ? CRM_ROLE_WORKER : role, host, CRM_NO_RECORD);
    }
    return host;
}

/* Announcements */

/* The HostInfo of a message, as far as it says who its host is. */
typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_role_t role;
    const char *name;
    const char *text;           /* the address as sent */
    crm_endpoint_key_t address; /* kind 0: not an address that a host can have */
    crm_endpoint_key_t source;
    uint64_t content;
    uint32_t said_in; /* the datagram's record */
    bool learn_ports;
} announcement_t;

static bool
is_a_hosts_address(const crm_endpoint_key_t *key)
{
    static const uint8_t zeros[16];

    if (memcmp(key->bytes, zeros, sizeof zeros) == 0) {
        return false;
    }
    return key->kind == 4 ? (key->bytes[0] & 0xf0) != 0xe0 && memcmp(key->bytes, "\xff\xff\xff\xff", 4) != 0
                          : key->bytes[0] != 0xff;
}

static crm_endpoint_key_t
announced_address(const char *text, uint16_t network)
{
    crm_endpoint_key_t key = {.network = network};
    crm_address_t addr;

    if (crm_address_read(text, &addr)) {
        key.kind = (uint8_t)addr.canonical_family;
        memcpy(key.bytes, addr.canonical, sizeof key.bytes);
        if (!is_a_hosts_address(&key)) {
            key = (crm_endpoint_key_t){.network = network};
        }
    }
    return key;
}

static uint32_t
announced_type(const crm_message_t *m)
{
    const uint32_t type = crm_message_child(m, m->first[CRM_FIELD_HOST_INFO], CRM_FIELD_HOST_TYPE);
    return type == CRM_NO_NODE ? 0 : (uint32_t)m->nodes[type].number;
}

/* Who probes is a collector, and who answers a probe is none, whatever they
 * say: answers are paired by who does what. */
static crm_role_t
announced_role(const crm_message_t *m, uint8_t type)
{
    if (type == CRM_PROBE_INIT || type == CRM_PROBE_ACK) {
        return type == CRM_PROBE_INIT ? CRM_ROLE_COLLECTOR : CRM_ROLE_WORKER;
    }
    return announced_type(m) == CRM_COLLECTOR ? CRM_ROLE_COLLECTOR : CRM_ROLE_WORKER;
}

static void
read_announcement(announcement_t *a)
{
    const crm_message_t *m = a->m;
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];
    const uint32_t name = crm_message_child(m, info, CRM_FIELD_HOSTNAME);
    const uint32_t text = crm_message_child(m, info, CRM_FIELD_INET_ADDR);

    a->name = name != CRM_NO_NODE && m->nodes[name].value == CRM_VALUE_TEXT
                  ? crm_message_text(m, m->nodes[name].text)
                  : "";
    a->text = text != CRM_NO_NODE ? crm_message_text(m, m->nodes[text].text) : "";
    a->address = text != CRM_NO_NODE && m->nodes[text].value == CRM_VALUE_TEXT
                     ? announced_address(a->text, a->source.network)
                     : (crm_endpoint_key_t){.network = a->source.network};
    if (*a->text == '\0') {
        a->text = address_to_str(a->pinfo->pool, &a->pinfo->src);
    }
}

static void
learn_endpoints(const announcement_t *a, uint32_t host)
{
    const crm_message_t *m = a->m;
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO],
                   said_in = a->learn_ports ? a->said_in : CRM_NO_RECORD;
    crm_endpoint_key_t key = a->address;
    unsigned count = 0;

    if (key.kind == 0) {
        return;
    }
    crm_endpoint_set_host(&key, a->role, host, CRM_NO_RECORD);
    for (uint32_t n = info; n < m->nodes[info].next && count < CRM_MAX_ANNOUNCED; n++) {
        if (m->nodes[n].field == CRM_FIELD_PORT && m->nodes[n].value == CRM_VALUE_NUMBER &&
            m->nodes[n].number > 0) {
            key.port = (uint16_t)m->nodes[n].number;
            crm_endpoint_set_host(&key, a->role, host, said_in);
            count++;
        }
    }
}

/* Identities */

/* What two datagrams of one host have in common, or a part of it: members that
 * are not told by are 0. */
typedef struct {
    uint64_t name; /* a hash */
    uint64_t text; /* a hash of an address that is none */
    crm_endpoint_key_t address;
    crm_endpoint_key_t source;
} identity_t;

static uint64_t
key_of(const identity_t *identity)
{
    return crm_hash(identity, sizeof *identity);
}

/* Names and addresses are compared within one family: a host with an IPv4 and
 * an IPv6 address is no contradiction. Nor is one in another network. */
static identity_t
identity_of_name(const announcement_t *a)
{
    return (identity_t){.name = crm_hash(a->name, strlen(a->name)),
                        .address = {.network = crm_network_name(a->source.network), .kind = a->address.kind}};
}

static identity_t
identity_of_both(const announcement_t *a)
{
    identity_t identity = identity_of_name(a);

    identity.text = a->address.kind ? 0 : crm_hash(a->text, strlen(a->text));
    memcpy(identity.address.bytes, a->address.bytes, sizeof a->address.bytes);
    identity.address.port = (uint16_t)(1 + a->role);
    return identity;
}

static identity_t
identity_of_host(const announcement_t *a)
{
    identity_t identity = identity_of_both(a);

    identity.source = a->source;
    identity.source.network = 0;
    identity.source.port = 1; /* to send from no address is not the same as not to be asked */
    return identity;
}

static bool
sends_from(const crm_host_t *host, const crm_endpoint_key_t *source)
{
    return host->source.kind == source->kind &&
           memcmp(host->source.bytes, source->bytes, sizeof source->bytes) == 0;
}

/* The host of this name, address, role, source and network, or CRM_NO_HOST.
 * Most names and addresses are sent from one source: only of the others is
 * each looked up by its source. */
static uint32_t
known_host(const announcement_t *a)
{
    const identity_t of_both = identity_of_both(a);
    const uint32_t first = crm_idmap_get(&identities, key_of(&of_both));

    if (first == CRM_IDMAP_NONE || sends_from(crm_host_at(first), &a->source)) {
        return first == CRM_IDMAP_NONE ? CRM_NO_HOST : first;
    }
    const identity_t of_host = identity_of_host(a);
    const uint32_t host = crm_idmap_get(&identities, key_of(&of_host));
    return host == CRM_IDMAP_NONE ? CRM_NO_HOST : host;
}

static uint32_t
first_with(const identity_t *identity, uint32_t host)
{
    const uint32_t first = crm_idmap_get(&identities, key_of(identity));

    if (first != CRM_IDMAP_NONE) {
        return first;
    }
    crm_idmap_put(&identities, key_of(identity), host);
    return host;
}

/* Enters a host, and finds those with which it is compared from now on. */
static void
enter_identities(const announcement_t *a, uint32_t number)
{
    const identity_t of_name = identity_of_name(a), of_both = identity_of_both(a);
    crm_host_t *host = crm_host_at(number);
    const uint32_t first = first_with(&of_both, number);

    if (first != number) {
        const identity_t of_host = identity_of_host(a);
        crm_idmap_put(&identities, key_of(&of_host), number);
    }
    if (*a->name && a->address.kind) {
        crm_endpoint_t *addr = crm_endpoint_get(&a->address);
        if (addr->first_host == CRM_NO_HOST) {
            addr->first_host = number;
        }
        host->first_of_name = first_with(&of_name, number);
        host->first_of_address = addr->first_host;
        host->first_of_both = first;
    }
}

/* A host that was known by its address only, from datagrams before its first
 * HostInfo in the capture. */
static uint32_t
unnamed_host_at(const crm_endpoint_key_t *key, crm_role_t role)
{
    crm_endpoint_t *endpoint = key->kind ? crm_endpoint_find(key) : NULL;

    for (unsigned i = 0; endpoint && i < CRM_ROLES; i++) {
        const unsigned slot = (role + i) % CRM_ROLES; /* what has this role already comes first */
        const uint32_t host = endpoint->hosts[slot];
        if (host != CRM_NO_HOST && crm_host_at(host)->said_in == CRM_NO_RECORD &&
            (crm_host_at(host)->role == role || crm_host_at(host)->role == CRM_ROLE_UNKNOWN)) {
            endpoint->hosts[slot] = CRM_NO_HOST;
            endpoint->hosts[role] = host;
            return host;
        }
    }
    return CRM_NO_HOST;
}

static uint32_t
identify_host(const announcement_t *a)
{
    uint32_t number = known_host(a);

    if (number != CRM_NO_HOST) {
        return number;
    }
    number = unnamed_host_at(&a->source, a->role);
    if (number == CRM_NO_HOST) {
        number = unnamed_host_at(&a->address, a->role);
    }
    if (number == CRM_NO_HOST) {
        number = new_host(a->role, &a->source, a->name, a->text);
    } else {
        crm_host_t *host = crm_host_at(number);
        host->name = keep_text(a->name);
        host->address = keep_text(a->text);
        host->source = a->source;
        host->role = (uint8_t)a->role;
    }
    crm_host_at(number)->said_in = a->said_in;
    enter_identities(a, number);
    return number;
}

/* What contradicts a datagram of `host`, where `first` was the first to
 * announce what they have in common; `other_in` remembers the first datagram
 * that contradicted it, which its own later ones name. */
static uint32_t
contradiction(uint32_t first, bool agrees, uint32_t *other_in, uint32_t said_in)
{
    if (agrees) {
        return *other_in;
    }
    if (*other_in == CRM_NO_RECORD) {
        *other_in = said_in;
    }
    return crm_host_at(first)->said_in;
}

static void
find_conflicts(const crm_host_t *host, uint32_t number)
{
    crm_record_t *r = crm_record_at(number);

    if (host->first_of_both == CRM_NO_HOST) {
        return;
    }
    crm_host_t *named = crm_host_at(host->first_of_name), *there = crm_host_at(host->first_of_address);
    crm_host_t *first = crm_host_at(host->first_of_both);
    const bool same_address = memcmp(named->announced, host->announced, sizeof host->announced) == 0;
    const uint32_t by_name =
        contradiction(host->first_of_name, same_address, &named->other_address_in, number);
    const uint32_t by_address = contradiction(host->first_of_address, strcmp(there->name, host->name) == 0,
                                              &there->other_name_in, number);
    const uint32_t by_source =
        contradiction(host->first_of_both, sends_from(first, &host->source), &first->other_source_in, number);
    r->conflict = by_name != CRM_NO_RECORD ? by_name : by_address != CRM_NO_RECORD ? by_address : by_source;
    r->flags |= by_name != CRM_NO_RECORD      ? CRM_RECORD_NAME_CONFLICT
                : by_address != CRM_NO_RECORD ? CRM_RECORD_ADDRESS_CONFLICT
                : by_source != CRM_NO_RECORD  ? CRM_RECORD_SOURCE_CONFLICT
                                              : 0;
}

static const char *
announced_daemons(const announcement_t *a)
{
    const crm_message_t *m = a->m;
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];
    wmem_strbuf_t *daemons = wmem_strbuf_new(a->pinfo->pool, "");
    unsigned count = 0;

    for (uint32_t n = info; n < m->nodes[info].next && count < CRM_MAX_ANNOUNCED; n++) {
        if (m->nodes[n].field == CRM_FIELD_PORT_INFO && m->nodes[n].text != CRM_NO_TEXT) {
            const char *daemon = crm_message_text(m, m->nodes[n].text);
            wmem_strbuf_append(daemons, count++ ? " " : "");
            wmem_strbuf_append(daemons, crm_text_visible(a->pinfo->pool, daemon, CRM_MAX_DAEMON));
        }
    }
    return wmem_strbuf_get_str(daemons);
}

/* In the room of the text before it, where that is enough: what a host says
 * anew with each datagram must not add up. */
static void
set_daemons(crm_host_t *host, const char *daemons)
{
    const size_t size = strlen(daemons) + 1;

    if (size == 1 && host->daemons == NULL) {
        return;
    }
    if (size > host->daemons_capacity) {
        host->daemons = (char *)wmem_realloc(wmem_file_scope(), host->daemons, size);
        host->daemons_capacity = (uint32_t)size;
    }
    memcpy(host->daemons, daemons, size);
}

static void
update_host(crm_host_t *host, const announcement_t *a)
{
    host->info = a->content;
    host->host_type = announced_type(a->m);
    host->announced_kind = a->address.kind;
    memcpy(host->announced, a->address.bytes, sizeof host->announced);
    set_daemons(host, announced_daemons(a));
}

/* Where the sender of an announcement may be found from now on. */
static void
learn_source(const announcement_t *a, uint32_t host)
{
    crm_endpoint_key_t key = a->source;
    crm_endpoint_t *endpoint = key.kind ? crm_endpoint_find(&key) : NULL;

    if (key.kind == 0) {
        return;
    }
    if (endpoint == NULL || endpoint->hosts[a->role] == CRM_NO_HOST) {
        crm_endpoint_set_host(&key, a->role, host, CRM_NO_RECORD);
        return;
    }
    endpoint->shared[a->role] |= endpoint->hosts[a->role] != host;
    if (endpoint->shared[a->role]) {
        key.port = (uint16_t)a->pinfo->srcport;
        crm_endpoint_set_host(&key, a->role, host, CRM_NO_RECORD);
    }
}

static uint32_t
learn_host(announcement_t *a)
{
    read_announcement(a);
    const uint32_t number = identify_host(a);
    crm_host_t *host = crm_host_at(number);

    if (host->info != a->content) {
        crm_record_at(a->said_in)->flags |= CRM_RECORD_NEWS;
        update_host(host, a);
    }
    learn_endpoints(a, number);
    learn_source(a, number);
    return number;
}

/* The host that sent this HostInfo. The same HostInfo from the same source is
 * known: nothing is learned from it again. */
static uint32_t
announcing_host(announcement_t *a)
{
    const crm_endpoint_t *endpoint = a->source.kind ? crm_endpoint_find(&a->source) : NULL;
    uint32_t host = endpoint ? endpoint->hosts[a->role] : CRM_NO_HOST;

    if (host != CRM_NO_HOST && endpoint->shared[a->role]) {
        crm_endpoint_key_t source = a->source;
        source.port = (uint16_t)a->pinfo->srcport;
        endpoint = crm_endpoint_find(&source);
        host = endpoint ? endpoint->hosts[a->role] : CRM_NO_HOST;
    }
    return host != CRM_NO_HOST && crm_host_at(host)->info == a->content ? host : learn_host(a);
}

uint32_t
crm_host_of_announcement(packet_info *pinfo, const crm_message_t *message, uint32_t number, bool learn_ports)
{
    announcement_t a = {
        .pinfo = pinfo,
        .m = message,
        .role = announced_role(message, crm_record_at(number)->type),
        .source = crm_endpoint_key(pinfo, &pinfo->src, 0),
        .content = crm_record_at(number)->content,
        .said_in = number,
        .learn_ports = learn_ports,
    };
    const uint32_t host = announcing_host(&a);

    find_conflicts(crm_host_at(host), number);
    return host;
}

void
crm_host_sends_from(packet_info *pinfo, const crm_message_t *message, uint32_t host)
{
    announcement_t a = {
        .pinfo = pinfo,
        .m = message,
        .role = (crm_role_t)crm_host_at(host)->role,
        .source = crm_endpoint_key(pinfo, &pinfo->src, 0),
    };

    const bool is_tied =
        crm_network_name(crm_host_at(host)->source.network) == crm_network_name(a.source.network);
    crm_networks_tie(crm_host_at(host)->source.network, a.source.network);
    if (is_tied && sends_from(crm_host_at(host), &a.source)) {
        return;
    }
    read_announcement(&a);
    const identity_t of_host = identity_of_host(&a);
    crm_idmap_put(&identities, key_of(&of_host), host);
    learn_source(&a, host);
}

/* Where an endpoint was announced */

static uint32_t
endpoint_announced_in(const packet_info *pinfo, const address *a, uint32_t port)
{
    const crm_endpoint_key_t key = crm_endpoint_key(pinfo, a, port);
    return key.kind && key.port ? crm_endpoint_announced_in(&key) : CRM_NO_RECORD;
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
crm_host_announced_in(const packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        return was_announced_in(pinfo);
    }
    if (!crm_endpoints_are_known()) {
        return CRM_NO_RECORD;
    }
    const uint32_t destination = endpoint_announced_in(pinfo, &pinfo->dst, pinfo->destport);
    return destination != CRM_NO_RECORD ? destination
                                        : endpoint_announced_in(pinfo, &pinfo->src, pinfo->srcport);
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
    const crm_endpoint_key_t source = crm_endpoint_key(pinfo, &pinfo->src, 0);
    return host->announced_kind && crm_endpoint_is_ip(&source) &&
           (host->announced_kind != source.kind ||
            memcmp(host->announced, source.bytes, sizeof source.bytes) != 0);
}
