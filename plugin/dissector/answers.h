/* answers.h
 * How long an answer took, and whether one is missing
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Told of what dialogue.h has found, whenever it is asked: what comes later in
 * the file counts as far as it was read.
 */

#ifndef CRM_ANSWERS_H
#define CRM_ANSWERS_H

#include "records.h"

/* Whether a ProbeInit or ProbeAck had no answer before its sender sent the next
 * of the kind: after the first pass. Probes that are sent in one go are answered
 * after the last of them. */
bool crm_answer_is_missing(const crm_record_t *record);

/* Of a ProbeAck: its worker's next one to this collector that is no duplicate, or CRM_NO_RECORD. */
uint32_t crm_answer_next_ack(const crm_record_t *ack);

/* The response time of an answer: by the clock of the point that is nearest to
 * who waits for it, where what was asked was captured first; if the answer was
 * not captured there, of another at which both were. `all_read`: whether this
 * is a later pass; on the first, an answer may still come by elsewhere. False
 * where there is none. */
bool crm_answer_response_time(const crm_record_t *answer, bool all_read, nstime_t *elapsed);

#endif
