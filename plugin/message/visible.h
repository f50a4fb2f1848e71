/* visible.h
 * A sender's text, made harmless for a terminal and a packet list
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a sender writes must not act on the screen of the person who reads it.
 * Wireshark escapes what it puts into its tree, but `tshark -T fields` prints
 * a string as it is. So whatever a terminal obeys or changes the direction of text
 * is written as JSON's escape for it (\u001b):
 * control characters (C0, DEL, C1) and Unicode's bidirectional embeddings,
 * overrides and isolates. So are U+FFFE and U+FFFF: no XML may hold them, and one
 * would spoil all of `tshark -T pdml`.
 */

#ifndef CRM_VISIBLE_H
#define CRM_VISIBLE_H

#include <glib.h>
#include <stdbool.h>

/* What stands for the rest of a text that is cut. */
#define CRM_ELLIPSIS "\u2026"

/* Escapes such characters in a text from byte `from` on, but keeps TAB, LF and
 * CR, which messages contain and tshark escapes. Takes valid UTF-8. */
void crm_make_safe(GString *text, gsize from);

/* Whether crm_append_visible() would append the text as it is, told at a glance:
 * plain ASCII of at most `limit` characters. */
bool crm_is_visible(const char *text, gsize limit);

/* Appends at most `limit` characters of a text for one line of a list: TAB, LF,
 * CR and Unicode's line separators are escaped too. An ellipsis follows where
 * the limit cut the text. Takes valid UTF-8. */
void crm_append_visible(GString *out, const char *text, gsize limit);

/* The same without the ellipsis. */
void crm_append_start(GString *out, const char *text, gsize limit);

#endif
