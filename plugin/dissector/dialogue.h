/* dialogue.h
 * Who answered whom
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pairs answers with what they answer, counts attempts, finds duplicates; all
 * of it is written into records. It is keyed by what is on the wire. A
 * datagram costs a fixed number of look-ups, however long the capture is.
 *
 * What holds between a worker and a collector is in pairs.h, which of them are
 * silent in silence.h, and what is a copy from another capture point in copies.h.
 */

#ifndef CRM_DIALOGUE_H
#define CRM_DIALOGUE_H

#include "compat.h"
#include "message/message.h"
#include "records.h"

/* Registers what makes the state ready for a capture file, here and in all layers below. */
void crm_dialogue_register(void);

/* The record of a datagram: made on the first pass, found again later. NULL
 * only on a later pass, for a datagram that the first one did not dissect.
 * `announced_in`: as crm_announced_in() says, asked before this call,
 * which learns what the datagram itself announces. Lives as long as the
 * capture file. */
const crm_record_t *crm_dialogue_follow(packet_info *pinfo, const crm_message_t *message,
                                        uint32_t announced_in);

#endif
