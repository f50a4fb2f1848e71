/* whom.c
 * Whom a datagram is about
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "whom.h"

#include <wsutil/str_util.h>

#include "hosts.h"
#include "text.h"

const char *
crm_whom_name(uint32_t host)
{
    const crm_host_t *h = host == CRM_NO_HOST ? NULL : crm_host_at(host);
    return h == NULL ? "" : *h->name ? h->name : crm_host_address(h);
}

const char *
crm_whom_label(wmem_allocator_t *pool, uint32_t host)
{
    const crm_host_t *h = host == CRM_NO_HOST ? NULL : crm_host_at(host);
    const char *name = h ? crm_text_short(pool, h->name, CRM_LABEL_BYTES) : "";
    const char *addr = h ? crm_text_short(pool, crm_host_address(h), CRM_LABEL_BYTES) : "";

    if (*name && *addr) {
        return wmem_strconcat(pool, name, " (", addr, ")", NULL);
    }
    return *name ? name : *addr ? addr : "a host without address";
}

uint32_t
crm_whom_type(const crm_dissection_t *d)
{
    return d->record && d->record->type ? d->record->type : crm_message_meant_type(d->m);
}

/* A text of the message itself, or NULL: it has none, or an empty one. */
static const char *
text_of(const crm_message_t *m, crm_field_t field)
{
    const uint32_t node = m->first[field];
    const char *text = node != CRM_NO_NODE && m->nodes[node].value == CRM_VALUE_TEXT
                           ? crm_message_text(m, m->nodes[node].text)
                           : "";
    return *text ? text : NULL;
}

/* What the message itself names, or NULL. */
static const char *
named(const crm_message_t *m)
{
    const char *name = text_of(m, CRM_FIELD_HOSTNAME);
    return name ? name : text_of(m, CRM_FIELD_INET_ADDR);
}

/* A host of the dialogue; where that knows none, the address. NULL: neither. */
static const char *
host_or_address(const crm_dissection_t *d, uint32_t host, const address *a)
{
    const char *name = crm_whom_name(host);
    return *name ? name : a->type == AT_NONE ? NULL : address_to_str(d->pinfo->pool, a);
}

static const char *
sender(const crm_dissection_t *d)
{
    return host_or_address(d, d->ends.sender, &d->pinfo->src);
}

static const char *
receiver(const crm_dissection_t *d)
{
    return host_or_address(d, d->ends.receiver, &d->pinfo->dst);
}

/* Of a message that announces its sender. One without a name may be of a host that has told it, or whose
 * address has several spellings: what is said to it has the first. */
static const char *
announced(const crm_dissection_t *d)
{
    const char *name = text_of(d->m, CRM_FIELD_HOSTNAME);
    const uint32_t host = d->ends.sender;

    if (name) {
        return name;
    }
    if (host != CRM_NO_HOST && ((d->record && d->record->type) || *crm_host_at(host)->name)) {
        return sender(d);
    }
    const char *said = text_of(d->m, CRM_FIELD_INET_ADDR);
    return said ? said : sender(d);
}

const char *
crm_whom_worker(const crm_dissection_t *d)
{
    switch ((crm_packet_type_t)crm_whom_type(d)) {
    case CRM_PROBE_ACK:
    case CRM_METRIC_INIT:
        return announced(d);
    case CRM_REG_ACK:
        return receiver(d);
    case CRM_QUERY_ACK:
        return named(d->m);
    case CRM_NO_PACKET_TYPE:
    case CRM_PROBE_INIT:
        break;
    }
    return NULL;
}

const char *
crm_whom_collector(const crm_dissection_t *d)
{
    switch ((crm_packet_type_t)crm_whom_type(d)) {
    case CRM_PROBE_INIT:
        return announced(d);
    case CRM_PROBE_ACK:
        return receiver(d);
    case CRM_REG_ACK:
        return sender(d);
    case CRM_NO_PACKET_TYPE:
    case CRM_QUERY_ACK:
    case CRM_METRIC_INIT:
        break;
    }
    return NULL;
}
