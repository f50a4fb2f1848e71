/* stats-view.c
 * A statistic's table of its own for each listener
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats-view.h"

/* Views */

static void
free_views(crm_stats_views_t *views)
{
    for (GSList *link = views->views; link; link = link->next) {
        crm_stats_view_t *view = (crm_stats_view_t *)link->data;
        views->clear_view(view);
        free_stat_tables(&view->ui);
        g_array_free(view->ui.tables, TRUE);
        g_free(view);
    }
    g_slist_free(views->views);
    views->views = NULL;
}

/* tshark and sharkd come here before all datagrams and have no windows, which
 * count themselves in `refcount`: views are of an earlier request. */
void
crm_stats_views_init(crm_stats_views_t *views)
{
    stat_tap_table_ui *ui = views->ui;

    if (ui->refcount == 0) {
        free_views(views);
    }
    if (stat_tap_find_table(ui, ui->title) == NULL) {
        stat_tap_add_table(ui, stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL));
    }
}

/* Of windows, what the only one showed before is not looked at any more. */
crm_stats_view_t *
crm_stats_view_of(crm_stats_views_t *views, stat_data_t *listener)
{
    if (listener->stat_tap_data != views->ui) {
        return (crm_stats_view_t *)listener->stat_tap_data;
    }
    if (views->ui->refcount == 1) {
        free_views(views);
    }
    crm_stats_view_t *view = views->new_view();
    views->views = g_slist_prepend(views->views, view);
    view->ui = *views->ui;
    view->ui.tables = NULL;
    view->table = stat_tap_init_table(views->ui->title, (int)views->ui->nfields, 0, NULL);
    stat_tap_add_table(&view->ui, view->table);
    listener->stat_tap_data = &view->ui;
    return view;
}

crm_stats_view_t *
crm_stats_view_with(const crm_stats_views_t *views, const stat_tap_table *table)
{
    for (GSList *link = views->views; link; link = link->next) {
        crm_stats_view_t *view = (crm_stats_view_t *)link->data;
        if (view->table == table) {
            return view;
        }
    }
    return NULL;
}

/* Rows */

stat_tap_table_item_type *
crm_stats_view_add_row(crm_stats_view_t *view)
{
    const guint columns = (guint)view->ui.nfields, row = view->table->num_elements;
    stat_tap_table_item_type *items = g_new0(stat_tap_table_item_type, columns);

    for (guint column = 0; column < columns; column++) {
        items[column].type = view->ui.fields[column].type;
        if (items[column].type == TABLE_ITEM_STRING) {
            items[column].value.string_value = g_strdup("");
        }
    }
    stat_tap_init_table_row(view->table, row, columns, items); /* copies them */
    g_free(items);
    return view->table->elements[row];
}

void
crm_stats_view_free_item(stat_tap_table *table _U_, guint row _U_, guint column _U_,
                         stat_tap_table_item_type *item)
{
    if (item->type == TABLE_ITEM_STRING) {
        g_free((char *)item->value.string_value);
    }
}

/* Texts */

void
crm_stats_view_set_text(stat_tap_table_item_type *item, const char *text)
{
    if (g_strcmp0(item->value.string_value, text) != 0) {
        g_free((char *)item->value.string_value);
        item->value.string_value = g_strdup(text);
    }
}

void
crm_stats_view_set_seconds(stat_tap_table_item_type *item, double seconds)
{
    char *text = g_strdup_printf("%16.6f", seconds);

    crm_stats_view_set_text(item, text);
    g_free(text);
}
