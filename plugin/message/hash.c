/* hash.c
 * A hash of what comes from the wire
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "hash.h"

#include <glib.h>
#include <string.h>

static inline uint64_t
rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static const uint64_t *
seed(void)
{
    static uint64_t words[2];

    if (words[0] == 0) {
        words[0] = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
        words[1] = (uint64_t)g_random_int() << 32 | g_random_int();
    }
    return words;
}

/* Of eight bytes as they stand in memory. */
static inline void
take_word(uint64_t v[4], uint64_t bytes)
{
    const uint64_t word = GUINT64_FROM_LE(bytes);

    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t
crm_hash(const void *data, size_t length)
{
    const uint64_t *k = seed();
    const uint8_t *p = data, *end = p + length;
    uint64_t v[4] = {k[0] ^ UINT64_C(0x736f6d6570736575), k[1] ^ UINT64_C(0x646f72616e646f6d),
                     k[0] ^ UINT64_C(0x6c7967656e657261), k[1] ^ UINT64_C(0x7465646279746573)};
    uint64_t last = GUINT64_TO_LE((uint64_t)length << 56); /* in the byte that no data takes */

    for (; end - p >= 8; p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        take_word(v, word);
    }
    memcpy(&last, p, (size_t)(end - p));
    take_word(v, last);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

enum { CRM_LANES = 4, CRM_BLOCK = 8 * CRM_LANES };

/* Four independent sums, as a single one would wait for each multiplication. */
static void
add_block(uint64_t sums[CRM_LANES], const char *block)
{
    for (int i = 0; i < CRM_LANES; i++) {
        uint64_t word;
        memcpy(&word, block + 8 * i, sizeof word);
        sums[i] = (sums[i] ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        sums[i] ^= sums[i] >> 32;
    }
}

uint64_t
crm_fingerprint(const void *data, size_t length)
{
    const uint64_t *k = seed(), all = length;
    const uint64_t lengths[CRM_LANES] = {all, all, all, all};
    uint64_t sums[CRM_LANES] = {k[0], k[1], ~k[0], ~k[1]};
    char last[CRM_BLOCK] = {0};
    const char *p = data;

    for (; length >= CRM_BLOCK; length -= CRM_BLOCK, p += CRM_BLOCK) {
        add_block(sums, p);
    }
    memcpy(last, p, length);
    add_block(sums, last);
    /* A product spreads a bit only upwards: without one more, the highest bits of two words would change the
     * same two of the value. */
    add_block(sums, (const char *)lengths);
    return sums[0] ^ rotate(sums[1], 16) ^ rotate(sums[2], 32) ^ rotate(sums[3], 48);
}
