/* announcements.c
 * What hosts announce of themselves
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "announcements.h"

#include <string.h>

#include "conflicts.h"
#include "endpoints.h"
#include "hosts.h"
#include "idmap.h"
#include "message/address.h"
#include "message/hash.h"
#include "names.h"
#include "networks.h"
#include "text.h"

/* Characters of each daemon that are kept. */
#define CRM_MAX_DAEMON 64

static crm_idmap_t identities; /* hashes of what makes a host, of a part of it -> host */

/* An announcement */

/* The HostInfo of a message, as far as it says who its host is. */
typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_role_t role;
    const char *name;
    const char *text;           /* the address as sent */
    uint32_t named;             /* the name's number */
    crm_endpoint_key_t address; /* kind 0: not an address that a host can have */
    crm_endpoint_key_t source;
    uint64_t content;
    uint32_t said_in; /* the datagram's record */
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

static uint8_t
announced_type(const crm_message_t *m)
{
    const uint32_t type = crm_message_child(m, m->first[CRM_FIELD_HOST_INFO], CRM_FIELD_HOST_TYPE);
    const int64_t number = type == CRM_NO_NODE ? 0 : m->nodes[type].number;
    return crm_enum_name(CRM_FIELD_HOST_TYPE, number) ? (uint8_t)number : 0;
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

/* A MetricInfo says where a worker's metrics are, and nothing else of what a
 * HostInfo says; until vrmjobs 2.0.1 not even whose they are. */
static bool
is_of_metrics(const announcement_t *a)
{
    return a->m->nodes[a->m->first[CRM_FIELD_HOST_INFO]].class == CRM_CLASS_METRIC_INFO;
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
    a->named = crm_name_get(a->name, a->source.network);
    a->text = text != CRM_NO_NODE ? crm_message_text(m, m->nodes[text].text) : "";
    a->address = text != CRM_NO_NODE && m->nodes[text].value == CRM_VALUE_TEXT
                     ? announced_address(a->text, a->source.network)
                     : (crm_endpoint_key_t){.network = a->source.network};
    if (*a->text == '\0') {
        a->text = address_to_str(a->pinfo->pool, &a->pinfo->src);
    }
}

/* Whom an announced endpoint leads to: the host that announces it, unless another is seen to send from there
 * and this one is not. A wrong address, as a stale or a cloned one, takes nothing away from the machine that
 * has it. */
static uint32_t
host_to_find_at(const crm_endpoint_key_t *key, const announcement_t *a, uint32_t host)
{
    const crm_endpoint_t *endpoint = crm_endpoint_find(key);
    const uint32_t there = endpoint ? endpoint->hosts[a->role] : CRM_NO_HOST;
    const bool is_anothers = there != CRM_NO_HOST && crm_host_sends_from_address(crm_host_at(there), key) &&
                             !crm_host_sends_from_address(crm_host_at(host), key);

    return is_anothers ? there : host;
}

static void
learn_endpoints(const announcement_t *a, uint32_t host)
{
    const crm_message_t *m = a->m;
    const uint32_t info = m->first[CRM_FIELD_HOST_INFO];
    crm_endpoint_key_t key = a->address;
    unsigned count = 0;

    if (key.kind == 0) {
        return;
    }
    crm_endpoint_set_host(&key, a->role, host_to_find_at(&key, a, host), CRM_NO_RECORD);
    for (uint32_t n = info; n < m->nodes[info].next && count < CRM_MAX_ANNOUNCED; n++) {
        if (m->nodes[n].field == CRM_FIELD_PORT && m->nodes[n].value == CRM_VALUE_NUMBER &&
            m->nodes[n].number > 0) {
            key.port = (uint16_t)m->nodes[n].number;
            crm_endpoint_set_host(&key, a->role, host_to_find_at(&key, a, host), a->said_in);
            count++;
        }
    }
}

/* Identities */

/* What two datagrams of one host have in common, or a part of it: members that
 * are not told by are 0. */
typedef struct {
    uint32_t named;
    uint32_t role;
    uint64_t text; /* a hash of an address that is none */
    crm_endpoint_key_t address;
    crm_endpoint_key_t source;
} identity_t;

static uint64_t
key_of(const identity_t *identity)
{
    return crm_hash(identity, sizeof *identity);
}

static identity_t
identity_of_both(const announcement_t *a)
{
    identity_t identity = {.named = a->named, .role = a->role, .address = a->address};

    identity.text = a->address.kind ? 0 : crm_hash(a->text, strlen(a->text));
    identity.address.network = crm_network_name(a->source.network);
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

/* The first host of this name whose address is of this family: one with an
 * IPv4 and an IPv6 address is no contradiction. NULL where nothing is compared. */
static uint32_t *
first_of_name(const announcement_t *a)
{
    if (a->named == CRM_NO_NAME || a->address.kind == 0) {
        return NULL;
    }
    crm_name_t *name = crm_name_at(a->named);
    return a->address.kind == 4 ? &name->first_ipv4 : &name->first_ipv6;
}

/* The first of this name and address: of most names there is only one host. */
static uint32_t
first_of_both(const announcement_t *a)
{
    const uint32_t *first = first_of_name(a);

    if (first && *first != CRM_NO_HOST) {
        const crm_host_t *host = crm_host_at(*first);
        if (host->role == a->role && memcmp(host->announced, a->address.bytes, sizeof host->announced) == 0) {
            return *first;
        }
    }
    const identity_t of_both = identity_of_both(a);
    return crm_idmap_get(&identities, key_of(&of_both));
}

/* The host of this name, address, role, source and network, or CRM_NO_HOST.
 * Most names and addresses are sent from one source: only of the others is
 * each looked up by its source. */
static uint32_t
known_host(const announcement_t *a)
{
    const uint32_t first = first_of_both(a);

    if (first == CRM_NO_HOST || crm_host_sends_from_address(crm_host_at(first), &a->source)) {
        return first;
    }
    const identity_t of_host = identity_of_host(a);
    return crm_idmap_get(&identities, key_of(&of_host));
}

/* Enters a host where known_host() will find it, and where others of its name
 * or address will be compared with it. */
static void
enter_host(const announcement_t *a, uint32_t number)
{
    const uint32_t of_both = first_of_both(a);
    uint32_t *of_name = first_of_name(a);
    const bool is_first_of_name = of_name && *of_name == CRM_NO_HOST;

    if (of_both != CRM_NO_HOST) {
        const identity_t of_host = identity_of_host(a);
        crm_idmap_put(&identities, key_of(&of_host), number);
    } else if (!is_first_of_name) {
        const identity_t identity = identity_of_both(a);
        crm_idmap_put(&identities, key_of(&identity), number);
    }
    if (of_name) {
        crm_endpoint_t *addr = crm_endpoint_get(&a->address);
        addr->first_host = addr->first_host == CRM_NO_HOST ? number : addr->first_host;
        *of_name = is_first_of_name ? number : *of_name;
        const crm_firsts_t firsts = {*of_name, addr->first_host, of_both == CRM_NO_HOST ? number : of_both};
        crm_conflicts_enter(number, &firsts);
    }
}

/* Whether nobody has said who it is, but perhaps where its metrics are. */
static bool
is_unnamed(const crm_host_t *host, const announcement_t *a)
{
    return host->said_in == CRM_NO_RECORD ||
           (host->is_of_metrics && *host->name == '\0' && crm_host_announces(host, &a->address));
}

/* A host that was known by its address only, from datagrams before its first
 * HostInfo in the capture; they may have had another tag than what it sends. */
static uint32_t
unnamed_host_at(const announcement_t *a, const crm_endpoint_key_t *key)
{
    const crm_role_t role = a->role;

    for (unsigned i = 0; key->kind && i < CRM_ROLES; i++) {
        /* What has this role already comes first. */
        const crm_role_t slot = (crm_role_t)((role + i) % CRM_ROLES);
        const uint32_t number = crm_endpoint_host(key, slot);
        const crm_host_t *host = number == CRM_NO_HOST ? NULL : crm_host_at(number);
        if (host && is_unnamed(host, a) && (host->role == role || host->role == CRM_ROLE_UNKNOWN)) {
            if (slot != role) { /* what is there in that role is another host */
                crm_endpoint_get(&host->source)->hosts[slot] = CRM_NO_HOST;
            }
            return number;
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
    number = unnamed_host_at(a, &a->source);
    if (number == CRM_NO_HOST) {
        number = unnamed_host_at(a, &a->address);
    }
    if (number == CRM_NO_HOST) {
        number = crm_host_add(a->role, &a->source, a->name, a->text);
    } else {
        crm_host_set_texts(crm_host_at(number), a->name, a->text);
        crm_host_at(number)->source = a->source;
        crm_host_at(number)->role = (uint8_t)a->role;
    }
    crm_host_t *host = crm_host_at(number);
    host->said_in = a->said_in;
    host->is_of_metrics = is_of_metrics(a);
    host->named = a->named;
    host->announced_kind = a->address.kind;
    memcpy(host->announced, a->address.bytes, sizeof host->announced);
    enter_host(a, number);
    return number;
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

static void
update_host(crm_host_t *host, const announcement_t *a)
{
    const char *daemons = announced_daemons(a);

    host->info = a->content;
    host->host_type = announced_type(a->m);
    if (host->daemons || *daemons) {
        const size_t size = strlen(daemons) + 1;
        host->daemons = (char *)wmem_realloc(wmem_file_scope(), host->daemons, size);
        memcpy(host->daemons, daemons, size);
    }
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

/* Whether it is the host that was found at its source, which may have been entered when its network had
 * another name. */
static bool
is_same_host(const announcement_t *a, const crm_host_t *host)
{
    return host->said_in != CRM_NO_RECORD && host->role == a->role && a->address.kind != 0 &&
           crm_networks_are_one(host->source.network, a->source.network) &&
           crm_host_announces(host, &a->address) && crm_host_sends_from_address(host, &a->source) &&
           (strcmp(host->name, a->name) == 0 || (*a->name == '\0' && is_of_metrics(a)));
}

/* `there`: the host that was found at its source, or CRM_NO_HOST. A MetricInfo
 * takes nothing from what a HostInfo said. */
static uint32_t
learn_host(announcement_t *a, uint32_t there)
{
    read_announcement(a);
    const uint32_t number =
        there != CRM_NO_HOST && is_same_host(a, crm_host_at(there)) ? there : identify_host(a);
    crm_host_t *host = crm_host_at(number);
    const bool is_heard = host->is_of_metrics || !is_of_metrics(a);

    host->is_of_metrics = host->is_of_metrics && is_of_metrics(a);
    if (is_heard && host->info != a->content) {
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
    const bool is_known = host != CRM_NO_HOST && crm_host_at(host)->info == a->content &&
                          crm_host_sends_from_address(crm_host_at(host), &a->source) &&
                          crm_networks_are_one(crm_host_at(host)->source.network, a->source.network);
    return is_known ? host : learn_host(a, host);
}

bool
crm_announces_sender(const crm_message_t *message, const crm_record_t *record)
{
    return crm_record_names_sender(record) && message->first[CRM_FIELD_HOST_INFO] != CRM_NO_NODE;
}

uint32_t
crm_announcement_host(packet_info *pinfo, const crm_message_t *message, uint32_t number)
{
    announcement_t a = {
        .pinfo = pinfo,
        .m = message,
        .role = announced_role(message, crm_record_at(number)->type),
        .source = crm_endpoint_key(pinfo, &pinfo->src, 0),
        .content = crm_record_at(number)->content,
        .said_in = number,
    };
    const uint32_t host = announcing_host(&a);

    crm_conflicts_find(host, number);
    return host;
}

void
crm_announcement_add_source(packet_info *pinfo, const crm_message_t *message, uint32_t host)
{
    announcement_t a = {
        .pinfo = pinfo,
        .m = message,
        .role = (crm_role_t)crm_host_at(host)->role,
        .source = crm_endpoint_key(pinfo, &pinfo->src, 0),
    };

    const bool is_tied = crm_networks_are_one(crm_host_at(host)->source.network, a.source.network);
    crm_networks_tie(crm_host_at(host)->source.network, a.source.network);
    if (is_tied && crm_host_sends_from_address(crm_host_at(host), &a.source)) {
        return;
    }
    read_announcement(&a);
    const identity_t of_host = identity_of_host(&a);
    crm_idmap_put(&identities, key_of(&of_host), host);
    learn_source(&a, host);
}
