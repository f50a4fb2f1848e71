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
    uint32_t groups; /* bit n: an attribute of group n stands here */
    crm_left_out_t left_out;
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
    } else if (crm_build_is_full(b)) {
        crm_build_leave_out(&seen->left_out, key);
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
    crm_build_rest(b, object, &seen.left_out, "member", "members");
    if (!(b->doc->tokens[object].flags & CRM_JSON_OPEN) && node != CRM_NO_NODE) {
        find_missing(b, info, node, seen.groups);
    }
}

/* Finds an object whose class is not of the family that belongs here. */
static void
find_other_family(crm_build_t *b, crm_class_t expected, crm_class_t class, uint32_t node)
{
    if (crm_schema_class(class)->family != crm_schema_class(expected)->family) {
        crm_build_finding(b, CRM_FINDING_WRONG_TYPE, node, "expected a %s, found a %s",
                          crm_class_name(expected), crm_class_name(class));
    }
}

/* The class whose attributes an object below the root is read with, when it
 * names one. */
static crm_class_t
named_class(crm_build_t *b, crm_class_t expected, uint32_t name, uint32_t node)
{
    const crm_class_t named = crm_schema_find_class(b->doc, name);

    if (named == CRM_CLASS_NONE) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, node,
                          "this py/object names no known DTO: the receiver gets a dictionary, not a %s",
                          crm_class_name(expected));
        return expected;
    }
    find_other_family(b, expected, named, node);
    return crm_schema_is_message(named) ? expected : named;
}

/* The same for one that names none: a message's `info` is known by its attributes. */
static crm_class_t
class_by_attributes(crm_walk_t *w, crm_field_t field, crm_class_t expected, uint32_t object, uint32_t node)
{
    crm_class_t class = expected;

    if (crm_identify_is_info(field)) {
        class = crm_identify_info(w->build.doc, object, expected, w->of_dtos);
        find_other_family(&w->build, expected, class, node);
    }
    return class;
}

static void
walk_object(crm_walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    crm_build_t *b = &w->build;
    const uint32_t name = crm_pickle_class(b->doc, value);
    crm_field_t field = (crm_field_t)a->field;
    const crm_class_t expected = b->m->class == CRM_CLASS_NONE && field == CRM_FIELD_HOST_INFO
                                     ? crm_identify_unknown_info(b->doc, value, &field)
                                     : (crm_class_t)a->class;
    const uint32_t node = crm_build_node(b, field, CRM_VALUE_OBJECT, value);
    const crm_class_t class = name == CRM_JSON_NONE ? class_by_attributes(w, field, expected, value, node)
                                                    : named_class(b, expected, name, node);

    b->m->nodes[node].class = (uint8_t) class;
    crm_walk_members(w, class, value, node);
    crm_build_end_node(b, node);
    crm_line_set(b, node);
}

/* Objects whose members are each a value of one field */

/* {"device": "/dev/sda"}, one of a criterion's members in the short form. Where
 * it is the only one, the criterion is the object. */
static void
add_short_criterion(crm_build_t *b, const crm_attribute_t *a, uint32_t object, uint32_t key, uint32_t value)
{
    const crm_attribute_t text = {.kind = CRM_KIND_TEXT, .field = CRM_FIELD_FIELD_VALUE};
    const crm_json_token_t *tokens = b->doc->tokens;
    const bool alone = key == object + 1 && tokens[object].next == tokens[value].next;
    uint32_t start, end;

    crm_json_extent(b->doc, value, &start, &end);
    start = alone ? tokens[object].start : tokens[key].start - 1;
    end = alone ? tokens[object].end : end;
    const uint32_t node = crm_build_node_at(b, (crm_field_t)a->field, CRM_VALUE_OBJECT, value, start, end);
    b->m->nodes[node].class = CRM_CLASS_CRITERION;
    b->m->nodes[node].name = NULL;
    crm_build_text(b, CRM_FIELD_FIELD_NAME, key);
    crm_scalar_text(b, &text, value);
    crm_build_end_node(b, node);
    crm_line_set_short(b, node);
    b->entries++;
}

/* `a` tells which field; its class, whether the values are criteria. */
static void
walk_entries(crm_walk_t *w, const crm_attribute_t *a, uint32_t object)
{
    crm_build_t *b = &w->build;
    const uint32_t node = crm_build_node(b, CRM_FIELD_NONE, CRM_VALUE_MEMBERS, object);
    crm_pickle_members_t members;
    crm_left_out_t left_out = {0};
    uint32_t key, value;

    crm_pickle_members(&members, b->doc, object);
    while (crm_pickle_next_member(&members, &key, &value)) {
        if (walk_class_name(b, key, value)) {
            continue;
        }
        if (crm_build_is_full(b)) {
            crm_build_leave_out(&left_out, key);
        } else if (b->doc->tokens[key].flags & CRM_JSON_REPEATED) {
            crm_build_repeated_member(b, key, value);
        } else if (a->class == CRM_CLASS_CRITERION) {
            add_short_criterion(b, a, object, key, value);
        } else {
            crm_build_entry(b, (crm_field_t)a->field, key, value);
        }
    }
    crm_build_rest(b, object, &left_out, "member", "members");
    crm_build_end_node(b, node);
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
    w->build.entries++; /* which may pass the limit: of what it holds, none is left out for it */
}

static void
walk_list(crm_walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    crm_build_t *b = &w->build;
    const uint32_t list = crm_pickle_list(b->doc, value);
    const crm_json_token_t *tokens = b->doc->tokens;
    crm_left_out_t left_out = {0};
    uint32_t position = 0;

    if (list == CRM_JSON_NONE) {
        crm_build_wrong_type(b, CRM_FIELD_NONE, value, "a list");
        return;
    }
    const uint32_t node = crm_build_node(b, CRM_FIELD_NONE, CRM_VALUE_LIST, list);
    for (uint32_t entry = list + 1; entry < tokens[list].next; entry = tokens[entry].next) {
        if (crm_build_is_full(b)) {
            crm_build_leave_out(&left_out, entry);
        } else {
            walk_entry(w, a, position++, entry);
        }
    }
    crm_build_rest(b, list, &left_out, "entry", "entries");
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
    } else if (a->kind == CRM_KIND_LIST) {
        walk_list(w, a, value);
    } else if (a->kind != CRM_KIND_OBJECT && a->kind != CRM_KIND_MEMBERS) {
        scalars[a->kind](&w->build, a, value);
    } else if (doc->tokens[value].type != CRM_JSON_OBJECT) {
        crm_build_wrong_type(&w->build, (crm_field_t)(a->kind == CRM_KIND_OBJECT ? a->field : CRM_FIELD_NONE),
                             value, "an object");
    } else if (a->kind == CRM_KIND_MEMBERS ||
               (a->class == CRM_CLASS_CRITERION && crm_identify_short_criterion(doc, value))) {
        walk_entries(w, a, value);
    } else {
        walk_object(w, a, value);
    }
}
