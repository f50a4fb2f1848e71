/* stats.h
 * Statistics: -z crm,tree; crm,hosts; crm,srt; crm,points
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_STATS_H
#define CRM_STATS_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* What the tap "crm" hands to a listener for each datagram; packet scope. Nothing of the message itself: by
 * then, the next datagram of the frame may have taken its place (message/recent.h). */
typedef struct {
    const crm_record_t *record; /* may be NULL, see crm_dialogue_follow() */
    const char *type;           /* static: its crm.type, or its class where that tells none; NULL: neither */
    int64_t retries;
    unsigned findings; /* bit n: at least one of crm_finding_kind_t n */
    unsigned traffic;  /* bit n: crm_traffic_finding_t n */
    crm_encoding_t encoding;
    crm_outcome_t outcome;
    bool has_retries;
} crm_tap_t;

/* Registers all statistics. */
void crm_stats_register(int proto);

/* One each, for crm_stats_register(); that of capture points has a tap of its own, see stats-points.h. */
void crm_stats_tree_register(void);
void crm_stats_hosts_register(void);
void crm_stats_srt_register(int proto);

#endif
