/* stats-tree.c
 * Statistics: packets (-z crm,tree)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats.h"

#include <epan/stats_tree.h>

#include "traffic.h"

/* A tree numbers its nodes in the order of creation, so that these are the same
 * for each of several trees. */
static int node_messages;
static int node_encodings;
static int node_experts;
static int node_registrations;

static void
init_tree(stats_tree *st)
{
    node_messages = stats_tree_create_node(st, "Messages", 0, STAT_DT_INT, TRUE);
    node_encodings = stats_tree_create_node(st, "Encodings", 0, STAT_DT_INT, TRUE);
    node_experts = stats_tree_create_node(st, "Expert Information", 0, STAT_DT_INT, TRUE);
    node_registrations = stats_tree_create_node(st, "Registrations", 0, STAT_DT_INT, TRUE);
}

static void
tick(stats_tree *st, int parent, const char *parent_name, const char *name)
{
    tick_stat_node(st, parent_name, 0, TRUE);
    tick_stat_node(st, name, parent, FALSE);
}

/* A datagram counts once for each kind of finding, or once as without any. That nobody answered, or where
 * it was lost, is known on a second pass only, as in the GUI or with tshark -2. */
static void
tick_experts(stats_tree *st, const crm_tap_t *tap)
{
    tick_stat_node(st, "Expert Information", 0, TRUE);
    for (unsigned kind = 0; kind < CRM_FINDING_COUNT; kind++) {
        if (tap->findings >> kind & 1) {
            tick_stat_node(st, crm_finding_name((crm_finding_kind_t)kind), node_experts, FALSE);
        }
    }
    for (unsigned kind = 0; kind < CRM_TRAFFIC_FINDING_COUNT; kind++) {
        if (tap->traffic >> kind & 1) {
            tick_stat_node(st, crm_traffic_finding_name((crm_traffic_finding_t)kind), node_experts, FALSE);
        }
    }
    if (!tap->findings && !tap->traffic) {
        tick_stat_node(st, "none", node_experts, FALSE);
    }
}

static tap_packet_status
count_packet(stats_tree *st, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
             tap_flags_t flags _U_)
{
    const crm_tap_t *tap = (const crm_tap_t *)data;

    tick(st, node_messages, "Messages", tap->type ? tap->type : "no CRM message");
    tick(st, node_encodings, "Encodings", crm_encoding_name(tap->encoding));
    tick_experts(st, tap);
    if (tap->outcome != CRM_NO_OUTCOME) {
        tick(st, node_registrations, "Registrations", crm_outcome_name(tap->outcome));
    }
    return TAP_PACKET_REDRAW;
}

void
crm_stats_tree_register(void)
{
    stats_tree_register_plugin("crm", "crm", "CRM" STATS_TREE_MENU_SEPARATOR "Packets", 0, count_packet,
                               init_tree, NULL);
}
