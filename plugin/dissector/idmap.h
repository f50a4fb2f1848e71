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
 * (docs/performance.md). Here keys and values stand in the table, in 12 bytes.
 */

#ifndef CRM_IDMAP_H
#define CRM_IDMAP_H

#include <stdint.h>

/* No entry. No value may be this. */
#define CRM_IDMAP_NONE UINT32_MAX

/* In parts, as a whole key would be followed by four bytes of nothing. */
typedef struct {
    uint32_t key_high;
    uint32_t key_low;
    uint32_t value;
} crm_idmap_slot_t;

/* All zero is an empty map, which must be static: it is emptied when the
 * capture file is closed. */
typedef struct {
    crm_idmap_slot_t *slots;
    uint32_t capacity; /* at most three quarters are used */
    uint32_t count;
} crm_idmap_t;

/* The value under a key, or CRM_IDMAP_NONE. The upper half of keys spreads;
 * keys that differ in the lower half only stand side by side, and have to be
 * few. */
uint32_t crm_idmap_get(const crm_idmap_t *map, uint64_t key);

/* One key of two numbers. A sender chooses them by the order in which it
 * announces hosts, so that they are hashed as what it writes is. */
uint64_t crm_idmap_pair_key(uint32_t a, uint32_t b);

/* Puts a value under a key and returns what stood there, or CRM_IDMAP_NONE. */
uint32_t crm_idmap_put(crm_idmap_t *map, uint64_t key, uint32_t value);

#endif
