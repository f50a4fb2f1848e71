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

#include "compat.h"
#include "message/hash.h"

#define CRM_IDMAP_FEWEST 64 /* places */

/* On average at most so many entries share a place. */
#define CRM_IDMAP_A_PLACE 2

/* In parts, as a whole key would be followed by four bytes of nothing. */
typedef struct {
    uint32_t key_high;
    uint32_t key_low;
    uint32_t value;
    uint32_t next; /* that has the same place, or CRM_IDMAP_NONE */
} entry_t;

static entry_t *
entry_at(const crm_idmap_t *map, uint32_t number)
{
    return (entry_t *)crm_store_at(&map->entries, number);
}

static uint32_t *
place_of(const crm_idmap_t *map, uint32_t high)
{
    return &map->first[(uint64_t)high * map->places >> 32];
}

static entry_t *
find(const crm_idmap_t *map, uint32_t high, uint32_t low)
{
    uint32_t number = crm_idmap_is_empty(map) ? CRM_IDMAP_NONE : *place_of(map, high);

    while (number != CRM_IDMAP_NONE) {
        entry_t *entry = entry_at(map, number);
        if (entry->key_low == low && entry->key_high == high) {
            return entry;
        }
        number = entry->next;
    }
    return NULL;
}

static void
link_entry(crm_idmap_t *map, uint32_t number)
{
    entry_t *entry = entry_at(map, number);
    uint32_t *first = place_of(map, entry->key_high);

    entry->next = *first;
    *first = number;
}

static void
grow(crm_idmap_t *map)
{
    if (crm_idmap_is_empty(map)) {
        *map = (crm_idmap_t){.entries.size = sizeof(entry_t)};
    }
    map->places = MAX(2 * map->places, CRM_IDMAP_FEWEST);
    map->first = (uint32_t *)wmem_realloc(wmem_file_scope(), map->first, map->places * sizeof *map->first);
    for (uint32_t i = 0; i < map->places; i++) {
        map->first[i] = CRM_IDMAP_NONE;
    }
    for (uint32_t i = 0; i < map->entries.count; i++) {
        link_entry(map, i);
    }
}

uint32_t
crm_idmap_get(const crm_idmap_t *map, uint64_t key)
{
    const entry_t *entry = find(map, (uint32_t)(key >> 32), (uint32_t)key);
    return entry ? entry->value : CRM_IDMAP_NONE;
}

uint32_t
crm_idmap_put(crm_idmap_t *map, uint64_t key, uint32_t value)
{
    const entry_t new_entry = {(uint32_t)(key >> 32), (uint32_t)key, value, CRM_IDMAP_NONE};
    entry_t *entry = find(map, new_entry.key_high, new_entry.key_low);

    if (entry) {
        const uint32_t before = entry->value;
        entry->value = value;
        return before;
    }
    if (crm_idmap_is_empty(map) || map->entries.count == map->places * CRM_IDMAP_A_PLACE) {
        grow(map);
    }
    link_entry(map, crm_store_append(&map->entries, &new_entry));
    return CRM_IDMAP_NONE;
}

uint64_t
crm_idmap_pair_key(uint32_t a, uint32_t b)
{
    const uint32_t numbers[] = {a, b};
    return crm_hash(numbers, sizeof numbers);
}
