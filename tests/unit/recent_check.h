/* recent_check.h
 * The short way against the long one: what recent.h reads must be what message.h reads
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef CRM_RECENT_CHECK_H
#define CRM_RECENT_CHECK_H

#include "message/dto-json.h"
#include "message/recent.h"
#include "message_check.h"

/* The JSON that the reader gives of the message read last, asked for twice. */
static inline void
crm_check_recent_json(crm_recent_t *recent, const crm_message_t *fresh)
{
    static crm_dto_json_t writer;

    if (writer.generator == NULL) {
        crm_dto_json_init(&writer);
    }
    const char *json = crm_dto_json_write(&writer, fresh);
    g_assert_cmpstr(crm_recent_dto_json(recent), ==, json);
    g_assert_cmpstr(crm_recent_dto_json(recent), ==, json);
}

static inline void
crm_check_recent_read(crm_recent_t *recent, const uint8_t *data, uint32_t length, bool cut)
{
    crm_message_t fresh;

    crm_message_init(&fresh);
    crm_message_read(&fresh, data, length, cut);
    const crm_message_t *m = crm_recent_read(recent, data, length, cut);
    g_assert_true(m->doc.data == data);
    g_assert_cmpuint(m->doc.length, ==, length);
    crm_check_same_message(m, &fresh);
    crm_check_recent_json(recent, &fresh);
    crm_message_clear(&fresh);
}

/* Reads a datagram often enough to be kept, then with other bytes in its id (a
 * quote, a backslash and what is not ASCII among them), then as it was. */
static inline void
crm_check_recent(crm_recent_t *recent, const uint8_t *data, uint32_t length, bool cut)
{
    static const char bytes[] = "x7-\"\\\n\x7f\xc3~ ";
    crm_message_t m;

    for (int i = 0; i < 3; i++) {
        crm_check_recent_read(recent, data, length, cut);
    }
    crm_message_init(&m);
    crm_message_read(&m, data, length, cut);
    const uint32_t id = m.first[CRM_FIELD_ID];
    if (id != CRM_NO_NODE) {
        const uint32_t start = m.nodes[id].start, end = m.nodes[id].end;
        uint8_t *other = g_memdup2(data, length);
        for (uint32_t i = 0; i < sizeof bytes - 1 && start < end; i++) {
            other[start + i % (end - start)] = (uint8_t)bytes[i];
            crm_check_recent_read(recent, other, length, cut);
        }
        g_free(other);
    }
    crm_message_clear(&m);
    crm_check_recent_read(recent, data, length, cut);
}

#endif
