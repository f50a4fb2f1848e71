/* originals.h
 * Which datagram another one is a copy of
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of equal datagrams at other points, those whose routes are like, and of those
 * the one that the clocks of the two points tell.
 */

#ifndef CRM_ORIGINALS_H
#define CRM_ORIGINALS_H

#include "points.h"
#include "ties.h"

/* The datagram at hand while it is held against those before it. */
typedef struct {
    uint32_t tie;
    uint8_t point;
    uint64_t key; /* without the point */
    bool repeats; /* equal ones were sent more than once */
    bool orphans; /* an equal one was taken for another's copy, wrongly: it may be this one's */
} crm_sighted_t;

/* The original of the datagram at hand. */
typedef struct {
    uint32_t first; /* CRM_NO_TIE: it is one itself */
    bool certain;
    crm_clock_source_t tells; /* what the two tell of the clocks */
} crm_choice_t;

/* On the first pass: the original of a datagram whose `tie`, `point` and `key` are set; `repeats` may be.
 * Sets `repeats` and `orphans`. */
crm_choice_t crm_original_find(crm_sighted_t *sighted);

#endif
