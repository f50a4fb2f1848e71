/* walk.h
 * Walks a document along the schema, and builds the message
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_WALK_H
#define CRM_WALK_H

#include "build.h"
#include "reference.h"

/* One walk. Zero it, then set what `build` asks for. */
typedef struct {
    crm_build_t build;
    crm_references_t references;
    uint32_t referenced; /* bytes, counted against CRM_MAX_REFERENCED */
    bool of_dtos;        /* the root says so: crm_identity_t */
} crm_walk_t;

/* The members of an object as children of the node that was added last. `node`
 * is that node, where attributes that are absent are to be found; else CRM_NO_NODE. */
void crm_walk_members(crm_walk_t *w, crm_class_t class, uint32_t object, uint32_t node);

#endif
