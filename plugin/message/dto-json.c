/* dto-json.c
 * A message as one line of plain JSON, the same for every dialect
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "dto-json.h"

#include <math.h>

#include "pickle.h"
#include "schema.h"
#include "visible.h"

/* json-glib writes each text and integer. The brackets, commas and names around
 * them are written here: building and freeing a tree of JsonObjects for each
 * datagram cost more than reading the datagram, and limited the depth of nesting. */

/* A container that is open. */
typedef struct {
    uint32_t end;    /* the token after its last */
    uint32_t resume; /* the one to go on with then: a reference brought it here from elsewhere */
    bool object;
    bool part; /* the members of a "py/state", which are the object's own */
} open_t;

typedef struct {
    const crm_message_t *m;
    const crm_json_t *doc;
    GString *out;
    GString *scratch;
    JsonGenerator *generator;
    GArray *open;               /* of open_t */
    crm_pickle_index_t numbers; /* filled at the first reference in a member that no DTO defines */
    uint32_t referenced;        /* bytes that those brought back, counted against CRM_MAX_REFERENCED */
    JsonNode *scalar;           /* the generator's own root, given one value after another */
    uint32_t id;                /* the token of the message's id, or CRM_JSON_NONE */
    uint32_t id_count;
    uint32_t id_at;
} writer_t;

void
crm_dto_json_init(crm_dto_json_t *writer)
{
    JsonNode *root = json_node_init_string(json_node_alloc(), "");

    writer->generator = json_generator_new();
    writer->text = g_string_new(NULL);
    writer->scratch = g_string_new(NULL);
    writer->open = g_array_new(FALSE, FALSE, sizeof(open_t));
    json_generator_set_root(writer->generator, root); /* a copy of it */
    json_node_unref(root);
}

void
crm_dto_json_clear(crm_dto_json_t *writer)
{
    g_object_unref(writer->generator);
    g_string_free(writer->text, TRUE);
    g_string_free(writer->scratch, TRUE);
    g_array_unref(writer->open);
}

/* Not json_node_init(): json-glib 1.6 then keeps the freed value. */

static void
write_string(writer_t *w, const char *text)
{
    json_node_set_string(w->scalar, text);
    json_generator_to_gstring(w->generator, w->out);
}

static void
write_integer(writer_t *w, int64_t number)
{
    json_node_set_int(w->scalar, number);
    json_generator_to_gstring(w->generator, w->out);
}

/* Before each entry or member of a container but the first. */
static void
write_comma(writer_t *w)
{
    const char last = w->out->str[w->out->len - 1];

    if (last != '[' && last != '{') {
        g_string_append_c(w->out, ',');
    }
}

static void
write_decoded(writer_t *w, uint32_t string)
{
    g_string_truncate(w->scratch, 0);
    crm_json_append_text(w->doc, string, w->scratch);
    write_string(w, w->scratch->str);
}

static void
write_name(writer_t *w, uint32_t key)
{
    write_comma(w);
    write_decoded(w, key);
    g_string_append_c(w->out, ':');
}

/* Values as they were sent */

static const char *
json_text(writer_t *w, uint32_t token)
{
    uint32_t start, end;
    crm_json_extent(w->doc, token, &start, &end);
    g_string_truncate(w->scratch, 0);
    g_string_append_len(w->scratch, (const char *)w->doc->data + start, (gssize)(end - start));
    return w->scratch->str;
}

static void
write_number(writer_t *w, uint32_t token)
{
    int64_t integer;

    if (crm_json_get_int64(w->doc, token, &integer)) {
        write_integer(w, integer);
        return;
    }
    const char *text = json_text(w, token);
    const double number = g_ascii_strtod(text, NULL);
    if (w->doc->tokens[token].flags & CRM_JSON_INTEGER || isfinite(number)) {
        g_string_append(w->out, text); /* json-glib 1.6 would write 4e53 as 4e+53.0, which is not JSON */
    } else {
        write_string(w, text);
    }
}

/* What stands before the id is made safe at once, which may move what follows. */
static void
note_id(writer_t *w)
{
    crm_make_safe(w->out, w->id_at);
    w->id_at = (uint32_t)w->out->len + 1;
    w->id_count++;
}

static void
write_scalar_token(writer_t *w, uint32_t token)
{
    if (token == w->id) {
        note_id(w);
    }
    switch ((crm_json_type_t)w->doc->tokens[token].type) {
    case CRM_JSON_STRING:
        write_decoded(w, token);
        break;
    case CRM_JSON_NUMBER:
        write_number(w, token);
        break;
    case CRM_JSON_TRUE:
        g_string_append(w->out, "true");
        break;
    case CRM_JSON_FALSE:
        g_string_append(w->out, "false");
        break;
    case CRM_JSON_NULL:
        g_string_append(w->out, "null");
        break;
    default:
        write_string(w, json_text(w, token));
    }
}

/* What jsonpickle wrapped */

/* The token that a number means, if it ended before the reference. */
static uint32_t
earlier(const crm_json_t *doc, const GArray *numbering, int64_t n, uint32_t reference)
{
    const uint32_t target = crm_pickle_index_get(numbering, n);

    return target != CRM_JSON_NONE && doc->tokens[target].end <= doc->tokens[reference].start ? target
                                                                                              : CRM_JSON_NONE;
}

/* The token that a reference in a member of no DTO leads to, or CRM_JSON_NONE.
 * Anything may stand there, so that only the other references of the document
 * can tell which of two is meant. */
static uint32_t
find_target(writer_t *w, uint32_t reference, uint32_t number)
{
    int64_t n;

    if (!crm_json_get_int64(w->doc, number, &n)) {
        return CRM_JSON_NONE;
    }
    if (w->numbers.with_dicts == NULL) {
        crm_pickle_index_fill(&w->numbers, w->doc);
    }
    const uint32_t without = earlier(w->doc, w->numbers.without_dicts, n, reference);
    const uint32_t with = earlier(w->doc, w->numbers.with_dicts, n, reference);
    if (without == CRM_JSON_NONE || without == with) {
        return with;
    }
    return with == CRM_JSON_NONE || w->m->numbering == CRM_NUMBERING_WITHOUT_DICTS ? without
           : w->m->numbering == CRM_NUMBERING_WITH_DICTS                           ? with
                                                                                   : CRM_JSON_NONE;
}

/* The same within the limit of what references may bring back. */
static uint32_t
bring_back(writer_t *w, uint32_t reference, uint32_t number)
{
    const uint32_t target = find_target(w, reference, number);

    if (target != CRM_JSON_NONE) {
        w->referenced += w->doc->tokens[target].end - w->doc->tokens[target].start;
    }
    return w->referenced <= CRM_MAX_REFERENCED ? target : CRM_JSON_NONE;
}

/* An enum by its name, as far as the form or the schema tells it. */
static bool
write_wrapped_enum(writer_t *w, uint32_t token)
{
    static const crm_field_t fields[] = {CRM_FIELD_TYPE, CRM_FIELD_HOST_TYPE};
    crm_pickle_enum_t e;
    int64_t number;

    if (!crm_pickle_enum(w->doc, token, &e) || (e.form == CRM_ENUM_ATTRIBUTES && e.name == CRM_JSON_NONE)) {
        return false;
    }
    for (unsigned i = 0; e.name == CRM_JSON_NONE && i < G_N_ELEMENTS(fields); i++) {
        if (e.class_name != CRM_JSON_NONE && crm_schema_enum_class(fields[i], w->doc, &e) != CRM_ENUM_OTHER &&
            crm_schema_enum_number(fields[i], w->doc, &e, &number) && crm_enum_name(fields[i], number)) {
            write_string(w, crm_enum_name(fields[i], number));
            return true;
        }
    }
    write_scalar_token(w, e.name != CRM_JSON_NONE ? e.name : e.number);
    return true;
}

/* The array of an object that is nothing but a tuple, or CRM_JSON_NONE. */
static uint32_t
tuple_of(const crm_json_t *doc, uint32_t object)
{
    const uint32_t list = crm_pickle_list(doc, object);
    return list == object + 2 && doc->tokens[list].next == doc->tokens[object].next ? list : CRM_JSON_NONE;
}

/* What stands for an object: what it refers to, or wraps; else itself. */
static uint32_t
unwrap(writer_t *w, uint32_t token)
{
    while (w->doc->tokens[token].type == CRM_JSON_OBJECT) {
        const uint32_t number = crm_pickle_reference(w->doc, token);
        const uint32_t inner =
            number != CRM_JSON_NONE ? bring_back(w, token, number) : tuple_of(w->doc, token);
        if (inner == CRM_JSON_NONE) {
            break;
        }
        token = inner;
    }
    return token;
}

static void
open_container(writer_t *w, uint32_t token, uint32_t resume, bool part)
{
    const crm_json_token_t *t = &w->doc->tokens[token];
    const open_t open = {t->next, resume, t->type == CRM_JSON_OBJECT, part};

    if (!part) {
        g_string_append_c(w->out, open.object ? '{' : '[');
    }
    g_array_append_val(w->open, open);
}

/* Writes a scalar, or opens a container. Returns the token to go on with. */
static uint32_t
begin_value(writer_t *w, uint32_t token, uint32_t resume)
{
    token = unwrap(w, token);
    if (w->doc->tokens[token].type > CRM_JSON_ARRAY) {
        write_scalar_token(w, token);
    } else if (!write_wrapped_enum(w, token)) {
        open_container(w, token, resume, false);
        return token + 1;
    }
    return resume;
}

/* The same for a member; those that jsonpickle added are none. */
static uint32_t
begin_member(writer_t *w, uint32_t key)
{
    const crm_json_token_t *tokens = w->doc->tokens;
    const uint32_t value = key + 1, next = tokens[value].next;

    if (tokens[key].flags & CRM_JSON_REPEATED ||
        (tokens[value].type == CRM_JSON_STRING && CRM_PICKLE_KEY_IS(w->doc, key, "py/object"))) {
        return next;
    }
    if (tokens[value].type == CRM_JSON_OBJECT && CRM_PICKLE_KEY_IS(w->doc, key, "py/state")) {
        open_container(w, value, next, true);
        return value + 1;
    }
    write_name(w, key);
    return begin_value(w, value, next);
}

/* A value and all that it holds, without recursion: the sender chose its depth. */
static void
write_token(writer_t *w, uint32_t token)
{
    const uint32_t next = w->doc->tokens[token].next;

    g_array_set_size(w->open, 0);
    for (uint32_t t = begin_value(w, token, next); w->open->len > 0;) {
        const open_t open = g_array_index(w->open, open_t, w->open->len - 1);
        if (t == open.end) {
            if (!open.part) {
                g_string_append_c(w->out, open.object ? '}' : ']');
            }
            g_array_set_size(w->open, w->open->len - 1);
            t = open.resume;
        } else if (open.object) {
            t = begin_member(w, t);
        } else {
            write_comma(w);
            t = begin_value(w, t, w->doc->tokens[t].next);
        }
    }
}

/* Nodes */

static void write_node(writer_t *w, uint32_t node);

/* The last member of an object that has this attribute's name. */
static uint32_t
child_named(const crm_message_t *m, uint32_t object, const char *name)
{
    uint32_t found = CRM_NO_NODE;
    for (uint32_t n = object + 1; n < m->nodes[object].next; n = m->nodes[n].next) {
        if (m->nodes[n].name == name && !(m->nodes[n].flags & CRM_NODE_REPEATED)) {
            found = n;
        }
    }
    return found;
}

/* The members that the tree's limit left out. */
static void
write_rest_members(writer_t *w, uint32_t object, uint32_t first)
{
    const crm_node_t *n = &w->m->nodes[object];
    const crm_class_info_t *info = crm_schema_class((crm_class_t)n->class);
    crm_pickle_members_t members;
    uint32_t key, value;

    crm_pickle_members(&members, w->doc, n->token);
    while (crm_pickle_next_member(&members, &key, &value)) {
        if (key >= first && !(w->doc->tokens[key].flags & CRM_JSON_REPEATED) &&
            !crm_schema_find_attribute(info, w->doc, key) && !CRM_PICKLE_KEY_IS(w->doc, key, "py/object")) {
            write_name(w, key);
            write_token(w, value);
        }
    }
}

static void
write_other_members(writer_t *w, uint32_t object)
{
    const crm_message_t *m = w->m;

    for (uint32_t n = object + 1; n < m->nodes[object].next; n = m->nodes[n].next) {
        const crm_node_t *member = &m->nodes[n];
        if (member->field != CRM_FIELD_MEMBER || member->flags & CRM_NODE_REPEATED) {
            continue;
        }
        if (member->value == CRM_VALUE_REST) {
            write_rest_members(w, object, member->token);
        } else {
            write_name(w, member->token - 1);
            write_token(w, member->token);
        }
    }
}

static void
write_object(writer_t *w, uint32_t node)
{
    const crm_class_info_t *info = crm_schema_class((crm_class_t)w->m->nodes[node].class);

    g_string_append_c(w->out, '{');
    for (unsigned i = 0; i < info->count; i++) {
        const crm_attribute_t *a = &info->attributes[i];
        const uint32_t child = child_named(w->m, node, a->name);
        if (child != CRM_NO_NODE) {
            write_comma(w);
            g_string_append_c(w->out, '"');
            g_string_append_len(w->out, a->name, a->length);
            g_string_append_len(w->out, "\":", 2);
            write_node(w, child);
        }
    }
    write_other_members(w, node);
    g_string_append_c(w->out, '}');
}

static void
write_list(writer_t *w, uint32_t node)
{
    const crm_message_t *m = w->m;

    g_string_append_c(w->out, '[');
    for (uint32_t n = node + 1; n < m->nodes[node].next; n = m->nodes[n].next) {
        if (m->nodes[n].value != CRM_VALUE_REST) {
            write_comma(w);
            write_node(w, n);
            continue;
        }
        const uint32_t end = w->doc->tokens[m->nodes[node].token].next;
        for (uint32_t t = m->nodes[n].token; t < end; t = w->doc->tokens[t].next) {
            write_comma(w);
            write_token(w, t);
        }
    }
    g_string_append_c(w->out, ']');
}

/* What the reference leads to, or the reference itself. */
static void
write_reference(writer_t *w, uint32_t node)
{
    if (w->m->nodes[node].next > node + 1) {
        write_node(w, node + 1);
        return;
    }
    g_string_append(w->out, "{\"py/id\":");
    write_token(w, w->m->nodes[node].token);
    g_string_append_c(w->out, '}');
}

static void
write_enum(writer_t *w, const crm_node_t *n)
{
    const char *name = crm_enum_name((crm_field_t)n->field, n->number);

    if (name) {
        write_string(w, name);
    } else {
        write_integer(w, n->number);
    }
}

static void
write_node(writer_t *w, uint32_t node)
{
    const crm_node_t *n = &w->m->nodes[node];

    if (n->field == CRM_FIELD_REFERENCE) {
        write_reference(w, node);
        return;
    }
    switch ((crm_value_t)n->value) {
    case CRM_VALUE_OBJECT:
        write_object(w, node);
        break;
    case CRM_VALUE_LIST:
        write_list(w, node);
        break;
    case CRM_VALUE_ENUM:
        write_enum(w, n);
        break;
    default:
        write_token(w, n->token);
    }
}

static uint32_t
id_token(const crm_message_t *m)
{
    const uint32_t node = m->first[CRM_FIELD_ID];
    return node == CRM_NO_NODE ? CRM_JSON_NONE : m->nodes[node].token;
}

const char *
crm_dto_json_write(crm_dto_json_t *writer, const crm_message_t *message)
{
    writer_t w = {
        .m = message,
        .doc = &message->doc,
        .out = writer->text,
        .scratch = writer->scratch,
        .open = writer->open,
        .generator = writer->generator,
        .scalar = json_generator_get_root(writer->generator),
        .id = id_token(message),
    };

    if (message->doc.status != CRM_JSON_OK) {
        return NULL;
    }
    g_string_truncate(w.out, 0);
    if (w.doc->tokens[0].type == CRM_JSON_OBJECT) {
        write_object(&w, 0);
    } else {
        write_token(&w, 0);
    }
    crm_pickle_index_clear(&w.numbers);
    /* json-glib leaves C1 and bidirectional controls as they are. */
    crm_make_safe(w.out, w.id_at);
    writer->id_at = w.id_count == 1 ? w.id_at : 0;
    return w.out->str;
}
