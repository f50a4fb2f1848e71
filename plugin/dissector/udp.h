/* udp.h
 * How datagrams come to CRM: ports, Decode As, heuristics
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A datagram is CRM's when its port is configured or named in Decode As, when
 * its content is CRM beyond doubt (message/recognise.h), when a HostInfo
 * announced one of its endpoints (endpoints.h), or when an earlier datagram
 * between the two was.
 */

#ifndef CRM_UDP_H
#define CRM_UDP_H

/* Registers the dissector "crm" and all preferences; after proto_register_crm(). */
void crm_udp_register(void);

/* Registers the ports and heuristics by which UDP hands datagrams over. */
void crm_udp_handoff(void);

#endif
