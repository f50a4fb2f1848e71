/* identify.c
 * Which DTO an object is, whatever tells it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "identify.h"

#include "pickle.h"
#include "schema.h"

crm_class_t
crm_identify_best(const crm_json_t *doc, uint32_t object, const crm_class_t *candidates, unsigned count,
                  unsigned *score)
{
    crm_class_t best = candidates[0];

    *score = 0;
    for (unsigned i = 0; i < count; i++) {
        crm_pickle_members_t members;
        unsigned known = 0;
        uint32_t key, value;
        crm_pickle_members(&members, doc, object);
        while (crm_pickle_next_member(&members, &key, &value)) {
            known += crm_schema_find_attribute(crm_schema_class(candidates[i]), doc, key) != NULL;
        }
        if (known > *score) {
            *score = known;
            best = candidates[i];
        }
    }
    return best;
}

/* A message's `type`, when it is an enum with a number; else 0. */
static int64_t
packet_type(const crm_json_t *doc, uint32_t type)
{
    crm_pickle_enum_t e;
    int64_t number;

    if (type == CRM_JSON_NONE || doc->tokens[type].flags & CRM_JSON_OPEN || !crm_pickle_enum(doc, type, &e) ||
        !crm_schema_enum_number(CRM_FIELD_TYPE, doc, &e, &number)) {
        return 0;
    }
    return number;
}

/* Without a class's name or a known type: ReportInit, the only message whose
 * type is no enum, by most of its attributes. */
static void
identify_by_attributes(const crm_json_t *doc, crm_identity_t *identity)
{
    static const crm_class_t shapes[] = {CRM_CLASS_PROBE_INIT, CRM_CLASS_REPORT_INIT, CRM_CLASS_QUERY_ACK};
    unsigned score;

    identity->shape = crm_identify_best(doc, 0, shapes, G_N_ELEMENTS(shapes), &score);
    if (identity->shape == CRM_CLASS_REPORT_INIT && score >= 3 && identity->class_name == CRM_JSON_NONE) {
        identity->class = CRM_CLASS_REPORT_INIT;
    }
}

/* Finds the root's class name, and returns its `type`; of each, the last. */
static uint32_t
look_at_root(const crm_json_t *doc, crm_identity_t *identity)
{
    uint32_t key, value, type = CRM_JSON_NONE;
    crm_pickle_members_t members;

    crm_pickle_members(&members, doc, 0);
    while (crm_pickle_next_member(&members, &key, &value)) {
        if (CRM_PICKLE_KEY_IS(doc, key, "py/object")) {
            identity->class_name = doc->tokens[value].type == CRM_JSON_STRING ? value : CRM_JSON_NONE;
        } else if (CRM_PICKLE_KEY_IS(doc, key, "type")) {
            type = value;
        }
    }
    return type;
}

crm_identity_t
crm_identify_root(const crm_json_t *doc)
{
    crm_identity_t identity = {.class_name = CRM_JSON_NONE};
    const uint32_t type = look_at_root(doc, &identity);

    if (identity.class_name != CRM_JSON_NONE) {
        identity.named = crm_schema_find_class(doc, identity.class_name);
    }
    if (identity.named != CRM_CLASS_NONE) {
        identity.class = identity.shape = identity.named;
        return identity;
    }
    const crm_class_t typed = crm_schema_message_of_type(packet_type(doc, type));
    if (typed == CRM_CLASS_NONE) {
        identify_by_attributes(doc, &identity);
        return identity;
    }
    identity.shape = typed;
    identity.class = identity.class_name == CRM_JSON_NONE ? typed : CRM_CLASS_NONE;
    return identity;
}
