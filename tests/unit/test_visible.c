/* test_visible.c
 * What a sender's text becomes before anybody sees it, character by character
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/visible.h"

#include <stdbool.h>
#include <string.h>

/* Beyond it, a step of a prime number of characters. */
#define EACH 0x3000
#define STEP 4099

/* As Unicode has them, so that this is not visible.c once more. */
static bool
is_control(gunichar c)
{
    return g_unichar_type(c) == G_UNICODE_CONTROL;
}

static bool
changes_direction(gunichar c)
{
    static const gunichar formatting[] = {0x202a /* LRE */, 0x202b /* RLE */, 0x202c /* PDF */,
                                          0x202d /* LRO */, 0x202e /* RLO */, 0x2066 /* LRI */,
                                          0x2067 /* RLI */, 0x2068 /* FSI */, 0x2069 /* PDI */};

    for (size_t i = 0; i < G_N_ELEMENTS(formatting); i++) {
        if (c == formatting[i]) {
            return true;
        }
    }
    return false;
}

/* No characters, and XML may not hold them. */
static bool
spoils_xml(gunichar c)
{
    return c == 0xfffe || c == 0xffff;
}

static bool
separates(gunichar c)
{
    return g_unichar_type(c) == G_UNICODE_LINE_SEPARATOR ||
           g_unichar_type(c) == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static gunichar
next(gunichar c)
{
    const gunichar after = c + (c < EACH || spoils_xml(c) ? 1 : STEP);

    if (c < 0xfffe && after > 0xfffe) {
        return 0xfffe;
    }
    return after >= 0xd800 && after < 0xe000 ? 0xe000 : after;
}

/* The character as UTF-8, or as JSON's escape for it. */
static void
append(GString *out, gunichar c, bool escaped)
{
    if (escaped) {
        g_string_append_printf(out, "\\u%04x", c);
    } else {
        g_string_append_unichar(out, c);
    }
}

/* In a field: a terminal obeys none, and what ends a line is tshark's to escape. */
static void
test_safe(void)
{
    for (gunichar c = 1; c <= 0x10ffff; c = next(c)) {
        const bool kept = c == '\t' || c == '\n' || c == '\r';
        g_autoptr(GString) text = g_string_new("\x1b[1m before; then ");
        const gsize from = text->len;
        g_autoptr(GString) expected = g_string_new(text->str);

        g_string_append_unichar(text, c);
        g_string_append(text, "a\xc3\xa9");
        append(expected, c, (is_control(c) && !kept) || changes_direction(c) || spoils_xml(c));
        g_string_append(expected, "a\xc3\xa9");
        crm_make_safe(text, from);
        g_assert_cmpstr(text->str, ==, expected->str);
        g_assert_cmpuint(text->len, ==, expected->len);
    }
}

/* In one line of a list, nothing may end the line. */
static void
test_visible(void)
{
    for (gunichar c = 1; c <= 0x10ffff; c = next(c)) {
        g_autoptr(GString) text = g_string_new("plain ");
        g_autoptr(GString) expected = g_string_new("> plain ");
        g_autoptr(GString) out = g_string_new("> ");

        g_string_append_unichar(text, c);
        g_string_append_c(text, 'z');
        append(expected, c, is_control(c) || changes_direction(c) || spoils_xml(c) || separates(c));
        g_string_append_c(expected, 'z');
        crm_append_visible(out, text->str, 8);
        g_assert_cmpstr(out->str, ==, expected->str);
        if (crm_is_visible(text->str, text->len)) {
            g_assert_cmpstr(text->str, ==, expected->str + 2);
        }
    }
}

/* The limit counts characters, not bytes or what an escape takes. */
static void
test_limit(void)
{
    static const struct {
        const char *text;
        gsize limit;
        const char *expected; /* with the ellipsis, if one is due */
    } cases[] = {
        {"", 0, ""},
        {"", 5, ""},
        {"a", 0, "…"},
        {"abc", 3, "abc"},
        {"abc", 4, "abc"},
        {"abcd", 3, "abc…"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9", 3, "\xc3\xa9\xc3\xa9\xc3\xa9"},
        {"\xc3\xa9\xc3\xa9\xc3\xa9", 2, "\xc3\xa9\xc3\xa9…"},
        {"ab\xc3\xa9", 2, "ab…"},
        {"ab\n\nc", 3, "ab\\u000a…"},
        {"ab\n\nc", 5, "ab\\u000a\\u000ac"},
        {"\x1b"
         "abcdefgh",
         4, "\\u001babc…"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new("> ");
        g_autoptr(GString) start = g_string_new("> ");
        g_autofree char *expected = g_strconcat("> ", cases[i].expected, NULL);

        crm_append_visible(out, cases[i].text, cases[i].limit);
        g_assert_cmpstr(out->str, ==, expected);
        crm_append_start(start, cases[i].text, cases[i].limit);
        if (g_str_has_suffix(expected, "…")) {
            expected[strlen(expected) - strlen("…")] = '\0';
        }
        g_assert_cmpstr(start->str, ==, expected);
        if (crm_is_visible(cases[i].text, cases[i].limit)) {
            g_assert_cmpstr(out->str + 2, ==, cases[i].text);
        }
    }
}

/* Plain text is told at a glance; test_visible() and test_limit() see that nothing else is. */
static void
test_plain(void)
{
    g_assert_true(crm_is_visible("", 0));
    g_assert_true(crm_is_visible("a plain text", strlen("a plain text")));
    g_assert_false(crm_is_visible("a plain text", strlen("a plain text") - 1));
    g_assert_false(crm_is_visible("a\nb", 3));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/visible/safe", test_safe);
    g_test_add_func("/visible/visible", test_visible);
    g_test_add_func("/visible/limit", test_limit);
    g_test_add_func("/visible/plain", test_plain);
    return g_test_run();
}
