/* pickle.h
 * What jsonpickle wrote, whichever release and Python it ran on
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one place that knows jsonpickle's forms (docs/protocol.md, "Encodings").
 * It answers questions about a JSON value: which class, which members, which
 * enum, which object a reference means. Of CRM it knows only
 * the names of the enum forms.
 */

#ifndef CRM_PICKLE_H
#define CRM_PICKLE_H

#include "json.h"
#include "types.h"

/* Walks an object's members; those inside "py/state" count as the object's own. */
typedef struct {
    const crm_json_t *doc;
    uint32_t at, end;             /* keys of the current object */
    uint32_t outer_at, outer_end; /* what follows "py/state" in the enclosing object */
    bool has_state;               /* "py/state" was met */
} crm_pickle_members_t;

/* Starts at the first member of `object`, an object token. */
static inline void
crm_pickle_members(crm_pickle_members_t *members, const crm_json_t *doc, uint32_t object)
{
    *members = (crm_pickle_members_t){.doc = doc, .at = object + 1, .end = doc->tokens[object].next};
}

/* Whether a key is this literal, escaped or not. */
#define CRM_PICKLE_KEY_IS(doc, key, literal) crm_json_text_equals(doc, key, literal, sizeof(literal) - 1)

/* Enters the "py/state" that comes next, or leaves one that has ended; false
 * after the last member. A part of crm_pickle_next_member(). */
bool crm_pickle_cross_state(crm_pickle_members_t *members);

static inline bool
crm_pickle_is_state(const crm_pickle_members_t *members)
{
    return !members->has_state && members->doc->tokens[members->at + 1].type == CRM_JSON_OBJECT &&
           CRM_PICKLE_KEY_IS(members->doc, members->at, "py/state");
}

/* The next member's tokens; false after the last one. "py/object" is a member
 * like any other here; "py/state" is entered when it holds an object. */
static inline bool
crm_pickle_next_member(crm_pickle_members_t *members, uint32_t *key, uint32_t *value)
{
    while (members->at >= members->end || crm_pickle_is_state(members)) {
        if (!crm_pickle_cross_state(members)) {
            return false;
        }
    }
    *key = members->at;
    *value = members->at + 1;
    members->at = members->doc->tokens[*value].next;
    return true;
}

/* The string token that names an object's class ("py/object"), or CRM_JSON_NONE. */
uint32_t crm_pickle_class(const crm_json_t *doc, uint32_t object);

/* An enum's parts as tokens, each CRM_JSON_NONE where the form has none:
 *   by value    {"py/reduce": [{"py/type": CLASS}, {"py/tuple": [NUMBER]}]}
 *   by name     {"py/reduce": [{"py/function": "builtins.getattr"},
 *                              {"py/tuple": [{"py/type": CLASS}, NAME]}]}
 *   attributes  {"_value_": NUMBER, "_name_": NAME, "__objclass__": {"py/type": CLASS}}
 *   bare        NUMBER or NAME
 *   text        "<CLASS.NAME: NUMBER>" or "CLASS.NAME", in `name`: crm_pickle_enum_text() */
typedef struct {
    crm_enum_form_t form;
    uint32_t class_name;
    uint32_t number;
    uint32_t name;
} crm_pickle_enum_t;

/* False when the value has none of these forms. */
bool crm_pickle_enum(const crm_json_t *doc, uint32_t value, crm_pickle_enum_t *parts);

/* The parts of Python's text of an enum, its repr() or str(): "<HostType.WORKER: 1>",
 * "HostType.WORKER". They point into the text. */
typedef struct {
    const char *class_name;
    size_t class_length;
    const char *name;
    size_t name_length;
} crm_pickle_enum_text_t;

/* False when the text, of `length` bytes, has neither form. */
bool crm_pickle_enum_text(const char *text, size_t length, crm_pickle_enum_text_t *parts);

/* Whether a text of `length` bytes is what Python's repr() makes of an object,
 * or of a list, tuple or dictionary. jsonpickle writes it where max_depth ends,
 * and with make_refs=False for an object that it has written before. */
bool crm_pickle_is_object_text(const char *text, size_t length);

/* The array token of a list, or of a tuple ({"py/tuple": [...]}); else CRM_JSON_NONE. */
uint32_t crm_pickle_list(const crm_json_t *doc, uint32_t value);

/* The token of N in {"py/id": N}, or CRM_JSON_NONE. */
uint32_t crm_pickle_reference(const crm_json_t *doc, uint32_t value);

/* What "py/id" counts, from 0, in the order in which it opens in the document:
 * objects with "py/object", and arrays that are not part of a py/ construct;
 * from jsonpickle 2.0 on also plain dictionaries, including the one in "py/state". */
typedef struct {
    GArray *without_dicts; /* of uint32_t: the token that N means before jsonpickle 2.0 */
    GArray *with_dicts;    /* and from then on */
} crm_pickle_index_t;

/* Which way "py/id" counts in a document. */
typedef enum {
    CRM_NUMBERING_UNKNOWN,
    CRM_NUMBERING_WITHOUT_DICTS, /* jsonpickle 1.x */
    CRM_NUMBERING_WITH_DICTS     /* 2.0 and later */
} crm_numbering_t;

/* Fills an index; linear in the document. The arrays are owned by the index:
 * free with crm_pickle_index_clear(). */
void crm_pickle_index_fill(crm_pickle_index_t *numbers, const crm_json_t *doc);
void crm_pickle_index_clear(crm_pickle_index_t *numbers);

/* The token that N means in one of the two arrays, or CRM_JSON_NONE. */
uint32_t crm_pickle_index_get(const GArray *numbering, int64_t n);

#endif
