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

#include <string.h>

#include "compat.h"
#include "message/hash.h"

/* Linear probing; nothing is ever removed. A table that grows by half, and not
 * to the double, leaves less of itself empty. */
static crm_idmap_slot_t *
find_slot(const crm_idmap_t *map, uint32_t high, uint32_t low)
{
    uint32_t i = (uint32_t)((uint64_t)high * map->capacity >> 32);

    while (map->slots[i].value != CRM_IDMAP_NONE &&
           (map->slots[i].key_low != low || map->slots[i].key_high != high)) {
        i = i + 1 == map->capacity ? 0 : i + 1;
    }
    return &map->slots[i];
}

static crm_wmem_bool_t
free_slots(wmem_allocator_t *file_scope _U_, wmem_cb_event_t event _U_, void *map)
{
    g_free(((crm_idmap_t *)map)->slots);
    *(crm_idmap_t *)map = (crm_idmap_t){0};
    return FALSE;
}

/* The slots are not wmem's, whose blocks keep the room of each table that has
 * become too small. */
static void
grow(crm_idmap_t *map)
{
    const crm_idmap_t old = *map;

    if (old.capacity == 0) {
        wmem_register_callback(wmem_file_scope(), free_slots, map);
    }
    map->capacity = old.capacity ? old.capacity + old.capacity / 2 : 64;
    map->slots = g_new(crm_idmap_slot_t, map->capacity);
    memset(map->slots, 0xff, map->capacity * sizeof *map->slots); /* each value is CRM_IDMAP_NONE */
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].value != CRM_IDMAP_NONE) {
            *find_slot(map, old.slots[i].key_high, old.slots[i].key_low) = old.slots[i];
        }
    }
    g_free(old.slots);
}

uint32_t
crm_idmap_get(const crm_idmap_t *map, uint64_t key)
{
    return map->count ? find_slot(map, (uint32_t)(key >> 32), (uint32_t)key)->value : CRM_IDMAP_NONE;
}

uint32_t
crm_idmap_put(crm_idmap_t *map, uint64_t key, uint32_t value)
{
    if (map->count + 1 > map->capacity / 4 * 3) {
        grow(map);
    }
    crm_idmap_slot_t *slot = find_slot(map, (uint32_t)(key >> 32), (uint32_t)key);
    const uint32_t before = slot->value;

    map->count += before == CRM_IDMAP_NONE;
    *slot = (crm_idmap_slot_t){(uint32_t)(key >> 32), (uint32_t)key, value};
    return before;
}

uint64_t
crm_idmap_pair_key(uint32_t a, uint32_t b)
{
    const uint32_t numbers[] = {a, b};
    return crm_hash(numbers, sizeof numbers);
}
