/* store.c
 * Items of one kind, for a capture's worth of them
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "store.h"

#include <string.h>

#include "compat.h"

static crm_wmem_bool_t
empty(wmem_allocator_t *file_scope _U_, wmem_cb_event_t event _U_, void *data)
{
    crm_store_t *store = (crm_store_t *)data;

    *store = (crm_store_t){.size = store->size};
    return FALSE;
}

static void
add_chunk(crm_store_t *store)
{
    const uint32_t chunk = store->count / CRM_STORE_CHUNK;

    if (chunk == 0) {
        wmem_register_callback(wmem_file_scope(), empty, store);
    }
    if (chunk == store->chunk_capacity) {
        store->chunk_capacity = store->chunk_capacity ? store->chunk_capacity * 2 : 4;
        store->chunks = (void **)wmem_realloc(wmem_file_scope(), store->chunks,
                                              store->chunk_capacity * sizeof *store->chunks);
    }
    store->chunks[chunk] = wmem_alloc(wmem_file_scope(), CRM_STORE_CHUNK * store->size);
}

uint32_t
crm_store_append(crm_store_t *store, const void *item)
{
    if (store->count % CRM_STORE_CHUNK == 0) {
        add_chunk(store);
    }
    memcpy(crm_store_at(store, store->count), item, store->size);
    return store->count++;
}
