/* test_json_cost.c
 * The cost of finding repeated keys, counted in comparisons and not in time
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * This test compiles json.c into itself, with one of its calls counted: each
 * key that the table looks at costs one comparison, and nothing else in there
 * could be more than linear. The keys are as many as a datagram holds, and
 * such as a sender would choose them to meet in one slot.
 */

#include <glib.h>
#include <stdint.h>

static uint64_t comparisons;

static gboolean
counted_equal(const GString *a, const GString *b)
{
    comparisons++;
    return g_string_equal(a, b);
}

#undef g_string_equal
#define g_string_equal counted_equal
#include "message/json.c" // NOLINT(bugprone-suspicious-include): see above

/* Room for the keys in a datagram of 65,507 bytes, each with `"":0,`. */
#define DATAGRAM 65507

/* The keys of one test: writes the i-th one, which differs from all others. */
typedef void (*write_key_t)(GString *out, uint32_t i);

/* 64 characters that stand for themselves in a JSON string. */
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

static void
write_counter(GString *out, uint32_t i)
{
    g_string_append_printf(out, "%u", i);
}

/* A hash that takes words of eight bytes and then its low bits alone cannot
 * tell these: only the last two bytes of a word differ. */
static void
write_last_bytes_of_word(GString *out, uint32_t i)
{
    g_string_append_printf(out, "daemon%c%c", alphabet[i / 64 % 64], alphabet[i % 64]);
    if (i >= 64 * 64) {
        g_string_append(out, "12345678");
    }
}

static void
write_first_bytes_of_word(GString *out, uint32_t i)
{
    g_string_append_printf(out, "%c%c%caaaaa", alphabet[i / 4096 % 64], alphabet[i / 64 % 64],
                           alphabet[i % 64]);
}

/* A difference in the highest bits of one word, taken back in the next one:
 * what a multiplication leaves in place whatever the seed is. */
static void
write_cancelling_words(GString *out, uint32_t i)
{
    for (int bit = 0; bit < 9; bit++) {
        g_string_append(out, i >> bit & 1 ? "0000000a0000200a" : "0000000!0000000!");
    }
    g_string_append_printf(out, "%u", i >> 9);
}

static void
write_nuls(GString *out, uint32_t i)
{
    for (uint32_t n = 0; n < i; n++) {
        g_string_append(out, "\\u0000");
    }
}

/* An object of as many such keys as fit, each of them `times` times. */
static GString *
make_object(write_key_t write_key, uint32_t times, uint32_t *keys)
{
    GString *text = g_string_new("{");

    for (*keys = 0;; ++*keys) {
        const size_t before = text->len;
        for (uint32_t n = 0; n < times; n++) {
            g_string_append_c(text, '"');
            write_key(text, *keys);
            g_string_append(text, "\":0,");
        }
        if (text->len > DATAGRAM) {
            g_string_truncate(text, before - 1); /* the comma */
            return g_string_append_c(text, '}');
        }
    }
}

static void
assert_linear(write_key_t write_key, uint32_t times)
{
    uint32_t keys;
    GString *text = make_object(write_key, times, &keys);
    crm_json_t doc;

    crm_json_init(&doc);
    g_assert_true(crm_json_read(&doc, (const uint8_t *)text->str, (uint32_t)text->len));
    comparisons = 0;
    g_assert_cmpuint(crm_json_mark_repeated_keys(&doc), ==, keys * (times - 1));
    g_test_message("%u keys, %u times each: %" G_GUINT64_FORMAT " comparisons", keys, times, comparisons);
    /* Half of the table is empty at worst: a key meets half of another one on
     * average. Four is far from chance and far from quadratic. */
    g_assert_cmpuint(comparisons, <, UINT64_C(4) * keys * times);
    crm_json_clear(&doc);
    g_string_free(text, TRUE);
}

static void
test_cost(gconstpointer keys)
{
    const write_key_t *write_key = keys;

    assert_linear(*write_key, 1);
    assert_linear(*write_key, 2);
    assert_linear(*write_key, 5);
}

/* A table that were as large for each of many objects as for the largest one
 * would cost the product; what an object costs is its own. */
static void
test_many_objects(void)
{
    GString *text = g_string_new("[");
    crm_json_t doc;
    uint32_t objects = 0;

    for (; text->len < DATAGRAM - 20; objects++) {
        g_string_append(text, "{\"\\u0061\":0,\"a\":1},");
    }
    g_string_append(text, "0]");
    crm_json_init(&doc);
    g_assert_true(crm_json_read(&doc, (const uint8_t *)text->str, (uint32_t)text->len));
    comparisons = 0;
    g_assert_cmpuint(crm_json_mark_repeated_keys(&doc), ==, objects);
    g_assert_cmpuint(comparisons, <, 2 * objects);
    crm_json_clear(&doc);
    g_string_free(text, TRUE);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *path;
        write_key_t write_key;
    } tests[] = {
        {"/json/cost/counter", write_counter},
        {"/json/cost/last-bytes-of-word", write_last_bytes_of_word},
        {"/json/cost/first-bytes-of-word", write_first_bytes_of_word},
        {"/json/cost/cancelling-words", write_cancelling_words},
        {"/json/cost/nuls", write_nuls},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_data_func(tests[i].path, &tests[i].write_key, test_cost);
    }
    g_test_add_func("/json/cost/many-objects", test_many_objects);
    return g_test_run();
}
