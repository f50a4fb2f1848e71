/* packet-crm.c
 * Routines for Cloudless Resource Monitoring (CRM) dissection
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/* A CRM system is one collector and many workers. They talk in JSON, one
 * document per UDP datagram, encoded with Python's jsonpickle:
 *
 *   collector -> all workers   ProbeInit     who is there?
 *   worker    -> collector     ProbeAck      I am, with these daemons
 *   collector -> worker        RegisterAck   your exporters are (not) registered
 *
 * docs/protocol.md has the messages and every form in which they are written.
 * How a datagram comes here is udp.c's subject. Here its message is read, found
 * its part in the dialogue, and handed to whatever shows it: the tree's items are
 * those of message-items.c, dialogue-items.c and point-items.c.
 */

#include "packet-crm.h"

#include <string.h>

#include "copies.h"
#include "dialogue.h"
#include "dialogue-items.h"
#include "ends.h"
#include "filters.h"
#include "hosts.h"
#include "info.h"
#include "message-items.h"
#include "message/message.h"
#include "message/recent.h"
#include "message/summary.h"
#include "point-items.h"
#include "stats.h"
#include "stats-points.h"
#include "text.h"
#include "traffic.h"

static int proto_crm;
static int crm_tap;
static dissector_handle_t json_handle;

static crm_bool_t pref_resolve_hosts = TRUE;
static crm_bool_t pref_show_json = FALSE;

static int hf_crm_encoding = -1;
static int hf_crm_encoding_enum = -1;
static int hf_crm_dto = -1;

#define CRM_ENCODING_VALUE(constant, name) {CRM_ENCODING_##constant, name},

static const value_string encoding_vals[] = {CRM_ENCODINGS(CRM_ENCODING_VALUE){0, NULL}};

#define CRM_ENUM_FORM_VALUE(constant, name) {CRM_ENUM_##constant, name},

static const value_string enum_form_vals[] = {CRM_ENUM_FORMS(CRM_ENUM_FORM_VALUE){0, NULL}};

/* Lives as long as the plugin and is reused, so that a datagram of usual size
 * allocates nothing. Dissection is single-threaded and CRM never holds CRM. */
static crm_recent_t *messages;
static GString *summary;

/* What the datagram as a whole tells, and no byte of it. */
static void
add_encoding(const crm_dissection_t *d, proto_tree *tree)
{
    if (d->m->encoding != CRM_ENCODING_UNKNOWN) {
        proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_encoding, d->tvb, 0, 0, d->m->encoding));
    }
    for (unsigned form = 0; form < CRM_ENUM_FORM_COUNT; form++) {
        if (d->m->enum_forms & 1U << form) {
            proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_encoding_enum, d->tvb, 0, 0, form));
        }
    }
    /* Work that a packet list has no use for: only where someone looks. */
    if (proto_field_is_referenced(tree, hf_crm_dto)) {
        const char *json = crm_recent_dto_json(messages);
        if (json) {
            proto_item_set_generated(proto_tree_add_string(tree, hf_crm_dto, d->tvb, 0, 0, json));
        }
    }
}

/* Columns, names, taps */

static void
set_info(const crm_dissection_t *d)
{
    if (col_get_writable(d->pinfo->cinfo, COL_INFO)) {
        g_string_truncate(summary, 0);
        crm_info_append(d, summary);
        /* The packet's pool outlives its columns, so they need no copy of their own. */
        col_set_str(d->pinfo->cinfo, COL_INFO,
                    (const char *)wmem_memdup(d->pinfo->pool, summary->str, summary->len + 1));
    }
}

static void
label_root(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    if (tree && PTREE_DATA(tree)->visible) {
        g_string_truncate(summary, 0);
        crm_info_append_root(d, summary);
        proto_item_append_text(item, "%s", summary->str);
    }
}

/* With the ellipsis as many bytes as Wireshark 4.0 keeps. */
#define CRM_MAX_RESOLVED_NAME 60

/* As packet-dns.c does with what it reads: once, and only for a user who wants
 * names at all. `-N n` asks for names without a word on where from. Wireshark
 * takes no empty name. What two hosts say of an address in turn is no news after
 * the first time, and a conflict each time. */
static void
add_host_name(const crm_dissection_t *d)
{
    if (!pref_resolve_hosts || PINFO_FD_VISITED(d->pinfo) || !d->record ||
        !(d->record->flags & CRM_RECORD_NEWS || d->record->conflict_kind) ||
        !(gbl_resolv_flags.network_name || gbl_resolv_flags.dns_pkt_addr_resolution)) {
        return;
    }
    const crm_host_t *host = crm_host_at(d->record->sender);
    const char *name = crm_text_short(d->pinfo->pool, host->name, CRM_MAX_RESOLVED_NAME);
    if (host->announced_kind == 4) {
        guint32 ipv4;
        memcpy(&ipv4, host->announced, sizeof ipv4);
        crm_add_ipv4_name(ipv4, name);
    } else if (host->announced_kind == 6) {
        ws_in6_addr ipv6;
        memcpy(&ipv6, host->announced, sizeof ipv6);
        crm_add_ipv6_name(&ipv6, name);
    }
}

static void
queue_tap(const crm_dissection_t *d)
{
    if (d->record) {
        crm_stats_points_queue(d->pinfo, d->record);
    }
    if (have_tap_listener(crm_tap) && !(d->record && crm_copies_is_copy(d->record))) {
        crm_tap_t *tap = wmem_new0(d->pinfo->pool, crm_tap_t);
        const uint32_t retries = d->m->first[CRM_FIELD_MAX_RETRIES];
        tap->record = d->record;
        tap->traffic = d->traffic;
        tap->type = crm_message_type_name(d->m);
        tap->encoding = d->m->encoding;
        tap->outcome = crm_register_outcome(d->m);
        tap->has_retries = retries != CRM_NO_NODE;
        tap->retries = tap->has_retries ? d->m->nodes[retries].number : 0;
        for (uint32_t f = 0; f < d->m->finding_count; f++) {
            tap->findings |= 1U << d->m->findings[f].kind;
        }
        tap_queue_packet(crm_tap, d->pinfo, tap);
    }
}

/* The columns stay CRM's, or those of whoever quotes the datagram. */
static void
show_json(const crm_dissection_t *d, proto_tree *tree)
{
    const bool writable = col_get_writable(d->pinfo->cinfo, -1);

    if (pref_show_json && json_handle) {
        col_set_writable(d->pinfo->cinfo, -1, FALSE);
        call_dissector(json_handle, d->tvb, d->pinfo, tree);
        col_set_writable(d->pinfo->cinfo, -1, writable);
    }
}

/* A datagram is cut when the capture, or IP without its other fragments, has
 * only its beginning. */
static bool
is_cut(tvbuff_t *tvb, packet_info *pinfo)
{
    return pinfo->fragmented || tvb_captured_length(tvb) < tvb_reported_length(tvb);
}

/* The reader takes a document as a whole, and borrows the bytes for as long as
 * the tvbuff lives. Of a datagram that ICMP quotes it is not said how much is
 * quoted: where the document breaks off, so does the quotation. */
static const crm_message_t *
read_message(tvbuff_t *tvb, packet_info *pinfo)
{
    const uint32_t length = tvb_captured_length(tvb);
    const uint8_t *data = length ? tvb_get_ptr(tvb, 0, (int)length) : NULL;
    const crm_message_t *m = crm_recent_read(messages, data, length, is_cut(tvb, pinfo));

    return pinfo->flags.in_error_pkt && m->doc.status == CRM_JSON_END
               ? crm_recent_read(messages, data, length, true)
               : m;
}

/* Wireshark registers this tap when the first file is opened, later than it asks a
 * dissector for anything. */
static bool
is_expert_tapped(void)
{
    static int expert_tap;

    if (expert_tap == 0) {
        expert_tap = find_tap_id("expert");
    }
    return have_tap_listener(expert_tap);
}

int
crm_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t announced_in)
{
    proto_item *items[CRM_FIELD_COUNT] = {NULL};
    crm_dissection_t d = {
        .tvb = tvb, .pinfo = pinfo, .items = items, .wants_expert_text = tree || is_expert_tapped()};

    if (tvb_reported_length(tvb) == 0) {
        return 0; /* it is no CRM; nor has what takes nothing a layer, by which its record could be told */
    }
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "CRM");
    col_clear(pinfo->cinfo, COL_INFO);
    d.m = read_message(tvb, pinfo);
    /* What ICMP quotes was sent once, and has its own frame. */
    if (pinfo->flags.in_error_pkt) {
        d.ends = crm_ends_of_quoted(pinfo, crm_message_meant_type(d.m));
    } else {
        d.record = crm_dialogue_follow(pinfo, d.m, announced_in);
        d.ends = crm_ends_of_record(d.record);
    }
    if (d.record) {
        d.traffic = crm_traffic_findings(d.record, pinfo, crm_register_outcome(d.m));
    }
    add_host_name(&d);
    set_info(&d);

    proto_item *item = proto_tree_add_item(tree, proto_crm, tvb, 0, -1, ENC_NA);
    proto_tree *crm_tree = crm_message_items_tree(item);
    label_root(&d, crm_tree, item);
    crm_message_items_add(&d, crm_tree, item);
    crm_dialogue_items_add(&d, crm_tree, item);
    if (d.record) {
        crm_point_items_add(&d, crm_tree, item);
    }
    crm_filters_remember(&d, crm_tree);
    if (tree) {
        add_encoding(&d, crm_tree);
    }
    if (!pinfo->flags.in_error_pkt) {
        queue_tap(&d);
    }
    show_json(&d, tree);

    if (tvb_captured_length(tvb) < tvb_reported_length(tvb)) {
        /* Throws: "[Packet size limited during capture]" is Wireshark's to say. */
        tvb_ensure_bytes_exist(tvb, 0, (int)tvb_reported_length(tvb));
    }
    return (int)tvb_captured_length(tvb);
}

/* Registration */

static void
init_buffers(void)
{
    messages = crm_recent_new();
    summary = g_string_new(NULL);
}

static void
shutdown_crm(void)
{
    crm_recent_free(messages);
    g_string_free(summary, TRUE);
}

void
crm_register_preferences(module_t *module)
{
    prefs_register_bool_preference(module, "resolve_hosts", "Use announced host names",
                                   "Whether name resolution uses the host names that a HostInfo announces",
                                   &pref_resolve_hosts);
    prefs_register_bool_preference(module, "show_json", "Show the JSON tree",
                                   "Whether the document is also shown by Wireshark's own JSON dissector",
                                   &pref_show_json);
}

void
proto_register_crm(void)
{
    static hf_register_info hf[] = {
        {&hf_crm_encoding,
         {"Encoding", "crm.encoding", FT_UINT8, BASE_DEC, VALS(encoding_vals), 0, NULL, HFILL}},
        {&hf_crm_encoding_enum,
         {"Enum Encoding", "crm.encoding.enum", FT_UINT8, BASE_DEC, VALS(enum_form_vals), 0, NULL, HFILL}},
        {&hf_crm_dto,
         {"DTO", "crm.dto", FT_STRING, BASE_NONE, NULL, 0,
          "The message as plain JSON, the same for every dialect", HFILL}},
    };

    proto_crm = proto_register_protocol("Cloudless Resource Monitoring", "CRM", "crm");
    expert_module_t *expert = expert_register_protocol(proto_crm);
    crm_message_items_register(proto_crm, expert);
    proto_register_field_array(proto_crm, hf, array_length(hf));
    crm_dialogue_items_register(proto_crm, expert);
    crm_point_items_register(proto_crm, expert);
    crm_tap = register_tap("crm");

    init_buffers();
    register_shutdown_routine(shutdown_crm);
    crm_dialogue_register();
    crm_filters_register(proto_crm);
    crm_stats_register(proto_crm);
}

void
proto_reg_handoff_crm(void)
{
    json_handle = find_dissector_add_dependency("json", proto_crm);
}
