/* stats.c
 * Statistics: packets (-z crm,tree), hosts (-z crm,hosts), response times (-z crm,srt)
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

#include <epan/srt_table.h>
#include <epan/stat_tap_ui.h>
#include <epan/stats_tree.h>

#include "dialogue.h"
#include "hosts.h"
#include "message/schema.h"

/* Packets */

static int node_messages = -1;
static int node_encodings = -1;
static int node_outcomes = -1;
static int node_registrations = -1;

static void
init_tree(stats_tree *st)
{
    node_messages = stats_tree_create_node(st, "Messages", 0, STAT_DT_INT, TRUE);
    node_encodings = stats_tree_create_node(st, "Encodings", 0, STAT_DT_INT, TRUE);
    node_outcomes = stats_tree_create_node(st, "Expert Information", 0, STAT_DT_INT, TRUE);
    node_registrations = stats_tree_create_node(st, "Registrations", 0, STAT_DT_INT, TRUE);
}

static void
tick(stats_tree *st, int parent, const char *parent_name, const char *name)
{
    tick_stat_node(st, parent_name, 0, TRUE);
    tick_stat_node(st, name, parent, FALSE);
}

static bool
is_register_ack(const crm_tap_t *tap)
{
    return tap->outcome != CRM_NO_OUTCOME && (tap->record == NULL || tap->record->type == CRM_REG_ACK);
}

static const char *const outcome_names[] = {
    [CRM_REGISTERED] = "Registered",
    [CRM_FAILED] = "Failed, retries left",
    [CRM_EXHAUSTED] = "Failed, none left",
};

/* What the dialogue tells of a datagram; returns of how many kinds. That nobody
 * answered is known on a second pass only, as in the GUI or with tshark -2. */
static unsigned
tick_dialogue(stats_tree *st, const crm_record_t *r, const packet_info *pinfo)
{
    const struct {
        const char *name;
        bool found;
    } kinds[] = {
        {"crm.duplicate", r->original != CRM_NO_RECORD},
        {"crm.hostname_conflict", r->flags & CRM_RECORD_CONFLICTS},
        {"crm.inet_addr_mismatch", crm_host_is_elsewhere(r, pinfo)},
        {"crm.no_response", crm_dialogue_is_unanswered(r) && r->type == CRM_PROBE_INIT},
        {"crm.no_register", crm_dialogue_is_unanswered(r) && r->type != CRM_PROBE_INIT},
    };
    unsigned ticks = 0;

    for (unsigned kind = 0; kind < array_length(kinds); kind++) {
        if (kinds[kind].found) {
            tick_stat_node(st, kinds[kind].name, node_outcomes, FALSE);
            ticks++;
        }
    }
    return ticks;
}

/* A datagram counts once for each kind of finding, or once as without any. */
static void
tick_outcomes(stats_tree *st, const crm_tap_t *tap, const packet_info *pinfo)
{
    unsigned ticks = tap->record ? tick_dialogue(st, tap->record, pinfo) : 0;

    tick_stat_node(st, "Expert Information", 0, TRUE);
    for (unsigned kind = 0; kind < CRM_FINDING_COUNT; kind++) {
        if (tap->findings & 1U << kind) {
            tick_stat_node(st, crm_finding_name((crm_finding_kind_t)kind), node_outcomes, FALSE);
            ticks++;
        }
    }
    if (is_register_ack(tap) && tap->outcome != CRM_REGISTERED) {
        tick_stat_node(st, tap->outcome == CRM_EXHAUSTED ? "crm.register_exhausted" : "crm.register_failed",
                       node_outcomes, FALSE);
        ticks++;
    }
    if (ticks == 0) {
        tick_stat_node(st, "none", node_outcomes, FALSE);
    }
}

static tap_packet_status
tick_tree(stats_tree *st, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
          tap_flags_t flags _U_)
{
    const crm_tap_t *tap = (const crm_tap_t *)data;
    const uint32_t type = tap->record ? tap->record->type : crm_class_packet_type(tap->class);
    const char *name = crm_enum_name(CRM_FIELD_TYPE, type);

    tick(st, node_messages, "Messages",
         name                           ? name
         : tap->class != CRM_CLASS_NONE ? crm_class_name(tap->class)
                                        : "no CRM message");
    tick(st, node_encodings, "Encodings", crm_encoding_name(tap->encoding));
    tick_outcomes(st, tap, pinfo);
    if (is_register_ack(tap)) {
        tick(st, node_registrations, "Registrations", outcome_names[tap->outcome]);
    }
    return TAP_PACKET_REDRAW;
}

/* Hosts */

typedef enum {
    CRM_COLUMN_NAME,
    CRM_COLUMN_TYPE,
    CRM_COLUMN_ADDRESS,
    CRM_COLUMN_DAEMONS,
    CRM_COLUMN_PROBES_SENT,
    CRM_COLUMN_PROBES_ANSWERED,
    CRM_COLUMN_REGISTERED,
    CRM_COLUMN_FAILED,
    CRM_COLUMN_EXHAUSTED,
    CRM_COLUMN_RETRIES_LEFT,
    CRM_COLUMN_FIRST_SEEN,
    CRM_COLUMN_LAST_SEEN,
    CRM_COLUMN_COUNT
} host_column_t;

static stat_tap_table_item host_columns[CRM_COLUMN_COUNT] = {
    [CRM_COLUMN_NAME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Host", "%-20s"},
    [CRM_COLUMN_TYPE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Type", "%-10s"},
    [CRM_COLUMN_ADDRESS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Address", "%-16s"},
    [CRM_COLUMN_DAEMONS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Daemons", "%-40s"},
    [CRM_COLUMN_PROBES_SENT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Probes sent", "%12u"},
    [CRM_COLUMN_PROBES_ANSWERED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Probes answered", "%16u"},
    [CRM_COLUMN_REGISTERED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Registered", "%11u"},
    [CRM_COLUMN_FAILED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Failed", "%7u"},
    [CRM_COLUMN_EXHAUSTED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Exhausted", "%10u"},
    [CRM_COLUMN_RETRIES_LEFT] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Retries left", "%13s"},
    [CRM_COLUMN_FIRST_SEEN] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "First seen", "%12.6f"},
    [CRM_COLUMN_LAST_SEEN] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Last seen", "%12.6f"},
};

/* From a host's number to its row + 1. There is one table, whatever the filter. */
static GHashTable *rows;

/* The numbers of the probes to which an answer was counted. */
static GHashTable *answered;

static void
reset_hosts(stat_tap_table *table)
{
    for (guint row = 0; row < table->num_elements; row++) {
        for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
            if (host_columns[column].type == TABLE_ITEM_STRING) {
                g_free((char *)table->elements[row][column].value.string_value);
            }
        }
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
    g_hash_table_remove_all(rows);
    g_hash_table_remove_all(answered);
}

static void
init_hosts(stat_tap_table_ui *ui)
{
    const char *name = "CRM Hosts";
    stat_tap_table *table = stat_tap_find_table(ui, name);

    if (rows == NULL) {
        rows = g_hash_table_new(NULL, NULL);
        answered = g_hash_table_new(NULL, NULL);
    }
    if (table) {
        reset_hosts(table);
    } else {
        g_hash_table_remove_all(rows);
        g_hash_table_remove_all(answered);
        stat_tap_add_table(ui, stat_tap_init_table(name, CRM_COLUMN_COUNT, 0, NULL));
    }
}

static void
free_host_item(stat_tap_table *table _U_, guint row _U_, guint column, stat_tap_table_item_type *item)
{
    if (host_columns[column].type == TABLE_ITEM_STRING) {
        g_free((char *)item->value.string_value);
        item->value.string_value = NULL;
    }
}

static void
set_text(stat_tap_table_item_type *row, host_column_t column, const char *text)
{
    if (g_strcmp0(row[column].value.string_value, text) != 0) {
        g_free((char *)row[column].value.string_value);
        row[column].value.string_value = g_strdup(text);
    }
}

static guint
add_row(stat_tap_table *table)
{
    stat_tap_table_item_type items[CRM_COLUMN_COUNT];
    const guint row = table->num_elements;

    for (guint column = 0; column < CRM_COLUMN_COUNT; column++) {
        items[column] = (stat_tap_table_item_type){.type = host_columns[column].type};
        if (host_columns[column].type == TABLE_ITEM_STRING) {
            items[column].value.string_value = g_strdup("");
        }
    }
    stat_tap_init_table_row(table, row, CRM_COLUMN_COUNT, items);
    return row;
}

/* A host's row, with what is known of the host by now. */
static stat_tap_table_item_type *
host_row(stat_tap_table *table, uint32_t number)
{
    const crm_host_t *host = crm_host_at(number);
    guint row = GPOINTER_TO_UINT(g_hash_table_lookup(rows, GUINT_TO_POINTER(number)));

    if (row == 0) {
        row = add_row(table) + 1;
        g_hash_table_insert(rows, GUINT_TO_POINTER(number), GUINT_TO_POINTER(row));
    }
    stat_tap_table_item_type *items = table->elements[row - 1];
    const char *type = crm_enum_name(CRM_FIELD_HOST_TYPE, host->host_type);
    set_text(items, CRM_COLUMN_NAME, *host->name ? host->name : "(no name)");
    set_text(items, CRM_COLUMN_TYPE, type ? type : "(none)");
    set_text(items, CRM_COLUMN_ADDRESS, host->address);
    set_text(items, CRM_COLUMN_DAEMONS, host->daemons);
    return items;
}

static void
see(stat_tap_table_item_type *row, packet_info *pinfo)
{
    const double now = nstime_to_sec(&pinfo->rel_ts);

    if (!row[CRM_COLUMN_FIRST_SEEN].user_data.uint_value) {
        row[CRM_COLUMN_FIRST_SEEN].user_data.uint_value = 1;
        row[CRM_COLUMN_FIRST_SEEN].value.float_value = now;
    }
    row[CRM_COLUMN_LAST_SEEN].value.float_value = now;
}

static void
count_registration(stat_tap_table_item_type *worker, const crm_tap_t *tap)
{
    if (tap->outcome == CRM_NO_OUTCOME) {
        return;
    }
    worker[tap->outcome == CRM_REGISTERED ? CRM_COLUMN_REGISTERED : CRM_COLUMN_FAILED].value.uint_value++;
    worker[CRM_COLUMN_EXHAUSTED].value.uint_value += tap->outcome == CRM_EXHAUSTED;
    if (tap->has_retries) {
        char *retries = g_strdup_printf("%" PRId64, tap->retries);
        set_text(worker, CRM_COLUMN_RETRIES_LEFT, retries);
        g_free(retries);
    }
}

/* A probe counts as answered at its collector with the first answer that the
 * statistic's filter lets through, and at each worker that answered it. */
static void
count_answer(stat_tap_table *table, const crm_record_t *r, stat_tap_table_item_type *worker)
{
    worker[CRM_COLUMN_PROBES_ANSWERED].value.uint_value++;
    if (r->request != CRM_NO_RECORD && g_hash_table_add(answered, GUINT_TO_POINTER(r->request))) {
        host_row(table, r->receiver)[CRM_COLUMN_PROBES_ANSWERED].value.uint_value++;
    }
}

static tap_packet_status
count_host(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data,
           tap_flags_t flags _U_)
{
    const crm_tap_t *tap = (const crm_tap_t *)data;
    const crm_record_t *r = tap->record;
    stat_tap_table *table =
        g_array_index(((stat_data_t *)tapdata)->stat_tap_data->tables, stat_tap_table *, 0);

    if (r == NULL || r->sender == CRM_NO_HOST) {
        return TAP_PACKET_DONT_REDRAW;
    }
    stat_tap_table_item_type *sender = host_row(table, r->sender);
    see(sender, pinfo);
    if (r->original != CRM_NO_RECORD) {
        return TAP_PACKET_REDRAW; /* of a datagram that comes twice, the first counts */
    }
    if (r->type == CRM_PROBE_INIT) {
        sender[CRM_COLUMN_PROBES_SENT].value.uint_value++;
    } else if (r->type == CRM_PROBE_ACK) {
        count_answer(table, r, sender);
    } else if (r->type == CRM_REG_ACK) {
        count_registration(host_row(table, r->receiver), tap);
    }
    return TAP_PACKET_REDRAW;
}

static stat_tap_table_ui hosts_ui = {
    REGISTER_PACKET_STAT_GROUP_UNSORTED,
    "CRM Hosts",
    "crm",
    "crm,hosts",
    init_hosts,
    count_host,
    reset_hosts,
    free_host_item,
    NULL,
    CRM_COLUMN_COUNT,
    host_columns,
    0,
    NULL,
    NULL,
    0,
};

/* Response times */

enum { CRM_SRT_PROBE, CRM_SRT_REGISTER, CRM_SRT_ROWS };

static void
init_srt(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table = init_srt_table("CRM", NULL, tables, CRM_SRT_ROWS, NULL, NULL, NULL);

    init_srt_table_row(table, CRM_SRT_PROBE, "ProbeAck");
    init_srt_table_row(table, CRM_SRT_REGISTER, "RegisterAck");
}

static tap_packet_status
add_srt(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const crm_record_t *r = ((const crm_tap_t *)data)->record;
    srt_data_t *srt = (srt_data_t *)tapdata;

    if (r == NULL || r->request == CRM_NO_RECORD || r->original != CRM_NO_RECORD) {
        return TAP_PACKET_DONT_REDRAW;
    }
    nstime_t moment, between;
    if (!crm_record_time_between(crm_record_at(r->request), r, &between)) {
        return TAP_PACKET_DONT_REDRAW;
    }
    nstime_delta(&moment, &pinfo->abs_ts, &between); /* as Time Shift has it, like the answer's */
    add_srt_table_data(g_array_index(srt->srt_array, srt_stat_table *, 0),
                       r->type == CRM_PROBE_ACK ? CRM_SRT_PROBE : CRM_SRT_REGISTER, &moment, pinfo);
    return TAP_PACKET_REDRAW;
}

void
crm_stats_register(int proto)
{
    stats_tree_register_plugin("crm", "crm", "CRM" STATS_TREE_MENU_SEPARATOR "Packets", 0, tick_tree,
                               init_tree, NULL);
    register_stat_tap_table_ui(&hosts_ui);
    register_srt_table(proto, NULL, 1, add_srt, init_srt, NULL);
}
