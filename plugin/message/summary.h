/* summary.h
 * A message in one line, for the packet list
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
