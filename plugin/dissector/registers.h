/* registers.h
 * Which ProbeAck a RegisterAck answers, and how many attempts a worker has made
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_REGISTERS_H
#define CRM_REGISTERS_H

#include "tracked.h"

/* On the first pass, once for each RegisterAck whose sender is known; sets its receiver, its attempt, and
 * what it answers: by that, its sender may be another. */
void crm_registers_track(const crm_tracked_t *ack);

/* Once more of one that answers nothing so far, when a `copy` of it comes. */
void crm_registers_pair_late(const crm_tracked_t *ack, const crm_tracked_t *copy);

#endif
