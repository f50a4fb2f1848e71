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

/* How an object's members fit a class. */
typedef struct {
    unsigned members; /* how many the object has */
    unsigned known;   /* how many of them are attributes of the class */
    uint32_t missing; /* groups of attributes that must be there, and are not */
} fit_t;

static fit_t
fit_class(const crm_json_t *doc, uint32_t object, crm_class_t class)
{
    const crm_class_info_t *info = crm_schema_class(class);
    fit_t fit = {.missing = crm_schema_groups(info)};
    crm_pickle_members_t members;
    uint32_t key, value;

    crm_pickle_members(&members, doc, object);
    while (crm_pickle_next_member(&members, &key, &value)) {
        const crm_attribute_t *a = crm_schema_find_attribute(info, doc, key);
        fit.members++;
        fit.known += a != NULL;
        fit.missing &= a ? ~(1U << a->group) : ~0U;
    }
    return fit;
}

/* A CollectorInfo has nothing that a WorkerInfo may not have, so it comes first; nor has a MetricInfo, which
 * is only found where a MetricInit expects it. */
const crm_info_t crm_infos[CRM_INFO_COUNT] = {
    {CRM_CLASS_HOST_INFO, CRM_FIELD_HOST_INFO},
    {CRM_CLASS_COLLECTOR_INFO, CRM_FIELD_HOST_INFO},
    {CRM_CLASS_WORKER_INFO, CRM_FIELD_HOST_INFO},
    {CRM_CLASS_REGISTER_INFO, CRM_FIELD_REGISTER_INFO},
};

bool
crm_identify_is_info(crm_field_t field)
{
    for (unsigned i = 0; i < CRM_INFO_COUNT; i++) {
        if (crm_infos[i].field == field) {
            return true;
        }
    }
    return false;
}

/* The classes that crm-dtos has too: the others are found by crm_identify_info(). */
crm_class_t
crm_identify_unknown_info(const crm_json_t *doc, uint32_t object, crm_field_t *field)
{
    unsigned best = 0, most = 0;

    for (unsigned i = 0; i < CRM_INFO_COUNT; i++) {
        const unsigned known = fit_class(doc, object, crm_infos[i].class).known;
        if (crm_schema_class(crm_infos[i].class)->in_dtos && known > most) {
            best = i;
            most = known;
        }
    }
    *field = crm_infos[best].field;
    return crm_infos[best].class;
}

crm_class_t
crm_identify_info(const crm_json_t *doc, uint32_t object, crm_class_t expected, bool of_dtos)
{
    fit_t most = fit_class(doc, object, expected);
    crm_class_t best = expected;

    for (unsigned i = 0; (most.missing || most.known < most.members) && i < CRM_INFO_COUNT; i++) {
        const fit_t fit = fit_class(doc, object, crm_infos[i].class);
        if ((fit.known > most.known || (fit.known == most.known && most.missing && !fit.missing)) &&
            (!of_dtos || crm_schema_class(crm_infos[i].class)->in_dtos)) {
            best = crm_infos[i].class;
            most = fit;
        }
    }
    return most.missing ? expected : best;
}

bool
crm_identify_short_criterion(const crm_json_t *doc, uint32_t object)
{
    return doc->tokens[object].next > object + 1 && crm_pickle_class(doc, object) == CRM_JSON_NONE &&
           fit_class(doc, object, CRM_CLASS_CRITERION).known == 0;
}

/* A message's `type`, when it is an enum with a number; else 0. Sets `of_dtos`
 * where its class is crm-dtos'. */
static int64_t
packet_type(const crm_json_t *doc, uint32_t type, bool *of_dtos)
{
    crm_pickle_enum_t e;
    int64_t number;

    if (type == CRM_JSON_NONE || doc->tokens[type].flags & CRM_JSON_OPEN || !crm_pickle_enum(doc, type, &e) ||
        !crm_schema_enum_number(CRM_FIELD_TYPE, doc, &e, &number)) {
        return 0;
    }
    *of_dtos = *of_dtos || crm_schema_enum_class(CRM_FIELD_TYPE, doc, &e) == CRM_ENUM_OF_DTOS;
    return number;
}

/* Without a class's name or a known type: the class that has most of the object's members, the first of
 * equals. ReportInit, the only message whose type is no enum, it is by most of its attributes. */
static void
identify_by_attributes(const crm_json_t *doc, crm_identity_t *identity)
{
    static const crm_class_t shapes[] = {CRM_CLASS_PROBE_INIT, CRM_CLASS_REPORT_INIT, CRM_CLASS_QUERY_ACK};
    unsigned most = 0;

    identity->shape = shapes[0];
    for (unsigned i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const unsigned known = fit_class(doc, 0, shapes[i]).known;
        if (known > most) {
            most = known;
            identity->shape = shapes[i];
        }
    }
    if (identity->shape == CRM_CLASS_REPORT_INIT && most >= 3 && identity->class_name == CRM_JSON_NONE) {
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
        identity.of_dtos = crm_schema_is_of_dtos(doc, identity.class_name);
    }
    if (identity.named != CRM_CLASS_NONE) {
        identity.class = identity.shape = identity.named;
        return identity;
    }
    const crm_class_t typed = crm_schema_message_of_type(packet_type(doc, type, &identity.of_dtos));
    if (typed == CRM_CLASS_NONE) {
        identify_by_attributes(doc, &identity);
        return identity;
    }
    identity.shape = typed;
    identity.class = identity.class_name == CRM_JSON_NONE ? typed : CRM_CLASS_NONE;
    return identity;
}
