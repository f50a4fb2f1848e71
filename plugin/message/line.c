/* line.c
 * An object in one line, as a filter and a folded tree have it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "line.h"

#include "schema.h"
#include "visible.h"

/* The value of an attribute as upstream's __str__ would print it. */
static void
append_value(crm_build_t *b, uint32_t object, crm_field_t field)
{
    const uint32_t node = crm_message_child(b->m, object, field);

    if (node == CRM_NO_NODE) {
        g_string_append_c(b->m->text, '?');
    } else if (b->m->nodes[node].value == CRM_VALUE_TEXT) {
        crm_build_append_decoded(b, b->m->nodes[node].token);
    } else {
        crm_build_append_json(b, b->m->nodes[node].token);
    }
}

static bool
has(const crm_build_t *b, uint32_t object, crm_field_t field)
{
    return crm_message_child(b->m, object, field) != CRM_NO_NODE;
}

/* "worker2 (10.0.0.12)"; of the oldest releases' hosts, which have no name, the address. */
static void
append_host(crm_build_t *b, uint32_t node)
{
    const bool named = has(b, node, CRM_FIELD_HOSTNAME), placed = has(b, node, CRM_FIELD_INET_ADDR);

    if (named || !placed) {
        append_value(b, node, CRM_FIELD_HOSTNAME);
    }
    if (placed) {
        crm_append_words(b->m->text, named ? " (" : "");
        append_value(b, node, CRM_FIELD_INET_ADDR);
        crm_append_words(b->m->text, named ? ")" : "");
    }
}

/* ", 3 retries left" */
static void
append_retries(crm_build_t *b, uint32_t node)
{
    const crm_node_t *left = &b->m->nodes[crm_message_child(b->m, node, CRM_FIELD_MAX_RETRIES)];
    const bool one = left->value == CRM_VALUE_NUMBER && left->number == 1;

    crm_append_words(b->m->text, ", ");
    append_value(b, node, CRM_FIELD_MAX_RETRIES);
    crm_append_words(b->m->text, one ? " retry left" : " retries left");
}

/* "failed, 3 retries left: Failed to register at collector host." */
static void
append_registration(crm_build_t *b, uint32_t node)
{
    const uint32_t status = crm_message_child(b->m, node, CRM_FIELD_STATUS);
    const bool told = status != CRM_NO_NODE && b->m->nodes[status].value == CRM_VALUE_BOOL;

    if (told) {
        crm_append_words(b->m->text, b->m->nodes[status].number ? "registered" : "failed");
    } else {
        append_value(b, node, CRM_FIELD_STATUS);
    }
    if (told && !b->m->nodes[status].number && has(b, node, CRM_FIELD_MAX_RETRIES)) {
        append_retries(b, node);
    }
    if (has(b, node, CRM_FIELD_REGISTER_MESSAGE)) {
        crm_append_words(b->m->text, ": ");
        append_value(b, node, CRM_FIELD_REGISTER_MESSAGE);
    }
}

static void
append_port(crm_build_t *b, uint32_t node)
{
    append_value(b, node, CRM_FIELD_DAEMON);
    crm_append_words(b->m->text, ":");
    append_value(b, node, CRM_FIELD_PORT);
}

static void
append_query(crm_build_t *b, uint32_t node)
{
    append_value(b, node, CRM_FIELD_JOB);
}

static void
append_filter(crm_build_t *b, uint32_t node)
{
    append_value(b, node, CRM_FIELD_CATEGORY);
}

static void
append_criterion(crm_build_t *b, uint32_t node)
{
    append_value(b, node, CRM_FIELD_FIELD_NAME);
    crm_append_words(b->m->text, " ");
    append_value(b, node, CRM_FIELD_REGEX);
    crm_append_words(b->m->text, " ");
    append_value(b, node, CRM_FIELD_FIELD_VALUE);
}

static void
append_short_criterion(crm_build_t *b, uint32_t node)
{
    append_value(b, node, CRM_FIELD_FIELD_NAME);
    crm_append_words(b->m->text, " = ");
    append_value(b, node, CRM_FIELD_FIELD_VALUE);
}

static void
set_line(crm_build_t *b, uint32_t node, void (*append)(crm_build_t *, uint32_t))
{
    const uint32_t text = crm_build_begin_text(b);

    append(b, node);
    crm_make_safe(b->m->text, text);
    crm_build_end_text(b);
    b->m->nodes[node].text = text;
}

/* The lines by their fields, in the order in which a datagram has most of them. */
static const struct {
    crm_field_t field;
    crm_class_t class;    /* or one of its family */
    crm_field_t needs[3]; /* the parts that make the line of an object that breaks off */
    void (*append)(crm_build_t *, uint32_t);
} lines[] = {
    {CRM_FIELD_PORT_INFO, CRM_CLASS_PORT_INFO, {CRM_FIELD_DAEMON, CRM_FIELD_PORT}, append_port},
    {CRM_FIELD_HOST_INFO, CRM_CLASS_HOST_INFO, {CRM_FIELD_HOSTNAME, CRM_FIELD_INET_ADDR}, append_host},
    {CRM_FIELD_REGISTER_INFO,
     CRM_CLASS_REGISTER_INFO,
     {CRM_FIELD_STATUS, CRM_FIELD_MAX_RETRIES, CRM_FIELD_REGISTER_MESSAGE},
     append_registration},
    {CRM_FIELD_CRITERION,
     CRM_CLASS_CRITERION,
     {CRM_FIELD_FIELD_NAME, CRM_FIELD_REGEX, CRM_FIELD_FIELD_VALUE},
     append_criterion},
    {CRM_FIELD_FILTER_INFO, CRM_CLASS_FILTER_INFO, {CRM_FIELD_CATEGORY}, append_filter},
    {CRM_FIELD_QUERY_INFO, CRM_CLASS_QUERY_INFO, {CRM_FIELD_JOB}, append_query},
};

static bool
has_all(const crm_build_t *b, uint32_t node, const crm_field_t needs[3])
{
    for (unsigned i = 0; i < 3 && needs[i] != CRM_FIELD_NONE; i++) {
        if (!has(b, node, needs[i])) {
            return false;
        }
    }
    return true;
}

void
crm_line_set(crm_build_t *b, uint32_t node)
{
    const crm_node_t *n = &b->m->nodes[node];
    const uint8_t family = crm_schema_class((crm_class_t)n->class)->family;

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        if (n->field == lines[i].field) {
            if (crm_schema_class(lines[i].class)->family == family &&
                (!(n->flags & CRM_NODE_OPEN) || has_all(b, node, lines[i].needs))) {
                set_line(b, node, lines[i].append);
            }
            return;
        }
    }
}

void
crm_line_set_short(crm_build_t *b, uint32_t node)
{
    set_line(b, node, append_short_criterion);
}
