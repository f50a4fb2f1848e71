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

/* At most `limit` characters of a text, harmless to show in one line (see
 * message/visible.h), and an ellipsis where more was there. Takes valid UTF-8.
 * Of most texts that is the text itself; else the result is the pool's. */
const char *crm_text_visible(wmem_allocator_t *pool, const char *text, size_t limit);

/* The same, of at most `limit` bytes: where it is cut, it ends in an ellipsis. */
const char *crm_text_fitting(wmem_allocator_t *pool, const char *text, size_t limit);

#endif
