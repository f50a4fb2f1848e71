/* test_pickle.c
 * jsonpickle's constructs: members behind "py/state", enums, Python's texts, what "py/id" counts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/pickle.h"

#include <string.h>

static crm_json_t doc;

static void
read_document(const char *text)
{
    g_test_message("%s", text);
    g_assert_true(crm_json_read(&doc, (const uint8_t *)text, (uint32_t)strlen(text)));
}

/* A token as it was sent; "-" for none. */
static void
append_token(GString *out, uint32_t token)
{
    uint32_t start = 0, end = 0;

    if (token != CRM_JSON_NONE) {
        crm_json_extent(&doc, token, &start, &end);
    }
    g_string_append_printf(out, "%s%.*s", out->len ? " " : "",
                           (int)(token == CRM_JSON_NONE ? 1 : end - start),
                           token == CRM_JSON_NONE ? "-" : (const char *)doc.data + start);
}

/* The first "py/state" that holds an object is passed through, wherever it stands; its members are the
 * object's. */
static void
test_members(void)
{
    static const char *const cases[][2] = {
        {"{}", ""},
        {"{\"a\": 1}", "\"a\" 1"},
        {"{\"a\": 1, \"py/state\": {\"b\": 2, \"c\": 3}, \"d\": 4}", "\"a\" 1 \"b\" 2 \"c\" 3 \"d\" 4"},
        {"{\"py\\/state\": {\"b\": {\"c\": 3}}}", "\"b\" {\"c\": 3}"},
        {"{\"py/state\": {\"b\": 2}, \"d\": {\"e\": 5}}", "\"b\" 2 \"d\" {\"e\": 5}"},
        {"{\"py/state\": {}}", ""},
        {"{\"py/state\": {}, \"d\": 4}", "\"d\" 4"},
        {"{\"a\": 1, \"py/state\": {}}", "\"a\" 1"},
        {"{\"py/state\": [1]}", "\"py/state\" [1]"},
        {"{\"py/state\": 1, \"py/state\": {\"b\": 2}}", "\"py/state\" 1 \"b\" 2"},
        {"{\"py/state\": {\"b\": 2}, \"py/state\": {\"c\": 3}}", "\"b\" 2 \"py/state\" {\"c\": 3}"},
        {"{\"py/state\": {\"py/state\": {\"b\": 2}, \"c\": 3}, \"d\": 4}",
         "\"py/state\" {\"b\": 2} \"c\" 3 \"d\" 4"},
        {"{\"py/stat\": {\"b\": 2}}", "\"py/stat\" {\"b\": 2}"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) is = g_string_new(NULL);
        crm_pickle_members_t members;
        uint32_t key, value;

        read_document(cases[i][0]);
        crm_pickle_members(&members, &doc, 0);
        while (crm_pickle_next_member(&members, &key, &value)) {
            append_token(is, key);
            append_token(is, value);
        }
        g_assert_cmpstr(is->str, ==, cases[i][1]);
        g_assert_false(crm_pickle_next_member(&members, &key, &value));
        g_assert_true(members.has_state == (strstr(cases[i][0], "state\": {") != NULL));
    }
}

#define CONSTANT_NAME(constant, name) #constant,
#define TYPE                          "{\"py/type\": \"a.B\"}"
#define GETATTR                       "{\"py/function\": \"builtins.getattr\"}"

/* The parts as "form class number name". */
static void
test_enums(void)
{
    static const char *const forms[] = {CRM_ENUM_FORMS(CONSTANT_NAME)};
    static const char *const cases[][2] = {
        {"1", "BARE - 1 -"},
        {"-1", "BARE - -1 -"},
        {"\"A\"", "BARE - - \"A\""},
        {"\"B.A\"", "TEXT - - \"B.A\""},
        {"\"<B.A: 1>\"", "TEXT - - \"<B.A: 1>\""},
        {"1.0", "none"},
        {"true", "none"},
        {"null", "none"},
        {"[1]", "none"},
        {"{}", "none"},
        {"{\"py/reduce\": [" TYPE ", {\"py/tuple\": [1]}]}", "BY_VALUE \"a.B\" 1 -"},
        {"{\"py/reduce\": [" TYPE ", [\"A\"]]}", "BY_VALUE \"a.B\" - \"A\""},
        {"{\"py/reduce\": [" TYPE ", {\"py/tuple\": [1]}, null, null, null]}", "BY_VALUE \"a.B\" 1 -"},
        {"{\"py/reduce\": [" TYPE ", {\"py/tuple\": [1, 2]}]}", "none"},
        {"{\"py/reduce\": [" TYPE ", {\"py/tuple\": []}]}", "none"},
        {"{\"py/reduce\": [" TYPE ", {\"py/tuple\": [[]]}]}", "none"},
        {"{\"py/reduce\": [" TYPE ", 1]}", "none"},
        {"{\"py/reduce\": [" TYPE "]}", "none"},
        {"{\"py/reduce\": []}", "none"},
        {"{\"py/reduce\": 1}", "none"},
        {"{\"py/reduce\": [{\"py/type\": 1}, {\"py/tuple\": [1]}]}", "none"},
        {"{\"py/reduce\": [" GETATTR ", {\"py/tuple\": [" TYPE ", \"A\"]}]}", "BY_NAME \"a.B\" - \"A\""},
        {"{\"py/reduce\": [" GETATTR ", {\"py/tuple\": [7, \"A\"]}]}", "BY_NAME - - \"A\""},
        {"{\"py/reduce\": [" GETATTR ", {\"py/tuple\": [" TYPE ", 1]}]}", "none"},
        {"{\"py/reduce\": [" GETATTR ", {\"py/tuple\": [" TYPE "]}]}", "none"},
        {"{\"py/reduce\": [{\"py/function\": \"builtins.setattr\"}, {\"py/tuple\": [" TYPE ", \"A\"]}]}",
         "none"},
        {"{\"py/reduce\": [{\"py/function\": 1}, {\"py/tuple\": [" TYPE ", \"A\"]}]}", "none"},
        {"{\"_value_\": 1, \"_name_\": \"A\", \"__objclass__\": " TYPE "}", "ATTRIBUTES \"a.B\" 1 \"A\""},
        {"{\"__objclass__\": {\"py/type\": 1}, \"_name_\": 1, \"_value_\": 1}", "ATTRIBUTES - 1 -"},
        {"{\"__objclass__\": \"a.B\", \"_value_\": 1}", "ATTRIBUTES - 1 -"},
        {"{\"_name_\": \"A\", \"__objclass__\": " TYPE "}", "none"},
        {"{\"_value_\": null, \"_name_\": \"A\"}", "none"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) is = g_string_new(NULL);
        crm_pickle_enum_t parts;

        read_document(cases[i][0]);
        if (crm_pickle_enum(&doc, 0, &parts)) {
            g_string_append(is, forms[parts.form]);
            append_token(is, parts.class_name);
            append_token(is, parts.number);
            append_token(is, parts.name);
        } else {
            g_string_append(is, "none");
        }
        g_assert_cmpstr(is->str, ==, cases[i][1]);
    }
}

/* As repr() and str() write an enum: its class and name, and nothing that only looks like it. */
static void
test_enum_texts(void)
{
    static const char *const cases[][2] = {
        {"HostType.WORKER", "HostType WORKER"},
        {"<HostType.WORKER: 1>", "HostType WORKER"},
        {"<HostType.WORKER: -1>", "HostType WORKER"},
        {"<HostType.WORKER: 100>", "HostType WORKER"},
        {"_Host2._A_1", "_Host2 _A_1"},
        {"a.b", "a b"},
        {"<a.b: 1>", "a b"},
        {"", ""},
        {".", ""},
        {"a", ""},
        {"a.", ""},
        {".b", ""},
        {"a.b.c", ""},
        {"1a.b", ""},
        {"a.1b", ""},
        {"a b.c", ""},
        {"a.b ", ""},
        {"<>", ""},
        {"<a.b>", ""},
        {"<a.b: 1", ""},
        {"a.b: 1>", ""},
        {"a.b: 1", ""},
        {"<a.b:1>", ""},
        {"<a.b:11>", ""},
        {"<a.b:11 >", ""},
        {"<a.b 11>", ""},
        {"<a.b: >", ""},
        {"<a.b: ->", ""},
        {"<a.b: 1x>", ""},
        {"<a.b: --1>", ""},
        {"<.b: 1>", ""},
        {"<a.: 1>", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        /* Exactly as long as it is, so that a sanitizer sees one step too far. */
        const size_t length = strlen(cases[i][0]);
        g_autofree char *text = g_memdup2(cases[i][0], MAX(length, 1));
        crm_pickle_enum_text_t parts;
        g_autofree char *is = crm_pickle_enum_text(text, length, &parts)
                                  ? g_strdup_printf("%.*s %.*s", (int)parts.class_length, parts.class_name,
                                                    (int)parts.name_length, parts.name)
                                  : g_strdup("");
        g_test_message("%s", cases[i][0]);
        g_assert_cmpstr(is, ==, cases[i][1]);
    }
}

/* What repr() makes of an object or of what holds others, and texts of people. */
static void
test_object_texts(void)
{
    static const char *const objects[] = {"PortInfo(workerd:10500)",
                                          "P()",
                                          "_p1(x)",
                                          "<a.B object at 0x7f52>",
                                          "<>",
                                          "[]",
                                          "{}",
                                          "()",
                                          "[PortInfo(x)]",
                                          "('text',)",
                                          "['a', 'b']",
                                          "{'a': 1}",
                                          "{'a': [<x>]}",
                                          "[<x>]",
                                          "[[<x>]]",
                                          "({'a': 1},)"};
    static const char *const others[] = {"",
                                         "a",
                                         "(",
                                         "[",
                                         "<",
                                         "()x",
                                         "[text",
                                         "text]",
                                         "{text}",
                                         "[text]",
                                         "(see the log)",
                                         "a (b)",
                                         "P(x",
                                         "P(x) y",
                                         "P[x]",
                                         "1(x)",
                                         "[1]",
                                         "[1(x)]",
                                         "(x]",
                                         "[x)",
                                         "{'a': 1]",
                                         "<x)",
                                         "((x)",
                                         ")(",
                                         "''",
                                         "'a'"};

    for (size_t i = 0; i < G_N_ELEMENTS(objects) + G_N_ELEMENTS(others); i++) {
        const bool is = i < G_N_ELEMENTS(objects);
        const char *literal = is ? objects[i] : others[i - G_N_ELEMENTS(objects)];
        const size_t length = strlen(literal);
        g_autofree char *text = g_memdup2(literal, MAX(length, 1));
        g_test_message("%s", literal);
        g_assert_true(crm_pickle_is_object_text(text, length) == is);
    }
}

static void
test_lists_and_references(void)
{
    static const char *const lists[][2] = {{"[1]", "[1]"},
                                           {"{\"py/tuple\": [1]}", "[1]"},
                                           {"{\"a\": 1, \"py/tuple\": [2]}", "[2]"},
                                           {"{\"py/tuple\": 1}", "-"},
                                           {"{\"py/tuples\": [1]}", "-"},
                                           {"1", "-"}};
    static const char *const references[][2] = {{"{\"py/id\": 3}", "3"},
                                                {"{\"py\\/id\": 3}", "3"},
                                                {"{\"py/id\": null}", "null"},
                                                {"{\"py/id\": [3]}", "-"},
                                                {"{\"py/id\": 3, \"a\": 1}", "-"},
                                                {"{\"py/ids\": 3}", "-"},
                                                {"{}", "-"}};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GString) is = g_string_new(NULL);
        read_document(lists[i][0]);
        append_token(is, crm_pickle_list(&doc, 0));
        g_assert_cmpstr(is->str, ==, lists[i][1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(references); i++) {
        g_autoptr(GString) is = g_string_new(NULL);
        read_document(references[i][0]);
        append_token(is, crm_pickle_reference(&doc, 0));
        g_assert_cmpstr(is->str, ==, references[i][1]);
    }
}

/* Each number's token, by its first bytes, in both ways of counting. */
static void
test_numbers(void)
{
    static const char *const cases[][3] = {
        {"{}", "", "{}"},
        {"[]", "[]", "[]"},
        {"[{\"a\": []}]", "[{\"a\": []}] []", "[{\"a\": []}] {\"a\": []} []"},
        {"{\"a\": 1, \"py/object\": \"x\"}", "{\"a\": 1, \"py/object\": \"x\"}",
         "{\"a\": 1, \"py/object\": \"x\"}"},
        {"{\"py/object\": \"x\", \"py/state\": {\"a\": []}}",
         "{\"py/object\": \"x\", \"py/state\": {\"a\": []}} []",
         "{\"py/object\": \"x\", \"py/state\": {\"a\": []}} {\"a\": []} []"},
        {"{\"py/tuple\": [[], {}]}", "[]", "[] {}"},
        {"{\"py\\/tuple\": [1]}", "", ""},
        {"{\"a\": 1, \"py/tuple\": [1], \"b\": [2]}", "[2]", "[2]"},
        {"{\"py/object\": \"x\", \"py/tuple\": [1]}", "{\"py/object\": \"x\", \"py/tuple\": [1]}",
         "{\"py/object\": \"x\", \"py/tuple\": [1]}"},
        {"{\"py/tuple\": [1], \"py/object\": \"x\"}", "{\"py/tuple\": [1], \"py/object\": \"x\"}",
         "{\"py/tuple\": [1], \"py/object\": \"x\"}"},
        {"{\"py/reduce\": [{\"py/type\": \"x\"}, {\"py/tuple\": [1]}]}",
         "{\"py/reduce\": [{\"py/type\": \"x\"}, {\"py/tuple\": [1]}]}",
         "{\"py/reduce\": [{\"py/type\": \"x\"}, {\"py/tuple\": [1]}]}"},
        {"{\"py/id\": 1}", "", ""},
        {"{\"py/\": []}", "[]", "{\"py/\": []} []"},
        {"{\"pyx\": [], \"p\": {}}", "[]", "{\"pyx\": [], \"p\": {}} [] {}"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        crm_pickle_index_t numbers;

        read_document(cases[i][0]);
        crm_pickle_index_fill(&numbers, &doc);
        const GArray *const ways[] = {numbers.without_dicts, numbers.with_dicts};
        for (size_t way = 0; way < G_N_ELEMENTS(ways); way++) {
            g_autoptr(GString) is = g_string_new(NULL);
            int64_t n = 0;
            for (; crm_pickle_index_get(ways[way], n) != CRM_JSON_NONE; n++) {
                append_token(is, crm_pickle_index_get(ways[way], n));
            }
            g_assert_cmpint(n, ==, ways[way]->len);
            g_assert_cmpstr(is->str, ==, cases[i][1 + way]);
            g_assert_cmpuint(crm_pickle_index_get(ways[way], -1), ==, CRM_JSON_NONE);
            g_assert_cmpuint(crm_pickle_index_get(ways[way], INT64_MAX), ==, CRM_JSON_NONE);
            g_assert_cmpuint(crm_pickle_index_get(ways[way], INT64_C(1) << 32), ==, CRM_JSON_NONE);
        }
        crm_pickle_index_clear(&numbers);
        g_assert_null(numbers.with_dicts);
        crm_pickle_index_clear(&numbers);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_json_init(&doc);
    g_test_add_func("/pickle/members", test_members);
    g_test_add_func("/pickle/enums", test_enums);
    g_test_add_func("/pickle/enum-texts", test_enum_texts);
    g_test_add_func("/pickle/object-texts", test_object_texts);
    g_test_add_func("/pickle/lists-and-references", test_lists_and_references);
    g_test_add_func("/pickle/numbers", test_numbers);
    const int status = g_test_run();
    crm_json_clear(&doc);
    return status;
}
