/* plugin.c
 * The symbols that Wireshark looks for in a plugin
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "compat.h"

#include "packet-crm.h"

/* Since 4.2 a header declares these; the attribute has to be the same. */
#define CRM_EXPORT __attribute__((visibility("default")))

extern CRM_EXPORT const char plugin_version[];
extern CRM_EXPORT const int plugin_want_major;
extern CRM_EXPORT const int plugin_want_minor;
CRM_EXPORT void plugin_register(void);
CRM_EXPORT uint32_t plugin_describe(void);

const char plugin_version[] = CRM_VERSION;
const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

/* What kind of plugin this is: WS_PLUGIN_DESC_DISSECTOR of wsutil/plugins.h,
 * a header that 4.0 does not ship. 4.0 does not ask either. */
uint32_t
plugin_describe(void)
{
    return 1U << 0;
}

void
plugin_register(void)
{
    static proto_plugin crm;

    crm.register_protoinfo = proto_register_crm;
    crm.register_handoff = proto_reg_handoff_crm;
    proto_register_plugin(&crm);
}
