/* hosts.c
 * Hosts, and the endpoints from which they talk
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "hosts.h"

#include <string.h>

#include "store.h"
#include "text.h"

/* Bytes of a host's name and address that are kept: more than DNS allows. */
#define CRM_MAX_HOST_TEXT 255

static crm_store_t hosts = {.size = sizeof(crm_host_t)};
static GStringChunk *texts; /* their names and addresses: most are shorter than what wmem adds to each */

static void
begin_file(void)
{
    texts = g_string_chunk_new(4096);
}

static void
end_file(void)
{
    g_string_chunk_free(texts);
}

void
crm_hosts_register(void)
{
    crm_endpoints_register();
    register_init_routine(begin_file);
    register_cleanup_routine(end_file);
}

crm_host_t *
crm_host_at(uint32_t number)
{
    return (crm_host_t *)crm_store_at(&hosts, number);
}

/* A sender's text of any length, or the beginning of it. */
static void
append_start(GString *out, const char *text)
{
    if (strlen(text) <= CRM_MAX_HOST_TEXT) {
        g_string_append(out, text);
        return;
    }
    g_string_append_len(out, text, (gssize)crm_text_cut(text, CRM_MAX_HOST_TEXT));
    g_string_append(out, CRM_ELLIPSIS);
}

/* One behind the other, as crm_host_address() reads them. */
static const char *
keep_texts(const char *name, const char *addr)
{
    GString *both = g_string_new(NULL);

    append_start(both, name);
    g_string_append_c(both, '\0');
    append_start(both, addr);
    const char *kept = g_string_chunk_insert_len(texts, both->str, (gssize)both->len);
    g_string_free(both, TRUE);
    return kept;
}

uint32_t
crm_host_add(crm_role_t role, const crm_endpoint_key_t *source, const char *name, const char *addr)
{
    const crm_host_t host = {
        .name = keep_texts(name, addr),
        .source = *source,
        .latest_probe = CRM_NO_RECORD,
        .said_in = CRM_NO_RECORD,
        .named = CRM_NO_NAME,
        .rivals = CRM_NO_RIVALS,
        .first_pair = CRM_NO_PAIR,
        .first_listed = CRM_NO_PAIR,
        .collector = CRM_NO_COLLECTOR,
        .role = (uint8_t)role,
    };
    return crm_store_append(&hosts, &host);
}

void
crm_host_set_texts(crm_host_t *host, const char *name, const char *addr)
{
    host->name = keep_texts(name, addr);
}

uint32_t
crm_host_known_at(const packet_info *pinfo, const address *a, uint32_t port, crm_role_t role)
{
    const crm_endpoint_key_t key = crm_endpoint_key(pinfo, a, port);
    return key.kind ? crm_endpoint_host(&key, role) : CRM_NO_HOST;
}

uint32_t
crm_host_of_endpoint(packet_info *pinfo, const address *a, uint32_t port, crm_role_t role)
{
    const uint32_t known = crm_host_known_at(pinfo, a, port, role);

    if (known != CRM_NO_HOST) {
        return known;
    }
    const crm_endpoint_key_t key = crm_endpoint_key(pinfo, a, 0);
    if (key.kind == 0) {
        return CRM_NO_HOST;
    }
    const uint32_t host = crm_host_add(role, &key, "", address_to_str(pinfo->pool, a));
    crm_endpoint_set_host(&key, role == CRM_ROLE_UNKNOWN ? CRM_ROLE_WORKER : role, host, CRM_NO_RECORD);
    return host;
}

bool
crm_host_sends_from_address(const crm_host_t *host, const crm_endpoint_key_t *source)
{
    return host->source.kind == source->kind &&
           memcmp(host->source.bytes, source->bytes, sizeof source->bytes) == 0;
}

bool
crm_host_announces(const crm_host_t *host, const crm_endpoint_key_t *key)
{
    return host->announced_kind == key->kind &&
           memcmp(host->announced, key->bytes, sizeof host->announced) == 0;
}

bool
crm_host_address_mismatch(const crm_record_t *r, const packet_info *pinfo)
{
    if (!crm_record_names_sender(r) || r->sender == CRM_NO_HOST) {
        return false;
    }
    const crm_host_t *host = crm_host_at(r->sender);
    const crm_endpoint_key_t source = crm_endpoint_key(pinfo, &pinfo->src, 0);
    return host->announced_kind && crm_endpoint_is_ip(&source) && !crm_host_announces(host, &source);
}
