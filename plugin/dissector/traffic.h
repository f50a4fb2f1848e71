/* traffic.h
 * What is wrong with a datagram's part in the traffic
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decided once for each dissection, so that the tree, the Info column and the
 * statistics say the same. Statistics come after the whole frame: another
 * datagram in it may have changed by then what was true.
 */

#ifndef CRM_TRAFFIC_H
#define CRM_TRAFFIC_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* X(constant, name): the filter is crm.<name>. */
#define CRM_TRAFFIC_FINDINGS(X)                                                                              \
    X(DUPLICATE, duplicate)                                                                                  \
    X(LOST_DATAGRAM, lost_datagram)                                                                          \
    X(HOST_SILENT, host_silent)                                                                              \
    X(HOSTNAME_CONFLICT, hostname_conflict)                                                                  \
    X(NO_RESPONSE, no_response)                                                                              \
    X(NO_REGISTER, no_register)                                                                              \
    X(INET_ADDR_MISMATCH, inet_addr_mismatch)                                                                \
    X(REGISTER_FAILED, register_failed)                                                                      \
    X(REGISTER_EXHAUSTED, register_exhausted)

#define CRM_TRAFFIC_CONSTANT(constant, name) CRM_TRAFFIC_##constant,
typedef enum { CRM_TRAFFIC_FINDINGS(CRM_TRAFFIC_CONSTANT) CRM_TRAFFIC_FINDING_COUNT } crm_traffic_finding_t;

/* "crm.duplicate"; static. */
const char *crm_traffic_finding_name(crm_traffic_finding_t finding);

/* Bit n: crm_traffic_finding_t n holds, as far as this pass can tell. What may
 * still come is missed on later passes only. Of a copy, its original tells all
 * but what its own addresses show. `record`: of the datagram that is dissected;
 * `outcome`: crm_register_outcome() of its message. */
unsigned crm_traffic_findings(const crm_record_t *record, const packet_info *pinfo, crm_outcome_t outcome);

/* The probe of whose silent hosts a ProbeInit tells: itself, or on a single pass,
 * which is at the next probe when it learns who was silent, the one before it.
 * NULL: none, or no ProbeInit. */
const crm_record_t *crm_traffic_silent_probe(const crm_record_t *record, const packet_info *pinfo);

static inline bool
crm_traffic_has(unsigned findings, crm_traffic_finding_t finding)
{
    return findings >> finding & 1;
}

#endif
