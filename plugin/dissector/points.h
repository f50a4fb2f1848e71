/* points.h
 * Capture points, and how far apart their clocks are
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A capture point is an interface of the file. A file that was merged from
 * several has several, each with the clock of its own machine. How far apart
 * two clocks are is told by the datagrams that both points captured.
 */

#ifndef CRM_POINTS_H
#define CRM_POINTS_H

#include "compat.h"

/* Points are numbered from 0 as they are met. There may be more interfaces
 * than this: what the others captured is taken for itself. */
#define CRM_MAX_POINTS 16
#define CRM_NO_POINT   CRM_MAX_POINTS

/* Two transit times between two points differ by less than this, in seconds. */
#define CRM_CLOCK_TOLERANCE 0.25

/* Registers what makes the state ready for a capture file. */
void crm_points_register(void);

/* On the first pass: the point at which a frame was captured, CRM_NO_POINT if
 * there are too many. */
uint8_t crm_point_of(const packet_info *pinfo);

/* How many points were met so far. */
uint8_t crm_point_count(void);

/* What a point is called, safe in one line; the pool's. A name that several
 * have is followed by the number of the interface: "eth0 (interface 1)". */
const char *crm_point_label(wmem_allocator_t *pool, uint8_t point);

/* What stays the same of a point when another gets its name, and from one session to the next; the pool's. */
const char *crm_point_key(wmem_allocator_t *pool, uint8_t point);

/* What tells how far apart two clocks are. */
typedef enum {
    CRM_CLOCK_BY_DATAGRAM, /* one datagram, which cannot be another */
    CRM_CLOCK_BY_ORDER,    /* equal ones, if none of them was lost: only where nothing else tells */
    CRM_CLOCK_SOURCES
} crm_clock_source_t;

/* On the first pass: one datagram was captured at `to` so many seconds after
 * `from`, on their clocks. The two must differ. */
void crm_clock_learn(uint8_t from, uint8_t to, double seconds, crm_clock_source_t source);

/* How many seconds later than at `from` a datagram is usually captured at `to`:
 * the difference of the clocks, but for the way. Returns how many datagrams say
 * so: 0 if none was captured at both, or `from` is CRM_NO_POINT. */
unsigned crm_clock_between(uint8_t from, uint8_t to, double *seconds);

/* Whether enough say so to go by it. */
bool crm_clock_is_settled(uint8_t from, uint8_t to);

/* What tells that of these two points. */
crm_clock_source_t crm_clock_source(uint8_t from, uint8_t to);

#endif
