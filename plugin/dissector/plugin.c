/* plugin.c
 * The symbols that Wireshark looks for in a plugin
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "compat.h"

#include "packet-crm.h"
#include "udp.h"

/* Since 4.2 a header of Wireshark's declares these, in the same way. */
WS_DLL_PUBLIC const char plugin_version[];
WS_DLL_PUBLIC const int plugin_want_major;
WS_DLL_PUBLIC const int plugin_want_minor;
WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

WS_DLL_PUBLIC_DEF const char plugin_version[] = CRM_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

/* What kind of plugin this is: WS_PLUGIN_DESC_DISSECTOR of wsutil/plugins.h,
 * a header that 4.0 does not ship. 4.0 does not ask either. */
uint32_t
plugin_describe(void)
{
    return 1U << 0;
}

static void
register_protocol(void)
{
    proto_register_crm();
    crm_udp_register();
}

static void
register_handoff(void)
{
    proto_reg_handoff_crm();
    crm_udp_handoff();
}

void
plugin_register(void)
{
    static proto_plugin crm;

    crm.register_protoinfo = register_protocol;
    crm.register_handoff = register_handoff;
    proto_register_plugin(&crm);
}
