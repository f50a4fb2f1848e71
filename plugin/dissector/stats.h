/* stats.h
 * Statistics: packets (-z crm,tree), hosts (-z crm,hosts), response times (-z crm,srt)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_STATS_H
#define CRM_STATS_H

#include "compat.h"
#include "message/message.h"
#include "track.h"

/* What the tap "crm" hands to a listener for each datagram; packet scope. */
typedef struct {
    const crm_record_t *record; /* may be NULL, see crm_track() */
    int64_t retries;
    uint32_t findings; /* bit n: at least one of crm_finding_kind_t n */
    crm_class_t class;
    crm_encoding_t encoding;
    bool has_status, status;
    bool has_retries;
} crm_tap_t;

/* Registers the three statistics of the tap "crm". */
void crm_stats_register(int proto);

#endif
