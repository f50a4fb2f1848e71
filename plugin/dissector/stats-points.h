/* stats-points.h
 * Statistics: capture points (-z crm,points)
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_STATS_POINTS_H
#define CRM_STATS_POINTS_H

#include "records.h"

/* Registers the statistic. */
void crm_stats_points_register(void);

/* Hands a datagram to it. Copies do not go to the tap "crm", where a datagram
 * counts once, but come here too. */
void crm_stats_points_queue(packet_info *pinfo, const crm_record_t *record);

#endif
