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

#include "store.h"

const nstime_t crm_repeats_within = {0, 500 * 1000 * 1000};

static int proto_crm, proto_udp;
static crm_store_t records = {.size = sizeof(crm_record_t)};
static const uint8_t *latest_data; /* of the latest one, for as long as its frame is dissected */
static nstime_t began;             /* see crm_record_start() */
static nstime_t began_unshifted;   /* the same without Time Shift */
static bool has_begun, had_begun;  /* the latter: the last time that all was dissected */

static void
begin_file(void)
{
    proto_crm = proto_get_id_by_filter_name("crm");
    proto_udp = proto_get_id_by_filter_name("udp");
    had_begun = has_begun;
    has_begun = false;
}

void
crm_records_register(void)
{
    register_init_routine(begin_file);
}

crm_record_t *
crm_record_at(uint32_t number)
{
    return (crm_record_t *)crm_store_at(&records, number);
}

uint32_t
crm_record_original(const crm_record_t *r)
{
    uint32_t original = r->original;

    /* What is on the way is tied further on, so that a long way is gone once. */
    while (original != CRM_NO_RECORD && crm_record_at(original)->original != CRM_NO_RECORD) {
        crm_record_t *between = crm_record_at(original);
        const uint32_t next = crm_record_at(between->original)->original;
        between->original = next == CRM_NO_RECORD ? between->original : next;
        original = between->original;
    }
    return original;
}

uint32_t
crm_record_count(void)
{
    return records.count;
}

/* Which of its frame's datagrams this is, whatever their buffers and offsets:
 * what was put together, decoded or unwrapped begins a buffer of its own. Each has
 * a layer of UDP, or where that has several, of CRM; and no frame may have more
 * than some 500. What a later pass takes for CRM, the first may not have: so CRM's
 * layers alone do not tell. */
static uint16_t
place_in_frame(const packet_info *pinfo)
{
    uint16_t place = 0;
    bool is_after_udp = false;

    for (wmem_list_frame_t *layer = wmem_list_head(pinfo->layers); layer;
         layer = wmem_list_frame_next(layer)) {
        const int proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));
        if (proto == proto_udp || (proto == proto_crm && !is_after_udp)) {
            place++;
        }
        is_after_udp = proto == proto_udp;
    }
    return place;
}

/* Whether a record is of an earlier frame, or of `frame` and no later in it than
 * `place`. Of several frames with one number, only the last was kept. */
static bool
is_up_to(const crm_record_t *r, uint32_t frame, uint16_t place)
{
    return r->frame < frame || (r->frame == frame && (r->flags & CRM_RECORD_LEFT_OUT || r->place <= place));
}

/* The first pass meets frames in order, so records are sorted. */
const crm_record_t *
crm_record_find(const packet_info *pinfo)
{
    const uint16_t place = place_in_frame(pinfo);
    uint32_t low = 0, high = records.count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (is_up_to(crm_record_at(middle), pinfo->num, place)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const crm_record_t *r = low ? crm_record_at(low - 1) : NULL;
    return r && crm_record_frame(r) == pinfo->num && place <= r->place + r->again ? r : NULL;
}

uint32_t
crm_record_next_answer(const crm_record_t *asked, uint32_t after)
{
    if (asked->last_answer == CRM_NO_RECORD || after == asked->last_answer) {
        return CRM_NO_RECORD;
    }
    return crm_record_at(after == CRM_NO_RECORD ? asked->last_answer : after)->next_answer;
}

static nstime_t
arrival(const crm_record_t *r)
{
    return (nstime_t){(time_t)r->seconds, r->nanoseconds};
}

nstime_t
crm_record_start(void)
{
    return began;
}

bool
crm_record_seconds_since(const nstime_t *moment, const crm_record_t *r, double *seconds)
{
    const nstime_t end = arrival(r);
    nstime_t since;

    nstime_delta(&since, &end, moment);
    *seconds = nstime_to_sec(&since);
    return (r->flags & CRM_RECORD_TIME) != 0;
}

bool
crm_record_time_difference(const crm_record_t *from, const crm_record_t *to, nstime_t *difference)
{
    const nstime_t start = arrival(from), end = arrival(to);

    nstime_delta(difference, &end, &start);
    return (from->flags & to->flags & CRM_RECORD_TIME) != 0;
}

bool
crm_record_time_between(const crm_record_t *from, const crm_record_t *to, nstime_t *between)
{
    /* nstime_cmp() cuts the seconds between to 32 bits, in some releases; and
     * times from both ends of what 64 bits hold have no difference that they hold. */
    return crm_record_time_difference(from, to, between) && to->seconds >= from->seconds &&
           between->secs >= 0 && between->nsecs >= 0;
}

bool
crm_record_is_within(const crm_record_t *one, const crm_record_t *other, const nstime_t *limit)
{
    nstime_t between;

    return (crm_record_time_between(one, other, &between) || crm_record_time_between(other, one, &between)) &&
           (between.secs < limit->secs || (between.secs == limit->secs && between.nsecs <= limit->nsecs));
}

bool
crm_record_seconds_between(const crm_record_t *from, const crm_record_t *to, double *seconds)
{
    nstime_t difference;
    const bool timed = crm_record_time_difference(from, to, &difference);

    *seconds = nstime_to_sec(&difference);
    return timed;
}

static const crm_record_t *
latest_record(void)
{
    return records.count ? crm_record_at(records.count - 1) : NULL;
}

static bool
is_of_one_frame(const crm_record_t *a, const crm_record_t *b)
{
    return a->frame == b->frame && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

/* Whether the first pass comes here twice with one datagram. */
static bool
is_latest(const crm_record_t *r, const uint8_t *data)
{
    const crm_record_t *latest = latest_record();
    return latest && is_of_one_frame(latest, r) && latest->content == r->content && data &&
           data == latest_data;
}

/* `tshark -2 -R` leaves a frame out after it was read, and gives its number to
 * the next. What was said in it was said, but there is no frame to name. Each
 * record is met here once: those before it were met when it came. */
static void
unname_left_out(const crm_record_t *r)
{
    const crm_record_t *latest = latest_record();

    if (latest && is_of_one_frame(latest, r) && latest->place < r->place) {
        return;
    }
    for (uint32_t n = records.count; n-- > 0;) {
        crm_record_t *before = crm_record_at(n);
        if (crm_record_frame(before) != r->frame) {
            return;
        }
        before->flags |= CRM_RECORD_LEFT_OUT;
    }
}

/* Wireshark's packet has a source of data for the frame, and one more for what is not in it as it is. */
static bool
is_put_together(const packet_info *pinfo)
{
    return pinfo->data_src && pinfo->data_src->next;
}

static bool
has_time(const packet_info *pinfo)
{
    return (pinfo->presence_flags & PINFO_HAS_TS) != 0;
}

/* Whether its relative time is since a time reference, and not since the first frame. A user can only set one
 * after the file was read; it is there on a first pass when all is dissected anew, as after a frame was
 * ignored. */
static bool
has_reference(const packet_info *pinfo)
{
    return (pinfo->fd->frame_ref_num ? pinfo->fd->frame_ref_num : pinfo->num) > 1; /* 0: it is one itself */
}

static void
begin_capture(const packet_info *pinfo)
{
    if (!had_begun || !has_reference(pinfo)) {
        nstime_delta(&began_unshifted, &pinfo->abs_ts, &pinfo->rel_ts);
        nstime_subtract(&began_unshifted, &pinfo->fd->shift_offset);
    }
    nstime_sum(&began, &began_unshifted, &pinfo->fd->shift_offset);
    has_begun = true;
}

uint32_t
crm_record_make(const packet_info *pinfo, const crm_message_t *message, bool *is_new)
{
    const crm_record_t r = {
        .content = message->fingerprint,
        .seconds = has_time(pinfo) ? pinfo->abs_ts.secs : 0,
        .nanoseconds = has_time(pinfo) ? pinfo->abs_ts.nsecs : 0,
        .frame = pinfo->num,
        .place = place_in_frame(pinfo),
        .sender = CRM_NO_HOST,
        .receiver = CRM_NO_HOST,
        .request = CRM_NO_RECORD,
        .original = CRM_NO_RECORD,
        .latest_repeat = CRM_NO_RECORD,
        .same_id = CRM_NO_RECORD,
        .last_answer = CRM_NO_RECORD,
        .next_answer = CRM_NO_RECORD,
        .announced_in = CRM_NO_RECORD,
        .conflict = CRM_NO_RECORD,
        .type = (uint8_t)crm_message_packet_type(message),
        .flags = (uint8_t)((has_time(pinfo) ? CRM_RECORD_TIME : 0) |
                           (is_put_together(pinfo) ? CRM_RECORD_PUT_TOGETHER : 0)),
    };

    *is_new = !is_latest(&r, message->doc.data);
    if (!*is_new) {
        crm_record_at(records.count - 1)->again++;
        return records.count - 1;
    }
    if (!has_begun && has_time(pinfo)) {
        begin_capture(pinfo);
    }
    unname_left_out(&r);
    latest_data = message->doc.data;
    return crm_store_append(&records, &r);
}
