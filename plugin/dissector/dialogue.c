/* dialogue.c
 * Who answered whom
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "dialogue.h"

#include <string.h>

#include "announcements.h"
#include "conflicts.h"
#include "copies.h"
#include "ends.h"
#include "hosts.h"
#include "message/hash.h"
#include "probes.h"
#include "registers.h"
#include "routers.h"
#include "silence.h"

void
crm_dialogue_register(void)
{
    crm_tracked_register();
    crm_records_register();
    crm_hosts_register();
    crm_copies_register();
}

/* QueryAck and MetricInit have no answer, but may come twice. */
static void
track_other(const crm_tracked_t *d)
{
    d->r->receiver = crm_ends_receiver(d->pinfo, d->r->type);
    crm_tracked_enter_unpaired(d);
    if (d->r->flags & CRM_RECORD_NEWS) {
        crm_silence_announce(d->r->sender);
    }
}

static void
track_dialogue(const crm_tracked_t *d)
{
    crm_routers_tie(d->pinfo, d->m, d->number);
    d->r->sender = crm_announces_sender(d->m, d->r) ? crm_announcement_host(d->pinfo, d->m, d->number)
                                                    : crm_ends_sender(d->pinfo, d->r->type);
    if (d->r->sender == CRM_NO_HOST) {
        return; /* neither what it says nor where it comes from tells who says it */
    }
    switch ((crm_packet_type_t)d->r->type) {
    case CRM_PROBE_INIT:
        crm_probes_track(d);
        break;
    case CRM_PROBE_ACK:
        crm_probes_track_ack(d);
        break;
    case CRM_REG_ACK:
        crm_registers_track(d);
        break;
    case CRM_NO_PACKET_TYPE:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        track_other(d);
        break;
    }
}

/* A clock that is behind may put an answer into the file before its question,
 * which is there by the time a copy of the answer comes. */
static void
pair_late(const crm_tracked_t *copy, uint32_t original)
{
    crm_tracked_t d = *copy;

    d.number = original;
    d.r = crm_record_at(original);
    if (d.r->request != CRM_NO_RECORD || d.r->original != CRM_NO_RECORD || d.r->sender == CRM_NO_HOST ||
        d.r->receiver == CRM_NO_HOST) {
        return;
    }
    switch ((crm_packet_type_t)d.r->type) {
    case CRM_PROBE_ACK:
        crm_probes_pair_late(&d, copy);
        break;
    case CRM_REG_ACK:
        crm_registers_pair_late(&d, copy);
        break;
    case CRM_NO_PACKET_TYPE: /* no answers */
    case CRM_PROBE_INIT:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        break;
    }
}

/* The same at another point says nothing new, but may tell whom it is for. NAT may have rewritten where it
 * comes from: that is its sender's, too. */
static void
follow_copy(const crm_tracked_t *d, uint32_t original)
{
    const crm_record_t *first = crm_record_at(original);

    pair_late(d, original);
    d->r->sender = first->sender;
    d->r->receiver = first->receiver;
    if (d->r->sender != CRM_NO_HOST && crm_announces_sender(d->m, d->r)) {
        crm_announcement_add_source(d->pinfo, d->m, d->r->sender);
    }
}

/* What the wire repeats may have been sent again itself. */
static void
follow_repetition(const crm_tracked_t *d, uint32_t repeated)
{
    const crm_record_t *r = crm_record_at(repeated);
    const uint32_t original = r->original == CRM_NO_RECORD ? repeated : crm_record_original(r);
    crm_record_t *first = crm_record_at(original);

    d->r->sender = first->sender;
    d->r->receiver = first->receiver;
    d->r->original = original;
    first->latest_repeat = d->number;
    if (d->r->sender != CRM_NO_HOST && crm_announces_sender(d->m, d->r)) {
        crm_conflicts_find(d->r->sender, d->number);
    }
}

static void
follow(const crm_tracked_t *d)
{
    uint32_t original;
    const crm_sighting_t sighting = crm_copies_follow(d->pinfo, d->number, d->m->cut, &original);

    if (d->r->type == 0) {
        crm_ends_name(d->r, d->pinfo, crm_message_meant_type(d->m));
        return;
    }
    switch (sighting) {
    case CRM_SIGHTING_FIRST:
        track_dialogue(d);
        break;
    case CRM_SIGHTING_COPY:
        follow_copy(d, original);
        break;
    case CRM_SIGHTING_REPETITION:
        follow_repetition(d, original);
        break;
    }
}

/* The id as it stands there, where it is no text; what has none has the same as all others without. */
static void
read_id(crm_tracked_t *d)
{
    const uint32_t sent = d->m->first[CRM_FIELD_ID],
                   node = sent == CRM_NO_NODE ? crm_message_child(d->m, 0, CRM_FIELD_ID) : sent;
    const char *text = node == CRM_NO_NODE ? "" : crm_message_text(d->m, d->m->nodes[node].text);

    d->r->id = crm_hash(text, strlen(text));
    d->counted = crm_tracked_is_counted(text);
}

/* What has no part in the dialogue, as nothing tells who says it, stays so. */
static void
begin_part(crm_record_t *r)
{
    switch ((crm_packet_type_t)r->type) {
    case CRM_PROBE_INIT:
        r->probe.previous = r->probe.next = CRM_NO_RECORD;
        r->probe.silence = CRM_NO_SILENCE;
        break;
    case CRM_PROBE_ACK:
        r->probe_ack.waiting = r->probe_ack.next = r->probe_ack.skip_to = CRM_NO_RECORD;
        break;
    case CRM_NO_PACKET_TYPE: /* 0 is right for what they have */
    case CRM_REG_ACK:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        break;
    }
}

const crm_record_t *
crm_dialogue_follow(packet_info *pinfo, const crm_message_t *message, uint32_t announced_in)
{
    bool is_new;

    if (PINFO_FD_VISITED(pinfo)) {
        return crm_record_find(pinfo);
    }
    const uint32_t number = crm_record_make(pinfo, message, &is_new);
    crm_record_t *r = crm_record_at(number);
    if (!is_new) {
        return r;
    }
    r->announced_in = announced_in;
    begin_part(r);
    crm_tracked_t d = {.pinfo = pinfo, .m = message, .r = r, .number = number};
    read_id(&d);
    follow(&d);
    return r;
}
