/* dto-json.h
 * A message as one line of plain JSON, the same for every dialect
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_DTO_JSON_H
#define CRM_DTO_JSON_H

#include "dto.h"

/* The message as JSON (the field crm.dto): attribute names as in the DTOs, a
 * message's `type` first and the rest in order of assignment, enums by name,
 * tuples as what they hold, references filled in, other members under their
 * own names. What JSON or json-glib cannot hold is written as a string: an
 * integer past 64 bits, a number past double's range, NaN and Infinity, and a
 * value nested deeper than CRM_DTO_JSON_MAX_DEPTH in a member of no DTO.
 *
 * Returns NULL for a document that the receiver refuses, or that is cut.
 * Caller frees with g_free(). */
#define CRM_DTO_JSON_MAX_DEPTH 64
char *crm_message_to_json(const crm_message_t *message);

#endif
