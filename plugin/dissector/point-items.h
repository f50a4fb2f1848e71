/* point-items.h
 * What capture points tell of a datagram, as generated items and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_POINT_ITEMS_H
#define CRM_POINT_ITEMS_H

#include "dissection.h"

/* Registers the fields and expert information of capture points. */
void crm_point_items_register(int proto, expert_module_t *expert);

/* Adds the items to the datagram's tree, and the expert information to its
 * item; `d->record` must not be NULL, tree and item may be. */
void crm_point_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item);

#endif
