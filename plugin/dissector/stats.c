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

bool
crm_stats_response_time(const crm_record_t *record, nstime_t *time)
{
    return record->request != CRM_NO_RECORD && record->original == CRM_NO_RECORD &&
           crm_record_time_between(crm_record_at(record->request), record, time);
}

void
crm_stats_register(int proto)
{
    crm_stats_register_packets();
    crm_stats_register_hosts();
    crm_stats_register_response_times(proto);
}
