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

#include "message/hash.h"
#include "message/schema.h"

/* Records lie in chunks, so that they do not move: a dissection keeps a pointer
 * to its own. */
#define CRM_RECORDS_CHUNK 512
static crm_record_t **chunks;
static uint32_t chunk_capacity, record_count;

static void
begin_file(void)
{
    chunks = NULL;
    chunk_capacity = record_count = 0;
}

void
crm_records_register(void)
{
    register_init_routine(begin_file);
}

crm_record_t *
crm_record_at(uint32_t number)
{
    return &chunks[number / CRM_RECORDS_CHUNK][number % CRM_RECORDS_CHUNK];
}

static uint32_t
append_record(const crm_record_t *r)
{
    if (record_count == chunk_capacity * CRM_RECORDS_CHUNK) {
        chunk_capacity = chunk_capacity ? chunk_capacity * 2 : 4;
        chunks = (crm_record_t **)wmem_realloc(wmem_file_scope(), chunks, chunk_capacity * sizeof *chunks);
        memset(chunks + record_count / CRM_RECORDS_CHUNK, 0,
               (chunk_capacity - record_count / CRM_RECORDS_CHUNK) * sizeof *chunks);
    }
    if (record_count % CRM_RECORDS_CHUNK == 0) {
        chunks[record_count / CRM_RECORDS_CHUNK] =
            wmem_alloc_array(wmem_file_scope(), crm_record_t, CRM_RECORDS_CHUNK);
    }
    *crm_record_at(record_count) = *r;
    return record_count++;
}

static uint32_t
datagram_offset(tvbuff_t *tvb)
{
    return (uint32_t)tvb_raw_offset(tvb);
}

/* The first pass meets frames in order, so records are sorted. Of several with
 * one number, the last are those of the frame that was kept. */
const crm_record_t *
crm_record_find(tvbuff_t *tvb, const packet_info *pinfo)
{
    const uint32_t frame = pinfo->num, offset = datagram_offset(tvb);
    uint32_t low = 0, high = record_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (crm_record_at(middle)->number <= frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low-- > 0 && crm_record_at(low)->number == frame && crm_record_at(low)->frame != 0) {
        if (crm_record_at(low)->offset == offset) {
            return crm_record_at(low);
        }
    }
    return NULL;
}

/* Whether the first pass comes here twice with one datagram. */
static bool
is_latest(const crm_record_t *r)
{
    const crm_record_t *latest = record_count ? crm_record_at(record_count - 1) : NULL;
    return latest && latest->number == r->number && latest->offset == r->offset &&
           latest->arrival == r->arrival && latest->content == r->content;
}

/* `tshark -2 -R` leaves a frame out after it was read, and gives its number to
 * the next. What was said in it was said, but there is no frame to name. */
static void
unname_left_out(const crm_record_t *r)
{
    for (uint32_t n = record_count; n-- > 0 && crm_record_at(n)->number == r->number;) {
        if (crm_record_at(n)->arrival != r->arrival || crm_record_at(n)->offset == r->offset) {
            crm_record_at(n)->frame = 0;
        }
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
 * the same; a message without info is taken as a whole. */
static uint64_t
hash_content(const crm_message_t *m)
{
    const uint32_t host = m->first[CRM_FIELD_HOST_INFO], reg = m->first[CRM_FIELD_REGISTER_INFO];
    const crm_node_t *part = &m->nodes[host != CRM_NO_NODE ? host : reg != CRM_NO_NODE ? reg : 0];

    return crm_fingerprint(m->doc.data + part->start, part->end - part->start);
}

uint32_t
crm_record_make(tvbuff_t *tvb, const packet_info *pinfo, const crm_message_t *message, bool *is_new)
{
    const crm_record_t r = {
        .content = hash_content(message),
        .arrival = (int64_t)pinfo->abs_ts.secs * INT64_C(1000000000) + pinfo->abs_ts.nsecs,
        .frame = pinfo->num,
        .number = pinfo->num,
        .offset = datagram_offset(tvb),
        .sender = CRM_NO_HOST,
        .receiver = CRM_NO_HOST,
        .request = CRM_NO_RECORD,
        .original = CRM_NO_RECORD,
        .first_answer = CRM_NO_RECORD,
        .last_answer = CRM_NO_RECORD,
        .next_answer = CRM_NO_RECORD,
        .announced_in = CRM_NO_RECORD,
        .conflict = CRM_NO_RECORD,
        .type = (uint8_t)message_type(message),
    };

    *is_new = !is_latest(&r);
    if (!*is_new) {
        return record_count - 1;
    }
    unname_left_out(&r);
    return append_record(&r);
}
