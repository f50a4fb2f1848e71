/* dto-json.h
 * A message as one line of plain JSON, the same for every dialect
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_DTO_JSON_H
#define CRM_DTO_JSON_H

#include <json-glib/json-glib.h>

#include "message.h"

/* Reused for each message: setting up json-glib costs more than writing a message. */
typedef struct {
    JsonGenerator *generator;
    GString *text;
    GString *scratch;
    GArray *open; /* the containers that are open */
    /* In the text that was written last, the message's id without its quotes; 0:
     * it stands nowhere, or more than once. */
    uint32_t id_at;
} crm_dto_json_t;

/* Makes a writer. Pair with crm_dto_json_clear(). */
void crm_dto_json_init(crm_dto_json_t *writer);

/* Frees what the writer owns. */
void crm_dto_json_clear(crm_dto_json_t *writer);

/* The message as JSON (the field crm.dto): attribute names as in the DTOs, a
 * message's `type` first and the rest in order of assignment, enums by name,
 * tuples as what they hold, references filled in, other members under their
 * own names, and in them classes, tuples, enums and references likewise. What JSON or json-glib cannot
 * represent is written as a string: a number beyond double's range, NaN and Infinity. An integer of any
 * length is one.
 *
 * Returns NULL for a document that the receiver refuses, or that is cut. The
 * text belongs to the writer and is valid until the next call. */
const char *crm_dto_json_write(crm_dto_json_t *writer, const crm_message_t *message);

#endif
