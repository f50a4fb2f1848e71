/* records.c
 * What is remembered of each datagram, and found again on later passes
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "records.h"

#include <string.h>

#include <epan/proto_data.h>

#include "message/hash.h"
#include "message/schema.h"
#include "store.h"

static int proto_crm = -1;
static crm_store_t records;

static void
begin_file(void)
{
    records = (crm_store_t){.size = sizeof(crm_record_t)};
}

void
crm_records_register(int proto)
{
    proto_crm = proto;
    register_init_routine(begin_file);
}

crm_record_t *
crm_record_at(uint32_t number)
{
    return (crm_record_t *)crm_store_at(&records, number);
}

/* How far the dissection of a frame has come. Datagrams are counted, as one
 * that was put together, decoded or unwrapped begins a buffer of its own: two
 * of a frame may both be at offset 0. */
typedef struct {
    uint32_t next;       /* the place of the next datagram */
    const uint8_t *data; /* of the latest one, which a dissector may hand over twice */
} progress_t;

static progress_t *
get_progress(packet_info *pinfo)
{
    progress_t *progress = (progress_t *)p_get_proto_data(pinfo->pool, pinfo, proto_crm, CRM_PACKET_PROGRESS);

    if (progress == NULL) {
        progress = wmem_new0(pinfo->pool, progress_t);
        p_add_proto_data(pinfo->pool, pinfo, proto_crm, CRM_PACKET_PROGRESS, progress);
    }
    return progress;
}

static const uint8_t *
first_byte(tvbuff_t *tvb)
{
    return tvb_captured_length(tvb) ? tvb_get_ptr(tvb, 0, 1) : NULL;
}

static uint32_t
place_in_frame(const progress_t *progress, const uint8_t *data)
{
    return progress->next - (progress->data && progress->data == data);
}

static uint32_t
take_place(tvbuff_t *tvb, packet_info *pinfo)
{
    progress_t *progress = get_progress(pinfo);
    const uint8_t *data = first_byte(tvb);
    const uint32_t place = place_in_frame(progress, data);

    *progress = (progress_t){place + 1, data};
    return place;
}

/* The first pass meets frames in order, so records are sorted. Of several with
 * one number, the last are those of the frame that was kept; they stand in the
 * order of their places. */
static const crm_record_t *
find_record(uint32_t frame, uint32_t place)
{
    uint32_t low = 0, high = records.count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (crm_record_at(middle)->number <= frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NULL;
    }
    const crm_record_t *last = crm_record_at(low - 1);
    const bool is_there = last->number == frame && last->frame && last->place >= place;
    return is_there ? crm_record_at(low - 1 - (last->place - place)) : NULL;
}

const crm_record_t *
crm_record_find(tvbuff_t *tvb, packet_info *pinfo)
{
    return find_record(pinfo->num, place_in_frame(get_progress(pinfo), first_byte(tvb)));
}

const crm_record_t *
crm_record_take(tvbuff_t *tvb, packet_info *pinfo)
{
    return find_record(pinfo->num, take_place(tvb, pinfo));
}

bool
crm_record_time_difference(const crm_record_t *from, const crm_record_t *to, nstime_t *difference)
{
    nstime_delta(difference, &to->arrival, &from->arrival);
    return (from->flags & to->flags & CRM_RECORD_TIME) != 0;
}

bool
crm_record_time_between(const crm_record_t *from, const crm_record_t *to, nstime_t *between)
{
    /* nstime_cmp() cuts the seconds between to 32 bits, in some releases; and
     * times from both ends of what 64 bits hold have no difference that they hold. */
    return crm_record_time_difference(from, to, between) && to->arrival.secs >= from->arrival.secs &&
           between->secs >= 0 && between->nsecs >= 0;
}

bool
crm_record_seconds_between(const crm_record_t *from, const crm_record_t *to, double *seconds)
{
    nstime_t difference;
    const bool timed = crm_record_time_difference(from, to, &difference);

    *seconds = nstime_to_sec(&difference);
    return timed;
}

/* Whether the first pass comes here twice with one datagram. */
static bool
is_latest(const crm_record_t *r)
{
    const crm_record_t *latest = records.count ? crm_record_at(records.count - 1) : NULL;
    return latest && latest->number == r->number && latest->place == r->place &&
           latest->arrival.secs == r->arrival.secs && latest->arrival.nsecs == r->arrival.nsecs &&
           latest->content == r->content;
}

/* `tshark -2 -R` leaves a frame out after it was read, and gives its number to
 * the next. What was said in it was said, but there is no frame to name. Each
 * record is met here once: those before it were met when it came. */
static void
unname_left_out(uint32_t number)
{
    for (uint32_t n = records.count; n-- > 0;) {
        crm_record_t *before = crm_record_at(n);
        if (before->number != number || before->frame == 0) {
            return;
        }
        before->frame = 0;
    }
}

static uint32_t
message_type(const crm_message_t *m)
{
    const uint32_t type = m->first[CRM_FIELD_TYPE];

    if (m->doc.status != CRM_JSON_OK || m->cut || m->class == CRM_CLASS_NONE) {
        return 0;
    }
    if (type != CRM_NO_NODE && crm_enum_name(CRM_FIELD_TYPE, m->nodes[type].number)) {
        return (uint32_t)m->nodes[type].number;
    }
    return crm_class_packet_type(m->class);
}

/* Of two datagrams with the same type and id, the info tells whether they are
 * the same; a message without info is taken as a whole, as is what is none. */
static uint64_t
hash_content(const crm_message_t *m, uint32_t type)
{
    if (type == 0) {
        return crm_fingerprint(m->doc.data, m->doc.length);
    }
    const uint32_t host = m->first[CRM_FIELD_HOST_INFO], reg = m->first[CRM_FIELD_REGISTER_INFO];
    const crm_node_t *part = &m->nodes[host != CRM_NO_NODE ? host : reg != CRM_NO_NODE ? reg : 0];

    return crm_fingerprint(m->doc.data + part->start, part->end - part->start);
}

static bool
has_time(const packet_info *pinfo)
{
    return (pinfo->presence_flags & PINFO_HAS_TS) != 0;
}

uint32_t
crm_record_make(tvbuff_t *tvb, packet_info *pinfo, const crm_message_t *message, bool *is_new)
{
    const uint32_t type = message_type(message);
    const crm_record_t r = {
        .content = hash_content(message, type),
        .arrival = has_time(pinfo) ? pinfo->abs_ts : (nstime_t){0, 0},
        .frame = pinfo->num,
        .number = pinfo->num,
        .place = take_place(tvb, pinfo),
        .sender = CRM_NO_HOST,
        .receiver = CRM_NO_HOST,
        .request = CRM_NO_RECORD,
        .original = CRM_NO_RECORD,
        .latest_repeat = CRM_NO_RECORD,
        .same_id = CRM_NO_RECORD,
        .first_answer = CRM_NO_RECORD,
        .last_answer = CRM_NO_RECORD,
        .next_answer = CRM_NO_RECORD,
        .announced_in = CRM_NO_RECORD,
        .conflict = CRM_NO_RECORD,
        .type = (uint8_t)type,
        .flags = has_time(pinfo) ? CRM_RECORD_TIME : 0,
    };

    *is_new = !is_latest(&r);
    if (!*is_new) {
        return records.count - 1;
    }
    if (r.place == 0) {
        unname_left_out(r.number);
    }
    return crm_store_append(&records, &r);
}
