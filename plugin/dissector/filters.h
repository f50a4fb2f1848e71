/* filters.h
 * Conversation filters: the round of a probe, and all of a worker
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark offers them for the selected datagram, under Conversation Filter
 * and Colorize Conversation.
 */

#ifndef CRM_FILTERS_H
#define CRM_FILTERS_H

#include "dissection.h"

/* Registers the two filters of the protocol. */
void crm_filters_register(int proto);

/* Keeps what the filters need of a datagram with its packet, as far as a tree
 * is shown: only of a selected packet does Wireshark ask for filters. */
void crm_filters_remember(const crm_dissection_t *d, proto_tree *tree);

#endif
