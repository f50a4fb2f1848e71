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

/* Gives the node of an object, whose children are complete, its line:
 *   HostInfo and its like  worker2 (10.0.0.12)
 *   RegisterInfo           failed, 3 retries left: Failed to register at collector host.
 *   PortInfo               coordinatord:10100
 *   QueryInfo              its job
 *   FilterInfo             its category
 *   criterion              device =~ ^.*$
 * An attribute that is absent is "?". An object that breaks off has a line only
 * where nothing that is left out could change it; one of another class than its
 * field's has none. */
void crm_line_set(crm_build_t *b, uint32_t node);

/* The same for a criterion in the short form: device = /dev/sda. */
void crm_line_set_short(crm_build_t *b, uint32_t node);

#endif
