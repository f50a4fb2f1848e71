/* conflicts.c
 * Hosts that announce what another one announced before
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "conflicts.h"

#include <string.h>

#include "hosts.h"
#include "store.h"

/* What most hosts have not: others that announce the same, before or after. */
typedef struct {
    crm_firsts_t firsts;
    uint32_t other_address_in; /* records, or CRM_NO_RECORD: who announces its name otherwise, ... */
    uint32_t other_name_in;    /* ... its address, ... */
    uint32_t other_source_in;  /* ... and both from elsewhere */
} rivals_t;

static crm_store_t rivals = {.size = sizeof(rivals_t)};

static rivals_t *
rivals_of(const crm_host_t *host)
{
    return host->rivals == CRM_NO_RIVALS ? NULL : (rivals_t *)crm_store_at(&rivals, host->rivals);
}

static void
add_rivals(uint32_t number, const crm_firsts_t *firsts)
{
    crm_host_t *host = crm_host_at(number);

    if (host->rivals == CRM_NO_RIVALS) {
        const rivals_t none = {*firsts, CRM_NO_RECORD, CRM_NO_RECORD, CRM_NO_RECORD};
        host->rivals = crm_store_append(&rivals, &none);
    }
}

void
crm_conflicts_enter(uint32_t host, const crm_firsts_t *firsts)
{
    const uint32_t others[] = {firsts->of_name, firsts->of_address, firsts->of_both};

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (others[i] != host) {
            const crm_firsts_t itself = {others[i], others[i], others[i]};
            add_rivals(host, firsts);
            add_rivals(others[i], &itself); /* it has no rivals yet because it is the first of all */
        }
    }
}

/* What contradicts a datagram of a host, where `first` was the first to
 * announce what they have in common; `other_in` remembers the first datagram
 * that contradicted it, which its own later ones name. */
static uint32_t
contradiction(const crm_host_t *first, bool agrees, uint32_t *other_in, uint32_t said_in)
{
    if (agrees) {
        return *other_in;
    }
    if (*other_in == CRM_NO_RECORD) {
        *other_in = said_in;
    }
    return first->said_in;
}

static bool
announce_one_address(const crm_host_t *a, const crm_host_t *b)
{
    return memcmp(a->announced, b->announced, sizeof a->announced) == 0;
}

void
crm_conflicts_find(uint32_t number, uint32_t record)
{
    const crm_host_t *host = crm_host_at(number);
    const rivals_t *own = rivals_of(host);
    crm_record_t *r = crm_record_at(record);

    if (own == NULL) {
        return;
    }
    const crm_host_t *named = crm_host_at(own->firsts.of_name), *there = crm_host_at(own->firsts.of_address),
                     *first = crm_host_at(own->firsts.of_both);
    const uint32_t by_name =
        contradiction(named, announce_one_address(named, host), &rivals_of(named)->other_address_in, record);
    const uint32_t by_address =
        contradiction(there, strcmp(there->name, host->name) == 0, &rivals_of(there)->other_name_in, record);
    const uint32_t by_source = contradiction(first, crm_host_sends_from_address(first, &host->source),
                                             &rivals_of(first)->other_source_in, record);
    r->conflict = by_name != CRM_NO_RECORD ? by_name : by_address != CRM_NO_RECORD ? by_address : by_source;
    r->conflict_kind = by_name != CRM_NO_RECORD      ? CRM_NAME_CONFLICT
                       : by_address != CRM_NO_RECORD ? CRM_ADDRESS_CONFLICT
                       : by_source != CRM_NO_RECORD  ? CRM_SOURCE_CONFLICT
                                                     : CRM_NO_CONFLICT;
}
