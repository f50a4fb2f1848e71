/* floor.c
 * The least that a dissector of CRM's ports can cost
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * It claims the ports, sets the columns and adds one item that covers the
 * payload. What tshark takes with this plugin is what reading and listing the
 * capture takes; what another one takes beyond it is its own.
 */

#include <epan/packet.h>
#include <ws_symbol_export.h>
#include <ws_version.h>

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0.0.0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);

static const guint32 ports[] = {9090, 10100};

static int proto_floor = -1;

static int
dissect_floor(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "FLOOR");
    col_clear(pinfo->cinfo, COL_INFO);
    proto_tree_add_item(tree, proto_floor, tvb, 0, -1, ENC_NA);
    return (int)tvb_captured_length(tvb);
}

static void
proto_register_floor(void)
{
    proto_floor = proto_register_protocol("The floor of the CRM benchmark", "FLOOR", "crm_floor");
}

static void
proto_reg_handoff_floor(void)
{
    dissector_handle_t handle = create_dissector_handle(dissect_floor, proto_floor);

    for (size_t i = 0; i < G_N_ELEMENTS(ports); i++) {
        dissector_add_uint("udp.port", ports[i], handle);
    }
}

void
plugin_register(void)
{
    static proto_plugin plugin;

    plugin.register_protoinfo = proto_register_floor;
    plugin.register_handoff = proto_reg_handoff_floor;
    proto_register_plugin(&plugin);
}
