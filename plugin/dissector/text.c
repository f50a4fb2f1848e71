/* text.c
 * A sender's text in a label or message of ours
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "text.h"

#include <string.h>

const char *
crm_text_visible(wmem_allocator_t *pool, const char *text, size_t limit)
{
    if (crm_is_visible(text, limit)) {
        return text;
    }
    GString *out = g_string_new(NULL);
    crm_append_visible(out, text, limit);
    const char *visible = wmem_strndup(pool, out->str, out->len);
    g_string_free(out, TRUE);
    return visible;
}

size_t
crm_text_cut(const char *text, size_t limit)
{
    while ((text[limit] & 0xc0) == 0x80) { /* within a character */
        limit--;
    }
    return limit;
}

const char *
crm_text_short(wmem_allocator_t *pool, const char *text, size_t limit)
{
    const char *visible = crm_text_visible(pool, text, limit);

    return strlen(visible) <= limit
               ? visible
               : wmem_strdup_printf(pool, "%.*s%s", (int)crm_text_cut(visible, limit), visible, CRM_ELLIPSIS);
}
