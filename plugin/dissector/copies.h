/* copies.h
 * One datagram that was captured at several points
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first that was captured, in the order of the file, is the original: it
 * takes part in the dialogue, and its copies at other points do not. What the
 * wire repeats at one point is no copy, but a duplicate.
 *
 * Learned on the first pass, as records are. Of a file with one point, hardly
 * anything is kept, and what is kept does not grow with the file.
 */

#ifndef CRM_COPIES_H
#define CRM_COPIES_H

#include "records.h"
#include "ties.h"

/* Registers what makes the state ready for a capture file, here and in points.h. */
void crm_copies_register(void);

/* On the first pass, once for each new record: whether the datagram was
 * captured before, and the record of its `original` then. `type`, `id`,
 * `content` and arrival of the record must be set; sets its `point` and
 * `tie`. `cut`: the capture has only its beginning, so that nobody can tell. */
crm_sighting_t crm_copies_follow(const packet_info *pinfo, uint32_t number, bool cut, uint32_t *original);

/* Whether a datagram is the copy of another, or of one of several, nobody knows
 * of which. Such a datagram counted before. */
bool crm_copies_is_copy(const crm_record_t *record);

/* Whether a datagram was captured here first, at a point that is known, and
 * the wire does not repeat it. */
bool crm_copies_is_original(const crm_record_t *record);

/* The record of a copy's original; CRM_NO_RECORD of what is no copy, and where
 * it cannot be told which one it is a copy of. */
uint32_t crm_copies_original(const crm_record_t *record);

/* The next copy of a datagram after copy `after`, or the first of them after
 * CRM_NO_RECORD; CRM_NO_RECORD if there is none (yet). */
uint32_t crm_copies_next(const crm_record_t *original, uint32_t after);

/* The same of the one at a point; CRM_NO_RECORD also where it was captured there itself. */
uint32_t crm_copies_at(const crm_record_t *original, uint8_t point);

/* A datagram as it was captured at a point, itself or its copy there, or NULL: also of CRM_NO_POINT, which is
 * several, with clocks of their own. */
const crm_record_t *crm_copies_captured_at(const crm_record_t *original, uint8_t point);

/* On the first pass: whether another point has still to come to the moment at
 * which this datagram was captured, as its clock is ahead: what happened before
 * it may stand after it in the file. */
bool crm_copies_is_early(const crm_record_t *record);

/* The points, a bit each, at which an original is missing, though its sender's
 * datagrams to its receiver came by there before and after. What is missing is
 * known when the file has been read: not on the first pass. Nothing is said of what
 * was put together: Wireshark does not tell one point's fragments from another's. */
uint16_t crm_copies_lost_at(const crm_record_t *original);

#endif
