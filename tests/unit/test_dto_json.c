/* test_dto_json.c
 * A message as plain JSON, compared with the document as json-glib reads it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/dto-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

static char *
to_json(const char *text)
{
    static crm_dto_json_t writer; /* one for all, as the dissector has it */
    crm_message_t m;

    if (writer.generator == NULL) {
        crm_dto_json_init(&writer);
    }
    crm_message_init(&m);
    crm_message_read(&m, (const uint8_t *)text, (uint32_t)strlen(text), false);
    char *json = g_strdup(crm_dto_json_write(&writer, &m));
    crm_message_clear(&m);
    return json;
}

static JsonNode *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    JsonNode *node = json_from_string(text, &error);
    g_assert_no_error(error);
    return node;
}

static void
check(const char *text, const char *expected)
{
    g_autofree char *json = to_json(text);
    g_autoptr(JsonNode) is = parse(json);
    g_autoptr(JsonNode) should = parse(expected);

    g_test_message("%s", json);
    g_assert_true(json_node_equal(is, should));
    g_assert_null(strchr(json, '\n'));
}

/* Members that no DTO defines are kept as they are, whatever they are. */
static void
test_foreign_values(void)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "1e300",
        "9223372036854775807",
        "-9223372036854775808",
        "\"\"",
        "\"text\"",
        "\"\\u00e9\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "[]",
        "{}",
        "[1, [2, [3, {\"a\": [null, true, {\"b\": {}}]}]]]",
        "{\"a\": {\"b\": {\"c\": [{}, [], \"\"]}}}",
        "{\"\": 1, \" \": 2, \"py\": 3}",
        "\"\xc3\xa9\xf0\x9f\x98\x80\"",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *text =
            g_strdup_printf("{\"x\": %s, \"y\": [%s], \"z\": {\"k\": %s}}", values[i], values[i], values[i]);
        check(text, text);
    }
}

/* Plain JSON with the DTOs' own attributes: the same document, enums by name. */
static void
test_plain_messages(void)
{
    check(
        "{\"type\": 3, \"id\": \"x\", \"info\": {\"status\": true, \"message\": \"m\", \"max_retries\": 7}}",
        "{\"type\": \"REG_ACK\", \"id\": \"x\", \"info\": {\"status\": true, \"message\": \"m\", "
        "\"max_retries\": 7}}");
    check("{\"id\": \"x\", \"type\": \"PROBE_INIT\", \"info\": {\"type\": 2, \"ports\": [{\"port\": 7, "
          "\"daemon\": \"d\"}]}}",
          "{\"type\": \"PROBE_INIT\", \"id\": \"x\", \"info\": {\"ports\": [{\"daemon\": \"d\", \"port\": "
          "7}], \"type\": "
          "\"COLLECTOR\"}}");
    check("{\"type\": \"influx_report\", \"measurement\": \"m\", \"tags\": [\"a=b\"], \"fields\": [], "
          "\"timestamp\": 1}",
          "{\"type\": \"influx_report\", \"measurement\": \"m\", \"tags\": [\"a=b\"], \"fields\": [], "
          "\"timestamp\": 1}");
}

/* What does not fit is kept as it was sent. */
static void
test_values_that_do_not_fit(void)
{
    check("{\"type\": 1, \"id\": 7, \"info\": {\"ports\": [{\"port\": 70000}, 5, null]}}",
          "{\"type\": \"PROBE_INIT\", \"id\": 7, \"info\": {\"ports\": [{\"port\": 70000}, 5, null]}}");
    check("{\"type\": 1, \"info\": \"text\"}", "{\"type\": \"PROBE_INIT\", \"info\": \"text\"}");
    check("{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 99}", "{\"type\": 99}");
}

static void
test_last_member_counts(void)
{
    check("{\"type\": 1, \"id\": \"a\", \"id\": \"b\", \"x\": 1, \"x\": 2}",
          "{\"type\": \"PROBE_INIT\", \"id\": \"b\", \"x\": 2}");
}

static void
test_forms(void)
{
    const char *expected =
        "{\"type\": \"REG_ACK\", \"id\": \"x\", \"info\": {\"status\": false, \"message\": \"m\", "
        "\"max_retries\": 1}}";
    static const char *const messages[] = {"\"m\"", "[\"m\"]", "{\"py/tuple\": [\"m\"]}"};
    static const char *const types[] = {
        "3",
        "\"REG_ACK\"",
        "{\"py/reduce\": [{\"py/type\": \"dtos.crm_pkt_type.CrmPktType\"}, {\"py/tuple\": [3]}]}",
        "{\"py/reduce\": [{\"py/type\": \"dtos.crm_pkt_type.CrmPktType\"}, {\"py/tuple\": [3]}, null, null, "
        "null]}",
        "{\"py/reduce\": [{\"py/function\": \"builtins.getattr\"}, {\"py/tuple\": [{\"py/type\": "
        "\"dtos.crm_pkt_type.CrmPktType\"}, \"REG_ACK\"]}]}",
        "{\"_name_\": \"REG_ACK\", \"__objclass__\": {\"py/type\": \"dtos.crm_pkt_type.CrmPktType\"}, "
        "\"_value_\": 3}",
    };
    for (size_t t = 0; t < G_N_ELEMENTS(types); t++) {
        for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
            g_autofree char *text =
                g_strdup_printf("{\"py/object\": \"dtos.register_ack.RegisterAck\", \"py/state\": {\"id\": "
                                "\"x\", \"info\": {\"status\": "
                                "false, \"max_retries\": 1, \"message\": %s}, \"type\": %s}}",
                                messages[i], types[t]);
            check(text, expected);
        }
    }
}

/* The order of the members is the schema's, so that equal means equal text. */
static void
test_order(void)
{
    g_autofree char *a =
        to_json("{\"type\": 1, \"id\": \"x\", \"info\": {\"type\": 1, \"hostname\": \"h\"}}");
    g_autofree char *b =
        to_json("{\"info\": {\"hostname\": \"h\", \"type\": 1}, \"id\": \"x\", \"type\": 1}");
    g_assert_cmpstr(a, ==, b);
    g_assert_cmpstr(
        a, ==, "{\"type\":\"PROBE_INIT\",\"id\":\"x\",\"info\":{\"hostname\":\"h\",\"type\":\"WORKER\"}}");
}

/* A number with a fraction or exponent stays as it was sent, which is JSON;
 * what other readers could not hold is a text. */
static void
test_numbers(void)
{
    g_autofree char *json = to_json("[4e53, 1.50, -0.0, 1E-7, 1e999, 12345678901234567890, -7, NaN]");
    g_assert_cmpstr(json, ==, "[4e53,1.50,-0.0,1E-7,\"1e999\",12345678901234567890,-7,\"NaN\"]");
}

static void
test_not_of_broken_documents(void)
{
    g_assert_null(to_json("{"));
    g_assert_null(to_json(""));
    g_assert_null(to_json("{\"type\": 1} x"));
}

/* As deep as the reader goes. */
static void
test_deep(void)
{
    g_autofree char *open = g_strnfill(CRM_JSON_MAX_DEPTH, '['), *close = g_strnfill(CRM_JSON_MAX_DEPTH, ']');
    g_autofree char *text = g_strconcat(open, close, NULL);
    g_autofree char *json = to_json(text);
    g_assert_cmpstr(json, ==, text);
}

/* Inside a member that no DTO defines too, at every depth. */
static void
test_last_foreign_member_counts(void)
{
    check("{\"type\": 1, \"x\": {\"a\": 1, \"a\": [{\"b\": 2, \"b\": 3, \"\\u0062\": 4}], \"c\": 5}}",
          "{\"type\": \"PROBE_INIT\", \"x\": {\"a\": [{\"b\": 4}], \"c\": 5}}");
}

/* The tree shows only so many members; this has them all, each once. */
static void
test_members_past_the_limit(void)
{
    g_autoptr(GString) members = g_string_new("\"x\": 0");
    for (int i = 1; i < CRM_MAX_ENTRIES + 100; i++) {
        g_string_append_printf(members, ", \"x%d\": [%d]", i, i);
    }
    g_autofree char *text = g_strdup_printf("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"py/state\": "
                                            "{%s, \"id\": \"i\", \"y\": 1, \"y\": 2}, \"z\": 3}",
                                            members->str);
    g_autofree char *expected = g_strdup_printf("{\"id\": \"i\", %s, \"y\": 2, \"z\": 3}", members->str);
    check(text, expected);
}

static void
test_text_is_safe(void)
{
    /* The id is written in the midst of others. */
#define UNSAFE "\"\\u001b[2J\\u202e\\u009b\\u0000\\ud800\""
    g_autofree char *json =
        to_json("{\"measurement\": " UNSAFE ", \"py/object\": \"dtos.probe_ack.ProbeAck\", \"id\": " UNSAFE
                ", \"x\": " UNSAFE ", \"type\": {\"py/type\": " UNSAFE "}}");
#undef UNSAFE
    g_assert_true(g_utf8_validate(json, -1, NULL));
    for (const char *p = json; *p; p = g_utf8_next_char(p)) {
        const gunichar c = g_utf8_get_char(p);
        g_assert_true(c >= 0x20 && c != 0x7f && (c < 0x80 || c > 0x9f) && c != 0x202e);
    }
}

/* In a member that no DTO defines, as it would stand in any dialect: classes,
 * tuples, enums and references in what jsonpickle made of one object. */
static void
test_unwrapped_members(void)
{
    static const char *const values[][2] = {
        {"{\"py/object\": \"a.B\", \"x\": 1}", "{\"x\": 1}"},
        {"{\"x\": 1, \"py/object\": \"a.B\"}", "{\"x\": 1}"},
        {"{\"py/object\": \"a.B\", \"py/state\": {\"x\": 1, \"y\": [2]}}", "{\"x\": 1, \"y\": [2]}"},
        {"{\"py/object\": \"a.B\", \"py/state\": {}, \"z\": {}}", "{\"z\": {}}"},
        {"{\"py/object\": \"a.B\", \"py/state\": {\"x\": {\"py/object\": \"a.C\", \"py/state\": {\"y\": "
         "{}}}}}",
         "{\"x\": {\"y\": {}}}"},
        {"{\"py/tuple\": []}", "[]"},
        {"{\"py/tuple\": [1, {\"py/tuple\": [2, [3]]}]}", "[1, [2, [3]]]"},
        {"[{\"py/tuple\": [\"text\"]}, 1]", "[[\"text\"], 1]"},
        {"{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"d\", \"port\": 7}",
         "{\"daemon\": \"d\", \"port\": 7}"},
        {"{\"py/reduce\": [{\"py/type\": \"dtos.host_type.HostType\"}, {\"py/tuple\": [2]}]}",
         "\"COLLECTOR\""},
        {"{\"py/reduce\": [{\"py/type\": \"vrmjobs.vrm_type.VrmType\"}, {\"py/tuple\": [100]}, null, null, "
         "null]}",
         "\"METRIC_INIT\""},
        {"{\"py/reduce\": [{\"py/type\": \"dtos.host_type.HostType\"}, {\"py/tuple\": [9]}]}", "9"},
        {"{\"py/reduce\": [{\"py/type\": \"a.Color\"}, {\"py/tuple\": [2]}]}", "2"},
        {"{\"py/reduce\": [{\"py/function\": \"builtins.getattr\"}, {\"py/tuple\": [{\"py/type\": "
         "\"a.Color\"}, \"RED\"]}]}",
         "\"RED\""},
        {"{\"_value_\": 1, \"_name_\": \"WORKER\", \"__objclass__\": {\"py/type\": "
         "\"dtos.host_type.HostType\"}, \"_sort_order_\": 1}",
         "\"WORKER\""},
        /* What is none of these stays as it was sent. */
        {"{\"py/object\": 1}", "{\"py/object\": 1}"},
        {"{\"py/state\": [1]}", "{\"py/state\": [1]}"},
        {"{\"py/tuple\": [1], \"x\": 2}", "{\"py/tuple\": [1], \"x\": 2}"},
        {"{\"py/tuple\": 1}", "{\"py/tuple\": 1}"},
        {"{\"py/reduce\": [{\"py/type\": \"a.Date\"}, {\"py/tuple\": [2020, 1]}]}",
         "{\"py/reduce\": [{\"py/type\": \"a.Date\"}, [2020, 1]]}"},
        {"{\"_value_\": 1}", "{\"_value_\": 1}"},
        {"{\"py/id\": 77}", "{\"py/id\": 77}"},
        {"{\"py/id\": -1}", "{\"py/id\": -1}"},
        {"{\"py/id\": \"x\"}", "{\"py/id\": \"x\"}"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *text = g_strdup_printf(
            "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"id\": \"i\", \"x\": %s, \"info\": "
            "{\"py/object\": \"dtos.host_info.HostInfo\", \"y\": %s}, \"z\": 1}",
            values[i][0], values[i][0]);
        g_autofree char *expected = g_strdup_printf(
            "{\"id\": \"i\", \"x\": %s, \"info\": {\"y\": %s}, \"z\": 1}", values[i][1], values[i][1]);
        check(text, expected);
    }
}

/* Numbers: 0 the ProbeAck; then, with and without dictionaries, what differs. */
static void
test_references_in_members(void)
{
    /* Both ways of counting lead to one list, to an object, and to what holds a reference itself. */
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": [1], \"b\": {\"py/id\": 1}}",
          "{\"a\": [1], \"b\": [1]}");
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": {\"py/object\": \"a.B\", \"c\": 1}, \"b\": "
          "[{\"py/id\": 1}]}",
          "{\"a\": {\"c\": 1}, \"b\": [{\"c\": 1}]}");
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": [1], \"b\": [{\"py/id\": 1}, 2], \"c\": "
          "{\"py/id\": "
          "2}}",
          "{\"a\": [1], \"b\": [[1], 2], \"c\": [[1], 2]}");
    /* Only with dictionaries is there a 2 before it. */
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": {\"d\": [1]}, \"b\": {\"py/id\": 2}}",
          "{\"a\": {\"d\": [1]}, \"b\": [1]}");
    /* 2 is one list or another, and nothing tells which. */
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": {\"d\": [1]}, \"e\": [2], \"b\": {\"py/id\": "
          "2}}",
          "{\"a\": {\"d\": [1]}, \"e\": [2], \"b\": {\"py/id\": 2}}");
    /* Not to what it stands in. */
    check("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": [{\"py/id\": 1}], \"b\": {\"py/id\": 0}}",
          "{\"a\": [{\"py/id\": 1}], \"b\": {\"py/id\": 0}}");
    /* A reference of an attribute tells it: the port of number 4 is counted with dictionaries. */
    check(
        "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": {\"d\": [1]}, \"e\": [2], \"info\": "
        "{\"py/object\": "
        "\"dtos.host_info.HostInfo\", \"ports\": [{\"py/object\": \"dtos.port_info.PortInfo\", \"port\": 7}, "
        "{\"py/id\": 6}]}, \"b\": {\"py/id\": 2}}",
        "{\"a\": {\"d\": [1]}, \"e\": [2], \"info\": {\"ports\": [{\"port\": 7}, {\"port\": 7}]}, \"b\": "
        "[1]}");
    /* Here it is counted without them. */
    check(
        "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"a\": {\"d\": [1]}, \"e\": [2], \"info\": "
        "{\"py/object\": "
        "\"dtos.host_info.HostInfo\", \"ports\": [{\"py/object\": \"dtos.port_info.PortInfo\", \"port\": 7}, "
        "{\"py/id\": 5}]}, \"b\": {\"py/id\": 2}}",
        "{\"a\": {\"d\": [1]}, \"e\": [2], \"info\": {\"ports\": [{\"port\": 7}, {\"port\": 7}]}, \"b\": "
        "[2]}");
}

/* Each refers to the one before it twice: without a limit, 2 to the power of
 * their number. Those past the limit stay references. */
static void
test_limit_of_references_in_members(void)
{
    g_autoptr(GString) text = g_string_new("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"m\": [1]");
    for (int i = 1; i < 500; i++) {
        g_string_append_printf(text, ", \"m%d\": [{\"py/id\": %d}, {\"py/id\": %d}]", i, i, i);
    }
    g_string_append_c(text, '}');
    g_autofree char *json = to_json(text->str);
    g_assert_cmpuint(strlen(json), <, 4 * CRM_MAX_REFERENCED);
    g_assert_nonnull(strstr(json, "\"m2\":[[[1],[1]],[[1],[1]]]"));
    g_assert_nonnull(strstr(json, "\"m499\":[{\"py/id\":499},{\"py/id\":499}]"));
}

/* QueryInfo, exporters, criteria in the short form. */
static void
test_all_classes(void)
{
    check(
        "{\"py/object\": \"vrmjobs.probe_ack.ProbeAck\", \"info\": {\"py/object\": "
        "\"vrmjobs.host_info.HostInfo\", \"queries\": [{\"py/object\": \"vrmjobs.query_info.QueryInfo\", "
        "\"job\": \"j\", \"filters\": [{\"py/object\": \"vrmjobs.filter_info.FilterInfo\", \"category\": "
        "\"c\", "
        "\"criteria\": [{\"device\": \"/dev/sda\", \"mode\": \"idle\"}, {\"mounpoint\": \"/rootfs\"}]}]}, "
        "{\"py/id\": 3}]}}",
        "{\"info\": {\"queries\": [{\"job\": \"j\", \"filters\": [{\"category\": \"c\", \"criteria\": "
        "[{\"device\": \"/dev/sda\", \"mode\": \"idle\"}, {\"mounpoint\": \"/rootfs\"}]}]}, {\"job\": \"j\", "
        "\"filters\": [{\"category\": \"c\", \"criteria\": [{\"device\": \"/dev/sda\", \"mode\": \"idle\"}, "
        "{\"mounpoint\": \"/rootfs\"}]}]}]}}");
    check("{\"py/object\": \"vrmjobs.probe_ack.ProbeAck\", \"info\": {\"py/object\": "
          "\"vrmjobs.worker_info.WorkerInfo\", \"py/state\": {\"ip_addr\": \"10.0.0.2\", \"exporter_info\": "
          "{\"e\": 1, \"f\": {\"py/tuple\": [2]}, \"e\": 3}}}}",
          "{\"info\": {\"ip_addr\": \"10.0.0.2\", \"exporter_info\": {\"f\": [2], \"e\": 3}}}");
}

/* The receiver keeps the last of two members, and so does the text. */
static void
test_no_name_twice(void)
{
    g_autofree char *json = to_json("{\"type\": 2, \"x\": 1, \"x\": 2, \"info\": {\"ip_addr\": \"10.0.0.2\", "
                                    "\"port\": 7, \"exporter_info\": {\"e\": 1, \"e\": 3}}}");
    g_assert_cmpstr(
        json, ==,
        "{\"type\":\"PROBE_ACK\",\"info\":{\"ip_addr\":\"10.0.0.2\",\"port\":7,\"exporter_info\":{"
        "\"e\":3}},\"x\":2}");
}

static void
test_enum_as_text(void)
{
    check("{\"type\": \"<CrmPktType.PROBE_INIT: 1>\", \"info\": {\"hostname\": \"h\", \"type\": "
          "\"HostType.WORKER\"}}",
          "{\"type\": \"PROBE_INIT\", \"info\": {\"hostname\": \"h\", \"type\": \"WORKER\"}}");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dto-json/foreign-values", test_foreign_values);
    g_test_add_func("/dto-json/plain-messages", test_plain_messages);
    g_test_add_func("/dto-json/values-that-do-not-fit", test_values_that_do_not_fit);
    g_test_add_func("/dto-json/last-member-counts", test_last_member_counts);
    g_test_add_func("/dto-json/last-foreign-member-counts", test_last_foreign_member_counts);
    g_test_add_func("/dto-json/members-past-the-limit", test_members_past_the_limit);
    g_test_add_func("/dto-json/forms", test_forms);
    g_test_add_func("/dto-json/unwrapped-members", test_unwrapped_members);
    g_test_add_func("/dto-json/references-in-members", test_references_in_members);
    g_test_add_func("/dto-json/limit-of-references-in-members", test_limit_of_references_in_members);
    g_test_add_func("/dto-json/all-classes", test_all_classes);
    g_test_add_func("/dto-json/no-name-twice", test_no_name_twice);
    g_test_add_func("/dto-json/enum-as-text", test_enum_as_text);
    g_test_add_func("/dto-json/numbers", test_numbers);
    g_test_add_func("/dto-json/order", test_order);
    g_test_add_func("/dto-json/not-of-broken-documents", test_not_of_broken_documents);
    g_test_add_func("/dto-json/deep", test_deep);
    g_test_add_func("/dto-json/text-is-safe", test_text_is_safe);
    return g_test_run();
}
