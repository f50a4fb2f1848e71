/* traffic.c
 * What is wrong with a datagram's part in the traffic
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "traffic.h"

#include "answers.h"
#include "copies.h"
#include "hosts.h"
#include "silence.h"

const char *
crm_traffic_finding_name(crm_traffic_finding_t finding)
{
#define CRM_TRAFFIC_NAME(constant, name) [CRM_TRAFFIC_##constant] = "crm." #name,
    static const char *const names[] = {CRM_TRAFFIC_FINDINGS(CRM_TRAFFIC_NAME)};

    return names[finding];
}

const crm_record_t *
crm_traffic_silent_probe(const crm_record_t *r, const packet_info *pinfo)
{
    if (r->type != CRM_PROBE_INIT) {
        return NULL;
    }
    if (PINFO_FD_VISITED(pinfo)) {
        return r;
    }
    return r->probe.previous == CRM_NO_RECORD ? NULL : crm_record_at(r->probe.previous);
}

static unsigned
is_found(bool holds, crm_traffic_finding_t finding)
{
    return holds ? 1U << finding : 0;
}

/* What all of the file tells. */
static unsigned
find_missing(const crm_record_t *r)
{
    const bool is_missing = crm_answer_is_missing(r);

    return is_found(is_missing && r->type == CRM_PROBE_INIT, CRM_TRAFFIC_NO_RESPONSE) |
           is_found(is_missing && r->type == CRM_PROBE_ACK, CRM_TRAFFIC_NO_REGISTER) |
           is_found(crm_copies_lost_at(r), CRM_TRAFFIC_LOST_DATAGRAM);
}

unsigned
crm_traffic_findings(const crm_record_t *r, const packet_info *pinfo, crm_outcome_t outcome)
{
    const unsigned elsewhere = is_found(crm_host_address_mismatch(r, pinfo), CRM_TRAFFIC_INET_ADDR_MISMATCH);

    if (crm_copies_is_copy(r)) {
        return elsewhere;
    }
    const crm_record_t *probe = crm_traffic_silent_probe(r, pinfo);
    return elsewhere | (PINFO_FD_VISITED(pinfo) ? find_missing(r) : 0) |
           is_found(r->original != CRM_NO_RECORD, CRM_TRAFFIC_DUPLICATE) |
           is_found(r->conflict_kind != CRM_NO_CONFLICT, CRM_TRAFFIC_HOSTNAME_CONFLICT) |
           is_found(probe && crm_silence_count(probe), CRM_TRAFFIC_HOST_SILENT) |
           is_found(outcome == CRM_FAILED, CRM_TRAFFIC_REGISTER_FAILED) |
           is_found(outcome == CRM_EXHAUSTED, CRM_TRAFFIC_REGISTER_EXHAUSTED);
}
