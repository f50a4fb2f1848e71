/* stats.c
 * What the statistics have in common
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
    crm_stats_register_packets();
    crm_stats_register_hosts();
    crm_stats_register_response_times(proto);
    crm_stats_points_register();
}
