/* hash.h
 * A hash of what comes from the wire
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_HASH_H
#define CRM_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-1-3 (Aumasson and Bernstein), which CPython has for its own keys,
 * with a seed of its own in each process. With something quicker, such as a
 * product of words, a sender could make keys collide whatever the seed is.
 * Nothing that a user sees may depend on the value. `length` is in bytes. */
uint64_t crm_hash(const void *data, size_t length);

/* A quicker one, only to tell whether two contents are the same. A sender could
 * make two of its own contents look alike, but nobody else's. */
uint64_t crm_fingerprint(const void *data, size_t length);

#endif
