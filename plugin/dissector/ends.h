/* ends.h
 * Which hosts a datagram goes between, by its addresses
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For what does not say itself who sends it, and whom everything is for. A
 * `type` is CRM_PROBE_INIT ..., or 0 where it is not known. First pass only,
 * where nothing else is said.
 */

#ifndef CRM_ENDS_H
#define CRM_ENDS_H

#include "compat.h"
#include "records.h"

/* Hosts that are known at the ends of a datagram, or CRM_NO_HOST. */
typedef struct {
    uint32_t sender, receiver;
} crm_ends_t;

/* The host at the source, or at the destination, of a datagram of a type; met here first, if need be.
 * CRM_NO_HOST where there is no address. */
uint32_t crm_ends_sender(packet_info *pinfo, uint32_t type);
uint32_t crm_ends_receiver(packet_info *pinfo, uint32_t type);

/* Sets sender and receiver of what has no part in the dialogue, as it is broken, to hosts that are known. It
 * is said by somebody to somebody all the same. */
void crm_ends_name(crm_record_t *r, const packet_info *pinfo, uint32_t type);

/* Those of a record, which may be NULL; on any pass. */
crm_ends_t crm_ends_of_record(const crm_record_t *record);

/* On any pass, of a datagram that ICMP quotes, which has no record: what was known on the first. */
crm_ends_t crm_ends_of_quoted(packet_info *pinfo, uint32_t type);

#endif
