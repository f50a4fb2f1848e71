/* stats-hosts.c
 * Statistics: hosts (-z crm,hosts)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark has one stat_tap_table_ui with its tables for all who look at a
 * statistic. But each window, and each -z of tshark, has a filter of its own, and a
 * window goes on reading the rows it was given after another was opened. So
 * each listener gets a view: a stat_tap_table_ui of its own, put into the
 * listener's data in place of the common one, which stays empty.
 *
 * With tshark -M, and with ring buffers, a view outlives the session: numbers
 * of hosts and records begin anew. So a row is known by what its host announced.
 */

#include "stats.h"

#include <inttypes.h>
#include <string.h>

#include "hosts.h"
#include "message/schema.h"
#include "message/visible.h"
#include "networks.h"
#include "silence.h"
#include "stats-view.h"

#define CRM_NAME_CHARACTERS    80 /* of a name or address */
#define CRM_DAEMONS_CHARACTERS 400

typedef enum {
    CRM_COLUMN_NAME,
    CRM_COLUMN_TYPE,
    CRM_COLUMN_ADDRESS,
    CRM_COLUMN_PROBES_SENT,
    CRM_COLUMN_ANSWERED_BY_OTHERS,
    CRM_COLUMN_ANSWERED_BY_ITSELF,
    CRM_COLUMN_MISSED,
    CRM_COLUMN_REGISTERED,
    CRM_COLUMN_FAILED,
    CRM_COLUMN_EXHAUSTED,
    CRM_COLUMN_LAST_OUTCOME,
    CRM_COLUMN_RETRIES_LEFT,
    CRM_COLUMN_RESPONSE_TIME,
    CRM_COLUMN_FIRST_SEEN,
    CRM_COLUMN_LAST_SEEN,
    CRM_COLUMN_DAEMONS,
    CRM_COLUMN_COUNT
} host_column_t;

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

/* A row, and what its numbers are made of. */
typedef struct row {
    stat_tap_table_item_type *items; /* the table's */
    guint position;                  /* in the table */
    bool announced;                  /* else nobody has announced its address yet */
    bool seen;                       /* it has sent something at a known time: ... */
    double first, last;              /* ... between these, in seconds since the capture began */
    double response_time;            /* of its answers, in seconds: the sum of them ... */
    guint response_times;            /* ... and how many */
    struct row *merged_into;         /* what it counted is counted there; without items */
} row_t;

/* What a host of this session is shown as. */
typedef struct {
    row_t *row;
    bool announced;
    uint64_t info; /* crm_host_t.info */
} shown_t;

/* What a worker let pass since its latest answer to a collector. Numbers are of that collector's probes. */
typedef struct {
    uint32_t answered;  /* the latest one, or 0 */
    uint32_t silent_at; /* the latest at which it was silent, or 0 */
    uint32_t missed;    /* how many were counted */
} gap_t;

typedef struct {
    crm_stats_view_t base; /* first, as stats-view.h has it */
    GPtrArray *rows;       /* all of row_t, those merged too */
    GHashTable *by_key;    /* announced_key(), address_key() -> row_t; NULL: several have the address */
    unsigned session;      /* of which the next three tell */
    GArray *hosts;         /* of shown_t, by the number of the host */
    GHashTable *answered;  /* probes to which an answer was counted, each for a host */
    GHashTable *gaps;      /* a worker and its collector -> gap_t */
    nstime_t start;        /* when the capture began, on the clock of pinfo->abs_ts */
    bool has_start;
    GString *text;
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

    view->rows = g_ptr_array_new_with_free_func(g_free);
    view->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    view->hosts = g_array_new(FALSE, TRUE, sizeof(shown_t));
    view->answered = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    view->gaps = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    view->text = g_string_new(NULL);
    return &view->base;
}

static void
clear_view(crm_stats_view_t *base)
{
    view_t *view = (view_t *)base;

    g_ptr_array_free(view->rows, TRUE);
    g_hash_table_destroy(view->by_key);
    g_array_free(view->hosts, TRUE);
    g_hash_table_destroy(view->answered);
    g_hash_table_destroy(view->gaps);
    g_string_free(view->text, TRUE);
}

static stat_tap_table_ui hosts_ui;
static crm_stats_views_t views = {&hosts_ui, new_view, clear_view, NULL};

static view_t *
view_of(stat_data_t *listener)
{
    view_t *view = (view_t *)crm_stats_view_of(&views, listener);

    if (view->session != session) {
        view->session = session;
        g_array_set_size(view->hosts, 0);
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

/* Texts */

static void
set_text(row_t *row, host_column_t column, const char *text)
{
    crm_stats_view_set_text(&row->items[column], text);
}

/* A text that a host sent. In what tshark prints, it must not look like the end
 * of a cell either. */
static void
set_sent(view_t *view, row_t *row, host_column_t column, const char *text, gsize limit)
{
    gchar **parts;

    g_string_truncate(view->text, 0);
    crm_append_visible(view->text, text, limit);
    parts = g_strsplit(view->text->str, "|", -1);
    char *harmless = g_strjoinv("\\u007c", parts);
    set_text(row, column, harmless);
    g_free(harmless);
    g_strfreev(parts);
}

/* Rows */

static row_t *
add_row(view_t *view)
{
    row_t *row = g_new0(row_t, 1);

    row->position = view->base.table->num_elements;
    row->items = crm_stats_view_add_row(&view->base);
    row->items[0].user_data.ptr_value = row;
    g_ptr_array_add(view->rows, row);
    return row;
}

/* The last row takes its place. */
static void
remove_row(view_t *view, row_t *row)
{
    stat_tap_table *table = view->base.table;
    row_t *last = (row_t *)table->elements[--table->num_elements][0].user_data.ptr_value;

    table->elements[row->position] = last->items;
    last->position = row->position;
    for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
        crm_stats_view_free_item(table, row->position, column, &row->items[column]);
    }
    g_free(row->items);
    row->items = NULL;
}

static void
reset_hosts(stat_tap_table *table)
{
    view_t *view = (view_t *)crm_stats_view_with(&views, table);

    if (view) {
        while (table->num_elements) {
            remove_row(view, (row_t *)table->elements[0][0].user_data.ptr_value);
        }
        g_hash_table_remove_all(view->by_key);
        view->session = 0; /* no session has this number */
        view->has_start = false;
    }
}

/* Which row is whose. A host of an earlier session is known again by what it
 * announces, and before that by its address, unless several have that. */

static row_t *
merged(row_t *row)
{
    while (row && row->merged_into) {
        row = row->merged_into;
    }
    return row;
}

/* An address of hosts.c, its kind and 16 bytes; one text has one meaning. */
static void
append_key(GString *key, char what, uint16_t network, uint8_t kind, const uint8_t *bytes)
{
    g_string_append_printf(key, "%c%u %u ", what, crm_network_name(network), kind);
    for (size_t n = 0; n < 16; n++) {
        g_string_append_printf(key, "%02x", bytes[n]);
    }
}

/* As hosts.c tells hosts apart. */
static char *
announced_key(const crm_host_t *host)
{
    GString *key = g_string_new(NULL);

    append_key(key, 'a', host->source.network, host->announced_kind, host->announced);
    append_key(key, 's', 0, host->source.kind, host->source.bytes);
    g_string_append_printf(key, "%d %zu %s%s", host->role, strlen(host->name), host->name,
                           host->announced_kind ? "" : crm_host_address(host));
    return g_string_free(key, FALSE);
}

static char *
address_key(const crm_host_t *host)
{
    GString *key = g_string_new(NULL);

    append_key(key, '@', host->source.network, host->source.kind, host->source.bytes);
    g_string_append_printf(key, "%d", host->role);
    return g_string_free(key, FALSE);
}

static row_t *
announced_row(view_t *view, const crm_host_t *host)
{
    char *key = announced_key(host), *place = address_key(host);
    row_t *row = merged((row_t *)g_hash_table_lookup(view->by_key, key));

    if (row == NULL) {
        const bool is_known = g_hash_table_contains(view->by_key, place);
        row_t *there = merged((row_t *)g_hash_table_lookup(view->by_key, place));
        row = there && !there->announced ? there : add_row(view);
        row->announced = true;
        g_hash_table_insert(view->by_key, g_strdup(key), row);
        if (row != there) {
            g_hash_table_insert(view->by_key, g_strdup(place), is_known ? NULL : row);
        }
    }
    g_free(key);
    g_free(place);
    return row;
}

static row_t *
row_at_address(view_t *view, const crm_host_t *host)
{
    char *place = address_key(host);
    row_t *row = merged((row_t *)g_hash_table_lookup(view->by_key, place));

    if (row == NULL && g_hash_table_contains(view->by_key, place)) {
        char *unknown = g_strdup_printf("one of %s", place);
        g_free(place);
        place = unknown;
        row = (row_t *)g_hash_table_lookup(view->by_key, place);
        row = row && row->merged_into ? NULL : row; /* who that was need not be who is there now */
    }
    if (row == NULL) {
        row = add_row(view);
        g_hash_table_insert(view->by_key, g_strdup(place), row);
    }
    g_free(place);
    return row;
}

static void
see(row_t *row, double first, double last)
{
    if (!row->seen || first < row->first) {
        row->first = first;
        crm_stats_view_set_seconds(&row->items[CRM_COLUMN_FIRST_SEEN], first);
    }
    if (!row->seen || last > row->last) {
        row->last = last;
        crm_stats_view_set_seconds(&row->items[CRM_COLUMN_LAST_SEEN], last);
    }
    row->seen = true;
}

static void
add_response_times(row_t *row, double sum, guint count)
{
    row->response_time += sum;
    row->response_times += count;
    if (row->response_times) {
        crm_stats_view_set_seconds(&row->items[CRM_COLUMN_RESPONSE_TIME],
                                   row->response_time / row->response_times);
    }
}

/* An address has turned out to be a host that has a row already. What it did
 * is later than what that row tells. */
static void
merge(view_t *view, row_t *addr, row_t *host)
{
    for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
        if (host_columns[column].type == TABLE_ITEM_UINT) {
            host->items[column].value.uint_value += addr->items[column].value.uint_value;
        }
    }
    if (*addr->items[CRM_COLUMN_LAST_OUTCOME].value.string_value) {
        set_text(host, CRM_COLUMN_LAST_OUTCOME, addr->items[CRM_COLUMN_LAST_OUTCOME].value.string_value);
        set_text(host, CRM_COLUMN_RETRIES_LEFT, addr->items[CRM_COLUMN_RETRIES_LEFT].value.string_value);
    }
    add_response_times(host, addr->response_time, addr->response_times);
    if (addr->seen) {
        see(host, addr->first, addr->last);
    }
    remove_row(view, addr);
    addr->merged_into = host;
}

static void
show_host(view_t *view, row_t *row, const crm_host_t *host)
{
    const char *type = crm_enum_name(CRM_FIELD_HOST_TYPE, host->host_type);

    set_sent(view, row, CRM_COLUMN_NAME, *host->name ? host->name : "(no name)", CRM_NAME_CHARACTERS);
    set_text(row, CRM_COLUMN_TYPE, type ? type : "(none)");
    set_sent(view, row, CRM_COLUMN_ADDRESS, crm_host_address(host), CRM_NAME_CHARACTERS);
    set_sent(view, row, CRM_COLUMN_DAEMONS, host->daemons ? host->daemons : "", CRM_DAEMONS_CHARACTERS);
}

/* The row of a host, with what is known of it by now. */
static row_t *
row_of(view_t *view, uint32_t number)
{
    const crm_host_t *host = crm_host_at(number);
    const bool is_announced = host->said_in != CRM_NO_RECORD;

    if (view->hosts->len <= number) {
        g_array_set_size(view->hosts, number + 1);
    }
    shown_t *shown = &g_array_index(view->hosts, shown_t, number);
    row_t *before = merged(shown->row), *row = before;
    const bool is_news = before == NULL || shown->announced != is_announced;
    if (is_news) {
        row = is_announced ? announced_row(view, host) : row_at_address(view, host);
        if (before && before != row && !before->announced) {
            merge(view, before, row);
        }
    }
    if (is_news || shown->info != host->info) {
        if (is_announced || !row->announced) {
            show_host(view, row, host);
        }
        *shown = (shown_t){row, is_announced, host->info};
    }
    return row;
}

/* Counting */

static void
count_time(view_t *view, row_t *sender, const packet_info *pinfo)
{
    nstime_t since;

    if (pinfo->presence_flags & PINFO_HAS_TS) {
        if (!view->has_start) {
            nstime_delta(&view->start, &pinfo->abs_ts, &pinfo->rel_ts);
            view->has_start = true;
        }
        nstime_delta(&since, &pinfo->abs_ts, &view->start);
        see(sender, nstime_to_sec(&since), nstime_to_sec(&since));
    }
}

static void
count_outcome(view_t *view, row_t *worker, const crm_tap_t *tap)
{
    static const host_column_t columns[] = {
        [CRM_REGISTERED] = CRM_COLUMN_REGISTERED,
        [CRM_FAILED] = CRM_COLUMN_FAILED,
        [CRM_EXHAUSTED] = CRM_COLUMN_EXHAUSTED,
    };

    if (tap->outcome == CRM_NO_OUTCOME) {
        return;
    }
    worker->items[columns[tap->outcome]].value.uint_value++;
    set_text(worker, CRM_COLUMN_LAST_OUTCOME, crm_outcome_name(tap->outcome));
    g_string_truncate(view->text, 0);
    if (tap->outcome != CRM_REGISTERED && tap->has_retries) {
        g_string_printf(view->text, "%12" PRId64, tap->retries);
    }
    set_text(worker, CRM_COLUMN_RETRIES_LEFT, view->text->str);
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
    row_of(view, worker)->items[CRM_COLUMN_MISSED].value.uint_value += missed - gap->missed;
    gap->missed = missed;
}

static void
begin_gap(gap_t *gap, uint32_t answered)
{
    *gap = (gap_t){.answered = answered, .silent_at = gap->silent_at};
}

/* Who was silent at a probe is known, on every pass, when the next one comes. An answer to a later one may
 * stand before it, and has told how many it missed; or the tap had not been told what an answer was for. */
static void
count_silent_hosts(view_t *view, uint32_t number)
{
    const crm_record_t *probe = number == CRM_NO_RECORD ? NULL : crm_record_at(number);
    const crm_silence_t *silence = probe ? crm_silence_at(probe) : NULL;

    for (uint32_t n = 0; silence && n < silence->count; n++) {
        const crm_record_t *ack = crm_record_at(silence->acks[n]);
        gap_t *gap = gap_of(view, ack->sender, probe->sender);
        if (crm_silence_is_over(silence, n) || gap->answered >= probe->probe.number) {
            continue;
        }
        if (gap->answered < ack->probe_ack.number) {
            begin_gap(gap, ack->probe_ack.number);
        }
        gap->silent_at = probe->probe.number;
        set_missed(view, ack->sender, gap, probe->probe.number - gap->answered);
    }
}

/* An answer ends a gap, with the probes that its host let pass before; a late one leaves those behind it. */
static void
end_gap(view_t *view, const crm_record_t *r)
{
    gap_t *gap = gap_of(view, r->sender, r->receiver);
    const uint32_t number = crm_record_at(r->request)->probe.number;

    if (number <= gap->answered) {
        return;
    }
    set_missed(view, r->sender, gap, r->probe_ack.missed);
    begin_gap(gap, number);
    if (gap->silent_at > number) {
        set_missed(view, r->sender, gap, gap->silent_at - number);
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
count_answer(view_t *view, const crm_record_t *r, row_t *worker)
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
        row_of(view, r->receiver)->items[CRM_COLUMN_ANSWERED_BY_OTHERS].value.uint_value++;
    }
}

static tap_packet_status
count_datagram(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
               tap_flags_t flags _U_)
{
    const crm_tap_t *tap = (const crm_tap_t *)data;
    const crm_record_t *r = tap->record;
    nstime_t elapsed;

    if (r == NULL || r->type == 0 || r->sender == CRM_NO_HOST) {
        return TAP_PACKET_DONT_REDRAW;
    }
    view_t *view = view_of((stat_data_t *)tapdata);
    row_t *sender = row_of(view, r->sender);
    count_time(view, sender, pinfo);
    if (r->original != CRM_NO_RECORD) {
        return TAP_PACKET_REDRAW; /* of a datagram that comes twice, the first counts */
    }
    if (crm_stats_response_time(r, &elapsed)) {
        add_response_times(sender, nstime_to_sec(&elapsed), 1);
    }
    if (r->type == CRM_PROBE_INIT) {
        sender->items[CRM_COLUMN_PROBES_SENT].value.uint_value++;
        count_silent_hosts(view, r->probe.previous);
    } else if (r->type == CRM_PROBE_ACK) {
        count_answer(view, r, sender);
    } else if (r->type == CRM_REG_ACK && r->receiver != CRM_NO_HOST) {
        count_outcome(view, row_of(view, r->receiver), tap);
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
crm_stats_register_hosts(void)
{
    register_init_routine(begin_session);
    register_stat_tap_table_ui(&hosts_ui);
}
