/* routers.h
 * VLANs that are one network, as a router passes datagrams between them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_ROUTERS_H
#define CRM_ROUTERS_H

#include "compat.h"
#include "message/message.h"

/* On the first pass: ties two VLANs where a new record's datagram came by in another one just before. */
void crm_routers_tie(packet_info *pinfo, const crm_message_t *message, uint32_t number);

#endif
