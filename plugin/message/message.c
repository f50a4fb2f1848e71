/* message.c
 * A CRM datagram as a message: which DTO, which attributes, and what is wrong
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "append.h"
#include "pickle.h"
#include "schema.h"
#include "visible.h"

/* Message, info, filters, entry, criteria, entry, attribute: the schema's own
 * depth, which bounds the recursion here; a datagram cannot add to it, as a
 * reference only leads to an object that ended before it. */
#define MAX_PATH 8

/* Which way "py/id" counts in this document. */
typedef enum { NUMBERING_UNKNOWN, NUMBERING_WITHOUT_DICTS, NUMBERING_WITH_DICTS } numbering_t;

typedef struct {
    const char *name; /* an attribute, or NULL for the entry of a list at `position` */
    uint32_t position;
} step_t;

typedef struct {
    crm_message_t *m;
    const crm_json_t *doc;
    step_t path[MAX_PATH];
    unsigned depth;
    unsigned generated; /* inside how many references */
    uint32_t entries;   /* counted against CRM_MAX_ENTRIES */

    crm_pickle_index_t numbers; /* filled at the first reference */
    numbering_t numbering;
    uint32_t referenced; /* counted against CRM_MAX_REFERENCED */
    uint32_t ambiguous;  /* references that fit either way, with different targets */
    uint32_t only_without, only_with;
} walk_t;

static void walk_value(walk_t *w, const crm_attribute_t *a, uint32_t value);

/* Texts */

void
crm_message_init(crm_message_t *message)
{
    memset(message, 0, sizeof *message);
    crm_schema_init();
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

static uint32_t
begin_text(walk_t *w)
{
    return (uint32_t)w->m->text->len;
}

static void
end_text(walk_t *w)
{
    crm_append(w->m->text, "", 1);
}

/* "info.ports[0].port" */
static void
append_path(walk_t *w)
{
    for (unsigned i = 0; i < MIN(w->depth, MAX_PATH); i++) {
        if (w->path[i].name) {
            g_string_append_printf(w->m->text, i > 0 ? ".%s" : "%s", w->path[i].name);
        } else {
            g_string_append_printf(w->m->text, "[%u]", w->path[i].position);
        }
    }
}

/* A value as it was sent. One that breaks off may do so inside a character. */
static void
append_json(walk_t *w, uint32_t value)
{
    uint32_t start, end;
    crm_json_extent(w->doc, value, &start, &end);
    const char *text = (const char *)w->doc->data + start, *valid = text + (end - start);

    if (w->doc->tokens[value].flags & CRM_JSON_OPEN) {
        g_utf8_validate(text, valid - text, &valid);
    }
    crm_append(w->m->text, text, (size_t)(valid - text));
}

static void
enter(walk_t *w, const char *name, uint32_t position)
{
    if (w->depth < MAX_PATH) {
        w->path[w->depth] = (step_t){name, position};
    }
    w->depth++;
}

static void
leave(walk_t *w)
{
    w->depth--;
}

/* Nodes */

static uint32_t
add_node_at(walk_t *w, crm_field_t field, crm_value_t value, uint32_t token, uint32_t start, uint32_t end)
{
    crm_message_t *m = w->m;

    if (m->count == m->capacity) {
        m->capacity = m->capacity ? m->capacity * 2 : 64;
        m->nodes = g_renew(crm_node_t, m->nodes, m->capacity);
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
        .flags = w->generated ? CRM_NODE_GENERATED : 0,
        .name = w->depth && w->depth <= MAX_PATH ? w->path[w->depth - 1].name : NULL,
    };
    if (!w->generated && m->first[field] == CRM_NO_NODE && value != CRM_VALUE_RAW) {
        m->first[field] = m->count;
    }
    return m->count++;
}

static uint32_t
add_node(walk_t *w, crm_field_t field, crm_value_t value, uint32_t token)
{
    const crm_json_token_t *t = &w->doc->tokens[token];
    const uint32_t node = add_node_at(w, field, value, token, t->start, t->end);
    if (t->flags & CRM_JSON_OPEN) {
        w->m->nodes[node].flags |= CRM_NODE_OPEN;
    }
    return node;
}

static void
end_node(walk_t *w, uint32_t node)
{
    w->m->nodes[node].next = w->m->count;
}

static void
append_decoded(walk_t *w, uint32_t string)
{
    const crm_json_token_t *t = &w->doc->tokens[string];

    if (t->flags & CRM_JSON_ESCAPED) {
        crm_json_append_text(w->doc, string, w->m->text);
    } else {
        crm_append(w->m->text, w->doc->data + t->start, t->end - t->start);
    }
}

static void
set_decoded_text(walk_t *w, uint32_t node)
{
    const uint32_t text = begin_text(w), string = w->m->nodes[node].token;

    append_decoded(w, string);
    if (w->doc->tokens[string].flags & CRM_JSON_SPECIAL) {
        crm_make_safe(w->m->text, text);
    }
    end_text(w);
    w->m->nodes[node].text = text;
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

/* Findings */

static crm_finding_t *
new_finding(crm_message_t *m)
{
    if (m->finding_count == m->finding_capacity) {
        m->finding_capacity = m->finding_capacity ? m->finding_capacity * 2 : 16;
        m->findings = g_renew(crm_finding_t, m->findings, m->finding_capacity);
    }
    return &m->findings[m->finding_count++];
}

/* Appends to the node's list: the first finding of a node is read first. */
static void
link_finding(crm_message_t *m, uint32_t node)
{
    uint32_t *link = &m->nodes[node].finding;
    while (*link != CRM_NO_FINDING) {
        link = &m->findings[*link].next;
    }
    *link = m->finding_count - 1;
}

static bool
begin_finding(walk_t *w, crm_finding_kind_t kind, uint32_t node, uint32_t start, uint32_t end)
{
    if (w->m->finding_count == CRM_MAX_FINDINGS) {
        w->m->findings_left_out++;
        return false;
    }
    *new_finding(w->m) = (crm_finding_t){
        .start = start, .end = end, .text = begin_text(w), .next = CRM_NO_FINDING, .kind = (uint8_t)kind};
    link_finding(w->m, node);
    return true;
}

static void G_GNUC_PRINTF(4, 5)
    find_at_node(walk_t *w, crm_finding_kind_t kind, uint32_t node, const char *format, ...)
{
    const crm_node_t *n = &w->m->nodes[node];
    if (begin_finding(w, kind, node, n->start, n->end)) {
        va_list arguments;
        va_start(arguments, format);
        append_path(w);
        g_string_append(w->m->text, w->depth ? ": " : "");
        g_string_append_vprintf(w->m->text, format, arguments);
        va_end(arguments);
        end_text(w);
    }
}

static const char *
type_in_words(const crm_json_token_t *t)
{
    switch ((crm_json_type_t)t->type) {
    case CRM_JSON_OBJECT:
        return "an object";
    case CRM_JSON_ARRAY:
        return "a list";
    case CRM_JSON_STRING:
        return "a string";
    case CRM_JSON_NUMBER:
        return t->flags & CRM_JSON_INTEGER ? "an integer" : "a number with a fraction or exponent";
    case CRM_JSON_NULL:
        return "null";
    case CRM_JSON_CONSTANT:
        return "no finite number";
    default:
        return "a boolean";
    }
}

/* A value that cannot stand in its field: shown as text, in its place. */
static uint32_t
add_raw(walk_t *w, crm_field_t field, uint32_t value)
{
    uint32_t start, end;
    crm_json_extent(w->doc, value, &start, &end);
    const uint32_t node = add_node_at(w, field, CRM_VALUE_RAW, value, start, end);
    w->m->nodes[node].text = begin_text(w);
    append_json(w, value);
    end_text(w);
    if (w->doc->tokens[value].flags & CRM_JSON_OPEN) {
        w->m->nodes[node].flags |= CRM_NODE_OPEN;
    }
    return node;
}

static void
add_wrong_type(walk_t *w, crm_field_t field, uint32_t value, const char *expected)
{
    const uint32_t node = add_raw(w, field, value);
    find_at_node(w, CRM_FINDING_WRONG_TYPE, node, "expected %s, found %s", expected,
                 type_in_words(&w->doc->tokens[value]));
}

/* Members that no DTO defines */

static void
append_member_name(walk_t *w, uint32_t key)
{
    append_path(w);
    g_string_append(w->m->text, w->depth ? "." : "");
    crm_json_append_text(w->doc, key, w->m->text);
}

/* One that breaks off is shown, but is no field: its value is not known. */
static uint32_t
add_member(walk_t *w, uint32_t key, uint32_t value)
{
    const bool open = w->doc->tokens[value].flags & CRM_JSON_OPEN;
    const uint32_t node = add_node_at(w, CRM_FIELD_MEMBER, open ? CRM_VALUE_RAW : CRM_VALUE_TEXT, value,
                                      w->doc->tokens[key].start - 1, w->doc->tokens[value].end);
    crm_node_t *n = &w->m->nodes[node];
    n->name = NULL;
    n->end += w->doc->tokens[value].type == CRM_JSON_STRING;
    n->text = begin_text(w);
    append_member_name(w, key);
    g_string_append(w->m->text, " = ");
    append_json(w, value);
    crm_make_safe(w->m->text, n->text);
    end_text(w);
    w->entries++;
    return node;
}

static void
append_repeated(walk_t *w)
{
    g_string_append(w->m->text, ": this name stands again in the same object: the receiver takes the last");
    end_text(w);
}

/* The earlier of two members of one name, which the receiver drops. */
static void
add_repeated_member(walk_t *w, uint32_t key, uint32_t value)
{
    const uint32_t node = add_member(w, key, value);
    const crm_node_t *n = &w->m->nodes[node];

    w->m->nodes[node].flags |= CRM_NODE_REPEATED;
    if (begin_finding(w, CRM_FINDING_DUPLICATE_MEMBER, node, n->start, n->end)) {
        append_member_name(w, key);
        append_repeated(w);
    }
    w->m->doc.tokens[key].flags &= (uint8_t)~CRM_JSON_REPEATED;
}

/* What the limit left out: one node that says how many, over all their bytes. */
static void
add_rest(walk_t *w, uint32_t first, uint32_t end, uint32_t count, const char *what)
{
    const uint32_t node =
        add_node_at(w, CRM_FIELD_MEMBER, CRM_VALUE_REST, first, w->doc->tokens[first].start, end);
    crm_node_t *n = &w->m->nodes[node];
    n->name = NULL;
    n->number = count;
    n->text = begin_text(w);
    append_path(w);
    g_string_append_printf(w->m->text, "%s%u more %s, which are not shown: a datagram's limit is %d",
                           w->depth ? ": " : "", count, what, CRM_MAX_ENTRIES);
    end_text(w);
}

/* Scalars */

static void
walk_text(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    if (w->doc->tokens[value].type != CRM_JSON_STRING) {
        add_wrong_type(w, (crm_field_t)a->field, value, "a string");
        return;
    }
    set_decoded_text(w, add_node(w, (crm_field_t)a->field, CRM_VALUE_TEXT, value));
}

/* A zone, as in fe80::1%eth0, belongs to the host and is no part of the address. */
static int64_t
address_family(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr binary;
    const size_t length = strcspn(text, "%");

    if (length >= sizeof address) {
        return CRM_ADDRESS_INVALID;
    }
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(AF_INET6, address, &binary) == 1) {
        return CRM_ADDRESS_IPV6;
    }
    return text[length] == '\0' && inet_pton(AF_INET, address, &binary) == 1 ? CRM_ADDRESS_IPV4
                                                                             : CRM_ADDRESS_INVALID;
}

static void
walk_address(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const uint32_t node = w->m->count;

    walk_text(w, a, value);
    crm_node_t *n = &w->m->nodes[node];
    if (n->value == CRM_VALUE_TEXT) {
        n->number = address_family(crm_message_text(w->m, n->text));
        if (n->number == CRM_ADDRESS_INVALID) {
            find_at_node(w, CRM_FINDING_INET_ADDR_INVALID, node, "neither an IPv4 nor an IPv6 address");
        }
    }
}

static void
add_number(walk_t *w, crm_field_t field, crm_value_t kind, uint32_t value, int64_t number)
{
    const uint32_t node = add_node(w, field, kind, value); /* may move the nodes */
    w->m->nodes[node].number = number;
}

static void
walk_integer(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const crm_json_token_t *t = &w->doc->tokens[value];
    int64_t number;

    if (crm_json_get_int64(w->doc, value, &number)) {
        add_number(w, (crm_field_t)a->field, CRM_VALUE_NUMBER, value, number);
    } else {
        add_wrong_type(w, (crm_field_t)a->field, value,
                       t->flags & CRM_JSON_INTEGER ? "an integer of at most 64 bits" : "an integer");
    }
}

/* 0 is out of range too, but it fits the field, so that a filter finds it. */
static void
walk_port(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const crm_json_token_t *t = &w->doc->tokens[value];
    int64_t number;
    uint32_t node = w->m->count;

    if (!(t->flags & CRM_JSON_INTEGER)) {
        add_wrong_type(w, (crm_field_t)a->field, value, "an integer");
        return;
    }
    if (crm_json_get_int64(w->doc, value, &number) && number >= 0 && number <= UINT16_MAX) {
        add_number(w, (crm_field_t)a->field, CRM_VALUE_NUMBER, value, number);
        if (number > 0) {
            return;
        }
    } else {
        add_raw(w, (crm_field_t)a->field, value);
    }
    find_at_node(w, CRM_FINDING_PORT_OUT_OF_RANGE, node, "a port is a number from 1 to 65535");
}

static void
walk_bool(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const uint8_t type = w->doc->tokens[value].type;

    if (type == CRM_JSON_TRUE || type == CRM_JSON_FALSE) {
        add_number(w, (crm_field_t)a->field, CRM_VALUE_BOOL, value, type == CRM_JSON_TRUE);
    } else {
        add_wrong_type(w, (crm_field_t)a->field, value, "true or false");
    }
}

/* The text itself, from whichever form: "text", ["text"], {"py/tuple": ["text"]}. */
static void
walk_message_text(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const uint32_t list = crm_pickle_list(w->doc, value);
    const crm_json_token_t *tokens = w->doc->tokens;

    if (list != CRM_JSON_NONE && !(tokens[list].flags & CRM_JSON_OPEN)) {
        if (tokens[list].next != list + 2) {
            add_wrong_type(w, (crm_field_t)a->field, value, "a tuple of one string");
            return;
        }
        value = list + 1;
    } else if (list != CRM_JSON_NONE && tokens[list].next > list + 1) {
        value = list + 1;
    } else if (tokens[value].flags & CRM_JSON_OPEN) {
        return; /* it breaks off before the text is complete */
    }
    walk_text(w, a, value);
}

/* Enums */

/* An enum's number, when it has one that the field can hold. */
static bool
enum_number(walk_t *w, crm_field_t field, const crm_pickle_enum_t *e, int64_t *number)
{
    if (e->number != CRM_JSON_NONE) {
        return crm_json_get_int64(w->doc, e->number, number) && *number >= 0 && *number <= UINT32_MAX;
    }
    return e->name != CRM_JSON_NONE && crm_schema_enum_number(field, w->doc, e->name, number);
}

static void
check_enum(walk_t *w, crm_field_t field, uint32_t node, const crm_pickle_enum_t *e)
{
    const bool known = w->m->nodes[node].value == CRM_VALUE_ENUM;
    const int64_t number = w->m->nodes[node].number;
    crm_enum_class_t enum_class = CRM_ENUM_OF_VRMJOBS;

    if (e->class_name != CRM_JSON_NONE) {
        enum_class = crm_schema_enum_class(field, w->doc, e->class_name);
    }
    if (enum_class == CRM_ENUM_OTHER) {
        find_at_node(w, CRM_FINDING_UNKNOWN_ENUM, node, "the enum's class is not %s",
                     field == CRM_FIELD_HOST_TYPE ? "HostType" : "CrmPktType or VrmType");
    } else if (!known) {
        find_at_node(w, CRM_FINDING_UNKNOWN_ENUM, node, "no %s of this name or number is defined",
                     field == CRM_FIELD_HOST_TYPE ? "host type" : "packet type");
    } else if (!crm_schema_enum_has(field, enum_class, number)) {
        find_at_node(w, CRM_FINDING_UNKNOWN_ENUM, node, "%" PRId64 " is not defined%s", number,
                     crm_enum_name(field, number) ? " in the enum of crm-dtos, only in that of vrmjobs" : "");
    }
}

static void
walk_enum(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const crm_field_t field = (crm_field_t)a->field;
    crm_pickle_enum_t e;
    int64_t number = 0;

    if (w->doc->tokens[value].flags & CRM_JSON_OPEN) {
        add_raw(w, field, value);
        return;
    }
    if (!crm_pickle_enum(w->doc, value, &e)) {
        add_wrong_type(w, field, value, "an enum in one of jsonpickle's forms");
        return;
    }
    w->m->enum_forms |= (uint8_t)(1 << e.form);
    const uint32_t node = w->m->count;
    if (enum_number(w, field, &e, &number)) {
        uint32_t start, end;
        crm_json_extent(w->doc, value, &start, &end);
        add_node_at(w, field, CRM_VALUE_ENUM, value, start, end);
        w->m->nodes[node].number = number;
    } else {
        add_raw(w, field, value);
    }
    check_enum(w, field, node, &e);
}

/* References */

/* Whether what a reference leads to can stand here. It must have ended before
 * the reference, so no reference leads to what it stands in. */
static bool
fits(walk_t *w, const crm_attribute_t *a, uint32_t target, uint32_t reference)
{
    const crm_json_token_t *tokens = w->doc->tokens;

    if (target == CRM_JSON_NONE || tokens[target].end > tokens[reference].start) {
        return false;
    }
    if (a->kind == CRM_KIND_LIST) {
        return tokens[target].type == CRM_JSON_ARRAY;
    }
    if (a->kind != CRM_KIND_OBJECT || tokens[target].type != CRM_JSON_OBJECT) {
        return false;
    }
    const uint32_t name = crm_pickle_class(w->doc, target);
    if (a->class == CRM_CLASS_CRITERION) {
        return name == CRM_JSON_NONE && crm_json_member(w->doc, target, "field_name") != CRM_JSON_NONE;
    }
    return name != CRM_JSON_NONE && crm_schema_class(crm_schema_find_class(w->doc, name))->family ==
                                        crm_schema_class((crm_class_t)a->class)->family;
}

/* The target, or CRM_JSON_NONE with the reason. */
static uint32_t
resolve(walk_t *w, const crm_attribute_t *a, uint32_t reference, int64_t n, const char **why)
{
    if (w->numbers.with_dicts == NULL) {
        crm_pickle_index_fill(&w->numbers, w->doc);
    }
    uint32_t without = crm_pickle_index_get(w->numbers.without_dicts, n);
    uint32_t with = crm_pickle_index_get(w->numbers.with_dicts, n);

    without = fits(w, a, without, reference) ? without : CRM_JSON_NONE;
    with = fits(w, a, with, reference) ? with : CRM_JSON_NONE;
    *why = "nothing that this attribute can hold has this number";
    if (without == with) {
        return with;
    }
    if (with == CRM_JSON_NONE) {
        w->only_without++;
        return without;
    }
    if (without == CRM_JSON_NONE) {
        w->only_with++;
        return with;
    }
    w->ambiguous++;
    *why = "jsonpickle 1.x and 2.x count differently, and nothing in the document tells which wrote it";
    return w->numbering == NUMBERING_UNKNOWN      ? CRM_JSON_NONE
           : w->numbering == NUMBERING_WITH_DICTS ? with
                                                  : without;
}

static bool
may_bring_back(walk_t *w, uint32_t target)
{
    w->referenced += w->doc->tokens[target].end - w->doc->tokens[target].start;
    return w->referenced <= CRM_MAX_REFERENCED;
}

static void
walk_reference(walk_t *w, const crm_attribute_t *a, uint32_t value, uint32_t number_token)
{
    const char *why = "a py/id is a number from 0";
    int64_t n;
    uint32_t target = CRM_JSON_NONE, node = w->m->count;

    if (crm_json_get_int64(w->doc, number_token, &n) && n >= 0 && n <= UINT32_MAX) {
        add_number(w, CRM_FIELD_REFERENCE, CRM_VALUE_NUMBER, number_token, n);
        target = resolve(w, a, value, n, &why);
        if (target != CRM_JSON_NONE && !may_bring_back(w, target)) {
            why = "not shown again: what references bring back is limited to 64 KiB a datagram";
            target = CRM_JSON_NONE;
        }
    } else {
        add_raw(w, CRM_FIELD_REFERENCE, number_token);
    }
    if (target == CRM_JSON_NONE) {
        find_at_node(w, CRM_FINDING_UNRESOLVED_REFERENCE, node, "%s", why);
        return;
    }
    w->generated++;
    walk_value(w, a, target);
    w->generated--;
    end_node(w, node);
}

/* Objects and lists */

/* The value of an attribute as upstream's __str__ would print it. */
static void
append_value(walk_t *w, uint32_t object, crm_field_t field)
{
    const uint32_t node = crm_message_child(w->m, object, field);

    if (node == CRM_NO_NODE) {
        g_string_append_c(w->m->text, '?');
    } else if (w->m->nodes[node].value == CRM_VALUE_TEXT) {
        append_decoded(w, w->m->nodes[node].token);
    } else {
        append_json(w, w->m->nodes[node].token);
    }
}

/* The one line of a PortInfo and of a criterion, where one belongs; an object
 * that breaks off has none. */
static void
set_object_text(walk_t *w, uint32_t node)
{
    static const struct {
        crm_field_t field;
        crm_class_t class;
        crm_field_t parts[3];
        const char *separator;
    } lines[] = {
        {CRM_FIELD_PORT_INFO, CRM_CLASS_PORT_INFO, {CRM_FIELD_DAEMON, CRM_FIELD_PORT, CRM_FIELD_NONE}, ":"},
        {CRM_FIELD_CRITERION,
         CRM_CLASS_CRITERION,
         {CRM_FIELD_FIELD_NAME, CRM_FIELD_REGEX, CRM_FIELD_FIELD_VALUE},
         " "},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
        const crm_node_t *n = &w->m->nodes[node];
        if (n->field != lines[i].field || n->class != lines[i].class || n->flags & CRM_NODE_OPEN) {
            continue;
        }
        w->m->nodes[node].text = begin_text(w);
        for (unsigned p = 0; p < 3 && lines[i].parts[p] != CRM_FIELD_NONE; p++) {
            crm_append_words(w->m->text, p > 0 ? lines[i].separator : "");
            append_value(w, node, lines[i].parts[p]);
        }
        crm_make_safe(w->m->text, w->m->nodes[node].text);
        end_text(w);
    }
}

static void
find_missing(walk_t *w, const crm_class_info_t *info, uint32_t node, uint32_t groups)
{
    uint32_t missing = crm_schema_groups(info) & ~groups;

    for (unsigned i = 0; missing && i < info->count; i++) {
        const crm_attribute_t *a = &info->attributes[i];
        if (missing & 1U << a->group) {
            missing &= ~(1U << a->group);
            find_at_node(w, CRM_FINDING_MISSING_MEMBER, node, "%s has no \"%s\"", info->name, a->name);
        }
    }
}

/* "py/object" inside the message is told by its class; at the root it is a field. */
static bool
walk_class_name(walk_t *w, uint32_t key, uint32_t value)
{
    if (w->doc->tokens[value].type != CRM_JSON_STRING || !CRM_PICKLE_KEY_IS(w->doc, key, "py/object")) {
        return false;
    }
    if (w->depth == 0) {
        set_decoded_text(w, add_node(w, CRM_FIELD_OBJECT, CRM_VALUE_TEXT, value));
    }
    if (w->m->encoding != CRM_ENCODING_STATE) {
        w->m->encoding = CRM_ENCODING_JSONPICKLE;
    }
    return true;
}

typedef struct {
    uint32_t groups;   /* bit n: an attribute of group n stands here */
    uint32_t left_out; /* members past the limit */
    uint32_t first_left_out;
} seen_t;

static void
walk_member(walk_t *w, const crm_class_info_t *info, uint32_t key, uint32_t value, seen_t *seen)
{
    const crm_attribute_t *a = crm_schema_find_attribute(info, w->doc, key);
    const bool repeated = w->doc->tokens[key].flags & CRM_JSON_REPEATED;

    if (a && !repeated) {
        seen->groups |= 1U << a->group;
        enter(w, a->name, 0);
        walk_value(w, a, value);
        leave(w);
    } else if (!repeated && walk_class_name(w, key, value)) {
        return;
    } else if (w->entries == CRM_MAX_ENTRIES) {
        seen->first_left_out = seen->left_out++ ? seen->first_left_out : key;
    } else if (repeated) {
        add_repeated_member(w, key, value);
    } else {
        add_member(w, key, value);
    }
}

/* The members of an object as children of `node`. */
static void
walk_members(walk_t *w, crm_class_t class, uint32_t object, uint32_t node)
{
    const crm_class_info_t *info = crm_schema_class(class);
    crm_pickle_members_t members;
    seen_t seen = {0};
    uint32_t key, value;

    crm_pickle_members(&members, w->doc, object);
    while (crm_pickle_next_member(&members, &key, &value)) {
        walk_member(w, info, key, value, &seen);
    }
    if (members.has_state) {
        w->m->encoding = CRM_ENCODING_STATE;
    }
    if (seen.left_out) {
        add_rest(w, seen.first_left_out, w->doc->tokens[object].end, seen.left_out, "members");
    }
    if (!(w->doc->tokens[object].flags & CRM_JSON_OPEN) && node != CRM_NO_NODE) {
        find_missing(w, info, node, seen.groups);
    }
}

/* Of several classes the one that has most of an object's members; the first
 * of equals. For objects that name no class, or one that is not known. */
static crm_class_t
best_class(walk_t *w, uint32_t object, const crm_class_t *candidates, unsigned count, unsigned *score)
{
    crm_class_t best = candidates[0];

    *score = 0;
    for (unsigned i = 0; i < count; i++) {
        crm_pickle_members_t members;
        unsigned known = 0;
        uint32_t key, value;
        crm_pickle_members(&members, w->doc, object);
        while (crm_pickle_next_member(&members, &key, &value)) {
            known += crm_schema_find_attribute(crm_schema_class(candidates[i]), w->doc, key) != NULL;
        }
        if (known > *score) {
            *score = known;
            best = candidates[i];
        }
    }
    return best;
}

/* The class whose attributes an object below the root is read with. */
static crm_class_t
object_class(walk_t *w, crm_class_t expected, uint32_t object, uint32_t node)
{
    const uint32_t name = crm_pickle_class(w->doc, object);
    const crm_class_t named = name == CRM_JSON_NONE ? CRM_CLASS_NONE : crm_schema_find_class(w->doc, name);

    if (name != CRM_JSON_NONE && named == CRM_CLASS_NONE) {
        find_at_node(w, CRM_FINDING_UNKNOWN_CLASS, node,
                     "no known DTO has this py/object: the receiver gets a dictionary, not a %s",
                     crm_class_name(expected));
    } else if (named != CRM_CLASS_NONE &&
               crm_schema_class(named)->family != crm_schema_class(expected)->family) {
        find_at_node(w, CRM_FINDING_WRONG_TYPE, node, "expected a %s, found a %s", crm_class_name(expected),
                     crm_class_name(named));
        return crm_schema_is_message(named) ? expected : named;
    }
    return named != CRM_CLASS_NONE ? named : expected;
}

static crm_field_t
object_field(crm_class_t class, crm_field_t field)
{
    if (field != CRM_FIELD_HOST_INFO && field != CRM_FIELD_REGISTER_INFO) {
        return field;
    }
    return class == CRM_CLASS_REGISTER_INFO ? CRM_FIELD_REGISTER_INFO : CRM_FIELD_HOST_INFO;
}

static void
walk_object(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    static const crm_class_t infos[] = {CRM_CLASS_HOST_INFO, CRM_CLASS_REGISTER_INFO};
    crm_class_t expected = (crm_class_t)a->class;
    unsigned score;

    if (w->doc->tokens[value].type != CRM_JSON_OBJECT) {
        add_wrong_type(w, (crm_field_t)a->field, value, "an object");
        return;
    }
    if (w->m->class == CRM_CLASS_NONE && a->field == CRM_FIELD_HOST_INFO) {
        expected = best_class(w, value, infos, G_N_ELEMENTS(infos), &score);
    }
    const uint32_t node = add_node(w, object_field(expected, (crm_field_t)a->field), CRM_VALUE_OBJECT, value);
    const crm_class_t class = object_class(w, expected, value, node);
    w->m->nodes[node].class = (uint8_t) class;
    walk_members(w, class, value, node);
    end_node(w, node);
    set_object_text(w, node);
}

static void
walk_entry(walk_t *w, const crm_attribute_t *list, uint32_t position, uint32_t value)
{
    crm_attribute_t entry = *list;

    entry.kind = list->class == CRM_CLASS_NONE ? CRM_KIND_TEXT : CRM_KIND_OBJECT;
    enter(w, NULL, position);
    walk_value(w, &entry, value);
    leave(w);
    w->entries++;
}

static void
walk_list(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    const uint32_t list = crm_pickle_list(w->doc, value);
    const crm_json_token_t *tokens = w->doc->tokens;
    uint32_t position = 0, left_out = 0, entry;

    if (list == CRM_JSON_NONE) {
        add_wrong_type(w, CRM_FIELD_NONE, value, "a list");
        return;
    }
    const uint32_t node = add_node(w, CRM_FIELD_NONE, CRM_VALUE_LIST, list);
    for (entry = list + 1; entry < tokens[list].next; entry = tokens[entry].next) {
        if (w->entries >= CRM_MAX_ENTRIES) {
            break;
        }
        walk_entry(w, a, position++, entry);
    }
    for (uint32_t t = entry; t < tokens[list].next; t = tokens[t].next) {
        left_out++;
    }
    if (left_out) {
        add_rest(w, entry, tokens[list].end, left_out, "entries");
    }
    end_node(w, node);
}

static void
walk_value(walk_t *w, const crm_attribute_t *a, uint32_t value)
{
    static void (*const walkers[])(walk_t *, const crm_attribute_t *, uint32_t) = {
        [CRM_KIND_TEXT] = walk_text,
        [CRM_KIND_ADDRESS] = walk_address,
        [CRM_KIND_INTEGER] = walk_integer,
        [CRM_KIND_PORT] = walk_port,
        [CRM_KIND_BOOL] = walk_bool,
        [CRM_KIND_ENUM] = walk_enum,
        [CRM_KIND_MESSAGE] = walk_message_text,
        [CRM_KIND_OBJECT] = walk_object,
        [CRM_KIND_LIST] = walk_list,
    };
    const uint32_t number =
        w->doc->tokens[value].type == CRM_JSON_OBJECT ? crm_pickle_reference(w->doc, value) : CRM_JSON_NONE;

    if (number != CRM_JSON_NONE) {
        walk_reference(w, a, value, number);
    } else {
        walkers[a->kind](w, a, value);
    }
}

/* The message */

static const crm_class_t message_shapes[] = {CRM_CLASS_PROBE_INIT, CRM_CLASS_REPORT_INIT,
                                             CRM_CLASS_QUERY_ACK};

/* A message's `type`, when it is an enum with a number; else 0. */
static int64_t
packet_type(walk_t *w, uint32_t type)
{
    crm_pickle_enum_t e;
    int64_t number;

    if (type == CRM_JSON_NONE || w->doc->tokens[type].flags & CRM_JSON_OPEN ||
        !crm_pickle_enum(w->doc, type, &e) || !enum_number(w, CRM_FIELD_TYPE, &e, &number)) {
        return 0;
    }
    return number;
}

typedef struct {
    uint32_t class_name; /* the last "py/object", or CRM_JSON_NONE */
    uint32_t type;       /* the last `type`, or CRM_JSON_NONE */
} root_t;

static root_t
look_at_root(const crm_json_t *doc, uint32_t root)
{
    root_t found = {CRM_JSON_NONE, CRM_JSON_NONE};
    crm_pickle_members_t members;
    uint32_t key, value;

    crm_pickle_members(&members, doc, root);
    while (crm_pickle_next_member(&members, &key, &value)) {
        if (CRM_PICKLE_KEY_IS(doc, key, "py/object")) {
            found.class_name = doc->tokens[value].type == CRM_JSON_STRING ? value : CRM_JSON_NONE;
        } else if (CRM_PICKLE_KEY_IS(doc, key, "type")) {
            found.type = value;
        }
    }
    return found;
}

/* Which message this is: by its class, else by its type, else ReportInit, the
 * only one whose type is no enum, by most of its attributes. `shape`: the
 * message whose attributes it is read with, which may be no more than a guess. */
static crm_class_t
identify(walk_t *w, const root_t *root, crm_class_t named, crm_class_t *shape)
{
    unsigned score;

    if (named != CRM_CLASS_NONE) {
        return *shape = named;
    }
    const crm_class_t typed = crm_schema_message_of_type(packet_type(w, root->type));
    if (typed != CRM_CLASS_NONE) {
        *shape = typed;
        return root->class_name == CRM_JSON_NONE ? typed : CRM_CLASS_NONE;
    }
    *shape = best_class(w, 0, message_shapes, G_N_ELEMENTS(message_shapes), &score);
    return *shape == CRM_CLASS_REPORT_INIT && score >= 3 && root->class_name == CRM_JSON_NONE
               ? CRM_CLASS_REPORT_INIT
               : CRM_CLASS_NONE;
}

static void
find_unknown_class(walk_t *w, const root_t *root, crm_class_t named)
{
    const uint32_t object = w->m->first[CRM_FIELD_OBJECT];

    if (root->class_name == CRM_JSON_NONE) {
        if (w->doc->status == CRM_JSON_OK) {
            find_at_node(w, CRM_FINDING_UNKNOWN_CLASS, 0,
                         "no CRM message: the document has no py/object and no packet type");
        }
    } else if (named == CRM_CLASS_NONE) {
        find_at_node(w, CRM_FINDING_UNKNOWN_CLASS, object == CRM_NO_NODE ? 0 : object,
                     "no known DTO has this py/object: the receiver gets a dictionary, and no message");
    } else {
        find_at_node(w, CRM_FINDING_UNKNOWN_CLASS, object == CRM_NO_NODE ? 0 : object,
                     "%s is a part of messages, and no message", crm_class_name(named));
    }
}

static void
find_type_mismatch(walk_t *w)
{
    const uint32_t node = w->m->first[CRM_FIELD_TYPE];
    const uint32_t expected = crm_class_packet_type(w->m->class);

    if (node != CRM_NO_NODE && expected && w->m->nodes[node].number != expected &&
        crm_enum_name(CRM_FIELD_TYPE, w->m->nodes[node].number)) {
        find_at_node(w, CRM_FINDING_TYPE_MISMATCH, node, "type says %s, py/object says %s",
                     crm_enum_name(CRM_FIELD_TYPE, w->m->nodes[node].number), crm_class_name(w->m->class));
    }
}

static void
walk_root_object(walk_t *w)
{
    const root_t root = look_at_root(w->doc, 0);
    const crm_class_t named =
        root.class_name == CRM_JSON_NONE ? CRM_CLASS_NONE : crm_schema_find_class(w->doc, root.class_name);
    crm_class_t shape;

    w->m->class = identify(w, &root, named, &shape);
    w->m->encoding = w->doc->status == CRM_JSON_OK ? CRM_ENCODING_PLAIN : CRM_ENCODING_UNKNOWN;
    w->m->nodes[0].class = (uint8_t)shape;
    walk_members(w, shape, 0, w->m->class == CRM_CLASS_NONE ? CRM_NO_NODE : 0);
    if (!crm_schema_is_message(w->m->class)) {
        find_unknown_class(w, &root, named);
        w->m->class = CRM_CLASS_NONE;
    }
    find_type_mismatch(w);
}

static void
walk_other_root(walk_t *w)
{
    const uint32_t node = add_raw(w, CRM_FIELD_MEMBER, 0);
    w->m->nodes[node].value = w->m->nodes[node].flags & CRM_NODE_OPEN ? CRM_VALUE_RAW : CRM_VALUE_TEXT;
    w->m->nodes[node].text = begin_text(w);
    g_string_append(w->m->text, "$ = ");
    append_json(w, 0);
    crm_make_safe(w->m->text, w->m->nodes[node].text);
    end_text(w);
    if (w->doc->status == CRM_JSON_OK) {
        find_at_node(w, CRM_FINDING_UNKNOWN_CLASS, 0, "no CRM message: the document is %s, not an object",
                     type_in_words(&w->doc->tokens[0]));
    }
}

static void
find_json_error(walk_t *w)
{
    const crm_json_t *doc = w->doc;
    const uint32_t at = doc->error_at, end = at < doc->length ? at + 1 : at;

    if (doc->status == CRM_JSON_OK || (doc->status == CRM_JSON_END && w->m->cut)) {
        return;
    }
    if (doc->status == CRM_JSON_TOO_DEEP && begin_finding(w, CRM_FINDING_JSON_DEPTH, 0, at, end)) {
        g_string_append_printf(w->m->text, "at byte %u: nested deeper than %d, which Python's json refuses",
                               at, CRM_JSON_MAX_DEPTH);
        end_text(w);
    }
    if (begin_finding(w, CRM_FINDING_JSON_ERROR, 0, at, end)) {
        crm_json_describe_error(doc, w->m->text);
        end_text(w);
    }
}

/* What may stand anywhere in the document, in members of no DTO too. */
static void
find_in_tokens(walk_t *w, uint32_t repeated)
{
    for (uint32_t t = 0; (repeated || w->doc->constants) && t < w->doc->count; t++) {
        const crm_json_token_t *token = &w->doc->tokens[t];
        if (token->flags & CRM_JSON_REPEATED &&
            begin_finding(w, CRM_FINDING_DUPLICATE_MEMBER, 0, token->start, token->end)) {
            crm_json_append_text(w->doc, t, w->m->text);
            append_repeated(w);
        } else if (token->type == CRM_JSON_CONSTANT &&
                   begin_finding(w, CRM_FINDING_JSON_NONSTANDARD, 0, token->start, token->end)) {
            append_json(w, t);
            g_string_append(w->m->text, " is no JSON; Python takes it, other receivers do not");
            end_text(w);
        }
    }
}

/* The last finding makes room for one that counts those that had no place. */
static void
close_findings(walk_t *w)
{
    crm_message_t *m = w->m;

    if (m->findings_left_out) {
        crm_finding_t *last = &m->findings[m->finding_count - 1];
        const uint32_t text = begin_text(w);
        g_string_append_printf(m->text, "%s; %u more findings are not shown", m->text->str + last->text,
                               m->findings_left_out);
        end_text(w);
        last->text = text;
    }
}

static void
walk_document(walk_t *w, uint32_t repeated)
{
    crm_message_t *m = w->m;

    m->count = m->finding_count = m->findings_left_out = 0;
    memset(m->first, 0xff, sizeof m->first);
    g_string_truncate(m->text, 0);
    m->class = CRM_CLASS_NONE;
    m->encoding = CRM_ENCODING_UNKNOWN;
    m->enum_forms = 0;
    w->entries = w->referenced = 0;

    add_node_at(w, CRM_FIELD_MESSAGE, CRM_VALUE_OBJECT, 0, 0, w->doc->length);
    find_json_error(w);
    if (w->doc->count > 0 && w->doc->tokens[0].type == CRM_JSON_OBJECT) {
        walk_root_object(w);
    } else if (w->doc->count > 0) {
        walk_other_root(w);
    }
    end_node(w, 0);
    find_in_tokens(w, repeated);
    close_findings(w);
}

void
crm_message_read(crm_message_t *message, const uint8_t *data, uint32_t length, bool cut)
{
    walk_t w = {.m = message, .doc = &message->doc};

    message->cut = cut;
    crm_json_read(&message->doc, data, length);
    walk_document(&w, crm_json_mark_repeated_keys(&message->doc));
    /* All references of a document count alike, so one that fits in one way
     * only tells how to read those that fit in both. */
    if (w.ambiguous && !w.only_with != !w.only_without) {
        w.numbering = w.only_with ? NUMBERING_WITH_DICTS : NUMBERING_WITHOUT_DICTS;
        walk_document(&w, crm_json_mark_repeated_keys(&message->doc));
    }
    crm_pickle_index_clear(&w.numbers);
}
