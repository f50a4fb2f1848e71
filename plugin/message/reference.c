/* reference.c
 * What a "py/id" leads to
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "reference.h"

#include "identify.h"

/* In the short form, a criterion is known by nothing but that its values are texts. */
static bool
is_criterion(const crm_json_t *doc, uint32_t object)
{
    if (crm_json_member(doc, object, "field_name") != CRM_JSON_NONE) {
        return crm_pickle_class(doc, object) == CRM_JSON_NONE;
    }
    for (uint32_t key = object + 1; key < doc->tokens[object].next; key = doc->tokens[key + 1].next) {
        if (doc->tokens[key + 1].type != CRM_JSON_STRING) {
            return false;
        }
    }
    return crm_identify_short_criterion(doc, object);
}

static const crm_target_t *
look_at(crm_target_t *targets, const crm_json_t *doc, uint32_t object)
{
    crm_target_t *target = &targets[object];

    if (!target->is_known) {
        *target = (crm_target_t){crm_pickle_class(doc, object), true, is_criterion(doc, object)};
    }
    return target;
}

/* Whether what a reference leads to can stand here. */
static bool
fits(crm_target_t *targets, const crm_json_t *doc, const crm_attribute_t *a, uint32_t target,
     uint32_t reference)
{
    const crm_json_token_t *tokens = doc->tokens;

    if (target == CRM_JSON_NONE || tokens[target].end > tokens[reference].start) {
        return false;
    }
    if (a->kind == CRM_KIND_LIST) {
        return tokens[target].type == CRM_JSON_ARRAY;
    }
    if (tokens[target].type != CRM_JSON_OBJECT) {
        return false;
    }
    const crm_target_t *object = look_at(targets, doc, target);
    if (a->kind != CRM_KIND_OBJECT) {
        return a->kind == CRM_KIND_MEMBERS && object->class_name == CRM_JSON_NONE;
    }
    if (a->class == CRM_CLASS_CRITERION) {
        return object->is_criterion;
    }
    return object->class_name != CRM_JSON_NONE &&
           crm_schema_class(crm_schema_find_class(doc, object->class_name))->family ==
               crm_schema_class((crm_class_t)a->class)->family;
}

uint32_t
crm_references_find(crm_references_t *references, const crm_json_t *doc, const crm_attribute_t *a,
                    uint32_t reference, int64_t n, const char **why)
{
    crm_references_t *r = references;

    if (r->numbers.with_dicts == NULL) {
        crm_pickle_index_fill(&r->numbers, doc);
        r->targets = g_new0(crm_target_t, doc->count);
    }
    uint32_t without = crm_pickle_index_get(r->numbers.without_dicts, n);
    uint32_t with = crm_pickle_index_get(r->numbers.with_dicts, n);

    without = fits(r->targets, doc, a, without, reference) ? without : CRM_JSON_NONE;
    with = fits(r->targets, doc, a, with, reference) ? with : CRM_JSON_NONE;
    *why = "nothing that this attribute can hold has this number";
    if (without == with) {
        return with;
    }
    if (with == CRM_JSON_NONE) {
        r->only_without = true;
        return without;
    }
    if (without == CRM_JSON_NONE) {
        r->only_with = true;
        return with;
    }
    r->ambiguous = true;
    *why = "jsonpickle 1.x and 2.x count differently, and nothing in the document tells which wrote it";
    return r->numbering == CRM_NUMBERING_UNKNOWN      ? CRM_JSON_NONE
           : r->numbering == CRM_NUMBERING_WITH_DICTS ? with
                                                      : without;
}

bool
crm_references_settle(crm_references_t *references)
{
    if (references->only_with == references->only_without) {
        return false;
    }
    references->numbering = references->only_with ? CRM_NUMBERING_WITH_DICTS : CRM_NUMBERING_WITHOUT_DICTS;
    return references->ambiguous;
}

void
crm_references_clear(crm_references_t *references)
{
    crm_pickle_index_clear(&references->numbers);
    g_free(references->targets);
    references->targets = NULL;
}
