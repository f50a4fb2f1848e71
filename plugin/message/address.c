/* address.c
 * An IP address that someone wrote as text
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "address.h"

#include <string.h>

/* GLib's own (GInetAddress) would allocate an object for each. */
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#endif

static void
set_canonical(crm_address_t *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address->family == CRM_ADDRESS_IPV6 && memcmp(address->bytes, mapped, sizeof mapped) == 0) {
        address->canonical_family = CRM_ADDRESS_IPV4;
        memcpy(address->canonical, address->bytes + sizeof mapped, 4);
    } else {
        address->canonical_family = address->family;
        memcpy(address->canonical, address->bytes, sizeof address->bytes);
    }
}

bool
crm_address_read(const char *text, crm_address_t *address)
{
    char without_zone[INET6_ADDRSTRLEN];
    const size_t length = strcspn(text, "%");

    memset(address, 0, sizeof *address);
    if (length >= sizeof without_zone) {
        return false;
    }
    memcpy(without_zone, text, length);
    without_zone[length] = '\0';
    if (inet_pton(AF_INET6, without_zone, address->bytes) == 1) {
        address->family = CRM_ADDRESS_IPV6;
    } else {
        memset(address->bytes, 0, sizeof address->bytes); /* some write what they read before they fail */
        if (text[length] == '\0' && inet_pton(AF_INET, without_zone, address->bytes) == 1) {
            address->family = CRM_ADDRESS_IPV4;
        }
    }
    set_canonical(address);
    return address->family != CRM_ADDRESS_INVALID;
}
