/* scan.h
 * White space and plain text, found where they end
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_SCAN_H
#define CRM_SCAN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* JSON's white space. */
static inline bool
crm_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const uint8_t *
crm_skip_space(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p <= ' ' && crm_is_space(*p)) {
        p++;
    }
    return p;
}

/* Whether the bytes from `p` to before `end` begin with a text. */
static inline bool
crm_begins_with(const uint8_t *p, const uint8_t *end, const char *text)
{
    const size_t length = strlen(text);
    return (size_t)(end - p) >= length && memcmp(p, text, length) == 0;
}

/* Whether a byte is a printable ASCII character and, inside a JSON string,
 * neither its quote nor a backslash. */
static inline bool
crm_is_plain(uint8_t c, bool in_string)
{
    return c >= 0x20 && c < 0x7f && !(in_string && (c == '"' || c == '\\'));
}

/* Texts are most of a document, and most have fewer than 16 bytes: all at once
 * where the processor can, else 8 at a time. */
#ifdef __SSE2__
typedef __m128i crm_word_t;

/* Bit n: byte n of 16 is not plain. Bytes from 0x80 on are negative here, and
 * so are below 0x20 too. */
static inline uint64_t
crm_special_bytes(crm_word_t word, bool in_string)
{
    const crm_word_t below = _mm_cmplt_epi8(word, _mm_set1_epi8(0x20));
    const crm_word_t delete = _mm_cmpeq_epi8(word, _mm_set1_epi8(0x7f));
    crm_word_t special = _mm_or_si128(below, delete);

    if (in_string) {
        const crm_word_t quote = _mm_cmpeq_epi8(word, _mm_set1_epi8('"'));
        const crm_word_t backslash = _mm_cmpeq_epi8(word, _mm_set1_epi8('\\'));
        special = _mm_or_si128(special, _mm_or_si128(quote, backslash));
    }
    return (uint64_t)_mm_movemask_epi8(special);
}

enum { CRM_BITS_A_BYTE = 1 };
#else
typedef uint64_t crm_word_t;

#define CRM_EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (uint8_t)(b))

/* Bit 8n + 7: byte n of 8 is not plain. The lowest bit that is set is exact; a
 * borrow or carry can only mark bytes above it. See "Bit Twiddling Hacks",
 * haszero and hasless, which here may take bytes from 0x80 on for a match. */
static inline uint64_t
crm_special_bytes(crm_word_t word, bool in_string)
{
    word = GUINT64_FROM_LE(word);
    uint64_t special = (word - CRM_EACH_BYTE(0x20)) | (word + CRM_EACH_BYTE(1)) | word;

    if (in_string) {
        special |= (word ^ CRM_EACH_BYTE('"')) - CRM_EACH_BYTE(1);
        special |= (word ^ CRM_EACH_BYTE('\\')) - CRM_EACH_BYTE(1);
    }
    return special & CRM_EACH_BYTE(0x80);
}

enum { CRM_BITS_A_BYTE = 8 };
#endif

/* The first byte that is not plain, or `end`. `in_string` is best a constant. */
static inline const uint8_t *
crm_skip_plain(const uint8_t *p, const uint8_t *end, bool in_string)
{
    while (end - p >= (ptrdiff_t)sizeof(crm_word_t)) {
        crm_word_t word;
        memcpy(&word, p, sizeof word);
        const uint64_t special = crm_special_bytes(word, in_string);
        if (special) {
#if defined __GNUC__ && !defined CRM_NO_BUILTINS
            return p + __builtin_ctzll(special) / CRM_BITS_A_BYTE;
#else
            break; /* the loop below finds which of these it is */
#endif
        }
        p += sizeof word;
    }
    while (p < end && crm_is_plain(*p, in_string)) {
        p++;
    }
    return p;
}

#endif
