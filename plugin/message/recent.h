/* recent.h
 * Reads datagrams, and none again that differs from an earlier one in its id alone
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A collector probes at an interval, and a worker answers with the same HostInfo
 * for days: most messages are one that was read before, with another id. Such a
 * message keeps its tokens, nodes and findings, and its plain JSON where that is
 * asked for; only the text of the id is new.
 *
 * That is exact. All bytes before and after the id are compared, and both ids
 * are as long and consist of printable ASCII without quote and backslash, each
 * of which stands for itself wherever it is in a string.
 */

#ifndef CRM_RECENT_H
#define CRM_RECENT_H

#include "message.h"

typedef struct crm_recent crm_recent_t;

/* Makes a reader that knows no message yet. Free with crm_recent_free(). */
crm_recent_t *crm_recent_new(void);

/* Frees a reader and its messages. */
void crm_recent_free(crm_recent_t *recent);

/* As crm_message_read(), whose limits and findings are the same, but the
 * message is the reader's: it may be used, and not changed, until the next
 * call. The bytes are borrowed until then. What was read before makes no
 * difference to the message, and takes a bounded amount of memory. */
const crm_message_t *crm_recent_read(crm_recent_t *recent, const uint8_t *data, uint32_t length, bool cut);

/* What crm_dto_json_write() makes of the message that was read last, and NULL
 * where that does. The text is the reader's, until it reads the next. Only the
 * id is written again into that of a message which was asked for before. */
const char *crm_recent_dto_json(crm_recent_t *recent);

#endif
