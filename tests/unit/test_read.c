/* test_read.c
 * All that is read of a message, against what a file says
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     test_read read.txt
 *     test_read --renew read.txt > new.txt
 *
 * The file's head says how it is read. The second form writes the file with what is read now, to be compared
 * by eye before it takes the old one's place.
 */

#include "message/dto-json.h"
#include "message/recognise.h"
#include "message/schema.h"
#include "message/summary.h"
#include "message/visible.h"
#include "one_message.h"

#include <stdio.h>

#define CONSTANT_NAME(constant, ...) #constant,

static const char *const field_names[CRM_FIELD_COUNT] = {"-", "MESSAGE", CRM_FIELDS(CONSTANT_NAME)};
static const char *const encodings[] = {CRM_ENCODINGS(CONSTANT_NAME) "UNKNOWN"};
static const char *const enum_forms[] = {CRM_ENUM_FORMS(CONSTANT_NAME)};
static const char *const value_names[] = {"object", "members", "list", "text", "number",
                                          "enum",   "bool",    "raw",  "rest"};
static const char *const numberings[] = {[CRM_NUMBERING_UNKNOWN] = "",
                                         [CRM_NUMBERING_WITH_DICTS] = ", with dictionaries",
                                         [CRM_NUMBERING_WITHOUT_DICTS] = ", without dictionaries"};

/* Bytes in brackets; of many, the first and the last. */
static void
append_bytes(GString *out, uint32_t start, uint32_t end)
{
    const uint32_t length = end - start, most = 44, part = 18;
    const char *bytes = last_read + start;

    if (length <= most) {
        g_string_append_printf(out, " [%.*s]", (int)length, bytes);
    } else {
        /* Either may begin or end inside a character. */
        g_autofree char *begin = g_utf8_make_valid(bytes, (gssize)part);
        g_autofree char *rest = g_utf8_make_valid(bytes + length - part, (gssize)part);
        g_string_append_printf(out, " [%s ... %s]", begin, rest);
    }
}

static void
append_indented(GString *out, unsigned depth, const char *mark)
{
    g_string_append_printf(out, "%*s%s", (int)(2 * depth), "", mark);
}

static void
append_node(GString *out, const crm_node_t *node, unsigned depth)
{
    append_indented(out, depth, "");
    g_string_append_printf(out, "%s %s %s", node->name ? node->name : "-", field_names[node->field],
                           value_names[node->value]);
    if (node->class != CRM_CLASS_NONE) {
        g_string_append_printf(out, " %s", crm_class_name((crm_class_t)node->class));
    }
    if (node->value == CRM_VALUE_NUMBER || node->value == CRM_VALUE_ENUM || node->value == CRM_VALUE_BOOL ||
        node->value == CRM_VALUE_REST || node->field == CRM_FIELD_INET_ADDR) {
        g_string_append_printf(out, " %" G_GINT64_FORMAT, node->number);
    }
    if (node->text != CRM_NO_TEXT) {
        g_auto(GStrv) lines = g_strsplit(crm_message_text(&m, node->text), "\n", -1);
        g_autofree char *text = g_strjoinv("␤", lines);
        g_string_append_printf(out, " \"%s\"", text);
    }
    g_string_append_printf(out, "%s%s%s", node->flags & CRM_NODE_GENERATED ? " brought back" : "",
                           node->flags & CRM_NODE_OPEN ? " open" : "",
                           node->flags & CRM_NODE_REPEATED ? " dropped" : "");
    append_bytes(out, node->start, node->end);
    g_string_append_c(out, '\n');
    for (uint32_t f = node->finding; f != CRM_NO_FINDING; f = m.findings[f].next) {
        append_indented(out, depth, "! ");
        g_string_append_printf(out, "%s: ", crm_finding_name((crm_finding_kind_t)m.findings[f].kind));
        crm_append_visible(out, crm_message_text(&m, m.findings[f].text),
                           G_MAXSIZE); /* as whoever shows it does */
        append_bytes(out, m.findings[f].start, m.findings[f].end);
        g_string_append_c(out, '\n');
    }
}

static void
append_tree(GString *out)
{
    uint32_t ends[64];
    unsigned depth = 0;

    for (uint32_t n = 0; n < m.count; n++) {
        while (depth && ends[depth - 1] <= n) {
            depth--;
        }
        append_node(out, &m.nodes[n], depth + 1);
        g_assert_cmpuint(depth, <, G_N_ELEMENTS(ends));
        ends[depth++] = m.nodes[n].next;
    }
}

/* What is said of the message as a whole. */
static void
append_whole(GString *out, const char *text, crm_dto_json_t *writer)
{
    const bool passes = crm_may_be_message((const uint8_t *)text, (uint32_t)strlen(text));
    const bool is = m.doc.status == CRM_JSON_OK && crm_is_message(&m.doc);
    const char *json = crm_dto_json_write(writer, &m);

    g_string_append_printf(out, "= %s, %s%s",
                           m.class == CRM_CLASS_NONE ? "no message" : crm_class_name(m.class),
                           encodings[m.encoding], numberings[m.numbering]);
    for (unsigned form = 0; form < CRM_ENUM_FORM_COUNT; form++) {
        g_string_append_printf(out, "%s%s", m.enum_forms & 1U << form ? ", " : "",
                               m.enum_forms & 1U << form ? enum_forms[form] : "");
    }
    g_string_append_printf(out, ", %s\n",
                           is       ? "recognised"
                           : passes ? "passes the first look"
                                    : "turned away");
    g_string_append(out, "= ");
    crm_message_append_finding(&m, out);
    crm_message_summarise(&m, NULL, out);
    g_string_append_printf(out, "\n= %s\n", json ? json : "no crm.dto");
}

/* What the file should say of a document. */
static void
append_document(GString *out, const char *text, bool cut, crm_dto_json_t *writer)
{
    last_read = text;
    crm_message_read(&m, (const uint8_t *)text, (uint32_t)strlen(text), cut);
    crm_check_message(&m);
    append_whole(out, text, writer);
    append_tree(out);
}

/* A copy with each `from` as `to`. */
static char *
replaced(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);
    return g_strjoinv(to, parts);
}

/* What the file should say of one of its lines, which may have a substitute for what acts on a terminal. */
static void
append_line(GString *out, const char *line, bool cut, crm_dto_json_t *writer)
{
    g_autoptr(GString) read = g_string_new(NULL);
    g_autofree char *text = replaced(line, "␛", "\xc2\x9b");

    append_document(read, text, cut, writer);
    g_autofree char *shown = replaced(read->str, "\xc2\x9b", "␛");
    g_string_append(out, shown);
}

#define WHOLE "> "
#define CUT   "cut> "

/* The file, with what is read now. */
static char *
renewed(const char *file)
{
    g_auto(GStrv) lines = g_strsplit(file, "\n", -1);
    GString *out = g_string_new(NULL);
    crm_dto_json_t writer;

    crm_dto_json_init(&writer);
    for (char **line = lines; *line; line++) {
        const bool cut = g_str_has_prefix(*line, CUT);
        if (**line == ' ' || **line == '=') {
            continue; /* what was read before */
        }
        g_string_append_printf(out, "%s%s", *line, line[1] ? "\n" : "");
        if (cut || g_str_has_prefix(*line, WHOLE)) {
            append_line(out, *line + strlen(cut ? CUT : WHOLE), cut, &writer);
        }
    }
    crm_dto_json_clear(&writer);
    return g_string_free(out, FALSE);
}

static char *
contents(const char *path)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void
test_documents(const void *path)
{
    g_autofree char *text = contents(path);
    g_autofree char *now = renewed(text);
    g_auto(GStrv) should = g_strsplit(text, "\n", -1);
    g_auto(GStrv) is = g_strsplit(now, "\n", -1);

    g_assert_nonnull(strstr(text, "\n" WHOLE));
    for (unsigned i = 0; should[i] && is[i]; i++) {
        g_test_message("%u: %s", i + 1, should[i]);
        g_assert_cmpstr(is[i], ==, should[i]);
    }
    g_assert_cmpstr(now, ==, text);
}

int
main(int argc, char **argv)
{
    const bool renew = argc == 3 && strcmp(argv[1], "--renew") == 0;

    crm_message_init(&m);
    if (renew) {
        g_autofree char *text = contents(argv[2]);
        g_autofree char *now = renewed(text);
        fputs(now, stdout);
    } else {
        g_test_init(&argc, &argv, NULL);
        g_assert_cmpint(argc, ==, 2);
        g_test_add_data_func("/read/documents", argv[1], test_documents);
    }
    const int status = renew ? 0 : g_test_run();
    crm_message_clear(&m);
    return status;
}
