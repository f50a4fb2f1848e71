/* stats-hosts-rows.h
 * The rows of CRM Hosts, and whose they are
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * With tshark -M, and with ring buffers, a view outlives the session: numbers
 * of hosts and records begin anew. So a row is known by what its host announced.
 */

#ifndef CRM_STATS_HOSTS_ROWS_H
#define CRM_STATS_HOSTS_ROWS_H

#include "compat.h"
#include "stats-view.h"

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
} crm_host_column_t;

/* A row, and what its numbers are made of. */
typedef struct crm_host_row {
    stat_tap_table_item_type *items;  /* the table's */
    guint position;                   /* in the table */
    bool announced;                   /* else nobody has announced its address yet */
    bool seen;                        /* it has sent something at a known time: ... */
    double first, last;               /* ... between these, in seconds since the capture began */
    double response_time;             /* of its answers, in seconds: the sum of them ... */
    guint response_times;             /* ... and how many */
    struct crm_host_row *merged_into; /* what it counted is counted there; without items */
} crm_host_row_t;

/* The rows of a view. */
typedef struct {
    crm_stats_view_t *view; /* whose table they are in */
    GPtrArray *all;         /* all of crm_host_row_t, those merged too */
    GHashTable *by_key; /* announced_key(), address_key() -> crm_host_row_t; NULL: several have the address */
    GArray *hosts;      /* of shown_t, by the number of the host in this session */
    GString *text;
} crm_host_rows_t;

/* Makes them ready for a view's table, which has none yet. What this allocates,
 * crm_host_rows_clear() frees. */
void crm_host_rows_init(crm_host_rows_t *rows, crm_stats_view_t *view);

/* Frees all but the table. */
void crm_host_rows_clear(crm_host_rows_t *rows);

/* Takes all rows off the table. */
void crm_host_rows_reset(crm_host_rows_t *rows);

/* A session begins: a host's number may be another host's now. Rows stay. */
void crm_host_rows_begin_session(crm_host_rows_t *rows);

/* The row of a host of this session by its number, made where it is new, with what is known of the host by
 * now. It is good until the next call, which may merge it with another. */
crm_host_row_t *crm_host_row_of(crm_host_rows_t *rows, uint32_t host);

/* Sets a text of the row; copies it. */
void crm_host_row_set_text(crm_host_row_t *row, crm_host_column_t column, const char *text);

/* Its host sent something at these times, in seconds since the capture began. */
void crm_host_row_see(crm_host_row_t *row, double first, double last);

/* Counts answers of its host that took, together, as many seconds. */
void crm_host_row_add_response_times(crm_host_row_t *row, double sum, guint count);

#endif
