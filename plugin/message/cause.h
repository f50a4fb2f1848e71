/* cause.h
 * What a sender did wrong, where its bytes tell
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The verdict is the reader's: these only add to its words why a sender may
 * have come to write such bytes.
 */

#ifndef CRM_CAUSE_H
#define CRM_CAUSE_H

#include "json.h"

/* Appends the cause of a document's error, after ": ", or nothing. The end must
 * be the datagram's, and not where the capture cut it. */
void crm_cause_append(const crm_json_t *doc, GString *out);

/* Why a string stands where something else belongs, or NULL; static. */
const char *crm_cause_of_string(const crm_json_t *doc, uint32_t string);

#endif
