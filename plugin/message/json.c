/* json.c
 * A strict, linear JSON reader that keeps the byte range of every value
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "json.h"

#include <string.h>

#include "append.h"
#include "hash.h"
#include "scan.h"

/* The pass over the bytes; what can be asked of its tokens afterward follows below.
 *
 * The state of one read. While a container is open, its token's `next` holds
 * the container around it: that is the whole stack. Its `end` holds the marks
 * of the names met in it; see mark_name().
 *
 * Each function that reads takes a pointer to the next byte and returns one past
 * what it read, or NULL after fail(). */
typedef struct {
    crm_json_t *doc;
    const uint8_t *end;
    uint32_t parent; /* the innermost open container, or CRM_JSON_NONE */
    uint32_t depth;
    bool in_object; /* what the parent is */
} reader_t;

void
crm_json_init(crm_json_t *doc)
{
    *doc = (crm_json_t){.decoded = g_string_new(NULL)};
}

void
crm_json_clear(crm_json_t *doc)
{
    g_free(doc->tokens);
    g_string_free(doc->decoded, TRUE);
    *doc = (crm_json_t){0};
}

static const uint8_t *
fail_at(reader_t *r, const uint8_t *at, crm_json_status_t status, const char *expected)
{
    r->doc->status = at == r->end ? CRM_JSON_END : status;
    r->doc->error_at = (uint32_t)(at - r->doc->data);
    r->doc->expected = expected;
    return NULL;
}

static const uint8_t *
fail(reader_t *r, const uint8_t *at, const char *expected)
{
    return fail_at(r, at, CRM_JSON_SYNTAX, expected);
}

/* Room for every token that the bytes can make, as each has a byte of its own,
 * so that push() need not check. Pages that are never written cost no memory. */
static void
reserve_tokens(crm_json_t *doc)
{
    if (doc->capacity <= doc->length) {
        doc->capacity = MAX(doc->length + 1, 1024);
        g_free(doc->tokens);
        doc->tokens = g_new(crm_json_token_t, doc->capacity);
    }
}

static inline void
push(reader_t *r, crm_json_type_t type, const uint8_t *start, const uint8_t *end, uint8_t flags)
{
    crm_json_t *doc = r->doc;
    crm_json_token_t *token = &doc->tokens[doc->count++];

    token->start = (uint32_t)(start - doc->data);
    token->end = (uint32_t)(end - doc->data);
    token->next = doc->count;
    token->type = (uint8_t)type;
    token->flags = flags;
}

/* Strings */

/* Reads one multi-byte character; the table of well-formed sequences is 3-7
 * of The Unicode Standard, which CPython's decoder follows: no overlong form,
 * no surrogate, nothing above U+10FFFF. */
static const uint8_t *
read_multibyte(reader_t *r, const uint8_t *p)
{
    const uint8_t lead = *p;
    unsigned trail = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    uint8_t low = 0x80, high = 0xbf; /* the bounds of the next byte */

    if (lead < 0xc2 || lead > 0xf4) {
        return fail_at(r, p, CRM_JSON_UTF8, "the first byte of a UTF-8 character");
    }
    if (lead == 0xe0) {
        low = 0xa0;
    } else if (lead == 0xed) {
        high = 0x9f;
    } else if (lead == 0xf0) {
        low = 0x90;
    } else if (lead == 0xf4) {
        high = 0x8f;
    }
    for (p++; trail > 0; trail--, p++) {
        if (p == r->end || *p < low || *p > high) {
            return fail_at(r, p, CRM_JSON_UTF8, "the next byte of a UTF-8 character");
        }
        low = 0x80;
        high = 0xbf;
    }
    return p;
}

/* At the backslash. */
static const uint8_t *
read_escape(reader_t *r, const uint8_t *p)
{
    if (++p == r->end) {
        return fail(r, p, "the character after a backslash");
    }
    switch (*p) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 1;
    case 'u':
        p++;
        for (int i = 0; i < 4; i++, p++) {
            if (p == r->end || !g_ascii_isxdigit(*p)) {
                return fail(r, p, "four hexadecimal digits after \\u");
            }
        }
        return p;
    default:
        return fail(r, p, "one of \" \\ / b f n r t u after a backslash");
    }
}

/* These come in runs: text that is escaped, or not Latin, consists of little else. */
static const uint8_t *
read_escapes(reader_t *r, const uint8_t *p)
{
    do {
        p = read_escape(r, p);
    } while (p != NULL && p < r->end && *p == '\\');
    return p;
}

static const uint8_t *
read_multibytes(reader_t *r, const uint8_t *p)
{
    do {
        p = read_multibyte(r, p);
    } while (p != NULL && p < r->end && *p >= 0x80);
    return p;
}

/* From the first byte of a string that is not plain to its closing quote. */
static const uint8_t *
read_special(reader_t *r, const uint8_t *p, uint8_t *flags)
{
    *flags = CRM_JSON_SPECIAL;
    while (p == r->end || *p != '"') {
        if (p == r->end) {
            return fail(r, p, "the quote that ends a string");
        }
        if (*p == '\\') {
            *flags |= CRM_JSON_ESCAPED;
            p = read_escapes(r, p);
        } else if (*p >= 0x80) {
            p = read_multibytes(r, p);
        } else if (*p == 0x7f) {
            p++;
        } else {
            return fail(r, p, "no raw control character inside a string");
        }
        if (p == NULL) {
            return NULL;
        }
        p = crm_skip_plain(p, r->end, true);
    }
    return p;
}

/* At the opening quote. The token is written last, so that an
 * unfinished string leaves none. */
static inline const uint8_t *
read_string(reader_t *r, const uint8_t *p)
{
    const uint8_t *start = p + 1;
    uint8_t flags = 0;

    p = crm_skip_plain(start, r->end, true);
    if (p == r->end || *p != '"') {
        p = read_special(r, p, &flags);
        if (p == NULL) {
            return NULL;
        }
    }
    push(r, CRM_JSON_STRING, start, p, flags);
    return p + 1;
}

/* Numbers and literals */

static inline bool
digit_at(const reader_t *r, const uint8_t *p)
{
    return p < r->end && g_ascii_isdigit(*p);
}

static inline const uint8_t *
skip_digits(const reader_t *r, const uint8_t *p)
{
    while (digit_at(r, p)) {
        p++;
    }
    return p;
}

/* Whether a complete value may end here. Without this check, the 101 of a
 * document that breaks off inside 10100 would pass for a value. */
static bool
at_delimiter(const reader_t *r, const uint8_t *p)
{
    if (p == r->end) {
        return r->parent == CRM_JSON_NONE;
    }
    return crm_is_space(*p) || *p == ',' || *p == ']' || *p == '}';
}

/* `start` differs from `p` for -Infinity, whose sign has been read. */
static const uint8_t *
read_literal(reader_t *r, const uint8_t *start, const uint8_t *p, const char *word, crm_json_type_t type)
{
    for (const char *w = word; *w != '\0'; w++, p++) {
        if (p == r->end) {
            return fail(r, p, word);
        }
        if (*p != (uint8_t)*w) {
            return fail(r, start, "a value");
        }
    }
    push(r, type, start, p, 0);
    r->doc->constants += type == CRM_JSON_CONSTANT;
    return p;
}

/* What may follow an integer and makes it a float. */
static const uint8_t *
read_fraction(reader_t *r, const uint8_t *p)
{
    if (p < r->end && *p == '.') {
        if (!digit_at(r, ++p)) {
            return fail(r, p, "a digit after the decimal point");
        }
        p = skip_digits(r, p);
    }
    if (p < r->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < r->end && (*p == '+' || *p == '-')) {
            p++;
        }
        if (!digit_at(r, p)) {
            return fail(r, p, "a digit in the exponent");
        }
        p = skip_digits(r, p);
    }
    return p;
}

static const uint8_t *
read_number(reader_t *r, const uint8_t *start)
{
    const uint8_t *p = start, *integer_end;

    if (*p == '-' && ++p < r->end && *p == 'I') {
        return read_literal(r, start, p, "Infinity", CRM_JSON_CONSTANT);
    }
    if (!digit_at(r, p)) {
        return fail(r, p, "a digit after the minus sign");
    }
    if (*p != '0') {
        p = skip_digits(r, p);
    } else if (digit_at(r, ++p)) {
        return fail(r, p, "no digit after a leading zero");
    }
    integer_end = p;
    p = read_fraction(r, p);
    if (p != NULL && at_delimiter(r, p)) {
        push(r, CRM_JSON_NUMBER, start, p, p == integer_end ? CRM_JSON_INTEGER : 0);
    }
    return p;
}

static inline const uint8_t *
read_scalar(reader_t *r, const uint8_t *p)
{
    if (p == r->end) {
        return fail(r, p, "a value");
    }
    switch (*p) {
    case '"':
        return read_string(r, p);
    case 't':
        return read_literal(r, p, p, "true", CRM_JSON_TRUE);
    case 'f':
        return read_literal(r, p, p, "false", CRM_JSON_FALSE);
    case 'n':
        return read_literal(r, p, p, "null", CRM_JSON_NULL);
    case 'N':
        return read_literal(r, p, p, "NaN", CRM_JSON_CONSTANT);
    case 'I':
        return read_literal(r, p, p, "Infinity", CRM_JSON_CONSTANT);
    default:
        return *p == '-' || g_ascii_isdigit(*p) ? read_number(r, p) : fail(r, p, "a value");
    }
}

/* Containers */

static inline void
leave_container(reader_t *r, const uint8_t *end, uint8_t flags)
{
    crm_json_token_t *token = &r->doc->tokens[r->parent];

    r->parent = token->next;
    r->depth--;
    r->in_object = r->parent != CRM_JSON_NONE && r->doc->tokens[r->parent].type == CRM_JSON_OBJECT;
    token->end = (uint32_t)(end - r->doc->data);
    token->next = r->doc->count;
    token->flags = (token->flags & CRM_JSON_MAY_REPEAT) | flags;
}

/* A name whose value is missing is not a member. */
static void
drop_name(reader_t *r)
{
    r->doc->count -= r->in_object;
}

/* Marks its object with one of 32 bits for the latest name, and checks whether
 * that was set before. Two names with one mark may be equal, and an escaped one may
 * equal any; all others differ, which for most objects settles that no name repeats. */
static inline void
mark_name(reader_t *r)
{
    crm_json_token_t *object = &r->doc->tokens[r->parent];
    const crm_json_token_t *name = &r->doc->tokens[r->doc->count - 1];
    const uint32_t length = name->end - name->start;
    const uint32_t mark = 1U << (3U * r->doc->data[name->start + length / 2] + length) % 32;

    if (object->end & mark || name->flags & CRM_JSON_ESCAPED) {
        object->flags |= CRM_JSON_MAY_REPEAT;
        r->doc->may_repeat = true;
    }
    object->end |= mark;
}

/* A member's name and colon, up to its value. */
static inline const uint8_t *
read_name(reader_t *r, const uint8_t *p)
{
    const bool first = r->doc->count - 1 == r->parent;

    p = crm_skip_space(p, r->end);
    if (p == r->end || *p != '"') {
        return fail(r, p,
                    first ? "a member's name in double quotes, or '}'" : "a member's name in double quotes");
    }
    p = read_string(r, p);
    if (p == NULL) {
        return NULL;
    }
    p = crm_skip_space(p, r->end);
    if (p == r->end || *p != ':') {
        drop_name(r);
        return fail(r, p, "':' after a member's name");
    }
    mark_name(r);
    return p + 1;
}

typedef enum { CRM_STEP_VALUE, CRM_STEP_AFTER_VALUE, CRM_STEP_DONE } step_t;

/* At the opening bracket: either it closes at once, or a value follows. */
static inline const uint8_t *
open_container(reader_t *r, const uint8_t *p, step_t *step)
{
    const bool object = *p == '{';

    if (r->depth == CRM_JSON_MAX_DEPTH) {
        drop_name(r);
        return fail_at(r, p, CRM_JSON_TOO_DEEP,
                       "at most " G_STRINGIFY(CRM_JSON_MAX_DEPTH) " arrays and objects inside each other");
    }
    push(r, object ? CRM_JSON_OBJECT : CRM_JSON_ARRAY, p, r->doc->data, CRM_JSON_OPEN);
    r->doc->tokens[r->doc->count - 1].next = r->parent;
    r->parent = r->doc->count - 1;
    r->in_object = object;
    r->depth++;

    p = crm_skip_space(p + 1, r->end);
    if (p < r->end && *p == (object ? '}' : ']')) {
        leave_container(r, ++p, 0);
        *step = CRM_STEP_AFTER_VALUE;
    }
    return p;
}

/* A scalar or an opening bracket; inside an object, the name before it too. */
static inline const uint8_t *
read_value(reader_t *r, const uint8_t *p, step_t *step)
{
    if (r->in_object) {
        p = read_name(r, p);
        if (p == NULL) {
            return NULL;
        }
    }
    const uint32_t count = r->doc->count;

    p = crm_skip_space(p, r->end);
    if (p < r->end && (*p == '{' || *p == '[')) {
        return open_container(r, p, step);
    }
    p = read_scalar(r, p);
    if (r->doc->count == count) {
        drop_name(r);
    }
    *step = CRM_STEP_AFTER_VALUE;
    return p;
}

static inline const uint8_t *
read_after_value(reader_t *r, const uint8_t *p, step_t *step)
{
    p = crm_skip_space(p, r->end);
    if (r->parent == CRM_JSON_NONE) {
        *step = CRM_STEP_DONE;
        return p == r->end ? p : fail(r, p, "nothing after the document");
    }
    if (p < r->end && *p == ',') {
        *step = CRM_STEP_VALUE;
        return p + 1;
    }
    if (p < r->end && *p == (r->in_object ? '}' : ']')) {
        leave_container(r, ++p, 0);
        return p;
    }
    return fail(r, p, r->in_object ? "',' or '}' after a member" : "',' or ']' after an entry");
}

bool
crm_json_read(crm_json_t *doc, const uint8_t *data, uint32_t length)
{
    reader_t r = {.doc = doc, .end = data + length, .parent = CRM_JSON_NONE};
    const uint8_t *p = data;
    step_t step = CRM_STEP_VALUE;

    doc->data = data;
    doc->length = length;
    doc->count = 0;
    doc->status = CRM_JSON_OK;
    doc->error_at = 0;
    doc->expected = NULL;
    doc->constants = 0;
    doc->may_repeat = false;
    reserve_tokens(doc);

    do {
        p = step == CRM_STEP_VALUE ? read_value(&r, p, &step) : read_after_value(&r, p, &step);
    } while (p != NULL && step != CRM_STEP_DONE);
    while (r.parent != CRM_JSON_NONE) {
        leave_container(&r, data + doc->error_at, CRM_JSON_OPEN);
    }
    return doc->status == CRM_JSON_OK;
}

/* What a read found */

#define CRM_JSON_MAX_WORD 16 /* letters; no misspelled literal is longer */

static void
describe_word(const crm_json_t *doc, GString *out)
{
    const char *word = (const char *)doc->data + doc->error_at;
    int length = 1;

    while (length < CRM_JSON_MAX_WORD && doc->error_at + (uint32_t)length < doc->length &&
           g_ascii_isalpha(word[length])) {
        length++;
    }
    g_string_append_printf(out, "'%.*s'", length, word);
}

/* What is found at the error, in words: a tab or a byte order mark would be
 * invisible in the message. */
static void
describe_byte(const crm_json_t *doc, GString *out)
{
    const uint8_t *p = doc->data + doc->error_at;
    const uint8_t c = *p;

    if (doc->error_at == 0 && doc->length >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        g_string_append(out, "a byte order mark");
    } else if (c == '\t') {
        g_string_append(out, "a tab");
    } else if (c == '\n') {
        g_string_append(out, "a line feed");
    } else if (c == '\r') {
        g_string_append(out, "a carriage return");
    } else if (c == ' ') {
        g_string_append(out, "a space");
    } else if (c == '\'') {
        g_string_append(out, "a single quote");
    } else if (c < 0x20 || c == 0x7f) {
        g_string_append_printf(out, "the control character 0x%02x", c);
    } else if (g_ascii_isalpha(c)) {
        describe_word(doc, out);
    } else if (c < 0x7f) {
        g_string_append_printf(out, "'%c'", c);
    } else {
        g_string_append_printf(out, "the byte 0x%02x", c);
    }
}

void
crm_json_describe_error(const crm_json_t *doc, GString *out)
{
    g_string_append_printf(out, "at byte %u: expected %s, found ", doc->error_at, doc->expected);
    if (doc->status != CRM_JSON_END) {
        describe_byte(doc, out);
    } else if (doc->length == 0) {
        g_string_append(out, "an empty datagram");
    } else {
        g_string_append(out, "the end of the datagram");
    }
}

static uint32_t
hex4(const uint8_t *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 4 | (uint32_t)g_ascii_xdigit_value((char)p[i]);
    }
    return value;
}

static inline bool
is_high_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdbff;
}

static inline bool
is_low_surrogate(uint32_t c)
{
    return c >= 0xdc00 && c <= 0xdfff;
}

/* Reads the escape at `p` (a backslash) and returns the byte after it; an
 * escaped pair of surrogates is one character. */
static const uint8_t *
decode_escape(const uint8_t *p, const uint8_t *end, uint32_t *c)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";

    if (p[1] != 'u') {
        *c = (uint8_t)values[strchr(names, p[1]) - names];
        return p + 2;
    }
    *c = hex4(p + 2);
    p += 6;
    if (is_high_surrogate(*c) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const uint32_t low = hex4(p + 2);
        if (is_low_surrogate(low)) {
            *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
    }
    return p;
}

/* `exact` appends the character itself even where a C string cannot hold it or
 * UTF-8 forbids it, so that two strings are equal exactly when the results are. */
static void
append_character(GString *out, uint32_t c, bool exact)
{
    if (!exact && (c == 0 || is_high_surrogate(c) || is_low_surrogate(c))) {
        g_string_append_printf(out, "\\u%04x", c);
    } else {
        g_string_append_unichar(out, c);
    }
}

static void
append_string(const crm_json_t *doc, uint32_t token, GString *out, bool exact)
{
    const crm_json_token_t *t = &doc->tokens[token];
    const uint8_t *p = doc->data + t->start, *end = doc->data + t->end;

    while (p < end) {
        const uint8_t *escape = t->flags & CRM_JSON_ESCAPED ? memchr(p, '\\', (size_t)(end - p)) : NULL;
        const uint8_t *stop = escape ? escape : end;
        crm_append(out, p, (size_t)(stop - p));
        p = stop;
        if (escape) {
            uint32_t c;
            p = decode_escape(p, end, &c);
            append_character(out, c, exact);
        }
    }
}

void
crm_json_append_text(const crm_json_t *doc, uint32_t token, GString *out)
{
    append_string(doc, token, out, false);
}

const char *
crm_json_text(const crm_json_t *doc, uint32_t token, size_t *length)
{
    const crm_json_token_t *t = &doc->tokens[token];

    if (t->flags & CRM_JSON_ESCAPED) {
        g_string_truncate(doc->decoded, 0);
        crm_json_append_text(doc, token, doc->decoded);
        *length = doc->decoded->len;
        return doc->decoded->str;
    }
    *length = t->end - t->start;
    return (const char *)doc->data + t->start;
}

bool
crm_json_escaped_text_equals(const crm_json_t *doc, uint32_t token, const char *text, size_t length)
{
    GString *decoded = g_string_new(NULL);
    append_string(doc, token, decoded, true);
    const bool equal = decoded->len == length && memcmp(decoded->str, text, length) == 0;
    g_string_free(decoded, TRUE);
    return equal;
}

/* As many as INT64_MAX has; any number of that many digits fits in 64 bits. */
#define CRM_JSON_MAX_DIGITS 19

bool
crm_json_get_int64(const crm_json_t *doc, uint32_t token, int64_t *value)
{
    const crm_json_token_t *t = &doc->tokens[token];
    const uint8_t *p = doc->data + t->start, *end = doc->data + t->end;

    if (t->type != CRM_JSON_NUMBER || !(t->flags & CRM_JSON_INTEGER)) {
        return false;
    }
    const bool negative = *p == '-';
    const uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t sum = 0;

    p += negative ? 1 : 0;
    if (end - p > CRM_JSON_MAX_DIGITS) {
        return false;
    }
    for (; p < end; p++) {
        sum = sum * 10 + (uint64_t)(*p - '0');
    }
    if (sum > limit) {
        return false;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

void
crm_json_extent(const crm_json_t *doc, uint32_t token, uint32_t *start, uint32_t *end)
{
    const crm_json_token_t *t = &doc->tokens[token];
    const uint32_t quote = t->type == CRM_JSON_STRING ? 1 : 0;

    *start = t->start - quote;
    *end = t->end + quote;
}

/* Repeated keys. The sender chooses the keys, so the table must not degrade for
 * any choice; GHashTable's own hash functions take no seed. */

typedef struct {
    crm_json_t *doc;
    GString *key;    /* the current key, decoded */
    GString *other;  /* the one it is compared with */
    uint32_t *slots; /* the last token of each key, or CRM_JSON_NONE */
    uint32_t mask;
} key_table_t;

static void
decode_key(const crm_json_t *doc, uint32_t token, GString *out)
{
    g_string_truncate(out, 0);
    append_string(doc, token, out, true);
}

/* The slot that holds this key's text, or the empty one where it belongs. */
static uint32_t *
find_slot(key_table_t *table, uint32_t token)
{
    decode_key(table->doc, token, table->key);
    for (uint64_t i = crm_hash(table->key->str, table->key->len);; i++) {
        uint32_t *slot = &table->slots[i & table->mask];
        if (*slot == CRM_JSON_NONE) {
            return slot;
        }
        decode_key(table->doc, *slot, table->other);
        if (g_string_equal(table->key, table->other)) {
            return slot;
        }
    }
}

static uint32_t
mark_in_object(key_table_t *table, uint32_t object)
{
    crm_json_t *doc = table->doc;
    const uint32_t end = doc->tokens[object].next;
    uint32_t members = 0, size = 16, marked = 0;

    for (uint32_t t = object + 1; t < end; t = doc->tokens[t + 1].next) {
        members++;
    }
    while (size < members * 2) {
        size *= 2;
    }
    table->slots = g_renew(uint32_t, table->slots, size);
    memset(table->slots, 0xff, size * sizeof *table->slots);
    table->mask = size - 1;
    for (uint32_t t = object + 1; t < end; t = doc->tokens[t + 1].next) {
        uint32_t *slot = find_slot(table, t);
        if (*slot != CRM_JSON_NONE) {
            doc->tokens[*slot].flags |= CRM_JSON_REPEATED;
            marked++;
        }
        *slot = t;
    }
    return marked;
}

uint32_t
crm_json_mark_repeated_keys(crm_json_t *doc)
{
    key_table_t table = {.doc = doc};
    uint32_t marked = 0;

    if (!doc->may_repeat) {
        return 0;
    }
    table.key = g_string_new(NULL);
    table.other = g_string_new(NULL);
    for (uint32_t t = 0; t < doc->count; t++) {
        if (doc->tokens[t].flags & CRM_JSON_MAY_REPEAT) {
            marked += mark_in_object(&table, t);
        }
    }
    g_string_free(table.key, TRUE);
    g_string_free(table.other, TRUE);
    g_free(table.slots);
    return marked;
}
