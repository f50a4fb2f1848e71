/* test_schema.c
 * Each attribute of each class: which field shows it, what may stand in it, what is missing without it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "one_message.h"

#include "message/schema.h"

/* What may stand in an attribute. */
typedef enum {
    TEXT,
    ADDRESS,
    INTEGER,
    PORT,
    BOOLEAN,
    ENUM,
    WRAPPED,
    OBJECT,
    MEMBERS,
    OBJECTS,
    TEXTS,
    KINDS
} kind_t;

/* docs/protocol.md's tables, an attribute a line. `group` is what is said to be missing without it: the
 * first of those that may stand in each other's place; NULL: it may be absent. */
static const struct {
    crm_class_t class;
    const char *name;
    kind_t kind;
    crm_field_t field; /* of an object or of a list's entries, theirs */
    const char *group;
} attributes[] = {
    {CRM_CLASS_PROBE_INIT, "type", ENUM, CRM_FIELD_TYPE, "type"},
    {CRM_CLASS_PROBE_INIT, "id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_PROBE_INIT, "packet_id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_PROBE_INIT, "info", OBJECT, CRM_FIELD_HOST_INFO, "info"},
    {CRM_CLASS_PROBE_ACK, "type", ENUM, CRM_FIELD_TYPE, "type"},
    {CRM_CLASS_PROBE_ACK, "id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_PROBE_ACK, "packet_id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_PROBE_ACK, "info", OBJECT, CRM_FIELD_HOST_INFO, "info"},
    {CRM_CLASS_REGISTER_ACK, "type", ENUM, CRM_FIELD_TYPE, "type"},
    {CRM_CLASS_REGISTER_ACK, "id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_REGISTER_ACK, "packet_id", TEXT, CRM_FIELD_ID, "id"},
    {CRM_CLASS_REGISTER_ACK, "info", OBJECT, CRM_FIELD_REGISTER_INFO, "info"},
    {CRM_CLASS_QUERY_ACK, "type", ENUM, CRM_FIELD_TYPE, "type"},
    {CRM_CLASS_QUERY_ACK, "packet_id", TEXT, CRM_FIELD_ID, "packet_id"},
    {CRM_CLASS_QUERY_ACK, "id", TEXT, CRM_FIELD_ID, "packet_id"},
    {CRM_CLASS_QUERY_ACK, "hostname", TEXT, CRM_FIELD_HOSTNAME, "hostname"},
    {CRM_CLASS_QUERY_ACK, "job", TEXT, CRM_FIELD_JOB, "job"},
    {CRM_CLASS_QUERY_ACK, "filters", OBJECTS, CRM_FIELD_FILTER_INFO, "filters"},
    {CRM_CLASS_METRIC_INIT, "type", ENUM, CRM_FIELD_TYPE, "type"},
    {CRM_CLASS_METRIC_INIT, "packet_id", TEXT, CRM_FIELD_ID, "packet_id"},
    {CRM_CLASS_METRIC_INIT, "id", TEXT, CRM_FIELD_ID, "packet_id"},
    {CRM_CLASS_METRIC_INIT, "info", OBJECT, CRM_FIELD_HOST_INFO, "info"},
    {CRM_CLASS_REPORT_INIT, "type", TEXT, CRM_FIELD_REPORT_TYPE, "type"},
    {CRM_CLASS_REPORT_INIT, "measurement", TEXT, CRM_FIELD_MEASUREMENT, "measurement"},
    {CRM_CLASS_REPORT_INIT, "tags", TEXTS, CRM_FIELD_TAG, "tags"},
    {CRM_CLASS_REPORT_INIT, "fields", TEXTS, CRM_FIELD_FIELD, "fields"},
    {CRM_CLASS_REPORT_INIT, "timestamp", INTEGER, CRM_FIELD_TIMESTAMP, "timestamp"},
    {CRM_CLASS_HOST_INFO, "hostname", TEXT, CRM_FIELD_HOSTNAME, "hostname"},
    {CRM_CLASS_HOST_INFO, "inet_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_HOST_INFO, "ip_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_HOST_INFO, "ports", OBJECTS, CRM_FIELD_PORT_INFO, "ports"},
    {CRM_CLASS_HOST_INFO, "port", PORT, CRM_FIELD_PORT, "ports"},
    {CRM_CLASS_HOST_INFO, "queries", OBJECTS, CRM_FIELD_QUERY_INFO, NULL},
    {CRM_CLASS_HOST_INFO, "type", ENUM, CRM_FIELD_HOST_TYPE, "type"},
    {CRM_CLASS_METRIC_INFO, "hostname", TEXT, CRM_FIELD_HOSTNAME, NULL},
    {CRM_CLASS_METRIC_INFO, "inet_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_METRIC_INFO, "ports", OBJECTS, CRM_FIELD_PORT_INFO, "ports"},
    {CRM_CLASS_COLLECTOR_INFO, "inet_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_COLLECTOR_INFO, "ip_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_COLLECTOR_INFO, "ports", OBJECTS, CRM_FIELD_PORT_INFO, "ports"},
    {CRM_CLASS_COLLECTOR_INFO, "port", PORT, CRM_FIELD_PORT, "ports"},
    {CRM_CLASS_WORKER_INFO, "hostname", TEXT, CRM_FIELD_HOSTNAME, NULL},
    {CRM_CLASS_WORKER_INFO, "inet_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_WORKER_INFO, "ip_addr", ADDRESS, CRM_FIELD_INET_ADDR, "inet_addr"},
    {CRM_CLASS_WORKER_INFO, "ports", OBJECTS, CRM_FIELD_PORT_INFO, "ports"},
    {CRM_CLASS_WORKER_INFO, "port", PORT, CRM_FIELD_PORT, "ports"},
    {CRM_CLASS_WORKER_INFO, "exporter_info", MEMBERS, CRM_FIELD_EXPORTER, NULL},
    {CRM_CLASS_REGISTER_INFO, "status", BOOLEAN, CRM_FIELD_STATUS, "status"},
    {CRM_CLASS_REGISTER_INFO, "message", WRAPPED, CRM_FIELD_REGISTER_MESSAGE, "message"},
    {CRM_CLASS_REGISTER_INFO, "max_retries", INTEGER, CRM_FIELD_MAX_RETRIES, "max_retries"},
    {CRM_CLASS_PORT_INFO, "daemon", TEXT, CRM_FIELD_DAEMON, "daemon"},
    {CRM_CLASS_PORT_INFO, "port", PORT, CRM_FIELD_PORT, "port"},
    {CRM_CLASS_QUERY_INFO, "job", TEXT, CRM_FIELD_JOB, "job"},
    {CRM_CLASS_QUERY_INFO, "filters", OBJECTS, CRM_FIELD_FILTER_INFO, "filters"},
    {CRM_CLASS_FILTER_INFO, "category", TEXT, CRM_FIELD_CATEGORY, "category"},
    {CRM_CLASS_FILTER_INFO, "criteria", OBJECTS, CRM_FIELD_CRITERION, "criteria"},
    {CRM_CLASS_CRITERION, "field_name", TEXT, CRM_FIELD_FIELD_NAME, "field_name"},
    {CRM_CLASS_CRITERION, "field_value", TEXT, CRM_FIELD_FIELD_VALUE, "field_value"},
    {CRM_CLASS_CRITERION, "regex", TEXT, CRM_FIELD_REGEX, "regex"},
};

/* Where an object of a class stands: "%s" is its members, and before it, where it is in the message. */
#define MESSAGE(name) "{\"py/object\": \"vrmjobs." name "\", %s}"
#define INFO(name)                                                                                           \
    "{\"py/object\": \"vrmjobs.probe_ack.ProbeAck\", \"info\": {\"py/object\": \"vrmjobs." name "\", %s}}"
#define IN_HOST(list, name)                                                                                  \
    "{\"py/object\": \"vrmjobs.probe_ack.ProbeAck\", \"info\": {\"py/object\": "                             \
    "\"vrmjobs.host_info.HostInfo\", \"" list "\": [{\"py/object\": \"vrmjobs." name "\", %s}]}}"
#define IN_QUERY(object)                                                                                     \
    "{\"py/object\": \"vrmjobs.query_ack.QueryAck\", \"filters\": [{\"py/object\": "                         \
    "\"vrmjobs.filter_info.FilterInfo\", " object "}]}"

static const struct {
    const char *text, *place, *name;
} places[CRM_CLASS_COUNT] = {
    [CRM_CLASS_PROBE_INIT] = {MESSAGE("probe_init.ProbeInit"), "", "ProbeInit"},
    [CRM_CLASS_PROBE_ACK] = {MESSAGE("probe_ack.ProbeAck"), "", "ProbeAck"},
    [CRM_CLASS_REGISTER_ACK] = {MESSAGE("register_ack.RegisterAck"), "", "RegisterAck"},
    [CRM_CLASS_QUERY_ACK] = {MESSAGE("query_ack.QueryAck"), "", "QueryAck"},
    [CRM_CLASS_METRIC_INIT] = {MESSAGE("metric_init.MetricInit"), "", "MetricInit"},
    [CRM_CLASS_REPORT_INIT] = {MESSAGE("report_init.ReportInit"), "", "ReportInit"},
    [CRM_CLASS_HOST_INFO] = {INFO("host_info.HostInfo"), "info", "HostInfo"},
    [CRM_CLASS_METRIC_INFO] = {INFO("metric_info.MetricInfo"), "info", "MetricInfo"},
    [CRM_CLASS_COLLECTOR_INFO] = {INFO("collector_info.CollectorInfo"), "info", "CollectorInfo"},
    [CRM_CLASS_WORKER_INFO] = {INFO("worker_info.WorkerInfo"), "info", "WorkerInfo"},
    [CRM_CLASS_REGISTER_INFO] =
        {"{\"py/object\": \"vrmjobs.register_ack.RegisterAck\", \"info\": {\"py/object\": "
         "\"vrmjobs.register_info.RegisterInfo\", %s}}",
         "info", "RegisterInfo"},
    [CRM_CLASS_PORT_INFO] = {IN_HOST("ports", "port_info.PortInfo"), "info.ports[0]", "PortInfo"},
    [CRM_CLASS_QUERY_INFO] = {IN_HOST("queries", "query_info.QueryInfo"), "info.queries[0]", "QueryInfo"},
    [CRM_CLASS_FILTER_INFO] = {IN_QUERY("%s"), "filters[0]", "FilterInfo"},
    [CRM_CLASS_CRITERION] = {IN_QUERY("\"criteria\": [{%s}]"), "filters[0].criteria[0]", "criterion"},
};

/* An object of a class with these members. */
static char *
object_of(crm_class_t class, const char *members)
{
    g_auto(GStrv) parts = g_strsplit(places[class].text, "%s", 2);
    return g_strconcat(parts[0], members, parts[1], NULL);
}

/* Whether one of the findings of a kind is this text, whole or its begin. */
static bool
is_said(crm_finding_kind_t kind, const char *text, bool whole)
{
    for (uint32_t f = 0; f < m.finding_count; f++) {
        const char *said = crm_message_text(&m, m.findings[f].text);
        if (m.findings[f].kind == kind && (whole ? strcmp(said, text) == 0 : g_str_has_prefix(said, text))) {
            return true;
        }
    }
    return false;
}

/* One value of each of JSON's kinds, and for which attributes it is none that the class has there. */
static const struct {
    const char *value, *found;
    unsigned fits; /* bit: kind_t */
} values[] = {
    {"\"10.0.0.2\"", "a string", 1 << TEXT | 1 << ADDRESS | 1 << ENUM | 1 << WRAPPED},
    {"2", "an integer", 1 << INTEGER | 1 << PORT | 1 << ENUM},
    {"1.5", "a number", 0},
    {"true", "a boolean", 1 << BOOLEAN},
    {"null", "null", 0},
    {"[\"t\"]", "a list", 1 << WRAPPED | 1 << TEXTS | 1 << OBJECTS},
    {"{\"x\": 1}", "an object", 1 << OBJECT | 1 << MEMBERS},
};

static const char *const expected[KINDS] = {
    [TEXT] = "a string",    [ADDRESS] = "a string",      [INTEGER] = "an integer",
    [PORT] = "an integer",  [BOOLEAN] = "true or false", [ENUM] = "an enum in one of jsonpickle's forms",
    [WRAPPED] = "a string", [OBJECT] = "an object",      [MEMBERS] = "an object",
    [OBJECTS] = "a list",   [TEXTS] = "a list"};

static void
test_what_may_stand_in_each(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        const char *place = places[attributes[i].class].place;
        g_autofree char *path = g_strconcat(place, *place ? "." : "", attributes[i].name, NULL);

        for (size_t v = 0; v < G_N_ELEMENTS(values); v++) {
            g_autofree char *member = g_strdup_printf("\"%s\": %s", attributes[i].name, values[v].value);
            g_autofree char *text = object_of(attributes[i].class, member);
            g_autofree char *said = g_strdup_printf("%s: expected %s, found %s", path,
                                                    expected[attributes[i].kind], values[v].found);
            read_text(text);
            g_assert_cmpint(is_said(CRM_FINDING_WRONG_TYPE, said, false), ==,
                            !(values[v].fits & 1U << attributes[i].kind));
        }
    }
}

/* What tells kinds apart of which the same is said when a wrong type stands there. */
static void
test_what_is_wrong_with_one_of_the_right_type(void)
{
    static const struct {
        kind_t kind;
        const char *value;
        crm_finding_kind_t finding;
        const char *of; /* the part of the value that it is about */
    } faults[] = {
        {ADDRESS, "\"t\"", CRM_FINDING_INET_ADDR_INVALID, ""},
        {PORT, "0", CRM_FINDING_PORT_OUT_OF_RANGE, ""},
        {ENUM, "77", CRM_FINDING_UNKNOWN_ENUM, ""},
        {WRAPPED, "[]", CRM_FINDING_WRONG_TYPE, ""},
        {OBJECT, "{\"py/object\": \"a.B\"}", CRM_FINDING_UNKNOWN_CLASS, ""},
        {OBJECTS, "[\"t\"]", CRM_FINDING_WRONG_TYPE, "[0]"},
        {TEXTS, "[{}]", CRM_FINDING_WRONG_TYPE, "[0]"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        const char *place = places[attributes[i].class].place;

        for (size_t f = 0; f < G_N_ELEMENTS(faults); f++) {
            g_autofree char *member = g_strdup_printf("\"%s\": %s", attributes[i].name, faults[f].value);
            g_autofree char *text = object_of(attributes[i].class, member);
            g_autofree char *said =
                g_strconcat(place, *place ? "." : "", attributes[i].name, faults[f].of, ": ", NULL);
            read_text(text);
            if (faults[f].kind == attributes[i].kind) {
                g_assert_true(is_said(faults[f].finding, said, false));
            } else if (faults[f].finding != CRM_FINDING_WRONG_TYPE) {
                g_assert_false(is_said(faults[f].finding, said, false));
            }
        }
    }
}

/* The field that has the value, or the entries of the list that is the value. */
static void
test_field_of_each(void)
{
    static const char *const good[KINDS] = {[TEXT] = "\"10.0.0.2\"",  [ADDRESS] = "\"10.0.0.2\"",
                                            [INTEGER] = "2",          [PORT] = "2",
                                            [BOOLEAN] = "true",       [ENUM] = "2",
                                            [WRAPPED] = "[\"t\"]",    [OBJECT] = "{}",
                                            [MEMBERS] = "{\"x\": 1}", [OBJECTS] = "[{\"x\": 1}]",
                                            [TEXTS] = "[\"t\"]"};

    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        g_autofree char *member = g_strdup_printf("\"%s\": %s", attributes[i].name, good[attributes[i].kind]);
        g_autofree char *text = object_of(attributes[i].class, member);

        read_text(text);
        const crm_node_t *node = first(attributes[i].field);
        g_assert_cmpint(node->value, !=, CRM_VALUE_RAW);
        if (attributes[i].kind < MEMBERS) {
            g_assert_cmpstr(node->name, ==, attributes[i].name);
        }
    }
}

/* With one attribute, all those are missing that it does not stand for. */
static void
test_what_is_missing_without_each(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        const crm_class_t class = attributes[i].class;
        const char *place = places[class].place;
        g_autofree char *member = g_strdup_printf("\"%s\": null", attributes[i].name);
        g_autofree char *text = object_of(class, member);
        int missing = 0;

        read_text(text);
        for (size_t other = 0; other < G_N_ELEMENTS(attributes); other++) {
            const char *group = attributes[other].group;
            g_autofree char *said = g_strdup_printf("%s%s%s has no \"%s\"", place, *place ? ": " : "",
                                                    places[class].name, attributes[other].name);
            const bool due = attributes[other].class == class && group &&
                             strcmp(group, attributes[other].name) == 0 &&
                             (attributes[i].group == NULL || strcmp(group, attributes[i].group) != 0);
            if (attributes[other].class == class) {
                g_assert_cmpint(is_said(CRM_FINDING_MISSING_MEMBER, said, true), ==, due);
                missing += due;
            }
        }
        for (uint32_t f = 0; f < m.finding_count; f++) {
            g_autofree char *begin =
                g_strdup_printf("%s%s%s has no ", place, *place ? ": " : "", places[class].name);
            missing -= g_str_has_prefix(crm_message_text(&m, m.findings[f].text), begin);
        }
        g_assert_cmpint(missing, ==, 0);
    }
}

/* Of each class, every attribute is in the table above, and where an object of it stands. */
static void
test_each_has_a_row(void)
{
    for (unsigned class = CRM_CLASS_NONE + 1; class < CRM_CLASS_COUNT; class ++) {
        const crm_class_info_t *info = crm_schema_class((crm_class_t) class);

        g_assert_nonnull(places[class].text);
        for (unsigned a = 0; a < info->count; a++) {
            unsigned rows = 0;
            for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
                rows +=
                    attributes[i].class == class && strcmp(attributes[i].name, info->attributes[a].name) == 0;
            }
            g_test_message("%s: %s", info->name, info->attributes[a].name);
            g_assert_cmpuint(rows, ==, 1);
        }
    }
}

/* An object without a line is no value of its field. */
static void
test_each_object_has_a_line(void)
{
    for (unsigned class = CRM_CLASS_NONE + 1; class < CRM_CLASS_COUNT; class ++) {
        g_autofree char *text = object_of((crm_class_t) class, "\"x\": 1");
        unsigned lines = crm_schema_is_message((crm_class_t) class);

        read_text(text);
        for (uint32_t n = 1; n < m.count; n++) {
            lines += m.nodes[n].value == CRM_VALUE_OBJECT && m.nodes[n].class == class &&
                     m.nodes[n].text != CRM_NO_TEXT;
        }
        g_test_message("%s", crm_class_name((crm_class_t) class));
        g_assert_cmpuint(lines, >=, 1);
    }
}

/* A name may be written with escapes. */
static void
test_escaped_names(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        g_autofree char *member =
            g_strdup_printf("\"\\u%04x%s\": null", attributes[i].name[0], attributes[i].name + 1);
        g_autofree char *text = object_of(attributes[i].class, member);
        const char *place = places[attributes[i].class].place;
        g_autofree char *said = g_strdup_printf("%s%s%s: expected %s, found null", place, *place ? "." : "",
                                                attributes[i].name, expected[attributes[i].kind]);

        read_text(text);
        g_assert_true(is_said(CRM_FINDING_WRONG_TYPE, said, true));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/schema/each-has-a-row", test_each_has_a_row);
    g_test_add_func("/schema/each-object-has-a-line", test_each_object_has_a_line);
    g_test_add_func("/schema/what-may-stand-in-each", test_what_may_stand_in_each);
    g_test_add_func("/schema/what-is-wrong-with-one-of-the-right-type",
                    test_what_is_wrong_with_one_of_the_right_type);
    g_test_add_func("/schema/field-of-each", test_field_of_each);
    g_test_add_func("/schema/what-is-missing-without-each", test_what_is_missing_without_each);
    g_test_add_func("/schema/escaped-names", test_escaped_names);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
