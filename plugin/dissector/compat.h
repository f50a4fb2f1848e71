/* compat.h
 * What differs between Wireshark 4.0, 4.2, 4.4 and 4.6, and nothing else
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_COMPAT_H
#define CRM_COMPAT_H

#include <epan/addr_resolv.h>
#include <epan/conversation.h>
#include <epan/conversation_filter.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/proto_data.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/tfs.h>
#include <ws_version.h>

#define CRM_WIRESHARK_AT_LEAST(major, minor)                                                                 \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                                    \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/* What a heuristic dissector returns and a boolean preference is stored in.
 * A wrong size here is memory written past the variable. */
#if CRM_WIRESHARK_AT_LEAST(4, 4)
typedef bool crm_bool_t;
#else
typedef gboolean crm_bool_t;
#endif

/* What a callback of wmem's returns: its library changed before the others. */
#if CRM_WIRESHARK_AT_LEAST(4, 2)
typedef bool crm_wmem_bool_t;
#else
typedef gboolean crm_wmem_bool_t;
#endif

/* A name that a capture gives away is no static entry, as one of the user's
 * own hosts file is; 4.0 does not tell them apart. */
#if CRM_WIRESHARK_AT_LEAST(4, 2)
#define crm_add_ipv4_name(address, name) add_ipv4_name(address, name, false)
#define crm_add_ipv6_name(address, name) add_ipv6_name(address, name, false)
#else
#define crm_add_ipv4_name(address, name) add_ipv4_name(address, name)
#define crm_add_ipv6_name(address, name) add_ipv6_name(address, name)
#endif

/* Whether conversations of two VLANs are told apart: the user's word for all
 * protocols, since 4.4. */
#ifdef CONV_DEINT_KEY_VLAN
#define CRM_WIRESHARK_HAS_DEINTERLACING 1
#else
#define CRM_WIRESHARK_HAS_DEINTERLACING 0
#endif

/* The callbacks of a conversation filter. */
#if CRM_WIRESHARK_AT_LEAST(4, 2)
#define CRM_FILTER_ARGUMENTS packet_info *pinfo, void *user_data _U_
#define CRM_FILTER_VALUES    pinfo, user_data
#define crm_register_conversation_filter(proto, name, valid, build)                                          \
    register_conversation_filter(proto, name, valid, build, NULL)
#else
#define CRM_FILTER_ARGUMENTS packet_info *pinfo
#define CRM_FILTER_VALUES    pinfo
#define crm_register_conversation_filter(proto, name, valid, build)                                          \
    register_conversation_filter(proto, name, valid, build)
#endif

/* What a file calls an interface. With several sections, newer releases want to
 * know which one. */
#if CRM_WIRESHARK_AT_LEAST(4, 4)
#define crm_interface_name(pinfo, interface_id)                                                              \
    epan_get_interface_name((pinfo)->epan, interface_id, (pinfo)->rec->section_number)
#else
#define crm_interface_name(pinfo, interface_id) epan_get_interface_name((pinfo)->epan, interface_id)
#endif

/* Menu levels of a statistics tree: "CRM//Packets". */
#ifndef STATS_TREE_MENU_SEPARATOR
#define STATS_TREE_MENU_SEPARATOR "/"
#endif

#endif
