/* test_recent.c
 * Messages read before are not read again, and are the same as if they were
 *
 *     test_recent [FILE …]
 *
 * Each line of a FILE, and each of its fields between tabs, is a datagram.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/recognise.h"
#include "recent_check.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

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

/* Whether a text that comes again and again is kept at last. */
static bool
is_kept(const char *text)
{
    bool kept;

    begin();
    const crm_message_t *other = read_text("[1]");
    for (int i = 0; i < 3; i++) {
        kept = read_text(text) != other;
    }
    crm_check_recent_read(recent, (const uint8_t *)text, (uint32_t)strlen(text), false);
    end();
    return kept;
}

/* A ReportInit with `count` entries in a list, `more` in "x", and blanks behind it. */
static char *
report(const char *list, unsigned count, const char *entry, const char *more, unsigned blanks)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_printf(text, "{\"type\": \"t\", \"measurement\": \"\", \"timestamp\": 0, \"x\": %s, \"%s\": [",
                    more, list);
    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%s", i ? "," : "", entry);
    }
    g_string_append_c(text, ']');
    g_string_append_c(text, '}');
    for (unsigned i = 0; i < blanks; i++) {
        g_string_append_c(text, ' ');
    }
    return g_strdup(text->str);
}

typedef enum { LENGTH, TOKENS, NODES, FINDINGS, TEXT } measure_t;

static size_t
measured(const crm_message_t *m, measure_t measure)
{
    return measure == LENGTH     ? m->doc.length
           : measure == TOKENS   ? m->doc.count
           : measure == NODES    ? m->count
           : measure == FINDINGS ? m->finding_count
                                 : m->text->len;
}

/* A limit by itself, and a report that reaches it step by step. */
typedef struct {
    measure_t measure;
    size_t limit;
    const char *list, *entry; /* one more entry is one more of the measure; NULL: one more character is */
} limit_t;

static char *
grown_report(const limit_t *limit, unsigned count)
{
    if (limit->list) {
        return report(limit->list, count, limit->entry, "0", 0);
    }
    if (limit->measure == LENGTH) {
        return report("tags", 0, "", "0", count);
    }
    g_autoptr(GString) controls = g_string_new("\"");
    for (int n = 0; n < 670; n++) {
        g_string_append(controls, "\xc2\x9b"); /* two bytes, of which the text has six */
    }
    g_string_append_printf(controls, "%*s\"", (int)count, "");
    return report("tags", 0, "", controls->str, 0);
}

/* What reaches a limit is kept, what has one more is not. */
static void
test_limits(void)
{
    static const limit_t limits[] = {{LENGTH, 2048, NULL, NULL},
                                     {TOKENS, 256, "y", "0"},
                                     {NODES, 128, "tags", "\"\""},
                                     {FINDINGS, 16, "tags", "1"},
                                     {TEXT, 4096, NULL, NULL}};

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        size_t size = 0;
        for (unsigned count = 0; size <= limits[i].limit; count++) {
            g_autofree char *text = grown_report(&limits[i], count);
            crm_message_t m;
            crm_message_init(&m);
            crm_message_read(&m, (const uint8_t *)text, (uint32_t)strlen(text), false);
            size = measured(&m, limits[i].measure);
            crm_message_clear(&m);
            g_assert_cmpuint(size, <=, limits[i].limit + 1);
            if (size >= limits[i].limit) {
                g_assert_cmpint(is_kept(text), ==, size == limits[i].limit);
            }
        }
    }
}

/* Of many more messages than there are places, as many are kept. */
static void
test_places(void)
{
    unsigned kept = 0;

    begin();
    const crm_message_t *other = read_text("[1]");
    for (int i = 0; i < 20000; i++) {
        g_autofree char *text = g_strdup_printf(MESSAGE("aaaa", "worker%05d"), i % 5000);
        read_text(text);
        read_text(text);
        kept += i >= 15000 && read_text(text) != other;
    }
    g_assert_cmpuint(kept, ==, 5000); /* whatever was read last */
    kept = 0;
    for (int i = 0; i < 5000; i++) {
        g_autofree char *text = g_strdup_printf(MESSAGE("aaaa", "worker%05d"), i);
        kept += read_text(text) != other;
    }
    g_assert_cmpuint(kept, ==, 256);
    end();
}

static void
check_thrice(const char *text)
{
    for (int i = 0; i < 3; i++) {
        crm_check_recent_read(recent, (const uint8_t *)text, (uint32_t)strlen(text), false);
    }
}

/* Of more messages than there are places, those that share one are told apart: by their length, where one is
 * the beginning of another, by what stands before the id, and by what stands behind it. */
static void
test_shared_places(void)
{
    begin();
    for (int n = 1024; n >= 0; n--) {
        g_autofree char *length = g_strdup_printf(MESSAGE("aaaa", "worker1") "%*s", n, "");
        g_autofree char *before = g_strdup_printf("{\"x\": \"%04d\", \"id\": \"aaaa\", \"type\": 2}", n);
        g_autofree char *behind = g_strdup_printf(MESSAGE("aaaa", "worker%04d"), n);
        check_thrice(length);
        check_thrice(before);
        check_thrice(behind);
    }
    end();
}

/* What differs in its last bytes only has places of its own. */
static void
test_last_bytes(void)
{
    for (int blanks = 0; blanks < 8; blanks++) {
        unsigned kept = 0;
        begin();
        const crm_message_t *other = read_text("[1]");
        for (int n = 0; n < 4 * 26; n++) {
            g_autofree char *text =
                g_strdup_printf("{\"id\": \"aaaa\",%*s\"x\": \"%c\"}", blanks, "", 'a' + n / 2 % 26);
            kept += read_text(text) != other && n >= 2 * 26;
        }
        g_assert_cmpuint(kept, >, 26);
        end();
    }
}

/* Where the id is, is learned for each length: by where it begins and where it ends. */
static void
test_id_elsewhere(void)
{
#define WITH(id) "{\"py/object\": \"dtos.probe_ack.ProbeAck\", " id ", \"type\": 2}"
    static const char *const places[][2] = {
        {WITH("\"a\": \"bcd\", \"id\": \"efg\""), WITH("\"a\": \"bcd\", \"id\": \"xyz\"")},
        {WITH("\"a\": \"bc\", \"id\": \"defg\""), WITH("\"a\": \"bc\", \"id\": \"wxyz\"")},
        {WITH("\"id\": \"bcd\", \"a\": \"efg\""), WITH("\"id\": \"xyz\", \"a\": \"efg\"")},
        {WITH("\"id\": \"bc\", \"a\": \"defg\""), WITH("\"id\": \"yz\", \"a\": \"defg\"")}};

    begin();
    const crm_message_t *other = read_text("[1]");
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_assert_cmpuint(strlen(places[i][0]), ==, strlen(places[0][0]));
        for (int n = 0; n < 3; n++) {
            read_text(places[i][0]);
        }
        g_assert_true(read_text(places[i][1]) != other);
    }
    end();
}

/* Reads a message often enough to be kept, then with ids of its length, and compares its JSON each time.
 * Whether that is kept too: it is then not where that of other messages is. */
static bool
json_is_kept(const char *text, const char *const *ids)
{
    unsigned kept = 0, count = 0;

    begin();
    for (int i = 0; i < 3; i++) {
        crm_check_recent_read(recent, (const uint8_t *)text, (uint32_t)strlen(text), false);
    }
    for (; ids[count]; count++) {
        g_autofree char *other = g_strdup(text);
        memcpy(strstr(other, "aaaa"), ids[count], strlen(ids[count]));
        crm_check_recent_read(recent, (const uint8_t *)other, (uint32_t)strlen(other), false);
        const char *json = crm_recent_dto_json(recent);
        g_autofree char *once = g_strdup_printf("[%u]", count);
        read_text(once);
        kept += json != crm_recent_dto_json(recent);
    }
    end();
    g_assert_true(kept == 0 || kept == count);
    return kept;
}

/* The plain JSON of a message that is kept is written once, and then gets other ids. It is written each time
 * where a reference brings the id back, and where it is long. */
static void
test_json(void)
{
    static const char *const ids[] = {"bbbb", "/<&'", " ~  ", "aaaa", NULL};
#define REFERENCE    "{\"py/id\": 1}"
#define ACK(members) "{\"py/object\": \"dtos.probe_ack.ProbeAck\", " members "}"
    g_assert_true(json_is_kept(MESSAGE("aaaa", "worker1"), ids));
    g_assert_true(json_is_kept("{\"measurement\": \"aaaa\"}", ids + 3)); /* there is no id */
    g_assert_true(json_is_kept(MESSAGE("aaaa", "w\xc2\x9b\xe2\x80\xae"), ids));
    g_assert_true(json_is_kept(ACK("\"id\": \"aaaa\", \"type\": 2, \"\xc2\x85\": \"\xe2\x81\xa6\""), ids));
    g_assert_true(json_is_kept(ACK("\"x\": \"aaaa\", \"id\": \"\", \"type\": 2"), ids + 3));
    g_assert_true(json_is_kept(
        "{\"id\": \"aaaa\", \"py/object\": \"dtos.probe_ack.ProbeAck\", \"id\": \"bbbb\"}", ids + 3));
    g_assert_false(
        json_is_kept("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"py/state\": {\"id\": \"aaaa\", "
                     "\"type\": 2}, \"x\": {\"py/id\": 1}}",
                     ids));
    for (int blanks = 0; blanks < 100; blanks++) {
        g_autofree char *text = g_strdup_printf(ACK("\"x\": [\"%665s\"], \"y\": [" REFERENCE "," REFERENCE
                                                    "," REFERENCE "," REFERENCE "," REFERENCE
                                                    "], \"z\": \"%*s\", \"id\": \"aaaa\", \"type\": 2"),
                                                "", blanks, "");
        const size_t length = 6 * (665 + strlen("[''],")) + (size_t)blanks +
                              strlen("{'id':'aaaa','type':'PROBE_ACK','x':'y':[],'z':''}") - strlen(",");
        g_assert_cmpint(json_is_kept(text, ids), ==, length <= 4096);
    }
#undef REFERENCE
#undef ACK
}

#ifdef __GLIBC__
/* One round over all that a message has to free, kept ones and what is written of them included. */
static void
read_all_once(void)
{
    static const char *const texts[] = {
        MESSAGE("aaaa", "worker1"),
        "{\"\\u0070y/object\": \"\\u0064tos.probe_ack.ProbeAck\", \"\\u0069d\": \"\\u0061\", \"info\": "
        "{\"type\": "
        "\"\\u0048ostType.WORKER\", \"hostname\": \"\\u0068\", \"ports\": \"\\u005b\\u005d\"}}",
        "{\"type\": \"\\u0043rmPktType.REG_ACK\", \"info\": {\"message\": \"\\u0028'a',)\", \"status\": "
        "true}}",
        "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"x\": {\"\\u0070y/tuple\": [1, {\"py/id\": 0}]}, "
        "\"info\": {\"ports\": "
        "[{\"py/id\": 9}], \"a\": 1, \"a\": 2}}",
        "\"{\\\"a\\\": 1}\"",
        "{\"type\": \"t\", \"measurement\": \"\", \"tags\": [\"a\\u003d1\"], \"fields\": [], \"timestamp\": "
        "1}"};
    begin();
    for (size_t i = 0; i < 3 * G_N_ELEMENTS(texts); i++) {
        const crm_message_t *m = read_text(texts[i % G_N_ELEMENTS(texts)]);
        crm_is_message(&m->doc);
        crm_recent_dto_json(recent);
    }
    end();
}

/* What is read again and again takes no memory that grows. */
static void
test_nothing_is_left(void)
{
    for (int warm = 0; warm < 10; warm++) {
        read_all_once();
    }
    /* The smallest leak has 24 bytes a round; what the allocator holds back for the next is no leak. */
    const unsigned rounds = 1000, least = 16;
    const size_t before = mallinfo2().uordblks;
    for (unsigned round = 0; round < rounds; round++) {
        read_all_once();
    }
    g_assert_cmpuint(mallinfo2().uordblks, <=, before + rounds * least);
}
#endif

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
    g_test_add_func("/recent/limits", test_limits);
    g_test_add_func("/recent/what-comes-once", test_what_comes_once);
    g_test_add_func("/recent/places", test_places);
    g_test_add_func("/recent/shared-places", test_shared_places);
    g_test_add_func("/recent/last-bytes", test_last_bytes);
    g_test_add_func("/recent/id-elsewhere", test_id_elsewhere);
    g_test_add_func("/recent/json", test_json);
#ifdef __GLIBC__
    g_test_add_func("/recent/nothing-is-left", test_nothing_is_left);
#endif
    g_test_add_func("/recent/files", test_files);
    return g_test_run();
}
