/* build.h
 * What a message is built of: texts, nodes, findings
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For what walks a document; nothing here chooses what to read. What is done
 * for each value of a datagram stands here, so that compilers inline it.
 */

#ifndef CRM_BUILD_H
#define CRM_BUILD_H

#include "append.h"
#include "message.h"

/* info.queries[0].filters[0].criteria[0].regex: the schema's own depth, which bounds the walk's recursion; a
 * datagram cannot add to it, as a reference only leads to an object that ended before it. */
#define CRM_MAX_PATH 8

/* One step from a message down to a value. */
typedef struct {
    const char *name; /* an attribute, static; or NULL for the entry of a list at `position` */
    uint32_t position;
} crm_step_t;

/* A message while it is built. Zero it, then set `m` and `doc`. */
typedef struct {
    crm_message_t *m;
    const crm_json_t *doc; /* m's own */
    crm_step_t path[CRM_MAX_PATH];
    unsigned depth;
    unsigned generated; /* inside how many references */
    uint32_t entries;   /* counted against CRM_MAX_ENTRIES */
} crm_build_t;

/* Steps down to an attribute or an entry, and back. */
static inline void
crm_build_enter(crm_build_t *b, const char *name, uint32_t position)
{
    if (b->depth < CRM_MAX_PATH) {
        b->path[b->depth] = (crm_step_t){name, position};
    }
    b->depth++;
}

static inline void
crm_build_leave(crm_build_t *b)
{
    b->depth--;
}

/* Texts: what is appended to m->text between the two is one. */
static inline uint32_t
crm_build_begin_text(const crm_build_t *b)
{
    return (uint32_t)b->m->text->len;
}

static inline void
crm_build_end_text(crm_build_t *b)
{
    crm_append(b->m->text, "", 1);
}

/* Appends a value's JSON text as it was sent, as far as it is UTF-8. */
void crm_build_append_json(crm_build_t *b, uint32_t value);

/* Appends a string token's text, decoded. */
static inline void
crm_build_append_decoded(crm_build_t *b, uint32_t string)
{
    const crm_json_token_t *t = &b->doc->tokens[string];

    if (t->flags & CRM_JSON_ESCAPED) {
        crm_json_append_text(b->doc, string, b->m->text);
    } else {
        crm_append(b->m->text, b->doc->data + t->start, t->end - t->start);
    }
}

/* Makes room for one more node. A part of crm_build_node_at(). */
void crm_build_grow_nodes(crm_message_t *m);

/* Adds a node over the bytes from `start` to before `end`, and returns it. It
 * may move the nodes: no pointer to one outlives it. */
static inline uint32_t
crm_build_node_at(crm_build_t *b, crm_field_t field, crm_value_t value, uint32_t token, uint32_t start,
                  uint32_t end)
{
    crm_message_t *m = b->m;

    if (m->count == m->capacity) {
        crm_build_grow_nodes(m);
    }
    m->nodes[m->count] = (crm_node_t){
        .start = start,
        .end = end,
        .next = m->count + 1,
        .token = token,
        .text = CRM_NO_TEXT,
        .finding = CRM_NO_FINDING,
        .field = (uint8_t)field,
        .value = (uint8_t)value,
        .flags = b->generated ? CRM_NODE_GENERATED : 0,
        .name = b->depth && b->depth <= CRM_MAX_PATH ? b->path[b->depth - 1].name : NULL,
    };
    if (!b->generated && m->first[field] == CRM_NO_NODE && value != CRM_VALUE_RAW) {
        m->first[field] = m->count;
    }
    return m->count++;
}

/* The same over a token's own bytes. */
static inline uint32_t
crm_build_node(crm_build_t *b, crm_field_t field, crm_value_t value, uint32_t token)
{
    const crm_json_token_t *t = &b->doc->tokens[token];
    const uint32_t node = crm_build_node_at(b, field, value, token, t->start, t->end);

    if (t->flags & CRM_JSON_OPEN) {
        b->m->nodes[node].flags |= CRM_NODE_OPEN;
    }
    return node;
}

/* What was added since `node` was, are its children. */
static inline void
crm_build_end_node(crm_build_t *b, uint32_t node)
{
    b->m->nodes[node].next = b->m->count;
}

/* A node with a number in it. */
static inline void
crm_build_number(crm_build_t *b, crm_field_t field, crm_value_t value, uint32_t token, int64_t number)
{
    const uint32_t node = crm_build_node(b, field, value, token);
    b->m->nodes[node].number = number;
}

/* A node with a string token's text, harmless to show. */
void crm_build_text(crm_build_t *b, crm_field_t field, uint32_t string);

/* A node with a value that cannot stand in its field: its JSON text. */
uint32_t crm_build_raw(crm_build_t *b, crm_field_t field, uint32_t value);

/* The same, with the finding that says what the DTO has here ("a string"). */
void crm_build_wrong_type(crm_build_t *b, crm_field_t field, uint32_t value, const char *expected);

/* A member that no DTO defines. One that breaks off is shown, but is no field:
 * its value is not known. Returns its node. */
uint32_t crm_build_member(crm_build_t *b, uint32_t key, uint32_t value);

/* A member that is a value of this field: "node_exporter: 9100". Likewise. */
void crm_build_entry(crm_build_t *b, crm_field_t field, uint32_t key, uint32_t value);

/* As crm_build_member(), for the earlier of two members of one name, which the receiver drops. */
void crm_build_repeated_member(crm_build_t *b, uint32_t key, uint32_t value);

/* What a container holds past the limit. */
typedef struct {
    uint32_t count;
    uint32_t first; /* its token */
} crm_left_out_t;

/* Whether the limit is reached: whatever would be counted, is left out. */
static inline bool
crm_build_is_full(const crm_build_t *b)
{
    return b->entries >= CRM_MAX_ENTRIES;
}

static inline void
crm_build_leave_out(crm_left_out_t *left_out, uint32_t token)
{
    left_out->first = left_out->count++ ? left_out->first : token;
}

/* What was left out of `container`, from the first on: one node that says how many, or none. `one` and `more`
 * are what they are called ("member", "members"). */
void crm_build_rest(crm_build_t *b, uint32_t container, const crm_left_out_t *left_out, const char *one,
                    const char *more);

/* The document itself where it is no object: "$ = 1". */
void crm_build_scalar_document(crm_build_t *b);

/* Begins a finding at a node, over bytes of its own; its text follows, and
 * crm_build_end_text(). False past the limit, where there is none to write. */
bool crm_build_begin_finding(crm_build_t *b, crm_finding_kind_t kind, uint32_t node, uint32_t start,
                             uint32_t end);

/* A finding over a node's own bytes; the place in the message comes before the
 * text ("info.ports[0].port: "). */
void crm_build_finding(crm_build_t *b, crm_finding_kind_t kind, uint32_t node, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Ends the text of a finding of crm_build_begin_finding() about a repeated name. */
void crm_build_end_repeated(crm_build_t *b);

/* After all findings: the last makes room for one that counts those that had no place. */
void crm_build_close_findings(crm_build_t *b);

/* "an object", "a string" ...; static. */
const char *crm_build_type_in_words(const crm_json_token_t *token);

#endif
