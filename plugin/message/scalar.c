/* scalar.c
 * An attribute that holds one value: a text, an address, a number, an enum
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "scalar.h"

#include <inttypes.h>

#include "address.h"

void
crm_scalar_text(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    if (b->doc->tokens[value].type == CRM_JSON_STRING) {
        crm_build_text(b, (crm_field_t)a->field, value);
    } else {
        crm_build_wrong_type(b, (crm_field_t)a->field, value, "a string");
    }
}

void
crm_scalar_address(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const uint32_t node = b->m->count;
    crm_address_t address;

    crm_scalar_text(b, a, value);
    crm_node_t *n = &b->m->nodes[node];
    if (n->value != CRM_VALUE_TEXT) {
        return;
    }
    if (!crm_address_read(crm_message_text(b->m, n->text), &address)) {
        crm_build_finding(b, CRM_FINDING_INET_ADDR_INVALID, node, "neither an IPv4 nor an IPv6 address");
    }
    n->number = address.family;
}

void
crm_scalar_integer(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const crm_json_token_t *t = &b->doc->tokens[value];
    int64_t number;

    if (crm_json_get_int64(b->doc, value, &number)) {
        crm_build_number(b, (crm_field_t)a->field, CRM_VALUE_NUMBER, value, number);
    } else {
        crm_build_wrong_type(b, (crm_field_t)a->field, value,
                             t->flags & CRM_JSON_INTEGER ? "an integer of at most 64 bits" : "an integer");
    }
}

/* 0 is out of range too, but it fits the field, so that a filter finds it. */
void
crm_scalar_port(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const crm_json_token_t *t = &b->doc->tokens[value];
    int64_t number;
    uint32_t node = b->m->count;

    if (!(t->flags & CRM_JSON_INTEGER)) {
        crm_build_wrong_type(b, (crm_field_t)a->field, value, "an integer");
        return;
    }
    if (crm_json_get_int64(b->doc, value, &number) && number >= 0 && number <= UINT16_MAX) {
        crm_build_number(b, (crm_field_t)a->field, CRM_VALUE_NUMBER, value, number);
        if (number > 0) {
            return;
        }
    } else {
        crm_build_raw(b, (crm_field_t)a->field, value);
    }
    crm_build_finding(b, CRM_FINDING_PORT_OUT_OF_RANGE, node, "a port is a number from 1 to 65535");
}

void
crm_scalar_bool(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const uint8_t type = b->doc->tokens[value].type;

    if (type == CRM_JSON_TRUE || type == CRM_JSON_FALSE) {
        crm_build_number(b, (crm_field_t)a->field, CRM_VALUE_BOOL, value, type == CRM_JSON_TRUE);
    } else {
        crm_build_wrong_type(b, (crm_field_t)a->field, value, "true or false");
    }
}

/* "('text',)" */
static bool
is_tuple_text(const crm_json_t *doc, uint32_t string)
{
    size_t length;
    const char *text = crm_json_text(doc, string, &length);

    return length > 0 && text[0] == '(' && crm_pickle_is_object_text(text, length);
}

void
crm_scalar_wrapped_text(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const uint32_t list = crm_pickle_list(b->doc, value), node = b->m->count;
    const crm_json_token_t *tokens = b->doc->tokens;

    if (list != CRM_JSON_NONE && !(tokens[list].flags & CRM_JSON_OPEN)) {
        if (tokens[list].next != list + 2) {
            crm_build_wrong_type(b, (crm_field_t)a->field, value, "a tuple of one string");
            return;
        }
        value = list + 1;
    } else if (list != CRM_JSON_NONE && tokens[list].next > list + 1) {
        value = list + 1;
    } else if (tokens[value].flags & CRM_JSON_OPEN) {
        return;
    }
    crm_scalar_text(b, a, value);
    if (list == CRM_JSON_NONE && tokens[value].type == CRM_JSON_STRING && is_tuple_text(b->doc, value)) {
        crm_build_finding(
            b, CRM_FINDING_WRONG_TYPE, node,
            "expected a tuple of one string, found Python's text of one, as jsonpickle writes it "
            "with max_depth");
    }
}

/* Enums */

static void
check_enum(crm_build_t *b, crm_field_t field, uint32_t node, const crm_pickle_enum_t *e)
{
    const bool host = field == CRM_FIELD_HOST_TYPE, known = b->m->nodes[node].value == CRM_VALUE_ENUM;
    const int64_t number = b->m->nodes[node].number;
    const crm_enum_class_t enum_class = crm_schema_enum_class(field, b->doc, e);

    if (enum_class == CRM_ENUM_OTHER) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_ENUM, node, "the enum's class is not %s",
                          host ? "HostType" : "CrmPktType or VrmType");
    } else if (!known) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_ENUM, node, "no %s with this name or number is defined",
                          host ? "host type" : "packet type");
    } else if (e->form == CRM_ENUM_TEXT) {
        crm_build_finding(
            b, CRM_FINDING_UNKNOWN_ENUM, node,
            "the receiver gets a text, not an enum: this is Python's text of one, as jsonpickle "
            "writes it with max_depth, or before 1.5 with make_refs=False");
    } else if (!crm_schema_enum_has(field, enum_class, number)) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_ENUM, node, "%" PRId64 " is not defined%s", number,
                          crm_enum_name(field, number) ? " in the enum of crm-dtos, only in that of vrmjobs"
                                                       : "");
    }
}

void
crm_scalar_enum(crm_build_t *b, const crm_attribute_t *a, uint32_t value)
{
    const crm_field_t field = (crm_field_t)a->field;
    crm_pickle_enum_t e;
    int64_t number = 0;

    if (b->doc->tokens[value].flags & CRM_JSON_OPEN) {
        crm_build_raw(b, field, value);
        return;
    }
    if (!crm_pickle_enum(b->doc, value, &e)) {
        crm_build_wrong_type(b, field, value, "an enum in one of jsonpickle's forms");
        return;
    }
    b->m->enum_forms |= (uint8_t)(1 << e.form);
    const uint32_t node = b->m->count;
    if (crm_schema_enum_number(field, b->doc, &e, &number)) {
        uint32_t start, end;
        crm_json_extent(b->doc, value, &start, &end);
        crm_build_node_at(b, field, CRM_VALUE_ENUM, value, start, end);
        b->m->nodes[node].number = number;
    } else {
        crm_build_raw(b, field, value);
    }
    check_enum(b, field, node, &e);
}
