/* fuzz_json.c
 * A libFuzzer target: the JSON reader alone
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whatever the bytes are: the tokens hold together (json_check.h), a reader
 * that has read other datagrams before gives the same as a new one, and all
 * that can be asked of a token agrees. Whether a verdict is the receiver's is
 * tests/unit/test_differential.py's matter.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -Iplugin -Itests/unit \
 *         tests/fuzz/fuzz_json.c plugin/message/json.c $(pkg-config --cflags --libs glib-2.0)
 *     ./a.out -dict=tests/fuzz/crm.dict
 */

#include "message/json.h"
#include "json_check.h"

#include <errno.h>
#include <string.h>

/* Looking a member up costs the size of its object: not for each of many. */
#define LOOKUPS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_same(const crm_json_t *a, const crm_json_t *b)
{
    g_assert_cmpuint(a->count, ==, b->count);
    g_assert_cmpint(a->status, ==, b->status);
    g_assert_cmpuint(a->error_at, ==, b->error_at);
    g_assert_cmpstr(a->expected, ==, b->expected);
    g_assert_cmpuint(a->constants, ==, b->constants);
    for (uint32_t t = 0; t < a->count; t++) {
        g_assert_cmpuint(a->tokens[t].start, ==, b->tokens[t].start);
        g_assert_cmpuint(a->tokens[t].end, ==, b->tokens[t].end);
        g_assert_cmpuint(a->tokens[t].next, ==, b->tokens[t].next);
        g_assert_cmpuint(a->tokens[t].type, ==, b->tokens[t].type);
        g_assert_cmpuint(a->tokens[t].flags, ==, b->tokens[t].flags);
    }
}

static void
check_integer(const crm_json_t *doc, uint32_t token)
{
    const crm_json_token_t *t = &doc->tokens[token];
    gchar *text = g_strndup((const gchar *)doc->data + t->start, t->end - t->start);
    int64_t value = 0;

    errno = 0;
    const gint64 reference = g_ascii_strtoll(text, NULL, 10);
    const bool fits = errno != ERANGE && strpbrk(text, ".eE") == NULL;
    g_assert_cmpint(crm_json_get_int64(doc, token, &value), ==, fits);
    if (fits) {
        g_assert_cmpint(value, ==, reference);
    }
    g_free(text);
}

/* A text in which something is shown as its escape is not the string's own. */
static bool
shown_exactly(const crm_json_t *doc, uint32_t token, const GString *text)
{
    return !(doc->tokens[token].flags & CRM_JSON_ESCAPED) || strstr(text->str, "\\u") == NULL;
}

static void
check_text(const crm_json_t *doc, uint32_t token)
{
    GString *text = g_string_new(NULL);

    crm_json_append_text(doc, token, text);
    g_assert_true(g_utf8_validate(text->str, (gssize)text->len, NULL));
    g_assert_cmpuint(strlen(text->str), ==, text->len);
    if (shown_exactly(doc, token, text)) {
        g_assert_true(crm_json_text_equals(doc, token, text->str, text->len));
    }
    g_string_append_c(text, '!');
    g_assert_false(crm_json_text_equals(doc, token, text->str, text->len));
    g_string_free(text, TRUE);
}

/* The last member of a name is the one that a look-up finds; a name that
 * stands again later is marked. */
static void
check_members(const crm_json_t *doc, uint32_t object, unsigned *lookups)
{
    GString *key = g_string_new(NULL);

    for (uint32_t t = object + 1; t<doc->tokens[object].next && * lookups> 0; t = doc->tokens[t + 1].next) {
        g_string_truncate(key, 0);
        crm_json_append_text(doc, t, key);
        if (!shown_exactly(doc, t, key)) {
            continue;
        }
        --*lookups;
        const uint32_t found = crm_json_member(doc, object, key->str);
        if (doc->tokens[t].flags & CRM_JSON_REPEATED) {
            g_assert_cmpuint(found, >, t + 1);
        } else {
            g_assert_cmpuint(found, ==, t + 1);
        }
    }
    g_string_free(key, TRUE);
}

static void
check_values(const crm_json_t *doc)
{
    unsigned lookups = LOOKUPS;

    for (uint32_t t = 0; t < doc->count; t++) {
        if (doc->tokens[t].type == CRM_JSON_NUMBER) {
            check_integer(doc, t);
        } else if (doc->tokens[t].type == CRM_JSON_STRING) {
            check_text(doc, t);
        } else if (doc->tokens[t].type == CRM_JSON_OBJECT) {
            check_members(doc, t, &lookups);
        }
    }
}

static void
check_repeated(crm_json_t *doc)
{
    const uint32_t marked = crm_json_mark_repeated_keys(doc);
    uint32_t flagged = 0;

    for (uint32_t t = 0; t < doc->count; t++) {
        flagged += doc->tokens[t].flags & CRM_JSON_REPEATED ? 1 : 0;
    }
    g_assert_cmpuint(flagged, ==, marked);
    g_assert_cmpuint(crm_json_mark_repeated_keys(doc), ==, marked);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static crm_json_t used; /* has read all that came before */
    crm_json_t fresh;

    if (used.decoded == NULL) {
        crm_json_init(&used);
    }
    const bool ok = crm_json_read(&used, data, (uint32_t)size);
    json_check(&used, ok);
    crm_json_init(&fresh);
    g_assert_cmpint(crm_json_read(&fresh, data, (uint32_t)size), ==, ok);
    check_same(&used, &fresh);
    crm_json_clear(&fresh);

    check_repeated(&used);
    json_check(&used, ok);
    check_values(&used);
    return 0;
}
