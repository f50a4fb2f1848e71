/* stats.c
 * Registers the statistics: each is a file of its own
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats.h"

#include "stats-points.h"

void
crm_stats_register(int proto)
{
    crm_stats_tree_register();
    crm_stats_hosts_register();
    crm_stats_srt_register(proto);
    crm_stats_points_register();
}
