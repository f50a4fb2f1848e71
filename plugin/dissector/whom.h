/* whom.h
 * Whom a datagram is about
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each message says something of a worker, of a collector, or of both. They
 * are named as they announced themselves, or by their address where no
 * HostInfo of theirs is known (yet).
 */

#ifndef CRM_WHOM_H
#define CRM_WHOM_H

#include "dissection.h"

/* The name of a host: safe in a field's value, as all of a message's texts are.
 * "" for CRM_NO_HOST, or without name and address. Lives as long as the
 * capture file. */
const char *crm_whom_name(uint32_t host);

/* "worker1 (10.0.0.11)", or as much of it as is known; safe in one line, the pool's. */
const char *crm_whom_label(wmem_allocator_t *pool, uint32_t host);

/* The packet type: as the dialogue has it, or as the message says; 0: none. */
uint32_t crm_whom_type(const crm_dissection_t *d);

/* The worker or the collector that a datagram is about, or NULL: it is not
 * about one. Safe in a field's value; packet scope. */
const char *crm_whom_worker(const crm_dissection_t *d);
const char *crm_whom_collector(const crm_dissection_t *d);

#endif
