/* stats-points.c
 * Statistics: capture points (-z crm,points)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A window holds on to the rows that it was given. There are few, so a view
 * keeps them until it goes itself, and fills them again after a reset.
 */

#include "stats-points.h"

#include "copies.h"
#include "points.h"
#include "stats-view.h"

typedef enum {
    POINTS_FROM,
    POINTS_TO,
    POINTS_DATAGRAMS,
    POINTS_COPIES,
    POINTS_LOST,
    POINTS_MIN,
    POINTS_MEAN,
    POINTS_MAX,
    POINTS_COLUMNS
} points_column_t;

/* A number that may be missing is a text, as the other types cannot be empty.
 * Windows sort texts as such, so all of them are equally long. */
static stat_tap_table_item points_columns[POINTS_COLUMNS] = {
    [POINTS_FROM] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "From", "%-24s"},
    [POINTS_TO] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "To", "%-24s"},
    [POINTS_DATAGRAMS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Datagrams", "%10u"},
    [POINTS_COPIES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Copies", "%10u"},
    [POINTS_LOST] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Lost", "%10s"},
    [POINTS_MIN] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Min transit", "%16s"},
    [POINTS_MEAN] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Mean transit", "%16s"},
    [POINTS_MAX] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Max transit", "%16s"},
};

typedef struct {
    stat_tap_table_item_type *items;
    guint lost;
    guint transits;
    double min, max, sum; /* seconds */
} row_t;

typedef struct {
    crm_stats_view_t base; /* first, as stats-view.h has it */
    GPtrArray *rows;       /* of row_t; those of the table come first */
    GHashTable *by_key;    /* row_key() of both -> row_t */
    GHashTable *datagrams; /* the key of "from" -> how many were captured there first */
    uint8_t points;        /* how many there were when it counted last */
} view_t;

/* What the tap hands over for each datagram; packet scope. */
typedef struct {
    const crm_record_t *record;
    bool all_read; /* this is a later pass, so that what is lost is known */
} points_tap_t;

static int points_tap;

/* Views */

static crm_stats_view_t *
new_view(void)
{
    view_t *view = g_new0(view_t, 1);

    view->rows = g_ptr_array_new_with_free_func(g_free);
    view->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    view->datagrams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return &view->base;
}

static void
clear_view(crm_stats_view_t *base)
{
    view_t *view = (view_t *)base;

    if (view->base.ui.tables->len) {                      /* sharkd has freed the table by now, ... */
        view->base.table->num_elements = view->rows->len; /* ... others also free the rows that wait */
    }
    g_ptr_array_free(view->rows, TRUE);
    g_hash_table_destroy(view->by_key);
    g_hash_table_destroy(view->datagrams);
}

static stat_tap_table_ui points_ui;
static crm_stats_views_t views = {&points_ui, new_view, clear_view, NULL};

static void
init_points(stat_tap_table_ui *ui _U_)
{
    crm_stats_views_init(&views);
}

/* The rows stay, for whoever comes next. */
static void
reset_points(stat_tap_table *table)
{
    view_t *view = (view_t *)crm_stats_view_with(&views, table);

    if (view) {
        g_hash_table_remove_all(view->by_key);
        g_hash_table_remove_all(view->datagrams);
        table->num_elements = 0;
    }
}

/* Rows */

static void
set_text(row_t *row, points_column_t column, const char *text)
{
    crm_stats_view_set_text(&row->items[column], text);
}

/* On a first pass, nobody knows what is lost. */
static void
set_lost(row_t *row, bool known)
{
    char *text = known ? g_strdup_printf("%10u", row->lost) : g_strdup_printf("%10s", "?");
    set_text(row, POINTS_LOST, text);
    g_free(text);
}

/* The table's next row, which may have been another pair's before a reset. */
static row_t *
next_row(view_t *view)
{
    if (view->base.table->num_elements == view->rows->len) {
        row_t *row = g_new0(row_t, 1);
        row->items = crm_stats_view_add_row(&view->base);
        g_ptr_array_add(view->rows, row);
        return row;
    }
    row_t *row = (row_t *)g_ptr_array_index(view->rows, view->base.table->num_elements++);
    *row = (row_t){.items = row->items};
    row->items[POINTS_DATAGRAMS].value.uint_value = row->items[POINTS_COPIES].value.uint_value = 0;
    return row;
}

/* With tshark -M, and with ring buffers, a view outlives the file and its
 * points: so a row is known by their interfaces. What these are called changes when
 * another has the name. */
static const char *
row_key(const packet_info *pinfo, uint8_t from, uint8_t to)
{
    return wmem_strdup_printf(pinfo->pool, "%s\n%s", crm_point_key(pinfo->pool, from),
                              crm_point_key(pinfo->pool, to));
}

static void
set_names(row_t *row, const packet_info *pinfo, uint8_t from, uint8_t to)
{
    set_text(row, POINTS_FROM, crm_point_label(pinfo->pool, from));
    set_text(row, POINTS_TO, crm_point_label(pinfo->pool, to));
}

static row_t *
row_of(view_t *view, const packet_info *pinfo, uint8_t from, uint8_t to)
{
    const char *key = row_key(pinfo, from, to);
    row_t *row = (row_t *)g_hash_table_lookup(view->by_key, key);

    if (row == NULL) {
        row = next_row(view);
        g_hash_table_insert(view->by_key, g_strdup(key), row);
        for (points_column_t column = POINTS_LOST; column <= POINTS_MAX; column++) {
            set_text(row, column, "");
        }
        const guint before =
            GPOINTER_TO_UINT(g_hash_table_lookup(view->datagrams, crm_point_key(pinfo->pool, from)));
        row->items[POINTS_DATAGRAMS].value.uint_value = before; /* from before there was a second point */
        if (before) {
            set_lost(row, false);
        }
        set_names(row, pinfo, from, to);
    }
    return row;
}

/* A point that is met now has rows with all others, and may have the name of one. */
static void
meet_points(view_t *view, const packet_info *pinfo)
{
    const uint8_t count = crm_point_count();

    for (uint8_t from = 0; view->points != count && from < count; from++) {
        const bool counts = g_hash_table_contains(view->datagrams, crm_point_key(pinfo->pool, from));
        for (uint8_t to = 0; to < count; to++) {
            if (from != to && (counts || g_hash_table_contains(view->by_key, row_key(pinfo, from, to)))) {
                set_names(row_of(view, pinfo, from, to), pinfo, from, to);
            }
        }
    }
    view->points = count;
}

/* Counting */

/* There are rows as soon as there is a second point. */
static void
count_original(view_t *view, const packet_info *pinfo, const points_tap_t *tap)
{
    const crm_record_t *r = tap->record;
    const uint16_t lost = tap->all_read ? crm_copies_lost_at(r) : 0;
    const char *from = crm_point_key(pinfo->pool, r->point);
    const guint datagrams = GPOINTER_TO_UINT(g_hash_table_lookup(view->datagrams, from)) + 1;

    g_hash_table_insert(view->datagrams, g_strdup(from), GUINT_TO_POINTER(datagrams));
    for (uint8_t point = 0; point < crm_point_count(); point++) {
        if (point != r->point) {
            row_t *row = row_of(view, pinfo, r->point, point);
            row->items[POINTS_DATAGRAMS].value.uint_value = datagrams;
            row->lost += lost >> point & 1;
            set_lost(row, tap->all_read);
        }
    }
}

static void
count_copy(view_t *view, const packet_info *pinfo, const crm_record_t *original, const crm_record_t *r)
{
    row_t *row = row_of(view, pinfo, original->point, r->point);
    double transit;

    row->items[POINTS_COPIES].value.uint_value++;
    if (!crm_record_seconds_between(original, r, &transit)) {
        return;
    }
    row->min = row->transits == 0 ? transit : MIN(row->min, transit);
    row->max = row->transits == 0 ? transit : MAX(row->max, transit);
    row->sum += transit;
    row->transits++;
    crm_stats_view_set_seconds(&row->items[POINTS_MIN], row->min);
    crm_stats_view_set_seconds(&row->items[POINTS_MEAN], row->sum / row->transits);
    crm_stats_view_set_seconds(&row->items[POINTS_MAX], row->max);
}

static tap_packet_status
count_datagram(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
               tap_flags_t flags _U_)
{
    const points_tap_t *tap = (const points_tap_t *)data;
    const crm_record_t *r = tap->record;
    view_t *view = (view_t *)crm_stats_view_of(&views, (stat_data_t *)tapdata);
    const uint32_t original = crm_copies_original(r);

    meet_points(view, pinfo);
    if (original != CRM_NO_RECORD) {
        count_copy(view, pinfo, crm_record_at(original), r);
    } else if (crm_copies_is_original(r)) {
        count_original(view, pinfo, tap);
    }
    return TAP_PACKET_REDRAW;
}

static stat_tap_table_ui points_ui = {
    .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
    .title = "CRM Points",
    .tap_name = "crm_points",
    .cli_string = "crm,points",
    .stat_tap_init_cb = init_points,
    .packet_func = count_datagram,
    .stat_tap_reset_table_cb = reset_points,
    .stat_tap_free_table_item_cb = crm_stats_view_free_item,
    .nfields = POINTS_COLUMNS,
    .fields = points_columns,
};

void
crm_stats_points_register(void)
{
    points_tap = register_tap("crm_points");
    register_stat_tap_table_ui(&points_ui);
}

void
crm_stats_points_queue(packet_info *pinfo, const crm_record_t *record)
{
    if (have_tap_listener(points_tap)) {
        points_tap_t *tap = wmem_new(pinfo->pool, points_tap_t);
        *tap = (points_tap_t){record, PINFO_FD_VISITED(pinfo)};
        tap_queue_packet(points_tap, pinfo, tap);
    }
}
