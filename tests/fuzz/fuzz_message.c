/* fuzz_message.c
 * A libFuzzer target: a message, its plain JSON and its line
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whatever the bytes are: nodes and findings hold together (message_check.h), a
 * message object that has read other datagrams before gives the same as a new
 * one, so does the short way of recent.h, what is made of it is valid UTF-8, and the first look of
 * recognise.h turns away nothing that the second would take.
 */

#include "message/dto-json.h"
#include "message/recognise.h"
#include "message/summary.h"
#include "recent_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_outputs(const crm_message_t *m)
{
    GString *line = g_string_new(NULL);
    crm_message_append_finding(m, line);
    crm_message_summarise(m, "worker", line);
    g_assert_true(g_utf8_validate(line->str, (gssize)line->len, NULL));
    g_assert_null(strchr(line->str, '\n'));
    g_string_free(line, TRUE);

    crm_dto_json_t writer;
    crm_dto_json_init(&writer);
    const char *json = crm_dto_json_write(&writer, m);
    g_assert_true((json != NULL) == (m->doc.status == CRM_JSON_OK));
    if (json) {
        crm_json_t doc;
        crm_json_init(&doc);
        g_assert_true(g_utf8_validate(json, -1, NULL));
        /* A reference may bring back a deep value to a deeper place. */
        g_assert_true(crm_json_read(&doc, (const uint8_t *)json, (uint32_t)strlen(json)) ||
                      doc.status == CRM_JSON_TOO_DEEP);
        crm_json_clear(&doc);
    }
    crm_dto_json_clear(&writer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static crm_message_t reused;
    static crm_recent_t *recent;
    crm_message_t fresh;
    const bool cut = size % 2 == 1;

    if (reused.text == NULL) {
        crm_message_init(&reused);
        recent = crm_recent_new();
    }
    crm_message_init(&fresh);
    crm_message_read(&reused, data, (uint32_t)size, cut);
    crm_message_read(&fresh, data, (uint32_t)size, cut);
    crm_check_message(&reused);
    crm_check_same_message(&reused, &fresh);
    crm_check_recent(recent, data, (uint32_t)size, cut);
    check_outputs(&fresh);
    if (fresh.doc.status == CRM_JSON_OK && crm_is_message(&fresh.doc)) {
        g_assert_cmpint(fresh.class, !=, CRM_CLASS_NONE);
        g_assert_true(size > CRM_MIN_MESSAGE && crm_may_be_message(data, (uint32_t)size));
    }
    crm_message_clear(&fresh);
    return 0;
}
