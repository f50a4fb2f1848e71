/* recognise.c
 * Whether a datagram on an arbitrary port is CRM
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "recognise.h"

#include <string.h>

#include "pickle.h"
#include "scan.h"
#include "schema.h"

static bool
ends_in_brace(const uint8_t *p, const uint8_t *end)
{
    while (end > p && crm_is_space(end[-1])) {
        end--;
    }
    return end > p && end[-1] == '}';
}

static bool
contains(const uint8_t *p, const uint8_t *end, const char *text)
{
    for (; (p = memchr(p, text[0], (size_t)(end - p))) != NULL; p++) {
        if (crm_begins_with(p, end, text)) {
            return true;
        }
    }
    return false;
}

/* Whether the object's first member is one that a plain message begins with,
 * in whatever order its members stand, and it has what tells a plain message from
 * other documents: an enum's class, or what a report measures. */
static bool
may_be_plain_message(const uint8_t *object, const uint8_t *end)
{
    static const char *const first_keys[] = {
        "\"id\"",      "\"info\"",        "\"type\"", "\"packet_id\"", "\"hostname\"", "\"job\"",
        "\"filters\"", "\"measurement\"", "\"tags\"", "\"timestamp\"", "\"fields\""};
    const uint8_t *key = crm_skip_space(object + 1, end);

    for (unsigned i = 0; i < G_N_ELEMENTS(first_keys); i++) {
        /* One byte rules most out without a call. */
        if (end - key > 1 && key[1] == (uint8_t)first_keys[i][1] &&
            crm_begins_with(key, end, first_keys[i])) {
            return contains(object, end, "__objclass__") || contains(object, end, "measurement");
        }
    }
    return false;
}

/* Whether what follows a name can be a class of CRM's. */
static bool
has_crm_package(const uint8_t *p, const uint8_t *end)
{
    p = crm_skip_space(p, end);
    if (p == end || *p != ':') {
        return false;
    }
    p = crm_skip_space(p + 1, end);
    return crm_begins_with(p, end, "\"" CRM_PACKAGE_DTOS) ||
           crm_begins_with(p, end, "\"" CRM_PACKAGE_VRMJOBS);
}

/* Whether some "py/object" names a class of CRM's. A slash is rare in JSON and
 * quick to find; ujson by default writes a backslash before each. */
static bool
has_crm_class(const uint8_t *object, const uint8_t *end)
{
    static const char before[] = "\"py", after[] = "object\"";
    enum { CRM_BEFORE = sizeof before - 1, CRM_AFTER = sizeof after - 1 };

    for (const uint8_t *p = object; (p = memchr(p, '/', (size_t)(end - p))) != NULL; p++) {
        const uint8_t *slash = p[-1] == '\\' ? p - 1 : p;
        if (slash - object > CRM_BEFORE && memcmp(slash - CRM_BEFORE, before, CRM_BEFORE) == 0 &&
            crm_begins_with(p + 1, end, after) && has_crm_package(p + 1 + CRM_AFTER, end)) {
            return true;
        }
    }
    return false;
}

/* Whether a character that needs no escape has one: a name written that way
 * would be missed by a search for its letters. No encoder is known to do so. */
static bool
has_needless_escape(const uint8_t *p, const uint8_t *end)
{
    enum { CRM_LENGTH = sizeof "\\u0020" - 1 };

    while (end - p >= CRM_LENGTH && (p = memchr(p, '\\', (size_t)(end - p) - CRM_LENGTH + 1)) != NULL) {
        if (crm_begins_with(p, end, "\\u00") && p[4] >= '2' && p[4] <= '7') {
            return true;
        }
        p += 2; /* a second backslash starts no escape */
    }
    return false;
}

bool
crm_may_be_message(const uint8_t *data, uint32_t length)
{
    const uint8_t *end = data + length, *p = crm_skip_space(data, end);

    if (p == end || *p != '{' || !ends_in_brace(p, end)) {
        return false;
    }
    return may_be_plain_message(p, end) || has_crm_class(p, end) || has_needless_escape(p, end);
}

/* Whether a plain object has exactly a class's attributes. Of alternative
 * attributes it must have the first, which is the class's own. */
static bool
has_exactly(const crm_json_t *doc, crm_class_t class)
{
    const crm_class_info_t *info = crm_schema_class(class);
    const uint32_t end = doc->tokens[0].next;
    uint32_t groups = 0;

    for (uint32_t key = 1; key < end; key = doc->tokens[key + 1].next) {
        const crm_attribute_t *a = crm_schema_find_attribute(info, doc, key);
        if (!a || groups & 1U << a->group || (a > info->attributes && a[-1].group == a->group)) {
            return false;
        }
        groups |= 1U << a->group;
    }
    return groups == crm_schema_groups(info);
}

/* "hostname=worker1" */
static bool
is_assignment(const crm_json_t *doc, uint32_t value)
{
    if (doc->tokens[value].type != CRM_JSON_STRING) {
        return false;
    }
    GString *text = g_string_new(NULL);
    crm_json_append_text(doc, value, text);
    const bool assigns = strchr(text->str, '=') != NULL;
    g_string_free(text, TRUE);
    return assigns;
}

static bool
is_list_of_assignments(const crm_json_t *doc, uint32_t value)
{
    if (doc->tokens[value].type != CRM_JSON_ARRAY) {
        return false;
    }
    for (uint32_t t = value + 1; t < doc->tokens[value].next; t = doc->tokens[t].next) {
        if (!is_assignment(doc, t)) {
            return false;
        }
    }
    return true;
}

static bool
is_plain_report(const crm_json_t *doc)
{
    if (!has_exactly(doc, CRM_CLASS_REPORT_INIT)) {
        return false;
    }
    const uint32_t timestamp = crm_json_member(doc, 0, "timestamp");
    return doc->tokens[crm_json_member(doc, 0, "type")].type == CRM_JSON_STRING &&
           doc->tokens[crm_json_member(doc, 0, "measurement")].type == CRM_JSON_STRING &&
           is_list_of_assignments(doc, crm_json_member(doc, 0, "tags")) &&
           is_list_of_assignments(doc, crm_json_member(doc, 0, "fields")) &&
           doc->tokens[timestamp].type == CRM_JSON_NUMBER && doc->tokens[timestamp].flags & CRM_JSON_INTEGER;
}

/* A plain message: its type is an enum that still names its class. No encoder
 * writes an enum with py/ keys there. */
static bool
is_plain_message(const crm_json_t *doc)
{
    const uint32_t type = crm_json_member(doc, 0, "type");
    crm_pickle_enum_t e;
    int64_t number;

    if (type == CRM_JSON_NONE || !crm_pickle_enum(doc, type, &e) || e.form != CRM_ENUM_ATTRIBUTES ||
        e.class_name == CRM_JSON_NONE || e.number == CRM_JSON_NONE ||
        !crm_json_get_int64(doc, e.number, &number)) {
        return false;
    }
    const crm_enum_class_t enum_class = crm_schema_enum_class(CRM_FIELD_TYPE, doc, &e);
    if (enum_class == CRM_ENUM_OTHER || !crm_schema_enum_has(CRM_FIELD_TYPE, enum_class, number)) {
        return false;
    }
    const crm_class_t class = crm_schema_message_of_type(number);
    return class != CRM_CLASS_NONE && has_exactly(doc, class);
}

bool
crm_is_message(const crm_json_t *doc)
{
    if (doc->status != CRM_JSON_OK || doc->tokens[0].type != CRM_JSON_OBJECT) {
        return false;
    }
    if (crm_json_member(doc, 0, "py/object") != CRM_JSON_NONE) {
        const uint32_t name = crm_pickle_class(doc, 0);
        return name != CRM_JSON_NONE && crm_schema_is_message(crm_schema_find_class(doc, name));
    }
    return is_plain_report(doc) || is_plain_message(doc);
}
