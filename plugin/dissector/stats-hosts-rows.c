/* stats-hosts-rows.c
 * The rows of CRM Hosts, and whose they are
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "stats-hosts-rows.h"

#include <string.h>

#include "hosts.h"
#include "message/visible.h"
#include "networks.h"

#define CRM_NAME_CHARACTERS    80 /* of a name or address */
#define CRM_DAEMONS_CHARACTERS 400

/* What a host of this session is shown as. */
typedef struct {
    crm_host_row_t *row;
    bool announced;
    uint64_t info; /* crm_host_t.info */
} shown_t;

void
crm_host_rows_init(crm_host_rows_t *rows, crm_stats_view_t *view)
{
    rows->view = view;
    rows->all = g_ptr_array_new_with_free_func(g_free);
    rows->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    rows->hosts = g_array_new(FALSE, TRUE, sizeof(shown_t));
    rows->text = g_string_new(NULL);
}

void
crm_host_rows_clear(crm_host_rows_t *rows)
{
    g_ptr_array_free(rows->all, TRUE);
    g_hash_table_destroy(rows->by_key);
    g_array_free(rows->hosts, TRUE);
    g_string_free(rows->text, TRUE);
}

void
crm_host_rows_begin_session(crm_host_rows_t *rows)
{
    g_array_set_size(rows->hosts, 0);
}

/* Texts */

void
crm_host_row_set_text(crm_host_row_t *row, crm_host_column_t column, const char *text)
{
    crm_stats_view_set_text(&row->items[column], text);
}

/* A text that a host sent. In what tshark prints, it must not look like the end
 * of a cell either. */
static void
set_sent(crm_host_rows_t *rows, crm_host_row_t *row, crm_host_column_t column, const char *text, gsize limit)
{
    gchar **parts;

    g_string_truncate(rows->text, 0);
    crm_append_visible(rows->text, text, limit);
    parts = g_strsplit(rows->text->str, "|", -1);
    char *harmless = g_strjoinv("\\u007c", parts);
    crm_host_row_set_text(row, column, harmless);
    g_free(harmless);
    g_strfreev(parts);
}

/* Rows */

static crm_host_row_t *
add_row(crm_host_rows_t *rows)
{
    crm_host_row_t *row = g_new0(crm_host_row_t, 1);

    row->position = rows->view->table->num_elements;
    row->items = crm_stats_view_add_row(rows->view);
    row->items[0].user_data.ptr_value = row;
    g_ptr_array_add(rows->all, row);
    return row;
}

/* The last row takes its place. */
static void
remove_row(crm_host_rows_t *rows, crm_host_row_t *row)
{
    stat_tap_table *table = rows->view->table;
    crm_host_row_t *last = (crm_host_row_t *)table->elements[--table->num_elements][0].user_data.ptr_value;

    table->elements[row->position] = last->items;
    last->position = row->position;
    for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
        crm_stats_view_free_item(table, row->position, column, &row->items[column]);
    }
    g_free(row->items);
    row->items = NULL;
}

void
crm_host_rows_reset(crm_host_rows_t *rows)
{
    const stat_tap_table *table = rows->view->table;

    while (table->num_elements) {
        remove_row(rows, (crm_host_row_t *)table->elements[0][0].user_data.ptr_value);
    }
    crm_host_rows_begin_session(rows);
    g_hash_table_remove_all(rows->by_key);
    g_ptr_array_set_size(rows->all, 0);
}

/* Which row is whose. A host of an earlier session is known again by what it
 * announces, and before that by its address, unless several have that. */

static crm_host_row_t *
merged(crm_host_row_t *row)
{
    while (row && row->merged_into) {
        row = row->merged_into;
    }
    return row;
}

/* An address as an endpoint's key has it, its kind and 16 bytes; one text has one meaning. */
static void
append_key(GString *key, char what, uint16_t network, uint8_t kind, const uint8_t *bytes)
{
    g_string_append_printf(key, "%c%u %u ", what, crm_network_name(network), kind);
    for (size_t n = 0; n < 16; n++) {
        g_string_append_printf(key, "%02x", bytes[n]);
    }
}

/* As announcements.c tells hosts apart. */
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

static crm_host_row_t *
announced_row(crm_host_rows_t *rows, const crm_host_t *host)
{
    char *key = announced_key(host), *place = address_key(host);
    crm_host_row_t *row = merged((crm_host_row_t *)g_hash_table_lookup(rows->by_key, key));

    if (row == NULL) {
        const bool is_known = g_hash_table_contains(rows->by_key, place);
        crm_host_row_t *there = merged((crm_host_row_t *)g_hash_table_lookup(rows->by_key, place));
        row = there && !there->announced ? there : add_row(rows);
        row->announced = true;
        g_hash_table_insert(rows->by_key, g_strdup(key), row);
        if (row != there) {
            g_hash_table_insert(rows->by_key, g_strdup(place), is_known ? NULL : row);
        }
    }
    g_free(key);
    g_free(place);
    return row;
}

static crm_host_row_t *
row_at_address(crm_host_rows_t *rows, const crm_host_t *host)
{
    char *place = address_key(host);
    crm_host_row_t *row = merged((crm_host_row_t *)g_hash_table_lookup(rows->by_key, place));

    if (row == NULL && g_hash_table_contains(rows->by_key, place)) {
        char *unknown = g_strdup_printf("one of %s", place);
        g_free(place);
        place = unknown;
        row = (crm_host_row_t *)g_hash_table_lookup(rows->by_key, place);
        row = row && row->merged_into ? NULL : row; /* who that was need not be who is there now */
    }
    if (row == NULL) {
        row = add_row(rows);
        g_hash_table_insert(rows->by_key, g_strdup(place), row);
    }
    g_free(place);
    return row;
}

void
crm_host_row_see(crm_host_row_t *row, double first, double last)
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

void
crm_host_row_add_response_times(crm_host_row_t *row, double sum, guint count)
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
merge(crm_host_rows_t *rows, crm_host_row_t *addr, crm_host_row_t *host)
{
    for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
        if (rows->view->ui.fields[column].type == TABLE_ITEM_UINT) {
            host->items[column].value.uint_value += addr->items[column].value.uint_value;
        }
    }
    if (*addr->items[CRM_COLUMN_LAST_OUTCOME].value.string_value) {
        crm_host_row_set_text(host, CRM_COLUMN_LAST_OUTCOME,
                              addr->items[CRM_COLUMN_LAST_OUTCOME].value.string_value);
        crm_host_row_set_text(host, CRM_COLUMN_RETRIES_LEFT,
                              addr->items[CRM_COLUMN_RETRIES_LEFT].value.string_value);
    }
    crm_host_row_add_response_times(host, addr->response_time, addr->response_times);
    if (addr->seen) {
        crm_host_row_see(host, addr->first, addr->last);
    }
    remove_row(rows, addr);
    addr->merged_into = host;
}

static void
show_host(crm_host_rows_t *rows, crm_host_row_t *row, const crm_host_t *host)
{
    const char *type = crm_enum_name(CRM_FIELD_HOST_TYPE, host->host_type);

    set_sent(rows, row, CRM_COLUMN_NAME, *host->name ? host->name : "(no name)", CRM_NAME_CHARACTERS);
    crm_host_row_set_text(row, CRM_COLUMN_TYPE, type ? type : "(none)");
    set_sent(rows, row, CRM_COLUMN_ADDRESS, crm_host_address(host), CRM_NAME_CHARACTERS);
    set_sent(rows, row, CRM_COLUMN_DAEMONS, host->daemons ? host->daemons : "", CRM_DAEMONS_CHARACTERS);
}

/* The row of a host, with what is known of it by now. */
crm_host_row_t *
crm_host_row_of(crm_host_rows_t *rows, uint32_t number)
{
    const crm_host_t *host = crm_host_at(number);
    const bool is_announced = host->said_in != CRM_NO_RECORD;

    if (rows->hosts->len <= number) {
        g_array_set_size(rows->hosts, number + 1);
    }
    shown_t *shown = &g_array_index(rows->hosts, shown_t, number);
    crm_host_row_t *before = merged(shown->row), *row = before;
    const bool is_news = before == NULL || shown->announced != is_announced;
    if (is_news) {
        row = is_announced ? announced_row(rows, host) : row_at_address(rows, host);
        if (before && before != row && !before->announced) {
            merge(rows, before, row);
        }
    }
    if (is_news || shown->info != host->info) {
        if (is_announced || !row->announced) {
            show_host(rows, row, host);
        }
        *shown = (shown_t){row, is_announced, host->info};
    }
    return row;
}
