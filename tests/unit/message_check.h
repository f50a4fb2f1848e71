/* message_check.h
 * What must hold of a message, whatever datagram it was read from
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_MESSAGE_CHECK_H
#define CRM_MESSAGE_CHECK_H

#include "message/message.h"
#include "message/summary.h"

#include <string.h>

/* A text ends inside the message's buffer and is UTF-8. */
static inline void
crm_check_text(const crm_message_t *m, uint32_t text)
{
    if (text == CRM_NO_TEXT) {
        return;
    }
    g_assert_cmpuint(text, <, m->text->len);
    g_assert_nonnull(memchr(m->text->str + text, '\0', m->text->len - text));
    g_assert_true(g_utf8_validate(crm_message_text(m, text), -1, NULL));
}

/* The findings of one node; returns how many. */
static inline uint32_t
crm_check_findings(const crm_message_t *m, const crm_node_t *node)
{
    uint32_t count = 0;

    for (uint32_t f = node->finding; f != CRM_NO_FINDING; f = m->findings[f].next) {
        g_assert_cmpuint(f, <, m->finding_count);
        g_assert_cmpuint(m->findings[f].start, <=, m->findings[f].end);
        g_assert_cmpuint(m->findings[f].end, <=, m->doc.length);
        g_assert_cmpuint(m->findings[f].kind, <, CRM_FINDING_COUNT);
        crm_check_text(m, m->findings[f].text);
        count++;
        g_assert_cmpuint(count, <=, m->finding_count);
    }
    return count;
}

/* One node by itself. */
static inline void
crm_check_node(const crm_message_t *m, uint32_t n)
{
    const crm_node_t *node = &m->nodes[n];

    g_assert_cmpuint(node->start, <=, node->end);
    g_assert_cmpuint(node->end, <=, m->doc.length);
    g_assert_cmpuint(node->next, >, n);
    g_assert_cmpuint(node->next, <=, m->count);
    g_assert_cmpuint(node->field, <, CRM_FIELD_COUNT);
    g_assert_cmpuint(node->class, <, CRM_CLASS_COUNT);
    g_assert_true(n == 0 || node->token < m->doc.count);
    crm_check_text(m, node->text);
    if (node->field == CRM_FIELD_PORT && node->value == CRM_VALUE_NUMBER) {
        g_assert_true(node->number >= 0 && node->number <= UINT16_MAX);
    }
    if (node->value == CRM_VALUE_OBJECT && node->text != CRM_NO_TEXT) {
        g_assert_true(node->field == CRM_FIELD_PORT_INFO || node->field == CRM_FIELD_CRITERION ||
                      node->field == CRM_FIELD_HOST_INFO || node->field == CRM_FIELD_REGISTER_INFO ||
                      node->field == CRM_FIELD_QUERY_INFO || node->field == CRM_FIELD_FILTER_INFO);
    }
    if (node->value == CRM_VALUE_ENUM || node->field == CRM_FIELD_REFERENCE) {
        g_assert_true(node->value == CRM_VALUE_RAW || (node->number >= 0 && node->number <= UINT32_MAX));
    }
}

/* All of a message. */
static inline void
crm_check_message(const crm_message_t *m)
{
    uint32_t findings = 0;

    g_assert_cmpuint(m->count, >=, 1);
    g_assert_cmpuint(m->nodes[0].next, ==, m->count);
    g_assert_cmpuint(m->finding_count, <=, CRM_MAX_FINDINGS);
    for (uint32_t n = 0; n < m->count; n++) {
        crm_check_node(m, n);
        findings += crm_check_findings(m, &m->nodes[n]);
        /* Children lie inside their parent's share of the list. */
        for (uint32_t child = n + 1; child < m->nodes[n].next; child = m->nodes[child].next) {
            g_assert_cmpuint(m->nodes[child].next, <=, m->nodes[n].next);
        }
    }
    g_assert_cmpuint(findings, ==, m->finding_count);
    for (unsigned field = 0; field < CRM_FIELD_COUNT; field++) {
        g_assert_true(m->first[field] == CRM_NO_NODE || m->nodes[m->first[field]].field == field);
    }
}

/* The bytes of texts that reading made; a summary may be kept behind them. */
static inline size_t
crm_texts_read(const crm_message_t *m)
{
    return m->summary == CRM_NO_TEXT ? m->text->len : m->summary;
}

static inline void
crm_check_same_summary(const crm_message_t *a, const crm_message_t *b)
{
    GString *x = g_string_new(NULL), *y = g_string_new(NULL);

    crm_message_summarise(a, "worker1", x);
    crm_message_summarise(b, "worker1", y);
    g_assert_cmpstr(x->str, ==, y->str);
    g_string_free(x, TRUE);
    g_string_free(y, TRUE);
}

/* Two messages that were read from the same datagram. */
static inline void
crm_check_same_message(const crm_message_t *a, const crm_message_t *b)
{
    g_assert_cmpuint(a->count, ==, b->count);
    g_assert_cmpuint(a->finding_count, ==, b->finding_count);
    g_assert_cmpint(a->class, ==, b->class);
    g_assert_cmpint(a->encoding, ==, b->encoding);
    g_assert_cmpuint(a->enum_forms, ==, b->enum_forms);
    g_assert_cmpuint(a->content, ==, b->content);
    g_assert_true(a->fingerprint == b->fingerprint);
    const size_t length = crm_texts_read(a);
    g_assert_cmpuint(length, ==, crm_texts_read(b));
    g_assert_true(memcmp(a->text->str, b->text->str, length) == 0);
    crm_check_same_summary(a, b);
    for (uint32_t n = 0; n < a->count; n++) {
        const crm_node_t *x = &a->nodes[n], *y = &b->nodes[n];
        g_assert_true(x->start == y->start && x->end == y->end && x->next == y->next && x->text == y->text);
        g_assert_true(x->field == y->field && x->value == y->value && x->flags == y->flags);
        g_assert_true(x->number == y->number && x->class == y->class && x->finding == y->finding);
    }
}

#endif
