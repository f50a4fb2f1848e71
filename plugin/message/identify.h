/* identify.h
 * Which DTO an object is, whatever tells it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Its "py/object" where it has one, else a message's `type`, else its
 * attributes. Nothing here adds to a message.
 */

#ifndef CRM_IDENTIFY_H
#define CRM_IDENTIFY_H

#include "json.h"
#include "types.h"

/* What the root of a document tells. */
typedef struct {
    uint32_t class_name; /* the token of its last "py/object" that is a string, or CRM_JSON_NONE */
    crm_class_t named;   /* the class of that name, or CRM_CLASS_NONE */
    crm_class_t class;   /* which DTO it is, or CRM_CLASS_NONE */
    bool of_dtos; /* it names crm-dtos, by its class or by its type's: no class of vrmjobs alone is in it */
    crm_class_t shape; /* the message whose attributes it is read with; may be no more than a guess */
} crm_identity_t;

/* Identifies the document's root, which is an object. */
crm_identity_t crm_identify_root(const crm_json_t *doc);

/* The class of a message's `info` that names none: the one that knows most of
 * its members, if none of that one's own is missing; else `expected`. `of_dtos`:
 * as in crm_identity_t. */
crm_class_t crm_identify_info(const crm_json_t *doc, uint32_t object, crm_class_t expected, bool of_dtos);

/* What a message's `info` may be, and the field that shows it. */
typedef struct {
    crm_class_t class;
    crm_field_t field;
} crm_info_t;

#define CRM_INFO_COUNT 4
extern const crm_info_t crm_infos[CRM_INFO_COUNT];

/* Whether a field shows a message's `info`. */
bool crm_identify_is_info(crm_field_t field);

/* The class of the `info` of a message that is not known; sets the field that shows it. */
crm_class_t crm_identify_unknown_info(const crm_json_t *doc, uint32_t object, crm_field_t *field);

/* Whether an object is a criterion in the short form, {"device": "/dev/sda"}:
 * it names no class, has a member, and none of a criterion's. */
bool crm_identify_short_criterion(const crm_json_t *doc, uint32_t object);

#endif
