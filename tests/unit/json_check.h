/* json_check.h
 * What holds of every document that the JSON reader has read, good or bad
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For unit tests and fuzzers; a violation aborts.
 */

#ifndef CRM_JSON_CHECK_H
#define CRM_JSON_CHECK_H

#include "message/json.h"

/* A container's children lie one after the other inside it, an object's are
 * pairs with a string first, and only the last one can be open, in a container
 * that is open itself. */
static inline void
json_check_children(const crm_json_t *doc, uint32_t container)
{
    const crm_json_token_t *t = &doc->tokens[container];
    const bool open = t->flags & CRM_JSON_OPEN;
    const uint32_t limit = open ? t->end : t->end - 1; /* the closing bracket */
    uint32_t at = t->start + 1, children = 0, child = container + 1;

    for (; child < t->next; child = doc->tokens[child].next, children++) {
        uint32_t start, end;
        crm_json_extent(doc, child, &start, &end);
        g_assert_cmpuint(start, >=, at);
        g_assert_cmpuint(end, <=, limit);
        at = end;
        if (t->type == CRM_JSON_OBJECT && children % 2 == 0) {
            g_assert_cmpuint(doc->tokens[child].type, ==, CRM_JSON_STRING);
        }
        if (doc->tokens[child].flags & CRM_JSON_OPEN) {
            g_assert_true(open);
            g_assert_cmpuint(doc->tokens[child].next, ==, t->next);
        }
    }
    g_assert_cmpuint(child, ==, t->next);
    if (t->type == CRM_JSON_OBJECT) {
        g_assert_cmpuint(children % 2, ==, 0);
    }
    g_assert_cmpuint(doc->data[t->start], ==, t->type == CRM_JSON_OBJECT ? '{' : '[');
    if (open) {
        g_assert_cmpuint(t->end, ==, doc->error_at);
        g_assert_cmpuint(t->next, ==, doc->count);
    } else {
        g_assert_cmpuint(doc->data[limit], ==, t->type == CRM_JSON_OBJECT ? '}' : ']');
    }
}

/* What CRM_JSON_SPECIAL and CRM_JSON_ESCAPED say of a string, byte by byte. */
static inline void
json_check_special(const crm_json_t *doc, const crm_json_token_t *t)
{
    unsigned flags = 0;

    for (uint32_t i = t->start; i < t->end; i++) {
        const uint8_t c = doc->data[i];
        flags |= c < 0x20 || c >= 0x7f ? CRM_JSON_SPECIAL : 0;
        flags |= c == '\\' ? CRM_JSON_SPECIAL | CRM_JSON_ESCAPED : 0;
    }
    g_assert_cmpuint(t->flags & (CRM_JSON_SPECIAL | CRM_JSON_ESCAPED), ==, flags);
}

static inline void
json_check_scalar(const crm_json_t *doc, uint32_t token)
{
    const crm_json_token_t *t = &doc->tokens[token];
    static const char first[] = {[CRM_JSON_TRUE] = 't', [CRM_JSON_FALSE] = 'f', [CRM_JSON_NULL] = 'n'};

    g_assert_cmpuint(t->next, ==, token + 1);
    switch (t->type) {
    case CRM_JSON_STRING:
        g_assert_cmpuint(doc->data[t->start - 1], ==, '"');
        g_assert_cmpuint(t->end, <, doc->length);
        g_assert_cmpuint(doc->data[t->end], ==, '"');
        json_check_special(doc, t);
        break;
    case CRM_JSON_NUMBER:
        g_assert_true(g_ascii_isdigit(doc->data[t->start]) || doc->data[t->start] == '-');
        g_assert_true(g_ascii_isdigit(doc->data[t->end - 1]));
        break;
    case CRM_JSON_CONSTANT:
        g_assert_cmpuint(t->end - t->start, >=, 3);
        break;
    default:
        g_assert_cmpuint(doc->data[t->start], ==, (guint8)first[t->type]);
        g_assert_cmpuint(t->end - t->start, ==, t->type == CRM_JSON_FALSE ? 5 : 4);
    }
}

static inline void
json_check_flags(const crm_json_token_t *t)
{
    const unsigned allowed = t->type == CRM_JSON_OBJECT  ? CRM_JSON_OPEN | CRM_JSON_MAY_REPEAT
                             : t->type == CRM_JSON_ARRAY ? CRM_JSON_OPEN
                             : t->type == CRM_JSON_STRING
                                 ? CRM_JSON_ESCAPED | CRM_JSON_REPEATED | CRM_JSON_SPECIAL
                             : t->type == CRM_JSON_NUMBER ? CRM_JSON_INTEGER
                                                          : 0;

    g_assert_cmpuint(t->flags & ~allowed, ==, 0);
}

static inline void
json_check_tokens(const crm_json_t *doc)
{
    uint32_t constants = 0;
    bool may_repeat = false;

    for (uint32_t token = 0; token < doc->count; token++) {
        const crm_json_token_t *t = &doc->tokens[token];
        g_assert_cmpuint(t->start, <=, t->end);
        g_assert_cmpuint(t->end, <=, doc->length);
        g_assert_cmpuint(t->next, >, token);
        g_assert_cmpuint(t->next, <=, doc->count);
        json_check_flags(t);
        if (t->type == CRM_JSON_OBJECT || t->type == CRM_JSON_ARRAY) {
            json_check_children(doc, token);
        } else {
            json_check_scalar(doc, token);
        }
        constants += t->type == CRM_JSON_CONSTANT;
        may_repeat |= t->flags & CRM_JSON_MAY_REPEAT;
    }
    g_assert_cmpint(may_repeat, ==, doc->may_repeat);
    g_assert_cmpuint(constants, ==, doc->constants);
    if (doc->count > 0) {
        g_assert_cmpuint(doc->tokens[0].next, ==, doc->count);
    }
}

/* `ok` is what crm_json_read() has returned. */
static inline void
json_check(const crm_json_t *doc, bool ok)
{
    json_check_tokens(doc);
    g_assert_cmpint(ok, ==, doc->status == CRM_JSON_OK);
    if (ok) {
        g_assert_cmpuint(doc->count, >, 0);
        g_assert_cmpuint(doc->tokens[0].flags & CRM_JSON_OPEN, ==, 0);
        return;
    }
    GString *words = g_string_new(NULL);
    crm_json_describe_error(doc, words);
    g_assert_cmpuint(words->len, >, 0);
    g_assert_true(g_utf8_validate(words->str, (gssize)words->len, NULL));
    g_string_free(words, TRUE);
    g_assert_nonnull(doc->expected);
    g_assert_cmpuint(doc->error_at, <=, doc->length);
    g_assert_cmpint(doc->status == CRM_JSON_END, ==, doc->error_at == doc->length);
    for (uint32_t token = 0; token < doc->count; token++) {
        g_assert_cmpuint(doc->tokens[token].end, <=, doc->error_at);
    }
}

#endif
