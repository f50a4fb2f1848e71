/* udp.c
 * How datagrams come to CRM: ports, Decode As, heuristics
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "udp.h"

#include "endpoints.h"
#include "message/json.h"
#include "message/recognise.h"
#include "packet-crm.h"
#include "records.h"

/* collectord and coordinatord: the defaults of the published collector. */
#define CRM_UDP_PORTS "9090,10100"

/* The name that --disable-heuristic takes. */
#define CRM_HEURISTIC "crm_udp"

static int proto_crm;
static dissector_handle_t crm_handle;
static dissector_handle_t crm_pinned_handle;
static dissector_table_t udp_port_table;
static const heur_dtbl_entry_t *crm_heuristic;

static range_t *pref_ports;
static range_t *registered_ports;
static wmem_map_t *displaced_handles; /* port -> whose it was before it became CRM's */

/* Reused from datagram to datagram, as the message of packet-crm.c is. */
static crm_json_t document;

/* A configured port, or Decode As: not recognized by an announcement. */
static int
dissect_crm(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return crm_dissect(tvb, pinfo, tree, CRM_NO_RECORD);
}

/* A conversation in which an earlier datagram was recognized. */
static int
dissect_crm_pinned(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return crm_dissect(tvb, pinfo, tree, crm_announced_in(pinfo));
}

/* Heuristics */

/* Decode As is the user's word. What it names was asked before a heuristic is,
 * and declined, or it names nothing at all. */
static bool
is_decoded_as(packet_info *pinfo)
{
    return dissector_is_uint_changed(udp_port_table, pinfo->srcport) ||
           dissector_is_uint_changed(udp_port_table, pinfo->destport);
}

/* Whether the datagram is CRM beyond doubt, on a port that says nothing:
 *
 * 1. It is there as a whole: a part proves nothing.
 * 2. It looks like a CRM message: one object, and either some "py/object" in
 *    it names a class of CRM's packages or it begins with an attribute that a
 *    plain message has. This reads no JSON and turns away nearly all other
 *    traffic.
 * 3. It is a JSON document that Python would take.
 * 4. Its root is a CRM message (crm_is_message() has the rules): a class
 *    name that only CRM's packages have, or all attributes of a message
 *    together with an enum that names such a class. ReportInit without class
 *    has five attributes of its own, of the right types, and no other.
 *
 * Nothing is thrown, and nothing is left behind, before that is decided. */
static bool
is_crm(tvbuff_t *tvb)
{
    const uint32_t length = tvb_captured_length(tvb);

    if (length < CRM_MIN_MESSAGE || length < tvb_reported_length(tvb)) {
        return false;
    }
    /* The reader takes a document as a whole; these bytes are all there, as was just asked. */
    const uint8_t *data = tvb_get_ptr(tvb, 0, (int)length);
    return crm_may_be_message(data, length) && crm_json_read(&document, data, length) &&
           crm_is_message(&document);
}

/* Takes a datagram that was recognized, unless the user says otherwise. From
 * here on, what else these two say is CRM, malformed or not, and no heuristic is
 * asked, another protocol's neither. */
static crm_bool_t
claim(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (is_decoded_as(pinfo)) {
        return FALSE;
    }
    conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), pinfo->num,
                                                 crm_pinned_handle);
    dissect_crm_pinned(tvb, pinfo, tree, NULL);
    return TRUE;
}

static crm_bool_t
dissect_crm_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return (is_crm(tvb) || crm_announced_in(pinfo) != CRM_NO_RECORD) && claim(tvb, pinfo, tree);
}

/* Announced endpoints alone, which are no guess, where the user has switched
 * guessing off. While crm_udp is on, it has looked at them already. */
static crm_bool_t
dissect_crm_learned_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    return !crm_heuristic->enabled && crm_announced_in(pinfo) != CRM_NO_RECORD && claim(tvb, pinfo, tree);
}

/* Half of what a heuristic costs other applications' datagrams is to be asked,
 * so this one is there only once a file is opened while crm_udp is off. It stays
 * then: the name of one that is deleted remains in the protocol's list, which
 * Wireshark's dialog of enabled protocols walks. */
static void
add_learned_heuristic(void)
{
    static const char name[] = "crm_learned_udp";

    if (!crm_heuristic->enabled && find_heur_dissector_by_unique_short_name(name) == NULL) {
        heur_dissector_add("udp", dissect_crm_learned_heur,
                           "CRM at announced endpoints, where crm_udp is off", name, proto_crm,
                           HEURISTIC_ENABLE);
    }
}

/* Ports */

/* Registers a dissector for a port, or none. What Decode As has put beside the
 * registration stands. */
static void
give_port(guint32 port, dissector_handle_t handle)
{
    const bool decoded_as = dissector_is_uint_changed(udp_port_table, port);
    dissector_handle_t chosen = dissector_get_uint_handle(udp_port_table, port);

    dissector_delete_uint("udp.port", port, crm_handle);
    if (handle) {
        dissector_add_uint("udp.port", port, handle);
    }
    if (decoded_as) {
        dissector_change_uint("udp.port", port, chosen);
    }
}

/* Another protocol may have had the port before, or been given it since. */
static void
leave_port(guint32 port, gpointer data _U_)
{
    if (!value_is_in_range(pref_ports, port) &&
        dissector_get_default_uint_handle("udp.port", port) == crm_handle) {
        give_port(port, (dissector_handle_t)wmem_map_remove(displaced_handles, GUINT_TO_POINTER(port)));
    }
}

static void
take_port(guint32 port, gpointer data _U_)
{
    if (!value_is_in_range(registered_ports, port)) {
        dissector_handle_t displaced = dissector_get_default_uint_handle("udp.port", port);
        wmem_map_insert(displaced_handles, GUINT_TO_POINTER(port), displaced);
        give_port(port, crm_handle);
    }
}

/* The ports that dissector_add_uint_range_with_preference() adds stay CRM's
 * when the preference names others, so the preference is our own. Whatever
 * preference has changed, only ports that came or went are touched. */
static void
apply_ports(void)
{
    range_foreach(registered_ports, leave_port, NULL);
    range_foreach(pref_ports, take_port, NULL);
    wmem_free(wmem_epan_scope(), registered_ports);
    registered_ports = range_copy(wmem_epan_scope(), pref_ports);
}

/* Registration */

static void
shutdown_crm_udp(void)
{
    crm_json_clear(&document);
}

static void
register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_crm, apply_ports);

    range_convert_str(wmem_epan_scope(), &pref_ports, CRM_UDP_PORTS, 65535);
    registered_ports = range_empty(wmem_epan_scope());
    displaced_handles = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    prefs_register_range_preference(module, "udp.port", "UDP port(s)",
                                    "Ports of the collector's daemons, such as 9090,10100-10102", &pref_ports,
                                    65535);
    crm_endpoints_register_preferences(module);
    crm_register_preferences(module);
}

void
crm_udp_register(void)
{
    proto_crm = proto_get_id_by_filter_name("crm");
    crm_handle = register_dissector("crm", dissect_crm, proto_crm);
    /* Export PDU writes the name, and the reader of what was exported looks for it. */
    crm_pinned_handle = create_dissector_handle_with_name(dissect_crm_pinned, proto_crm, "crm");
    register_preferences();
    crm_json_init(&document);
    register_shutdown_routine(shutdown_crm_udp);
}

void
crm_udp_handoff(void)
{
    udp_port_table = find_dissector_table("udp.port");
    dissector_add_for_decode_as("udp.port", crm_handle);
    apply_ports();
    heur_dissector_add("udp", dissect_crm_heur, "CRM over UDP", CRM_HEURISTIC, proto_crm, HEURISTIC_ENABLE);
    crm_heuristic = find_heur_dissector_by_unique_short_name(CRM_HEURISTIC);
    register_init_routine(add_learned_heuristic);
    register_init_routine(apply_ports); /* sharkd sets preferences and applies none */
}
