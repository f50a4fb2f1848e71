/* ties.c
 * What datagrams that were captured several times have in common
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "ties.h"

#include "idmap.h"
#include "points.h"
#include "store.h"

static crm_store_t ties = {.size = sizeof(crm_tie_t)}; /* the one of CRM_NO_TIE is not used */
static crm_idmap_t latest;                             /* what is sent, and a point -> the latest tie */

crm_tie_t *
crm_tie_at(uint32_t tie)
{
    return (crm_tie_t *)crm_store_at(&ties, tie);
}

uint8_t
crm_tie_point(const crm_tie_t *tie)
{
    return crm_record_at(tie->record)->point;
}

uint32_t
crm_tie_original(uint32_t tie)
{
    return crm_tie_at(tie)->sighting == CRM_SIGHTING_FIRST ? tie : crm_tie_at(tie)->first;
}

bool
crm_tie_time_between(uint32_t from, uint32_t to, double *seconds)
{
    return crm_record_seconds_between(crm_record_at(crm_tie_at(from)->record),
                                      crm_record_at(crm_tie_at(to)->record), seconds);
}

/* Of all points, keys stand side by side in the table. */
static uint64_t
key_at(uint64_t key, uint8_t point)
{
    return key - key % CRM_MAX_POINTS + point;
}

uint32_t
crm_tie_latest(uint64_t key, uint8_t point)
{
    const uint32_t tie = crm_idmap_get(&latest, key_at(key, point));
    return tie == CRM_IDMAP_NONE ? CRM_NO_TIE : tie;
}

uint32_t
crm_tie_add(uint32_t record, const crm_route_t *route, uint64_t key)
{
    crm_record_t *r = crm_record_at(record);
    const crm_tie_t none = {0}, tie = {.record = record,
                                       .route = *route,
                                       .seen_at = (uint16_t)(1U << r->point),
                                       .sighting = CRM_SIGHTING_FIRST};

    if (ties.count == CRM_NO_TIE) {
        crm_store_append(&ties, &none);
    }
    r->tie = crm_store_append(&ties, &tie);
    const uint32_t before = crm_idmap_put(&latest, key_at(key, r->point), r->tie);
    if (before == CRM_IDMAP_NONE) {
        return CRM_NO_TIE;
    }
    const bool again = crm_tie_at(before)->sighting == CRM_SIGHTING_REPETITION;
    crm_tie_at(r->tie)->before = again ? crm_tie_at(before)->before : before;
    return before;
}
