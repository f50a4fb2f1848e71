/* line.h
 * An object in one line, as a filter and a folded tree have it
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_LINE_H
#define CRM_LINE_H

#include "build.h"

/* Gives the node of an object, whose children are complete, its line: of a
 * PortInfo "coordinatord:10100", of a criterion "device =~ ^.*$". An object that
 * has none, or that breaks off, is left without. */
void crm_line_set(crm_build_t *b, uint32_t node);

#endif
