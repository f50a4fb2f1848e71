/* text.h
 * A sender's text in a label or message of ours
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_TEXT_H
#define CRM_TEXT_H

#include "compat.h"
#include "message/visible.h"

/* Of a name, and of an address, in messages and labels: these need room for their words, too. */
#define CRM_LABEL_BYTES 64

/* At most `limit` characters of a text, harmless to show in one line (see
 * message/visible.h), and an ellipsis where more was there. Takes valid UTF-8.
 * Of most texts that is the text itself; else the result is the pool's. */
const char *crm_text_visible(wmem_allocator_t *pool, const char *text, size_t limit);

/* How many bytes of a text, at most `limit`, end between two characters. Takes valid UTF-8 of at least as
 * many. */
size_t crm_text_cut(const char *text, size_t limit);

/* The same as crm_text_visible(), with at most `limit` bytes before the ellipsis, for what Wireshark has room
 * for: where it cuts itself, half of a character may remain, and no reader of what tshark prints takes that.
 */
const char *crm_text_short(wmem_allocator_t *pool, const char *text, size_t limit);

#endif
