/* dialogue-items.c
 * What the dialogue tells of a datagram, as generated items and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "dialogue-items.h"

#include <inttypes.h>
#include <wsutil/str_util.h>

#include "answers.h"
#include "copies.h"
#include "hosts.h"
#include "silence.h"
#include "text.h"
#include "traffic.h"
#include "whom.h"

/* Answers to one datagram that are shown, each with its frame. */
#define CRM_MAX_RESPONSES 2048

static int hf_crm_response_in = -1;
static int hf_crm_response_to = -1;
static int hf_crm_response_time = -1;
static int hf_crm_acks = -1;
static int hf_crm_attempt = -1;
static int hf_crm_duplicate_of = -1;
static int hf_crm_announced_in = -1;
static int hf_crm_worker = -1;
static int hf_crm_collector = -1;
static int hf_crm_silent_host = -1;
static int hf_crm_missed_probes = -1;

static gint ett_crm_acks = -1;

static expert_field ei_crm_inet_addr_mismatch = EI_INIT;
static expert_field ei_crm_register_failed = EI_INIT;
static expert_field ei_crm_register_exhausted = EI_INIT;
static expert_field ei_crm_no_response = EI_INIT;
static expert_field ei_crm_no_register = EI_INIT;
static expert_field ei_crm_duplicate = EI_INIT;
static expert_field ei_crm_host_silent = EI_INIT;
static expert_field ei_crm_hostname_conflict = EI_INIT;

/* The item, or NULL without such a frame. */
static proto_item *
add_frame(const crm_dissection_t *d, proto_tree *tree, int hf, uint32_t number)
{
    proto_item *item = NULL;

    if (crm_frame_of(number)) {
        item = proto_tree_add_uint(tree, hf, d->tvb, 0, 0, crm_frame_of(number));
        proto_item_set_generated(item);
    }
    return item;
}

static proto_item *
add_uint(const crm_dissection_t *d, proto_tree *tree, int hf, uint32_t value)
{
    proto_item *item = proto_tree_add_uint(tree, hf, d->tvb, 0, 0, value);

    proto_item_set_generated(item);
    return item;
}

/* " in frame 12" */
static const char *
in_frame(const crm_dissection_t *d, uint32_t number)
{
    return crm_frame_of(number) ? wmem_strdup_printf(d->pinfo->pool, " in frame %u", crm_frame_of(number))
                                : "";
}

/* A host, or the address of a datagram where the dialogue knows none. */
static const char *
label_of(const crm_dissection_t *d, uint32_t host, const address *a)
{
    return host == CRM_NO_HOST && a->type != AT_NONE ? address_to_str(d->pinfo->pool, a)
                                                     : crm_whom_label(d->pinfo->pool, host);
}

static const char *
label_of_sender(const crm_dissection_t *d)
{
    return label_of(d, d->record->sender, &d->pinfo->src);
}

static const char *
label_of_receiver(const crm_dissection_t *d)
{
    return label_of(d, d->record->receiver, &d->pinfo->dst);
}

/* The first item of a field, or else the datagram's. */
static proto_item *
item_of(const crm_dissection_t *d, crm_field_t field, proto_item *item)
{
    return d->items[field] ? d->items[field] : item;
}

/* Whom it is about */

static void
add_name(const crm_dissection_t *d, proto_tree *tree, int hf, const char *name)
{
    if (name) {
        proto_item_set_generated(proto_tree_add_string(tree, hf, d->tvb, 0, 0, name));
    }
}

static void
add_whom(const crm_dissection_t *d, proto_tree *tree)
{
    if (proto_field_is_referenced(tree, hf_crm_worker)) {
        add_name(d, tree, hf_crm_worker, crm_whom_worker(d));
    }
    if (proto_field_is_referenced(tree, hf_crm_collector)) {
        add_name(d, tree, hf_crm_collector, crm_whom_collector(d));
    }
}

/* Answers */

/* "Response In: 9 (worker3)" */
static bool
add_answer(const crm_dissection_t *d, proto_tree *tree, uint32_t number)
{
    proto_item *item = add_frame(d, tree, hf_crm_response_in, number);

    if (item && PTREE_DATA(tree)->visible) {
        const char *name = crm_whom_name(crm_record_at(number)->sender);
        proto_item_append_text(item, " (%s)", crm_text_short(d->pinfo->pool, name, CRM_LABEL_BYTES));
    }
    return item != NULL;
}

static void
add_answers(const crm_dissection_t *d, proto_tree *tree)
{
    unsigned shown = 0, rest = 0;

    if (!proto_field_is_referenced(tree, hf_crm_response_in)) {
        return;
    }
    for (uint32_t n = CRM_NO_RECORD; (n = crm_record_next_answer(d->record, n)) != CRM_NO_RECORD;) {
        if (shown == CRM_MAX_RESPONSES) {
            rest++;
        } else {
            shown += add_answer(d, tree, n);
        }
    }
    if (rest) {
        proto_item *item;
        proto_tree_add_subtree_format(tree, d->tvb, 0, 0, ett_crm_acks, &item, "%u more answer%s", rest,
                                      plurality(rest, "", "s"));
        proto_item_set_generated(item);
    }
}

/* What a duplicate answers, its original tells. */
static void
add_request(const crm_dissection_t *d, proto_tree *tree)
{
    const uint32_t request = crm_record_first(d->record)->request;
    nstime_t elapsed;

    if (request == CRM_NO_RECORD) {
        return;
    }
    add_frame(d, tree, hf_crm_response_to, request);
    if (crm_answer_response_time(d->record, PINFO_FD_VISITED(d->pinfo), &elapsed)) {
        proto_item_set_generated(proto_tree_add_time(tree, hf_crm_response_time, d->tvb, 0, 0, &elapsed));
    }
}

/* Silence */

/* " the probe in frame 12", where it is another than the one that tells of it */
static const char *
before_this_probe(const crm_dissection_t *d)
{
    return PINFO_FD_VISITED(d->pinfo)
               ? ""
               : wmem_strdup_printf(d->pinfo->pool, " the probe%s", in_frame(d, d->record->probe.previous));
}

static void
add_silent_host(const crm_dissection_t *d, proto_tree *tree, uint32_t ack)
{
    const crm_record_t *answer = crm_record_at(ack);
    const char *label = crm_whom_label(d->pinfo->pool, answer->sender);
    const uint32_t probes = d->record->probe.ordinal - answer->probe_ack.ordinal;
    proto_item *item = proto_tree_add_string(tree, hf_crm_silent_host, d->tvb, 0, 0, label);

    proto_item_set_generated(item);
    crm_expert_add(d, item, &ei_crm_host_silent,
                   "%s has not answered since its ProbeAck%s: %u %s by now. Check whether it is up and "
                   "whether the broadcast reaches it",
                   label, in_frame(d, ack), probes, plurality(probes, "probe", "probes"));
}

/* At the next probe, with no field: a filter would find this probe's. */
static void
add_host_silent_before(const crm_dissection_t *d, proto_item *item, uint32_t ack)
{
    crm_expert_add(d, item, &ei_crm_host_silent, "%s did not answer%s",
                   crm_whom_label(d->pinfo->pool, crm_record_at(ack)->sender), before_this_probe(d));
}

static void
add_silent_hosts(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    const crm_record_t *probe = crm_traffic_silent_probe(d->record, d->pinfo);
    const crm_silence_t *silence = probe ? crm_silence_at(probe) : NULL;
    /* One tells the packet list and the file's severity. */
    uint32_t wanted = d->wants_expert_text ? CRM_MAX_SILENT : 1;

    for (uint32_t n = 0; silence && wanted && n < silence->count; n++) {
        if (crm_silence_is_over(silence, n)) {
            continue;
        }
        if (probe == d->record) {
            add_silent_host(d, tree, silence->acks[n]);
        } else {
            add_host_silent_before(d, item, silence->acks[n]);
        }
        wanted--;
    }
    if (silence && silence->rest) {
        crm_expert_add(d, item, &ei_crm_host_silent, "%u more host%s did not answer%s", silence->rest,
                       plurality(silence->rest, "", "s"), before_this_probe(d));
    }
}

/* On the first pass the answers are still to come: nothing is said of them. */
static void
add_acks(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    const crm_record_t *r = d->record;

    if (!PINFO_FD_VISITED(d->pinfo)) {
        add_silent_hosts(d, tree, item);
        return;
    }
    proto_item *acks = add_uint(d, tree, hf_crm_acks, r->probe.hosts);
    const uint32_t silent = crm_silence_count(r);
    if (silent) {
        proto_item_append_text(acks, ", %u silent", silent);
    }
    proto_tree *acks_tree = proto_item_add_subtree(acks, ett_crm_acks);
    add_answers(d, acks_tree);
    add_silent_hosts(d, acks_tree, acks);
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_NO_RESPONSE)) {
        crm_expert_add(d, acks, &ei_crm_no_response,
                       "Nobody answered %s before its next ProbeInit%s: check whether workers are up "
                       "and whether the broadcast reaches them",
                       label_of_sender(d), in_frame(d, r->probe.next));
    }
}

/* Registration */

/* ", 1 retry left" */
static const char *
retries_left(const crm_dissection_t *d)
{
    const uint32_t retries = d->m->first[CRM_FIELD_MAX_RETRIES];

    if (retries == CRM_NO_NODE) {
        return "";
    }
    const int64_t left = d->m->nodes[retries].number;
    return wmem_strdup_printf(d->pinfo->pool, ", %" PRId64 " %s left", left,
                              plurality(left, "retry", "retries"));
}

/* What a RegisterAck says of its worker, and where to look. */
static void
add_register_outcome(const crm_dissection_t *d, proto_item *item)
{
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_REGISTER_EXHAUSTED)) {
        crm_expert_add(d, item_of(d, CRM_FIELD_MAX_RETRIES, item), &ei_crm_register_exhausted,
                       "%s is not registered and has no retry left: it gives up. See the message, and the "
                       "exporters that it announced",
                       label_of_receiver(d));
    } else if (crm_traffic_has(d->traffic, CRM_TRAFFIC_REGISTER_FAILED)) {
        crm_expert_add(d, item_of(d, CRM_FIELD_STATUS, item), &ei_crm_register_failed,
                       "%s is not registered%s: see the message, and the exporters that it announced",
                       label_of_receiver(d), retries_left(d));
    }
}

static void
add_no_register(const crm_dissection_t *d, proto_item *item)
{
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_NO_REGISTER)) {
        crm_expert_add(d, item, &ei_crm_no_register,
                       "%s got no RegisterAck before its next ProbeAck%s: check the collector",
                       label_of_sender(d), in_frame(d, crm_answer_next_ack(d->record)));
    }
}

/* Twice, and elsewhere */

static void
add_duplicate(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_DUPLICATE)) {
        const uint32_t first = crm_record_original(d->record);
        proto_item *original = add_frame(d, tree, hf_crm_duplicate_of, first);
        crm_expert_add(d, original ? original : item, &ei_crm_duplicate,
                       "%s sent this datagram before%s: check for a loop, a mirror port, or a sender "
                       "that repeats itself",
                       label_of_sender(d), in_frame(d, first));
    }
}

/* The address that a host sends from. */
static const char *
source_text(const crm_dissection_t *d, uint32_t number)
{
    const crm_endpoint_key_t *key = &crm_host_at(number)->source;
    address source;

    if (!crm_endpoint_is_ip(key)) {
        return "an unknown address";
    }
    set_address(&source, key->kind == 4 ? AT_IPv4 : AT_IPv6, key->kind == 4 ? 4 : 16, key->bytes);
    return address_to_str(d->pinfo->pool, &source);
}

static void
add_conflict(const crm_dissection_t *d, proto_item *item)
{
    const crm_record_t *r = d->record;
    const bool of_address = r->conflict_kind == CRM_ADDRESS_CONFLICT;
    proto_item *about = item_of(d, of_address ? CRM_FIELD_INET_ADDR : CRM_FIELD_HOSTNAME, item);

    if (!crm_traffic_has(d->traffic, CRM_TRAFFIC_HOSTNAME_CONFLICT)) {
        return;
    }
    if (r->conflict_kind == CRM_SOURCE_CONFLICT) {
        crm_expert_add(d, about, &ei_crm_hostname_conflict,
                       "%s is announced from %s, and from %s%s: give each machine a name and an address "
                       "of its own (some systems have their name stand for 127.0.1.1)",
                       label_of_sender(d), source_text(d, r->sender),
                       source_text(d, crm_record_at(r->conflict)->sender), in_frame(d, r->conflict));
    } else {
        crm_expert_add(d, about, &ei_crm_hostname_conflict,
                       "%s is announced with another %s%s: check which of the two is misconfigured",
                       label_of_sender(d), of_address ? "name" : "address", in_frame(d, r->conflict));
    }
}

static void
add_address_mismatch(const crm_dissection_t *d, proto_item *item)
{
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_INET_ADDR_MISMATCH)) {
        crm_expert_add(d, item_of(d, CRM_FIELD_INET_ADDR, item), &ei_crm_inet_addr_mismatch,
                       "%s sends from %s: check for NAT, or a host with several addresses",
                       label_of_sender(d), address_to_str(d->pinfo->pool, &d->pinfo->src));
    }
}

static void
add_attempt(const crm_dissection_t *d, proto_tree *tree)
{
    const uint32_t attempt = crm_record_first(d->record)->register_ack.attempt;

    if (attempt) {
        add_uint(d, tree, hf_crm_attempt, attempt);
    }
}

/* By its type, what a datagram's own part in the dialogue is. */
static void
add_part(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    const crm_record_t *r = d->record;

    switch ((crm_packet_type_t)r->type) {
    case CRM_PROBE_INIT:
        if (r->original == CRM_NO_RECORD) {
            add_acks(d, tree, item);
        }
        break;
    case CRM_PROBE_ACK:
        add_answers(d, tree);
        if (r->probe_ack.missed) {
            add_uint(d, tree, hf_crm_missed_probes, r->probe_ack.missed);
        }
        add_no_register(d, item);
        break;
    case CRM_REG_ACK:
        add_attempt(d, tree);
        break;
    case CRM_NO_PACKET_TYPE:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        break;
    }
}

void
crm_dialogue_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    const bool is_copy = d->record && crm_copies_is_copy(d->record);

    add_whom(d, tree);
    if (d->record && !is_copy) {
        add_request(d, tree);
        add_part(d, tree, item);
        add_duplicate(d, tree, item);
        add_register_outcome(d, item);
        add_conflict(d, item);
    }
    if (d->record) {
        add_frame(d, tree, hf_crm_announced_in, d->record->announced_in);
        add_address_mismatch(d, item);
    }
}

void
crm_dialogue_items_register(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        {&hf_crm_response_in,
         {"Response In", "crm.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
          "The answer to this datagram is in this frame", HFILL}},
        {&hf_crm_response_to,
         {"Response To", "crm.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
          "This is an answer to the datagram in this frame", HFILL}},
        {&hf_crm_response_time,
         {"Response Time", "crm.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "The time between the request and this answer", HFILL}},
        {&hf_crm_acks,
         {"Acks", "crm.acks", FT_UINT32, BASE_DEC, NULL, 0, "How many different hosts answered this probe",
          HFILL}},
        {&hf_crm_attempt,
         {"Attempt", "crm.attempt", FT_UINT32, BASE_DEC, NULL, 0,
          "Which attempt of this worker this is, counted from its last success", HFILL}},
        {&hf_crm_duplicate_of,
         {"Duplicate Of", "crm.duplicate_of", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV),
          0, "The same datagram was first seen in this frame", HFILL}},
        {&hf_crm_announced_in,
         {"Announced In", "crm.announced_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "The frame whose HostInfo announced the endpoint of this datagram", HFILL}},
        {&hf_crm_worker,
         {"Worker", "crm.worker", FT_STRING, BASE_NONE, NULL, 0, "The worker that this datagram is about",
          HFILL}},
        {&hf_crm_collector,
         {"Collector", "crm.collector", FT_STRING, BASE_NONE, NULL, 0,
          "The collector that this datagram is about", HFILL}},
        {&hf_crm_silent_host,
         {"Silent Host", "crm.silent_host", FT_STRING, BASE_NONE, NULL, 0,
          "This host had answered the collector before, and did not answer this probe", HFILL}},
        {&hf_crm_missed_probes,
         {"Missed Probes", "crm.missed_probes", FT_UINT32, BASE_DEC, NULL, 0,
          "How many probes of this collector the host let pass since its answer before", HFILL}},
    };
    static gint *ett[] = {&ett_crm_acks};
    static ei_register_info ei[] = {
        {&ei_crm_inet_addr_mismatch,
         {"crm.inet_addr_mismatch", PI_PROTOCOL, PI_NOTE,
          "A host announces an address other than the one that it sends from", EXPFILL}},
        {&ei_crm_register_failed,
         {"crm.register_failed", PI_RESPONSE_CODE, PI_WARN, "A worker is not registered, retries remain",
          EXPFILL}},
        {&ei_crm_register_exhausted,
         {"crm.register_exhausted", PI_RESPONSE_CODE, PI_ERROR,
          "A worker is not registered, no retries remain", EXPFILL}},
        {&ei_crm_no_response,
         {"crm.no_response", PI_SEQUENCE, PI_NOTE, "A ProbeInit that nobody answered", EXPFILL}},
        {&ei_crm_no_register,
         {"crm.no_register", PI_SEQUENCE, PI_NOTE, "A ProbeAck that got no RegisterAck", EXPFILL}},
        {&ei_crm_duplicate, {"crm.duplicate", PI_SEQUENCE, PI_NOTE, "The same datagram again", EXPFILL}},
        {&ei_crm_host_silent,
         {"crm.host_silent", PI_SEQUENCE, PI_WARN, "A host that had answered before did not answer",
          EXPFILL}},
        {&ei_crm_hostname_conflict,
         {"crm.hostname_conflict", PI_SEQUENCE, PI_WARN,
          "One name with two addresses, one address with two names, or both from two sources", EXPFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
}
