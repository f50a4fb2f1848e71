/* points.c
 * Capture points, and how far apart their clocks are
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "points.h"

#include <math.h>
#include <string.h>

#include "text.h"

/* Of two points, what was seen between them so far: each difference of their
 * clocks with how many datagrams speak for it. More than a few are not kept:
 * what is right comes again and again. */
#define CRM_CLOCK_READINGS 4

/* A clock that was set while it captured must be believed some time. */
#define CRM_CLOCK_MAX_VOTES 64

#define CRM_CLOCK_SETTLED 3

typedef struct {
    struct {
        double seconds;
        unsigned votes;
    } readings[CRM_CLOCK_READINGS]; /* the first has the most */
} clock_pair_t;

typedef struct {
    uint32_t interface_id;
    const char *name; /* "" if it has none */
} point_t;

static point_t points[CRM_MAX_POINTS];
static uint8_t point_count;
static clock_pair_t clocks[CRM_MAX_POINTS][CRM_MAX_POINTS]
                          [CRM_CLOCK_SOURCES]; /* the lower point comes first */

static void
begin_file(void)
{
    point_count = 0;
    memset(clocks, 0, sizeof clocks);
}

void
crm_points_register(void)
{
    register_init_routine(begin_file);
}

/* Points */

static bool
has_interface(const packet_info *pinfo)
{
    return pinfo->rec && pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID;
}

static uint32_t
interface_of(const packet_info *pinfo)
{
    return has_interface(pinfo) ? pinfo->rec->rec_header.packet_header.interface_id : 0;
}

/* For an interface without a name, Wireshark has the word "unknown". Who has no interfaces must not be asked:
 * rawshark looks for them in a file that it has not. A file may have any bytes for a name. */
static const char *
interface_name(const packet_info *pinfo, uint32_t interface_id)
{
    const char *name = has_interface(pinfo) ? crm_interface_name(pinfo, interface_id) : NULL;

    if (name == NULL || strcmp(name, "unknown") == 0) {
        return "";
    }
    char *valid = g_utf8_make_valid(name, -1);
    const char *kept = wmem_strdup(wmem_file_scope(), valid);
    g_free(valid);
    return kept;
}

uint8_t
crm_point_of(const packet_info *pinfo)
{
    const uint32_t interface_id = interface_of(pinfo);
    unsigned point = 0;

    while (point < point_count && points[point].interface_id != interface_id) {
        point++;
    }
    if (point == point_count && point_count < CRM_MAX_POINTS) {
        points[point_count++] = (point_t){interface_id, interface_name(pinfo, interface_id)};
    }
    return (uint8_t)point;
}

uint8_t
crm_point_count(void)
{
    return point_count;
}

static bool
is_name_of_several(uint8_t point)
{
    unsigned count = 0;

    for (unsigned other = 0; other < point_count; other++) {
        count += strcmp(points[other].name, points[point].name) == 0;
    }
    return count > 1;
}

const char *
crm_point_label(wmem_allocator_t *pool, uint8_t point)
{
    const point_t *p = &points[point];

    if (*p->name == '\0') {
        return wmem_strdup_printf(pool, "interface %u", p->interface_id);
    }
    const char *name = crm_text_short(pool, p->name, CRM_LABEL_BYTES);
    return is_name_of_several(point) ? wmem_strdup_printf(pool, "%s (interface %u)", name, p->interface_id)
                                     : name;
}

const char *
crm_point_key(wmem_allocator_t *pool, uint8_t point)
{
    return wmem_strdup_printf(pool, "%u %s", points[point].interface_id, points[point].name);
}

/* Clocks */

static clock_pair_t *
clock_pairs(uint8_t from, uint8_t to)
{
    return clocks[MIN(from, to)][MAX(from, to)];
}

crm_clock_source_t
crm_clock_source(uint8_t from, uint8_t to)
{
    return clock_pairs(from, to)[CRM_CLOCK_BY_DATAGRAM].readings[0].votes ? CRM_CLOCK_BY_DATAGRAM
                                                                          : CRM_CLOCK_BY_ORDER;
}

static void
speak_against_others(clock_pair_t *pair, int i)
{
    for (int other = 0; other < CRM_CLOCK_READINGS; other++) {
        pair->readings[other].votes -= other != i && pair->readings[other].votes > 0;
    }
}

/* A datagram that agrees with none takes an empty place; without one, it
 * speaks against all. */
static void
add_reading(clock_pair_t *pair, double seconds)
{
    for (int i = 0; i < CRM_CLOCK_READINGS; i++) {
        if (pair->readings[i].votes == 0) {
            pair->readings[i].seconds = seconds;
            pair->readings[i].votes = 1;
            return;
        }
    }
    speak_against_others(pair, CRM_CLOCK_READINGS);
}

/* Clocks drift, so a reading follows those that agree with it. One that has all
 * votes takes them from the others instead. */
static bool
agree_with_reading(clock_pair_t *pair, int i, double seconds)
{
    const double difference = seconds - pair->readings[i].seconds;

    if (pair->readings[i].votes == 0 || fabs(difference) > CRM_CLOCK_TOLERANCE) {
        return false;
    }
    pair->readings[i].seconds += difference / 8;
    if (pair->readings[i].votes < CRM_CLOCK_MAX_VOTES) {
        pair->readings[i].votes++;
    } else {
        speak_against_others(pair, i);
    }
    return true;
}

void
crm_clock_learn(uint8_t from, uint8_t to, double seconds, crm_clock_source_t source)
{
    clock_pair_t *pair = &clock_pairs(from, to)[source];
    int i = 0;

    seconds = from < to ? seconds : -seconds;
    while (i < CRM_CLOCK_READINGS && !agree_with_reading(pair, i, seconds)) {
        i++;
    }
    if (i == CRM_CLOCK_READINGS) {
        add_reading(pair, seconds);
    } else if (i > 0 && pair->readings[i].votes > pair->readings[0].votes) {
        const clock_pair_t old = *pair;
        pair->readings[0] = old.readings[i];
        pair->readings[i] = old.readings[0];
    }
}

unsigned
crm_clock_between(uint8_t from, uint8_t to, double *seconds)
{
    if (from == CRM_NO_POINT) {
        *seconds = 0;
        return 0;
    }
    const clock_pair_t *pair = &clock_pairs(from, to)[crm_clock_source(from, to)];

    *seconds = from < to ? pair->readings[0].seconds : -pair->readings[0].seconds;
    return pair->readings[0].votes;
}

bool
crm_clock_is_settled(uint8_t from, uint8_t to)
{
    const clock_pair_t *pair = &clock_pairs(from, to)[crm_clock_source(from, to)];
    unsigned others = 0;

    for (int i = 1; i < CRM_CLOCK_READINGS; i++) {
        others = MAX(others, pair->readings[i].votes);
    }
    return pair->readings[0].votes >= CRM_CLOCK_SETTLED && pair->readings[0].votes >= 2 * others;
}
