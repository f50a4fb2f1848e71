/* dialogue-items.h
 * What the dialogue tells of a datagram, as generated items and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only other datagrams tell is shown here, with fields and expert
 * information of its own; what the datagram itself tells is message-items.c's.
 */

#ifndef CRM_DIALOGUE_ITEMS_H
#define CRM_DIALOGUE_ITEMS_H

#include "dissection.h"

/* Registers the fields and expert information of the dialogue. */
void crm_dialogue_items_register(int proto, expert_module_t *expert);

/* Adds the items to the datagram's tree, and expert information to the items
 * that it is about; where there is none, to the datagram's item. Tree and item
 * may be NULL. */
void crm_dialogue_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item);

#endif
