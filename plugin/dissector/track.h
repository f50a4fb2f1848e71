/* track.h
 * Who answered whom, which endpoints and names were announced
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here is learned on the first pass, in the order of the capture,
 * and only looked up after that: a second pass, a filter or a click gives the
 * same. It is keyed on what is on the wire. A datagram costs a fixed number of
 * look-ups and less than 200 bytes of file scope, however long the capture is
 * (script/bench measures both); what a HostInfo announces anew is kept too.
 */

#ifndef CRM_TRACK_H
#define CRM_TRACK_H

#include "compat.h"
#include "message/message.h"

/* No record, no host. */
#define CRM_TRACK_NONE UINT32_MAX

/* What is known of a host. Kept for the whole capture. */
typedef struct crm_claim crm_claim_t;

typedef struct {
    const char *name;    /* "" where no HostInfo was seen */
    const char *address; /* as announced, or the one that it sends from */
    const char *daemons; /* "workerd:10500 node_exporter:9100", "" where none was announced */
    uint8_t bytes[16];   /* the announced address in network order ... */
    uint8_t length;      /* ... of 4 or 16 bytes; 0: none, or not one that a host can have */
    uint32_t host_type;  /* CRM_WORKER ..., 0: not announced */
    uint32_t latest_probe;
    uint64_t info; /* a hash of its latest HostInfo */
    bool announced;
    crm_claim_t *name_claim, *address_claim; /* who else has its name, its address */
} crm_host_t;

enum {
    CRM_TRACK_NO_ANSWER = 1 << 0,        /* none before `next`, the sender's next of the kind */
    CRM_TRACK_NAME_CONFLICT = 1 << 1,    /* `conflict` announced the name with another address */
    CRM_TRACK_ADDRESS_CONFLICT = 1 << 2, /* ... or the address with another name */
    CRM_TRACK_NEWS = 1 << 3              /* its HostInfo is the first, or another than its sender's last */
};

/* What is known of one datagram. Numbers of records are their order. */
typedef struct {
    uint64_t id;      /* a hash of the id */
    uint64_t content; /* a hash of the info */
    int64_t arrival;  /* nanoseconds since 1970 */
    uint32_t frame;   /* 0: a read filter left it out, so that there is no frame to name */
    uint32_t number;  /* the frame's when it was read */
    uint32_t offset;  /* in the frame's bytes: a frame may hold several datagrams */
    uint32_t sender;  /* a host, as is `receiver`; CRM_TRACK_NONE for a broadcast's */
    uint32_t receiver;
    uint32_t request;  /* the record that this one answers */
    uint32_t original; /* the record of which this one is a duplicate */
    uint32_t first_answer;
    uint32_t last_answer;
    uint32_t next_answer;
    uint32_t previous; /* the collector's probe before; the worker's ProbeAck that still waits; the
                          RegisterAck before with this id */
    uint32_t count;    /* of a ProbeInit, hosts that answered; of a RegisterAck, the attempt; of a
                          ProbeAck, track.c's own */
    uint32_t next;     /* these three are records, too */
    uint32_t announced_in;
    uint32_t conflict;
    uint8_t type; /* CRM_PROBE_INIT ..., 0: takes no part in the dialogue */
    uint8_t flags;
} crm_record_t;

/* Registers what sets the state up for a capture file and drops it after. */
void crm_track_register(void);

/* The record of a datagram: made on the first pass, found again later. NULL
 * only on a later pass, for a datagram that the first one did not dissect.
 * `announced_in`: as crm_track_announced_in() says, asked before this call,
 * which learns what the datagram itself announces. `learn_ports`: whether it
 * may teach endpoints. Lives as long as the capture file. */
const crm_record_t *crm_track(tvbuff_t *tvb, packet_info *pinfo, const crm_message_t *message,
                              uint32_t announced_in, bool learn_ports);

/* The record or host of a number; the number must not be CRM_TRACK_NONE. */
const crm_record_t *crm_track_record(uint32_t number);
const crm_host_t *crm_track_host(uint32_t number);

/* Whether a datagram announces another address than the one that it is sent from. */
bool crm_track_is_elsewhere(const crm_record_t *record, const packet_info *pinfo);

/* The record of the datagram before this one whose HostInfo announced the
 * destination or the source of this datagram, or CRM_TRACK_NONE. On a later
 * pass, what the first one found. */
uint32_t crm_track_announced_in(tvbuff_t *tvb, packet_info *pinfo);

#endif
