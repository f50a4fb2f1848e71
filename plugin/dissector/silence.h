/* silence.h
 * Who did not answer a probe
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host is silent at a probe when it had answered this collector before, be it
 * a probe from before the capture, and did not answer this probe. That is known
 * when the collector's next probe comes; a late answer takes its host out again.
 * A host that announces itself under another address is expected there, and no
 * longer under the old one.
 *
 * Learned on the first pass, as records are: an answer costs a fixed number of
 * look-ups, a probe at most CRM_MAX_SILENT steps more, however many hosts are
 * gone for good.
 */

#ifndef CRM_SILENCE_H
#define CRM_SILENCE_H

#include "records.h"

#define CRM_NO_SILENCE UINT32_MAX

/* The silent hosts that are told by name at one probe, the latest heard first. */
#define CRM_MAX_SILENT 64

/* Who did not answer a probe. */
typedef struct {
    const uint32_t *acks; /* of each host its latest ProbeAck before, a record */
    uint64_t late;        /* see crm_silence_is_over() */
    uint32_t count;       /* of `acks` */
    uint32_t rest;        /* how many more hosts were silent */
} crm_silence_t;

/* On the first pass: a ProbeInit that is no duplicate. Its sender and
 * probe.previous must be set; the probe before it is judged now. */
void crm_silence_probe(uint32_t number);

/* On the first pass: a ProbeAck, the first of its sender to the probe that is
 * its request. Sets probe_ack.missed and probe_ack.ordinal. */
void crm_silence_answer(uint32_t number);

/* On the first pass: a ProbeAck whose probe is not in the file, or stands later
 * in it. Its host is expected to answer its receiver if that has not probed yet. */
void crm_silence_hear(uint32_t number);

/* On the first pass: a host of this number announced itself in a datagram that is
 * no answer. */
void crm_silence_announce(uint32_t number);

/* On the first pass: nothing is expected of a host until it answers again, as
 * it has moved, or turned out to be another one. */
void crm_silence_forget(uint32_t number);

/* Who did not answer this ProbeInit, or NULL if nobody is known to be silent. */
const crm_silence_t *crm_silence_at(const crm_record_t *probe);

/* Whether the host of `acks[n]` answered after all. */
static inline bool
crm_silence_is_over(const crm_silence_t *silence, uint32_t n)
{
    return silence->late >> n & 1;
}

/* How many hosts did not answer this ProbeInit. */
uint32_t crm_silence_count(const crm_record_t *probe);

#endif
