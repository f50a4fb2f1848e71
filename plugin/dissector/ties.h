/* ties.h
 * What datagrams that were captured several times have in common
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of a file with several points, each datagram that is there as a whole has a
 * tie: with the one that was captured first, with its copies at other points,
 * and with the equal ones before it at its own. Learned on the first pass.
 */

#ifndef CRM_TIES_H
#define CRM_TIES_H

#include "records.h"
#include "routes.h"

#define CRM_NO_TIE 0

typedef enum {
    CRM_SIGHTING_FIRST,     /* it was not captured before, as far as can be told */
    CRM_SIGHTING_COPY,      /* it was, at another point */
    CRM_SIGHTING_REPETITION /* it was, at this point, a moment ago */
} crm_sighting_t;

enum {
    CRM_TIE_CERTAIN = 1 << 0, /* a copy: it is this original's */
    CRM_TIE_UNIQUE = 1 << 1,  /* a copy: nothing equal to it was sent but the original */
    CRM_TIE_DOUBTFUL = 1 << 2 /* who knows whether another was its copy */
};

/* A datagram of a file with several points. */
typedef struct {
    uint32_t record;
    uint32_t first;  /* of a copy or a repetition: the original's tie */
    uint32_t copies; /* of an original: its first copy's tie; of a copy: the next one's */
    uint32_t before; /* the equal datagram before this one at its point that is no repetition */
    crm_route_t route;
    uint16_t seen_at; /* of an original: the points, a bit each */
    uint8_t sighting; /* CRM_SIGHTING_... */
    uint8_t flags;    /* CRM_TIE_... */
} crm_tie_t;

/* The tie of a number, which must not be CRM_NO_TIE. It does not move. */
crm_tie_t *crm_tie_at(uint32_t tie);

/* Where its datagram was captured. */
uint8_t crm_tie_point(const crm_tie_t *tie);

/* Of a copy or a repetition, the original's tie, or CRM_NO_TIE as long as it is
 * not known; of others, itself. */
uint32_t crm_tie_original(uint32_t tie);

/* Between two, in seconds. False where one has no time. */
bool crm_tie_time_between(uint32_t from, uint32_t to, double *seconds);

/* The latest of a content (`key`) at a point, or CRM_NO_TIE. */
uint32_t crm_tie_latest(uint64_t key, uint8_t point);

/* Gives a record its tie, as the latest of its content at its point. Returns the
 * one before, or CRM_NO_TIE. */
uint32_t crm_tie_add(uint32_t record, const crm_route_t *route, uint64_t key);

#endif
