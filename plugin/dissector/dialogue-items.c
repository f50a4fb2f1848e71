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

#include "dialogue.h"
#include "hosts.h"
#include "text.h"

static int hf_crm_response_in = -1;
static int hf_crm_response_to = -1;
static int hf_crm_response_time = -1;
static int hf_crm_acks = -1;
static int hf_crm_attempt = -1;
static int hf_crm_duplicate_of = -1;
static int hf_crm_announced_in = -1;

static expert_field ei_crm_inet_addr_mismatch = EI_INIT;
static expert_field ei_crm_register_failed = EI_INIT;
static expert_field ei_crm_register_exhausted = EI_INIT;
static expert_field ei_crm_no_response = EI_INIT;
static expert_field ei_crm_no_register = EI_INIT;
static expert_field ei_crm_duplicate = EI_INIT;
static expert_field ei_crm_hostname_conflict = EI_INIT;

/* The frame of a record, or 0: without a record, or of a frame that was left out. */
static uint32_t
frame_of(uint32_t number)
{
    return number == CRM_NO_RECORD ? 0 : crm_record_at(number)->frame;
}

static void
add_frame(const crm_dissection_t *d, proto_tree *tree, int hf, uint32_t number)
{
    if (frame_of(number)) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf, d->tvb, 0, 0, frame_of(number)));
    }
}

/* " in frame 12" */
static const char *
in_frame(const crm_dissection_t *d, uint32_t number)
{
    return frame_of(number) ? wmem_strdup_printf(d->pinfo->pool, " in frame %u", frame_of(number)) : "";
}

static void
add_answers(const crm_dissection_t *d, proto_tree *tree)
{
    for (uint32_t n = d->record->first_answer; n != CRM_NO_RECORD; n = crm_record_at(n)->next_answer) {
        add_frame(d, tree, hf_crm_response_in, n);
    }
}

static void
add_request(const crm_dissection_t *d, proto_tree *tree)
{
    if (d->record->request == CRM_NO_RECORD) {
        return;
    }
    const crm_record_t *request = crm_record_at(d->record->request);
    add_frame(d, tree, hf_crm_response_to, d->record->request);
    nstime_t delta;
    if (d->record->original == CRM_NO_RECORD && crm_record_time_between(request, d->record, &delta)) {
        proto_item_set_generated(proto_tree_add_time(tree, hf_crm_response_time, d->tvb, 0, 0, &delta));
    }
}

/* "worker1 (10.0.0.11)", or as much of it as is known. */
static const char *
host_label(const crm_dissection_t *d, uint32_t number)
{
    const crm_host_t *host = number == CRM_NO_HOST ? NULL : crm_host_at(number);
    const char *name = host ? crm_text_visible(d->pinfo->pool, host->name, 64) : "";
    const char *address = host ? crm_text_visible(d->pinfo->pool, host->address, 64) : "";

    if (*name && *address) {
        return wmem_strdup_printf(d->pinfo->pool, "%s (%s)", name, address);
    }
    return *name ? name : *address ? address : "a host without address";
}

/* The same, of the datagram's sender or receiver where the dialogue knows no host. */
static const char *
host_or_address(const crm_dissection_t *d, uint32_t number, const address *a)
{
    return number == CRM_NO_HOST && a->type != AT_NONE ? address_to_str(d->pinfo->pool, a)
                                                       : host_label(d, number);
}

/* What a RegisterAck says of its worker, and where to look. */
static void
add_register_outcome(const crm_dissection_t *d, proto_item *item)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);
    const uint32_t retries = d->m->first[CRM_FIELD_MAX_RETRIES];

    if (outcome == CRM_NO_OUTCOME || outcome == CRM_REGISTERED) {
        return;
    }
    const char *host = host_or_address(d, d->record->receiver, &d->pinfo->dst);
    if (outcome == CRM_EXHAUSTED) {
        expert_add_info_format(
            d->pinfo, item, &ei_crm_register_exhausted,
            "%s is not registered and has no retry left: it gives up. See the message, and the "
            "exporters that it announced",
            host);
    } else {
        expert_add_info_format(
            d->pinfo, item, &ei_crm_register_failed,
            "%s is not registered%s: see the message, and the exporters that it announced", host,
            retries == CRM_NO_NODE ? ""
                                   : wmem_strdup_printf(d->pinfo->pool, ", %" PRId64 " retries left",
                                                        d->m->nodes[retries].number));
    }
}

static void
add_sequence_findings(const crm_dissection_t *d, proto_item *item)
{
    const crm_record_t *r = d->record;

    const bool unanswered = PINFO_FD_VISITED(d->pinfo) && crm_dialogue_is_unanswered(r);

    if (unanswered && r->type == CRM_PROBE_INIT) {
        expert_add_info_format(d->pinfo, item, &ei_crm_no_response,
                               "Nobody answered %s before its next ProbeInit%s: check whether workers are up "
                               "and whether the broadcast reaches them",
                               host_label(d, r->sender), in_frame(d, r->probe.next));
    } else if (unanswered) {
        expert_add_info_format(d->pinfo, item, &ei_crm_no_register,
                               "%s got no RegisterAck before its next ProbeAck%s: check the collector",
                               host_label(d, r->sender), in_frame(d, r->probe_ack.next));
    }
    if (r->original != CRM_NO_RECORD) {
        expert_add_info_format(d->pinfo, item, &ei_crm_duplicate,
                               "%s sent this datagram before%s: check for a loop, a mirror port, or a sender "
                               "that repeats itself",
                               host_label(d, r->sender), in_frame(d, r->original));
    }
}

/* The address that a host sends from. */
static const char *
source_text(const crm_dissection_t *d, const crm_host_t *host)
{
    address source;

    if (!crm_endpoint_is_ip(&host->source)) {
        return "an unknown address";
    }
    set_address(&source, host->source.kind == 4 ? AT_IPv4 : AT_IPv6, host->source.kind == 4 ? 4 : 16,
                host->source.bytes);
    return address_to_str(d->pinfo->pool, &source);
}

static void
add_conflict(const crm_dissection_t *d, proto_item *item)
{
    const crm_record_t *r = d->record;

    if (r->flags & CRM_RECORD_SOURCE_CONFLICT) {
        expert_add_info_format(d->pinfo, item, &ei_crm_hostname_conflict,
                               "%s is announced from %s, and from %s%s: give each machine a name and an "
                               "address of its own (some "
                               "systems have their name stand for 127.0.1.1)",
                               host_label(d, r->sender), source_text(d, crm_host_at(r->sender)),
                               source_text(d, crm_host_at(crm_record_at(r->conflict)->sender)),
                               in_frame(d, r->conflict));
    } else if (r->flags & CRM_RECORD_CONFLICTS) {
        expert_add_info_format(d->pinfo, item, &ei_crm_hostname_conflict,
                               "%s is announced with another %s%s: check which of the two is misconfigured",
                               host_label(d, r->sender),
                               r->flags & CRM_RECORD_NAME_CONFLICT ? "address" : "name",
                               in_frame(d, r->conflict));
    }
}

static void
add_address_mismatch(const crm_dissection_t *d, proto_item *item)
{
    if (crm_host_is_elsewhere(d->record, d->pinfo)) {
        expert_add_info_format(d->pinfo, item, &ei_crm_inet_addr_mismatch,
                               "%s sends from %s: check for NAT, or a host with several addresses",
                               host_label(d, d->record->sender),
                               address_to_str(d->pinfo->pool, &d->pinfo->src));
    }
}

void
crm_dialogue_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    const crm_record_t *r = d->record;

    add_request(d, tree);
    add_answers(d, tree);
    /* On the first pass the answers are still to come: nothing is said of them. */
    if (r->type == CRM_PROBE_INIT && r->original == CRM_NO_RECORD && PINFO_FD_VISITED(d->pinfo)) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_acks, d->tvb, 0, 0, r->probe.hosts));
    }
    if (r->type == CRM_REG_ACK && r->register_ack.attempt) {
        proto_item_set_generated(
            proto_tree_add_uint(tree, hf_crm_attempt, d->tvb, 0, 0, r->register_ack.attempt));
    }
    add_frame(d, tree, hf_crm_duplicate_of, r->original);
    add_frame(d, tree, hf_crm_announced_in, r->announced_in);
    add_register_outcome(d, item);
    add_sequence_findings(d, item);
    add_conflict(d, item);
    add_address_mismatch(d, item);
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
    };
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
        {&ei_crm_hostname_conflict,
         {"crm.hostname_conflict", PI_SEQUENCE, PI_WARN,
          "One name with two addresses, one address with two names, or both from two sources", EXPFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
