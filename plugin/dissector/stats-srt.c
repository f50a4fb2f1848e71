/* stats-srt.c
 * Statistics: response times (-z crm,srt)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats.h"

#include <epan/srt_table.h>

#include "answers.h"
#include "message/schema.h"

/* Wireshark makes a filter of a row as text "==" number of the row. So the rows
 * have the numbers of the packet types, and this with one of them finds the
 * datagrams that the row counts. Every message has a row: those that count none,
 * as of what is no answer, are not shown. */
#define CRM_ROW_FILTER "crm.response_time && crm.type"

static void
init_response_times(struct register_srt *srt _U_, GArray *tables)
{
    /* It grows with its rows. */
    srt_stat_table *table = init_srt_table("CRM", NULL, tables, 0, "Answer", CRM_ROW_FILTER, NULL);

    for (crm_class_t class = CRM_CLASS_PROBE_INIT; crm_schema_is_message(class); class ++) {
        if (crm_class_packet_type(class)) {
            init_srt_table_row(table, (int)crm_class_packet_type(class), crm_class_name(class));
        }
    }
}

/* Not by add_srt_table_data(), which asks for the time of the request and takes
 * that of the answer from Wireshark, where Time Shift has changed it. */
static tap_packet_status
count_response_time(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
                    tap_flags_t flags _U_)
{
    const crm_record_t *r = ((const crm_tap_t *)data)->record;
    const srt_stat_table *table = g_array_index(((srt_data_t *)tapdata)->srt_array, srt_stat_table *, 0);
    nstime_t elapsed;

    if (r == NULL || r->type >= table->num_procs || !crm_answer_response_time(r, true, &elapsed)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    time_stat_update(&table->procedures[r->type].stats, &elapsed, pinfo);
    return TAP_PACKET_REDRAW;
}

void
crm_stats_srt_register(int proto)
{
    register_srt_table(proto, NULL, 1, count_response_time, init_response_times, NULL);
}
