/* stats-view.h
 * A statistic's table of its own for each listener
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark has one stat_tap_table_ui with its tables for all who look at a
 * statistic. But each window, and each -z of tshark, has a filter of its own,
 * and a window goes on reading the rows that it was given after another was
 * opened. So each listener gets a view, with its table and whatever the statistic
 * counts for it, in the listener's data in place of the common one, which stays
 * empty.
 */

#ifndef CRM_STATS_VIEW_H
#define CRM_STATS_VIEW_H

#include <glib.h>

#include <epan/stat_tap_ui.h>

#include "compat.h"

/* The beginning of a statistic's own struct. */
typedef struct {
    stat_tap_table_ui ui; /* first, as this is what a listener's data points to */
    stat_tap_table *table;
} crm_stats_view_t;

/* A statistic. Static: its views are freed when the next request comes, or never. */
typedef struct {
    stat_tap_table_ui *ui;
    crm_stats_view_t *(*new_view)(void); /* with g_new0(); what is here is set by crm_stats_view_of() */
    /* Frees what new_view() has put into the view. The table is there, unless `ui.tables` is empty:
     * sharkd frees it itself. */
    void (*clear_view)(crm_stats_view_t *);
    GSList *views;
} crm_stats_views_t;

/* For stat_tap_init_cb: forgets the views of earlier requests. */
void crm_stats_views_init(crm_stats_views_t *views);

/* The view of a listener, made where it is new. */
crm_stats_view_t *crm_stats_view_of(crm_stats_views_t *views, stat_data_t *listener);

/* For stat_tap_reset_table_cb: the view that has the table; NULL for the one
 * that all have in common, which has no rows. */
crm_stats_view_t *crm_stats_view_with(const crm_stats_views_t *views, const stat_tap_table *table);

/* Adds a row of zeros and empty texts. Returns its items, which are the table's and do not move. */
stat_tap_table_item_type *crm_stats_view_add_row(crm_stats_view_t *view);

/* For stat_tap_free_table_item_cb: frees a text. */
void crm_stats_view_free_item(stat_tap_table *table, guint row, guint column, stat_tap_table_item_type *item);

/* Makes a copy of a text the item's. */
void crm_stats_view_set_text(stat_tap_table_item_type *item, const char *text);

/* Sets a text of seconds. Windows sort texts as such, so all are equally long. */
void crm_stats_view_set_seconds(stat_tap_table_item_type *item, double seconds);

#endif
