/* schema.h
 * The DTOs of CRM as tables: a new DTO is a new row
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the published packages (docs/protocol.md names them): the attributes in
 * order of assignment, but a message's `type` first, which is the order of
 * the field crm.dto.
 */

#ifndef CRM_SCHEMA_H
#define CRM_SCHEMA_H

#include "json.h"
#include "pickle.h"
#include "types.h"

/* How a "py/object" of the two packages begins. */
#define CRM_PACKAGE_DTOS    "dtos."
#define CRM_PACKAGE_VRMJOBS "vrmjobs."

/* What an attribute holds. */
typedef enum {
    CRM_KIND_TEXT,
    CRM_KIND_ADDRESS, /* text: an IPv4 or IPv6 address */
    CRM_KIND_INTEGER,
    CRM_KIND_PORT, /* an integer from 1 to 65535 */
    CRM_KIND_BOOL,
    CRM_KIND_ENUM,         /* the field tells which */
    CRM_KIND_WRAPPED_TEXT, /* a text, alone or the only entry of a tuple or list */
    CRM_KIND_OBJECT,
    CRM_KIND_MEMBERS, /* an object whose members are each a value of the field, whatever their names */
    CRM_KIND_LIST     /* of objects, or of texts where the class is CRM_CLASS_NONE */
} crm_kind_t;

typedef struct {
    const char *name;
    uint8_t length; /* of the name */
    uint8_t kind;   /* crm_kind_t */
    uint8_t field;  /* crm_field_t; of a list, the field of each entry */
    uint8_t class;  /* crm_class_t of an object or of a list's entries */
    uint8_t group;  /* attributes of one group are alternatives; 0: may be absent */
} crm_attribute_t;

typedef struct {
    const char *name; /* without its module */
    const char *path; /* as in "py/object", after the package; NULL: a plain dictionary */
    uint8_t path_length;
    bool in_dtos; /* see CRM_CLASSES in types.h for these three */
    uint8_t packet_type;
    uint8_t family;
    const crm_attribute_t *attributes;
    uint8_t count;
} crm_class_info_t;

const crm_class_info_t *crm_schema_class(crm_class_t class);

static inline bool
crm_schema_is_message(crm_class_t class)
{
    return class >= CRM_CLASS_PROBE_INIT && class <= CRM_CLASS_REPORT_INIT;
}

/* A class's name without its module ("ProbeInit"); static. */
const char *crm_class_name(crm_class_t class);

/* The number in `type` of a message class; 0 for ReportInit and all others. */
uint32_t crm_class_packet_type(crm_class_t class);

/* The class that a "py/object" names exactly ("dtos.probe_init.ProbeInit"), or
 * CRM_CLASS_NONE. Takes a string token. */
crm_class_t crm_schema_find_class(const crm_json_t *doc, uint32_t name);

/* Whether a "py/object" is a class of crm-dtos, known or not. Takes a string token. */
bool crm_schema_is_of_dtos(const crm_json_t *doc, uint32_t name);

/* Bit n: an object of this class must have an attribute of group n. */
uint32_t crm_schema_groups(const crm_class_info_t *info);

/* The attribute that a key names, or NULL. Takes a string token. */
const crm_attribute_t *crm_schema_find_attribute(const crm_class_info_t *info, const crm_json_t *doc,
                                                 uint32_t key);

/* The message class with this packet type, or CRM_CLASS_NONE. */
crm_class_t crm_schema_message_of_type(int64_t packet_type);

/* The number of an enum in any of jsonpickle's forms; false where it has none,
 * or one that its field cannot hold. */
bool crm_schema_enum_number(crm_field_t field, const crm_json_t *doc, const crm_pickle_enum_t *parts,
                            int64_t *number);

/* Whose numbers an enum class has. */
typedef enum { CRM_ENUM_OTHER, CRM_ENUM_OF_DTOS, CRM_ENUM_OF_VRMJOBS } crm_enum_class_t;

/* Whether an enum is one that this field has, and whose. One that does not say
 * its class counts as vrmjobs', which has all numbers; a text that both have,
 * as HostType.WORKER, as dtos'. */
crm_enum_class_t crm_schema_enum_class(crm_field_t field, const crm_json_t *doc,
                                       const crm_pickle_enum_t *parts);

/* Whether that enum class has this number. */
bool crm_schema_enum_has(crm_field_t field, crm_enum_class_t enum_class, int64_t number);

#endif
