/* json.c
 * A strict, linear JSON reader that keeps the byte range of every value
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "json.h"

#include <string.h>

#include "hash.h"

/* The state of one read. While a container is open, its token's `next` holds
 * the container around it: that is the whole stack. */
typedef struct {
    crm_json_t *doc;
    const uint8_t *p;
    const uint8_t *end;
    uint32_t parent; /* the innermost open container, or CRM_JSON_NONE */
    uint32_t depth;
} reader_t;

void
crm_json_init(crm_json_t *doc)
{
    memset(doc, 0, sizeof *doc);
}

void
crm_json_clear(crm_json_t *doc)
{
    g_free(doc->tokens);
    crm_json_init(doc);
}

static bool
fail_at(reader_t *r, const uint8_t *at, crm_json_status_t status, const char *expected)
{
    r->doc->status = at == r->end ? CRM_JSON_END : status;
    r->doc->error_at = (uint32_t)(at - r->doc->data);
    r->doc->expected = expected;
    return false;
}

static bool
fail(reader_t *r, const char *expected)
{
    return fail_at(r, r->p, CRM_JSON_SYNTAX, expected);
}

/* Room for every token that the bytes can make, as each has a byte of its own,
 * so that push() need not look. What is not written to costs no memory. */
static void
reserve_tokens(crm_json_t *doc)
{
    if (doc->capacity <= doc->length) {
        doc->capacity = MAX(doc->length + 1, 1024);
        g_free(doc->tokens);
        doc->tokens = g_new(crm_json_token_t, doc->capacity);
    }
}

static inline crm_json_token_t *
push(reader_t *r, crm_json_type_t type, const uint8_t *start)
{
    crm_json_t *doc = r->doc;
    crm_json_token_t *token = &doc->tokens[doc->count++];
    const uint32_t at = (uint32_t)(start - doc->data);

    *token = (crm_json_token_t){.start = at, .end = at, .next = doc->count, .type = (uint8_t)type};
    return token;
}

static inline void
skip_space(reader_t *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')) {
        r->p++;
    }
}

/* Strings */

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (uint8_t)(b))

/* Whether any of 8 bytes ends a run of plain string characters: a quote, a
 * backslash, a control character, or a byte of a multi-byte character. The
 * lowest byte whose high bit is set in the result is exact; a borrow can only
 * mark bytes above it. See "Bit Twiddling Hacks", haszero and hasless. */
static inline uint64_t
special_bytes(uint64_t word)
{
    const uint64_t quote = word ^ EACH_BYTE('"');
    const uint64_t backslash = word ^ EACH_BYTE('\\');
    return (((quote - EACH_BYTE(1)) & ~quote) | ((backslash - EACH_BYTE(1)) & ~backslash) |
            ((word - EACH_BYTE(0x20)) & ~word) | word) &
           EACH_BYTE(0x80);
}

static inline const uint8_t *
skip_plain(const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        const uint64_t special = special_bytes(GUINT64_FROM_LE(word));
        if (special) {
            return p + __builtin_ctzll(special) / 8;
        }
        p += 8;
    }
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }
    return p;
}

/* Reads one multi-byte character; the table of well-formed sequences is 3-7
 * of The Unicode Standard, which CPython's decoder follows: no overlong form,
 * no surrogate, nothing above U+10FFFF. */
static bool
read_multibyte(reader_t *r)
{
    const uint8_t lead = *r->p;
    unsigned trail = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    uint8_t low = 0x80, high = 0xbf; /* the bounds of the next byte */

    if (lead < 0xc2 || lead > 0xf4) {
        return fail_at(r, r->p, CRM_JSON_UTF8, "the first byte of a UTF-8 character");
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
    for (r->p++; trail > 0; trail--, r->p++) {
        if (r->p == r->end || *r->p < low || *r->p > high) {
            return fail_at(r, r->p, CRM_JSON_UTF8, "the next byte of a UTF-8 character");
        }
        low = 0x80;
        high = 0xbf;
    }
    return true;
}

static bool
read_escape(reader_t *r)
{
    r->p++;
    if (r->p == r->end) {
        return fail(r, "the character after a backslash");
    }
    switch (*r->p++) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        for (int i = 0; i < 4; i++, r->p++) {
            if (r->p == r->end || !g_ascii_isxdigit(*r->p)) {
                return fail(r, "four hexadecimal digits after \\u");
            }
        }
        return true;
    default:
        r->p--;
        return fail(r, "one of \" \\ / b f n r t u after a backslash");
    }
}

/* These come in runs: text that is escaped, or not Latin, is nothing else. */
static bool
read_escapes(reader_t *r)
{
    do {
        if (!read_escape(r)) {
            return false;
        }
    } while (r->p < r->end && *r->p == '\\');
    return true;
}

static bool
read_multibytes(reader_t *r)
{
    do {
        if (!read_multibyte(r)) {
            return false;
        }
    } while (r->p < r->end && *r->p >= 0x80);
    return true;
}

/* At the opening quote. The token is written last, so that a string that
 * breaks off leaves none. */
static bool
read_string(reader_t *r)
{
    const uint8_t *start = ++r->p;
    uint8_t flags = 0;

    for (;;) {
        r->p = skip_plain(r->p, r->end);
        if (r->p == r->end) {
            return fail(r, "the quote that ends a string");
        }
        if (*r->p == '"') {
            break;
        }
        if (*r->p == '\\') {
            flags = CRM_JSON_ESCAPED;
            if (!read_escapes(r)) {
                return false;
            }
        } else if (*r->p >= 0x80) {
            if (!read_multibytes(r)) {
                return false;
            }
        } else {
            return fail(r, "no raw control character inside a string");
        }
    }
    crm_json_token_t *token = push(r, CRM_JSON_STRING, start);
    token->end = (uint32_t)(r->p - r->doc->data);
    token->flags = flags;
    r->p++;
    return true;
}

/* Numbers and literals */

static inline bool
digit_at(const reader_t *r)
{
    return r->p < r->end && g_ascii_isdigit(*r->p);
}

static inline void
skip_digits(reader_t *r)
{
    while (digit_at(r)) {
        r->p++;
    }
}

/* Whether what stands here can follow a complete value. Without this, the
 * 101 of a document that breaks off inside 10100 would pass for a value. */
static bool
at_delimiter(const reader_t *r)
{
    if (r->p == r->end) {
        return r->parent == CRM_JSON_NONE;
    }
    return strchr(" \t\r\n,]}", *r->p) != NULL && *r->p != '\0';
}

/* `start` differs from the reader's place for -Infinity, whose sign is read. */
static bool
read_literal(reader_t *r, const uint8_t *start, const char *word, crm_json_type_t type)
{
    for (const char *w = word; *w != '\0'; w++, r->p++) {
        if (r->p == r->end) {
            return fail(r, word);
        }
        if (*r->p != (uint8_t)*w) {
            return fail_at(r, start, CRM_JSON_SYNTAX, "a value");
        }
    }
    push(r, type, start)->end = (uint32_t)(r->p - r->doc->data);
    r->doc->constants += type == CRM_JSON_CONSTANT;
    return true;
}

static bool
read_number(reader_t *r)
{
    const uint8_t *start = r->p;
    uint8_t flags = CRM_JSON_INTEGER;

    if (*r->p == '-') {
        r->p++;
        if (r->p < r->end && *r->p == 'I') {
            return read_literal(r, start, "Infinity", CRM_JSON_CONSTANT);
        }
    }
    if (!digit_at(r)) {
        return fail(r, "a digit after the minus sign");
    }
    if (*r->p == '0') {
        r->p++;
        if (digit_at(r)) {
            return fail(r, "no digit after a leading zero");
        }
    } else {
        skip_digits(r);
    }
    if (r->p < r->end && *r->p == '.') {
        flags = 0;
        r->p++;
        if (!digit_at(r)) {
            return fail(r, "a digit after the decimal point");
        }
        skip_digits(r);
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        flags = 0;
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-')) {
            r->p++;
        }
        if (!digit_at(r)) {
            return fail(r, "a digit in the exponent");
        }
        skip_digits(r);
    }
    if (at_delimiter(r)) {
        crm_json_token_t *token = push(r, CRM_JSON_NUMBER, start);
        token->end = (uint32_t)(r->p - r->doc->data);
        token->flags = flags;
    }
    return true;
}

static bool
read_scalar(reader_t *r)
{
    switch (*r->p) {
    case '"':
        return read_string(r);
    case 't':
        return read_literal(r, r->p, "true", CRM_JSON_TRUE);
    case 'f':
        return read_literal(r, r->p, "false", CRM_JSON_FALSE);
    case 'n':
        return read_literal(r, r->p, "null", CRM_JSON_NULL);
    case 'N':
        return read_literal(r, r->p, "NaN", CRM_JSON_CONSTANT);
    case 'I':
        return read_literal(r, r->p, "Infinity", CRM_JSON_CONSTANT);
    default:
        if (*r->p == '-' || g_ascii_isdigit(*r->p)) {
            return read_number(r);
        }
        return fail(r, "a value");
    }
}

/* Containers */

static bool
open_container(reader_t *r, crm_json_type_t type)
{
    if (r->depth == CRM_JSON_MAX_DEPTH) {
        return fail_at(r, r->p, CRM_JSON_TOO_DEEP,
                       "at most " G_STRINGIFY(CRM_JSON_MAX_DEPTH) " arrays and objects inside each other");
    }
    crm_json_token_t *token = push(r, type, r->p++);
    token->next = r->parent;
    token->flags = CRM_JSON_OPEN;
    r->parent = r->doc->count - 1;
    r->depth++;
    return true;
}

static void
leave_container(reader_t *r, uint8_t flags)
{
    crm_json_token_t *token = &r->doc->tokens[r->parent];
    r->parent = token->next;
    r->depth--;
    token->end = (uint32_t)(r->p - r->doc->data);
    token->next = r->doc->count;
    token->flags = flags;
}

static inline bool
in_object(const reader_t *r)
{
    return r->doc->tokens[r->parent].type == CRM_JSON_OBJECT;
}

/* A member's name and colon, up to its value. */
static bool
read_key(reader_t *r, const char *expected)
{
    skip_space(r);
    if (r->p == r->end || *r->p != '"') {
        return fail(r, expected);
    }
    if (!read_string(r)) {
        return false;
    }
    skip_space(r);
    if (r->p < r->end && *r->p == ':') {
        r->p++;
        return true;
    }
    r->doc->count--; /* a name without a value is no member */
    return fail(r, "':' after a member's name");
}

typedef enum { STEP_VALUE, STEP_AFTER_VALUE, STEP_DONE, STEP_FAILED } step_t;

/* After an opening bracket: either it closes at once, or a value follows. */
static step_t
begin_container(reader_t *r)
{
    const bool object = in_object(r);

    skip_space(r);
    if (r->p < r->end && *r->p == (object ? '}' : ']')) {
        r->p++;
        leave_container(r, 0);
        return STEP_AFTER_VALUE;
    }
    if (object && !read_key(r, "a member's name in double quotes, or '}'")) {
        return STEP_FAILED;
    }
    return STEP_VALUE;
}

static step_t
read_value(reader_t *r)
{
    skip_space(r);
    const uint32_t count = r->doc->count;
    bool ok;

    if (r->p == r->end) {
        ok = fail(r, "a value");
    } else if (*r->p == '{' || *r->p == '[') {
        ok = open_container(r, *r->p == '{' ? CRM_JSON_OBJECT : CRM_JSON_ARRAY);
        if (ok) {
            return begin_container(r);
        }
    } else {
        ok = read_scalar(r);
    }
    if (r->doc->count == count && r->parent != CRM_JSON_NONE && in_object(r)) {
        r->doc->count--; /* the name of the value that is missing */
    }
    return ok ? STEP_AFTER_VALUE : STEP_FAILED;
}

static step_t
read_after_value(reader_t *r)
{
    skip_space(r);
    if (r->parent == CRM_JSON_NONE) {
        if (r->p == r->end) {
            return STEP_DONE;
        }
        fail(r, "nothing after the document");
        return STEP_FAILED;
    }
    const bool object = in_object(r);
    if (r->p < r->end && *r->p == ',') {
        r->p++;
        return !object || read_key(r, "a member's name in double quotes") ? STEP_VALUE : STEP_FAILED;
    }
    if (r->p < r->end && *r->p == (object ? '}' : ']')) {
        r->p++;
        leave_container(r, 0);
        return STEP_AFTER_VALUE;
    }
    fail(r, object ? "',' or '}' after a member" : "',' or ']' after an entry");
    return STEP_FAILED;
}

bool
crm_json_read(crm_json_t *doc, const uint8_t *data, uint32_t length)
{
    reader_t r = {.doc = doc, .p = data, .end = data + length, .parent = CRM_JSON_NONE};
    step_t step = STEP_VALUE;

    doc->data = data;
    doc->length = length;
    doc->count = 0;
    doc->status = CRM_JSON_OK;
    doc->error_at = 0;
    doc->expected = NULL;
    doc->constants = 0;
    reserve_tokens(doc);

    while (step < STEP_DONE) {
        step = step == STEP_VALUE ? read_value(&r) : read_after_value(&r);
    }
    if (step == STEP_FAILED) {
        r.p = data + doc->error_at;
        while (r.parent != CRM_JSON_NONE) {
            leave_container(&r, CRM_JSON_OPEN);
        }
    }
    return step == STEP_DONE;
}

/* What a read found */

#define MAX_WORD 16 /* letters; longer words are no literal that someone misspelt */

static void
describe_word(const crm_json_t *doc, GString *out)
{
    const char *word = (const char *)doc->data + doc->error_at;
    int length = 1;

    while (length < MAX_WORD && doc->error_at + (uint32_t)length < doc->length &&
           g_ascii_isalpha(word[length])) {
        length++;
    }
    g_string_append_printf(out, "'%.*s'", length, word);
}

/* What stands at the error, in words: the reader of the message may not see
 * a TAB or a byte order mark in it. */
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

#define IS_HIGH_SURROGATE(c) ((c) >= 0xd800 && (c) <= 0xdbff)
#define IS_LOW_SURROGATE(c)  ((c) >= 0xdc00 && (c) <= 0xdfff)

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
    if (IS_HIGH_SURROGATE(*c) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const uint32_t low = hex4(p + 2);
        if (IS_LOW_SURROGATE(low)) {
            *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
    }
    return p;
}

/* `exact` appends what stands for itself even where a C string cannot hold it
 * or UTF-8 forbids it: two strings are the same exactly when these are. */
static void
append_character(GString *out, uint32_t c, bool exact)
{
    if (!exact && (c == 0 || IS_HIGH_SURROGATE(c) || IS_LOW_SURROGATE(c))) {
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
        g_string_append_len(out, (const char *)p, stop - p);
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

bool
crm_json_escaped_text_equals(const crm_json_t *doc, uint32_t token, const char *text, size_t length)
{
    GString *decoded = g_string_new(NULL);
    append_string(doc, token, decoded, true);
    const bool equal = decoded->len == length && memcmp(decoded->str, text, length) == 0;
    g_string_free(decoded, TRUE);
    return equal;
}

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
    for (p += negative ? 1 : 0; p < end; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        if (sum > (limit - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

uint32_t
crm_json_member(const crm_json_t *doc, uint32_t object, const char *key)
{
    const uint32_t end = doc->tokens[object].next;
    const size_t length = strlen(key);
    uint32_t found = CRM_JSON_NONE;

    if (doc->tokens[object].type != CRM_JSON_OBJECT) {
        return CRM_JSON_NONE;
    }
    for (uint32_t t = object + 1; t < end; t = doc->tokens[t + 1].next) {
        if (crm_json_text_equals(doc, t, key, length)) {
            found = t + 1;
        }
    }
    return found;
}

void
crm_json_extent(const crm_json_t *doc, uint32_t token, uint32_t *start, uint32_t *end)
{
    const crm_json_token_t *t = &doc->tokens[token];
    const uint32_t quote = t->type == CRM_JSON_STRING ? 1 : 0;

    *start = t->start - quote;
    *end = t->end + quote;
}

/* Repeated keys. A table of a datagram's own keys must not degrade when the
 * sender chooses them; the functions of GHashTable take no seed. */

typedef struct {
    crm_json_t *doc;
    GString *key;    /* the key at hand, decoded */
    GString *other;  /* the one that it is compared with */
    uint32_t *slots; /* the last token of each key, or CRM_JSON_NONE */
    uint32_t mask;
} key_table_t;

static void
decode_key(const crm_json_t *doc, uint32_t token, GString *out)
{
    g_string_truncate(out, 0);
    append_string(doc, token, out, true);
}

/* The slot of this key: the one that holds its text, or an empty one. */
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
mark_in_large_object(key_table_t *table, uint32_t object)
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

/* Up to this many keys are compared in pairs, which needs no table. */
#define SMALL_OBJECT 8

/* The nearest one before is enough: it was met by the one before that. */
static bool
mark_if_same(crm_json_t *doc, uint32_t earlier, const crm_json_token_t *key)
{
    crm_json_token_t *other = &doc->tokens[earlier];
    const uint32_t length = key->end - key->start;

    if (other->end - other->start != length ||
        memcmp(doc->data + other->start, doc->data + key->start, length) != 0) {
        return false;
    }
    other->flags |= CRM_JSON_REPEATED;
    return true;
}

/* False when the object is too large for this, or its keys need decoding. */
static bool
mark_in_small_object(crm_json_t *doc, uint32_t object, uint32_t *marked)
{
    const uint32_t end = doc->tokens[object].next;
    uint32_t keys[SMALL_OBJECT], count = 0, repeated = 0;
    uint64_t lengths = 0; /* bit n: a key of n bytes, modulo 64, was met */

    for (uint32_t t = object + 1; t < end; t = doc->tokens[t + 1].next) {
        const crm_json_token_t *key = &doc->tokens[t];
        const uint64_t length = UINT64_C(1) << ((key->end - key->start) % 64);
        if (count == SMALL_OBJECT || key->flags & CRM_JSON_ESCAPED) {
            return false;
        }
        for (uint32_t i = lengths & length ? count : 0; i-- > 0;) {
            if (mark_if_same(doc, keys[i], key)) {
                repeated++;
                break;
            }
        }
        lengths |= length;
        keys[count++] = t;
    }
    *marked += repeated;
    return true;
}

/* Half of what jsonpickle writes: {"py/type": …}, {"py/tuple": …} ... */
static bool
has_one_member(const crm_json_t *doc, uint32_t object)
{
    const uint32_t end = doc->tokens[object].next;
    return end == object + 1 || doc->tokens[object + 2].next == end;
}

uint32_t
crm_json_mark_repeated_keys(crm_json_t *doc)
{
    key_table_t table = {.doc = doc};
    uint32_t marked = 0;

    for (uint32_t t = 0; t < doc->count; t++) {
        if (doc->tokens[t].type != CRM_JSON_OBJECT || has_one_member(doc, t) ||
            mark_in_small_object(doc, t, &marked)) {
            continue;
        }
        if (table.key == NULL) {
            table.key = g_string_new(NULL);
            table.other = g_string_new(NULL);
        }
        marked += mark_in_large_object(&table, t);
    }
    if (table.key != NULL) {
        g_string_free(table.key, TRUE);
        g_string_free(table.other, TRUE);
        g_free(table.slots);
    }
    return marked;
}
