/* reference.h
 * What a "py/id" leads to
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * jsonpickle 1.x and 2.x count differently, and nothing in a document tells
 * which wrote it. A reference is read both ways, and what its attribute can
 * hold decides. Nothing here walks a document: the walk asks, and goes there
 * itself.
 */

#ifndef CRM_REFERENCE_H
#define CRM_REFERENCE_H

#include "pickle.h"
#include "schema.h"

/* What a reference has to know of an object that it may lead to. Thousands may
 * lead to one that has thousands of members: it is looked at once. */
typedef struct {
    uint32_t class_name; /* a token, or CRM_JSON_NONE */
    bool is_known;
    bool is_criterion; /* written without a class */
} crm_target_t;

/* The references of one document. Zero it for a document; pair with crm_references_clear(). */
typedef struct {
    crm_pickle_index_t numbers; /* filled at the first reference */
    crm_target_t *targets;      /* by token, as many as the document has; also from the first reference on */
    crm_numbering_t numbering;
    bool ambiguous; /* whether a reference fits either way, with different targets */
    bool only_without, only_with;
} crm_references_t;

/* The token that the number n of the token `reference` means for an attribute,
 * or CRM_JSON_NONE with the reason in `why` (static). What it leads to ended
 * before the reference does, so that no reference leads to what it stands in. */
uint32_t crm_references_find(crm_references_t *references, const crm_json_t *doc, const crm_attribute_t *a,
                             uint32_t reference, int64_t n, const char **why);

/* After a first walk: sets `numbering` where its references tell it, and returns
 * whether a second walk, with the same object, will find more. All references of a
 * document count alike, so one that fits in one way only tells how to read those
 * that fit in both. */
bool crm_references_settle(crm_references_t *references);

/* Frees what was filled. */
void crm_references_clear(crm_references_t *references);

#endif
