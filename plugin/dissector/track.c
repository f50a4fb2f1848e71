/* track.c
 * Who answered whom, which endpoints and names were announced
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "track.h"

#include <arpa/inet.h>
#include <string.h>

#include "idmap.h"
#include "message/hash.h"
#include "message/schema.h"

/* A collector may answer again and again with one id. A RegisterAck is held
 * against this many of those before it and no more, so that a datagram costs
 * the same however long the capture is. */
#define MAX_SAME_ID 16

/* Any sender: the key of a probe whose answer goes to an unexpected address. */
#define ANY_HOST (UINT32_MAX - 1)

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
    uint32_t announced_in; /* a record; CRM_TRACK_NONE: a datagram came from it, but nobody announced it */
    bool shared;           /* several hosts send from this address: the port tells which (NAT) */
} endpoint_t;

/* A worker and a collector. */
typedef struct {
    uint32_t latest_ack;
    uint32_t waiting_ack; /* without RegisterAck; through crm_record_t.previous to the one before */
    uint32_t attempts;    /* since the last success */
} pair_t;

/* What was first said of a name or address, and what contradicts it. */
struct crm_claim {
    const char *value;
    uint32_t said_in; /* a record */
    const char *other;
    uint32_t other_said_in;
};

/* Records do not move: a dissection keeps a pointer to its own. */
#define CHUNK 512
static crm_record_t **chunks;
static uint32_t chunk_capacity, record_count;

static wmem_array_t *hosts;      /* of crm_host_t */
static wmem_map_t *identities;   /* "address\nname" -> host + 1 */
static wmem_map_t *endpoints;    /* endpoint_key_t -> endpoint_t */
static crm_idmap_t by_id;        /* who sent which id to whom -> record */
static crm_idmap_t answers;      /* which host answered which probe, where the id does not tell -> record */
static crm_idmap_t pair_numbers; /* worker and collector -> pair */
static wmem_array_t *pairs;      /* of pair_t */
static wmem_map_t *names;        /* host name, with the family -> crm_claim_t */
static wmem_map_t *addresses;    /* announced address -> crm_claim_t */

#define RECENT_ENDPOINTS 128
static endpoint_t *recent_endpoints[RECENT_ENDPOINTS];

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
    chunks = NULL;
    chunk_capacity = record_count = 0;
    memset(recent_endpoints, 0, sizeof recent_endpoints);
    by_id = answers = pair_numbers = (crm_idmap_t){0};
    pairs = wmem_array_new(wmem_file_scope(), sizeof(pair_t));
    hosts = wmem_array_new(wmem_file_scope(), sizeof(crm_host_t));
}

static wmem_map_t *
new_map(GHashFunc hash, GEqualFunc equal)
{
    return wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash, equal);
}

void
crm_track_register(void)
{
    identities = new_map(wmem_str_hash, g_str_equal);
    endpoints = new_map(hash_endpoint, equal_endpoints);
    names = new_map(wmem_str_hash, g_str_equal);
    addresses = new_map(wmem_str_hash, g_str_equal);
    register_init_routine(begin_file);
}

/* Records */

static crm_record_t *
record(uint32_t number)
{
    return &chunks[number / CHUNK][number % CHUNK];
}

const crm_record_t *
crm_track_record(uint32_t number)
{
    return record(number);
}

const crm_host_t *
crm_track_host(uint32_t number)
{
    return (const crm_host_t *)wmem_array_index(hosts, number);
}

static crm_host_t *
host_at(uint32_t number)
{
    return (crm_host_t *)wmem_array_index(hosts, number);
}

static uint32_t
new_record(void)
{
    if (record_count == chunk_capacity * CHUNK) {
        chunk_capacity = chunk_capacity ? chunk_capacity * 2 : 4;
        chunks = (crm_record_t **)wmem_realloc(wmem_file_scope(), chunks, chunk_capacity * sizeof *chunks);
        memset(chunks + record_count / CHUNK, 0, (chunk_capacity - record_count / CHUNK) * sizeof *chunks);
    }
    if (record_count % CHUNK == 0) {
        chunks[record_count / CHUNK] = wmem_alloc_array(wmem_file_scope(), crm_record_t, CHUNK);
    }
    return record_count++;
}

/* The first pass meets frames in order, so records are sorted. Of several with
 * one number, the last are those of the frame that was kept. */
static const crm_record_t *
find_record(uint32_t frame, uint32_t offset)
{
    uint32_t low = 0, high = record_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (record(middle)->number <= frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low-- > 0 && record(low)->number == frame && record(low)->frame != 0) {
        if (record(low)->offset == offset) {
            return record(low);
        }
    }
    return NULL;
}

/* Whether the first pass comes here twice with one datagram. */
static bool
is_latest(const crm_record_t *r)
{
    const crm_record_t *latest = record_count ? record(record_count - 1) : NULL;
    return latest && latest->number == r->number && latest->offset == r->offset &&
           latest->arrival == r->arrival && latest->content == r->content;
}

/* `tshark -2 -R` leaves a frame out after it was read, and gives its number to
 * the next. What was said in it was said, but there is no frame to name. */
static void
unname_left_out(const crm_record_t *r)
{
    for (uint32_t n = record_count; n-- > 0 && record(n)->number == r->number;) {
        if (record(n)->arrival != r->arrival || record(n)->offset == r->offset) {
            record(n)->frame = 0;
        }
    }
}

static uint32_t
datagram_offset(tvbuff_t *tvb)
{
    return (uint32_t)tvb_raw_offset(tvb);
}

/* Endpoints and hosts */

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
        (key->address[key->length ? key->length - 1 : 0] * 7U + key->port) % RECENT_ENDPOINTS;

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
        endpoint->announced_in = CRM_TRACK_NONE;
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
        .latest_probe = CRM_TRACK_NONE,
    };
    wmem_array_append_one(hosts, host);
    return wmem_array_get_count(hosts) - 1;
}

/* The host behind an endpoint: the one that announced it or sends from it,
 * else the one of its address, else a new one without a name. */
static uint32_t
resolve(packet_info *pinfo, const address *a, uint32_t port)
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

/* The HostInfo of a message, as tracking needs it. */
typedef struct {
    const crm_message_t *m;
    const char *name;
    const char *text;       /* the address as sent */
    endpoint_key_t address; /* length 0: not an address that a host can have */
    uint64_t content;
    uint32_t record; /* of the datagram */
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
announced_address(const char *text, int64_t family)
{
    endpoint_key_t key = {.length = family == CRM_ADDRESS_IPV4 ? 4 : family == CRM_ADDRESS_IPV6 ? 16 : 0};
    char buffer[INET6_ADDRSTRLEN];

    if (key.length) {
        g_strlcpy(buffer, text, MIN(sizeof buffer, strcspn(text, "%") + 1));
        inet_pton(key.length == 4 ? AF_INET : AF_INET6, buffer, key.address);
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
    announcement_t a = {.m = m, .name = "", .text = "", .content = record(number)->content, .record = number};

    if (name != CRM_NO_NODE && m->nodes[name].value == CRM_VALUE_TEXT) {
        a.name = crm_message_text(m, m->nodes[name].text);
    }
    if (text != CRM_NO_NODE) {
        a.text = crm_message_text(m, m->nodes[text].text);
        a.address = announced_address(a.text, m->nodes[text].number);
    }
    return a;
}

static void
learn_port(const announcement_t *a, uint32_t host, int64_t port, bool learn_ports)
{
    endpoint_key_t key = a->address;

    key.port = (uint16_t)port;
    endpoint_t *endpoint = set_endpoint(&key, host);
    if (learn_ports && endpoint->announced_in == CRM_TRACK_NONE) {
        endpoint->announced_in = a->record;
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

static crm_claim_t *
get_claim(wmem_map_t *map, const char *key)
{
    crm_claim_t *claim = (crm_claim_t *)wmem_map_lookup(map, key);

    if (claim == NULL) {
        claim = wmem_new0(wmem_file_scope(), crm_claim_t);
        wmem_map_insert(map, wmem_strdup(wmem_file_scope(), key), claim);
    }
    return claim;
}

/* Names and addresses are held against each other within one family: a host
 * with an IPv4 and an IPv6 address is no contradiction. */
static void
open_claims(packet_info *pinfo, crm_host_t *host, const announcement_t *a)
{
    if (*a->name && a->address.length) {
        host->name_claim =
            get_claim(names, wmem_strdup_printf(pinfo->pool, "%u%s", a->address.length, a->name));
        host->address_claim = get_claim(addresses, a->text);
    }
}

/* The record that contradicts this value, which `number` says, or none. */
static uint32_t
hold_against(crm_claim_t *claim, const char *value, uint32_t number)
{
    if (claim->value == NULL) {
        claim->value = value;
        claim->said_in = number;
        return CRM_TRACK_NONE;
    }
    if (strcmp(claim->value, value) == 0) {
        return claim->other ? claim->other_said_in : CRM_TRACK_NONE;
    }
    if (claim->other == NULL) {
        claim->other = value;
        claim->other_said_in = number;
    }
    return claim->said_in;
}

static void
find_conflict(const crm_host_t *host, uint32_t number)
{
    crm_record_t *r = record(number);

    if (host->name_claim == NULL) {
        return;
    }
    const uint32_t by_name = hold_against(host->name_claim, host->address, number);
    const uint32_t by_address = hold_against(host->address_claim, host->name, number);
    if (by_name != CRM_TRACK_NONE) {
        r->flags |= CRM_TRACK_NAME_CONFLICT;
        r->conflict = by_name;
    } else if (by_address != CRM_TRACK_NONE) {
        r->flags |= CRM_TRACK_ADDRESS_CONFLICT;
        r->conflict = by_address;
    }
}

/* A host that was known by its address only, from datagrams before its first
 * HostInfo in the capture. */
static uint32_t
unnamed_host_at(const endpoint_key_t *key)
{
    const endpoint_t *endpoint = key->length ? find_endpoint(key) : NULL;
    return endpoint && !host_at(endpoint->host)->announced ? endpoint->host : CRM_TRACK_NONE;
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
    if (host == CRM_TRACK_NONE) {
        host = unnamed_host_at(&a->address);
    }
    if (host == CRM_TRACK_NONE) {
        host = new_host(a->name, text);
    } else {
        host_at(host)->name = wmem_strdup(wmem_file_scope(), a->name);
        host_at(host)->address = wmem_strdup(wmem_file_scope(), text);
    }
    wmem_map_insert(identities, wmem_strdup(wmem_file_scope(), identity), GUINT_TO_POINTER(host + 1));
    host_at(host)->announced = true;
    open_claims(pinfo, host_at(host), a);
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

    update_host(host_at(host), a);
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
    crm_record_t *r = record(number);
    endpoint_key_t source = endpoint_key(&pinfo->src, 0);
    const endpoint_t *endpoint = find_endpoint(&source);

    if (endpoint && !endpoint->shared && host_at(endpoint->host)->info == r->content) {
        return endpoint->host;
    }
    source.port = (uint16_t)pinfo->srcport;
    endpoint = endpoint ? find_endpoint(&source) : NULL;
    if (endpoint && host_at(endpoint->host)->info == r->content) {
        return endpoint->host;
    }
    const announcement_t a = read_announcement(m, number);
    r->flags |= CRM_TRACK_NEWS;
    return learn_host(pinfo, &a, learn_ports);
}

/* The dialogue */

/* One key of a kind of datagram and its id, which is a seeded hash itself, of
 * a host and of whom it talks with. What a worker and a collector say under one
 * id differs in the upper half and the last two bits only, so that idmap.c has
 * it side by side: of a long capture, each look-up elsewhere waits for memory. */
static uint64_t
id_key(uint8_t kind, uint64_t id, uint32_t host, uint32_t peer)
{
    const uint64_t place = id ^ ((uint64_t)host + 1) * UINT64_C(0x9e3779b97f4a7c15);
    const uint32_t rest = (peer + 1) * 0xc2b2ae3dU ^ kind * 0x165667b1U;

    return (place ^ (uint64_t)rest << 32) - place % 4 + kind % 4;
}

/* One key of two numbers of ours, which no sender chooses. Different pairs have
 * different keys. */
static uint64_t
number_key(uint32_t a, uint32_t b)
{
    const uint64_t product = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);
    return product ^ product >> 32;
}

static pair_t *
get_pair(uint32_t worker, uint32_t collector)
{
    const uint64_t key = number_key(worker, collector);
    uint32_t number = crm_idmap_get(&pair_numbers, key);

    if (number == CRM_IDMAP_NONE) {
        const pair_t pair = {.latest_ack = CRM_TRACK_NONE, .waiting_ack = CRM_TRACK_NONE};
        number = wmem_array_get_count(pairs);
        wmem_array_append_one(pairs, pair);
        crm_idmap_put(&pair_numbers, key, number);
    }
    return (pair_t *)wmem_array_index(pairs, number);
}

/* The datagram at hand while it is tracked. */
typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_record_t *r;
    uint32_t number;
    uint64_t key; /* see enter_id() */
    bool has_id;
} datagram_t;

/* Enters the datagram under its id_key(). Returns the record that stood there. */
static uint32_t
enter_id(datagram_t *d, uint32_t host, uint32_t peer)
{
    d->key = id_key(d->r->type, d->r->id, host, peer);
    return d->has_id ? crm_idmap_put(&by_id, d->key, d->number) : CRM_TRACK_NONE;
}

static uint32_t
find_id(const datagram_t *d, uint8_t type, uint32_t host)
{
    return d->has_id ? crm_idmap_get(&by_id, id_key(type, d->r->id, host, CRM_TRACK_NONE)) : CRM_TRACK_NONE;
}

static bool
is_same(const datagram_t *d, uint32_t before)
{
    return before != CRM_TRACK_NONE && record(before)->content == d->r->content;
}

/* The same, of RegisterAcks: those of a worker's attempts may all have one id.
 * From each, crm_record_t.previous leads to the one before. */
static uint32_t
same_register_ack(const datagram_t *d, uint32_t before)
{
    d->r->previous = before;
    for (int i = 0; i < MAX_SAME_ID && before != CRM_TRACK_NONE && !is_same(d, before); i++) {
        before = record(before)->previous;
    }
    return is_same(d, before) ? before : CRM_TRACK_NONE;
}

/* What stood under the key, `before`, keeps its place. */
static void
set_duplicate(const datagram_t *d, uint32_t original, uint32_t before)
{
    crm_idmap_put(&by_id, d->key, before);
    d->r->original = original;
    d->r->request = record(original)->request;
    d->r->count = record(original)->count;
}

static void
set_request(const datagram_t *d, uint32_t request)
{
    crm_record_t *asked = record(request);

    d->r->request = request;
    if (asked->first_answer == CRM_TRACK_NONE) {
        asked->first_answer = d->number;
    } else {
        record(asked->last_answer)->next_answer = d->number;
    }
    asked->last_answer = d->number;
}

/* An id that comes again is the wire's doing as long as the collector has not
 * sent another probe since; after that it is the collector's: it restarted. */
static void
track_probe_init(datagram_t *d)
{
    crm_host_t *collector = host_at(d->r->sender);

    const uint32_t before = enter_id(d, d->r->sender, CRM_TRACK_NONE);
    if (is_same(d, before) && before == collector->latest_probe) {
        set_duplicate(d, before, before);
        return;
    }
    d->r->previous = collector->latest_probe;
    if (d->r->previous != CRM_TRACK_NONE) {
        crm_record_t *previous = record(d->r->previous);
        previous->next = d->number;
        previous->flags |= previous->count == 0 ? CRM_TRACK_NO_ANSWER : 0;
    }
    collector->latest_probe = d->number;
    if (d->has_id) {
        crm_idmap_put(&by_id, id_key(CRM_PROBE_INIT, d->r->id, ANY_HOST, CRM_TRACK_NONE), d->number);
    }
}

/* This host's answer to a probe: with the probe's own id, or one that fell
 * back on it. */
static uint32_t
find_answer(uint32_t probe, uint32_t worker)
{
    const uint64_t own = id_key(CRM_PROBE_ACK, record(probe)->id, worker, CRM_TRACK_NONE);
    const uint32_t ack = crm_idmap_get(&by_id, own);

    return ack != CRM_TRACK_NONE && record(ack)->request == probe
               ? ack
               : crm_idmap_get(&answers, number_key(probe, worker));
}

/* The probe with the answer's id: of the collector that it goes to, or of any. */
static uint32_t
probe_with_id(const datagram_t *d)
{
    const uint32_t probe = find_id(d, CRM_PROBE_INIT, d->r->receiver);
    return probe != CRM_TRACK_NONE ? probe : find_id(d, CRM_PROBE_INIT, ANY_HOST);
}

/* Each answer has, as its `count`, a probe before the one that it answers such
 * that its host answered all between. A search leaves these pointing further
 * back, so that what it passed is not met one by one again. */
static uint32_t
latest_unanswered_probe(const datagram_t *d)
{
    uint32_t probe = host_at(d->r->receiver)->latest_probe, answer;

    while (probe != CRM_TRACK_NONE && (answer = find_answer(probe, d->r->sender)) != CRM_TRACK_NONE) {
        probe = record(answer)->count;
        const uint32_t next = probe == CRM_TRACK_NONE ? CRM_TRACK_NONE : find_answer(probe, d->r->sender);
        if (next != CRM_TRACK_NONE) {
            record(answer)->count = record(next)->count;
        }
    }
    return probe;
}

static void
answer_probe(const datagram_t *d, uint32_t probe, bool first)
{
    set_request(d, probe);
    d->r->receiver = record(probe)->sender;
    d->r->count = record(probe)->previous;
    record(probe)->count += first;
}

/* The ids tell. A host that answers a probe twice, with different contents, is
 * still one host. `before`: what had the answer's id until now. */
static void
answer_by_id(const datagram_t *d, uint32_t probe, uint32_t before)
{
    const bool again = before != CRM_TRACK_NONE && record(before)->request == probe;
    const bool by_order =
        answers.count && crm_idmap_get(&answers, number_key(probe, d->r->sender)) != CRM_IDMAP_NONE;

    answer_probe(d, probe, !again && !by_order);
    if (before != CRM_TRACK_NONE && !again && record(before)->request != CRM_TRACK_NONE) {
        crm_idmap_put(&answers, number_key(record(before)->request, d->r->sender), before);
    }
}

/* The ids do not tell: the order does. */
static void
answer_by_order(const datagram_t *d)
{
    const uint32_t probe = latest_unanswered_probe(d);

    if (probe != CRM_TRACK_NONE) {
        answer_probe(d, probe, true);
        crm_idmap_put(&answers, number_key(probe, d->r->sender), d->number);
    }
}

/* The ProbeAck now waits for its RegisterAck. */
static void
wait_for_register_ack(const datagram_t *d)
{
    pair_t *pair = get_pair(d->r->sender, d->r->receiver);

    if (pair->latest_ack != CRM_TRACK_NONE) {
        crm_record_t *before = record(pair->latest_ack);
        before->next = d->number;
        before->flags |= before->first_answer == CRM_TRACK_NONE ? CRM_TRACK_NO_ANSWER : 0;
    }
    d->r->previous = pair->waiting_ack;
    pair->latest_ack = pair->waiting_ack = d->number;
}

/* The key of a ProbeAck when its host sent one with the same id to another
 * collector too. */
static uint64_t
ack_key(const datagram_t *d, uint32_t worker, uint32_t collector)
{
    return id_key(CRM_PROBE_ACK, d->r->id, worker, collector);
}

/* Of ProbeAcks with one id, the one to this collector, where `latest` is the
 * latest of them and to another. */
static uint32_t
ack_to(const datagram_t *d, uint32_t latest, uint32_t worker, uint32_t collector)
{
    return latest == CRM_TRACK_NONE || record(latest)->receiver == collector
               ? latest
               : crm_idmap_get(&by_id, ack_key(d, worker, collector));
}

static void
track_probe_ack(datagram_t *d)
{
    d->r->receiver = resolve(d->pinfo, &d->pinfo->dst, d->pinfo->destport);

    const uint32_t probe = probe_with_id(d), latest = enter_id(d, d->r->sender, CRM_TRACK_NONE);
    d->r->receiver = probe == CRM_TRACK_NONE ? d->r->receiver : record(probe)->sender;
    const uint32_t before = ack_to(d, latest, d->r->sender, d->r->receiver);
    if (is_same(d, before) && (probe == CRM_TRACK_NONE || record(before)->request == probe)) {
        set_duplicate(d, before, latest);
        return;
    }
    if (latest != before) {
        crm_idmap_put(&by_id, ack_key(d, d->r->sender, record(latest)->receiver), latest);
        crm_idmap_put(&by_id, ack_key(d, d->r->sender, d->r->receiver), d->number);
    }
    if (probe != CRM_TRACK_NONE) {
        answer_by_id(d, probe, latest);
    } else {
        answer_by_order(d);
    }
    wait_for_register_ack(d);
}

/* Answered ones are taken off for good, so each is met here once. */
static uint32_t
latest_waiting_ack(pair_t *pair)
{
    while (pair->waiting_ack != CRM_TRACK_NONE && record(pair->waiting_ack)->first_answer != CRM_TRACK_NONE) {
        pair->waiting_ack = record(pair->waiting_ack)->previous;
    }
    return pair->waiting_ack;
}

static void
count_attempt(const datagram_t *d, pair_t *pair)
{
    const uint32_t status = d->m->first[CRM_FIELD_STATUS];

    if (status != CRM_NO_NODE) {
        d->r->count = ++pair->attempts;
        pair->attempts = d->m->nodes[status].number ? 0 : pair->attempts;
    }
}

static void
track_register_ack(datagram_t *d)
{
    d->r->sender = resolve(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    d->r->receiver = resolve(d->pinfo, &d->pinfo->dst, d->pinfo->destport);
    const uint32_t latest = find_id(d, CRM_PROBE_ACK, d->r->receiver);
    uint32_t ack = ack_to(d, latest, d->r->receiver, d->r->sender);

    ack = ack == CRM_TRACK_NONE ? latest : ack;
    if (ack != CRM_TRACK_NONE) {
        d->r->sender = record(ack)->receiver;
    }
    const uint32_t before = enter_id(d, d->r->receiver, d->r->sender), same = same_register_ack(d, before);
    if (same != CRM_TRACK_NONE && (ack == CRM_TRACK_NONE || record(same)->request == ack)) {
        set_duplicate(d, same, before);
        return;
    }
    pair_t *pair = get_pair(d->r->receiver, d->r->sender);
    if (ack == CRM_TRACK_NONE) {
        ack = latest_waiting_ack(pair);
    }
    if (ack != CRM_TRACK_NONE) {
        set_request(d, ack);
    }
    count_attempt(d, pair);
}

/* QueryAck and MetricInit have no answer, but may come twice. */
static void
track_other(datagram_t *d)
{
    if (d->r->sender == CRM_TRACK_NONE) {
        d->r->sender = resolve(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    }
    d->r->receiver = resolve(d->pinfo, &d->pinfo->dst, d->pinfo->destport);
    const uint32_t before = enter_id(d, d->r->sender, d->r->receiver);
    if (is_same(d, before)) {
        set_duplicate(d, before, before);
    }
}

static uint32_t
message_type(const crm_message_t *m)
{
    const uint32_t type = m->first[CRM_FIELD_TYPE];

    if (m->doc.status != CRM_JSON_OK || m->cut || m->class == CRM_CLASS_NONE) {
        return 0;
    }
    if (type != CRM_NO_NODE && crm_enum_name(CRM_FIELD_TYPE, m->nodes[type].number)) {
        return (uint32_t)m->nodes[type].number;
    }
    return crm_class_packet_type(m->class);
}

/* Of two datagrams with the same type and id, the info tells whether they are
 * the same; a message without info is taken as a whole. */
static uint64_t
hash_content(const crm_message_t *m)
{
    const uint32_t host = m->first[CRM_FIELD_HOST_INFO], reg = m->first[CRM_FIELD_REGISTER_INFO];
    const crm_node_t *part = &m->nodes[host != CRM_NO_NODE ? host : reg != CRM_NO_NODE ? reg : 0];

    return crm_fingerprint(m->doc.data + part->start, part->end - part->start);
}

static crm_record_t
empty_record(tvbuff_t *tvb, packet_info *pinfo, const crm_message_t *m)
{
    return (crm_record_t){
        .content = hash_content(m),
        .arrival = (int64_t)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs,
        .frame = pinfo->num,
        .number = pinfo->num,
        .offset = datagram_offset(tvb),
        .sender = CRM_TRACK_NONE,
        .receiver = CRM_TRACK_NONE,
        .request = CRM_TRACK_NONE,
        .original = CRM_TRACK_NONE,
        .first_answer = CRM_TRACK_NONE,
        .last_answer = CRM_TRACK_NONE,
        .next_answer = CRM_TRACK_NONE,
        .previous = CRM_TRACK_NONE,
        .next = CRM_TRACK_NONE,
        .announced_in = CRM_TRACK_NONE,
        .conflict = CRM_TRACK_NONE,
        .type = (uint8_t)message_type(m),
    };
}

static void
track_dialogue(datagram_t *d, bool learn_ports)
{
    if (d->r->type != CRM_REG_ACK && d->m->first[CRM_FIELD_HOST_INFO] != CRM_NO_NODE) {
        d->r->sender = announcing_host(d->pinfo, d->m, d->number, learn_ports);
        find_conflict(host_at(d->r->sender), d->number);
    } else if (d->r->type == CRM_PROBE_INIT || d->r->type == CRM_PROBE_ACK) {
        d->r->sender = resolve(d->pinfo, &d->pinfo->src, d->pinfo->srcport);
    }
    switch (d->r->type) {
    case CRM_PROBE_INIT:
        track_probe_init(d);
        break;
    case CRM_PROBE_ACK:
        track_probe_ack(d);
        break;
    case CRM_REG_ACK:
        track_register_ack(d);
        break;
    default:
        track_other(d);
        break;
    }
}

const crm_record_t *
crm_track(tvbuff_t *tvb, packet_info *pinfo, const crm_message_t *message, uint32_t announced_in,
          bool learn_ports)
{
    const uint32_t id = message->first[CRM_FIELD_ID];

    if (PINFO_FD_VISITED(pinfo)) {
        return find_record(pinfo->num, datagram_offset(tvb));
    }
    const crm_record_t empty = empty_record(tvb, pinfo, message);
    if (is_latest(&empty)) {
        return record(record_count - 1);
    }
    unname_left_out(&empty);
    const uint32_t number = new_record();
    crm_record_t *r = record(number);
    *r = empty;
    r->announced_in = announced_in;
    if (r->type) {
        datagram_t d = {.pinfo = pinfo, .m = message, .r = r, .number = number, .has_id = id != CRM_NO_NODE};
        if (d.has_id) {
            const char *text = crm_message_text(message, message->nodes[id].text);
            r->id = crm_hash(text, strlen(text));
        }
        track_dialogue(&d, learn_ports);
    }
    return r;
}

bool
crm_track_is_elsewhere(const crm_record_t *r, const packet_info *pinfo)
{
    const bool announces =
        r->type == CRM_PROBE_INIT || r->type == CRM_PROBE_ACK || r->type == CRM_METRIC_INIT;

    if (!announces || r->sender == CRM_TRACK_NONE) {
        return false;
    }
    const crm_host_t *host = crm_track_host(r->sender);
    return host->length &&
           (host->length != pinfo->src.len || memcmp(host->bytes, pinfo->src.data, host->length) != 0);
}

static uint32_t
endpoint_announced_in(const address *a, uint32_t port)
{
    const endpoint_key_t key = endpoint_key(a, port);
    const endpoint_t *endpoint = find_endpoint(&key);
    return endpoint ? endpoint->announced_in : CRM_TRACK_NONE;
}

/* What the first pass found, if it found it for this very datagram: of a frame
 * that was left out after it, the number may be this frame's now. */
static uint32_t
was_announced_in(tvbuff_t *tvb, const packet_info *pinfo)
{
    const crm_record_t *known = find_record(pinfo->num, datagram_offset(tvb));

    return known && (endpoint_announced_in(&pinfo->dst, pinfo->destport) == known->announced_in ||
                     endpoint_announced_in(&pinfo->src, pinfo->srcport) == known->announced_in)
               ? known->announced_in
               : CRM_TRACK_NONE;
}

uint32_t
crm_track_announced_in(tvbuff_t *tvb, packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo)) {
        return was_announced_in(tvb, pinfo);
    }
    if (wmem_map_size(endpoints) == 0) {
        return CRM_TRACK_NONE;
    }
    const uint32_t destination = endpoint_announced_in(&pinfo->dst, pinfo->destport);
    return destination != CRM_TRACK_NONE ? destination : endpoint_announced_in(&pinfo->src, pinfo->srcport);
}
