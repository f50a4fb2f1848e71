/* walk.c
 * Walks a document along the schema, and builds the message
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "walk.h"

#include "identify.h"
#include "line.h"
#include "scalar.h"

static void walk_value(crm_walk_t *w, const crm_attribute_t *a, uint32_t value);

/* References */

static bool
may_bring_back(crm_walk_t *w, uint32_t target)
{
    const crm_json_token_t *t = &w->build.doc->tokens[target];

    w->referenced += t->end - t->start;
    return w->referenced <= CRM_MAX_REFERENCED;
}

static void
walk_reference(crm_walk_t *w, const crm_attribute_t *a, uint32_t value, uint32_t number_token)
{
    crm_build_t *b = &w->build;
    const char *why = "a py/id is a number from 0 up";
    int64_t n;
    uint32_t target = CRM_JSON_NONE, node = b->m->count;

    if (crm_json_get_int64(b->doc, number_token, &n) && n >= 0 && n <= UINT32_MAX) {
        crm_build_number(b, CRM_FIELD_REFERENCE, CRM_VALUE_NUMBER, number_token, n);
        target = crm_references_find(&w->references, b->doc, a, value, n, &why);
        if (target != CRM_JSON_NONE && !may_bring_back(w, target)) {
            why = "not shown again: what references bring back is limited to 64 KiB a datagram";
            target = CRM_JSON_NONE;
        }
    } else {
        crm_build_raw(b, CRM_FIELD_REFERENCE, number_token);
    }
    if (target == CRM_JSON_NONE) {
        crm_build_finding(b, CRM_FINDING_UNRESOLVED_REFERENCE, node, "%s", why);
        return;
    }
    b->generated++;
    walk_value(w, a, target);
    b->generated--;
    crm_build_end_node(b, node);
}

/* Objects */

static void
find_missing(crm_build_t *b, const crm_class_info_t *info, uint32_t node, uint32_t groups)
{
    uint32_t missing = crm_schema_groups(info) & ~groups;

    for (unsigned i = 0; missing && i < info->count; i++) {
        const crm_attribute_t *a = &info->attributes[i];
        if (missing & 1U << a->group) {
            missing &= ~(1U << a->group);
            crm_build_finding(b, CRM_FINDING_MISSING_MEMBER, node, "%s has no \"%s\"", info->name, a->name);
        }
    }
}

/* "py/object" inside the message is told by its class; at the root it is a field. */
static bool
walk_class_name(crm_build_t *b, uint32_t key, uint32_t value)
{
    if (b->doc->tokens[value].type != CRM_JSON_STRING || !CRM_PICKLE_KEY_IS(b->doc, key, "py/object")) {
        return false;
    }
    if (b->depth == 0) {
        crm_build_text(b, CRM_FIELD_OBJECT, value);
    }
    if (b->m->encoding != CRM_ENCODING_STATE) {
        b->m->encoding = CRM_ENCODING_JSONPICKLE;
    }
    return true;
}

/* What was met among an object's members. */
typedef struct {
    uint32_t groups;   /* bit n: an attribute of group n stands here */
    uint32_t left_out; /* members past the limit */
    uint32_t first_left_out;
} seen_t;

static void
walk_member(crm_walk_t *w, const crm_class_info_t *info, uint32_t key, uint32_t value, seen_t *seen)
{
    crm_build_t *b = &w->build;
    const crm_attribute_t *a = crm_schema_find_attribute(info, b->doc, key);
    const bool repeated = b->doc->tokens[key].flags & CRM_JSON_REPEATED;

    if (a && !repeated) {
        seen->groups |= 1U << a->group;
        crm_build_enter(b, a->name, 0);
        walk_value(w, a, value);
        crm_build_leave(b);
    } else if (!repeated && walk_class_name(b, key, value)) {
        return;
    } else if (b->entries == CRM_MAX_ENTRIES) {
        seen->first_left_out = seen->left_out++ ? seen->first_left_out : key;
    } else if (repeated) {
        crm_build_repeated_member(b, key, value);
    } else {
        crm_build_member(b, key, value);
    }
}

void
crm_walk_members(crm_walk_t *w, crm_class_t class, uint32_t object, uint32_t node)
{
    crm_build_t *b = &w->build;
    const crm_class_info_t *info = crm_schema_class(class);
    crm_pickle_members_t members;
    seen_t seen = {0};
    uint32_t key, value;

    crm_pickle_members(&members, b->doc, object);
    while (crm_pickle_next_member(&members, &key, &value)) {
        walk_member(w, info, key, value, &seen);
    }
    if (members.has_state) {
        b->m->encoding = CRM_ENCODING_STATE;
    }
    if (seen.left_out) {
        crm_build_rest(b, seen.first_left_out, b->doc->tokens[object].end, seen.left_out, "members");
    }
    if (!(b->doc->tokens[object].flags & CRM_JSON_OPEN) && node != CRM_NO_NODE) {
        find_missing(b, info, node, seen.groups);
    }
}

/* The class whose attributes an object below the root is read with. */
static crm_class_t
object_class(crm_build_t *b, crm_class_t expected, uint32_t object, uint32_t node)
{
    const uint32_t name = crm_pickle_class(b->doc, object);
    const crm_class_t named = name == CRM_JSON_NONE ? CRM_CLASS_NONE : crm_schema_find_class(b->doc, name);

    if (name != CRM_JSON_NONE && named == CRM_CLASS_NONE) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, node,
                          "this py/object names no known DTO: the receiver gets a dictionary, not a %s",
                          crm_class_name(expected));
    } else if (named != CRM_CLASS_NONE &&
               crm_schema_class(named)->family != crm_schema_class(expected)->family) {
        crm_build_finding(b, CRM_FINDING_WRONG_TYPE, node, "expected a %s, found a %s",
                          crm_class_name(expected), crm_class_name(named));
        return crm_schema_is_message(named) ? expected : named;
    }
    return named != CRM_CLASS_NONE ? named : expected;
}

static crm_field_t
object_field(crm_class_t class, crm_field_t field)
{
    if (field != CRM_FIELD_HOST_INFO && field != CRM_FIELD_REGISTER_INFO) {
        return field;
    }
    return class == CRM_CLASS_REGISTER_INFO ? CRM_FIELD_REGISTER_INFO : CRM_FIELD_HOST_INFO;
}

static void
walk_object(crm_walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    static const crm_class_t infos[] = {CRM_CLASS_HOST_INFO, CRM_CLASS_REGISTER_INFO};
    crm_build_t *b = &w->build;
    crm_class_t expected = (crm_class_t)a->class;
    unsigned score;

    if (b->doc->tokens[value].type != CRM_JSON_OBJECT) {
        crm_build_wrong_type(b, (crm_field_t)a->field, value, "an object");
        return;
    }
    if (b->m->class == CRM_CLASS_NONE && a->field == CRM_FIELD_HOST_INFO) {
        expected = crm_identify_best(b->doc, value, infos, G_N_ELEMENTS(infos), &score);
    }
    const crm_field_t field = object_field(expected, (crm_field_t)a->field);
    const uint32_t node = crm_build_node(b, field, CRM_VALUE_OBJECT, value);
    const crm_class_t class = object_class(b, expected, value, node);
    b->m->nodes[node].class = (uint8_t) class;
    crm_walk_members(w, class, value, node);
    crm_build_end_node(b, node);
    crm_line_set(b, node);
}

/* Lists */

static void
walk_entry(crm_walk_t *w, const crm_attribute_t *list, uint32_t position, uint32_t value)
{
    crm_attribute_t entry = *list;

    entry.kind = list->class == CRM_CLASS_NONE ? CRM_KIND_TEXT : CRM_KIND_OBJECT;
    crm_build_enter(&w->build, NULL, position);
    walk_value(w, &entry, value);
    crm_build_leave(&w->build);
    w->build.entries++;
}

static void
walk_list(crm_walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    crm_build_t *b = &w->build;
    const uint32_t list = crm_pickle_list(b->doc, value);
    const crm_json_token_t *tokens = b->doc->tokens;
    uint32_t position = 0, left_out = 0, entry;

    if (list == CRM_JSON_NONE) {
        crm_build_wrong_type(b, CRM_FIELD_NONE, value, "a list");
        return;
    }
    const uint32_t node = crm_build_node(b, CRM_FIELD_NONE, CRM_VALUE_LIST, list);
    for (entry = list + 1; entry < tokens[list].next; entry = tokens[entry].next) {
        if (b->entries >= CRM_MAX_ENTRIES) {
            break;
        }
        walk_entry(w, a, position++, entry);
    }
    for (uint32_t t = entry; t < tokens[list].next; t = tokens[t].next) {
        left_out++;
    }
    if (left_out) {
        crm_build_rest(b, entry, tokens[list].end, left_out, "entries");
    }
    crm_build_end_node(b, node);
}

static void
walk_value(crm_walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    static void (*const scalars[])(crm_build_t *, const crm_attribute_t *, uint32_t) = {
        [CRM_KIND_TEXT] = crm_scalar_text,
        [CRM_KIND_ADDRESS] = crm_scalar_address,
        [CRM_KIND_INTEGER] = crm_scalar_integer,
        [CRM_KIND_PORT] = crm_scalar_port,
        [CRM_KIND_BOOL] = crm_scalar_bool,
        [CRM_KIND_ENUM] = crm_scalar_enum,
        [CRM_KIND_WRAPPED_TEXT] = crm_scalar_wrapped_text,
    };
    const crm_json_t *doc = w->build.doc;
    const uint32_t number =
        doc->tokens[value].type == CRM_JSON_OBJECT ? crm_pickle_reference(doc, value) : CRM_JSON_NONE;

    if (number != CRM_JSON_NONE) {
        walk_reference(w, a, value, number);
    } else if (a->kind == CRM_KIND_OBJECT) {
        walk_object(w, a, value);
    } else if (a->kind == CRM_KIND_LIST) {
        walk_list(w, a, value);
    } else {
        scalars[a->kind](&w->build, a, value);
    }
}
