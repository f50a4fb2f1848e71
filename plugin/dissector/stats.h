/* stats.h
 * Statistics: packets (-z crm,tree), hosts (-z crm,hosts), response times (-z crm,srt)
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

/* What the tap "crm" hands to a listener for each datagram; packet scope. */
typedef struct {
    const crm_record_t *record; /* may be NULL, see crm_dialogue_follow() */
    int64_t retries;
    uint32_t findings; /* bit n: at least one of crm_finding_kind_t n */
    crm_class_t class;
    crm_encoding_t encoding;
    crm_outcome_t outcome;
    bool has_retries;
} crm_tap_t;

/* Registers the three statistics of the tap "crm". */
void crm_stats_register(int proto);

#endif
