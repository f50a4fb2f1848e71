/* names.c
 * The names that hosts announce
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "names.h"

#include <string.h>

#include "idmap.h"
#include "message/hash.h"
#include "networks.h"
#include "store.h"

static crm_store_t names = {.size = sizeof(crm_name_t)};
static crm_idmap_t numbers; /* name and network -> number in `names` */

crm_name_t *
crm_name_at(uint32_t number)
{
    return (crm_name_t *)crm_store_at(&names, number);
}

uint32_t
crm_name_get(const char *name, uint16_t network)
{
    static const crm_name_t empty = {CRM_NO_HOST, CRM_NO_HOST, CRM_NO_HOST};

    if (*name == '\0') {
        return CRM_NO_NAME;
    }
    const uint64_t parts[] = {crm_hash(name, strlen(name)), crm_network_name(network)};
    const uint64_t key = crm_hash(parts, sizeof parts);
    uint32_t number = crm_idmap_get(&numbers, key);
    if (number == CRM_IDMAP_NONE) {
        number = crm_store_append(&names, &empty);
        crm_idmap_put(&numbers, key, number);
    }
    return number;
}
