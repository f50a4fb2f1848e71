/* routers.c
 * VLANs that are one network, as a router passes datagrams between them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "routers.h"

#include <string.h>

#include "announcements.h"
#include "hosts.h"
#include "networks.h"
#include "silence.h"

/* A router passes a datagram on as soon as this, and as few others come by meanwhile. */
static const nstime_t routed_within = {0, 10 * 1000 * 1000};
#define CRM_MAX_ROUTED 32

/* One network from now on. Whom the datagram announces may have been met in
 * both before that, and is the one of the other network then. */
static void
tie_networks(packet_info *pinfo, const crm_message_t *m, const crm_record_t *r, uint32_t sender)
{
    const crm_host_t *host = crm_host_at(sender);
    const uint16_t network = crm_network_of(pinfo);

    if (crm_networks_are_one(host->source.network, network)) {
        return;
    }
    if (!crm_announces_sender(m, r)) {
        crm_networks_tie(host->source.network, network);
        return;
    }
    const uint32_t here = crm_host_of_endpoint(pinfo, &pinfo->src, pinfo->srcport, (crm_role_t)host->role);
    crm_announcement_add_source(pinfo, m, sender); /* ties them, too */
    if (here != CRM_NO_HOST && here != sender && strcmp(crm_host_at(here)->name, host->name) == 0) {
        crm_silence_forget(here);
    }
}

void
crm_routers_tie(packet_info *pinfo, const crm_message_t *message, uint32_t number)
{
    const crm_endpoint_key_t source = crm_endpoint_key(pinfo, &pinfo->src, 0);
    const crm_record_t *r = crm_record_at(number);

    for (uint32_t i = 1; crm_networks_are_several() && i <= CRM_MAX_ROUTED && i <= number; i++) {
        const crm_record_t *before = crm_record_at(number - i);
        if (before->content == r->content && before->id == r->id && before->type == r->type &&
            before->sender != CRM_NO_HOST && crm_record_is_within(before, r, &routed_within) &&
            crm_host_sends_from_address(crm_host_at(before->sender), &source)) {
            tie_networks(pinfo, message, r, before->sender);
        }
    }
}
