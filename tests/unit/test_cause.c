/* test_cause.c
 * Findings that name what the sender did, and the byte that they stand at
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "one_message.h"

#define BYTES      "Python's text of bytes, not the bytes"
#define DICTIONARY "Python's text of a dictionary, not JSON"
#define TWO        "two messages in one datagram: a receiver reads one"
#define TWICE      "encoded twice: the string itself holds JSON"
#define CUT        "as long as a buffer: the sender cuts"
#define OBJECT     "Python's text of an object, as jsonpickle writes it with max_depth or make_refs=False"
#define NUL        "the sender pads, or sends its buffer"
#define MARK_UTF8  "Python's utf-8-sig writes it"
#define MARK_UTF16 "a byte order mark of UTF-16"

static const char *const causes[] = {BYTES,  DICTIONARY, TWO,       TWICE,      CUT,
                                     OBJECT, NUL,        MARK_UTF8, MARK_UTF16, "Python's text of a list"};

/* Reads a datagram; its first finding of the kind names this cause and no
 * other, or none for NULL. */
static const crm_finding_t *
check(const char *data, size_t length, crm_finding_kind_t kind, const char *cause)
{
    crm_message_read(&m, (const uint8_t *)data, (uint32_t)length, false);
    crm_check_message(&m);
    const crm_finding_t *finding = finding_of(kind);
    g_assert_nonnull(finding);
    const char *text = crm_message_text(&m, finding->text);
    g_test_message("%s", text);
    for (size_t i = 0; i < G_N_ELEMENTS(causes); i++) {
        const bool named = strstr(text, causes[i]) != NULL;
        g_assert_true(named == (cause && strcmp(cause, causes[i]) == 0));
    }
    return finding;
}

/* The byte that is highlighted is the first at which the receiver stops. */
static void
test_errors(void)
{
    static const struct {
        const char *text;
        const char *cause;
        uint32_t at;
    } cases[] = {
        {"b'{\"id\": \"x\"}'", BYTES, 0},
        {" b\"{'id': 1}\"", BYTES, 1},
        {"{\"id\": b'x'}", NULL, 7},
        {"bytes", NULL, 0},
        {"{'id': 'x'}", DICTIONARY, 1},
        {"{\"id\": 'x'}", DICTIONARY, 7},
        {"{\"status\": True}", DICTIONARY, 11},
        {"{\"status\": False, 'x': None}", DICTIONARY, 11},
        {"\r\n{\"x\": None}", DICTIONARY, 8},
        {"['a']", "Python's text of a list", 1},
        {"{\"x\": Trueish}", NULL, 6},
        {"{\"x\": True_}", NULL, 6},
        {"{\"x\": true1}", NULL, 10},
        {"{\"x\": \"it\\'s\"}", NULL, 10},
        {"{\"x\": \"caf\xe9's\"}", NULL, 11},
        {"{\"a\": 1}{\"b\": 2}", TWO, 8},
        {"{\"a\": 1}\r\n {\"b\": 2}", TWO, 11},
        {"{\"a\": 1}[", TWO, 8},
        {"5.2{}", NULL, 3}, /* after a datagram whose root was whole */
        {"{\"a\": 1} x", NULL, 9},
        {"1 {}", NULL, 2},
        {"\"a\" {}", NULL, 4},
        {"{\"a\": {} {}}", NULL, 9},
        {"\xef\xbb\xbf{\"a\": 1}", MARK_UTF8, 0},
        {" \xef\xbb\xbf{\"a\": 1}", NULL, 1},
        {"\xff\xfe{", MARK_UTF16, 0},
        {"\xfe\xff", MARK_UTF16, 0},
        {" \xfe\xff", NULL, 1},
        {"", NULL, 0},
        {" ", NULL, 1},
        {"{\"a\": \"\xff\xfe\"}", NULL, 7},
        {"{\"a\": 1", NULL, 7},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        const crm_finding_t *finding =
            check(cases[i].text, strlen(cases[i].text), CRM_FINDING_JSON_ERROR, cases[i].cause);
        g_assert_cmpuint(finding->start, ==, cases[i].at);
    }
}

static void
test_padding(void)
{
    static const char padded[] = "{\"a\": 1}\0\0\0", one[] = "{\"a\": 1}\0", inside[] = "{\"a\":\0 1}\0",
                      cut[] = "{\"a\": \"tex\0\0\0\0";

    g_assert_cmpuint(check(padded, sizeof padded - 1, CRM_FINDING_JSON_ERROR, NUL)->start, ==, 8);
    g_assert_nonnull(
        strstr(crm_message_text(&m, finding_of(CRM_FINDING_JSON_ERROR)->text), "in 3 NUL bytes"));
    check(one, sizeof one - 1, CRM_FINDING_JSON_ERROR, NUL);
    g_assert_nonnull(
        strstr(crm_message_text(&m, finding_of(CRM_FINDING_JSON_ERROR)->text), "in 1 NUL byte:"));
    g_assert_cmpuint(check(inside, sizeof inside - 1, CRM_FINDING_JSON_ERROR, NULL)->start, ==, 5);
    check(cut, sizeof cut - 1, CRM_FINDING_JSON_ERROR, NUL);
}

/* What stands behind the datagram is no part of it. */
static void
test_nothing_behind(void)
{
    static const char none[] = "{\"a\": None";

    check(none, strlen(none), CRM_FINDING_JSON_ERROR, DICTIONARY);
    check(none, strlen(none) - 1, CRM_FINDING_JSON_ERROR, NULL);
}

/* An end that is as long as a buffer, and one byte to either side. */
static void
test_cut_by_a_buffer(void)
{
    static const uint32_t buffers[] = {512, 1024, 1400, 1472, 2048, 4096, 8192, 65507};
    static char document[65536];

    memset(document, 'x', sizeof document);
    document[g_strlcpy(document, "{\"id\": \"", sizeof document)] = 'x';
    for (size_t i = 0; i < G_N_ELEMENTS(buffers); i++) {
        check(document, buffers[i] - 1, CRM_FINDING_JSON_ERROR, NULL);
        check(document, buffers[i] + 1, CRM_FINDING_JSON_ERROR, NULL);
        const crm_finding_t *finding = check(document, buffers[i], CRM_FINDING_JSON_ERROR, CUT);
        g_autofree char *length = g_strdup_printf(": %u bytes, " CUT, buffers[i]);
        g_assert_cmpuint(finding->start, ==, buffers[i]);
        g_assert_nonnull(strstr(crm_message_text(&m, finding->text), length));
        /* The capture's cut, not the sender's. */
        crm_message_read(&m, (const uint8_t *)document, buffers[i], true);
        g_assert_cmpuint(m.finding_count, ==, 0);
    }
    /* A fault before the end is no cut. */
    document[1] = 'x';
    check(document, 512, CRM_FINDING_JSON_ERROR, NULL);
    document[1] = '"';
    /* A whole document of that length has no fault. */
    document[1022] = '"';
    document[1023] = '}';
    crm_message_read(&m, (const uint8_t *)document, 1024, false);
    g_assert_null(finding_of(CRM_FINDING_JSON_ERROR));
}

/* A document that is a string, and an attribute that is. */
static void
test_strings(void)
{
    static const char *const strings[][2] = {
        {"{\\\"id\\\": \\\"x\\\"}", TWICE},
        {" [1, {}]", TWICE},
        {"\\u007b\\u007d", TWICE},
        {"b'{\\\"id\\\": 1}'", BYTES},
        {"PortInfo(workerd:10500)", OBJECT},
        {"HostInfo(WORKER-worker1[10.0.0.11] - ports: [workerd:10500])", OBJECT},
        {"<dtos.port_info.PortInfo object at 0x7f52c1b2a0d0>", OBJECT},
        {"[PortInfo(workerd:10500), PortInfo(x:1)]", OBJECT},
        {"{'device': 'sda'}", OBJECT},
        {"('text',)", OBJECT},
        {"text", NULL},
        {"1", NULL},
        {"a (b)", NULL},
        {"{text}", NULL},
        {"[text", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
        g_autofree char *document = g_strdup_printf("\"%s\"", strings[i][0]);
        g_autofree char *info = g_strdup_printf("{\"type\": 2, \"id\": \"x\", \"info\": %s}", document);
        g_autofree char *ports = g_strdup_printf("{\"type\": 2, \"info\": {\"ports\": %s}}", document);
        check(document, strlen(document), CRM_FINDING_UNKNOWN_CLASS, strings[i][1]);
        const crm_finding_t *finding = check(info, strlen(info), CRM_FINDING_WRONG_TYPE, strings[i][1]);
        g_autofree char *bytes = g_strndup(info + finding->start, finding->end - finding->start);
        g_assert_cmpstr(bytes, ==, document);
        check(ports, strlen(ports), CRM_FINDING_WRONG_TYPE, strings[i][1]);
    }
}

/* A message that is Python's text of its tuple, and texts that are only in brackets. */
static void
test_tuple_text(void)
{
    static const struct {
        const char *message;
        unsigned findings;
    } cases[] = {{"\"('Failed.',)\"", 1},
                 {"[\"('x',)\"]", 0},
                 {"\"(see the log)\"", 0},
                 {"\"Failed (again)\"", 0},
                 {"\"\"", 0}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("{\"id\": \"x\", \"type\": 3, \"info\": {\"status\": false, \"message\": "
                            "%s, \"max_retries\": 1}}",
                            cases[i].message);
        crm_message_read(&m, (const uint8_t *)text, (uint32_t)strlen(text), false);
        g_test_message("%s", text);
        g_assert_cmpuint(m.finding_count, ==, cases[i].findings);
        g_assert_true(cases[i].findings == 0 || m.findings[0].kind == CRM_FINDING_WRONG_TYPE);
        g_assert_cmpuint(m.first[CRM_FIELD_REGISTER_MESSAGE], !=, CRM_NO_NODE);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/cause/errors", test_errors);
    g_test_add_func("/cause/padding", test_padding);
    g_test_add_func("/cause/nothing-behind", test_nothing_behind);
    g_test_add_func("/cause/cut-by-a-buffer", test_cut_by_a_buffer);
    g_test_add_func("/cause/strings", test_strings);
    g_test_add_func("/cause/tuple-text", test_tuple_text);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
