/* pickle.c
 * What jsonpickle wrote, whichever release and Python it ran on
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "pickle.h"

#include <string.h>

bool
crm_pickle_cross_state(crm_pickle_members_t *members)
{
    const crm_json_t *doc = members->doc;

    if (members->at < members->end) {
        const uint32_t state = members->at + 1;
        members->has_state = true;
        members->outer_at = doc->tokens[state].next;
        members->outer_end = members->end;
        members->at = state + 1;
        members->end = members->outer_at;
        return true;
    }
    members->at = members->outer_at;
    members->end = members->outer_end;
    members->outer_at = members->outer_end = 0;
    return members->at < members->end;
}

static inline uint32_t
typed_member(const crm_json_t *doc, uint32_t object, const char *key, crm_json_type_t type)
{
    const uint32_t value = crm_json_member(doc, object, key);
    return value != CRM_JSON_NONE && doc->tokens[value].type == type ? value : CRM_JSON_NONE;
}

uint32_t
crm_pickle_class(const crm_json_t *doc, uint32_t object)
{
    return typed_member(doc, object, "py/object", CRM_JSON_STRING);
}

uint32_t
crm_pickle_list(const crm_json_t *doc, uint32_t value)
{
    return doc->tokens[value].type == CRM_JSON_ARRAY ? value
                                                     : typed_member(doc, value, "py/tuple", CRM_JSON_ARRAY);
}

uint32_t
crm_pickle_reference(const crm_json_t *doc, uint32_t value)
{
    /* Three tokens: the object, the key and a number. */
    return doc->tokens[value].next == value + 3 ? crm_json_member(doc, value, "py/id") : CRM_JSON_NONE;
}

/* The entry of an array, or CRM_JSON_NONE. */
static uint32_t
entry(const crm_json_t *doc, uint32_t array, unsigned position)
{
    uint32_t t = array + 1;
    for (; t < doc->tokens[array].next; t = doc->tokens[t].next) {
        if (position-- == 0) {
            return t;
        }
    }
    return CRM_JSON_NONE;
}

/* Python's texts */

/* Returns the byte after an identifier, or `p` where none begins. */
static const char *
skip_identifier(const char *p, const char *end)
{
    if (p < end && g_ascii_isdigit(*p)) {
        return p;
    }
    while (p < end && (g_ascii_isalnum(*p) || *p == '_')) {
        p++;
    }
    return p;
}

/* ": 1" */
static bool
is_enum_value(const char *p, const char *end)
{
    if (end - p < 3 || p[0] != ':' || p[1] != ' ') {
        return false;
    }
    for (p += p[2] == '-' && end - p > 3 ? 3 : 2; p < end && g_ascii_isdigit(*p); p++) {
    }
    return p == end;
}

bool
crm_pickle_enum_text(const char *text, size_t length, crm_pickle_enum_text_t *parts)
{
    const bool repr = length > 2 && text[0] == '<' && text[length - 1] == '>';
    const char *p = text + (repr ? 1 : 0), *end = text + length - (repr ? 1 : 0);

    parts->class_name = p;
    p = skip_identifier(p, end);
    parts->class_length = (size_t)(p - parts->class_name);
    if (parts->class_length == 0 || p == end || *p != '.') {
        return false;
    }
    parts->name = ++p;
    p = skip_identifier(p, end);
    parts->name_length = (size_t)(p - parts->name);
    return parts->name_length > 0 && (repr ? is_enum_value(p, end) : p == end);
}

static bool
is_enum_text(const crm_json_t *doc, uint32_t string)
{
    crm_pickle_enum_text_t parts;
    size_t length;
    const char *text = crm_json_text(doc, string, &length);

    return crm_pickle_enum_text(text, length, &parts);
}

/* "PortInfo(workerd:10500)", "<dtos.port_info.PortInfo object at 0x7f52c1b2a0d0>";
 * "[PortInfo(...), ...]", "('text',)", "{'field_name': ...}", "[]" */
bool
crm_pickle_is_object_text(const char *text, size_t length)
{
    static const char opening[] = "([{<", closing[] = ")]}>";
    const char *p = text, *end = text + length, *bracket, *after;

    if (length < 2) {
        return false;
    }
    after = skip_identifier(p, end);
    if (after > p && after < end && *after == '(') {
        return end[-1] == ')';
    }
    bracket = strchr(opening, *p);
    if (*p == '\0' || bracket == NULL || end[-1] != closing[bracket - opening]) {
        return false;
    }
    while (p < end && *p != '<' && *p != '\0' && strchr(opening, *p)) {
        p++;
    }
    after = skip_identifier(p, end);
    return *p == '<' || *p == '\'' || p == end - 1 || (after > p && after < end && *after == '(');
}

/* Enums */

static bool
take_bare(const crm_json_t *doc, uint32_t value, crm_pickle_enum_t *parts)
{
    if (value == CRM_JSON_NONE) {
        return false;
    }
    if (doc->tokens[value].type == CRM_JSON_STRING) {
        parts->name = value;
    } else if (doc->tokens[value].type == CRM_JSON_NUMBER && doc->tokens[value].flags & CRM_JSON_INTEGER) {
        parts->number = value;
    } else {
        return false;
    }
    return true;
}

/* {"py/reduce": [callable, arguments, ...]}: what follows is null, or absent. */
static bool
take_reduce(const crm_json_t *doc, uint32_t reduce, crm_pickle_enum_t *parts)
{
    const uint32_t callable = entry(doc, reduce, 0), arguments = entry(doc, reduce, 1);

    if (arguments == CRM_JSON_NONE) {
        return false;
    }
    const uint32_t tuple = crm_pickle_list(doc, arguments);
    if (tuple == CRM_JSON_NONE) {
        return false;
    }
    parts->class_name = typed_member(doc, callable, "py/type", CRM_JSON_STRING);
    if (parts->class_name != CRM_JSON_NONE) {
        parts->form = CRM_ENUM_BY_VALUE;
        return entry(doc, tuple, 1) == CRM_JSON_NONE && take_bare(doc, entry(doc, tuple, 0), parts);
    }
    const uint32_t function = typed_member(doc, callable, "py/function", CRM_JSON_STRING);
    const uint32_t type = entry(doc, tuple, 0), name = entry(doc, tuple, 1);
    if (function == CRM_JSON_NONE || name == CRM_JSON_NONE || doc->tokens[name].type != CRM_JSON_STRING ||
        !CRM_PICKLE_KEY_IS(doc, function, "builtins.getattr")) {
        return false;
    }
    parts->form = CRM_ENUM_BY_NAME;
    parts->class_name = typed_member(doc, type, "py/type", CRM_JSON_STRING);
    parts->name = name;
    return true;
}

bool
crm_pickle_enum(const crm_json_t *doc, uint32_t value, crm_pickle_enum_t *parts)
{
    parts->form = CRM_ENUM_BARE;
    parts->class_name = parts->number = parts->name = CRM_JSON_NONE;

    if (doc->tokens[value].type == CRM_JSON_STRING && is_enum_text(doc, value)) {
        parts->form = CRM_ENUM_TEXT;
    }
    if (doc->tokens[value].type != CRM_JSON_OBJECT) {
        return take_bare(doc, value, parts);
    }
    const uint32_t reduce = typed_member(doc, value, "py/reduce", CRM_JSON_ARRAY);
    if (reduce != CRM_JSON_NONE) {
        return take_reduce(doc, reduce, parts);
    }
    const uint32_t objclass = typed_member(doc, value, "__objclass__", CRM_JSON_OBJECT);
    if (objclass != CRM_JSON_NONE) {
        parts->class_name = typed_member(doc, objclass, "py/type", CRM_JSON_STRING);
    }
    parts->form = CRM_ENUM_ATTRIBUTES;
    parts->name = typed_member(doc, value, "_name_", CRM_JSON_STRING);
    return take_bare(doc, crm_json_member(doc, value, "_value_"), parts);
}

/* References */

typedef enum { CRM_COUNTS_ALWAYS, CRM_COUNTS_WITH_DICTS, CRM_COUNTS_NEVER } counts_t;

/* ujson writes "py\/tuple". */
static bool
is_py_key(const crm_json_t *doc, uint32_t key)
{
    size_t length;
    const char *text = crm_json_text(doc, key, &length);

    return length > 3 && memcmp(text, "py/", 3) == 0;
}

/* How an object counts. What an enum is made from, with py/reduce, counts once, as an object does. The array
 * that is the value of a py/ key is a part of the construct and does not count: it is marked in `parts`. */
static counts_t
classify_object(const crm_json_t *doc, uint32_t object, uint8_t *parts)
{
    counts_t counts = CRM_COUNTS_WITH_DICTS;

    for (uint32_t key = object + 1; key < doc->tokens[object].next; key = doc->tokens[key + 1].next) {
        if (!is_py_key(doc, key)) {
            continue;
        }
        if (CRM_PICKLE_KEY_IS(doc, key, "py/object")) {
            counts = CRM_COUNTS_ALWAYS;
        } else if (!CRM_PICKLE_KEY_IS(doc, key, "py/state")) {
            const bool counts_once = counts == CRM_COUNTS_ALWAYS || CRM_PICKLE_KEY_IS(doc, key, "py/reduce");
            parts[key + 1] = 1;
            counts = counts_once ? CRM_COUNTS_ALWAYS : CRM_COUNTS_NEVER;
        }
    }
    return counts;
}

void
crm_pickle_index_fill(crm_pickle_index_t *numbers, const crm_json_t *doc)
{
    uint8_t *parts = g_malloc0(doc->count + 1);

    numbers->without_dicts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    numbers->with_dicts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t t = 0; t < doc->count; t++) {
        counts_t counts = CRM_COUNTS_NEVER;
        if (doc->tokens[t].type == CRM_JSON_OBJECT) {
            counts = classify_object(doc, t, parts);
        } else if (doc->tokens[t].type == CRM_JSON_ARRAY && !parts[t]) {
            counts = CRM_COUNTS_ALWAYS;
        }
        if (counts == CRM_COUNTS_ALWAYS) {
            g_array_append_val(numbers->without_dicts, t);
        }
        if (counts != CRM_COUNTS_NEVER) {
            g_array_append_val(numbers->with_dicts, t);
        }
    }
    g_free(parts);
}

void
crm_pickle_index_clear(crm_pickle_index_t *numbers)
{
    if (numbers->with_dicts) {
        g_array_unref(numbers->without_dicts);
        g_array_unref(numbers->with_dicts);
    }
    numbers->without_dicts = numbers->with_dicts = NULL;
}

uint32_t
crm_pickle_index_get(const GArray *numbering, int64_t n)
{
    return n >= 0 && n < (int64_t)numbering->len ? g_array_index(numbering, uint32_t, (guint)n)
                                                 : CRM_JSON_NONE;
}
