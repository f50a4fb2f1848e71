/* store.h
 * Items of one kind, for a capture's worth of them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A wmem_array would move them when it grows, and leave up to as much room
 * empty as is used. Here they lie in chunks, and stay where they are.
 */

#ifndef CRM_STORE_H
#define CRM_STORE_H

#include <stddef.h>
#include <stdint.h>

#define CRM_STORE_CHUNK 512

/* Items of one size. All zero but `size` is an empty store, which must be static: its items live in
 * Wireshark's file scope, and it empties itself when the capture file is closed. */
typedef struct {
    void **chunks;
    size_t size; /* of an item, in bytes */
    uint32_t chunk_capacity;
    uint32_t count;
} crm_store_t;

/* The item of a number below `count`. It does not move. */
static inline void *
crm_store_at(const crm_store_t *store, uint32_t number)
{
    return (char *)store->chunks[number / CRM_STORE_CHUNK] + number % CRM_STORE_CHUNK * store->size;
}

/* Copies an item to the end. Returns its number, which is `count` before. */
uint32_t crm_store_append(crm_store_t *store, const void *item);

#endif
