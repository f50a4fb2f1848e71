/* summary.h
 * A message in one line, for the packet list
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_SUMMARY_H
#define CRM_SUMMARY_H

#include "message.h"

/* All that is appended here is safe to show in one line. */

/* The packet type's name, or the class's; nothing where it has neither. */
void crm_message_append_type(const crm_message_t *message, GString *out);

/* Appends the line: the packet type's name, then what a person scans a list
 * for; the id is last. `about`: a name that follows the type, or NULL. */
void crm_message_summarise(const crm_message_t *message, const char *about, GString *out);

/* Has a message that is summarised often keep what stands between `about` and the id. */
void crm_message_keep_summary(crm_message_t *message);

/* Appends the first of the most severe findings, in brackets and with a blank
 * after it: "[info.ports[0].port: expected an integer] ". False, and nothing
 * is appended, where there is none. */
bool crm_message_append_finding(const crm_message_t *message, GString *out);

/* The name of a message's type, PROBE_INIT; where it has no type, that of its
 * class, or the class. Static; NULL where it has neither. */
const char *crm_message_type_name(const crm_message_t *message);

#endif
