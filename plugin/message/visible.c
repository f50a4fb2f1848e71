/* visible.c
 * A sender's text, made harmless for a terminal and a packet list
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "visible.h"

#include <string.h>

#include "append.h"
#include "scan.h"

static bool
is_line_break(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

/* Control characters, and U+202A to U+202E and U+2066 to U+2069, which
 * The Unicode Standard (UAX 9) calls explicit directional formatting; and U+FFFE
 * and U+FFFF, which XML 1.0 excludes. */
static bool
acts(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfffe || c == 0xffff;
}

/* The length of the leading run of plain ASCII: of most texts, all. */
static gsize
plain_length(const char *text, gsize length)
{
    const uint8_t *begin = (const uint8_t *)text;

    return (gsize)(crm_skip_plain(begin, begin + length, false) - begin);
}

void
crm_make_safe(GString *text, gsize from)
{
    GString *safe;

    if (plain_length(text->str + from, text->len - from) == text->len - from) {
        return;
    }
    safe = g_string_sized_new(text->len - from);
    for (const char *p = text->str + from; p < text->str + text->len; p = g_utf8_next_char(p)) {
        const gunichar c = g_utf8_get_char(p);
        if (acts(c) && !is_line_break(c)) {
            g_string_append_printf(safe, "\\u%04x", c);
        } else {
            g_string_append_len(safe, p, g_utf8_next_char(p) - p);
        }
    }
    g_string_truncate(text, from);
    g_string_append_len(text, safe->str, (gssize)safe->len);
    g_string_free(safe, TRUE);
}

bool
crm_is_visible(const char *text, gsize limit)
{
    const gsize length = strlen(text);
    return length <= limit && plain_length(text, length) == length;
}

/* Returns what the limit left out, or an empty text. */
static const char *
append_limited(GString *out, const char *text, gsize limit)
{
    const gsize plain = plain_length(text, MIN(strlen(text), limit));
    const char *p = text + plain;

    crm_append(out, text, plain);
    for (limit -= plain; *p != '\0' && limit > 0; p = g_utf8_next_char(p), limit--) {
        const gunichar c = g_utf8_get_char(p);
        if (acts(c) || is_line_break(c)) {
            g_string_append_printf(out, "\\u%04x", c);
        } else {
            g_string_append_len(out, p, g_utf8_next_char(p) - p);
        }
    }
    return p;
}

void
crm_append_start(GString *out, const char *text, gsize limit)
{
    append_limited(out, text, limit);
}

void
crm_append_visible(GString *out, const char *text, gsize limit)
{
    if (*append_limited(out, text, limit) != '\0') {
        g_string_append(out, CRM_ELLIPSIS);
    }
}
