/* message.c
 * A CRM datagram as a message: which DTO, which attributes, and what is wrong
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message.h"

#include "cause.h"
#include "hash.h"
#include "identify.h"
#include "schema.h"
#include "walk.h"

void
crm_message_init(crm_message_t *message)
{
    memset(message, 0, sizeof *message);
    crm_json_init(&message->doc);
    message->text = g_string_new(NULL);
}

void
crm_message_clear(crm_message_t *message)
{
    crm_json_clear(&message->doc);
    g_free(message->nodes);
    g_free(message->findings);
    g_string_free(message->text, TRUE);
    memset(message, 0, sizeof *message);
}

const char *
crm_message_text(const crm_message_t *message, uint32_t text)
{
    return text == CRM_NO_TEXT ? "" : message->text->str + text;
}

uint32_t
crm_message_child(const crm_message_t *message, uint32_t node, crm_field_t field)
{
    for (uint32_t n = node + 1; n < message->nodes[node].next; n = message->nodes[n].next) {
        if (message->nodes[n].field == field) {
            return n;
        }
    }
    return CRM_NO_NODE;
}

/* The root */

static void
find_unknown_class(crm_build_t *b, const crm_identity_t *identity)
{
    const uint32_t object = b->m->first[CRM_FIELD_OBJECT], node = object == CRM_NO_NODE ? 0 : object;

    if (identity->class_name == CRM_JSON_NONE) {
        if (b->doc->status == CRM_JSON_OK) {
            crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, 0,
                              "not a CRM message: the document has neither a py/object nor a packet type");
        }
    } else if (identity->named == CRM_CLASS_NONE) {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, node,
                          "this py/object names no known DTO: the receiver gets a dictionary, not a message");
    } else {
        crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, node, "%s is a part of messages, not a message",
                          crm_class_name(identity->named));
    }
}

static void
find_type_mismatch(crm_build_t *b)
{
    const uint32_t node = b->m->first[CRM_FIELD_TYPE];
    const uint32_t expected = crm_class_packet_type(b->m->class);
    const char *sent = node == CRM_NO_NODE ? NULL : crm_enum_name(CRM_FIELD_TYPE, b->m->nodes[node].number);

    if (expected && sent && b->m->nodes[node].number != expected) {
        crm_build_finding(b, CRM_FINDING_TYPE_MISMATCH, node, "type says %s, py/object says %s", sent,
                          crm_class_name(b->m->class));
    }
}

static void
read_root_object(crm_walk_t *w)
{
    crm_build_t *b = &w->build;
    const crm_identity_t identity = crm_identify_root(b->doc);

    w->of_dtos = identity.of_dtos;
    b->m->class = identity.class;
    b->m->encoding = b->doc->status == CRM_JSON_OK ? CRM_ENCODING_PLAIN : CRM_ENCODING_UNKNOWN;
    b->m->nodes[0].class = (uint8_t)identity.shape;
    crm_walk_members(w, identity.shape, 0, identity.class == CRM_CLASS_NONE ? CRM_NO_NODE : 0);
    if (!crm_schema_is_message(identity.class)) {
        find_unknown_class(b, &identity);
        b->m->class = CRM_CLASS_NONE;
    }
    find_type_mismatch(b);
}

static void
read_other_root(crm_build_t *b)
{
    const crm_json_token_t *root = &b->doc->tokens[0];

    crm_build_scalar_document(b);
    if (b->doc->status == CRM_JSON_OK) {
        const char *cause = root->type == CRM_JSON_STRING ? crm_cause_of_string(b->doc, 0) : NULL;
        crm_build_finding(b, CRM_FINDING_UNKNOWN_CLASS, 0,
                          "not a CRM message: the document is %s, not an object%s%s",
                          crm_build_type_in_words(root), cause ? ": " : "", cause ? cause : "");
    }
}

/* The document as a whole */

static void
find_json_error(crm_build_t *b)
{
    const crm_json_t *doc = b->doc;
    const uint32_t at = doc->error_at, end = at < doc->length ? at + 1 : at;

    if (doc->status == CRM_JSON_OK || (doc->status == CRM_JSON_END && b->m->cut)) {
        return;
    }
    if (doc->status == CRM_JSON_TOO_DEEP && crm_build_begin_finding(b, CRM_FINDING_JSON_DEPTH, 0, at, end)) {
        g_string_append_printf(b->m->text, "at byte %u: nested deeper than %d, which Python's json refuses",
                               at, CRM_JSON_MAX_DEPTH);
        crm_build_end_text(b);
    }
    if (crm_build_begin_finding(b, CRM_FINDING_JSON_ERROR, 0, at, end)) {
        crm_json_describe_error(doc, b->m->text);
        crm_cause_append(doc, b->m->text);
        crm_build_end_text(b);
    }
}

/* What may stand anywhere in the document, in members of no DTO too. */
static void
find_in_tokens(crm_build_t *b, uint32_t repeated)
{
    for (uint32_t t = 0; (repeated || b->doc->constants) && t < b->doc->count; t++) {
        const crm_json_token_t *token = &b->doc->tokens[t];
        if ((token->flags & (CRM_JSON_REPEATED | CRM_JSON_NOTED)) == CRM_JSON_REPEATED &&
            crm_build_begin_finding(b, CRM_FINDING_DUPLICATE_MEMBER, 0, token->start, token->end)) {
            crm_json_append_text(b->doc, t, b->m->text);
            crm_build_end_repeated(b);
        } else if (token->type == CRM_JSON_CONSTANT &&
                   crm_build_begin_finding(b, CRM_FINDING_JSON_NONSTANDARD, 0, token->start, token->end)) {
            crm_build_append_json(b, t);
            g_string_append(b->m->text, " is not valid JSON; Python accepts it, other receivers do not");
            crm_build_end_text(b);
        }
    }
}

static void
empty_message(crm_message_t *m)
{
    m->count = m->finding_count = m->findings_left_out = 0;
    memset(m->first, 0xff, sizeof m->first);
    g_string_truncate(m->text, 0);
    m->class = CRM_CLASS_NONE;
    m->encoding = CRM_ENCODING_UNKNOWN;
    m->enum_forms = 0;
    m->summary = CRM_NO_TEXT;
}

static void
read_document(crm_walk_t *w, uint32_t repeated)
{
    crm_build_t *b = &w->build;

    empty_message(b->m);
    b->entries = w->referenced = 0;
    crm_build_node_at(b, CRM_FIELD_MESSAGE, CRM_VALUE_OBJECT, 0, 0, b->doc->length);
    find_json_error(b);
    if (b->doc->count > 0 && b->doc->tokens[0].type == CRM_JSON_OBJECT) {
        read_root_object(w);
    } else if (b->doc->count > 0) {
        read_other_root(b);
    }
    crm_build_end_node(b, 0);
    find_in_tokens(b, repeated);
    crm_build_close_findings(b);
}

/* Of two datagrams with the same type and id, the info tells whether they are the
 * same; a message without info is taken as a whole, as is what is none. */
static uint32_t
find_content(const crm_message_t *m)
{
    for (unsigned i = 0; i < CRM_INFO_COUNT && crm_message_packet_type(m) != 0; i++) {
        if (m->first[crm_infos[i].field] != CRM_NO_NODE) {
            return m->first[crm_infos[i].field];
        }
    }
    return 0;
}

void
crm_message_set_fingerprint(crm_message_t *message)
{
    const crm_node_t *content = &message->nodes[message->content];

    message->fingerprint = crm_fingerprint(message->doc.data + content->start, content->end - content->start);
}

void
crm_message_read(crm_message_t *message, const uint8_t *data, uint32_t length, bool cut)
{
    crm_walk_t w = {.build = {.m = message, .doc = &message->doc}};

    message->cut = cut;
    crm_json_read(&message->doc, data, length);
    const uint32_t repeated = crm_json_mark_repeated_keys(&message->doc);
    read_document(&w, repeated);
    if (crm_references_settle(&w.references)) {
        read_document(&w, repeated);
    }
    message->numbering = w.references.numbering;
    crm_references_clear(&w.references);
    message->content = find_content(message);
    crm_message_set_fingerprint(message);
}

uint32_t
crm_message_packet_type(const crm_message_t *message)
{
    const bool is_taken =
        message->doc.status == CRM_JSON_OK && !message->cut && message->class != CRM_CLASS_NONE;

    return is_taken ? crm_message_meant_type(message) : 0;
}

uint32_t
crm_message_meant_type(const crm_message_t *message)
{
    const uint32_t type = message->first[CRM_FIELD_TYPE];

    return type != CRM_NO_NODE && crm_enum_name(CRM_FIELD_TYPE, message->nodes[type].number)
               ? (uint32_t)message->nodes[type].number
               : crm_class_packet_type(message->class);
}

static bool
is_of_unknown_class(const crm_message_t *m, uint32_t node)
{
    uint32_t finding = m->nodes[node].finding;

    while (finding != CRM_NO_FINDING && m->findings[finding].kind != CRM_FINDING_UNKNOWN_CLASS) {
        finding = m->findings[finding].next;
    }
    return finding != CRM_NO_FINDING;
}

/* What the receiver refuses, or takes for something else, has no outcome: the
 * worker never hears of it. */
static bool
is_taken_as_register_ack(const crm_message_t *m)
{
    const uint32_t type = m->first[CRM_FIELD_TYPE], info = m->first[CRM_FIELD_REGISTER_INFO];

    return m->doc.status == CRM_JSON_OK && !m->cut && m->class == CRM_CLASS_REGISTER_ACK &&
           info != CRM_NO_NODE && !is_of_unknown_class(m, info) &&
           (type == CRM_NO_NODE || m->nodes[type].number == CRM_REG_ACK);
}

crm_outcome_t
crm_register_outcome(const crm_message_t *message)
{
    const uint32_t status = message->first[CRM_FIELD_STATUS], retries = message->first[CRM_FIELD_MAX_RETRIES];

    if (status == CRM_NO_NODE || !is_taken_as_register_ack(message)) {
        return CRM_NO_OUTCOME;
    }
    if (message->nodes[status].number) {
        return CRM_REGISTERED;
    }
    return retries != CRM_NO_NODE && message->nodes[retries].number <= 0 ? CRM_EXHAUSTED : CRM_FAILED;
}

const char *
crm_outcome_name(crm_outcome_t outcome)
{
    static const char *const names[] = {[CRM_NO_OUTCOME] = "",
                                        [CRM_REGISTERED] = "registered",
                                        [CRM_FAILED] = "failed",
                                        [CRM_EXHAUSTED] = "exhausted"};
    return names[outcome];
}
