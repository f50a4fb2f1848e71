/* answers.c
 * How long an answer took, and whether one is missing
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "answers.h"

#include "copies.h"
#include "points.h"

/* At one point: the difference of two clocks is no response time. */
static bool
response_time_at(const crm_record_t *answer, const crm_record_t *asked, uint8_t point, nstime_t *elapsed)
{
    const crm_record_t *from = crm_copies_captured_at(asked, point),
                       *to = crm_copies_captured_at(answer, point);

    return from && to && crm_record_time_between(from, to, elapsed);
}

bool
crm_answer_response_time(const crm_record_t *answer, bool all_read, nstime_t *elapsed)
{
    if (answer->request == CRM_NO_RECORD || answer->original != CRM_NO_RECORD) {
        return false;
    }
    const crm_record_t *asked = crm_record_at(answer->request);
    if (crm_point_count() < 2) {
        return crm_record_time_between(asked, answer, elapsed);
    }
    if (response_time_at(answer, asked, asked->point, elapsed)) {
        return true;
    }
    for (uint8_t point = 0; all_read && point < crm_point_count(); point++) {
        if (response_time_at(answer, asked, point, elapsed)) {
            return true;
        }
    }
    return false;
}

/* The order of the file is that of what happened at one point only. */
static uint32_t
where_captured(uint32_t number, uint8_t point)
{
    const uint32_t copy = crm_copies_at(crm_record_at(number), point);
    return copy == CRM_NO_RECORD ? number : copy;
}

uint32_t
crm_answer_next_ack(const crm_record_t *r)
{
    uint32_t next = r->probe_ack.next;

    while (next != CRM_NO_RECORD && crm_record_at(next)->original != CRM_NO_RECORD) {
        next = crm_record_at(next)->probe_ack.next;
    }
    return next;
}

bool
crm_answer_is_missing(const crm_record_t *r)
{
    if (r->flags & CRM_RECORD_UNREGISTERED || r->original != CRM_NO_RECORD) {
        return false; /* and is asked no further: a duplicate has as many behind it as came after */
    }
    const uint32_t next = r->type == CRM_PROBE_INIT  ? r->probe.next
                          : r->type == CRM_PROBE_ACK ? crm_answer_next_ack(r)
                                                     : CRM_NO_RECORD;
    if (next == CRM_NO_RECORD || r->last_answer == CRM_NO_RECORD) {
        return next != CRM_NO_RECORD;
    }
    const bool in_one_go =
        r->type == CRM_PROBE_INIT && crm_record_is_within(r, crm_record_at(next), &crm_repeats_within);
    const uint32_t first = crm_record_next_answer(r, CRM_NO_RECORD);
    const uint8_t point = crm_record_at(first)->point;
    return first > where_captured(next, point) && !in_one_go;
}
