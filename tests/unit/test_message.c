/* test_message.c
 * Messages: nodes, byte ranges, findings, references, limits
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/recognise.h"
#include "message/schema.h"
#include "one_message.h"

#define TYPE(n)    "{\"py/reduce\": [{\"py/type\": \"dtos.crm_pkt_type.CrmPktType\"}, {\"py/tuple\": [" #n "]}]}"
#define HOST(n)    "{\"py/reduce\": [{\"py/type\": \"dtos.host_type.HostType\"}, {\"py/tuple\": [" #n "]}]}"
#define PORT(d, p) "{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"" d "\", \"port\": " #p "}"
#define INFO(ports)                                                                                          \
    "{\"py/object\": \"dtos.host_info.HostInfo\", \"hostname\": \"collector\", \"inet_addr\": "              \
    "\"10.0.0.2\", "                                                                                         \
    "\"ports\": [" ports "], \"type\": " HOST(2) "}"
#define INIT(ports)                                                                                          \
    "{\"py/object\": \"dtos.probe_init.ProbeInit\", \"id\": \"an-id\", \"info\": " INFO(                     \
        ports) ", \"type\": " TYPE(1) "}"
#define TWO_PORTS PORT("coordinatord", 10100) ", " PORT("collectord", 9090)

static void
check_first_bytes(crm_field_t field, const char *expected)
{
    check_bytes(first(field)->start, first(field)->end, expected);
}

static void
test_nodes(void)
{
    read_text(INIT(TWO_PORTS));
    g_assert_cmpuint(m.finding_count, ==, 0);
    g_assert_cmpint(m.class, ==, CRM_CLASS_PROBE_INIT);
    g_assert_cmpint(m.encoding, ==, CRM_ENCODING_JSONPICKLE);
    g_assert_cmpuint(m.enum_forms, ==, 1);
    g_assert_cmpint(first(CRM_FIELD_TYPE)->number, ==, CRM_PROBE_INIT);
    g_assert_cmpint(first(CRM_FIELD_HOST_TYPE)->number, ==, CRM_COLLECTOR);
    g_assert_cmpint(first(CRM_FIELD_INET_ADDR)->number, ==, CRM_ADDRESS_IPV4);
    g_assert_cmpstr(crm_message_text(&m, first(CRM_FIELD_HOSTNAME)->text), ==, "collector");
    g_assert_cmpstr(crm_message_text(&m, first(CRM_FIELD_PORT_INFO)->text), ==, "coordinatord:10100");
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, 2);
    g_assert_cmpstr(first(CRM_FIELD_HOSTNAME)->name, ==, "hostname");
}

static void
test_byte_ranges(void)
{
    read_text(INIT(TWO_PORTS));
    check_first_bytes(CRM_FIELD_ID, "an-id");
    check_first_bytes(CRM_FIELD_OBJECT, "dtos.probe_init.ProbeInit");
    check_first_bytes(CRM_FIELD_PORT, "10100");
    check_first_bytes(CRM_FIELD_PORT_INFO, PORT("coordinatord", 10100));
    check_first_bytes(CRM_FIELD_HOST_TYPE, HOST(2));
    check_first_bytes(CRM_FIELD_TYPE, TYPE(1));
    check_first_bytes(CRM_FIELD_HOST_INFO, INFO(TWO_PORTS));
    check_bytes(m.nodes[0].start, m.nodes[0].end, last_read);
}

static void
test_children(void)
{
    read_text(INIT(TWO_PORTS));
    const uint32_t info = crm_message_child(&m, 0, CRM_FIELD_HOST_INFO);
    g_assert_cmpuint(info, ==, m.first[CRM_FIELD_HOST_INFO]);
    g_assert_cmpuint(crm_message_child(&m, info, CRM_FIELD_HOSTNAME), ==, m.first[CRM_FIELD_HOSTNAME]);
    g_assert_cmpuint(crm_message_child(&m, 0, CRM_FIELD_HOSTNAME), ==, CRM_NO_NODE);
    g_assert_cmpuint(crm_message_child(&m, info, CRM_FIELD_JOB), ==, CRM_NO_NODE);
}

/* What tells whether two datagrams of one type and id are the same. */
static void
test_content(void)
{
    static const char *const cases[][2] = {
        {INIT(TWO_PORTS), INFO(TWO_PORTS)},
        {"{\"type\": 3, \"id\": \"a\", \"info\": {\"status\": true}}", "{\"status\": true}"},
        {"{\"type\": 3, \"id\": \"a\"}", "{\"type\": 3, \"id\": \"a\"}"},
        {"{\"type\": 4, \"job\": \"j\"}", "{\"type\": 4, \"job\": \"j\"}"},
        {"{\"info\": {\"hostname\": \"h\"}, \"x\": 1}", "{\"info\": {\"hostname\": \"h\"}, \"x\": 1}"},
        {"[1]", "[1]"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i][0]);
        check_bytes(m.nodes[m.content].start, m.nodes[m.content].end, cases[i][1]);
    }
}

static void
test_findings(void)
{
    static const struct {
        const char *text;
        crm_finding_kind_t kind;
        const char *bytes; /* of the finding; NULL: not looked at */
    } cases[] = {
        {"{\"id\": }", CRM_FINDING_JSON_ERROR, "}"},
        {"{\"a\": NaN}", CRM_FINDING_JSON_NONSTANDARD, "NaN"},
        {"{\"a\": 1, \"a\": 2}", CRM_FINDING_DUPLICATE_MEMBER, "\"a\": 1"},
        {"{}", CRM_FINDING_UNKNOWN_CLASS, "{}"},
        {"{\"py/object\": \"a.B\"}", CRM_FINDING_UNKNOWN_CLASS, "a.B"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 9}", CRM_FINDING_UNKNOWN_ENUM, "9"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 2}", CRM_FINDING_TYPE_MISMATCH, "2"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\"}", CRM_FINDING_MISSING_MEMBER, NULL},
        {"{\"type\": 1, \"id\": [7]}", CRM_FINDING_WRONG_TYPE, "[7]"},
        {INIT(PORT("d", 65616)), CRM_FINDING_PORT_OUT_OF_RANGE, "65616"},
        {"{\"type\": 1, \"info\": {\"inet_addr\": \"x\"}}", CRM_FINDING_INET_ADDR_INVALID, "x"},
        {INIT("{\"py/id\": 77}"), CRM_FINDING_UNRESOLVED_REFERENCE, "77"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpuint(count_findings(cases[i].kind), >=, 1);
        for (uint32_t f = 0; cases[i].bytes && f < m.finding_count; f++) {
            if (m.findings[f].kind == cases[i].kind) {
                check_bytes(m.findings[f].start, m.findings[f].end, cases[i].bytes);
            }
        }
    }
}

static void
test_too_deep(void)
{
    g_autofree char *deep = g_strnfill(CRM_JSON_MAX_DEPTH + 1, '[');
    read_text(deep);
    g_assert_cmpuint(count_findings(CRM_FINDING_JSON_DEPTH), ==, 1);
    g_assert_cmpuint(count_findings(CRM_FINDING_JSON_ERROR), ==, 1);
}

static void
test_references(void)
{
    read_text(INIT(PORT("p", 7) ", {\"py/id\": 3}"));
    g_assert_cmpuint(m.finding_count, ==, 0);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT_INFO), ==, 2);

    const crm_node_t *reference = first(CRM_FIELD_REFERENCE);
    const crm_node_t *copy = reference + 1;
    g_assert_cmpint(reference->number, ==, 3);
    g_assert_cmpint(copy->field, ==, CRM_FIELD_PORT_INFO);
    g_assert_true(copy->flags & CRM_NODE_GENERATED);
    g_assert_false(reference->flags & CRM_NODE_GENERATED);
    check_bytes(copy->start, copy->end, PORT("p", 7));
    g_assert_cmpstr(crm_message_text(&m, copy->text), ==, "p:7");

    /* All of it is brought back, what its receiver drops too. */
    read_text(INIT("{\"daemon\": \"p\", \"port\": 7, \"x\": 1, \"x\": 2, \"py/object\": "
                   "\"dtos.port_info.PortInfo\"}, {\"py/id\": 3}"));
    reference = first(CRM_FIELD_REFERENCE);
    for (const crm_node_t *n = m.nodes; n < m.nodes + m.count; n++) {
        const bool brought = n > reference && n < m.nodes + reference->next;
        g_assert_cmpint(n->flags & CRM_NODE_GENERATED, ==, brought ? CRM_NODE_GENERATED : 0);
    }
    g_assert_cmpint(reference[4].flags, ==, CRM_NODE_GENERATED | CRM_NODE_REPEATED);
}

/* To itself, forward, to a part of another kind, out of range: nowhere. */
static void
test_references_that_lead_nowhere(void)
{
    static const char *const documents[] = {
        INIT("{\"py/id\": 0}, " PORT("p", 7)),
        INIT("{\"py/id\": 3}, " PORT("p", 7)),
        INIT(PORT("p", 7) ", {\"py/id\": 1}"),
        INIT(PORT("p", 7) ", {\"py/id\": -1}"),
        INIT(PORT("p", 7) ", {\"py/id\": 99999999999}"),
        INIT(PORT("p", 7) ", {\"py/id\": null}"),
        "{\"py/object\": \"dtos.probe_init.ProbeInit\", \"id\": \"x\", \"info\": {\"py/id\": 0}, \"type\": "
        "1}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        read_text(documents[i]);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNRESOLVED_REFERENCE), ==, 1);
    }
}

/* A ProbeAck in plain JSON with `count` entries in `ports`. */
static char *
with_entries(unsigned count, const char *entry)
{
    GString *text =
        g_string_new("{\"id\": \"x\", \"info\": {\"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", "
                     "\"type\": 1, \"ports\": [");
    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%s", i ? ", " : "", entry);
    }
    g_string_append(text, "]}, \"type\": 2}");
    return g_string_free(text, FALSE);
}

static const crm_node_t *
rest(void)
{
    for (uint32_t n = 0; n < m.count; n++) {
        if (m.nodes[n].value == CRM_VALUE_REST) {
            return &m.nodes[n];
        }
    }
    return NULL;
}

static void
test_limit_of_entries(void)
{
    g_autofree char *full = with_entries(CRM_MAX_ENTRIES, "{\"daemon\": \"d\", \"port\": 7}");
    g_autofree char *over = with_entries(CRM_MAX_ENTRIES + 5, "{\"daemon\": \"d\", \"port\": 7}");

    read_text(full);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, CRM_MAX_ENTRIES);
    g_assert_null(rest());
    read_text(over);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, CRM_MAX_ENTRIES);
    g_assert_nonnull(rest());
    g_assert_cmpint(rest()->number, ==, 5);
}

static void
test_limit_of_findings(void)
{
    g_autofree char *many = with_entries(1000, "{\"daemon\": \"d\", \"port\": 0}");

    read_text(many);
    g_assert_cmpuint(m.finding_count, ==, CRM_MAX_FINDINGS);
    g_assert_cmpuint(m.findings_left_out, ==, 1000 - CRM_MAX_FINDINGS);
    g_assert_nonnull(
        strstr(crm_message_text(&m, m.findings[m.finding_count - 1].text), "more findings are not shown"));
}

static void
test_limit_of_references(void)
{
    GString *ports = g_string_new("{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"");
    for (unsigned i = 0; i < 2000; i++) {
        g_string_append_c(ports, 'd');
    }
    g_string_append(ports, "\", \"port\": 7}");
    for (unsigned i = 0; i < 900; i++) {
        g_string_append(ports, ", {\"py/id\": 3}");
    }
    g_autofree char *text = g_strdup_printf(
        "{\"py/object\": \"dtos.probe_init.ProbeInit\", \"id\": \"x\", \"info\": {\"py/object\": "
        "\"dtos.host_info.HostInfo\", \"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", \"ports\": [%s], "
        "\"type\": 1}, \"type\": 1}",
        ports->str);

    read_text(text);
    g_assert_cmpuint(count_field(CRM_FIELD_REFERENCE), ==, 900);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT) - 1, ==, CRM_MAX_REFERENCED / (ports->len - 900 * 14));
    g_assert_cmpuint(m.text->len, <, 20 * CRM_MAX_REFERENCED);
    g_string_free(ports, TRUE);
}

/* Each size of the node array is passed once with a value at its edge, in a
 * message that starts with nothing allocated. */
static void
test_growth(void)
{
    for (unsigned entries = 1; entries < 400; entries++) {
        g_autofree char *text = with_entries(entries, "{\"daemon\": \"d\", \"port\": 7}");
        crm_message_t fresh;
        crm_message_init(&fresh);
        crm_message_read(&fresh, (const uint8_t *)text, (uint32_t)strlen(text), false);
        crm_check_message(&fresh);
        unsigned ports = 0;
        for (uint32_t n = 0; n < fresh.count; n++) {
            ports += fresh.nodes[n].field == CRM_FIELD_PORT && fresh.nodes[n].number == 7;
        }
        g_assert_cmpuint(ports, ==, entries);
        crm_message_clear(&fresh);
    }
}

static void
test_reuse_allocates_nothing(void)
{
    read_text(INIT(TWO_PORTS));
    const crm_node_t *nodes = m.nodes;
    const crm_json_token_t *tokens = m.doc.tokens;
    const size_t text = m.text->allocated_len;
    const uint32_t findings = m.finding_capacity;

    for (unsigned i = 0; i < 1000; i++) {
        read_text(i % 2 ? INIT(TWO_PORTS) : "{\"type\": 3}");
    }
    g_assert_true(m.nodes == nodes && m.doc.tokens == tokens);
    g_assert_cmpuint(m.text->allocated_len, ==, text);
    g_assert_cmpuint(m.finding_capacity, <=, MAX(findings, 16));
}

static void
test_cut(void)
{
    const char *text = INIT(TWO_PORTS);
    for (uint32_t length = 0; length < strlen(text); length++) {
        crm_message_read(&m, (const uint8_t *)text, length, true);
        crm_check_message(&m);
        g_assert_cmpuint(m.finding_count, ==, 0);
        crm_message_read(&m, (const uint8_t *)text, length, false);
        crm_check_message(&m);
        g_assert_cmpuint(count_findings(CRM_FINDING_JSON_ERROR), ==, 1);
        g_assert_cmpuint(m.finding_count, ==, 1);
    }
}

/* A document that breaks off inside a character must leave no half of it. */
static void
test_broken_character(void)
{
    static const char *const documents[] = {
        "{\"x\": {\"\xe3(",
        "{\"type\": {\"a\": \"\xf0\x9f(",
        "{\"x\": [\"\xd0\"",
        "{\"x\": {\"a\": \"\xe3\x81",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        read_text(documents[i]);
        g_assert_cmpuint(count_findings(CRM_FINDING_JSON_ERROR), ==, 1);
    }
}

/* What is a message passes the first look, too. */
static bool
recognised(const char *text)
{
    const uint8_t *data = (const uint8_t *)text;
    const uint32_t length = (uint32_t)strlen(text);
    crm_json_t doc;
    crm_json_init(&doc);
    g_assert_true(crm_json_read(&doc, data, length));
    const bool result = crm_is_message(&doc);
    crm_json_clear(&doc);
    g_assert_true(!result || (length > CRM_MIN_MESSAGE && crm_may_be_message(data, length)));
    return result;
}

#define PLAIN_INFO                                                                                           \
    "{\"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", \"ports\": [], \"type\": " PLAIN(                    \
        2, "COLLECTOR", "host_type.HostType") "}"
#define PLAIN(n, name, class)                                                                                \
    "{\"_value_\": " #n ", \"_name_\": \"" name "\", \"__objclass__\": {\"py/type\": \"dtos." class "\"}}"
#define PLAIN_CLASS "\"__objclass__\": {\"py/type\": \"dtos.crm_pkt_type.CrmPktType\"}"
#define PLAIN_TYPE  PLAIN(1, "PROBE_INIT", "crm_pkt_type.CrmPktType")

static void
test_recognises(void)
{
    static const char *const messages[] = {
        INIT(TWO_PORTS),
        INIT(""),
        "{\"type\": " TYPE(1) ", \"id\": \"x\", \"info\": {}, \"py/object\": \"dtos.probe_init.ProbeInit\"}",
        "{\"py/object\": \"vrmjobs.query_ack.QueryAck\", \"packet_id\": \"x\"}",
        "{\"py/object\": \"dtos.probe_init.ProbeInit\", \"py/state\": {\"id\": \"x\"}}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO ", \"type\": " PLAIN_TYPE "}",
        "{\"type\": \"influx_report\", \"measurement\": \"m\", \"tags\": [\"a=b\"], \"fields\": [\"c=1\"], "
        "\"timestamp\": 1}",
        "{\"py/object\":\"dtos.probe_ack.ProbeAck\"}",
        "{\"py\\/object\" : \"dtos.probe_ack.ProbeAck\"}",
        "{\"p\\u0079/object\": \"dtos.probe_ack.ProbeAck\"}",
        "{\"py/object\": \"\\u0064tos.probe_ack.ProbeAck\"}",
        "\r\n{\t\"py/object\"\n:\r\"vrmjobs.probe_ack.ProbeAck\"} \t",
        "{\"a/b\": \"\\\\\", \"py/object\": \"other.Class\", \"py/object\": \"dtos.probe_ack.ProbeAck\"}",
        "{\"\\u0069d\": \"x\", \"info\": " PLAIN_INFO ", \"type\": " PLAIN_TYPE "}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO ", \"type\": {\"_value_\": 1, " PLAIN_CLASS "}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        g_test_message("%s", messages[i]);
        g_assert_true(recognised(messages[i]));
    }
}

/* Other applications' documents, which are turned away unread. */
static void
test_first_look(void)
{
    static const char *const documents[] = {
        "{",
        "}",
        "{}",
        " ",
        "{ }",
        "[{\"py/object\": \"dtos.probe_init.ProbeInit\"}]",
        "{\"py/object\": \"dtos.probe_init.ProbeInit\"",
        "{\"version\": \"1.1\", \"host\": \"a/b\", \"short_message\": \"py/object\"}",
        "{\"jsonrpc\": \"2.0\", \"id\": 1}",
        "{\"id\": 1, \"jsonrpc\": \"2.0\", \"method\": \"subtract\"}",
        "{\"type\": \"log\", \"info\": \"_value_ and __objclass\"}",
        "{\"py/object\": \"fleet.telemetry.Reading\", \"info\": {\"py/object\": \"fleet.Source\"}}",
        "{\"py/object\": \"dto\"}",
        "{\"py/object\": \"a.dtos.probe_init.ProbeInit\"}",
        "{\"py/object\"}",
        "{\"py/object\":}",
        "{\"py/object\", \"dtos.probe_init.ProbeInit\"}",
        "{\"py/objects\": \"dtos.probe_init.ProbeInit\"}",
        "{\"class\": \"dtos.probe_init.ProbeInit\"}",
        "{\"url\": \"http:\\/\\/x\\/y\\n\", \"text\": \"caf\\u00e9 \\u2014 \\\\u0041\"}",
        "{/object\": \"dtos.probe_init.ProbeInit\"}",
        "{\\/\\}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_test_message("%s", documents[i]);
        /* Exactly as long as it is, so that a sanitizer sees one step too far. */
        g_autofree uint8_t *bytes = (uint8_t *)g_memdup2(documents[i], strlen(documents[i]));
        g_assert_false(crm_may_be_message(bytes, (uint32_t)strlen(documents[i])));
    }
}

static void
test_near_misses(void)
{
    static const char *const documents[] = {
        "{}",
        "[]",
        "1",
        "\"dtos.probe_init.ProbeInit\"",
        "{\"py/object\": \"dtos.probe_init.Other\"}",
        "{\"py/object\": \"other.probe_init.ProbeInit\"}",
        "{\"py/object\": \"dtos.host_info.HostInfo\", \"hostname\": \"h\"}",
        "{\"py/object\": 1}",
        "{\"id\": \"x\", \"info\": {}, \"type\": 1}",
        "{\"id\": \"x\", \"info\": {}, \"type\": \"PROBE_INIT\"}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO "}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO ", \"type\": " TYPE(1) "}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO ", \"type\": " PLAIN_TYPE ", \"more\": 1}",
        "{\"id\": \"x\", \"info\": " PLAIN_INFO ", \"type\": {\"_value_\": \"PROBE_INIT\", " PLAIN_CLASS "}}",
        "{\"info\": {\"py/object\": \"dtos.probe_init.ProbeInit\"}}",
        "{\"type\": \"influx_report\", \"measurement\": \"m\", \"tags\": [\"a=b\"], \"fields\": [\"c=1\"]}",
        "{\"type\": \"x\", \"measurement\": \"m\", \"tags\": \"a=b\", \"fields\": [], \"timestamp\": 1}",
        "{\"type\": 1, \"measurement\": \"m\", \"tags\": [], \"fields\": [], \"timestamp\": 1}",
        "{\"type\": \"x\", \"measurement\": \"m\", \"tags\": [], \"fields\": [], \"timestamp\": 1.5}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_test_message("%s", documents[i]);
        g_assert_false(recognised(documents[i]));
    }
}

static void
test_names(void)
{
    g_assert_cmpstr(crm_class_name(CRM_CLASS_PROBE_INIT), ==, "ProbeInit");
    g_assert_cmpuint(crm_class_packet_type(CRM_CLASS_METRIC_INIT), ==, 100);
    g_assert_cmpuint(crm_class_packet_type(CRM_CLASS_REPORT_INIT), ==, 0);
    g_assert_cmpstr(crm_enum_name(CRM_FIELD_TYPE, 3), ==, "REG_ACK");
    g_assert_cmpstr(crm_enum_name(CRM_FIELD_HOST_TYPE, 3), ==, "MONITOR");
    g_assert_null(crm_enum_name(CRM_FIELD_TYPE, 5));
}

/* docs/fields.md's table of expert information. */
static void
test_severities(void)
{
    static const struct {
        const char *name;
        crm_severity_t severity;
    } kinds[CRM_FINDING_COUNT] = {
        {"crm.json_error", CRM_SEVERITY_ERROR},          {"crm.json_depth", CRM_SEVERITY_ERROR},
        {"crm.json_nonstandard", CRM_SEVERITY_NOTE},     {"crm.duplicate_member", CRM_SEVERITY_WARNING},
        {"crm.unknown_class", CRM_SEVERITY_WARNING},     {"crm.unknown_enum", CRM_SEVERITY_WARNING},
        {"crm.type_mismatch", CRM_SEVERITY_WARNING},     {"crm.missing_member", CRM_SEVERITY_WARNING},
        {"crm.wrong_type", CRM_SEVERITY_WARNING},        {"crm.port_out_of_range", CRM_SEVERITY_WARNING},
        {"crm.inet_addr_invalid", CRM_SEVERITY_WARNING}, {"crm.unresolved_reference", CRM_SEVERITY_NOTE}};

    for (unsigned kind = 0; kind < CRM_FINDING_COUNT; kind++) {
        g_assert_cmpstr(crm_finding_name((crm_finding_kind_t)kind), ==, kinds[kind].name);
        g_assert_cmpint(crm_finding_severity((crm_finding_kind_t)kind), ==, kinds[kind].severity);
    }
}

/* A plain message may begin with any of its attributes; without one, or with one twice, it is none. */
static void
test_recognises_in_any_order(void)
{
#define OF_TYPE(n, name)                                                                                     \
    "\"type\": {\"_value_\": " #n ", \"_name_\": \"" name                                                    \
    "\", \"__objclass__\": {\"py/type\": \"vrmjobs.vrm_type.VrmType\"}}"
    static const char *const messages[][6] = {
        {"\"id\": \"x\"", "\"info\": {}", OF_TYPE(1, "PROBE_INIT")},
        {"\"id\": \"x\"", "\"info\": {}", OF_TYPE(3, "REG_ACK")},
        {"\"packet_id\": \"x\"", "\"info\": {}", OF_TYPE(100, "METRIC_INIT")},
        {"\"packet_id\": \"x\"", "\"hostname\": \"h\"", "\"job\": \"j\"", "\"filters\": []",
         OF_TYPE(4, "QUERY_ACK")},
        {"\"type\": \"t\"", "\"measurement\": \"m\"", "\"tags\": [\"a=1\"]", "\"fields\": [\"b=2\"]",
         "\"timestamp\": 1"}};

    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        const guint count = g_strv_length((char **)messages[i]);
        for (guint first_member = 0; first_member < count; first_member++) {
            g_autoptr(GString) text = g_string_new("{"), shorter = g_string_new("{"),
                               longer = g_string_new("{");
            for (guint member = 0; member < count; member++) {
                const char *part = messages[i][(first_member + member) % count];
                g_string_append_printf(text, "%s%s", member ? ", " : "", part);
                g_string_append_printf(longer, "%s, ", part);
                g_string_append_printf(shorter, "%s%s", member > 1 ? ", " : "", member ? part : "");
            }
            g_string_append_c(text, '}');
            g_string_append_c(shorter, '}');
            g_string_append_printf(longer, "%s}", messages[i][first_member]);
            g_test_message("%s", text->str);
            g_assert_true(recognised(text->str));
            g_assert_false(recognised(shorter->str));
            g_assert_false(recognised(longer->str));
        }
    }
}

/* An object of any DTO, and an enum, is told apart by marks alone: a mark that
 * two attributes share would send every message through the table of names. */
static void
test_marks_tell_attributes_apart(void)
{
    crm_json_t doc;

    crm_json_init(&doc);
    for (unsigned class = CRM_CLASS_PROBE_INIT; class < CRM_CLASS_COUNT; class ++) {
        const crm_class_info_t *info = crm_schema_class((crm_class_t) class);
        g_autoptr(GString) text = g_string_new("{\"py/object\": 0");
        for (unsigned i = 0; i < info->count; i++) {
            g_string_append_printf(text, ", \"%s\": 0", info->attributes[i].name);
        }
        g_string_append_c(text, '}');
        g_assert_true(crm_json_read(&doc, (const uint8_t *)text->str, (uint32_t)text->len));
        g_test_message("%s", text->str);
        g_assert_false(doc.may_repeat);
    }
    const char *enumeration = "{\"_value_\": 1, \"_name_\": 2, \"__objclass__\": 3, \"_sort_order_\": 4}";
    g_assert_true(crm_json_read(&doc, (const uint8_t *)enumeration, (uint32_t)strlen(enumeration)));
    g_assert_false(doc.may_repeat);
    crm_json_clear(&doc);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/message/marks-tell-attributes-apart", test_marks_tell_attributes_apart);
    g_test_add_func("/message/nodes", test_nodes);
    g_test_add_func("/message/byte-ranges", test_byte_ranges);
    g_test_add_func("/message/children", test_children);
    g_test_add_func("/message/content", test_content);
    g_test_add_func("/message/findings", test_findings);
    g_test_add_func("/message/too-deep", test_too_deep);
    g_test_add_func("/message/references", test_references);
    g_test_add_func("/message/references-that-lead-nowhere", test_references_that_lead_nowhere);
    g_test_add_func("/message/limit-of-entries", test_limit_of_entries);
    g_test_add_func("/message/limit-of-findings", test_limit_of_findings);
    g_test_add_func("/message/limit-of-references", test_limit_of_references);
    g_test_add_func("/message/growth", test_growth);
    g_test_add_func("/message/reuse-allocates-nothing", test_reuse_allocates_nothing);
    g_test_add_func("/message/cut", test_cut);
    g_test_add_func("/message/broken-character", test_broken_character);
    g_test_add_func("/message/recognises", test_recognises);
    g_test_add_func("/message/first-look", test_first_look);
    g_test_add_func("/message/near-misses", test_near_misses);
    g_test_add_func("/message/names", test_names);
    g_test_add_func("/message/severities", test_severities);
    g_test_add_func("/message/recognises-in-any-order", test_recognises_in_any_order);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
