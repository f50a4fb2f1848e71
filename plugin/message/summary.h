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

/* Appends the line: the packet type's name first, then what a person scans
 * for, and for what is undecodable, why. The text is harmless to show. */
void crm_message_summarise(const crm_message_t *message, GString *out);

#endif
