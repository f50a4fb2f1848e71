/* idmap.h
 * A table from hashes to numbers, for a capture's worth of them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wmem_map would serve, but it allocates for each entry and follows two
 * pointers to find it, which the profile showed as the largest cost of all
 * (docs/performance.md). Here an entry is 16 bytes in a store, where it stays,
 * and at most 4 bytes by which it is found. A table whose entries stand in place
 * is quicker to go through, but half of it and the whole of the one before are
 * empty whenever it has just grown.
 */

#ifndef CRM_IDMAP_H
#define CRM_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

/* No entry. No value may be this. */
#define CRM_IDMAP_NONE UINT32_MAX

/* All zero is an empty map, which must be static: it empties itself when the
 * capture file is closed, as its store does. */
typedef struct {
    crm_store_t entries;
    uint32_t *first; /* of the entries that have a place, the one that came last; as places, only of a map
                        that is not empty */
    uint32_t places;
} crm_idmap_t;

/* Asked where the key takes time to make. */
static inline bool
crm_idmap_is_empty(const crm_idmap_t *map)
{
    return map->entries.count == 0;
}

/* The value under a key, or CRM_IDMAP_NONE. The upper half of keys spreads;
 * keys that differ in the lower half only share a place, and have to be few. */
uint32_t crm_idmap_get(const crm_idmap_t *map, uint64_t key);

/* One key of two numbers. A sender chooses them by the order in which it
 * announces hosts, so that they are hashed as what it writes is. */
uint64_t crm_idmap_pair_key(uint32_t a, uint32_t b);

/* Puts a value under a key and returns what stood there, or CRM_IDMAP_NONE. */
uint32_t crm_idmap_put(crm_idmap_t *map, uint64_t key, uint32_t value);

#endif
