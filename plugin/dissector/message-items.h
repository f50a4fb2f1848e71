/* message-items.h
 * A message as items of a tree, with their fields and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_MESSAGE_ITEMS_H
#define CRM_MESSAGE_ITEMS_H

#include "dissection.h"

/* Registers the fields and expert information of messages. */
void crm_message_items_register(int proto, expert_module_t *expert);

/* The tree below the datagram's own item, which all its items are put into; NULL of NULL. */
proto_tree *crm_message_items_tree(proto_item *item);

/* Adds the message to the datagram's tree and sets `d->items`; what is wrong with it as a whole hangs at the
 * datagram's item. Without a tree, there is only expert information. */
void crm_message_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item);

#endif
