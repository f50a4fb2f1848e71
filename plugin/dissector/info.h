/* info.h
 * A datagram in one line: the Info column, and the label of its tree
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_INFO_H
#define CRM_INFO_H

#include "dissection.h"

/* Appends the Info column: what is wrong first, at most CRM_INFO_MAX_FINDINGS
 * and the most severe, as "[Duplicate of 1] "; then the message. */
#define CRM_INFO_MAX_FINDINGS 2
void crm_info_append(const crm_dissection_t *d, GString *out);

/* Appends to the label of the tree's root: ", REG_ACK failed". */
void crm_info_append_root(const crm_dissection_t *d, GString *out);

#endif
