/* types.c
 * The vocabulary of CRM: packet and host types, classes, fields, encodings, findings
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "types.h"

#include <stddef.h>

#define CRM_ENUM_ROW(number, name, in_dtos) {number, #name, in_dtos},

static const crm_enum_row_t packet_types[] = {CRM_PACKET_TYPES(CRM_ENUM_ROW){.name = NULL}};
static const crm_enum_row_t host_types[] = {CRM_HOST_TYPES(CRM_ENUM_ROW){.name = NULL}};

const crm_enum_row_t *
crm_enum_rows(crm_field_t field)
{
    return field == CRM_FIELD_HOST_TYPE ? host_types : packet_types;
}

const crm_enum_row_t *
crm_enum_row(crm_field_t field, int64_t number)
{
    for (const crm_enum_row_t *row = crm_enum_rows(field); row->name; row++) {
        if (row->number == number) {
            return row;
        }
    }
    return NULL;
}

const char *
crm_enum_name(crm_field_t field, int64_t number)
{
    const crm_enum_row_t *row = crm_enum_row(field, number);
    return row ? row->name : NULL;
}

#define CRM_ENCODING_NAME(constant, name) [CRM_ENCODING_##constant] = name,

const char *
crm_encoding_name(crm_encoding_t encoding)
{
    static const char *const names[] = {CRM_ENCODINGS(CRM_ENCODING_NAME)[CRM_ENCODING_UNKNOWN] =
                                            "undetermined"};
    return names[encoding];
}

#define CRM_FINDING_NAME(constant, name, severity) [CRM_FINDING_##constant] = "crm." #name,

const char *
crm_finding_name(crm_finding_kind_t kind)
{
    static const char *const names[CRM_FINDING_COUNT] = {CRM_FINDINGS(CRM_FINDING_NAME)};
    return names[kind];
}

#define CRM_FINDING_SEVERITY(constant, name, severity) [CRM_FINDING_##constant] = CRM_SEVERITY_##severity,

crm_severity_t
crm_finding_severity(crm_finding_kind_t kind)
{
    static const crm_severity_t severities[CRM_FINDING_COUNT] = {CRM_FINDINGS(CRM_FINDING_SEVERITY)};
    return severities[kind];
}
