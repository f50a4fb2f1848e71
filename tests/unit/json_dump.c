/* json_dump.c
 * Shows what the JSON reader makes of documents, for a test to compare
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Standard input: documents, each after its length, 4 bytes little endian.
 * Standard output: one line a document, `valid`, the document's length and its
 * value; or `invalid`, the byte of the error and the error in words. A value is
 *
 *     {"6964":"61","74797065"*:i1}   object; a star after a key that is repeated
 *     ["",i-5,f1.50,cNaN]            array; integer and float as they are written,
 *     true, false, null              and constants that JSON does not have
 *
 * with each string as the hexadecimal digits of what crm_json_append_text()
 * gives.
 */

#include "message/json.h"

#include <stdio.h>
#include <stdlib.h>

#define LONGEST (16u << 20) /* bytes; far above a datagram */

static void
dump_string(const crm_json_t *doc, uint32_t token, GString *out)
{
    static const char digits[] = "0123456789abcdef";
    GString *text = g_string_new(NULL);

    crm_json_append_text(doc, token, text);
    g_string_append_c(out, '"');
    for (size_t i = 0; i < text->len; i++) {
        const uint8_t byte = (uint8_t)text->str[i];
        g_string_append_c(out, digits[byte >> 4]);
        g_string_append_c(out, digits[byte & 15]);
    }
    g_string_append_c(out, '"');
    if (doc->tokens[token].flags & CRM_JSON_REPEATED) {
        g_string_append_c(out, '*');
    }
    g_string_free(text, TRUE);
}

static void dump_value(const crm_json_t *doc, uint32_t token, GString *out);

static void
dump_container(const crm_json_t *doc, uint32_t token, GString *out)
{
    const crm_json_token_t *t = &doc->tokens[token];
    const bool object = t->type == CRM_JSON_OBJECT;

    g_string_append_c(out, object ? '{' : '[');
    for (uint32_t child = token + 1; child < t->next; child = doc->tokens[child].next) {
        if (child > token + 1) {
            g_string_append_c(out, ',');
        }
        if (object) {
            dump_string(doc, child++, out);
            g_string_append_c(out, ':');
        }
        dump_value(doc, child, out);
    }
    g_string_append_c(out, object ? '}' : ']');
}

/* As deep as the document, thus CRM_JSON_MAX_DEPTH at most. */
static void
dump_value(const crm_json_t *doc, uint32_t token, GString *out)
{
    const crm_json_token_t *t = &doc->tokens[token];

    switch (t->type) {
    case CRM_JSON_OBJECT:
    case CRM_JSON_ARRAY:
        dump_container(doc, token, out);
        return;
    case CRM_JSON_STRING:
        dump_string(doc, token, out);
        return;
    case CRM_JSON_NUMBER:
        g_string_append_c(out, t->flags & CRM_JSON_INTEGER ? 'i' : 'f');
        break;
    case CRM_JSON_CONSTANT:
        g_string_append_c(out, 'c');
        break;
    default:
        break;
    }
    g_string_append_len(out, (const char *)doc->data + t->start, (gssize)(t->end - t->start));
}

static void
dump_document(crm_json_t *doc, const uint8_t *data, uint32_t length, GString *out)
{
    g_string_truncate(out, 0);
    if (crm_json_read(doc, data, length)) {
        crm_json_mark_repeated_keys(doc);
        g_string_append_printf(out, "valid %u ", length);
        dump_value(doc, 0, out);
    } else {
        g_string_append_printf(out, "invalid %u ", doc->error_at);
        crm_json_describe_error(doc, out);
    }
    puts(out->str);
}

/* The next document, in memory of just its size so that AddressSanitizer sees
 * a byte too many; NULL at the end of the input. */
static uint8_t *
next_document(uint32_t *length)
{
    uint8_t prefix[4];
    const size_t got = fread(prefix, 1, sizeof prefix, stdin);

    if (got == 0) {
        return NULL;
    }
    *length = prefix[0] | (uint32_t)prefix[1] << 8 | (uint32_t)prefix[2] << 16 | (uint32_t)prefix[3] << 24;
    if (got < sizeof prefix || *length > LONGEST) {
        fputs("json_dump: not a length of 4 bytes, or too long a document\n", stderr);
        exit(2);
    }
    uint8_t *data = malloc(*length > 0 ? *length : 1);
    if (data == NULL || fread(data, 1, *length, stdin) != *length) {
        fputs("json_dump: the input ends inside a document\n", stderr);
        exit(2);
    }
    return data;
}

int
main(void)
{
    crm_json_t doc;
    GString *out = g_string_new(NULL);
    uint8_t *data;
    uint32_t length;

    crm_json_init(&doc);
    while ((data = next_document(&length)) != NULL) {
        dump_document(&doc, data, length, out);
        free(data);
    }
    g_string_free(out, TRUE);
    crm_json_clear(&doc);
    return ferror(stdin) || fflush(stdout) != 0;
}
