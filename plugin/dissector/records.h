/* records.h
 * What is remembered of each datagram, and found again on later passes
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records are made on the first pass, in the order of the capture, and only
 * looked up after that: a second pass, a filter or a click gives the same.
 * They are numbered in their order and live as long as the capture file.
 *
 * What tells one datagram of a capture from another belongs here: its frame,
 * its place in the frame, and the capture point (interface) at which it was
 * seen; so does "this is a copy of that". What it answers belongs to
 * dialogue.h, who sent it to hosts.h.
 */

#ifndef CRM_RECORDS_H
#define CRM_RECORDS_H

#include <wsutil/nstime.h>

#include "compat.h"
#include "message/message.h"

#define CRM_NO_RECORD UINT32_MAX
#define CRM_NO_HOST   UINT32_MAX /* instead of a host of hosts.h */

enum {
    CRM_RECORD_NEWS = 1 << 0,         /* its HostInfo is the first, or differs from its sender's last */
    CRM_RECORD_TIME = 1 << 1,         /* it has an arrival */
    CRM_RECORD_UNREGISTERED = 1 << 2, /* a ProbeAck that no RegisterAck is known to answer */
    CRM_RECORD_SENT_AGAIN = 1 << 3,   /* a duplicate that comes later than the wire repeats anything */
    CRM_RECORD_LEFT_OUT = 1 << 4,     /* by a read filter, so that there is no frame to name */
    CRM_RECORD_PUT_TOGETHER = 1 << 5  /* from other frames' bytes too, as fragments are, or decrypted */
};

/* How an earlier HostInfo contradicts a datagram's. */
typedef enum {
    CRM_NO_CONFLICT,
    CRM_NAME_CONFLICT,    /* it announced the name with another address, ... */
    CRM_ADDRESS_CONFLICT, /* ... or the address with another name, ... */
    CRM_SOURCE_CONFLICT   /* ... or both, and was sent from another address */
} crm_conflict_t;

/* One datagram. Where nothing else is said, a uint32_t is the number of a
 * record or CRM_NO_RECORD. A capture has millions: script/bench measures what
 * each costs in all, and fails above 200 bytes. */
typedef struct {
    uint64_t id;         /* a hash of the id */
    uint64_t content;    /* a hash of the info */
    int64_t seconds;     /* of its arrival, since 1970, see CRM_RECORD_TIME, and ... */
    int32_t nanoseconds; /* ... beside them, as an nstime_t would end with four bytes of nothing */
    uint32_t frame;      /* its number when it was read; see crm_record_frame() */
    uint16_t place;      /* which of its frame's datagrams, as Wireshark dissects them, and ... */
    uint16_t again;      /* ... how many of the following places have the same datagram */
    uint32_t sender;     /* a host (hosts.h) or CRM_NO_HOST, as is ... */
    uint32_t receiver;
    uint32_t request;       /* what this one answers; of a duplicate, nothing: see crm_record_first() */
    uint32_t original;      /* what this one is a duplicate of */
    uint32_t latest_repeat; /* the latest duplicate of this one */
    uint32_t same_id;       /* its sender's datagram of the same type before this one that has its id */
    uint32_t last_answer;
    uint32_t next_answer; /* the next of those to the same request; of the last, the first */
    union {               /* by `type`; of any other type, nothing */
        struct {
            uint32_t previous; /* the collector's probe before this one, ... */
            uint32_t next;     /* ... and after it */
            uint32_t hosts;    /* how many hosts answered */
            uint32_t ordinal;  /* among the collector's probes, from 1 */
            uint32_t silence;  /* who did not answer: silence.h's, as is ... */
        } probe;
        struct {
            uint32_t waiting; /* the ProbeAck of this pair before this one that got no RegisterAck */
            uint32_t next;    /* the worker's next ProbeAck to this collector */
            uint32_t skip_to; /* the worker answered all probes between this one and `request` */
            uint32_t
                missed; /* ... how many of this collector's probes the worker let pass before `request` */
            uint32_t ordinal; /* probe.ordinal of `request`, 0 if that is not in the file */
        } probe_ack;
        struct {
            uint32_t attempt; /* 1 for the first since the worker's last success; 0: it has no outcome. Of a
                                 duplicate, nothing */
        } register_ack;
    };
    uint32_t announced_in; /* whose HostInfo announced an endpoint of this datagram */
    uint32_t conflict;     /* whose HostInfo contradicts this one's */
    uint32_t tie;          /* what it has in common with others, see ties.h */
    uint8_t type;          /* CRM_PROBE_INIT ..., 0: takes no part in the dialogue */
    uint8_t flags;         /* CRM_RECORD_... */
    uint8_t point;         /* where it was captured, see points.h */
    uint8_t conflict_kind; /* crm_conflict_t, of `conflict` */
} crm_record_t;

/* Registers what makes the state ready for a capture file. */
void crm_records_register(void);

/* The record of a number, which must not be CRM_NO_RECORD. It does not move.
 * Only the first pass may write to it, but for what crm_record_original() does. */
crm_record_t *crm_record_at(uint32_t number);

/* On the first pass: the number of this datagram's record, made here unless
 * `is_new` becomes false, which is when Wireshark dissects a datagram twice in
 * a row. What hosts and dialogue say of it is still to be filled in. */
uint32_t crm_record_make(const packet_info *pinfo, const crm_message_t *message, bool *is_new);

/* On a later pass: the record of the datagram that is dissected now, or NULL if
 * the first pass did not dissect it. */
const crm_record_t *crm_record_find(const packet_info *pinfo);

/* The number of its frame, or 0 where there is no frame to name. */
static inline uint32_t
crm_record_frame(const crm_record_t *r)
{
    return r->flags & CRM_RECORD_LEFT_OUT ? 0 : r->frame;
}

/* The same of a record's number, which may be CRM_NO_RECORD. */
static inline uint32_t
crm_frame_of(uint32_t number)
{
    return number == CRM_NO_RECORD ? 0 : crm_record_frame(crm_record_at(number));
}

/* Of a duplicate, the first, which is none; else CRM_NO_RECORD. `original` may have turned out to be a
 * duplicate itself, and what it answers may stand behind the duplicate in the file. Shortens the way for the
 * next who asks, on any pass: it leads to the same. */
uint32_t crm_record_original(const crm_record_t *r);

/* The same as a record, which is the datagram's own where that is no duplicate. */
static inline const crm_record_t *
crm_record_first(const crm_record_t *r)
{
    return r->original == CRM_NO_RECORD ? r : crm_record_at(crm_record_original(r));
}

/* Whether it is of a type that says who sends it. */
static inline bool
crm_record_names_sender(const crm_record_t *r)
{
    switch ((crm_packet_type_t)r->type) {
    case CRM_PROBE_INIT:
    case CRM_PROBE_ACK:
    case CRM_METRIC_INIT:
        return true;
    case CRM_NO_PACKET_TYPE:
    case CRM_REG_ACK:
    case CRM_QUERY_ACK:
        break;
    }
    return false;
}

/* How many records there are. */
uint32_t crm_record_count(void);

/* The record of the answer to a datagram after answer `after`, or of the first
 * after CRM_NO_RECORD; CRM_NO_RECORD if there is none (yet). */
uint32_t crm_record_next_answer(const crm_record_t *asked, uint32_t after);

/* How much later than `from` the datagram `to` was captured, negative if it has
 * the earlier time. False where one of them has no time. */
bool crm_record_time_difference(const crm_record_t *from, const crm_record_t *to, nstime_t *difference);

/* How long after `from` the datagram `to` was captured. False where one of
 * them has no time, or `to` has the earlier one: then nothing is to be said. */
bool crm_record_time_between(const crm_record_t *from, const crm_record_t *to, nstime_t *between);

/* Whether two were captured within a time of each other, whichever was first.
 * False where one of them has no time. */
bool crm_record_is_within(const crm_record_t *one, const crm_record_t *other, const nstime_t *limit);

/* What comes again as late as this is the wire's doing: mirrors and loops take
 * milliseconds. A sender that gives all its messages one id says nothing new
 * sooner: probes follow each other in seconds. */
extern const nstime_t crm_repeats_within; /* half a second */

/* When the capture began, once there is a record with a time. On a later pass, what Wireshark has of a frame
 * is since the time reference that a user may have set, and moved by Time Shift. */
nstime_t crm_record_start(void);

/* How many seconds after a moment a datagram was captured. False where it has no time. */
bool crm_record_seconds_since(const nstime_t *moment, const crm_record_t *r, double *seconds);

/* How many seconds after `from` the datagram `to` was captured, negative if it
 * has the earlier time. False where one of them has no time. */
bool crm_record_seconds_between(const crm_record_t *from, const crm_record_t *to, double *seconds);

#endif
