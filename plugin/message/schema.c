/* schema.c
 * The DTOs of CRM as tables: a new DTO is a new row
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "schema.h"

#include <string.h>

#define CRM_ATTRIBUTE(name, kind, field, class, group)                                                       \
    {                                                                                                        \
        name, sizeof(name) - 1, CRM_KIND_##kind, CRM_FIELD_##field, CRM_CLASS_##class, group                 \
    }

static const crm_attribute_t probe_attributes[] = {
    CRM_ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    CRM_ATTRIBUTE("id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("info", OBJECT, HOST_INFO, HOST_INFO, 3),
};

static const crm_attribute_t register_ack_attributes[] = {
    CRM_ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    CRM_ATTRIBUTE("id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("info", OBJECT, REGISTER_INFO, REGISTER_INFO, 3),
};

static const crm_attribute_t query_ack_attributes[] = {
    CRM_ATTRIBUTE("type", ENUM, TYPE, NONE, 1), CRM_ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("id", TEXT, ID, NONE, 2),     CRM_ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 3),
    CRM_ATTRIBUTE("job", TEXT, JOB, NONE, 4),   CRM_ATTRIBUTE("filters", LIST, FILTER_INFO, FILTER_INFO, 5),
};

static const crm_attribute_t metric_init_attributes[] = {
    CRM_ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    CRM_ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("id", TEXT, ID, NONE, 2),
    CRM_ATTRIBUTE("info", OBJECT, HOST_INFO, METRIC_INFO, 3),
};

static const crm_attribute_t report_init_attributes[] = {
    CRM_ATTRIBUTE("type", TEXT, REPORT_TYPE, NONE, 1),
    CRM_ATTRIBUTE("measurement", TEXT, MEASUREMENT, NONE, 2),
    CRM_ATTRIBUTE("tags", LIST, TAG, NONE, 3),
    CRM_ATTRIBUTE("fields", LIST, FIELD, NONE, 4),
    CRM_ATTRIBUTE("timestamp", INTEGER, TIMESTAMP, NONE, 5),
};

static const crm_attribute_t host_info_attributes[] = {
    CRM_ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 1),
    CRM_ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ip_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
    CRM_ATTRIBUTE("port", PORT, PORT, NONE, 3),
    CRM_ATTRIBUTE("queries", LIST, QUERY_INFO, QUERY_INFO, 0),
    CRM_ATTRIBUTE("type", ENUM, HOST_TYPE, NONE, 4),
};

/* The host classes of vrmjobs before 2.0, which have no type. Of WorkerInfo and
 * MetricInfo, only some releases have a name. */
static const crm_attribute_t collector_info_attributes[] = {
    CRM_ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ip_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
    CRM_ATTRIBUTE("port", PORT, PORT, NONE, 3),
};

static const crm_attribute_t worker_info_attributes[] = {
    CRM_ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 0),
    CRM_ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ip_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
    CRM_ATTRIBUTE("port", PORT, PORT, NONE, 3),
    CRM_ATTRIBUTE("exporter_info", MEMBERS, EXPORTER, NONE, 0),
};

static const crm_attribute_t metric_info_attributes[] = {
    CRM_ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 0),
    CRM_ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    CRM_ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
};

static const crm_attribute_t register_info_attributes[] = {
    CRM_ATTRIBUTE("status", BOOL, STATUS, NONE, 1),
    CRM_ATTRIBUTE("message", WRAPPED_TEXT, REGISTER_MESSAGE, NONE, 2),
    CRM_ATTRIBUTE("max_retries", INTEGER, MAX_RETRIES, NONE, 3),
};

static const crm_attribute_t port_info_attributes[] = {
    CRM_ATTRIBUTE("daemon", TEXT, DAEMON, NONE, 1),
    CRM_ATTRIBUTE("port", PORT, PORT, NONE, 2),
};

static const crm_attribute_t query_info_attributes[] = {
    CRM_ATTRIBUTE("job", TEXT, JOB, NONE, 1),
    CRM_ATTRIBUTE("filters", LIST, FILTER_INFO, FILTER_INFO, 2),
};

static const crm_attribute_t filter_info_attributes[] = {
    CRM_ATTRIBUTE("category", TEXT, CATEGORY, NONE, 1),
    CRM_ATTRIBUTE("criteria", LIST, CRITERION, CRITERION, 2),
};

static const crm_attribute_t criterion_attributes[] = {
    CRM_ATTRIBUTE("field_name", TEXT, FIELD_NAME, NONE, 1),
    CRM_ATTRIBUTE("field_value", TEXT, FIELD_VALUE, NONE, 2),
    CRM_ATTRIBUTE("regex", TEXT, REGEX, NONE, 3),
};

enum {
    CRM_FAMILY_MESSAGE,
    CRM_FAMILY_HOST,
    CRM_FAMILY_REGISTER,
    CRM_FAMILY_PORT,
    CRM_FAMILY_QUERY,
    CRM_FAMILY_FILTER,
    CRM_FAMILY_CRITERION
};

enum { CRM_IN_VRMJOBS = 0, CRM_IN_BOTH = 1 };

#define CRM_ROWS(attributes) attributes, G_N_ELEMENTS(attributes)

#define CRM_CLASS_INFO(constant, module, name, package, type, family, attributes)                            \
    [CRM_CLASS_##                                                                                            \
        constant] = {#name, #module "." #name,   sizeof(#module "." #name) - 1,    CRM_IN_##package,         \
                     type,  CRM_FAMILY_##family, CRM_ROWS(attributes##_attributes)},

static const crm_class_info_t classes[CRM_CLASS_COUNT] = {
    CRM_CLASSES(CRM_CLASS_INFO)[CRM_CLASS_CRITERION] = {"criterion", NULL, 0, CRM_IN_BOTH, 0,
                                                        CRM_FAMILY_CRITERION, CRM_ROWS(criterion_attributes)},
};

const crm_class_info_t *
crm_schema_class(crm_class_t class)
{
    return &classes[class];
}

const char *
crm_class_name(crm_class_t class)
{
    return classes[class].name;
}

uint32_t
crm_class_packet_type(crm_class_t class)
{
    return classes[class].packet_type;
}

/* Strips the name of a package from the start of a class's path. */
static bool
take(const char **path, size_t *length, const char *package)
{
    const size_t n = strlen(package);
    if (*length < n || memcmp(*path, package, n) != 0) {
        return false;
    }
    *path += n;
    *length -= n;
    return true;
}

crm_class_t
crm_schema_find_class(const crm_json_t *doc, uint32_t name)
{
    size_t length;
    const char *path = crm_json_text(doc, name, &length);
    const bool dtos = take(&path, &length, CRM_PACKAGE_DTOS);

    if (dtos || take(&path, &length, CRM_PACKAGE_VRMJOBS)) {
        for (unsigned i = CRM_CLASS_PROBE_INIT; i < CRM_CLASS_COUNT; i++) {
            if (classes[i].path_length == length && classes[i].path && (classes[i].in_dtos || !dtos) &&
                memcmp(path, classes[i].path, length) == 0) {
                return (crm_class_t)i;
            }
        }
    }
    return CRM_CLASS_NONE;
}

bool
crm_schema_is_of_dtos(const crm_json_t *doc, uint32_t name)
{
    size_t length;
    const char *path = crm_json_text(doc, name, &length);

    return take(&path, &length, CRM_PACKAGE_DTOS);
}

uint32_t
crm_schema_groups(const crm_class_info_t *info)
{
    uint32_t groups = 0;

    for (unsigned i = 0; i < info->count; i++) {
        groups |= info->attributes[i].group ? 1U << info->attributes[i].group : 0;
    }
    return groups;
}

const crm_attribute_t *
crm_schema_find_attribute(const crm_class_info_t *info, const crm_json_t *doc, uint32_t key)
{
    for (unsigned i = 0; i < info->count; i++) {
        if (crm_json_text_equals(doc, key, info->attributes[i].name, info->attributes[i].length)) {
            return &info->attributes[i];
        }
    }
    return NULL;
}

crm_class_t
crm_schema_message_of_type(int64_t packet_type)
{
    for (unsigned i = CRM_CLASS_PROBE_INIT; crm_schema_is_message((crm_class_t)i); i++) {
        if (classes[i].packet_type && classes[i].packet_type == packet_type) {
            return (crm_class_t)i;
        }
    }
    return CRM_CLASS_NONE;
}

/* Enums */

static bool
number_of_name(crm_field_t field, const char *name, size_t length, int64_t *number)
{
    for (const crm_enum_row_t *row = crm_enum_rows(field); row->name; row++) {
        if (strlen(row->name) == length && memcmp(row->name, name, length) == 0) {
            *number = row->number;
            return true;
        }
    }
    return false;
}

bool
crm_schema_enum_number(crm_field_t field, const crm_json_t *doc, const crm_pickle_enum_t *parts,
                       int64_t *number)
{
    crm_pickle_enum_text_t text;
    size_t length;

    if (parts->number != CRM_JSON_NONE) {
        return crm_json_get_int64(doc, parts->number, number) && *number >= 0 && *number <= UINT32_MAX;
    }
    if (parts->name == CRM_JSON_NONE) {
        return false;
    }
    const char *name = crm_json_text(doc, parts->name, &length);
    if (parts->form == CRM_ENUM_TEXT && crm_pickle_enum_text(name, length, &text)) {
        name = text.name;
        length = text.name_length;
    }
    return number_of_name(field, name, length, number);
}

/* The enums by the fields that have them: their classes as in a "py/type", of
 * which Python's text has only what follows the last dot. */
static const struct {
    crm_field_t field;
    crm_enum_class_t enum_class;
    const char *path;
} enum_classes[] = {
    {CRM_FIELD_HOST_TYPE, CRM_ENUM_OF_DTOS, CRM_PACKAGE_DTOS "host_type.HostType"},
    {CRM_FIELD_HOST_TYPE, CRM_ENUM_OF_VRMJOBS, CRM_PACKAGE_VRMJOBS "host_type.HostType"},
    {CRM_FIELD_TYPE, CRM_ENUM_OF_DTOS, CRM_PACKAGE_DTOS "crm_pkt_type.CrmPktType"},
    {CRM_FIELD_TYPE, CRM_ENUM_OF_VRMJOBS, CRM_PACKAGE_VRMJOBS "vrm_type.VrmType"},
};

static bool
text_names_class(const crm_json_t *doc, uint32_t value, const char *path)
{
    const char *class_name = strrchr(path, '.') + 1;
    crm_pickle_enum_text_t parts;
    size_t length;
    const char *text = crm_json_text(doc, value, &length);

    return crm_pickle_enum_text(text, length, &parts) && parts.class_length == strlen(class_name) &&
           memcmp(parts.class_name, class_name, parts.class_length) == 0;
}

crm_enum_class_t
crm_schema_enum_class(crm_field_t field, const crm_json_t *doc, const crm_pickle_enum_t *parts)
{
    const bool text = parts->form == CRM_ENUM_TEXT;

    if (!text && parts->class_name == CRM_JSON_NONE) {
        return CRM_ENUM_OF_VRMJOBS;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(enum_classes); i++) {
        const char *path = enum_classes[i].path;
        if (enum_classes[i].field == field &&
            (text ? text_names_class(doc, parts->name, path)
                  : crm_json_text_equals(doc, parts->class_name, path, strlen(path)))) {
            return enum_classes[i].enum_class;
        }
    }
    return CRM_ENUM_OTHER;
}

bool
crm_schema_enum_has(crm_field_t field, crm_enum_class_t enum_class, int64_t number)
{
    const crm_enum_row_t *row = crm_enum_row(field, number);
    return row && (row->in_dtos || enum_class != CRM_ENUM_OF_DTOS);
}
