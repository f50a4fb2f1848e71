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

void
crm_line_set(crm_build_t *b, uint32_t node)
{
    static const struct {
        crm_field_t field;
        crm_class_t class;
        crm_field_t parts[3];
        const char *separator;
    } lines[] = {
        {CRM_FIELD_PORT_INFO, CRM_CLASS_PORT_INFO, {CRM_FIELD_DAEMON, CRM_FIELD_PORT, CRM_FIELD_NONE}, ":"},
        {CRM_FIELD_CRITERION,
         CRM_CLASS_CRITERION,
         {CRM_FIELD_FIELD_NAME, CRM_FIELD_REGEX, CRM_FIELD_FIELD_VALUE},
         " "},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        const crm_node_t *n = &b->m->nodes[node];
        if (n->field != lines[i].field || n->class != lines[i].class || n->flags & CRM_NODE_OPEN) {
            continue;
        }
        b->m->nodes[node].text = crm_build_begin_text(b);
        for (unsigned p = 0; p < 3 && lines[i].parts[p] != CRM_FIELD_NONE; p++) {
            crm_append_words(b->m->text, p > 0 ? lines[i].separator : "");
            append_value(b, node, lines[i].parts[p]);
        }
        crm_make_safe(b->m->text, b->m->nodes[node].text);
        crm_build_end_text(b);
    }
}
