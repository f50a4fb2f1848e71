/* packet-crm.c
 * Routines for Cloudless Resource Monitoring (CRM) dissection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/* A CRM system is one collector and many workers. They talk in JSON, one
 * document per UDP datagram, encoded with Python's jsonpickle:
 *
 *   collector -> all workers   ProbeInit     who is there?
 *   worker    -> collector     ProbeAck      I am, with these daemons
 *   collector -> worker        RegisterAck   your exporters are (not) registered
 *
 * docs/protocol.md has the messages and every form in which they are written.
 * Here a message, read by message.c, becomes a tree, columns and expert
 * information; nothing here looks at JSON.
 */

#include "compat.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "message/dto-json.h"
#include "message/message.h"
#include "packet-crm.h"
#include "message/recognise.h"
#include "message/schema.h"
#include "stats.h"
#include "message/summary.h"
#include "track.h"
#include "message/visible.h"

/* collectord and coordinatord: the defaults of the published collector. */
#define CRM_UDP_PORTS "9090,10100"

/* The names that --disable-heuristic takes. The second sets itself: choose_heuristic(). */
#define CRM_HEURISTIC         "crm_udp"
#define CRM_LEARNED_HEURISTIC "crm_learned_udp"

static dissector_handle_t crm_handle;
static dissector_handle_t crm_pinned_handle;
static dissector_handle_t json_handle;
static dissector_table_t udp_port_table;
static heur_dtbl_entry_t *crm_heuristic, *crm_learned_heuristic;
static int crm_tap = -1;
static int proto_crm = -1;

static range_t *pref_ports;
static range_t *registered_ports;
static wmem_map_t *displaced_handles; /* port -> whose it was before it became CRM's */
static crm_bool_t pref_learn_ports = TRUE;
static crm_bool_t pref_resolve_hosts = TRUE;
static crm_bool_t pref_show_json = FALSE;

static int hf_crm_type = -1;
static int hf_crm_object = -1;
static int hf_crm_id = -1;
static int hf_crm_host_info = -1;
static int hf_crm_hostname = -1;
static int hf_crm_inet_addr = -1;
static int hf_crm_inet_addr_ipv4 = -1;
static int hf_crm_inet_addr_ipv6 = -1;
static int hf_crm_host_type = -1;
static int hf_crm_port_info = -1;
static int hf_crm_port_info_daemon = -1;
static int hf_crm_port_info_port = -1;
static int hf_crm_register_info = -1;
static int hf_crm_register_status = -1;
static int hf_crm_register_message = -1;
static int hf_crm_register_max_retries = -1;
static int hf_crm_query_job = -1;
static int hf_crm_filter_info = -1;
static int hf_crm_filter_category = -1;
static int hf_crm_filter_criterion = -1;
static int hf_crm_filter_field_name = -1;
static int hf_crm_filter_field_value = -1;
static int hf_crm_filter_regex = -1;
static int hf_crm_report_type = -1;
static int hf_crm_report_measurement = -1;
static int hf_crm_report_tag = -1;
static int hf_crm_report_field = -1;
static int hf_crm_report_timestamp = -1;
static int hf_crm_report_time = -1;
static int hf_crm_member = -1;
static int hf_crm_reference = -1;
static int hf_crm_encoding = -1;
static int hf_crm_encoding_enum = -1;
static int hf_crm_dto = -1;
static int hf_crm_response_in = -1;
static int hf_crm_response_to = -1;
static int hf_crm_response_time = -1;
static int hf_crm_acks = -1;
static int hf_crm_attempt = -1;
static int hf_crm_duplicate_of = -1;
static int hf_crm_announced_in = -1;

static gint ett_crm = -1;
static gint ett_crm_object = -1;
static gint ett_crm_value = -1;

static expert_field ei_crm_json_error = EI_INIT;
static expert_field ei_crm_json_depth = EI_INIT;
static expert_field ei_crm_json_nonstandard = EI_INIT;
static expert_field ei_crm_duplicate_member = EI_INIT;
static expert_field ei_crm_unknown_class = EI_INIT;
static expert_field ei_crm_unknown_enum = EI_INIT;
static expert_field ei_crm_type_mismatch = EI_INIT;
static expert_field ei_crm_missing_member = EI_INIT;
static expert_field ei_crm_wrong_type = EI_INIT;
static expert_field ei_crm_port_out_of_range = EI_INIT;
static expert_field ei_crm_inet_addr_invalid = EI_INIT;
static expert_field ei_crm_unresolved_reference = EI_INIT;
static expert_field ei_crm_inet_addr_mismatch = EI_INIT;
static expert_field ei_crm_register_failed = EI_INIT;
static expert_field ei_crm_register_exhausted = EI_INIT;
static expert_field ei_crm_no_response = EI_INIT;
static expert_field ei_crm_no_register = EI_INIT;
static expert_field ei_crm_duplicate = EI_INIT;
static expert_field ei_crm_hostname_conflict = EI_INIT;

#define CRM_VALUE_STRING(number, name, in_dtos) {number, #name},

static const value_string packet_type_vals[] = {CRM_PACKET_TYPES(CRM_VALUE_STRING){0, NULL}};
static const value_string host_type_vals[] = {CRM_HOST_TYPES(CRM_VALUE_STRING){0, NULL}};

#define CRM_ENCODING_VALUE(constant, name) {CRM_ENCODING_##constant, name},

static const value_string encoding_vals[] = {CRM_ENCODINGS(CRM_ENCODING_VALUE){0, NULL}};

static const value_string enum_form_vals[] = {
    {0, "by value"}, {1, "by name"}, {2, "attributes"}, {3, "bare"}, {0, NULL},
};

static const true_false_string tfs_registered_failed = {"Registered", "Failed"};

/* The field of each kind of node. */
static int *const node_fields[CRM_FIELD_COUNT] = {
    [CRM_FIELD_TYPE] = &hf_crm_type,
    [CRM_FIELD_OBJECT] = &hf_crm_object,
    [CRM_FIELD_ID] = &hf_crm_id,
    [CRM_FIELD_HOST_INFO] = &hf_crm_host_info,
    [CRM_FIELD_HOSTNAME] = &hf_crm_hostname,
    [CRM_FIELD_INET_ADDR] = &hf_crm_inet_addr,
    [CRM_FIELD_HOST_TYPE] = &hf_crm_host_type,
    [CRM_FIELD_PORT_INFO] = &hf_crm_port_info,
    [CRM_FIELD_DAEMON] = &hf_crm_port_info_daemon,
    [CRM_FIELD_PORT] = &hf_crm_port_info_port,
    [CRM_FIELD_REGISTER_INFO] = &hf_crm_register_info,
    [CRM_FIELD_STATUS] = &hf_crm_register_status,
    [CRM_FIELD_REGISTER_MESSAGE] = &hf_crm_register_message,
    [CRM_FIELD_MAX_RETRIES] = &hf_crm_register_max_retries,
    [CRM_FIELD_JOB] = &hf_crm_query_job,
    [CRM_FIELD_FILTER_INFO] = &hf_crm_filter_info,
    [CRM_FIELD_CATEGORY] = &hf_crm_filter_category,
    [CRM_FIELD_CRITERION] = &hf_crm_filter_criterion,
    [CRM_FIELD_FIELD_NAME] = &hf_crm_filter_field_name,
    [CRM_FIELD_FIELD_VALUE] = &hf_crm_filter_field_value,
    [CRM_FIELD_REGEX] = &hf_crm_filter_regex,
    [CRM_FIELD_REPORT_TYPE] = &hf_crm_report_type,
    [CRM_FIELD_MEASUREMENT] = &hf_crm_report_measurement,
    [CRM_FIELD_TAG] = &hf_crm_report_tag,
    [CRM_FIELD_FIELD] = &hf_crm_report_field,
    [CRM_FIELD_TIMESTAMP] = &hf_crm_report_timestamp,
    [CRM_FIELD_MEMBER] = &hf_crm_member,
    [CRM_FIELD_REFERENCE] = &hf_crm_reference,
};

#define CRM_FINDING_EXPERT(constant, name) [CRM_FINDING_##constant] = &ei_crm_##name,

/* The expert information of each kind of finding. */
static expert_field *const finding_experts[CRM_FINDING_COUNT] = {CRM_FINDINGS(CRM_FINDING_EXPERT)};

/* Lives as long as the plugin and is reused, so that a datagram of usual size
 * allocates nothing. Dissection is single-threaded and CRM never holds CRM. */
static crm_message_t message;
static crm_dto_json_t dto_json;
static GString *line;

typedef struct {
    tvbuff_t *tvb;
    packet_info *pinfo;
    const crm_message_t *m;
    const crm_record_t *record; /* NULL on a later pass, where the first did not come here */
} dissection_t;

static void add_children(const dissection_t *d, proto_tree *tree, uint32_t node);

static int
node_length(const crm_node_t *node)
{
    return (int)(node->end - node->start);
}

static const char *
node_text(const dissection_t *d, const crm_node_t *node)
{
    return crm_message_text(d->m, node->text);
}

/* A text of the sender's inside a label or message of ours. */
static const char *
visible(const char *text, size_t limit)
{
    g_string_truncate(line, 0);
    crm_append_visible(line, text, limit);
    return line->str;
}

/* An item that no filter finds: what has no field, or does not fit its own. */
static proto_item *
add_label(const dissection_t *d, proto_tree *tree, const crm_node_t *node, const char *label,
          const char *text)
{
    proto_item *item;

    proto_tree_add_subtree_format(tree, d->tvb, (int)node->start, node_length(node), ett_crm_value, &item,
                                  "%s%s%s", label, *label ? ": " : "", visible(text, ITEM_LABEL_LENGTH));
    return item;
}

static const char *
node_label(const crm_node_t *node)
{
    if (node->field != CRM_FIELD_NONE && node->field != CRM_FIELD_MEMBER) {
        return proto_registrar_get_name(*node_fields[node->field]);
    }
    return node->name ? node->name : "";
}

/* The typed addresses, so that a filter can name a subnet. */
static void
add_address(const dissection_t *d, proto_item *item, const crm_node_t *node)
{
    const char *text = wmem_strndup(d->pinfo->pool, node_text(d, node), strcspn(node_text(d, node), "%"));
    proto_tree *tree = proto_item_add_subtree(item, ett_crm_value);
    proto_item *typed;

    if (node->number == CRM_ADDRESS_IPV4) {
        ws_in4_addr ipv4;
        inet_pton(AF_INET, text, &ipv4);
        typed = proto_tree_add_ipv4(tree, hf_crm_inet_addr_ipv4, d->tvb, (int)node->start, node_length(node),
                                    ipv4);
    } else {
        ws_in6_addr ipv6;
        inet_pton(AF_INET6, text, &ipv6);
        typed = proto_tree_add_ipv6(tree, hf_crm_inet_addr_ipv6, d->tvb, (int)node->start, node_length(node),
                                    &ipv6);
    }
    proto_item_set_generated(typed);
}

/* The unit of a report's timestamp is not on the wire. Each power is some 30
 * years after 1970 in its unit and some 3000 years in the next coarser one. */
static nstime_t
report_time(int64_t timestamp)
{
    static const int64_t units[] = {1, 1000, 1000000, 1000000000};
    const int64_t magnitude = timestamp < 0 ? -(timestamp + 1) : timestamp;
    const int64_t unit = units[magnitude < 100000000000         ? 0
                               : magnitude < 100000000000000    ? 1
                               : magnitude < 100000000000000000 ? 2
                                                                : 3];
    int64_t seconds = timestamp / unit, rest = timestamp % unit;

    if (rest < 0) {
        seconds--;
        rest += unit;
    }
    return (nstime_t){(time_t)seconds, (int)(rest * (1000000000 / unit))};
}

static proto_item *
add_number(const dissection_t *d, proto_tree *tree, const crm_node_t *node)
{
    const int hf = *node_fields[node->field], start = (int)node->start, length = node_length(node);
    proto_item *item;

    switch (node->field) {
    case CRM_FIELD_MAX_RETRIES:
        return proto_tree_add_int64(tree, hf, d->tvb, start, length, node->number);
    case CRM_FIELD_TIMESTAMP: {
        const nstime_t moment = report_time(node->number);
        item = proto_tree_add_int64(tree, hf, d->tvb, start, length, node->number);
        proto_item_set_generated(
            proto_tree_add_time(tree, hf_crm_report_time, d->tvb, start, length, &moment));
        return item;
    }
    case CRM_FIELD_STATUS:
        return proto_tree_add_boolean(tree, hf, d->tvb, start, length, node->number != 0);
    default: /* ports, references and enums: message.h keeps them to 32 bits and less */
        return proto_tree_add_uint(tree, hf, d->tvb, start, length, (uint32_t)node->number);
    }
}

/* "HostInfo: collector (10.0.0.2)": the object in one line where it is folded. */
static void
append_object_label(const dissection_t *d, proto_item *item, uint32_t node, crm_field_t field,
                    const char *format)
{
    const uint32_t child = crm_message_child(d->m, node, field);

    if (child != CRM_NO_NODE && d->m->nodes[child].value == CRM_VALUE_TEXT) {
        proto_item_append_text(item, format, visible(node_text(d, &d->m->nodes[child]), 80));
    }
}

static proto_item *
add_object(const dissection_t *d, proto_tree *tree, uint32_t n)
{
    const crm_node_t *node = &d->m->nodes[n];
    const int hf = *node_fields[node->field], start = (int)node->start, length = node_length(node);
    proto_item *item;

    if (node->text != CRM_NO_TEXT) {
        item = proto_tree_add_string(tree, hf, d->tvb, start, length, node_text(d, node));
    } else if (node->field == CRM_FIELD_PORT_INFO || node->field == CRM_FIELD_CRITERION) {
        item =
            add_label(d, tree, node, node_label(node),
                      node->flags & CRM_NODE_OPEN ? "breaks off" : crm_class_name((crm_class_t)node->class));
    } else {
        item = proto_tree_add_item(tree, hf, d->tvb, start, length, ENC_NA);
        append_object_label(d, item, n, CRM_FIELD_HOSTNAME, ": %s");
        append_object_label(d, item, n, CRM_FIELD_INET_ADDR, " (%s)");
        append_object_label(d, item, n, CRM_FIELD_REGISTER_MESSAGE, ": %s");
        append_object_label(d, item, n, CRM_FIELD_CATEGORY, ": %s");
    }
    add_children(d, proto_item_add_subtree(item, ett_crm_object), n);
    return item;
}

static proto_item *
add_item(const dissection_t *d, proto_tree *tree, uint32_t n)
{
    const crm_node_t *node = &d->m->nodes[n];
    proto_item *item;

    switch (node->value) {
    case CRM_VALUE_OBJECT:
        return add_object(d, tree, n);
    case CRM_VALUE_LIST:
        add_children(d, tree, n);
        return proto_tree_get_parent(tree);
    case CRM_VALUE_RAW:
    case CRM_VALUE_REST:
        return add_label(d, tree, node, node_label(node), node_text(d, node));
    case CRM_VALUE_TEXT:
        item = proto_tree_add_string(tree, *node_fields[node->field], d->tvb, (int)node->start,
                                     node_length(node), node_text(d, node));
        if (node->field == CRM_FIELD_INET_ADDR && node->number != CRM_ADDRESS_INVALID) {
            add_address(d, item, node);
        }
        return item;
    default:
        item = add_number(d, tree, node);
        if (node->field == CRM_FIELD_REFERENCE) {
            add_children(d, proto_item_add_subtree(item, ett_crm_value), n);
        }
        return item;
    }
}

static void
add_findings(const dissection_t *d, proto_item *item, const crm_node_t *node)
{
    for (uint32_t f = node->finding; f != CRM_NO_FINDING; f = d->m->findings[f].next) {
        const crm_finding_t *finding = &d->m->findings[f];
        const char *text = visible(crm_message_text(d->m, finding->text), ITEM_LABEL_LENGTH);
        if (finding->start == node->start && finding->end == node->end) {
            expert_add_info_format(d->pinfo, item, finding_experts[finding->kind], "%s", text);
        } else {
            proto_tree_add_expert_format(proto_item_add_subtree(item, ett_crm), d->pinfo,
                                         finding_experts[finding->kind], d->tvb, (int)finding->start,
                                         (int)(finding->end - finding->start), "%s", text);
        }
    }
}

static void
add_children(const dissection_t *d, proto_tree *tree, uint32_t node)
{
    for (uint32_t n = node + 1; n < d->m->nodes[node].next; n = d->m->nodes[n].next) {
        proto_item *item = add_item(d, tree, n);
        if (d->m->nodes[n].flags & CRM_NODE_GENERATED) {
            proto_item_set_generated(item);
        }
        add_findings(d, item, &d->m->nodes[n]);
    }
}

/* Expert information is wanted where the tree is not, for statistics. */
static void
add_findings_alone(const dissection_t *d)
{
    for (uint32_t n = 1; d->m->finding_count && n < d->m->count; n++) {
        add_findings(d, NULL, &d->m->nodes[n]);
    }
}

/* What the datagram as a whole tells, and no byte of it. */
static void
add_encoding(const dissection_t *d, proto_tree *tree)
{
    if (d->m->encoding != CRM_ENCODING_UNKNOWN) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_encoding, d->tvb, 0, 0, d->m->encoding));
    }
    for (unsigned form = 0; enum_form_vals[form].strptr; form++) {
        if (d->m->enum_forms & 1U << form) {
            proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_encoding_enum, d->tvb, 0, 0, form));
        }
    }
    /* Work that a packet list has no use for: only where someone looks. */
    if (proto_field_is_referenced(tree, hf_crm_dto)) {
        const char *json = crm_dto_json_write(&dto_json, d->m);
        if (json) {
            proto_item_set_generated(proto_tree_add_string(tree, hf_crm_dto, d->tvb, 0, 0, json));
        }
    }
}

/* The dialogue */

/* The frame of a record, or 0: without a record, or of a frame that was left out. */
static uint32_t
frame_of(uint32_t number)
{
    return number == CRM_TRACK_NONE ? 0 : crm_track_record(number)->frame;
}

static void
add_frame(const dissection_t *d, proto_tree *tree, int hf, uint32_t number)
{
    if (frame_of(number)) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf, d->tvb, 0, 0, frame_of(number)));
    }
}

/* " in frame 12" */
static const char *
in_frame(const dissection_t *d, uint32_t number)
{
    return frame_of(number) ? wmem_strdup_printf(d->pinfo->pool, " in frame %u", frame_of(number)) : "";
}

static void
add_answers(const dissection_t *d, proto_tree *tree)
{
    for (uint32_t n = d->record->first_answer; n != CRM_TRACK_NONE; n = crm_track_record(n)->next_answer) {
        add_frame(d, tree, hf_crm_response_in, n);
    }
}

static void
add_request(const dissection_t *d, proto_tree *tree)
{
    if (d->record->request == CRM_TRACK_NONE) {
        return;
    }
    const crm_record_t *request = crm_track_record(d->record->request);
    add_frame(d, tree, hf_crm_response_to, d->record->request);
    if (d->record->original == CRM_TRACK_NONE) {
        const int64_t nanoseconds = d->record->arrival - request->arrival;
        const nstime_t delta = {(time_t)(nanoseconds / 1000000000), (int)(nanoseconds % 1000000000)};
        proto_item_set_generated(proto_tree_add_time(tree, hf_crm_response_time, d->tvb, 0, 0, &delta));
    }
}

/* "worker1 (10.0.0.11)" */
static const char *
host_label(const dissection_t *d, uint32_t number)
{
    if (number == CRM_TRACK_NONE) {
        return address_to_str(d->pinfo->pool, &d->pinfo->src);
    }
    const crm_host_t *host = crm_track_host(number);
    const char *where = wmem_strdup(d->pinfo->pool, visible(host->address, 64));
    return *host->name ? wmem_strdup_printf(d->pinfo->pool, "%s (%s)", visible(host->name, 64), where)
                       : where;
}

/* What a RegisterAck says of its worker, and where to look. */
static void
add_register_outcome(const dissection_t *d, proto_item *item)
{
    const uint32_t status = d->m->first[CRM_FIELD_STATUS], retries = d->m->first[CRM_FIELD_MAX_RETRIES];

    if (status == CRM_NO_NODE || d->m->nodes[status].number) {
        return;
    }
    const char *host = d->record->type == CRM_REG_ACK ? host_label(d, d->record->receiver)
                                                      : address_to_str(d->pinfo->pool, &d->pinfo->dst);
    if (retries != CRM_NO_NODE && d->m->nodes[retries].number <= 0) {
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
add_sequence_findings(const dissection_t *d, proto_item *item)
{
    const crm_record_t *r = d->record;

    if (r->flags & CRM_TRACK_NO_ANSWER && r->type == CRM_PROBE_INIT) {
        expert_add_info_format(d->pinfo, item, &ei_crm_no_response,
                               "Nobody answered %s before its next ProbeInit%s: see whether workers are up "
                               "and whether the broadcast reaches them",
                               host_label(d, r->sender), in_frame(d, r->next));
    } else if (r->flags & CRM_TRACK_NO_ANSWER) {
        expert_add_info_format(d->pinfo, item, &ei_crm_no_register,
                               "%s got no RegisterAck before its next ProbeAck%s: see the collector",
                               host_label(d, r->sender), in_frame(d, r->next));
    }
    if (r->original != CRM_TRACK_NONE) {
        expert_add_info_format(d->pinfo, item, &ei_crm_duplicate,
                               "%s sent this datagram before%s: see for a loop, a mirror port, or a sender "
                               "that repeats itself",
                               host_label(d, r->sender), in_frame(d, r->original));
    }
    if (r->flags & (CRM_TRACK_NAME_CONFLICT | CRM_TRACK_ADDRESS_CONFLICT)) {
        expert_add_info_format(
            d->pinfo, item, &ei_crm_hostname_conflict,
            "%s is announced with another %s%s: see which of the two is configured wrongly",
            host_label(d, r->sender), r->flags & CRM_TRACK_NAME_CONFLICT ? "address" : "name",
            in_frame(d, r->conflict));
    }
}

static void
add_address_mismatch(const dissection_t *d, proto_item *item)
{
    if (crm_track_is_elsewhere(d->record, d->pinfo)) {
        expert_add_info_format(d->pinfo, item, &ei_crm_inet_addr_mismatch,
                               "%s sends from %s: see for NAT, or a host with several addresses",
                               host_label(d, d->record->sender),
                               address_to_str(d->pinfo->pool, &d->pinfo->src));
    }
}

static void
add_dialogue(const dissection_t *d, proto_tree *tree, proto_item *item)
{
    const crm_record_t *r = d->record;

    add_request(d, tree);
    add_answers(d, tree);
    /* On the first pass the answers are still to come: nothing is said of them. */
    if (r->type == CRM_PROBE_INIT && r->original == CRM_TRACK_NONE && PINFO_FD_VISITED(d->pinfo)) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_acks, d->tvb, 0, 0, r->count));
    }
    if (r->type == CRM_REG_ACK && r->count) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_attempt, d->tvb, 0, 0, r->count));
    }
    add_frame(d, tree, hf_crm_duplicate_of, r->original);
    add_frame(d, tree, hf_crm_announced_in, r->announced_in);
    add_register_outcome(d, item);
    add_sequence_findings(d, item);
    add_address_mismatch(d, item);
}

/* Columns, names, taps */

static void
set_info(const dissection_t *d)
{
    if (col_get_writable(d->pinfo->cinfo, COL_INFO)) {
        g_string_truncate(line, 0);
        crm_message_summarise(d->m, line);
        col_add_str(d->pinfo->cinfo, COL_INFO, line->str);
    }
}

/* As packet-dns.c does with what it reads: once, and only for a user who wants
 * names at all. `-N n` asks for names without a word on where from. */
static void
resolve_host(const dissection_t *d)
{
    if (!pref_resolve_hosts || PINFO_FD_VISITED(d->pinfo) || !d->record ||
        !(d->record->flags & CRM_TRACK_NEWS) ||
        !(gbl_resolv_flags.network_name || gbl_resolv_flags.dns_pkt_addr_resolution)) {
        return;
    }
    const crm_host_t *host = crm_track_host(d->record->sender);
    if (*host->name && host->length == 4) {
        guint32 ipv4;
        memcpy(&ipv4, host->bytes, sizeof ipv4);
        crm_add_ipv4_name(ipv4, visible(host->name, 64));
    } else if (*host->name && host->length == 16) {
        ws_in6_addr ipv6;
        memcpy(&ipv6, host->bytes, sizeof ipv6);
        crm_add_ipv6_name(&ipv6, visible(host->name, 64));
    }
}

static void
queue_tap(const dissection_t *d)
{
    if (have_tap_listener(crm_tap)) {
        crm_tap_t *tap = wmem_new0(d->pinfo->pool, crm_tap_t);
        const uint32_t status = d->m->first[CRM_FIELD_STATUS], retries = d->m->first[CRM_FIELD_MAX_RETRIES];
        tap->record = d->record;
        tap->class = d->m->class;
        tap->encoding = d->m->encoding;
        tap->has_status = status != CRM_NO_NODE;
        tap->status = tap->has_status && d->m->nodes[status].number;
        tap->has_retries = retries != CRM_NO_NODE;
        tap->retries = tap->has_retries ? d->m->nodes[retries].number : 0;
        for (uint32_t f = 0; f < d->m->finding_count; f++) {
            tap->findings |= 1U << d->m->findings[f].kind;
        }
        tap_queue_packet(crm_tap, d->pinfo, tap);
    }
}

/* The columns stay CRM's, or those of whoever quotes the datagram. */
static void
show_json(const dissection_t *d, proto_tree *tree)
{
    const bool writable = col_get_writable(d->pinfo->cinfo, -1);

    if (pref_show_json && json_handle) {
        col_set_writable(d->pinfo->cinfo, -1, FALSE);
        call_dissector(json_handle, d->tvb, d->pinfo, tree);
        col_set_writable(d->pinfo->cinfo, -1, writable);
    }
}

/* A datagram is cut when the capture, or IP without its other fragments, has
 * only its beginning. */
static bool
is_cut(tvbuff_t *tvb, packet_info *pinfo)
{
    return pinfo->fragmented || tvb_captured_length(tvb) < tvb_reported_length(tvb);
}

/* How a datagram came here: what was recognised by its port was not recognised
 * by an announcement. */
typedef enum { BY_PORT, BY_CONTENT } recognition_t;

static int
dissect_datagram(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, recognition_t recognition)
{
    const uint32_t length = tvb_captured_length(tvb);
    dissection_t d = {tvb, pinfo, &message, NULL};

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "CRM");
    col_clear(pinfo->cinfo, COL_INFO);
    crm_message_read(&message, length ? tvb_get_ptr(tvb, 0, (int)length) : NULL, length, is_cut(tvb, pinfo));
    /* What ICMP quotes was sent once, and has its own frame. */
    if (!pinfo->flags.in_error_pkt) {
        const uint32_t announced_in = recognition == BY_CONTENT && pref_learn_ports
                                          ? crm_track_announced_in(tvb, pinfo)
                                          : CRM_TRACK_NONE;
        d.record = crm_track(tvb, pinfo, &message, announced_in, pref_learn_ports);
    }
    resolve_host(&d);
    set_info(&d);

    proto_item *item = proto_tree_add_item(tree, proto_crm, tvb, 0, -1, ENC_NA);
    proto_tree *crm_tree = proto_item_add_subtree(item, ett_crm);
    if (tree) {
        add_children(&d, crm_tree, 0);
    } else {
        add_findings_alone(&d);
    }
    add_findings(&d, item, &message.nodes[0]);
    if (d.record) {
        add_dialogue(&d, crm_tree, item);
    }
    if (tree) {
        add_encoding(&d, crm_tree);
    }
    if (!pinfo->flags.in_error_pkt) {
        queue_tap(&d);
    }
    show_json(&d, tree);

    if (length < tvb_reported_length(tvb)) {
        /* Throws: "[Packet size limited during capture]" is Wireshark's to say. */
        tvb_ensure_bytes_exist(tvb, 0, (int)tvb_reported_length(tvb));
    }
    return (int)length;
}

/* A configured port, or Decode As. */
static int
dissect_crm(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return dissect_datagram(tvb, pinfo, tree, BY_PORT);
}

/* A conversation in which an earlier datagram was recognised. */
static int
dissect_crm_pinned(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return dissect_datagram(tvb, pinfo, tree, BY_CONTENT);
}

/* Decode As is the user's word. What it names was asked before a heuristic is,
 * and declined, or it names nothing at all. */
static bool
is_decoded_as(packet_info *pinfo)
{
    return dissector_is_uint_changed(udp_port_table, pinfo->srcport) ||
           dissector_is_uint_changed(udp_port_table, pinfo->destport);
}

/* Whether the datagram is CRM beyond doubt, on a port that says nothing:
 *
 * 1. It is there as a whole: a part proves nothing.
 * 2. It looks like a CRM message: one object, and either some "py/object" in
 *    it names a class of CRM's packages or it begins with an attribute that a
 *    plain message has. This reads no JSON and turns away nearly all other
 *    traffic.
 * 3. It is a JSON document that Python would take.
 * 4. Its root is a CRM message (crm_is_message() has the rules): a class
 *    name that only CRM's packages have, or all attributes of a message
 *    together with an enum that names such a class. ReportInit without class
 *    has five attributes of its own, of the right types, and no other.
 *
 * Nothing is thrown, and nothing is left behind, before that is decided. */
static bool
is_crm(tvbuff_t *tvb)
{
    const uint32_t length = tvb_captured_length(tvb);

    if (length < CRM_MIN_MESSAGE || length < tvb_reported_length(tvb)) {
        return false;
    }
    const uint8_t *data = tvb_get_ptr(tvb, 0, (int)length);
    return crm_may_be_message(data, length) && crm_json_read(&message.doc, data, length) &&
           crm_is_message(&message.doc);
}

/* Whether it goes to or comes from an endpoint that a HostInfo announced: that
 * makes it CRM, whatever it holds. A wildcard conversation would tell the same,
 * but it would also merge all UDP streams of the endpoint into one. */
static bool
is_announced(tvbuff_t *tvb, packet_info *pinfo)
{
    return pref_learn_ports && !pinfo->flags.in_error_pkt &&
           crm_track_announced_in(tvb, pinfo) != CRM_TRACK_NONE;
}

/* Takes a datagram that was recognised, unless the user says otherwise. From
 * here on, what else these two say is CRM, malformed or not, and no heuristic is
 * asked, another protocol's neither. */
static crm_bool_t
claim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (is_decoded_as(pinfo)) {
        return FALSE;
    }
    conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), pinfo->num,
                                                 crm_pinned_handle);
    dissect_datagram(tvb, pinfo, tree, BY_CONTENT);
    return TRUE;
}

static crm_bool_t
dissect_crm_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return (is_crm(tvb) || is_announced(tvb, pinfo)) && claim(tvb, pinfo, tree);
}

static crm_bool_t
dissect_crm_learned_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return is_announced(tvb, pinfo) && claim(tvb, pinfo, tree);
}

/* That Wireshark asks a heuristic at all is most of what one costs all other
 * traffic. So one sees to both, and the one for announced endpoints alone, which
 * are no guess, is on where the user has switched guessing off. A file is read
 * anew after such a change, and begins with this. */
static void
choose_heuristic(void)
{
    crm_learned_heuristic->enabled = pref_learn_ports && !crm_heuristic->enabled;
}

static void
init_buffers(void)
{
    crm_message_init(&message);
    crm_dto_json_init(&dto_json);
    line = g_string_new(NULL);
}

static void
shutdown_crm(void)
{
    crm_message_clear(&message);
    crm_dto_json_clear(&dto_json);
    g_string_free(line, TRUE);
}

/* Registers a dissector for a port, or none. What Decode As has put beside the
 * registration stands. */
static void
give_port(guint32 port, dissector_handle_t handle)
{
    const bool decoded_as = dissector_is_uint_changed(udp_port_table, port);
    dissector_handle_t chosen = dissector_get_uint_handle(udp_port_table, port);

    dissector_delete_uint("udp.port", port, crm_handle);
    if (handle) {
        dissector_add_uint("udp.port", port, handle);
    }
    if (decoded_as) {
        dissector_change_uint("udp.port", port, chosen);
    }
}

/* Another protocol may have had the port before, or been given it since. */
static void
leave_port(guint32 port, gpointer data _U_)
{
    if (!value_is_in_range(pref_ports, port) &&
        dissector_get_default_uint_handle("udp.port", port) == crm_handle) {
        give_port(port, (dissector_handle_t)wmem_map_remove(displaced_handles, GUINT_TO_POINTER(port)));
    }
}

static void
take_port(guint32 port, gpointer data _U_)
{
    if (!value_is_in_range(registered_ports, port)) {
        dissector_handle_t displaced = dissector_get_default_uint_handle("udp.port", port);
        wmem_map_insert(displaced_handles, GUINT_TO_POINTER(port), displaced);
        give_port(port, crm_handle);
    }
}

/* The ports that dissector_add_uint_range_with_preference() adds stay CRM's
 * when the preference names others, so the preference is our own. Whatever
 * preference has changed, only ports that came or went are touched. */
static void
apply_ports(void)
{
    range_foreach(registered_ports, leave_port, NULL);
    range_foreach(pref_ports, take_port, NULL);
    wmem_free(wmem_epan_scope(), registered_ports);
    registered_ports = range_copy(wmem_epan_scope(), pref_ports);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_crm, apply_ports);

    range_convert_str(wmem_epan_scope(), &pref_ports, CRM_UDP_PORTS, 65535);
    registered_ports = range_empty(wmem_epan_scope());
    displaced_handles = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    prefs_register_range_preference(module, "udp.port", "UDP port(s)",
                                    "Ports of the collector's daemons, as 9090,10100-10102", &pref_ports,
                                    65535);
    prefs_register_bool_preference(
        module, "learn_ports", "Recognise announced endpoints",
        "Whether datagrams to and from the endpoints that a HostInfo announces are CRM, "
        "whatever they hold",
        &pref_learn_ports);
    prefs_register_bool_preference(module, "resolve_hosts", "Use announced host names",
                                   "Whether name resolution uses the host names that a HostInfo announces",
                                   &pref_resolve_hosts);
    prefs_register_bool_preference(module, "show_json", "Show the JSON tree",
                                   "Whether the document is also shown by Wireshark's own JSON dissector",
                                   &pref_show_json);
}

void
proto_register_crm(void)
{
    static hf_register_info hf[] = {
        {&hf_crm_type,
         {"Type", "crm.type", FT_UINT32, BASE_DEC, VALS(packet_type_vals), 0, "Packet type", HFILL}},
        {&hf_crm_object,
         {"Class", "crm.object", FT_STRING, BASE_NONE, NULL, 0, "The document's own py/object", HFILL}},
        {&hf_crm_id, {"ID", "crm.id", FT_STRING, BASE_NONE, NULL, 0, "Packet identifier, a UUID", HFILL}},
        {&hf_crm_host_info, {"Host Info", "crm.host_info", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_hostname, {"Host Name", "crm.hostname", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_inet_addr,
         {"Address", "crm.inet_addr", FT_STRING, BASE_NONE, NULL, 0,
          "Address that the host announces, as sent", HFILL}},
        {&hf_crm_inet_addr_ipv4,
         {"IPv4 Address", "crm.inet_addr.ipv4", FT_IPv4, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_inet_addr_ipv6,
         {"IPv6 Address", "crm.inet_addr.ipv6", FT_IPv6, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_host_type,
         {"Host Type", "crm.host_type", FT_UINT32, BASE_DEC, VALS(host_type_vals), 0, NULL, HFILL}},
        {&hf_crm_port_info,
         {"Port Info", "crm.port_info", FT_STRING, BASE_NONE, NULL, 0, "A daemon and its port", HFILL}},
        {&hf_crm_port_info_daemon,
         {"Daemon", "crm.port_info.daemon", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_port_info_port, {"Port", "crm.port_info.port", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_crm_register_info,
         {"Register Info", "crm.register_info", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_register_status,
         {"Status", "crm.register.status", FT_BOOLEAN, BASE_NONE, TFS(&tfs_registered_failed), 0,
          "Whether the worker's exporters are registered", HFILL}},
        {&hf_crm_register_message,
         {"Message", "crm.register.message", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_register_max_retries,
         {"Max Retries", "crm.register.max_retries", FT_INT64, BASE_DEC, NULL, 0, "Retries that remain",
          HFILL}},
        {&hf_crm_query_job, {"Job", "crm.query.job", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_info, {"Filter Info", "crm.filter_info", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_category,
         {"Category", "crm.filter.category", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_criterion,
         {"Criterion", "crm.filter.criterion", FT_STRING, BASE_NONE, NULL, 0, "Field name, operator, value",
          HFILL}},
        {&hf_crm_filter_field_name,
         {"Field Name", "crm.filter.field_name", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_field_value,
         {"Field Value", "crm.filter.field_value", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_regex,
         {"Operator", "crm.filter.regex", FT_STRING, BASE_NONE, NULL, 0, "= or =~, as Prometheus has them",
          HFILL}},
        {&hf_crm_report_type, {"Report Type", "crm.report.type", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_report_measurement,
         {"Measurement", "crm.report.measurement", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_report_tag, {"Tag", "crm.report.tag", FT_STRING, BASE_NONE, NULL, 0, "key=value", HFILL}},
        {&hf_crm_report_field,
         {"Field", "crm.report.field", FT_STRING, BASE_NONE, NULL, 0, "key=value", HFILL}},
        {&hf_crm_report_timestamp,
         {"Timestamp", "crm.report.timestamp", FT_INT64, BASE_DEC, NULL, 0, "Unix time, as sent", HFILL}},
        {&hf_crm_report_time,
         {"Time", "crm.report.time", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0,
          "The timestamp; its unit (s, ms, us, ns) by its magnitude", HFILL}},
        {&hf_crm_member,
         {"Member", "crm.member", FT_STRING, BASE_NONE, NULL, 0, "A member that no DTO defines", HFILL}},
        {&hf_crm_reference,
         {"Reference", "crm.reference", FT_UINT32, BASE_DEC, NULL, 0,
          "A py/id: what it refers to stands here again", HFILL}},
        {&hf_crm_encoding,
         {"Encoding", "crm.encoding", FT_UINT8, BASE_DEC, VALS(encoding_vals), 0, NULL, HFILL}},
        {&hf_crm_encoding_enum,
         {"Enum Encoding", "crm.encoding.enum", FT_UINT8, BASE_DEC, VALS(enum_form_vals), 0, NULL, HFILL}},
        {&hf_crm_dto,
         {"DTO", "crm.dto", FT_STRING, BASE_NONE, NULL, 0,
          "The message as plain JSON, the same for every dialect", HFILL}},
        {&hf_crm_response_in,
         {"Response In", "crm.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0,
          "The answer to this datagram is in this frame", HFILL}},
        {&hf_crm_response_to,
         {"Response To", "crm.response_to", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0,
          "This is an answer to the datagram in this frame", HFILL}},
        {&hf_crm_response_time,
         {"Response Time", "crm.response_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "The time between what was asked and this answer", HFILL}},
        {&hf_crm_acks,
         {"Acks", "crm.acks", FT_UINT32, BASE_DEC, NULL, 0, "How many different hosts answered this probe",
          HFILL}},
        {&hf_crm_attempt,
         {"Attempt", "crm.attempt", FT_UINT32, BASE_DEC, NULL, 0,
          "The how-manieth RegisterAck of this worker since its last success", HFILL}},
        {&hf_crm_duplicate_of,
         {"Duplicate Of", "crm.duplicate_of", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV),
          0, "The same datagram was first in this frame", HFILL}},
        {&hf_crm_announced_in,
         {"Announced In", "crm.announced_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "The frame whose HostInfo announced the endpoint of this datagram", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_crm_json_error,
         {"crm.json_error", PI_MALFORMED, PI_ERROR, "The receiver refuses this datagram", EXPFILL}},
        {&ei_crm_json_depth,
         {"crm.json_depth", PI_MALFORMED, PI_ERROR, "Nested deeper than the limit", EXPFILL}},
        {&ei_crm_json_nonstandard,
         {"crm.json_nonstandard", PI_PROTOCOL, PI_NOTE, "A constant that is no JSON", EXPFILL}},
        {&ei_crm_duplicate_member,
         {"crm.duplicate_member", PI_PROTOCOL, PI_WARN, "The same name twice in one object", EXPFILL}},
        {&ei_crm_unknown_class,
         {"crm.unknown_class", PI_UNDECODED, PI_WARN, "No DTO that is known", EXPFILL}},
        {&ei_crm_unknown_enum,
         {"crm.unknown_enum", PI_UNDECODED, PI_WARN, "An enum value that is not defined", EXPFILL}},
        {&ei_crm_type_mismatch,
         {"crm.type_mismatch", PI_PROTOCOL, PI_WARN, "Type and class name different messages", EXPFILL}},
        {&ei_crm_missing_member,
         {"crm.missing_member", PI_PROTOCOL, PI_WARN, "An attribute is absent", EXPFILL}},
        {&ei_crm_wrong_type,
         {"crm.wrong_type", PI_PROTOCOL, PI_WARN, "An attribute is not of the DTO's type", EXPFILL}},
        {&ei_crm_port_out_of_range,
         {"crm.port_out_of_range", PI_PROTOCOL, PI_WARN, "A port is not in 1 to 65535", EXPFILL}},
        {&ei_crm_inet_addr_invalid,
         {"crm.inet_addr_invalid", PI_PROTOCOL, PI_WARN, "Neither an IPv4 nor an IPv6 address", EXPFILL}},
        {&ei_crm_unresolved_reference,
         {"crm.unresolved_reference", PI_UNDECODED, PI_NOTE, "A reference whose target cannot be told",
          EXPFILL}},
        {&ei_crm_inet_addr_mismatch,
         {"crm.inet_addr_mismatch", PI_PROTOCOL, PI_NOTE,
          "A host announces another address than it sends from", EXPFILL}},
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
          "One name with two addresses, or one address with two names", EXPFILL}},
    };
    static gint *ett[] = {&ett_crm, &ett_crm_object, &ett_crm_value};

    proto_crm = proto_register_protocol("Cloudless Resource Monitoring", "CRM", "crm");
    proto_register_field_array(proto_crm, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_crm), ei, array_length(ei));
    crm_handle = register_dissector("crm", dissect_crm, proto_crm);
    crm_pinned_handle = create_dissector_handle(dissect_crm_pinned, proto_crm);
    crm_tap = register_tap("crm");
    register_preferences();

    init_buffers();
    register_shutdown_routine(shutdown_crm);
    crm_track_register();
    crm_stats_register(proto_crm);
}

void
proto_reg_handoff_crm(void)
{
    json_handle = find_dissector_add_dependency("json", proto_crm);
    udp_port_table = find_dissector_table("udp.port");
    dissector_add_for_decode_as("udp.port", crm_handle);
    apply_ports();
    heur_dissector_add("udp", dissect_crm_heur, "CRM over UDP", CRM_HEURISTIC, proto_crm, HEURISTIC_ENABLE);
    heur_dissector_add("udp", dissect_crm_learned_heur, "CRM at announced endpoints, where crm_udp is off",
                       CRM_LEARNED_HEURISTIC, proto_crm, HEURISTIC_DISABLE);
    crm_heuristic = find_heur_dissector_by_unique_short_name(CRM_HEURISTIC);
    crm_learned_heuristic = find_heur_dissector_by_unique_short_name(CRM_LEARNED_HEURISTIC);
    register_init_routine(apply_ports); /* sharkd sets preferences and applies none */
    register_init_routine(choose_heuristic);
}
