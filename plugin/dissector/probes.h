/* probes.h
 * Probes, and which of them a ProbeAck answers
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_PROBES_H
#define CRM_PROBES_H

#include "tracked.h"

/* On the first pass, once for each ProbeInit whose sender is known. */
void crm_probes_track(const crm_tracked_t *probe);

/* The same of a ProbeAck; sets its receiver, and finds what it answers. */
void crm_probes_track_ack(const crm_tracked_t *ack);

/* Once more of a ProbeAck that answers nothing so far, when a `copy` of it comes. */
void crm_probes_pair_late(const crm_tracked_t *ack, const crm_tracked_t *copy);

#endif
