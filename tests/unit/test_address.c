/* test_address.c
 * Addresses as text: which family, which bytes, and which are the same
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "message/address.h"

#include <glib.h>
#include <string.h>

/* Bytes as hexadecimal digits. */
static char *
hexadecimal(const uint8_t *bytes, size_t count)
{
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(out, "%02x", bytes[i]);
    }
    return g_string_free(out, FALSE);
}

static void
test_addresses(void)
{
    static const struct {
        const char *text;
        crm_address_family_t family;
        const char *bytes;
        crm_address_family_t canonical_family;
        const char *canonical;
    } cases[] = {
        {"10.0.0.2", CRM_ADDRESS_IPV4, "0a000002", CRM_ADDRESS_IPV4, "0a000002"},
        {"255.255.255.255", CRM_ADDRESS_IPV4, "ffffffff", CRM_ADDRESS_IPV4, "ffffffff"},
        {"::ffff:10.0.0.2", CRM_ADDRESS_IPV6, "00000000000000000000ffff0a000002", CRM_ADDRESS_IPV4,
         "0a000002"},
        {"::FFFF:a00:2", CRM_ADDRESS_IPV6, "00000000000000000000ffff0a000002", CRM_ADDRESS_IPV4, "0a000002"},
        {"::ffff:10.0.0.2%eth0", CRM_ADDRESS_IPV6, "00000000000000000000ffff0a000002", CRM_ADDRESS_IPV4,
         "0a000002"},
        {"::10.0.0.2", CRM_ADDRESS_IPV6, "0000000000000000000000000a000002", CRM_ADDRESS_IPV6,
         "0000000000000000000000000a000002"},
        {"fe80::1%eth0", CRM_ADDRESS_IPV6, "fe800000000000000000000000000001", CRM_ADDRESS_IPV6,
         "fe800000000000000000000000000001"},
        {"2001:DB8::1", CRM_ADDRESS_IPV6, "20010db8000000000000000000000001", CRM_ADDRESS_IPV6,
         "20010db8000000000000000000000001"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%a-zone-with-a-long-name", CRM_ADDRESS_IPV6,
         "ffffffffffffffffffffffffffffffff", CRM_ADDRESS_IPV6, "ffffffffffffffffffffffffffffffff"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        crm_address_t address;
        g_test_message("%s", cases[i].text);
        g_assert_true(crm_address_read(cases[i].text, &address));
        g_assert_cmpint(address.family, ==, cases[i].family);
        g_assert_cmpint(address.canonical_family, ==, cases[i].canonical_family);
        char *bytes = hexadecimal(address.bytes, strlen(cases[i].bytes) / 2);
        char *canonical = hexadecimal(address.canonical, strlen(cases[i].canonical) / 2);
        g_assert_cmpstr(bytes, ==, cases[i].bytes);
        g_assert_cmpstr(canonical, ==, cases[i].canonical);
        g_free(bytes);
        g_free(canonical);
    }
}

/* Nothing is left of what was there before, nor of what looked like the
 * beginning of an address. */
static void
test_no_addresses(void)
{
    static const char *const texts[] = {
        "",
        "%",
        "%eth0",
        "10.0.0",
        "10.0.0.2.3",
        "10.0.0.2%eth0",
        "256.0.0.1",
        "1::2::3",
        "fe80::g",
        " 10.0.0.2",
        "10.0.0.2 ",
        "worker1",
        "10.0.0.02x",
        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555555",
        "1:2:3:4:5:6:7:8:9",
        "0x7f000001",
        "2130706433",
    };
    static const uint8_t zeros[16];

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        crm_address_t address;
        memset(&address, 0xff, sizeof address);
        g_test_message("%s", texts[i]);
        g_assert_false(crm_address_read(texts[i], &address));
        g_assert_cmpint(address.family, ==, CRM_ADDRESS_INVALID);
        g_assert_cmpint(address.canonical_family, ==, CRM_ADDRESS_INVALID);
        g_assert_cmpint(memcmp(address.bytes, zeros, sizeof zeros), ==, 0);
        g_assert_cmpint(memcmp(address.canonical, zeros, sizeof zeros), ==, 0);
    }
}

/* What is not used is 0, so that whole addresses can be compared. */
static void
test_same_address_same_bytes(void)
{
    crm_address_t a, b;

    memset(&a, 0xff, sizeof a);
    memset(&b, 0x55, sizeof b);
    g_assert_true(crm_address_read("10.0.0.2", &a) && crm_address_read("::ffff:10.0.0.2", &b));
    g_assert_cmpint(memcmp(a.canonical, b.canonical, sizeof a.canonical), ==, 0);
    g_assert_cmpint(memcmp(a.bytes, b.bytes, sizeof a.bytes), !=, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/addresses", test_addresses);
    g_test_add_func("/address/no-addresses", test_no_addresses);
    g_test_add_func("/address/same-address-same-bytes", test_same_address_same_bytes);
    return g_test_run();
}
