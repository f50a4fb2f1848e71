/* test_classes.c
 * Which class an object is read as, its one line, and the bytes of its parts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "one_message.h"

#define ADDR  "\"inet_addr\": \"10.0.0.2\""
#define PORTS "\"ports\": []"
#define OF_DTOS                                                                                              \
    "{\"_value_\": 2, \"_name_\": \"PROBE_ACK\", \"__objclass__\": {\"py/type\": "                           \
    "\"dtos.crm_pkt_type.CrmPktType\"}}"
#define OF_VRMJOBS                                                                                           \
    "{\"_value_\": 2, \"_name_\": \"PROBE_ACK\", \"__objclass__\": {\"py/type\": "                           \
    "\"vrmjobs.vrm_type.VrmType\"}}"

/* An `info` that names no class is the one whose attributes it has. */
static void
test_info_by_attributes(void)
{
    static const struct {
        const char *type, *info;
        crm_class_t class;
        unsigned missing, members;
    } cases[] = {
        {"1", "{\"ip_addr\": \"10.0.0.2\", \"port\": 9090}", CRM_CLASS_COLLECTOR_INFO, 0, 0},
        {"1", "{" ADDR ", " PORTS "}", CRM_CLASS_COLLECTOR_INFO, 0, 0},
        {"2", "{\"ip_addr\": \"10.0.0.2\", \"port\": 9090, \"exporter_info\": {}}", CRM_CLASS_WORKER_INFO, 0,
         0},
        {"2", "{\"hostname\": \"h\", \"ip_addr\": \"10.0.0.2\", \"port\": 9090}", CRM_CLASS_WORKER_INFO, 0,
         0},
        {"2", "{\"hostname\": \"h\", " ADDR ", " PORTS "}", CRM_CLASS_WORKER_INFO, 0, 0},
        {OF_VRMJOBS, "{\"hostname\": \"h\", " ADDR ", " PORTS "}", CRM_CLASS_WORKER_INFO, 0, 0},
        {OF_DTOS, "{\"hostname\": \"h\", " ADDR ", " PORTS "}", CRM_CLASS_HOST_INFO, 1, 0},
        {"100", "{" ADDR ", " PORTS "}", CRM_CLASS_METRIC_INFO, 0, 0},
        {"100", "{\"hostname\": \"h\", " ADDR ", " PORTS "}", CRM_CLASS_METRIC_INFO, 0, 0},
        {"2", "{\"hostname\": \"h\", " ADDR ", " PORTS ", \"type\": 1}", CRM_CLASS_HOST_INFO, 0, 0},
        {"2", "{\"hostname\": \"h\", " ADDR ", " PORTS ", \"queries\": [], \"type\": 1}", CRM_CLASS_HOST_INFO,
         0, 0},
        {"2", "{" ADDR ", " PORTS ", \"type\": 1}", CRM_CLASS_HOST_INFO, 1, 0},
        {"2", "{\"hostname\": \"h\", " ADDR ", " PORTS ", \"type\": 1, \"x\": 1}", CRM_CLASS_HOST_INFO, 0, 1},
        {"1", "{" ADDR ", " PORTS ", \"x\": 1}", CRM_CLASS_COLLECTOR_INFO, 0, 1},
        {"2", "{\"hostname\": \"h\"}", CRM_CLASS_HOST_INFO, 3, 0},
        {"2", "{}", CRM_CLASS_HOST_INFO, 4, 0},
        {"3", "{\"status\": true, \"message\": \"m\", \"max_retries\": 0}", CRM_CLASS_REGISTER_INFO, 0, 0},
        {"3", "{\"status\": true}", CRM_CLASS_REGISTER_INFO, 2, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("{\"%s\": \"x\", \"type\": %s, \"info\": %s}",
                                                strcmp(cases[i].type, "100") == 0 ? "packet_id" : "id",
                                                cases[i].type, cases[i].info);
        unsigned members = 0;
        read_text(text);
        const uint32_t info = m.first[cases[i].class == CRM_CLASS_REGISTER_INFO ? CRM_FIELD_REGISTER_INFO
                                                                                : CRM_FIELD_HOST_INFO];
        g_assert_cmpuint(info, !=, CRM_NO_NODE);
        g_assert_cmpint(m.nodes[info].class, ==, cases[i].class);
        g_assert_cmpuint(count_findings(CRM_FINDING_MISSING_MEMBER), ==, cases[i].missing);
        g_assert_cmpuint(m.finding_count, ==, cases[i].missing);
        for (uint32_t n = 0; n < m.count; n++) {
            members += m.nodes[n].field == CRM_FIELD_MEMBER;
        }
        g_assert_cmpuint(members, ==, cases[i].members);
    }
}

/* One that is a whole RegisterInfo is none of a ProbeAck's. */
static void
test_info_of_another_family(void)
{
    read_text(
        "{\"id\": \"x\", \"type\": 2, \"info\": {\"status\": true, \"message\": \"m\", \"max_retries\": 0}}");
    g_assert_cmpuint(count_findings(CRM_FINDING_WRONG_TYPE), ==, 1);
    g_assert_cmpuint(m.finding_count, ==, 1);
    check_nodes(CRM_FIELD_HOST_INFO, "");
    check_nodes(CRM_FIELD_REGISTER_MESSAGE, "m=m");
}

static void
test_lines(void)
{
    static const struct {
        const char *info;
        crm_field_t field;
        const char *line;
    } cases[] = {
        {"{\"hostname\": \"worker2\", \"inet_addr\": \"10.0.0.12\", \"ports\": [], \"type\": 1}",
         CRM_FIELD_HOST_INFO, "worker2 (10.0.0.12)"},
        {"{\"ip_addr\": \"10.0.0.12\", \"port\": 1}", CRM_FIELD_HOST_INFO, "10.0.0.12"},
        {"{\"hostname\": \"worker2\", \"type\": 1}", CRM_FIELD_HOST_INFO, "worker2"},
        {"{\"type\": 1}", CRM_FIELD_HOST_INFO, "?"},
        {"{\"hostname\": 7, \"inet_addr\": null, \"type\": 1}", CRM_FIELD_HOST_INFO, "7 (null)"},
        {"{\"hostname\": \"\\u001b\\u202e\", \"type\": 1}", CRM_FIELD_HOST_INFO, "\\u001b\\u202e"},
    };
    static const struct {
        const char *info, *line;
    } registrations[] = {
        {"{\"status\": false, \"message\": {\"py/tuple\": [\"Failed.\"]}, \"max_retries\": 3}",
         "failed, 3 retries left: Failed."},
        {"{\"status\": false, \"max_retries\": 1}", "failed, 1 retry left"},
        {"{\"status\": false, \"max_retries\": \"1\"}", "failed, \"1\" retries left"},
        {"{\"status\": false, \"max_retries\": 0}", "failed, 0 retries left"},
        {"{\"status\": false, \"max_retries\": -1}", "failed, -1 retries left"},
        {"{\"status\": false, \"max_retries\": null}", "failed, null retries left"},
        {"{\"status\": true, \"message\": [\"Done.\"], \"max_retries\": 0}", "registered: Done."},
        {"{\"status\": false}", "failed"},
        {"{\"message\": \"Failed.\"}", "?: Failed."},
        {"{\"status\": 1}", "1"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("{\"id\": \"x\", \"type\": 2, \"info\": %s}", cases[i].info);
        g_autofree char *expected = g_strdup_printf("%s=%s", cases[i].line, cases[i].info);
        read_text(text);
        check_nodes(cases[i].field, expected);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(registrations); i++) {
        g_autofree char *text =
            g_strdup_printf("{\"id\": \"x\", \"type\": 3, \"info\": %s}", registrations[i].info);
        g_autofree char *expected = g_strdup_printf("%s=%s", registrations[i].line, registrations[i].info);
        read_text(text);
        check_nodes(CRM_FIELD_REGISTER_INFO, expected);
    }
}

/* A line is a value of its field: it is there when no byte that is missing
 * could change it, and not before. */
static void
test_lines_of_what_breaks_off(void)
{
    const char *text =
        "{\"id\": \"x\", \"type\": 2, \"info\": {\"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", "
        "\"ports\": []}}";
    const size_t whole = (size_t)(strstr(text, "10.0.0.2\"") - text) + strlen("10.0.0.2\"");

    for (size_t length = 0; length < strlen(text); length++) {
        g_autofree char *begin = g_strndup(text, length);
        read_text(begin);
        g_autofree char *nodes = nodes_of(CRM_FIELD_HOST_INFO);
        g_assert_cmpint(g_str_has_prefix(nodes, "h (10.0.0.2)="), ==, length >= whole);
        g_assert_cmpint(*nodes == '\0', ==, length < whole);
    }
}

#define FILTERS(criteria)                                                                                    \
    "{\"py/object\": \"vrmjobs.query_ack.QueryAck\", \"packet_id\": \"x\", \"hostname\": \"h\", \"job\": "   \
    "\"j\", "                                                                                                \
    "\"type\": 4, \"filters\": [{\"py/object\": \"vrmjobs.filter_info.FilterInfo\", \"category\": "          \
    "\"disk\", "                                                                                             \
    "\"criteria\": [" criteria "]}]}"

static void
test_short_criteria(void)
{
    read_text(FILTERS("{\"device\": \"/dev/sda\"}"));
    g_assert_cmpuint(m.finding_count, ==, 0);
    check_nodes(CRM_FIELD_CRITERION, "device = /dev/sda={\"device\": \"/dev/sda\"}");
    check_nodes(CRM_FIELD_FIELD_NAME, "device=device");
    check_nodes(CRM_FIELD_FIELD_VALUE, "/dev/sda=/dev/sda");
    check_nodes(CRM_FIELD_REGEX, "");

    read_text(
        FILTERS("{\"device\": \"sda\", \"mode\" : \"idle\"}, {\"field_name\": \"a\", \"field_value\": \"b\", "
                "\"regex\": \"!~\"}"));
    g_assert_cmpuint(m.finding_count, ==, 0);
    check_nodes(CRM_FIELD_CRITERION,
                "device = sda=\"device\": \"sda\"|mode = idle=\"mode\" : \"idle\"|a !~ b={\"field_name\": "
                "\"a\", \"field_value\": \"b\", \"regex\": \"!~\"}");

    /* With one attribute of a criterion, or of a class, it is a criterion with others missing. */
    read_text(FILTERS("{\"field_name\": \"a\", \"device\": \"sda\"}"));
    g_assert_cmpuint(count_findings(CRM_FINDING_MISSING_MEMBER), ==, 2);
    read_text(FILTERS("{}"));
    g_assert_cmpuint(count_findings(CRM_FINDING_MISSING_MEMBER), ==, 3);
    read_text(FILTERS("{\"device\": 5}"));
    g_assert_cmpuint(count_findings(CRM_FINDING_WRONG_TYPE), ==, 1);
    g_assert_cmpuint(m.finding_count, ==, 1);
    read_text(FILTERS("{\"device\": \"a\", \"device\": \"b\"}"));
    g_assert_cmpuint(count_findings(CRM_FINDING_DUPLICATE_MEMBER), ==, 1);
    check_nodes(CRM_FIELD_FIELD_VALUE, "b=b");
    /* What is no object is neither. */
    read_text(FILTERS("[\"device\", \"sda\"]"));
    g_assert_cmpuint(count_findings(CRM_FINDING_WRONG_TYPE), ==, 1);
    check_nodes(CRM_FIELD_CRITERION, "");
    check_nodes(CRM_FIELD_FIELD_NAME, "");
}

/* A criterion that was written before, in either form. */
static void
test_referenced_criteria(void)
{
    read_text(FILTERS("{\"device\": \"sda\"}, {\"py/id\": 4}"));
    g_assert_cmpuint(m.finding_count, ==, 0);
    check_nodes(CRM_FIELD_CRITERION, "device = sda={\"device\": \"sda\"}|device = sda={\"device\": \"sda\"}");
}

static void
test_exporters(void)
{
    read_text(
        "{\"id\": \"x\", \"type\": 2, \"info\": {\"ip_addr\": \"10.0.0.2\", \"port\": 1, \"exporter_info\": "
        "{\"node_exporter\": 9100, \"a\\u0062\" :\"c\", \"d\": {\"e\": [1]}}}}");
    g_assert_cmpuint(m.finding_count, ==, 0);
    check_nodes(CRM_FIELD_EXPORTER,
                "node_exporter: 9100=\"node_exporter\": 9100|ab: \"c\"=\"a\\u0062\" :\"c\"|"
                "d: {\"e\": [1]}=\"d\": {\"e\": [1]}");
    check_nodes(CRM_FIELD_MEMBER, "");
    read_text("{\"id\": \"x\", \"type\": 2, \"info\": {\"ip_addr\": \"10.0.0.2\", \"port\": 1, "
              "\"exporter_info\": []}}");
    g_assert_cmpuint(count_findings(CRM_FINDING_WRONG_TYPE), ==, 1);
    check_nodes(CRM_FIELD_EXPORTER, "");
}

#define QUERY                                                                                                \
    "{\"py/object\": \"vrmjobs.query_info.QueryInfo\", \"job\": \"node\", \"filters\": [{\"py/object\": "    \
    "\"vrmjobs.filter_info.FilterInfo\", \"category\": \"disk\", \"criteria\": []}]}"

static void
test_queries(void)
{
    read_text(
        "{\"py/object\": \"vrmjobs.probe_ack.ProbeAck\", \"id\": \"x\", \"type\": 2, \"info\": "
        "{\"py/object\": "
        "\"vrmjobs.host_info.HostInfo\", \"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", \"ports\": [], "
        "\"queries\": [" QUERY ", {\"py/id\": 4}], \"type\": 1}}");
    g_assert_cmpuint(m.finding_count, ==, 0);
    check_nodes(CRM_FIELD_QUERY_INFO, "node=" QUERY "|node=" QUERY);
    check_nodes(CRM_FIELD_JOB, "node=node|node=node");
    check_nodes(CRM_FIELD_MEMBER, "");
    const crm_node_t *query = &m.nodes[m.first[CRM_FIELD_QUERY_INFO]];
    g_assert_cmpuint(crm_message_child(&m, m.first[CRM_FIELD_QUERY_INFO], CRM_FIELD_JOB), !=, CRM_NO_NODE);
    g_assert_cmpuint(m.first[CRM_FIELD_FILTER_INFO], <, query->next);
}

/* The deepest path that the schema has. */
static void
test_path_of_a_criterion(void)
{
    read_text("{\"type\": 2, \"info\": {\"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", \"ports\": [], "
              "\"type\": 1, "
              "\"queries\": [{\"job\": \"j\", \"filters\": [{\"category\": \"c\", \"criteria\": "
              "[{\"field_name\": \"a\", "
              "\"field_value\": \"b\", \"regex\": 5}]}]}]}, \"id\": \"x\"}");
    g_assert_cmpuint(m.finding_count, ==, 1);
    g_assert_cmpstr(crm_message_text(&m, m.findings[0].text), ==,
                    "info.queries[0].filters[0].criteria[0].regex: expected a string, found an integer");
}

/* Python's text of an enum. */
static void
test_enum_texts(void)
{
    static const struct {
        const char *text;
        int64_t number; /* -1: none */
        bool known;     /* of the class that belongs there */
    } cases[] = {
        {"<HostType.WORKER: 1>", 1, true},
        {"HostType.MONITOR", 3, true},
        {"\\u003cHostType.COLLECTOR: 2\\u003e", 2, true},
        {"<HostType.OTHER: 9>", -1, true},
        {"<Color.WORKER: 1>", 1, false},
        {"CrmPktType.PROBE_INIT", -1, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("{\"type\": 2, \"id\": \"x\", \"info\": {\"hostname\": \"h\", \"inet_addr\": "
                            "\"10.0.0.2\", \"ports\": [], \"type\": \"%s\"}}",
                            cases[i].text);
        read_text(text);
        g_assert_cmpuint(m.finding_count, ==, 1);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNKNOWN_ENUM), ==, 1);
        g_assert_true(m.enum_forms & 1U << CRM_ENUM_TEXT);
        const char *finding = crm_message_text(&m, m.findings[0].text);
        g_assert_true((strstr(finding, "class is not") != NULL) != cases[i].known);
        g_assert_true((strstr(finding, "the receiver gets a text, not an enum") != NULL) ==
                      (cases[i].known && cases[i].number >= 0));
        if (cases[i].number >= 0) {
            g_assert_cmpint(m.nodes[m.first[CRM_FIELD_HOST_TYPE]].number, ==, cases[i].number);
        } else {
            g_assert_cmpuint(m.first[CRM_FIELD_HOST_TYPE], ==, CRM_NO_NODE);
        }
    }
    /* A message is known by one, too; and what only looks like one is a name. */
    read_text("{\"type\": \"VrmType.QUERY_ACK\", \"packet_id\": \"x\", \"hostname\": \"h\", \"job\": \"j\", "
              "\"filters\": []}");
    g_assert_cmpint(m.class, ==, CRM_CLASS_QUERY_ACK);
    static const char *const names[] = {
        "a.b.c", "<HostType.WORKER>",   "<HostType.WORKER: x>", "HostType.", ".WORKER",
        "1.5",   "<HostType.WORKER: 1", "HostType.WORKER: 1"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = g_strdup_printf("{\"type\": 2, \"info\": {\"type\": \"%s\"}}", names[i]);
        read_text(text);
        g_assert_false(m.enum_forms & 1U << CRM_ENUM_TEXT);
    }
}

/* A number alone, as a sender of plain JSON writes it, is known whichever it is. */
static void
test_types_without_class(void)
{
    static const crm_class_t classes[] = {
        [CRM_PROBE_INIT] = CRM_CLASS_PROBE_INIT,   [CRM_PROBE_ACK] = CRM_CLASS_PROBE_ACK,
        [CRM_REG_ACK] = CRM_CLASS_REGISTER_ACK,    [CRM_QUERY_ACK] = CRM_CLASS_QUERY_ACK,
        [CRM_METRIC_INIT] = CRM_CLASS_METRIC_INIT, [CRM_METRIC_INIT + 1] = CRM_CLASS_NONE};

    for (size_t number = 0; number < G_N_ELEMENTS(classes); number++) {
        g_autofree char *text = g_strdup_printf("{\"type\": %zu}", number);
        read_text(text);
        g_assert_cmpint(m.class, ==, classes[number]);
        g_assert_cmpint(m.nodes[m.first[CRM_FIELD_TYPE]].number, ==, (int64_t)number);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNKNOWN_ENUM), ==, classes[number] == CRM_CLASS_NONE);
    }
}

/* No field holds a number of more than 32 bits, and none is cut down to fit: what is left of 2^32 + 1 would
 * be PROBE_INIT. */
static void
test_enum_numbers_beyond_the_field(void)
{
    static const struct {
        const char *number;
        bool held;
    } cases[] = {{"4294967295", true},
                 {"4294967296", false},
                 {"4294967297", false},
                 {"-1", false},
                 {"-4294967295", false},
                 {"-9223372036854775807", false},
                 {"9223372036854775807", false},
                 {"18446744073709551617", false},
                 {"1.0", false}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("{\"type\": %s, \"info\": {\"hostname\": \"h\", "
                                                "\"inet_addr\": \"10.0.0.2\", \"type\": %s}}",
                                                cases[i].number, cases[i].number);
        read_text(text);
        g_assert_cmpint(m.class, ==, CRM_CLASS_NONE);
        g_assert_cmpint(m.first[CRM_FIELD_TYPE] != CRM_NO_NODE, ==, cases[i].held);
        g_assert_cmpint(m.first[CRM_FIELD_HOST_TYPE] != CRM_NO_NODE, ==, cases[i].held);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNKNOWN_ENUM) + count_findings(CRM_FINDING_WRONG_TYPE),
                         ==, 2);
    }
}

/* What is said of one value: the first finding of the document. */
static void
test_what_is_said_of_a_value(void)
{
#define ENUM(class, number) "{\"py/reduce\": [{\"py/type\": \"" class "\"}, {\"py/tuple\": [" #number "]}]}"
#define INFO_OF(members)    "{\"type\": 2, \"id\": \"x\", \"info\": {\"hostname\": \"h\", " members "}}"
#define OF_TYPE(value)      INFO_OF(ADDR ", \"ports\": [], \"type\": " value)
#define OF_PORT(value)      INFO_OF(ADDR ", \"ports\": [{\"daemon\": \"d\", \"port\": " value "}], \"type\": 1")
#define OF_TEXT(value)                                                                                       \
    "{\"type\": 3, \"id\": \"x\", \"info\": {\"status\": true, \"max_retries\": 0, \"message\": " value "}}"
    static const struct {
        const char *text, *said; /* the begin; NULL: nothing */
    } cases[] = {
        {OF_TYPE("3"), NULL},
        {OF_TYPE("9"), "info.type: 9 is not defined"},
        {OF_TYPE("\"OTHER\""), "info.type: no host type with this name or number is defined"},
        {OF_TYPE(ENUM("dtos.host_type.HostType", 3)),
         "info.type: 3 is not defined in the enum of crm-dtos, only in that of vrmjobs"},
        {OF_TYPE(ENUM("vrmjobs.host_type.HostType", 9)), "info.type: 9 is not defined"},
        {OF_TYPE(ENUM("vrmjobs.vrm_type.VrmType", 1)), "info.type: the enum's class is not HostType"},
        {OF_TYPE("true"), "info.type: expected an enum in one of jsonpickle's forms, found a boolean"},
        {OF_PORT("0"), "info.ports[0].port: a port is a number from 1 to 65535"},
        {OF_PORT("1"), NULL},
        {OF_PORT("65535"), NULL},
        {OF_PORT("65536"), "info.ports[0].port: a port is a number from 1 to 65535"},
        {OF_PORT("-1"), "info.ports[0].port: a port is a number from 1 to 65535"},
        {OF_PORT("\"1\""), "info.ports[0].port: expected an integer, found a string"},
        {INFO_OF("\"inet_addr\": 7, \"ports\": [], \"type\": 1"),
         "info.inet_addr: expected a string, found an integer"},
        {INFO_OF("\"inet_addr\": \"\", \"ports\": [], \"type\": 1"),
         "info.inet_addr: neither an IPv4 nor an IPv6 address"},
        {OF_TEXT("\"m\""), NULL},
        {OF_TEXT("[\"m\"]"), NULL},
        {OF_TEXT("[]"), "info.message: expected a tuple of one string, found a list"},
        {OF_TEXT("[\"m\", \"n\"]"), "info.message: expected a tuple of one string, found a list"},
        {OF_TEXT("\"('m',)\""), "info.message: expected a tuple of one string, found Python's text of one"},
        {OF_TEXT("\"<a.B object at 0x7f>\""), NULL},
        {OF_TEXT("\"\""), NULL},
        {OF_TEXT("\"(\""), NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpuint(m.finding_count, ==, cases[i].said != NULL);
        if (cases[i].said) {
            g_assert_true(g_str_has_prefix(crm_message_text(&m, m.findings[0].text), cases[i].said));
        }
    }
    read_text(OF_PORT("0"));
    g_assert_cmpint(m.nodes[m.first[CRM_FIELD_PORT]].number, ==, 0);
}

/* By most of its attributes, as a ReportInit has no packet type; a class that nobody knows is no message. */
static void
test_message_by_attributes(void)
{
    static const struct {
        const char *text;
        crm_class_t class;
    } cases[] = {
        {"{\"measurement\": \"\", \"tags\": [], \"fields\": []}", CRM_CLASS_REPORT_INIT},
        {"{\"measurement\": \"\", \"tags\": []}", CRM_CLASS_NONE},
        {"{\"id\": \"x\", \"info\": {}, \"measurement\": \"\"}", CRM_CLASS_NONE},
        {"{\"py/object\": \"a.B\", \"measurement\": \"\", \"tags\": [], \"fields\": []}", CRM_CLASS_NONE},
        {"{\"py/object\": \"a.B\", \"type\": 2}", CRM_CLASS_NONE},
        {"{\"py/object\": \"dtos.host_info.HostInfo\", \"type\": 2}", CRM_CLASS_NONE},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 2}", CRM_CLASS_PROBE_INIT},
        {"{\"py/object\": 1, \"type\": 2}", CRM_CLASS_PROBE_ACK},
        {"{\"type\": 1, \"type\": 2}", CRM_CLASS_PROBE_ACK},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpint(m.class, ==, cases[i].class);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNKNOWN_CLASS), ==, cases[i].class == CRM_CLASS_NONE);
    }
}

/* A member that no message has is named by its place; the value of one that breaks off is not known. */
static void
test_foreign_members(void)
{
    read_text("{\"type\": 2, \"a\": 1, \"info\": {\"hostname\": \"h\", \"b\": [2]}}");
    check_nodes(CRM_FIELD_MEMBER, "a = 1=\"a\": 1|info.b = [2]=\"b\": [2]");
    g_assert_false(m.nodes[m.first[CRM_FIELD_MEMBER]].flags & CRM_NODE_OPEN);

    static const char *const open[] = {"{\"type\": 2, \"a\": [1", "{\"type\": 2, \"a\": {\"b\": 1", "[1"};
    for (size_t i = 0; i < G_N_ELEMENTS(open); i++) {
        read_text(open[i]);
        g_assert_cmpuint(m.first[CRM_FIELD_MEMBER], ==, CRM_NO_NODE);
        const crm_node_t *last = &m.nodes[m.count - 1];
        g_assert_cmpint(last->field, ==, CRM_FIELD_MEMBER);
        g_assert_cmpint(last->value, ==, CRM_VALUE_RAW);
        g_assert_cmpuint(last->flags, ==, CRM_NODE_OPEN);
    }
}

/* The last part that a line needs may be the one that is missing. */
static void
test_lines_without_their_last_part(void)
{
#define OPEN_INFO "{\"type\": 3, \"id\": \"x\", \"info\": {\"status\": false, \"max_retries\": 2"
    read_text(OPEN_INFO ", \"x\": 1");
    check_nodes(CRM_FIELD_REGISTER_INFO, "");
    read_text(OPEN_INFO ", \"message\": [\"m\"], \"x\": 1");
    check_nodes(CRM_FIELD_REGISTER_INFO, "failed, 2 retries left: m={\"status\": false, \"max_retries\": 2, "
                                         "\"message\": [\"m\"], \"x\": 1");
    read_text("{\"type\": 2, \"info\": {\"inet_addr\": \"10.0.0.2\", \"x\": 1");
    check_nodes(CRM_FIELD_HOST_INFO, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/classes/info-by-attributes", test_info_by_attributes);
    g_test_add_func("/classes/info-of-another-family", test_info_of_another_family);
    g_test_add_func("/classes/lines", test_lines);
    g_test_add_func("/classes/lines-of-what-breaks-off", test_lines_of_what_breaks_off);
    g_test_add_func("/classes/short-criteria", test_short_criteria);
    g_test_add_func("/classes/referenced-criteria", test_referenced_criteria);
    g_test_add_func("/classes/exporters", test_exporters);
    g_test_add_func("/classes/queries", test_queries);
    g_test_add_func("/classes/path-of-a-criterion", test_path_of_a_criterion);
    g_test_add_func("/classes/enum-texts", test_enum_texts);
    g_test_add_func("/classes/what-is-said-of-a-value", test_what_is_said_of_a_value);
    g_test_add_func("/classes/message-by-attributes", test_message_by_attributes);
    g_test_add_func("/classes/foreign-members", test_foreign_members);
    g_test_add_func("/classes/lines-without-their-last-part", test_lines_without_their_last_part);
    g_test_add_func("/classes/types-without-class", test_types_without_class);
    g_test_add_func("/classes/enum-numbers-beyond-the-field", test_enum_numbers_beyond_the_field);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
