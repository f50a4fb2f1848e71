/* test_limits.c
 * Limits of what is read of a datagram: what reaches one, and one more
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/dto-json.h"
#include "one_message.h"

/* What the limit left out is said once: how many of what ("entries"). */
static void
check_rest(unsigned left_out, const char *what)
{
    g_autofree char *words =
        g_strdup_printf("%u more %s, not shown: the limit is 2048 a datagram", left_out, what);
    unsigned said = 0;

    for (uint32_t n = 0; n < m.count; n++) {
        if (m.nodes[n].value == CRM_VALUE_REST) {
            g_assert_cmpint(m.nodes[n].number, ==, left_out);
            const char *text = crm_message_text(&m, m.nodes[n].text);
            g_assert_true(g_str_has_suffix(text, words));
            g_assert_false(g_str_has_prefix(text, ": ")); /* the root has no name before it */
            said++;
        }
    }
    g_assert_cmpuint(said, ==, left_out > 0);
}

/* `count` members or entries between `begin` and `end`; "%u" in `entry` is the position. */
static char *
text_of_many(const char *begin, unsigned count, const char *entry, const char *end)
{
    GString *text = g_string_new(begin);

    for (unsigned i = 0; i < count; i++) {
        g_autofree char *position = g_strdup_printf("%u", i);
        g_auto(GStrv) parts = g_strsplit(entry, "%u", 2);
        g_string_append_printf(text, "%s%s%s%s", i ? ", " : "", parts[0], parts[1] ? position : "",
                               parts[1] ? parts[1] : "");
    }
    g_string_append(text, end);
    return g_string_free(text, FALSE);
}

/* For what needs no bytes of the datagram afterwards. */
static void
read_many(const char *begin, unsigned count, const char *entry, const char *end)
{
    g_autofree char *text = text_of_many(begin, count, entry, end);
    read_text(text);
}

/* Each kind of thing that counts as an entry, by itself. */
static void
test_entries(void)
{
    static const struct {
        crm_field_t field;
        const char *begin, *entry, *end;
        const char *one, *several;
    } cases[] = {
        {CRM_FIELD_TAG, "{\"py/object\": \"dtos.report_init.ReportInit\", \"tags\": [", "\"t\"", "]}",
         "entry", "entries"},
        {CRM_FIELD_PORT_INFO,
         "{\"type\": 1, \"info\": {\"hostname\": \"h\", \"inet_addr\": \"\", \"ports\": [", "{\"port\": 1}",
         "]}}", "entry", "entries"},
        {CRM_FIELD_MEMBER, "{\"type\": 1, ", "\"m%u\": 0", "}", "member", "members"},
        {CRM_FIELD_MEMBER, "{\"type\": 1, ", "\"m\": 0", ", \"id\": \"x\"}", "member", "members"},
        {CRM_FIELD_EXPORTER, "{\"type\": 2, \"info\": {\"ip_addr\": \"\", \"port\": 1, \"exporter_info\": {",
         "\"e%u\": 0", "}}}", "member", "members"},
        {CRM_FIELD_CRITERION,
         "{\"py/object\": \"vrmjobs.query_ack.QueryAck\", \"filters\": [{\"criteria\": [{", "\"c%u\": \"d\"",
         "}]}]}", "member", "members"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *begin = cases[i].begin, *entry = cases[i].entry, *end = cases[i].end;
        g_test_message("%s%s%s", begin, entry, end);
        read_many(begin, CRM_MAX_ENTRIES, entry, end);
        g_assert_cmpuint(count_field(cases[i].field), ==, CRM_MAX_ENTRIES);
        check_rest(0, "");
        read_many(begin, CRM_MAX_ENTRIES + 1, entry, end);
        g_assert_cmpuint(count_field(cases[i].field), ==, CRM_MAX_ENTRIES);
        check_rest(1, cases[i].one);
        read_many(begin, CRM_MAX_ENTRIES + 3, entry, end);
        check_rest(3, cases[i].several);
    }
}

/* A datagram has one limit, whatever its entries are. */
static void
test_entries_of_all_kinds(void)
{
    read_many("{\"py/object\": \"dtos.report_init.ReportInit\", \"a\": 0, \"tags\": [", CRM_MAX_ENTRIES - 2,
              "\"t\"", "], \"fields\": [\"f\", \"g\", \"h\"]}");
    g_assert_cmpuint(count_field(CRM_FIELD_FIELD), ==, 1);
    check_rest(2, "entries");

    read_many("{\"type\": 1, \"info\": {\"hostname\": \"h\", \"inet_addr\": \"\", \"ports\": [{\"port\": 1, ",
              CRM_MAX_ENTRIES, "\"m%u\": 0", "}]}, \"n\": 0, \"o\": 0}");
    g_assert_cmpuint(count_field(CRM_FIELD_PORT_INFO), ==, 1);
    check_rest(2, "members");
}

static const char *
last_finding(void)
{
    g_assert_cmpuint(m.finding_count, >, 0);
    return crm_message_text(&m, m.findings[m.finding_count - 1].text);
}

static void
test_findings(void)
{
    const char *begin =
        "{\"py/object\": \"dtos.report_init.ReportInit\", \"type\": \"t\", \"measurement\": \"\", "
        "\"fields\": [], \"timestamp\": 0, \"tags\": [";

    read_many(begin, CRM_MAX_FINDINGS, "0", "]}");
    g_assert_cmpuint(m.finding_count, ==, CRM_MAX_FINDINGS);
    g_assert_cmpuint(m.findings_left_out, ==, 0);
    g_assert_cmpstr(last_finding(), ==, "tags[511]: expected a string, found an integer");
    read_many(begin, CRM_MAX_FINDINGS + 1, "0", "]}");
    g_assert_cmpuint(m.finding_count, ==, CRM_MAX_FINDINGS);
    g_assert_cmpstr(last_finding(), ==,
                    "tags[511]: expected a string, found an integer; 1 more finding is not shown");
}

/* What a reference brings back has this many bytes: 16 of them are the limit. */
#define SIXTEENTH (CRM_MAX_REFERENCED / 16)

static void
append_padded(GString *text, const char *begin, const char *end, size_t length)
{
    g_autofree char *padding = g_strnfill(length - strlen(begin) - strlen(end), 'd');
    g_string_append_printf(text, "%s%s%s", begin, padding, end);
}

/* Number 3 brings back a sixteenth of the limit, number 4 one byte more. */
static void
read_references(unsigned sixteenths, bool one_byte_more)
{
    g_autoptr(GString) text =
        g_string_new("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"id\": \"x\", "
                     "\"type\": 2, \"info\": {\"py/object\": \"dtos.host_info.HostInfo\", "
                     "\"hostname\": \"h\", \"inet_addr\": \"10.0.0.2\", \"type\": 1, "
                     "\"ports\": [");
    for (unsigned i = 0; i < 2; i++) {
        append_padded(text, "{\"py/object\": \"dtos.port_info.PortInfo\", \"port\": 7, \"daemon\": \"",
                      "\"}, ", SIXTEENTH + 2 + i);
    }
    for (unsigned i = 0; i < sixteenths; i++) {
        g_string_append_printf(text, "%s{\"py/id\": 3}", i ? ", " : "");
    }
    g_string_append(text, one_byte_more ? ", {\"py/id\": 4}]}}" : "]}}");
    read_text(text->str);
}

static void
test_references(void)
{
    read_references(16, false);
    g_assert_cmpuint(m.finding_count, ==, 0);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, 2 + 16);
    read_references(17, false);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, 2 + 16);
    g_assert_cmpstr(
        last_finding(), ==,
        "info.ports[18]: not shown again: what references bring back is limited to 64 KiB a datagram");
    read_references(15, true);
    g_assert_cmpuint(count_field(CRM_FIELD_PORT), ==, 2 + 15);
    g_assert_cmpuint(m.finding_count, ==, 1);
}

/* In a member that no DTO defines, the message as plain JSON has the same limit: how many references it
 * leaves. */
static unsigned
references_left(unsigned sixteenths, bool one_byte_more)
{
    static crm_dto_json_t writer;
    unsigned left = 0;

    if (writer.generator == NULL) {
        crm_dto_json_init(&writer);
    }
    g_autoptr(GString) text = g_string_new("{\"py/object\": \"dtos.probe_ack.ProbeAck\"");
    append_padded(text, ", \"a\": [\"", "\"]", SIXTEENTH + strlen(", \"a\": "));
    append_padded(text, ", \"b\": [\"", "\"]", SIXTEENTH + strlen(", \"b\": ") + 1);
    for (unsigned i = 0; i < sixteenths; i++) {
        g_string_append_printf(text, ", \"x%u\": {\"py/id\": 1}", i);
    }
    g_string_append(text, one_byte_more ? ", \"y\": {\"py/id\": 2}}" : "}");
    read_text(text->str);
    const char *json = crm_dto_json_write(&writer, &m);
    while ((json = strstr(json, "py/id")) != NULL) {
        json++;
        left++;
    }
    return left;
}

static void
test_references_in_plain_json(void)
{
    g_assert_cmpuint(references_left(16, false), ==, 0);
    g_assert_cmpuint(references_left(17, false), ==, 1);
    g_assert_cmpuint(references_left(15, true), ==, 1);
}

/* crm.dto has what the tree leaves out of a list, and what follows the list. */
static void
test_list_in_dto(void)
{
    crm_dto_json_t writer;

    crm_dto_json_init(&writer);
    for (unsigned more = 0; more < 4; more++) {
        g_autofree char *end =
            g_strdup_printf("\"t%u\"],\"fields\":[\"f\"],\"timestamp\":1}", CRM_MAX_ENTRIES + more);
        g_autofree char *expected = g_strdup_printf("\"t%u\",%s", CRM_MAX_ENTRIES + more - 1, end);
        g_autofree char *text = text_of_many(
            "{\"type\": \"\", \"measurement\": \"\", \"fields\": [\"f\"], \"timestamp\": 1, \"tags\": [",
            CRM_MAX_ENTRIES + more + 1, "\"t%u\"", "]}");
        read_text(text);
        const char *json = crm_dto_json_write(&writer, &m);
        g_auto(GStrv) parts = g_strsplit(json, "\"t", -1);
        g_assert_cmpuint(g_strv_length(parts), ==,
                         CRM_MAX_ENTRIES + more + 5); /* before it, type, tags, timestamp */
        g_assert_true(g_str_has_suffix(json, expected));
    }
    crm_dto_json_clear(&writer);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/limits/entries", test_entries);
    g_test_add_func("/limits/entries-of-all-kinds", test_entries_of_all_kinds);
    g_test_add_func("/limits/findings", test_findings);
    g_test_add_func("/limits/references", test_references);
    g_test_add_func("/limits/references-in-plain-json", test_references_in_plain_json);
    g_test_add_func("/limits/list-in-dto", test_list_in_dto);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
