/* recognise.h
 * Whether a datagram on an arbitrary port is CRM
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_RECOGNISE_H
#define CRM_RECOGNISE_H

#include "json.h"

/* Even the shortest message, {"py/object":"dtos.probe_ack.ProbeAck"}, is longer. */
#define CRM_MIN_MESSAGE 38

/* A check that costs next to nothing: false only for bytes that are not JSON or
 * that crm_is_message() would reject. `length` is in bytes, at least one. */
bool crm_may_be_message(const uint8_t *data, uint32_t length);

/* Whether a document that crm_json_read() accepted is a CRM message beyond
 * doubt, whatever the port: its root names a message class, or is plain
 * JSON with exactly a message's attributes and an enum that names its class,
 * or with ReportInit's five attributes, each of the right type: a text, a
 * list of "key=value", or an integer. */
bool crm_is_message(const crm_json_t *doc);

#endif
