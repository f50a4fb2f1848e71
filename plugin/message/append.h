/* append.h
 * Appending to a GString where it is done dozens of times a datagram
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * g_string_append_len() does these without a call from GLib 2.76 on; Debian
 * 12 has 2.74.
 */

#ifndef CRM_APPEND_H
#define CRM_APPEND_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Appends `length` bytes, which must not be in `out` itself. */
static inline void
crm_append(GString *out, const void *text, size_t length)
{
    if (out->len + length < out->allocated_len) {
        memcpy(out->str + out->len, text, length);
        out->len += length;
        out->str[out->len] = '\0';
    } else {
        g_string_append_len(out, (const char *)text, (gssize)length);
    }
}

/* Appends a NUL-terminated text. */
static inline void
crm_append_words(GString *out, const char *words)
{
    crm_append(out, words, strlen(words));
}

/* Appends a number in decimal digits. */
static inline void
crm_append_uint(GString *out, uint32_t number)
{
    char digits[10];
    size_t first = sizeof digits;

    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    crm_append(out, digits + first, sizeof digits - first);
}

#endif
