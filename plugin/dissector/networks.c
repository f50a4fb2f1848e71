/* networks.c
 * In which network a datagram is: VLANs, and routers between them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "networks.h"

#define CRM_VLANS 4096

static uint16_t next_tied[CRM_VLANS]; /* networks that are tied make a ring */
static uint16_t names[CRM_VLANS];
static bool are_several;

#if CRM_WIRESHARK_HAS_DEINTERLACING
static bool
are_kept_apart(void)
{
    return (prefs.conversation_deinterlacing_key & CONV_DEINT_KEY_VLAN) != 0;
}

void
crm_networks_register_preferences(module_t *module _U_)
{
}
#else
enum { CRM_DEINTERLACE_NONE, CRM_DEINTERLACE_VLAN };

static gint pref_deinterlacing = CRM_DEINTERLACE_NONE;

static bool
are_kept_apart(void)
{
    return pref_deinterlacing == CRM_DEINTERLACE_VLAN;
}

void
crm_networks_register_preferences(module_t *module)
{
    static const enum_val_t keys[] = {
        {"NONE", "NONE", CRM_DEINTERLACE_NONE},
        {"VM.", "VM.", CRM_DEINTERLACE_VLAN},
        {NULL, NULL, 0},
    };

    prefs_register_enum_preference(
        module, "conversation_deinterlacing_key", "Deinterlacing conversations key",
        "Whether VLANs are told apart where the capture shows that they are two networks (NONE), or always "
        "(VM.). Wireshark 4.4 has this preference itself, for all protocols",
        &pref_deinterlacing, keys, FALSE);
}
#endif

static void
begin_file(void)
{
    for (uint16_t vlan = 0; vlan < CRM_VLANS; vlan++) {
        next_tied[vlan] = names[vlan] = vlan;
    }
    are_several = false;
}

void
crm_networks_register(void)
{
    register_init_routine(begin_file);
}

uint16_t
crm_network_of(const packet_info *pinfo)
{
    const uint16_t vlan = (uint16_t)(pinfo->vlan_id % CRM_VLANS);

    are_several |= vlan != 0;
    return vlan;
}

bool
crm_networks_are_several(void)
{
    return are_several;
}

uint16_t
crm_network_name(uint16_t network)
{
    return names[network];
}

bool
crm_networks_are_one(uint16_t a, uint16_t b)
{
    return names[a] == names[b];
}

void
crm_networks_tie(uint16_t a, uint16_t b)
{
    const uint16_t after_a = next_tied[a];

    if (crm_networks_are_one(a, b)) {
        return;
    }
    next_tied[a] = next_tied[b];
    next_tied[b] = after_a;
    for (uint16_t n = next_tied[a]; n != a; n = next_tied[n]) {
        names[n] = names[a];
    }
}

unsigned
crm_networks_near(uint16_t network, uint16_t near[CRM_MAX_NEAR])
{
    unsigned count = 0;

    near[count++] = network;
    if (!are_several) {
        return count;
    }
    for (uint16_t n = next_tied[network]; n != network && count < CRM_MAX_NEAR - 1; n = next_tied[n]) {
        near[count++] = n;
    }
    if (!are_kept_apart()) {
        near[count++] = CRM_NETWORK_ANY;
    }
    return count;
}
