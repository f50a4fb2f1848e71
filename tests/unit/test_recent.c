/* test_recent.c
 * Messages read before are not read again, and are the same as if they were
 *
 *     test_recent [FILE …]
 *
 * Each line of a FILE, and each of its fields between tabs, is a datagram.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "recent_check.h"

#define MESSAGE(id, host)                                                                                    \
    "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"id\": \"" id "\", \"info\": {\"py/object\": "            \
    "\"dtos.host_info.HostInfo\", \"hostname\": \"" host "\", \"inet_addr\": \"10.0.0.11\", \"ports\": []}}"

static crm_recent_t *recent;
static char **files;

static const crm_message_t *
read_text(const char *text)
{
    return crm_recent_read(recent, (const uint8_t *)text, (uint32_t)strlen(text), false);
}

static const char *
id_of(const crm_message_t *m)
{
    return crm_message_text(m, m->nodes[m->first[CRM_FIELD_ID]].text);
}

static void
begin(void)
{
    recent = crm_recent_new();
}

static void
end(void)
{
    crm_recent_free(recent);
}

/* A message that is not known is read into the one object for that. */
static void
test_short_way(void)
{
    begin();
    const crm_message_t *other = read_text("[1]");
    g_assert_true(read_text(MESSAGE("aaaa", "worker1")) == other);
    g_assert_true(read_text(MESSAGE("bbbb", "worker1")) == other); /* twice: now it is kept */
    const crm_message_t *kept = read_text(MESSAGE("cccc", "worker1"));
    g_assert_true(kept != other);
    g_assert_cmpstr(id_of(kept), ==, "cccc");
    g_assert_true(read_text(MESSAGE("dddd", "worker1")) == kept);
    g_assert_cmpstr(id_of(kept), ==, "dddd");
    end();
}

/* What differs elsewhere, or in more than an id's plain characters, is read. */
static void
test_long_way(void)
{
    static const char *const others[] = {MESSAGE("aaaa", "worker2"),
                                         MESSAGE("aaaaa", "worker1"),
                                         MESSAGE("a\\na", "worker1"),
                                         MESSAGE("a\xc3\xa4"
                                                 "a",
                                                 "worker1"),
                                         MESSAGE("a\"aa", "worker1"),
                                         MESSAGE("a\x7f"
                                                 "aa",
                                                 "worker1")};

    begin();
    const crm_message_t *other = read_text("[1]");
    for (int i = 0; i < 3; i++) {
        read_text(MESSAGE("aaaa", "worker1"));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        g_assert_true(read_text(others[i]) == other);
    }
    g_assert_true(read_text(MESSAGE("bbbb", "worker1")) != other);
    end();
}

/* Cut, broken and long ones are read each time; the last has no id to differ in. */
static void
test_what_is_kept(void)
{
    static const char broken[] = "{\"id\": \"aaaa\", \"info\": }", report[] = "{\"measurement\": \"m\"}";
    g_autofree char *padding = g_strnfill(3000, ' ');
    g_autofree char *padded = g_strconcat(MESSAGE("aaaa", "worker1"), padding, NULL);

    begin();
    const crm_message_t *other = read_text("[1]");
    for (int i = 0; i < 4; i++) {
        g_assert_true(read_text(broken) == other);
        g_assert_true(read_text(padded) == other);
        g_assert_true(crm_recent_read(recent, (const uint8_t *)report, sizeof report - 1, true) == other);
    }
    read_text(report);
    read_text(report);
    g_assert_true(read_text(report) != other);
    end();
}

/* What comes once does not put out what comes often, though it has its place. */
static void
test_what_comes_once(void)
{
    begin();
    const crm_message_t *other = read_text("[1]");
    for (int i = 0; i < 3; i++) {
        read_text(MESSAGE("aaaa", "worker1"));
    }
    for (int i = 0; i < 20000; i++) {
        g_autofree char *once = g_strdup_printf(MESSAGE("aaaa", "worker%d"), i);
        crm_check_recent_read(recent, (const uint8_t *)once, (uint32_t)strlen(once), false);
    }
    g_assert_true(read_text(MESSAGE("bbbb", "worker1")) != other);
    end();
}

static void
check_fields(char *text, const char *separator)
{
    g_auto(GStrv) fields = g_strsplit(text, separator, -1);

    for (char **field = fields; *field; field++) {
        crm_check_recent(recent, (const uint8_t *)*field, (uint32_t)strlen(*field), false);
        crm_check_recent(recent, (const uint8_t *)*field, (uint32_t)strlen(*field) / 2, true);
    }
}

/* One reader for all, twice, so that each finds the places of all others. */
static void
test_files(void)
{
    if (!*files) {
        g_test_skip("no file was named");
        return;
    }
    begin();
    for (int round = 0; round < 2; round++) {
        for (char **file = files; *file; file++) {
            g_autofree char *text = NULL;
            g_assert_true(g_file_get_contents(*file, &text, NULL, NULL));
            g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
            for (char **line = lines; *line; line++) {
                check_fields(*line, "\t");
                crm_check_recent(recent, (const uint8_t *)*line, (uint32_t)strlen(*line), false);
            }
        }
    }
    end();
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    files = argv + 1;
    g_test_add_func("/recent/short-way", test_short_way);
    g_test_add_func("/recent/long-way", test_long_way);
    g_test_add_func("/recent/what-is-kept", test_what_is_kept);
    g_test_add_func("/recent/what-comes-once", test_what_comes_once);
    g_test_add_func("/recent/files", test_files);
    return g_test_run();
}
