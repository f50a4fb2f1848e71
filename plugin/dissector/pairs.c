/* pairs.c
 * A worker and a collector: what is remembered of the two
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "pairs.h"

#include "idmap.h"
#include "store.h"

static crm_store_t pairs = {.size = sizeof(crm_pair_t)};
static crm_idmap_t more; /* worker and collector -> pair, but for each worker's first */

crm_pair_t *
crm_pair_at(uint32_t number)
{
    return (crm_pair_t *)crm_store_at(&pairs, number);
}

/* Most workers have one collector. */
uint32_t
crm_pair_find(uint32_t worker, uint32_t collector)
{
    const uint32_t first = crm_host_at(worker)->first_pair;

    return first == CRM_NO_PAIR || crm_pair_at(first)->collector == collector
               ? first
               : crm_idmap_get(&more, crm_idmap_pair_key(worker, collector));
}

uint32_t
crm_pair_get(uint32_t worker, uint32_t collector)
{
    const crm_pair_t empty = {.collector = collector,
                              .latest_ack = CRM_NO_RECORD,
                              .waiting_ack = CRM_NO_RECORD,
                              .answer = CRM_NO_RECORD};
    uint32_t number = crm_pair_find(worker, collector);

    if (number != CRM_NO_PAIR) {
        return number;
    }
    number = crm_store_append(&pairs, &empty);
    if (crm_host_at(worker)->first_pair == CRM_NO_PAIR) {
        crm_host_at(worker)->first_pair = number;
    } else {
        crm_idmap_put(&more, crm_idmap_pair_key(worker, collector), number);
    }
    return number;
}
