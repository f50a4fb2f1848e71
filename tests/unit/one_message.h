/* one_message.h
 * One message that a test reads, and what tests of several kinds ask of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A test's main() prepares `m` and clears it; each read replaces what it holds.
 */

#ifndef CRM_ONE_MESSAGE_H
#define CRM_ONE_MESSAGE_H

#include "message_check.h"

static crm_message_t m;
static const char *last_read; /* its owner keeps it */

/* Reads a datagram of these bytes, whole. */
static inline void
read_text(const char *text)
{
    last_read = text;
    g_test_message("%s", text);
    crm_message_read(&m, (const uint8_t *)text, (uint32_t)strlen(text), false);
    crm_check_message(&m);
    for (uint32_t f = 0; f < m.finding_count; f++) {
        g_test_message("%s: %s", crm_finding_name((crm_finding_kind_t)m.findings[f].kind),
                       crm_message_text(&m, m.findings[f].text));
    }
}

/* The first node of a field, which has to be there. */
static inline const crm_node_t *
first(crm_field_t field)
{
    g_assert_cmpuint(m.first[field], !=, CRM_NO_NODE);
    return &m.nodes[m.first[field]];
}

/* How many nodes a field has, those included that were brought back or are raw. */
static inline unsigned
count_field(crm_field_t field)
{
    unsigned count = 0;
    for (uint32_t n = 0; n < m.count; n++) {
        count += m.nodes[n].field == field && m.nodes[n].value != CRM_VALUE_REST;
    }
    return count;
}

static inline unsigned
count_findings(crm_finding_kind_t kind)
{
    unsigned count = 0;
    for (uint32_t f = 0; f < m.finding_count; f++) {
        count += m.findings[f].kind == kind;
    }
    return count;
}

/* The first finding of a kind, or NULL. */
static inline const crm_finding_t *
finding_of(crm_finding_kind_t kind)
{
    for (uint32_t f = 0; f < m.finding_count; f++) {
        if (m.findings[f].kind == kind) {
            return &m.findings[f];
        }
    }
    return NULL;
}

/* The bytes that a node or a finding stands over. */
static inline void
check_bytes(uint32_t start, uint32_t end, const char *expected)
{
    g_autofree char *bytes = g_strndup(last_read + start, end - start);
    g_assert_cmpstr(bytes, ==, expected);
}

/* All nodes of a field that have a text, as "text=bytes|text=bytes". */
static inline char *
nodes_of(crm_field_t field)
{
    GString *out = g_string_new(NULL);
    for (uint32_t n = 0; n < m.count; n++) {
        const crm_node_t *node = &m.nodes[n];
        if (node->field == field && node->value != CRM_VALUE_RAW && node->text != CRM_NO_TEXT) {
            g_string_append_printf(out, "%s%s=%.*s", out->len ? "|" : "", crm_message_text(&m, node->text),
                                   (int)(node->end - node->start), last_read + node->start);
        }
    }
    return g_string_free(out, FALSE);
}

static inline void
check_nodes(crm_field_t field, const char *expected)
{
    g_autofree char *nodes = nodes_of(field);
    g_assert_cmpstr(nodes, ==, expected);
}

#endif
