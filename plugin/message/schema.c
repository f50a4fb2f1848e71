/* schema.c
 * The DTOs of CRM as tables: a new DTO is a new row
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "schema.h"

#include <string.h>

#define ATTRIBUTE(name, kind, field, class, group)                                                           \
    {                                                                                                        \
        name, sizeof(name) - 1, CRM_KIND_##kind, CRM_FIELD_##field, CRM_CLASS_##class, group                 \
    }

static const crm_attribute_t probe_attributes[] = {
    ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    ATTRIBUTE("id", TEXT, ID, NONE, 2),
    ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    ATTRIBUTE("info", OBJECT, HOST_INFO, HOST_INFO, 3),
};

static const crm_attribute_t register_ack_attributes[] = {
    ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    ATTRIBUTE("id", TEXT, ID, NONE, 2),
    ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    ATTRIBUTE("info", OBJECT, REGISTER_INFO, REGISTER_INFO, 3),
};

static const crm_attribute_t query_ack_attributes[] = {
    ATTRIBUTE("type", ENUM, TYPE, NONE, 1), ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    ATTRIBUTE("id", TEXT, ID, NONE, 2),     ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 3),
    ATTRIBUTE("job", TEXT, JOB, NONE, 4),   ATTRIBUTE("filters", LIST, FILTER_INFO, FILTER_INFO, 5),
};

static const crm_attribute_t metric_init_attributes[] = {
    ATTRIBUTE("type", ENUM, TYPE, NONE, 1),
    ATTRIBUTE("packet_id", TEXT, ID, NONE, 2),
    ATTRIBUTE("id", TEXT, ID, NONE, 2),
    ATTRIBUTE("info", OBJECT, HOST_INFO, METRIC_INFO, 3),
};

static const crm_attribute_t report_init_attributes[] = {
    ATTRIBUTE("type", TEXT, REPORT_TYPE, NONE, 1),
    ATTRIBUTE("measurement", TEXT, MEASUREMENT, NONE, 2),
    ATTRIBUTE("tags", LIST, TAG, NONE, 3),
    ATTRIBUTE("fields", LIST, FIELD, NONE, 4),
    ATTRIBUTE("timestamp", INTEGER, TIMESTAMP, NONE, 5),
};

static const crm_attribute_t host_info_attributes[] = {
    ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 1),
    ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    ATTRIBUTE("ip_addr", ADDRESS, INET_ADDR, NONE, 2),
    ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
    ATTRIBUTE("port", PORT, PORT, NONE, 3),
    ATTRIBUTE("type", ENUM, HOST_TYPE, NONE, 4),
};

/* The host classes of vrmjobs 1.x: no type, and a name in only some releases. */
static const crm_attribute_t old_host_info_attributes[] = {
    ATTRIBUTE("hostname", TEXT, HOSTNAME, NONE, 0),
    ATTRIBUTE("inet_addr", ADDRESS, INET_ADDR, NONE, 2),
    ATTRIBUTE("ip_addr", ADDRESS, INET_ADDR, NONE, 2),
    ATTRIBUTE("ports", LIST, PORT_INFO, PORT_INFO, 3),
    ATTRIBUTE("port", PORT, PORT, NONE, 3),
};

static const crm_attribute_t register_info_attributes[] = {
    ATTRIBUTE("status", BOOL, STATUS, NONE, 1),
    ATTRIBUTE("message", MESSAGE, REGISTER_MESSAGE, NONE, 2),
    ATTRIBUTE("max_retries", INTEGER, MAX_RETRIES, NONE, 3),
};

static const crm_attribute_t port_info_attributes[] = {
    ATTRIBUTE("daemon", TEXT, DAEMON, NONE, 1),
    ATTRIBUTE("port", PORT, PORT, NONE, 2),
};

static const crm_attribute_t filter_info_attributes[] = {
    ATTRIBUTE("category", TEXT, CATEGORY, NONE, 1),
    ATTRIBUTE("criteria", LIST, CRITERION, CRITERION, 2),
};

static const crm_attribute_t criterion_attributes[] = {
    ATTRIBUTE("field_name", TEXT, FIELD_NAME, NONE, 1),
    ATTRIBUTE("field_value", TEXT, FIELD_VALUE, NONE, 2),
    ATTRIBUTE("regex", TEXT, REGEX, NONE, 3),
};

enum { FAMILY_MESSAGE, FAMILY_HOST, FAMILY_REGISTER, FAMILY_PORT, FAMILY_FILTER, FAMILY_CRITERION };

#define CLASS(module, name) name, module "." name, sizeof(module "." name) - 1
#define ROWS(attributes)    attributes, G_N_ELEMENTS(attributes)

static const crm_class_info_t classes[CRM_CLASS_COUNT] = {
    [CRM_CLASS_PROBE_INIT] = {CLASS("probe_init", "ProbeInit"), true, CRM_PROBE_INIT, FAMILY_MESSAGE,
                              ROWS(probe_attributes)},
    [CRM_CLASS_PROBE_ACK] = {CLASS("probe_ack", "ProbeAck"), true, CRM_PROBE_ACK, FAMILY_MESSAGE,
                             ROWS(probe_attributes)},
    [CRM_CLASS_REGISTER_ACK] = {CLASS("register_ack", "RegisterAck"), true, CRM_REG_ACK, FAMILY_MESSAGE,
                                ROWS(register_ack_attributes)},
    [CRM_CLASS_QUERY_ACK] = {CLASS("query_ack", "QueryAck"), false, CRM_QUERY_ACK, FAMILY_MESSAGE,
                             ROWS(query_ack_attributes)},
    [CRM_CLASS_METRIC_INIT] = {CLASS("metric_init", "MetricInit"), false, CRM_METRIC_INIT, FAMILY_MESSAGE,
                               ROWS(metric_init_attributes)},
    [CRM_CLASS_REPORT_INIT] = {CLASS("report_init", "ReportInit"), true, 0, FAMILY_MESSAGE,
                               ROWS(report_init_attributes)},
    [CRM_CLASS_HOST_INFO] = {CLASS("host_info", "HostInfo"), true, 0, FAMILY_HOST,
                             ROWS(host_info_attributes)},
    [CRM_CLASS_METRIC_INFO] = {CLASS("metric_info", "MetricInfo"), false, 0, FAMILY_HOST,
                               ROWS(old_host_info_attributes)},
    [CRM_CLASS_COLLECTOR_INFO] = {CLASS("collector_info", "CollectorInfo"), false, 0, FAMILY_HOST,
                                  ROWS(old_host_info_attributes)},
    [CRM_CLASS_WORKER_INFO] = {CLASS("worker_info", "WorkerInfo"), false, 0, FAMILY_HOST,
                               ROWS(old_host_info_attributes)},
    [CRM_CLASS_REGISTER_INFO] = {CLASS("register_info", "RegisterInfo"), true, 0, FAMILY_REGISTER,
                                 ROWS(register_info_attributes)},
    [CRM_CLASS_PORT_INFO] = {CLASS("port_info", "PortInfo"), true, 0, FAMILY_PORT,
                             ROWS(port_info_attributes)},
    [CRM_CLASS_FILTER_INFO] = {CLASS("filter_info", "FilterInfo"), false, 0, FAMILY_FILTER,
                               ROWS(filter_info_attributes)},
    [CRM_CLASS_CRITERION] = {"criterion", NULL, 0, true, 0, FAMILY_CRITERION, ROWS(criterion_attributes)},
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

/* Takes the name of a package off the beginning of a class's path. */
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

/* The characters of a string token. Class and enum names need no escape, so a
 * sender writes none; one that does is decoded into `scratch`. */
static const char *
characters(const crm_json_t *doc, uint32_t token, size_t *length, GString **scratch)
{
    const crm_json_token_t *t = &doc->tokens[token];

    *scratch = NULL;
    if (t->flags & CRM_JSON_ESCAPED) {
        *scratch = g_string_new(NULL);
        crm_json_append_text(doc, token, *scratch);
        *length = (*scratch)->len;
        return (*scratch)->str;
    }
    *length = t->end - t->start;
    return (const char *)doc->data + t->start;
}

crm_class_t
crm_schema_find_class(const crm_json_t *doc, uint32_t name)
{
    GString *scratch;
    size_t length;
    const char *path = characters(doc, name, &length, &scratch);
    crm_class_t found = CRM_CLASS_NONE;
    const bool dtos = take(&path, &length, CRM_PACKAGE_DTOS);

    if (dtos || take(&path, &length, CRM_PACKAGE_VRMJOBS)) {
        for (unsigned i = CRM_CLASS_PROBE_INIT; i < CRM_CLASS_COUNT && found == CRM_CLASS_NONE; i++) {
            if (classes[i].path_length == length && classes[i].path && (classes[i].in_dtos || !dtos) &&
                memcmp(path, classes[i].path, length) == 0) {
                found = (crm_class_t)i;
            }
        }
    }
    if (scratch) {
        g_string_free(scratch, TRUE);
    }
    return found;
}

/* What the tables imply, by class: the attribute with each mark, or NULL (a
 * class has no two with the same one), and the groups that must be there. */
static struct {
    const crm_attribute_t *by_mark[CRM_JSON_MARKS];
    uint32_t groups;
} implied[CRM_CLASS_COUNT];

void
crm_schema_init(void)
{
    for (unsigned c = 0; c < CRM_CLASS_COUNT; c++) {
        for (unsigned i = 0; i < classes[c].count; i++) {
            const crm_attribute_t *a = &classes[c].attributes[i];
            implied[c].by_mark[crm_json_mark((const uint8_t *)a->name, a->length)] = a;
            implied[c].groups |= a->group ? 1U << a->group : 0;
        }
    }
}

uint32_t
crm_schema_groups(const crm_class_info_t *info)
{
    return implied[info - classes].groups;
}

/* Attribute names need no escape either. */
static const crm_attribute_t *
find_escaped_attribute(const crm_class_info_t *info, const crm_json_t *doc, uint32_t key)
{
    for (unsigned i = 0; i < info->count; i++) {
        if (crm_json_text_equals(doc, key, info->attributes[i].name, info->attributes[i].length)) {
            return &info->attributes[i];
        }
    }
    return NULL;
}

const crm_attribute_t *
crm_schema_find_attribute(const crm_class_info_t *info, const crm_json_t *doc, uint32_t key)
{
    if (doc->tokens[key].flags & CRM_JSON_ESCAPED) {
        return find_escaped_attribute(info, doc, key);
    }
    const crm_attribute_t *a = implied[info - classes].by_mark[doc->tokens[key].mark];
    return a && crm_json_text_equals(doc, key, a->name, a->length) ? a : NULL;
}

crm_class_t
crm_schema_message_of_type(int64_t packet_type)
{
    for (unsigned i = CRM_CLASS_PROBE_INIT; i <= CRM_CLASS_METRIC_INIT; i++) {
        if (classes[i].packet_type == packet_type) {
            return (crm_class_t)i;
        }
    }
    return CRM_CLASS_NONE;
}

/* Enums */

bool
crm_schema_enum_number(crm_field_t field, const crm_json_t *doc, uint32_t name, int64_t *number)
{
    for (const crm_enum_row_t *row = crm_enum_rows(field); row->name; row++) {
        if (crm_json_text_equals(doc, name, row->name, strlen(row->name))) {
            *number = row->number;
            return true;
        }
    }
    return false;
}

crm_enum_class_t
crm_schema_enum_class(crm_field_t field, const crm_json_t *doc, uint32_t name)
{
    const bool host = field == CRM_FIELD_HOST_TYPE;
    const char *dtos =
        host ? CRM_PACKAGE_DTOS "host_type.HostType" : CRM_PACKAGE_DTOS "crm_pkt_type.CrmPktType";
    const char *vrmjobs =
        host ? CRM_PACKAGE_VRMJOBS "host_type.HostType" : CRM_PACKAGE_VRMJOBS "vrm_type.VrmType";

    if (crm_json_text_equals(doc, name, dtos, strlen(dtos))) {
        return CRM_ENUM_OF_DTOS;
    }
    return crm_json_text_equals(doc, name, vrmjobs, strlen(vrmjobs)) ? CRM_ENUM_OF_VRMJOBS : CRM_ENUM_OTHER;
}

bool
crm_schema_enum_has(crm_field_t field, crm_enum_class_t enum_class, int64_t number)
{
    const crm_enum_row_t *row = crm_enum_row(field, number);
    return row && (row->in_dtos || enum_class != CRM_ENUM_OF_DTOS);
}
