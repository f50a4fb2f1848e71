/* test_summary.c
 * A message in one line, and what it says of a registration
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/summary.h"
#include "one_message.h"

static void
check_summary(const char *about, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);

    crm_message_summarise(&m, about, out);
    g_assert_cmpstr(out->str, ==, expected);
}

#define HOST(ports)                                                                                          \
    "{\"type\": 1, \"id\": \"78f6ac6d-ec8d-44cf\", \"info\": {\"hostname\": \"h\", \"inet_addr\": "          \
    "\"10.0.0.2\", \"type\": 2, \"ports\": [" ports "]}}"
#define PORT(n) "{\"daemon\": \"d\", \"port\": " #n "}"
#define SIX     PORT(1) ", " PORT(2) ", " PORT(3) ", " PORT(4) ", " PORT(5) ", " PORT(6)

static void
test_daemons(void)
{
    read_text(HOST(""));
    check_summary(NULL, "PROBE_INIT h 10.0.0.2, id=78f6ac6d");
    read_text(HOST(PORT(1)));
    check_summary(NULL, "PROBE_INIT h 10.0.0.2, d:1, id=78f6ac6d");
    read_text(HOST(SIX));
    check_summary(NULL, "PROBE_INIT h 10.0.0.2, d:1 d:2 d:3 d:4 d:5 d:6, id=78f6ac6d");
    read_text(HOST(SIX ", " PORT(7)));
    check_summary(NULL, "PROBE_INIT h 10.0.0.2, d:1 d:2 d:3 d:4 d:5 d:6 and 1 more, id=78f6ac6d");
    read_text(HOST(SIX ", " PORT(7) ", " PORT(8)));
    check_summary(NULL, "PROBE_INIT h 10.0.0.2, d:1 d:2 d:3 d:4 d:5 d:6 and 2 more, id=78f6ac6d");
}

/* A report's tags come before its fields, and share their bound. */
static void
test_reports(void)
{
#define REPORT "{\"py/object\": \"dtos.report_init.ReportInit\", \"measurement\": \"cpu\", \"tags\": "
    read_text(REPORT "[\"a\", \"b\", \"c\", \"d\"], \"fields\": [\"e\", \"f\"]}");
    check_summary(NULL, "ReportInit cpu a b c d e f");
    read_text(REPORT "[\"a\", \"b\", \"c\", \"d\"], \"fields\": [\"e\", \"f\", \"g\"]}");
    check_summary(NULL, "ReportInit cpu a b c d e f");
    read_text(REPORT "[], \"fields\": []}");
    check_summary(NULL, "ReportInit cpu");
}

/* What is there and empty leaves no comma, colon or blank. */
static void
test_empty_texts(void)
{
    read_text("{\"type\": 3, \"id\": \"x\", \"info\": {\"status\": true, \"message\": [\"\"]}}");
    check_summary(NULL, "REG_ACK registered, id=x");
    read_text("{\"type\": 1, \"id\": \"x\", \"info\": {\"hostname\": \"\", \"inet_addr\": \"10.0.0.2\"}}");
    check_summary(NULL, "PROBE_INIT 10.0.0.2, id=x");
    read_text("{\"type\": 1, \"id\": \"\"}");
    check_summary("h", "PROBE_INIT h, id=");
    read_text("{\"id\": \"x\"}");
    check_summary(NULL, "id=x");
    check_summary("h", " h, id=x");
}

/* The first 80 characters of a text, the first 8 of an id. */
static void
test_long_texts(void)
{
    for (unsigned length = 79; length <= 82; length++) {
        g_autofree char *name = g_strnfill(length, 'n'), *shown = g_strnfill(MIN(length, 80), 'n');
        g_autofree char *text =
            g_strdup_printf("{\"type\": 1, \"id\": \"x\", \"info\": {\"hostname\": \"%s\"}}", name);
        g_autofree char *expected =
            g_strdup_printf("PROBE_INIT %s%s, id=x", shown, length > 80 ? "\xe2\x80\xa6" : "");
        read_text(text);
        check_summary(NULL, expected);
    }
    read_text("{\"type\": 1, \"id\": \"12345678\"}");
    check_summary(NULL, "PROBE_INIT, id=12345678");
    read_text("{\"type\": 1, \"id\": \"123456789\"}");
    check_summary(NULL, "PROBE_INIT, id=12345678");
}

#define REGISTER(status, retries)                                                                            \
    "{\"type\": 3, \"id\": \"x\", \"info\": {\"status\": " status ", \"message\": [\"Why\"]" retries "}}"

/* As far as the message says it: of a negative number, no retry remains. */
static void
test_registrations(void)
{
    static const struct {
        const char *text, *summary;
        crm_outcome_t outcome;
    } cases[] = {
        {REGISTER("true", ", \"max_retries\": 0"), "REG_ACK registered: Why, id=x", CRM_REGISTERED},
        {REGISTER("true", ", \"max_retries\": -1"), "REG_ACK registered: Why, id=x", CRM_REGISTERED},
        {REGISTER("false", ", \"max_retries\": 2"), "REG_ACK failed, 2 retries left: Why, id=x", CRM_FAILED},
        {REGISTER("false", ", \"max_retries\": 1"), "REG_ACK failed, 1 retry left: Why, id=x", CRM_FAILED},
        {REGISTER("false", ", \"max_retries\": 0"), "REG_ACK exhausted: Why, id=x", CRM_EXHAUSTED},
        {REGISTER("false", ", \"max_retries\": -1"), "REG_ACK exhausted: Why, id=x", CRM_EXHAUSTED},
        {REGISTER("false", ", \"max_retries\": -9223372036854775808"), "REG_ACK exhausted: Why, id=x",
         CRM_EXHAUSTED},
        {REGISTER("false", ", \"max_retries\": 0.5"), "REG_ACK failed: Why, id=x", CRM_FAILED},
        {REGISTER("false", ""), "REG_ACK failed: Why, id=x", CRM_FAILED},
        {REGISTER("0", ", \"max_retries\": 1"), "REG_ACK: Why, id=x", CRM_NO_OUTCOME},
        {REGISTER("null", ", \"max_retries\": 1"), "REG_ACK: Why, id=x", CRM_NO_OUTCOME},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpint(crm_register_outcome(&m), ==, cases[i].outcome);
        check_summary(NULL, cases[i].summary);
    }
}

#define INFO  "\"info\": {\"status\": false, \"message\": [\"Why\"], \"max_retries\": 1}"
#define NAMED "{\"py/object\": \"dtos.register_ack.RegisterAck\", "

/* Whatever has a status: only what the worker takes as a RegisterAck says how it ended. */
static void
test_status_of_what_is_no_register_ack(void)
{
    static const struct {
        const char *text;
        crm_outcome_t outcome;
    } cases[] = {
        {NAMED INFO "}", CRM_FAILED},
        {NAMED INFO ", \"type\": 3}", CRM_FAILED},
        {NAMED INFO ", \"type\": 1}", CRM_NO_OUTCOME},
        {NAMED INFO ", \"type\": 9}", CRM_NO_OUTCOME},
        {"{" INFO ", \"type\": 3}", CRM_FAILED},
        {"{" INFO ", \"type\": 1}", CRM_NO_OUTCOME},
        {"{" INFO ", \"type\": 2}", CRM_NO_OUTCOME},
        {"{" INFO "}", CRM_NO_OUTCOME},
        {"{\"py/object\": \"dtos.probe_ack.ProbeAck\", " INFO ", \"type\": 3}", CRM_NO_OUTCOME},
        {"{\"py/object\": \"a.RegisterAck\", " INFO ", \"type\": 3}", CRM_NO_OUTCOME},
        {NAMED "\"info\": {\"py/object\": \"dtos.register_info.RegisterInfo\", \"status\": false}}",
         CRM_FAILED},
        {NAMED "\"info\": {\"py/object\": \"a.RegisterInfo\", \"status\": false}}", CRM_NO_OUTCOME},
        {NAMED "\"info\": {\"py/object\": \"dtos.host_info.HostInfo\", \"status\": false}}", CRM_NO_OUTCOME},
        {NAMED "\"status\": false}", CRM_NO_OUTCOME},
        {NAMED INFO, CRM_NO_OUTCOME},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpint(crm_register_outcome(&m), ==, cases[i].outcome);
    }
    const char *whole = NAMED INFO "}";
    crm_message_read(&m, (const uint8_t *)whole, (uint32_t)strlen(whole), true);
    g_assert_cmpint(crm_register_outcome(&m), ==, CRM_NO_OUTCOME);
    g_assert_cmpstr(crm_outcome_name(CRM_NO_OUTCOME), ==, "");
}

/* As the receiver takes it: none of what it refuses, and none that has only begun to arrive. */
static void
test_packet_types(void)
{
    static const struct {
        const char *text;
        uint32_t type;
    } cases[] = {
        {NAMED INFO "}", CRM_REG_ACK},
        {NAMED INFO ", \"type\": 1}", CRM_PROBE_INIT},
        {"{" INFO ", \"type\": 3}", CRM_REG_ACK},
        {NAMED INFO ", \"type\": 9}", CRM_REG_ACK},
        {NAMED INFO, 0},
        {NAMED INFO "} x", 0},
        {"{" INFO "}", 0},
        {"{\"py/object\": \"a.B\"}", 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpuint(crm_message_packet_type(&m), ==, cases[i].type);
        crm_message_read(&m, (const uint8_t *)cases[i].text, (uint32_t)strlen(cases[i].text), true);
        g_assert_cmpuint(crm_message_packet_type(&m), ==, 0);
    }
}

static void
test_types(void)
{
    static const struct {
        const char *text, *summary;
        const char *name; /* of the type; NULL: none */
    } cases[] = {
        {"{\"type\": 2}", "PROBE_ACK", "PROBE_ACK"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 2}", "PROBE_ACK", "PROBE_ACK"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\", \"type\": 9}", "Unknown packet type 9",
         "Unknown packet type"},
        {"{\"py/object\": \"dtos.probe_init.ProbeInit\"}", "PROBE_INIT", "PROBE_INIT"},
        {"{\"py/object\": \"dtos.report_init.ReportInit\"}", "ReportInit", "ReportInit"},
        {"{}", "", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_text(cases[i].text);
        g_assert_cmpstr(crm_message_type_name(&m), ==, cases[i].name);
        check_summary(NULL, cases[i].summary);
    }
}

/* What it is about comes from elsewhere; a QueryAck's own job is shown, not one of a host's queries. */
static void
test_words(void)
{
    read_text("{\"type\": 3}");
    check_summary("worker\n1", "REG_ACK worker\\u000a1");
    read_text("{\"type\": 4, \"hostname\": \"h\", \"job\": \"j\", \"packet_id\": \"x\"}");
    check_summary(NULL, "QUERY_ACK h j, id=x");
    read_text("{\"type\": 2, \"info\": {\"hostname\": \"h\", \"inet_addr\": \"i\", \"queries\": [{\"job\": "
              "\"j\"}]}}");
    check_summary(NULL, "PROBE_ACK h i");
}

static void
check_finding(const char *text, const char *expected)
{
    g_autoptr(GString) out = g_string_new(NULL);

    read_text(text);
    g_assert_cmpint(crm_message_append_finding(&m, out), ==, *expected != '\0');
    g_assert_cmpstr(out->str, ==, expected);
}

/* The first of the most severe. */
static void
test_findings(void)
{
#define TWO_TAGS                                                                                             \
    "{\"py/object\": \"dtos.report_init.ReportInit\", \"type\": \"t\", \"measurement\": \"\", "              \
    "\"fields\": [], \"timestamp\": 0, \"tags\": "
    check_finding(TWO_TAGS "[]}", "");
    check_finding(TWO_TAGS "[0, \"\", 1]}", "[tags[0]: expected a string, found an integer] ");
    check_finding(TWO_TAGS "[0], \"x\": NaN}", "[tags[0]: expected a string, found an integer] ");
    check_finding(
        TWO_TAGS "[0]",
        "[Malformed: at byte 118: expected ',' or '}' after a member, found the end of the datagram] ");
    check_finding(TWO_TAGS "[], \"x\": NaN, \"y\": Infinity}",
                  "[NaN is not valid JSON; Python accepts it, other receivers do not] ");
    g_autofree char *name = g_strnfill(300, 'n');
    g_autofree char *text = g_strdup_printf(TWO_TAGS "[], \"%s\": 1, \"%s\": 1}", name, name);
    g_autoptr(GString) worst = g_string_new(NULL);
    read_text(text);
    g_assert_true(crm_message_append_finding(&m, worst));
    g_assert_cmpint(g_utf8_strlen(worst->str, -1), ==, (glong)strlen("[] ") + 160 + 1); /* the ellipsis */
    check_finding("[]", "[Unknown: not a CRM message: the document is a list, not an object] ");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/summary/daemons", test_daemons);
    g_test_add_func("/summary/reports", test_reports);
    g_test_add_func("/summary/empty-texts", test_empty_texts);
    g_test_add_func("/summary/long-texts", test_long_texts);
    g_test_add_func("/summary/registrations", test_registrations);
    g_test_add_func("/summary/status-of-what-is-no-register-ack", test_status_of_what_is_no_register_ack);
    g_test_add_func("/summary/packet-types", test_packet_types);
    g_test_add_func("/summary/types", test_types);
    g_test_add_func("/summary/words", test_words);
    g_test_add_func("/summary/findings", test_findings);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
