/* dto-json.c
 * A message as one line of plain JSON, the same for every dialect
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "dto-json.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "visible.h"

/* json-glib copies every string it is given, so one buffer serves them all. */
typedef struct {
    const crm_message_t *m;
    GString *scratch;
} writer_t;

static JsonNode *
string_node(const char *text)
{
    return json_node_init_string(json_node_alloc(), text);
}

static const char *
decoded(writer_t *w, uint32_t token)
{
    g_string_truncate(w->scratch, 0);
    crm_json_append_text(&w->m->doc, token, w->scratch);
    return w->scratch->str;
}

static const char *
json_text(writer_t *w, uint32_t token)
{
    uint32_t start, end;
    crm_json_extent(&w->m->doc, token, &start, &end);
    g_string_truncate(w->scratch, 0);
    g_string_append_len(w->scratch, (const char *)w->m->doc.data + start, end - start);
    return w->scratch->str;
}

/* Values as they were sent */

static JsonNode *
number_to_json(writer_t *w, uint32_t token)
{
    int64_t integer;

    if (crm_json_get_int64(&w->m->doc, token, &integer)) {
        return json_node_init_int(json_node_alloc(), integer);
    }
    const char *text = json_text(w, token);
    const double number = g_ascii_strtod(text, NULL);
    if (w->m->doc.tokens[token].flags & CRM_JSON_INTEGER || !isfinite(number)) {
        return string_node(text);
    }
    return json_node_init_double(json_node_alloc(), number);
}

static JsonNode *
scalar_to_json(writer_t *w, uint32_t token)
{
    switch ((crm_json_type_t)w->m->doc.tokens[token].type) {
    case CRM_JSON_STRING:
        return string_node(decoded(w, token));
    case CRM_JSON_NUMBER:
        return number_to_json(w, token);
    case CRM_JSON_TRUE:
    case CRM_JSON_FALSE:
        return json_node_init_boolean(json_node_alloc(), w->m->doc.tokens[token].type == CRM_JSON_TRUE);
    case CRM_JSON_NULL:
        return json_node_init_null(json_node_alloc());
    default:
        return string_node(json_text(w, token));
    }
}

typedef struct {
    JsonNode *node;
    uint32_t end; /* the token after the container */
} level_t;

static void
add_to_container(writer_t *w, JsonNode *container, uint32_t token, JsonNode *value)
{
    if (JSON_NODE_HOLDS_OBJECT(container)) {
        json_object_set_member(json_node_get_object(container), decoded(w, token - 1), value);
    } else {
        json_array_add_element(json_node_get_array(container), value);
    }
}

static JsonNode *
new_container(uint8_t type)
{
    JsonNode *node = json_node_alloc();

    if (type == CRM_JSON_OBJECT) {
        json_node_init(node, JSON_NODE_OBJECT);
        json_node_take_object(node, json_object_new());
    } else {
        json_node_init(node, JSON_NODE_ARRAY);
        json_node_take_array(node, json_array_new());
    }
    return node;
}

/* A value and all that it holds, without recursion: the sender chose its depth. */
static JsonNode *
token_to_json(writer_t *w, uint32_t token)
{
    const crm_json_token_t *tokens = w->m->doc.tokens;
    level_t levels[CRM_DTO_JSON_MAX_DEPTH];
    JsonNode *root = NULL;
    unsigned depth = 0;
    const uint32_t end = tokens[token].next;

    for (uint32_t t = token; t < end;) {
        while (depth > 0 && t >= levels[depth - 1].end) {
            depth--;
        }
        level_t *level = depth ? &levels[depth - 1] : NULL;
        t += level && JSON_NODE_HOLDS_OBJECT(level->node); /* past the member's name */
        const bool container = tokens[t].type <= CRM_JSON_ARRAY;
        JsonNode *value = !container                        ? scalar_to_json(w, t)
                          : depth == CRM_DTO_JSON_MAX_DEPTH ? string_node(json_text(w, t))
                                                            : new_container(tokens[t].type);
        if (level) {
            add_to_container(w, level->node, t, value);
        } else {
            root = value;
        }
        if (container && depth < CRM_DTO_JSON_MAX_DEPTH) {
            levels[depth++] = (level_t){value, tokens[t].next};
            t++;
        } else {
            t = tokens[t].next;
        }
    }
    return root;
}

/* Nodes */

static JsonNode *node_to_json(writer_t *w, uint32_t node);

/* The member of an object that has this attribute's name; the last one. */
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

/* The members that the tree's limit left out, but not those that it shows. */
static void
add_rest_members(writer_t *w, JsonObject *object, const crm_node_t *rest, uint32_t end)
{
    for (uint32_t key = rest->token; key < end; key = w->m->doc.tokens[key + 1].next) {
        if (!json_object_has_member(object, decoded(w, key))) {
            JsonNode *value = token_to_json(w, key + 1);
            json_object_set_member(object, decoded(w, key), value);
        }
    }
}

static void
add_other_members(writer_t *w, JsonObject *object, uint32_t node)
{
    const crm_message_t *m = w->m;

    for (uint32_t n = node + 1; n < m->nodes[node].next; n = m->nodes[n].next) {
        const crm_node_t *member = &m->nodes[n];
        if (member->field != CRM_FIELD_MEMBER || member->flags & CRM_NODE_REPEATED) {
            continue;
        }
        if (member->value == CRM_VALUE_REST) {
            add_rest_members(w, object, member, m->doc.tokens[m->nodes[node].token].next);
        } else {
            JsonNode *value = token_to_json(w, member->token);
            json_object_set_member(object, decoded(w, member->token - 1), value);
        }
    }
}

static JsonNode *
object_to_json(writer_t *w, uint32_t node)
{
    const crm_node_t *n = &w->m->nodes[node];
    JsonNode *result = new_container(CRM_JSON_OBJECT);
    JsonObject *object = json_node_get_object(result);
    const char *name;

    for (unsigned i = 0; (name = crm_class_attribute((crm_class_t)n->class, i)) != NULL; i++) {
        const uint32_t child = child_named(w->m, node, name);
        if (child != CRM_NO_NODE) {
            json_object_set_member(object, name, node_to_json(w, child));
        }
    }
    add_other_members(w, object, node);
    return result;
}

static JsonNode *
list_to_json(writer_t *w, uint32_t node)
{
    const crm_message_t *m = w->m;
    JsonNode *result = new_container(CRM_JSON_ARRAY);
    JsonArray *array = json_node_get_array(result);

    for (uint32_t n = node + 1; n < m->nodes[node].next; n = m->nodes[n].next) {
        if (m->nodes[n].value != CRM_VALUE_REST) {
            json_array_add_element(array, node_to_json(w, n));
            continue;
        }
        const uint32_t end = m->doc.tokens[m->nodes[node].token].next;
        for (uint32_t t = m->nodes[n].token; t < end; t = m->doc.tokens[t].next) {
            json_array_add_element(array, token_to_json(w, t));
        }
    }
    return result;
}

/* What the reference leads to, or the reference itself. */
static JsonNode *
reference_to_json(writer_t *w, uint32_t node)
{
    if (w->m->nodes[node].next > node + 1) {
        return node_to_json(w, node + 1);
    }
    JsonNode *result = new_container(CRM_JSON_OBJECT);
    json_object_set_member(json_node_get_object(result), "py/id", token_to_json(w, w->m->nodes[node].token));
    return result;
}

static JsonNode *
enum_to_json(const crm_node_t *n)
{
    const char *name = crm_enum_name((crm_field_t)n->field, n->number);
    return name ? string_node(name) : json_node_init_int(json_node_alloc(), n->number);
}

static JsonNode *
node_to_json(writer_t *w, uint32_t node)
{
    const crm_node_t *n = &w->m->nodes[node];

    if (n->field == CRM_FIELD_REFERENCE) {
        return reference_to_json(w, node);
    }
    switch ((crm_value_t)n->value) {
    case CRM_VALUE_OBJECT:
        return object_to_json(w, node);
    case CRM_VALUE_LIST:
        return list_to_json(w, node);
    case CRM_VALUE_ENUM:
        return enum_to_json(n);
    default:
        return token_to_json(w, n->token);
    }
}

char *
crm_message_to_json(const crm_message_t *message)
{
    if (message->doc.status != CRM_JSON_OK) {
        return NULL;
    }
    writer_t w = {.m = message, .scratch = g_string_new(NULL)};
    JsonNode *root =
        message->doc.tokens[0].type == CRM_JSON_OBJECT ? object_to_json(&w, 0) : token_to_json(&w, 0);
    char *text = json_to_string(root, FALSE);

    /* json-glib leaves C1 and bidirectional controls as they are. */
    g_string_assign(w.scratch, text);
    crm_make_safe(w.scratch, 0);
    g_free(text);
    json_node_unref(root);
    return g_string_free(w.scratch, FALSE);
}
