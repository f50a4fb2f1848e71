/* dissection.h
 * A datagram while it is dissected
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_DISSECTION_H
#define CRM_DISSECTION_H

#include "compat.h"
#include "ends.h"
#include "message/message.h"
#include "records.h"

typedef struct {
    tvbuff_t *tvb;
    packet_info *pinfo;
    const crm_message_t *m;
    const crm_record_t *record; /* NULL where the dialogue does not know it: a datagram that ICMP quotes */
    crm_ends_t ends;            /* the hosts that it goes between, as far as they are known */
    unsigned traffic;           /* bit n: crm_traffic_finding_t n holds */
    proto_item **items;         /* of the first node of each field; NULL where there is none */
    bool wants_expert_text;     /* there is a tree, or a listener to expert information */
} crm_dissection_t;

/* Adds expert information to an item, which may be NULL; the rest is as printf() takes it. Its severity
 * is for each pass, for the packet list. Its text, and the arguments, are made only where somebody reads it.
 */
#define crm_expert_add(d, item, field, ...)                                                                  \
    ((d)->wants_expert_text ? expert_add_info_format((d)->pinfo, item, field, __VA_ARGS__)                   \
                            : expert_add_info((d)->pinfo, item, field))

#endif
