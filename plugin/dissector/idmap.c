/* idmap.c
 * A table from hashes to numbers, for a capture's worth of them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "idmap.h"

#include <stddef.h>

#include <epan/packet.h>

#include "message/hash.h"

/* Linear probing; nothing is ever removed. */
static crm_idmap_slot_t *
find_slot(const crm_idmap_t *map, uint64_t key)
{
    uint32_t i = (uint32_t)key & (map->capacity - 1);

    while (map->slots[i].value != CRM_IDMAP_NONE && map->slots[i].key != key) {
        i = (i + 1) & (map->capacity - 1);
    }
    return &map->slots[i];
}

static void
grow(crm_idmap_t *map)
{
    const crm_idmap_t old = *map;

    map->capacity = old.capacity ? old.capacity * 2 : 64;
    map->slots = wmem_alloc_array(wmem_file_scope(), crm_idmap_slot_t, map->capacity);
    for (uint32_t i = 0; i < map->capacity; i++) {
        map->slots[i].value = CRM_IDMAP_NONE;
    }
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].value != CRM_IDMAP_NONE) {
            *find_slot(map, old.slots[i].key) = old.slots[i];
        }
    }
    wmem_free(wmem_file_scope(), old.slots);
}

uint32_t
crm_idmap_get(const crm_idmap_t *map, uint64_t key)
{
    return map->count ? find_slot(map, key)->value : CRM_IDMAP_NONE;
}

uint32_t
crm_idmap_put(crm_idmap_t *map, uint64_t key, uint32_t value)
{
    if (map->count * 2 >= map->capacity) {
        grow(map);
    }
    crm_idmap_slot_t *slot = find_slot(map, key);
    const uint32_t before = slot->value;

    map->count += before == CRM_IDMAP_NONE;
    *slot = (crm_idmap_slot_t){key, value};
    return before;
}

uint64_t
crm_idmap_pair_key(uint32_t a, uint32_t b)
{
    const uint32_t numbers[] = {a, b};
    return crm_hash(numbers, sizeof numbers);
}
