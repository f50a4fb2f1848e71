/* packet-crm.h
 * Routines for Cloudless Resource Monitoring (CRM) dissection
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PACKET_CRM_H
#define PACKET_CRM_H

#include "compat.h"

/* Registers the protocol, its fields, expert information, tap and statistics. */
void proto_register_crm(void);

/* Finds the other dissectors that it calls. */
void proto_reg_handoff_crm(void);

/* Registers how datagrams are shown, in the protocol's module of preferences. */
void crm_register_preferences(module_t *module);

/* Dissects a datagram that is CRM's: tree, columns, expert information, tap.
 * `announced_in`: as crm_dialogue_follow() takes it. Returns the number of
 * bytes, or throws where the capture has not got them all. */
int crm_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t announced_in);

#endif
