/* stats-hosts.c
 * Statistics: hosts (-z crm,hosts)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "answers.h"
#include "hosts.h"
#include "silence.h"
#include "stats-hosts-rows.h"

/* A number that a host may lack is a text, as the other types cannot be empty.
 * Windows sort texts as such, so all of them are equally long. */
static stat_tap_table_item host_columns[CRM_COLUMN_COUNT] = {
    [CRM_COLUMN_NAME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Host", "%-20s"},
    [CRM_COLUMN_TYPE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Type", "%-10s"},
    [CRM_COLUMN_ADDRESS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Address", "%-16s"},
    [CRM_COLUMN_PROBES_SENT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Probes sent", "%12u"},
    [CRM_COLUMN_ANSWERED_BY_OTHERS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Answered by others", "%19u"},
    [CRM_COLUMN_ANSWERED_BY_ITSELF] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Answered by itself", "%19u"},
    [CRM_COLUMN_MISSED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Missed", "%7u"},
    [CRM_COLUMN_REGISTERED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Registered", "%11u"},
    [CRM_COLUMN_FAILED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Failed", "%7u"},
    [CRM_COLUMN_EXHAUSTED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Exhausted", "%10u"},
    [CRM_COLUMN_LAST_OUTCOME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Last outcome", "%-13s"},
    [CRM_COLUMN_RETRIES_LEFT] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Retries left", "%13s"},
    [CRM_COLUMN_RESPONSE_TIME] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Mean response time", "%18s"},
    [CRM_COLUMN_FIRST_SEEN] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "First seen", "%16s"},
    [CRM_COLUMN_LAST_SEEN] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Last seen", "%16s"},
    [CRM_COLUMN_DAEMONS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Daemons", "%s"},
};

/* What a worker let pass since its latest answer to a collector. Numbers are of that collector's probes. */
typedef struct {
    uint32_t answered;  /* the latest one, or 0 */
    uint32_t silent_at; /* the latest at which it was silent, or 0 */
    uint32_t missed;    /* how many were counted */
} gap_t;

typedef struct {
    crm_stats_view_t base; /* first, as stats-view.h has it */
    crm_host_rows_t rows;
    unsigned session;     /* of which the next two tell */
    GHashTable *answered; /* probes to which an answer was counted, each for a host */
    GHashTable *gaps;     /* a worker and its collector -> gap_t */
    nstime_t start;       /* when the capture began, the first session's */
    bool has_start;
} view_t;

static unsigned session;

static void
begin_session(void)
{
    session++;
}

/* Views */

static crm_stats_view_t *
new_view(void)
{
    view_t *view = g_new0(view_t, 1);

    crm_host_rows_init(&view->rows, &view->base);
    view->answered = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    view->gaps = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return &view->base;
}

static void
clear_view(crm_stats_view_t *base)
{
    view_t *view = (view_t *)base;

    crm_host_rows_clear(&view->rows);
    g_hash_table_destroy(view->answered);
    g_hash_table_destroy(view->gaps);
}

static stat_tap_table_ui hosts_ui;
static crm_stats_views_t views = {&hosts_ui, new_view, clear_view, NULL};

static view_t *
view_of(stat_data_t *listener)
{
    view_t *view = (view_t *)crm_stats_view_of(&views, listener);

    if (view->session != session) {
        view->session = session;
        crm_host_rows_begin_session(&view->rows);
        g_hash_table_remove_all(view->answered);
        g_hash_table_remove_all(view->gaps);
    }
    return view;
}

static void
init_hosts(stat_tap_table_ui *ui _U_)
{
    crm_stats_views_init(&views);
}

static void
reset_hosts(stat_tap_table *table)
{
    view_t *view = (view_t *)crm_stats_view_with(&views, table);

    if (view) {
        crm_host_rows_reset(&view->rows);
        view->session = 0; /* no session has this number */
        view->has_start = false;
    }
}

/* Counting */

static void
count_time(view_t *view, crm_host_row_t *sender, const crm_record_t *r)
{
    double since;

    if (!view->has_start && r->flags & CRM_RECORD_TIME) {
        view->start = crm_record_start();
        view->has_start = true;
    }
    if (crm_record_seconds_since(&view->start, r, &since)) {
        crm_host_row_see(sender, since, since);
    }
}

static void
count_outcome(crm_host_row_t *worker, const crm_tap_t *tap)
{
    static const crm_host_column_t columns[] = {
        [CRM_REGISTERED] = CRM_COLUMN_REGISTERED,
        [CRM_FAILED] = CRM_COLUMN_FAILED,
        [CRM_EXHAUSTED] = CRM_COLUMN_EXHAUSTED,
    };

    char retries[32] = "";

    if (tap->outcome == CRM_NO_OUTCOME) {
        return;
    }
    worker->items[columns[tap->outcome]].value.uint_value++;
    crm_host_row_set_text(worker, CRM_COLUMN_LAST_OUTCOME, crm_outcome_name(tap->outcome));
    if (tap->outcome != CRM_REGISTERED && tap->has_retries) {
        snprintf(retries, sizeof retries, "%12" PRId64, tap->retries);
    }
    crm_host_row_set_text(worker, CRM_COLUMN_RETRIES_LEFT, retries);
}

static gint64
pair_key(uint32_t a, uint32_t b)
{
    return (gint64)((uint64_t)a << 32 | b);
}

static gap_t *
gap_of(view_t *view, uint32_t worker, uint32_t collector)
{
    const gint64 key = pair_key(worker, collector);
    gap_t *gap = (gap_t *)g_hash_table_lookup(view->gaps, &key);

    if (gap == NULL) {
        gap = g_new0(gap_t, 1);
        g_hash_table_insert(view->gaps, g_memdup2(&key, sizeof key), gap);
    }
    return gap;
}

static void
set_missed(view_t *view, uint32_t worker, gap_t *gap, uint32_t missed)
{
    crm_host_row_of(&view->rows, worker)->items[CRM_COLUMN_MISSED].value.uint_value += missed - gap->missed;
    gap->missed = missed;
}

static void
begin_gap(gap_t *gap, uint32_t answered)
{
    *gap = (gap_t){.answered = answered, .silent_at = gap->silent_at};
}

/* At the probe after `number`: who was silent there is known by now, on every pass. Left out are those whose
 * answer to it or to a later one was counted already, which has told how many they missed. An answer that
 * the tap was not told of, as by a filter, is made up for by what the record of the ProbeAck says. */
static void
count_silent_hosts(view_t *view, uint32_t number)
{
    const crm_record_t *probe = number == CRM_NO_RECORD ? NULL : crm_record_at(number);
    const crm_silence_t *silence = probe ? crm_silence_at(probe) : NULL;

    for (uint32_t n = 0; silence && n < silence->count; n++) {
        const crm_record_t *ack = crm_record_at(silence->acks[n]);
        gap_t *gap = gap_of(view, ack->sender, probe->sender);
        if (crm_silence_is_over(silence, n) || gap->answered >= probe->probe.ordinal) {
            continue;
        }
        if (gap->answered < ack->probe_ack.ordinal) {
            begin_gap(gap, ack->probe_ack.ordinal);
        }
        gap->silent_at = probe->probe.ordinal;
        set_missed(view, ack->sender, gap, probe->probe.ordinal - gap->answered);
    }
}

/* An answer ends a gap, with the probes that its host let pass before; a late one leaves those behind it. */
static void
end_gap(view_t *view, const crm_record_t *r)
{
    gap_t *gap = gap_of(view, r->sender, r->receiver);
    const uint32_t ordinal = crm_record_at(r->request)->probe.ordinal;

    if (ordinal <= gap->answered) {
        return;
    }
    set_missed(view, r->sender, gap, r->probe_ack.missed);
    begin_gap(gap, ordinal);
    if (gap->silent_at > ordinal) {
        set_missed(view, r->sender, gap, gap->silent_at - ordinal);
    }
}

/* Whether no answer to a probe was counted for this host yet. */
static bool
is_first_answer(view_t *view, uint32_t probe, uint32_t host)
{
    const gint64 key = pair_key(host, probe);

    return g_hash_table_add(view->answered, g_memdup2(&key, sizeof key));
}

/* A probe counts as answered at its collector with the first answer that the
 * statistic's filter lets through, and once at each worker that answered it. An
 * answer to a probe before the capture counts, too. */
static void
count_answer(view_t *view, const crm_record_t *r, crm_host_row_t *worker)
{
    const bool is_asked = r->request != CRM_NO_RECORD;

    if (!is_asked || is_first_answer(view, r->request, r->sender)) {
        worker->items[CRM_COLUMN_ANSWERED_BY_ITSELF].value.uint_value++;
    }
    if (!is_asked) {
        return;
    }
    end_gap(view, r);
    if (is_first_answer(view, r->request, r->receiver)) {
        crm_host_row_of(&view->rows, r->receiver)->items[CRM_COLUMN_ANSWERED_BY_OTHERS].value.uint_value++;
    }
}

static tap_packet_status
count_datagram(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data,
               tap_flags_t flags _U_)
{
    const crm_tap_t *tap = (const crm_tap_t *)data;
    const crm_record_t *r = tap->record;
    nstime_t elapsed;

    if (r == NULL || r->type == 0 || r->sender == CRM_NO_HOST) {
        return TAP_PACKET_DONT_REDRAW;
    }
    view_t *view = view_of((stat_data_t *)tapdata);
    crm_host_row_t *sender = crm_host_row_of(&view->rows, r->sender);
    count_time(view, sender, r);
    if (r->original != CRM_NO_RECORD) {
        return TAP_PACKET_REDRAW; /* of a datagram that comes twice, the first counts */
    }
    if (crm_answer_response_time(r, true, &elapsed)) {
        crm_host_row_add_response_times(sender, nstime_to_sec(&elapsed), 1);
    }
    if (r->type == CRM_PROBE_INIT) {
        sender->items[CRM_COLUMN_PROBES_SENT].value.uint_value++;
        count_silent_hosts(view, r->probe.previous);
    } else if (r->type == CRM_PROBE_ACK) {
        count_answer(view, r, sender);
    } else if (r->type == CRM_REG_ACK && r->receiver != CRM_NO_HOST) {
        count_outcome(crm_host_row_of(&view->rows, r->receiver), tap);
    }
    return TAP_PACKET_REDRAW;
}

static stat_tap_table_ui hosts_ui = {
    .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
    .title = "CRM Hosts",
    .tap_name = "crm",
    .cli_string = "crm,hosts",
    .stat_tap_init_cb = init_hosts,
    .packet_func = count_datagram,
    .stat_tap_reset_table_cb = reset_hosts,
    .stat_tap_free_table_item_cb = crm_stats_view_free_item,
    .nfields = CRM_COLUMN_COUNT,
    .fields = host_columns,
};

void
crm_stats_hosts_register(void)
{
    register_init_routine(begin_session);
    register_stat_tap_table_ui(&hosts_ui);
}
