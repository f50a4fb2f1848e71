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

/* Appends the line: the packet type's name, then what a person scans a list
 * for, and the reason where a datagram cannot be decoded. Safe to display. */
void crm_message_summarise(const crm_message_t *message, GString *out);

#endif
