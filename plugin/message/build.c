/* build.c
 * What a message is built of: texts, nodes, findings
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "build.h"

#include <stdarg.h>
#include <string.h>

#include "cause.h"
#include "visible.h"

/* Texts */

/* "info.ports[0].port" */
static void
append_path(crm_build_t *b)
{
    for (unsigned i = 0; i < MIN(b->depth, CRM_MAX_PATH); i++) {
        if (b->path[i].name) {
            g_string_append_printf(b->m->text, i > 0 ? ".%s" : "%s", b->path[i].name);
        } else {
            g_string_append_printf(b->m->text, "[%u]", b->path[i].position);
        }
    }
}

/* "info.extra" */
static void
append_member_name(crm_build_t *b, uint32_t key)
{
    append_path(b);
    g_string_append(b->m->text, b->depth ? "." : "");
    crm_json_append_text(b->doc, key, b->m->text);
}

void
crm_build_append_json(crm_build_t *b, uint32_t value)
{
    uint32_t start, end;
    crm_json_extent(b->doc, value, &start, &end);
    const char *text = (const char *)b->doc->data + start, *valid = text + (end - start);

    /* What breaks off may do so inside a character. */
    if (b->doc->tokens[value].flags & CRM_JSON_OPEN) {
        g_utf8_validate(text, valid - text, &valid);
    }
    crm_append(b->m->text, text, (size_t)(valid - text));
}

/* Nodes */

void
crm_build_grow_nodes(crm_message_t *m)
{
    m->capacity = m->capacity ? m->capacity * 2 : 64;
    m->nodes = g_renew(crm_node_t, m->nodes, m->capacity);
}

void
crm_build_text(crm_build_t *b, crm_field_t field, uint32_t string)
{
    const uint32_t node = crm_build_node(b, field, CRM_VALUE_TEXT, string), text = crm_build_begin_text(b);

    crm_build_append_decoded(b, string);
    if (b->doc->tokens[string].flags & CRM_JSON_SPECIAL) {
        crm_make_safe(b->m->text, text);
    }
    crm_build_end_text(b);
    b->m->nodes[node].text = text;
}

uint32_t
crm_build_raw(crm_build_t *b, crm_field_t field, uint32_t value)
{
    uint32_t start, end;
    crm_json_extent(b->doc, value, &start, &end);
    const uint32_t node = crm_build_node_at(b, field, CRM_VALUE_RAW, value, start, end),
                   text = crm_build_begin_text(b);

    crm_build_append_json(b, value);
    crm_make_safe(b->m->text, text);
    crm_build_end_text(b);
    b->m->nodes[node].text = text;
    if (b->doc->tokens[value].flags & CRM_JSON_OPEN) {
        b->m->nodes[node].flags |= CRM_NODE_OPEN;
    }
    return node;
}

void
crm_build_wrong_type(crm_build_t *b, crm_field_t field, uint32_t value, const char *expected)
{
    const uint32_t node = crm_build_raw(b, field, value);
    const crm_json_token_t *t = &b->doc->tokens[value];
    const char *cause = t->type == CRM_JSON_STRING ? crm_cause_of_string(b->doc, value) : NULL;

    crm_build_finding(b, CRM_FINDING_WRONG_TYPE, node, "expected %s, found %s%s%s", expected,
                      crm_build_type_in_words(t), cause ? ": " : "", cause ? cause : "");
}

/* Members that no DTO defines */

/* A node over a member, its name included. One that breaks off is no field: its
 * value is not known. */
static uint32_t
add_member_node(crm_build_t *b, crm_field_t field, uint32_t key, uint32_t value)
{
    const crm_json_token_t *t = &b->doc->tokens[value];
    const crm_value_t shown = t->flags & CRM_JSON_OPEN ? CRM_VALUE_RAW : CRM_VALUE_TEXT;
    const uint32_t end = t->end + (t->type == CRM_JSON_STRING);
    const uint32_t node = crm_build_node_at(b, field, shown, value, b->doc->tokens[key].start - 1, end);

    b->m->nodes[node].flags |= t->flags & CRM_JSON_OPEN ? CRM_NODE_OPEN : 0;
    b->m->nodes[node].name = NULL;
    b->m->nodes[node].text = crm_build_begin_text(b);
    b->entries++;
    return node;
}

/* The value, and the end of the text that its node began. */
static void
end_member_text(crm_build_t *b, uint32_t node, const char *separator, uint32_t value)
{
    g_string_append(b->m->text, separator);
    crm_build_append_json(b, value);
    crm_make_safe(b->m->text, b->m->nodes[node].text);
    crm_build_end_text(b);
}

uint32_t
crm_build_member(crm_build_t *b, uint32_t key, uint32_t value)
{
    const uint32_t node = add_member_node(b, CRM_FIELD_MEMBER, key, value);

    append_member_name(b, key);
    end_member_text(b, node, " = ", value);
    return node;
}

void
crm_build_entry(crm_build_t *b, crm_field_t field, uint32_t key, uint32_t value)
{
    const uint32_t node = add_member_node(b, field, key, value);

    crm_json_append_text(b->doc, key, b->m->text);
    end_member_text(b, node, ": ", value);
}

void
crm_build_repeated_member(crm_build_t *b, uint32_t key, uint32_t value)
{
    const uint32_t node = crm_build_member(b, key, value);
    const crm_node_t *n = &b->m->nodes[node];

    b->m->nodes[node].flags |= CRM_NODE_REPEATED;
    if (crm_build_begin_finding(b, CRM_FINDING_DUPLICATE_MEMBER, node, n->start, n->end)) {
        append_member_name(b, key);
        crm_build_end_repeated(b);
    }
    b->m->doc.tokens[key].flags |= CRM_JSON_NOTED; /* not once more for the document */
}

void
crm_build_rest(crm_build_t *b, uint32_t container, const crm_left_out_t *left_out, const char *one,
               const char *more)
{
    const uint32_t first = left_out->first, count = left_out->count;

    if (count == 0) {
        return;
    }
    const uint32_t node = crm_build_node_at(b, CRM_FIELD_MEMBER, CRM_VALUE_REST, first,
                                            b->doc->tokens[first].start, b->doc->tokens[container].end);
    crm_node_t *n = &b->m->nodes[node];
    n->name = NULL;
    n->number = count;
    n->text = crm_build_begin_text(b);
    append_path(b);
    g_string_append_printf(b->m->text, "%s%u more %s, not shown: the limit is %d a datagram",
                           b->depth ? ": " : "", count, count == 1 ? one : more, CRM_MAX_ENTRIES);
    crm_build_end_text(b);
}

void
crm_build_scalar_document(crm_build_t *b)
{
    const uint32_t node = crm_build_raw(b, CRM_FIELD_MEMBER, 0);
    crm_node_t *n = &b->m->nodes[node];

    n->value = n->flags & CRM_NODE_OPEN ? CRM_VALUE_RAW : CRM_VALUE_TEXT;
    n->text = crm_build_begin_text(b);
    g_string_append(b->m->text, "$ = ");
    crm_build_append_json(b, 0);
    crm_make_safe(b->m->text, n->text);
    crm_build_end_text(b);
}

/* Findings */

static crm_finding_t *
new_finding(crm_message_t *m)
{
    if (m->finding_count == m->finding_capacity) {
        m->finding_capacity = m->finding_capacity ? m->finding_capacity * 2 : 16;
        m->findings = g_renew(crm_finding_t, m->findings, m->finding_capacity);
    }
    return &m->findings[m->finding_count++];
}

/* Appends to the node's list: the first finding of a node is read first. */
static void
link_finding(crm_message_t *m, uint32_t node)
{
    uint32_t *link = &m->nodes[node].finding;
    while (*link != CRM_NO_FINDING) {
        link = &m->findings[*link].next;
    }
    *link = m->finding_count - 1;
}

bool
crm_build_begin_finding(crm_build_t *b, crm_finding_kind_t kind, uint32_t node, uint32_t start, uint32_t end)
{
    if (b->m->finding_count == CRM_MAX_FINDINGS) {
        b->m->findings_left_out++;
        return false;
    }
    *new_finding(b->m) = (crm_finding_t){.start = start,
                                         .end = end,
                                         .text = crm_build_begin_text(b),
                                         .next = CRM_NO_FINDING,
                                         .kind = (uint8_t)kind};
    link_finding(b->m, node);
    return true;
}

void
crm_build_finding(crm_build_t *b, crm_finding_kind_t kind, uint32_t node, const char *format, ...)
{
    const crm_node_t *n = &b->m->nodes[node];
    if (crm_build_begin_finding(b, kind, node, n->start, n->end)) {
        va_list arguments;
        va_start(arguments, format);
        append_path(b);
        g_string_append(b->m->text, b->depth ? ": " : "");
        g_string_append_vprintf(b->m->text, format, arguments);
        va_end(arguments);
        crm_build_end_text(b);
    }
}

void
crm_build_end_repeated(crm_build_t *b)
{
    g_string_append(b->m->text, ": this name occurs again in the object; the receiver keeps the last value");
    crm_build_end_text(b);
}

void
crm_build_close_findings(crm_build_t *b)
{
    crm_message_t *m = b->m;

    if (m->findings_left_out) {
        crm_finding_t *last = &m->findings[m->finding_count - 1];
        const uint32_t text = crm_build_begin_text(b);
        g_string_append_printf(m->text, "%s; %u more finding%s not shown", m->text->str + last->text,
                               m->findings_left_out, m->findings_left_out == 1 ? " is" : "s are");
        crm_build_end_text(b);
        last->text = text;
    }
}

const char *
crm_build_type_in_words(const crm_json_token_t *token)
{
    switch ((crm_json_type_t)token->type) {
    case CRM_JSON_OBJECT:
        return "an object";
    case CRM_JSON_ARRAY:
        return "a list";
    case CRM_JSON_STRING:
        return "a string";
    case CRM_JSON_NUMBER:
        return token->flags & CRM_JSON_INTEGER ? "an integer" : "a number with a fraction or exponent";
    case CRM_JSON_NULL:
        return "null";
    case CRM_JSON_CONSTANT:
        return "NaN or Infinity";
    default:
        return "a boolean";
    }
}
