/* announcements.h
 * What hosts announce of themselves
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A HostInfo says who sends it: it is looked up by what it says and by where
 * it comes from, and its endpoints are learned. Where two hosts say the same
 * belongs to conflicts.h.
 */

#ifndef CRM_ANNOUNCEMENTS_H
#define CRM_ANNOUNCEMENTS_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* Ports that one datagram teaches, and daemons of it that are kept. What is
 * announced beyond is shown, but not remembered. */
#define CRM_MAX_ANNOUNCED 256

/* Whether a datagram says who sends it: it is of such a type, and has a HostInfo. */
bool crm_announces_sender(const crm_message_t *message, const crm_record_t *record);

/* The host that sent the HostInfo of a message, which is learned from: name,
 * address, endpoints. `number`: the datagram's record, whose
 * flags tell what is new in it and what it contradicts. First pass only. */
uint32_t crm_announcement_host(packet_info *pinfo, const crm_message_t *message, uint32_t number);

/* On the first pass: a host that announced itself before does so from the
 * source of this datagram too, which is a copy at another capture point or in
 * another VLAN. Ties the two networks. */
void crm_announcement_add_source(packet_info *pinfo, const crm_message_t *message, uint32_t host);

#endif
