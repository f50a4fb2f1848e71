/* tracked.h
 * A datagram while its part in the dialogue is found
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Its id and who else has it, whether it is an earlier one that comes again, and
 * what it answers. All of it on the first pass. Where nothing else is said, a
 * uint32_t is the number of a record or CRM_NO_RECORD.
 */

#ifndef CRM_TRACKED_H
#define CRM_TRACKED_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* Of datagrams with one type, id and sender, as many are looked at as have come
 * last, so that a datagram costs the same however long the capture is. */
#define CRM_MAX_SAME_ID 16

/* What came by at other points only is passed over as often. */
#define CRM_MAX_ELSEWHERE 16

typedef struct {
    packet_info *pinfo;
    const crm_message_t *m;
    crm_record_t *r;
    uint32_t number;
    bool counted; /* see crm_tracked_is_counted() */
} crm_tracked_t;

/* Makes the keys of ids ready, once. */
void crm_tracked_register(void);

/* Whether an id is a number or nothing, as who counts makes it: it may be another's by chance. */
bool crm_tracked_is_counted(const char *id);

/* Puts the datagram under its id and a host, and returns what stood there. */
uint32_t crm_tracked_put(const crm_tracked_t *d, uint32_t host);

/* The same, as the latest of its sender's with that id, or of a RegisterAck, of its receiver's; sets its
 * record's `same_id`. */
void crm_tracked_enter(const crm_tracked_t *d);

/* The latest of a type, an id and a host that is no duplicate. */
uint32_t crm_tracked_find(uint8_t type, uint64_t id, uint32_t host);

/* The latest of those with its id that says the same to and from the same. It must have been entered. */
uint32_t crm_tracked_find_same(const crm_tracked_t *d);

/* Whether the wire carries an earlier datagram again, and soon after it did so last. */
bool crm_tracked_comes_again_soon(const crm_tracked_t *d, uint32_t before);

/* Makes it a duplicate. It must have been entered; where no other has followed under its id, what stood there
 * before has its place again, or `original`, where that is a duplicate itself by now. One that others have
 * followed keeps its place in the order of its pair's answers, and is passed over. */
void crm_tracked_set_duplicate(const crm_tracked_t *d, uint32_t original);

/* Makes it an answer to this one. */
void crm_tracked_set_request(const crm_tracked_t *d, uint32_t request);

/* Enters what is neither probe nor answer, as far as can be told, and makes it a duplicate if it is one. */
void crm_tracked_enter_unpaired(const crm_tracked_t *d);

/* Whether a datagram came by where this one was captured. At a point whose clock
 * is behind, an answer stands in the file seconds after what came by elsewhere. */
bool crm_tracked_came_by(const crm_tracked_t *d, uint32_t number);

/* Whether its id may be that of another collector's probe too: then it tells
 * only among those of this one, which may be CRM_NO_HOST. */
bool crm_tracked_shares_id(const crm_tracked_t *d, uint32_t collector);

#endif
