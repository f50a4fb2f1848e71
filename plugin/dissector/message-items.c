/* message-items.c
 * A message as items of a tree, with their fields and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/* Half of this file are the fields: checkhf.pl, Wireshark's own check, wants a
 * field's variable, its use and its registration in one file. */

#include "message-items.h"

#include <string.h>

#include "message/address.h"
#include "message/schema.h"
#include "text.h"

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
static int hf_crm_query_info = -1;
static int hf_crm_query_job = -1;
static int hf_crm_exporter = -1;
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
static int hf_crm_invalid_value = -1;
static int hf_crm_reference = -1;

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

#define CRM_VALUE_STRING(number, name, in_dtos) {number, #name},

static const value_string packet_type_vals[] = {CRM_PACKET_TYPES(CRM_VALUE_STRING){0, NULL}};
static const value_string host_type_vals[] = {CRM_HOST_TYPES(CRM_VALUE_STRING){0, NULL}};

static const true_false_string tfs_registered_failed = {"Registered", "Failed"};

/* The field of each kind of node, and the expert information of each kind of
 * finding. Expanding CRM_FIELDS and CRM_FINDINGS would save these lines, but
 * hide from Wireshark's checkhf.pl that a variable is used. */
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
    [CRM_FIELD_QUERY_INFO] = &hf_crm_query_info,
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
    [CRM_FIELD_EXPORTER] = &hf_crm_exporter,
    [CRM_FIELD_MEMBER] = &hf_crm_member,
    [CRM_FIELD_REFERENCE] = &hf_crm_reference,
};
static expert_field *const finding_experts[CRM_FINDING_COUNT] = {
    [CRM_FINDING_JSON_ERROR] = &ei_crm_json_error,
    [CRM_FINDING_JSON_DEPTH] = &ei_crm_json_depth,
    [CRM_FINDING_JSON_NONSTANDARD] = &ei_crm_json_nonstandard,
    [CRM_FINDING_DUPLICATE_MEMBER] = &ei_crm_duplicate_member,
    [CRM_FINDING_UNKNOWN_CLASS] = &ei_crm_unknown_class,
    [CRM_FINDING_UNKNOWN_ENUM] = &ei_crm_unknown_enum,
    [CRM_FINDING_TYPE_MISMATCH] = &ei_crm_type_mismatch,
    [CRM_FINDING_MISSING_MEMBER] = &ei_crm_missing_member,
    [CRM_FINDING_WRONG_TYPE] = &ei_crm_wrong_type,
    [CRM_FINDING_PORT_OUT_OF_RANGE] = &ei_crm_port_out_of_range,
    [CRM_FINDING_INET_ADDR_INVALID] = &ei_crm_inet_addr_invalid,
    [CRM_FINDING_UNRESOLVED_REFERENCE] = &ei_crm_unresolved_reference,
};

static void add_children(const crm_dissection_t *d, proto_tree *tree, uint32_t node);

static int
node_length(const crm_node_t *node)
{
    return (int)(node->end - node->start);
}

static const char *
node_text(const crm_dissection_t *d, const crm_node_t *node)
{
    return crm_message_text(d->m, node->text);
}

/* An item that no filter finds: what has no field, or is not complete. */
static proto_item *
add_label(const crm_dissection_t *d, proto_tree *tree, const crm_node_t *node, const char *label,
          const char *text)
{
    proto_item *item;

    proto_tree_add_subtree_format(tree, d->tvb, (int)node->start, node_length(node), ett_crm_value, &item,
                                  "%s%s%s", label, *label ? ": " : "",
                                  crm_text_visible(d->pinfo->pool, text, ITEM_LABEL_LENGTH));
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
add_address(const crm_dissection_t *d, proto_item *item, const crm_node_t *node)
{
    proto_tree *tree = proto_item_add_subtree(item, ett_crm_value);
    const int start = (int)node->start, length = node_length(node);
    crm_address_t addr;
    proto_item *typed;

    crm_address_read(node_text(d, node), &addr);
    if (addr.family == CRM_ADDRESS_IPV4) {
        ws_in4_addr ipv4;
        memcpy(&ipv4, addr.bytes, sizeof ipv4);
        typed = proto_tree_add_ipv4(tree, hf_crm_inet_addr_ipv4, d->tvb, start, length, ipv4);
    } else {
        ws_in6_addr ipv6;
        memcpy(&ipv6, addr.bytes, sizeof ipv6);
        typed = proto_tree_add_ipv6(tree, hf_crm_inet_addr_ipv6, d->tvb, start, length, &ipv6);
    }
    proto_item_set_generated(typed);
}

/* The unit of a report's timestamp is not on the wire. Each power is some 30
 * years after 1970 in its unit and some 3000 years in the next coarser one.
 * Says whether the time can be shown: in a year without a sign, for some releases
 * run over their own buffer with others (none is beyond the year 5138), and where
 * a time_t has 32 bits, in what it holds. */
static bool
report_time(int64_t timestamp, nstime_t *moment)
{
    static const int64_t units[] = {1, 1000, 1000000, 1000000000};
    const int64_t magnitude = timestamp < 0 ? -(timestamp + 1) : timestamp;
    const int64_t unit = units[magnitude < INT64_C(100000000000)         ? 0
                               : magnitude < INT64_C(100000000000000)    ? 1
                               : magnitude < INT64_C(100000000000000000) ? 2
                                                                         : 3];
    int64_t seconds = timestamp / unit, rest = timestamp % unit;

    if (rest < 0) {
        seconds--;
        rest += unit;
    }
    *moment = (nstime_t){(time_t)seconds, (int)(rest * (1000000000 / unit))};
    return seconds >= INT64_C(-62135596800) && moment->secs == seconds;
}

static void
add_report_time(const crm_dissection_t *d, proto_tree *tree, const crm_node_t *node)
{
    nstime_t moment;

    if (report_time(node->number, &moment)) {
        proto_item_set_generated(proto_tree_add_time(tree, hf_crm_report_time, d->tvb, (int)node->start,
                                                     node_length(node), &moment));
    }
}

static proto_item *
add_number(const crm_dissection_t *d, proto_tree *tree, const crm_node_t *node)
{
    const int hf = *node_fields[node->field], start = (int)node->start, length = node_length(node);

    switch (proto_registrar_get_ftype(hf)) {
    case FT_INT64:
        return proto_tree_add_int64(tree, hf, d->tvb, start, length, node->number);
    case FT_BOOLEAN:
        return proto_tree_add_boolean(tree, hf, d->tvb, start, length, node->number != 0);
    default: /* ports, references and enums: message.h keeps them to 32 bits and less */
        return proto_tree_add_uint(tree, hf, d->tvb, start, length, (uint32_t)node->number);
    }
}

/* An object that breaks off before its line is known, or whose class is not its
 * field's, is no value of the field. */
static proto_item *
add_object(const crm_dissection_t *d, proto_tree *tree, uint32_t n)
{
    const crm_node_t *node = &d->m->nodes[n];
    proto_item *item;

    if (node->text != CRM_NO_TEXT) {
        item = proto_tree_add_string(tree, *node_fields[node->field], d->tvb, (int)node->start,
                                     node_length(node), node_text(d, node));
    } else {
        item =
            add_label(d, tree, node, node_label(node),
                      node->flags & CRM_NODE_OPEN ? "breaks off" : crm_class_name((crm_class_t)node->class));
    }
    add_children(d, proto_item_add_subtree(item, ett_crm_object), n);
    return item;
}

/* A value that its attribute cannot hold, in the attribute's place. One that
 * breaks off is not known to be wrong. */
static proto_item *
add_raw(const crm_dissection_t *d, proto_tree *tree, const crm_node_t *node)
{
    const char *label = node_label(node), *text = node_text(d, node);

    if (node->flags & CRM_NODE_OPEN) {
        return add_label(d, tree, node, label, text);
    }
    return proto_tree_add_string_format(tree, hf_crm_invalid_value, d->tvb, (int)node->start,
                                        node_length(node), text, "%s%s%s", label, *label ? ": " : "",
                                        crm_text_visible(d->pinfo->pool, text, ITEM_LABEL_LENGTH));
}

static proto_item *
add_item(const crm_dissection_t *d, proto_tree *tree, uint32_t n)
{
    const crm_node_t *node = &d->m->nodes[n];
    proto_item *item;

    switch (node->value) {
    case CRM_VALUE_OBJECT:
        return add_object(d, tree, n);
    case CRM_VALUE_LIST:
    case CRM_VALUE_MEMBERS:
        add_children(d, tree, n);
        return proto_tree_get_parent(tree);
    case CRM_VALUE_RAW:
        return add_raw(d, tree, node);
    case CRM_VALUE_REST:
        return add_label(d, tree, node, "", node_text(d, node));
    case CRM_VALUE_TEXT:
        item = proto_tree_add_string(tree, *node_fields[node->field], d->tvb, (int)node->start,
                                     node_length(node), node_text(d, node));
        if (node->field == CRM_FIELD_INET_ADDR && node->number != CRM_ADDRESS_INVALID) {
            add_address(d, item, node);
        }
        return item;
    default:
        item = add_number(d, tree, node);
        if (node->field == CRM_FIELD_TIMESTAMP) {
            add_report_time(d, tree, node);
        } else if (node->field == CRM_FIELD_REFERENCE) {
            add_children(d, proto_item_add_subtree(item, ett_crm_value), n);
        }
        return item;
    }
}

/* With the ellipsis and a NUL as many bytes as Wireshark has room for. */
#define CRM_MAX_FINDING_TEXT (ITEM_LABEL_LENGTH - sizeof CRM_ELLIPSIS)

static const char *
finding_text(const crm_dissection_t *d, const crm_finding_t *finding)
{
    return crm_text_short(d->pinfo->pool, crm_message_text(d->m, finding->text), CRM_MAX_FINDING_TEXT);
}

static void
add_findings(const crm_dissection_t *d, proto_item *item, const crm_node_t *node)
{
    for (uint32_t f = node->finding; f != CRM_NO_FINDING; f = d->m->findings[f].next) {
        const crm_finding_t *finding = &d->m->findings[f];
        expert_field *field = finding_experts[finding->kind];
        if (item && (finding->start != node->start || finding->end != node->end)) {
            proto_tree_add_expert_format(proto_item_add_subtree(item, ett_crm), d->pinfo, field, d->tvb,
                                         (int)finding->start, (int)(finding->end - finding->start), "%s",
                                         finding_text(d, finding));
        } else {
            crm_expert_add(d, item, field, "%s", finding_text(d, finding));
        }
    }
}

static void
add_children(const crm_dissection_t *d, proto_tree *tree, uint32_t node)
{
    for (uint32_t n = node + 1; n < d->m->nodes[node].next; n = d->m->nodes[n].next) {
        proto_item *item = add_item(d, tree, n);
        if (d->m->nodes[n].flags & CRM_NODE_GENERATED) {
            proto_item_set_generated(item);
        }
        add_findings(d, item, &d->m->nodes[n]);
        if (d->m->first[d->m->nodes[n].field] == n) {
            d->items[d->m->nodes[n].field] = item;
        }
    }
}

/* Expert information is wanted where the tree is not, for statistics. */
static void
add_findings_alone(const crm_dissection_t *d)
{
    for (uint32_t n = 1; d->m->finding_count && n < d->m->count; n++) {
        add_findings(d, NULL, &d->m->nodes[n]);
    }
}

proto_tree *
crm_message_items_tree(proto_item *item)
{
    return proto_item_add_subtree(item, ett_crm);
}

void
crm_message_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    if (tree) {
        add_children(d, tree, 0);
    } else {
        add_findings_alone(d);
    }
    add_findings(d, item, &d->m->nodes[0]);
}

/* Registration */

/* What the field of an attribute has to be: add_number() goes by it, and would cut a number that it cannot
 * hold. */
static enum ftenum
type_of_kind(crm_kind_t kind)
{
    switch (kind) {
    case CRM_KIND_INTEGER:
        return FT_INT64;
    case CRM_KIND_PORT:
        return FT_UINT16;
    case CRM_KIND_BOOL:
        return FT_BOOLEAN;
    case CRM_KIND_ENUM:
        return FT_UINT32;
    default:
        return FT_STRING;
    }
}

/* Of the tables here and in schema.c, no datagram: a row that is missing or does not fit ends every start,
 * with its name. */
static void
check_tables(void)
{
    for (unsigned class = CRM_CLASS_NONE + 1; class < CRM_CLASS_COUNT; class ++) {
        const crm_class_info_t *info = crm_schema_class((crm_class_t) class);
        for (unsigned i = 0; i < info->count; i++) {
            const crm_attribute_t *a = &info->attributes[i];
            const int *hf = node_fields[a->field];
            if (hf == NULL || proto_registrar_get_ftype(*hf) != type_of_kind((crm_kind_t)a->kind)) {
                REPORT_DISSECTOR_BUG("%s: \"%s\" has no field, or one of another type", info->name, a->name);
            }
        }
    }
    for (unsigned kind = 0; kind < CRM_FINDING_COUNT; kind++) {
        if (finding_experts[kind] == NULL) {
            REPORT_DISSECTOR_BUG("%s has no expert field", crm_finding_name((crm_finding_kind_t)kind));
        }
    }
}

void
crm_message_items_register(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        {&hf_crm_type,
         {"Type", "crm.type", FT_UINT32, BASE_DEC, VALS(packet_type_vals), 0, "Packet type", HFILL}},
        {&hf_crm_object,
         {"Class", "crm.object", FT_STRING, BASE_NONE, NULL, 0, "The document's own py/object", HFILL}},
        {&hf_crm_id, {"ID", "crm.id", FT_STRING, BASE_NONE, NULL, 0, "Packet identifier, a UUID", HFILL}},
        {&hf_crm_host_info,
         {"Host Info", "crm.host_info", FT_STRING, BASE_NONE, NULL, 0, "A host's name and address", HFILL}},
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
         {"Register Info", "crm.register_info", FT_STRING, BASE_NONE, NULL, 0,
          "Status, retries left, message", HFILL}},
        {&hf_crm_register_status,
         {"Status", "crm.register.status", FT_BOOLEAN, BASE_NONE, TFS(&tfs_registered_failed), 0,
          "Whether the worker's exporters are registered", HFILL}},
        {&hf_crm_register_message,
         {"Message", "crm.register.message", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_register_max_retries,
         {"Max Retries", "crm.register.max_retries", FT_INT64, BASE_DEC, NULL, 0, "Retries that remain",
          HFILL}},
        {&hf_crm_query_info,
         {"Query Info", "crm.query_info", FT_STRING, BASE_NONE, NULL, 0, "A query of a HostInfo: its job",
          HFILL}},
        {&hf_crm_exporter,
         {"Exporter", "crm.exporter", FT_STRING, BASE_NONE, NULL, 0, "A metric exporter of a WorkerInfo",
          HFILL}},
        {&hf_crm_query_job, {"Job", "crm.query.job", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_crm_filter_info,
         {"Filter Info", "crm.filter_info", FT_STRING, BASE_NONE, NULL, 0, "The filter's category", HFILL}},
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
          "The timestamp; its magnitude tells the unit (s, ms, us, ns)", HFILL}},
        {&hf_crm_member,
         {"Member", "crm.member", FT_STRING, BASE_NONE, NULL, 0, "A member that no DTO defines", HFILL}},
        {&hf_crm_invalid_value,
         {"Invalid Value", "crm.invalid_value", FT_STRING, BASE_NONE, NULL, 0,
          "A value that its attribute cannot hold, as sent", HFILL}},
        {&hf_crm_reference,
         {"Reference", "crm.reference", FT_UINT32, BASE_DEC, NULL, 0,
          "A py/id: what it refers to is repeated here", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_crm_json_error,
         {"crm.json_error", PI_MALFORMED, PI_ERROR, "The receiver refuses this datagram", EXPFILL}},
        {&ei_crm_json_depth,
         {"crm.json_depth", PI_MALFORMED, PI_ERROR, "Nested deeper than the limit", EXPFILL}},
        {&ei_crm_json_nonstandard,
         {"crm.json_nonstandard", PI_PROTOCOL, PI_NOTE, "A constant that is not valid JSON", EXPFILL}},
        {&ei_crm_duplicate_member,
         {"crm.duplicate_member", PI_PROTOCOL, PI_WARN, "A name occurs twice in one object", EXPFILL}},
        {&ei_crm_unknown_class, {"crm.unknown_class", PI_UNDECODED, PI_WARN, "Unknown DTO", EXPFILL}},
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
         {"crm.unresolved_reference", PI_UNDECODED, PI_NOTE, "A reference whose target is undetermined",
          EXPFILL}},
    };
    static gint *ett[] = {&ett_crm, &ett_crm_object, &ett_crm_value};

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert, ei, array_length(ei));
    check_tables();
}
