/* tracked.c
 * A datagram while its part in the dialogue is found
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "tracked.h"

#include <string.h>

#include "copies.h"
#include "hosts.h"
#include "idmap.h"
#include "message/hash.h"

/* Odd, so that hosts differ, and seeded, as it tells which of them come close: a sender chooses which hosts
 * say the same. */
static uint64_t host_factor;

static crm_idmap_t by_id; /* who sent which id -> the latest record that is no duplicate */

void
crm_tracked_register(void)
{
    host_factor = crm_hash("host", strlen("host")) | 1;
}

bool
crm_tracked_is_counted(const char *id)
{
    return strspn(id, "0123456789") == strlen(id);
}

/* One key of a kind of datagram and its id, which is a seeded hash itself, and
 * of a host. Of one id, hosts have places of their own; what a host says under
 * one id in other kinds shares its place, as idmap.h has it: of a long capture,
 * each look-up elsewhere waits for memory. */
static uint64_t
id_key(uint8_t kind, uint64_t id, uint32_t host)
{
    return (id ^ ((uint64_t)host + 1) * host_factor) + kind;
}

/* Whose ids tell what it answers and repeats: a RegisterAck's may be that of every worker. */
static uint64_t
own_key(const crm_tracked_t *d)
{
    return id_key(d->r->type, d->r->id, d->r->type == CRM_REG_ACK ? d->r->receiver : d->r->sender);
}

uint32_t
crm_tracked_put(const crm_tracked_t *d, uint32_t host)
{
    return crm_idmap_put(&by_id, id_key(d->r->type, d->r->id, host), d->number);
}

void
crm_tracked_enter(const crm_tracked_t *d)
{
    d->r->same_id = crm_idmap_put(&by_id, own_key(d), d->number);
}

uint32_t
crm_tracked_find(uint8_t type, uint64_t id, uint32_t host)
{
    return crm_idmap_get(&by_id, id_key(type, id, host));
}

uint32_t
crm_tracked_find_same(const crm_tracked_t *d)
{
    uint32_t before = d->r->same_id;

    for (int i = 0; i < CRM_MAX_SAME_ID && before != CRM_NO_RECORD; i++) {
        const crm_record_t *r = crm_record_at(before);
        if (r->content == d->r->content && r->sender == d->r->sender && r->receiver == d->r->receiver &&
            r->original == CRM_NO_RECORD) {
            return before;
        }
        before = r->same_id;
    }
    return CRM_NO_RECORD;
}

bool
crm_tracked_comes_again_soon(const crm_tracked_t *d, uint32_t before)
{
    const uint32_t repeat = crm_record_at(before)->latest_repeat;
    return crm_record_is_within(crm_record_at(repeat == CRM_NO_RECORD ? before : repeat), d->r,
                                &crm_repeats_within);
}

void
crm_tracked_set_duplicate(const crm_tracked_t *d, uint32_t original)
{
    if (crm_idmap_get(&by_id, own_key(d)) == d->number) {
        const bool is_one = crm_record_at(d->r->same_id)->original == CRM_NO_RECORD;
        crm_idmap_put(&by_id, own_key(d), is_one ? d->r->same_id : original);
    }
    d->r->original = original;
    d->r->flags |= crm_tracked_comes_again_soon(d, original) ? 0 : CRM_RECORD_SENT_AGAIN;
    crm_record_at(original)->latest_repeat = d->number;
}

void
crm_tracked_set_request(const crm_tracked_t *d, uint32_t request)
{
    crm_record_t *asked = crm_record_at(request);

    d->r->request = request;
    if (asked->last_answer == CRM_NO_RECORD) {
        d->r->next_answer = d->number;
    } else {
        crm_record_t *last = crm_record_at(asked->last_answer);
        d->r->next_answer = last->next_answer;
        last->next_answer = d->number;
    }
    asked->last_answer = d->number;
}

void
crm_tracked_enter_unpaired(const crm_tracked_t *d)
{
    crm_tracked_enter(d);
    const uint32_t same = crm_tracked_find_same(d);
    if (same != CRM_NO_RECORD && crm_tracked_comes_again_soon(d, same)) {
        crm_tracked_set_duplicate(d, same);
    }
}

bool
crm_tracked_came_by(const crm_tracked_t *d, uint32_t number)
{
    return crm_copies_captured_at(crm_record_at(number), d->r->point) != NULL;
}

bool
crm_tracked_shares_id(const crm_tracked_t *d, uint32_t collector)
{
    return d->counted || (collector != CRM_NO_HOST && crm_host_at(collector)->shares_ids);
}
