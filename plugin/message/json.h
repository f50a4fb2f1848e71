/* json.h
 * A strict, linear JSON reader that keeps the byte range of every value
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * It agrees with the receiver of a CRM datagram, which is CPython's
 * json.loads(data.decode()): strict UTF-8, the grammar of RFC 8259, and three
 * exceptions that json.loads makes: NaN, Infinity and -Infinity are values,
 * an escaped surrogate may stand alone, and any value may be the document.
 *
 * One pass over the bytes writes tokens in the order in which values open in
 * the document. An object's children are key, value, key, value, ...; every
 * token knows where the token after its whole subtree stands, so a value is
 * skipped in one step. Nothing here recurses.
 */

#ifndef CRM_JSON_H
#define CRM_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* CPython 3.6 to 3.11 read 994 nested arrays or objects in a json.loads that a
 * function of the main program calls, and refuse 995; later releases allow
 * more (tests/receiver_depth.py measures it). */
#define CRM_JSON_MAX_DEPTH 994

/* No token: the parent of the root, or the result of a look-up that failed. */
#define CRM_JSON_NONE UINT32_MAX

typedef enum {
    CRM_JSON_OBJECT,
    CRM_JSON_ARRAY,
    CRM_JSON_STRING,
    CRM_JSON_NUMBER,
    CRM_JSON_TRUE,
    CRM_JSON_FALSE,
    CRM_JSON_NULL,
    CRM_JSON_CONSTANT /* NaN, Infinity, -Infinity: not JSON, but accepted */
} crm_json_type_t;

enum {
    CRM_JSON_ESCAPED = 1 << 0,    /* a string with a backslash in it */
    CRM_JSON_INTEGER = 1 << 1,    /* a number without fraction and exponent */
    CRM_JSON_OPEN = 1 << 2,       /* an object or array that the document never closes */
    CRM_JSON_REPEATED = 1 << 3,   /* see crm_json_mark_repeated_keys() */
    CRM_JSON_MAY_REPEAT = 1 << 4, /* an object whose names may repeat */
    CRM_JSON_SPECIAL = 1 << 5,    /* a string that is not just printable ASCII without a backslash */
    CRM_JSON_NOTED = 1 << 6       /* for the caller: this token has been dealt with */
};

typedef struct {
    uint32_t start; /* first byte; of a string, the one after the quote */
    uint32_t end;   /* one past the last; of a string, the closing quote */
    uint32_t next;  /* the token after this one and all that it holds */
    uint8_t type;   /* crm_json_type_t */
    uint8_t flags;
} crm_json_token_t;

typedef enum {
    CRM_JSON_OK,
    CRM_JSON_SYNTAX,  /* not what the grammar expects at this byte */
    CRM_JSON_UTF8,    /* this byte is not valid UTF-8 here */
    CRM_JSON_END,     /* the bytes end before the document does */
    CRM_JSON_TOO_DEEP /* the bracket that exceeds CRM_JSON_MAX_DEPTH */
} crm_json_status_t;

typedef struct {
    const uint8_t *data; /* borrowed from the caller of crm_json_read() */
    uint32_t length;     /* bytes */

    crm_json_token_t *tokens; /* owned, reused by the next read */
    uint32_t count;
    uint32_t capacity;
    GString *decoded; /* owned; crm_json_text()'s */

    crm_json_status_t status;
    uint32_t error_at;    /* byte offset; equal to length: after the last byte */
    const char *expected; /* static text, in words */
    uint32_t constants;   /* how many CRM_JSON_CONSTANT values were read */
    bool may_repeat;      /* some token has CRM_JSON_MAY_REPEAT */
} crm_json_t;

/* Makes an empty reader. Pair with crm_json_clear(). */
void crm_json_init(crm_json_t *doc);

/* Frees what the reader owns. */
void crm_json_clear(crm_json_t *doc);

/* Reads `length` bytes. The bytes are borrowed: they must outlive the use of
 * the tokens. True when json.loads would accept the document. When it is false,
 * `status`, `error_at` and `expected` say why, and the tokens are those of all
 * values that were complete before the error; containers still open there
 * have CRM_JSON_OPEN and end at the error. */
bool crm_json_read(crm_json_t *doc, const uint8_t *data, uint32_t length);

/* Appends the error in words: the byte, what was expected, and what was found. */
void crm_json_describe_error(const crm_json_t *doc, GString *out);

/* Appends a string token's text as UTF-8. Two kinds of code points cannot
 * be in a C string of UTF-8 and are written as the six characters of their
 * JSON escape: U+0000 and a lone surrogate. */
void crm_json_append_text(const crm_json_t *doc, uint32_t token, GString *out);

/* A string token's text and its length in bytes, valid until the next call: most
 * need no decoding and are the document's own bytes. Not NUL-terminated. */
const char *crm_json_text(const crm_json_t *doc, uint32_t token, size_t *length);

/* Whether a string token's text equals `text`; escapes count as the
 * characters they encode. */
bool crm_json_escaped_text_equals(const crm_json_t *doc, uint32_t token, const char *text, size_t length);

static inline bool
crm_json_text_equals(const crm_json_t *doc, uint32_t token, const char *text, size_t length)
{
    const crm_json_token_t *t = &doc->tokens[token];

    if (t->flags & CRM_JSON_ESCAPED) {
        return crm_json_escaped_text_equals(doc, token, text, length);
    }
    return t->end - t->start == length && memcmp(doc->data + t->start, text, length) == 0;
}

/* A number token's value. False when it is not an integer (as json.loads sees it,
 * 1.0 and 1e2 are floats) or does not fit. */
bool crm_json_get_int64(const crm_json_t *doc, uint32_t token, int64_t *value);

/* The value of the member `key` of an object, the last one where the key
 * repeats, as in json.loads; CRM_JSON_NONE if there is none.
 * Cost: the number of members. */
static inline uint32_t
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
            if (!(doc->tokens[object].flags & CRM_JSON_MAY_REPEAT)) {
                break;
            }
        }
    }
    return found;
}

/* The extent of a value's whole JSON text: its `start` and `end`, a string's
 * quotes included. */
void crm_json_extent(const crm_json_t *doc, uint32_t token, uint32_t *start, uint32_t *end);

/* Sets CRM_JSON_REPEATED on each key that occurs again later in the same object,
 * in every object at every depth, and returns how many there are.
 * Linear in the document's length, whatever the keys are. */
uint32_t crm_json_mark_repeated_keys(crm_json_t *doc);

#endif
