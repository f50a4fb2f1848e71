/* packet-crm.h
 * Routines for Cloudless Resource Monitoring (CRM) dissection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PACKET_CRM_H
#define PACKET_CRM_H

/* Registers the protocol, its fields, expert information and preferences. */
void proto_register_crm(void);

/* Registers where its datagrams come from: UDP ports, heuristic. */
void proto_reg_handoff_crm(void);

#endif
