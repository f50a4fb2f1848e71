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

typedef struct {
    const crm_message_t *m;
    const crm_json_t *doc;
    GString *out;
    GString *scratch;
    JsonGenerator *generator;
    JsonNode *scalar; /* the generator's own root, given one value after another */
} writer_t;

void
crm_dto_json_init(crm_dto_json_t *writer)
{
    JsonNode *root = json_node_init_string(json_node_alloc(), "");

    writer->generator = json_generator_new();
    writer->text = g_string_new(NULL);
    writer->scratch = g_string_new(NULL);
    json_generator_set_root(writer->generator, root); /* a copy of it */
    json_node_unref(root);
}

void
crm_dto_json_clear(crm_dto_json_t *writer)
{
    g_object_unref(writer->generator);
    g_string_free(writer->text, TRUE);
    g_string_free(writer->scratch, TRUE);
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
    g_string_append_len(w->scratch, (const char *)w->doc->data + start, end - start);
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
    if (w->doc->tokens[token].flags & CRM_JSON_INTEGER || !isfinite(number)) {
        write_string(w, text);
    } else {
        g_string_append(w->out, text); /* json-glib 1.6 would write 4e53 as 4e+53.0, which is not JSON */
    }
}

static void
write_scalar_token(writer_t *w, uint32_t token)
{
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

/* The containers that are open, by token. */
typedef struct {
    uint32_t tokens[CRM_JSON_MAX_DEPTH];
    unsigned depth;
} containers_t;

static void
close_containers(writer_t *w, containers_t *open, uint32_t next)
{
    while (open->depth > 0 && w->doc->tokens[open->tokens[open->depth - 1]].next <= next) {
        const uint8_t type = w->doc->tokens[open->tokens[--open->depth]].type;
        g_string_append_c(w->out, type == CRM_JSON_OBJECT ? '}' : ']');
    }
}

/* A value and all that it holds, without recursion: the sender chose its depth. */
static void
write_token(writer_t *w, uint32_t token)
{
    const crm_json_token_t *tokens = w->doc->tokens;
    const uint32_t end = tokens[token].next;
    containers_t open; /* not zeroed: most values are not containers */

    open.depth = 0;
    for (uint32_t t = token; t < end; close_containers(w, &open, t)) {
        if (open.depth > 0 && tokens[open.tokens[open.depth - 1]].type == CRM_JSON_OBJECT) {
            if (tokens[t].flags & CRM_JSON_REPEATED) {
                t = tokens[t + 1].next;
                continue;
            }
            write_name(w, t++);
        } else if (open.depth > 0) {
            write_comma(w);
        }
        if (tokens[t].type > CRM_JSON_ARRAY) {
            write_scalar_token(w, t);
        } else {
            g_string_append_c(w->out, tokens[t].type == CRM_JSON_OBJECT ? '{' : '[');
            open.tokens[open.depth++] = t;
        }
        t++;
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

const char *
crm_dto_json_write(crm_dto_json_t *writer, const crm_message_t *message)
{
    writer_t w = {
        .m = message,
        .doc = &message->doc,
        .out = writer->text,
        .scratch = writer->scratch,
        .generator = writer->generator,
        .scalar = json_generator_get_root(writer->generator),
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
    /* json-glib leaves C1 and bidirectional controls as they are. */
    crm_make_safe(w.out, 0);
    return w.out->str;
}
