/* info.c
 * A datagram in one line: the Info column, and the label of its tree
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "info.h"

#include "copies.h"
#include "message/append.h"
#include "message/summary.h"
#include "points.h"
#include "silence.h"
#include "traffic.h"
#include "whom.h"

/* "WORDS in frame 12] ", where there is a frame to name. */
static void
append_frame(GString *out, const char *words, const char *in_frame, uint32_t number)
{
    const uint32_t frame = crm_frame_of(number);

    crm_append_words(out, words);
    if (frame) {
        crm_append_words(out, in_frame);
        crm_append_uint(out, frame);
    }
    crm_append_words(out, "] ");
}

/* What the original is about, it says itself. */
static void
append_copy(const crm_dissection_t *d, GString *out)
{
    append_frame(out, "[Copy", " of ", crm_copies_original(d->record));
}

static void
append_duplicate(const crm_dissection_t *d, GString *out)
{
    append_frame(out, "[Duplicate", " of ", crm_record_original(d->record));
}

static void
append_lost(const crm_dissection_t *d, GString *out)
{
    const uint16_t lost = crm_copies_lost_at(d->record);
    const char *words = "[not at ";

    for (uint8_t point = 0; lost >> point; point++) {
        if (lost >> point & 1) {
            crm_append_words(out, words);
            crm_append_words(out, crm_point_label(d->pinfo->pool, point));
            words = ", ";
        }
    }
    crm_append_words(out, "] ");
}

/* Who is silent at a collector's latest probe, nobody knows yet: until its next one comes, it tells of the
 * one before it. On a single pass each is the latest; and of a live capture, Wireshark draws a row on a later
 * pass, and then keeps it. */
static const crm_record_t *
silent_probe(const crm_record_t *r)
{
    if (r->type != CRM_PROBE_INIT) {
        return NULL;
    }
    if (r->probe.next != CRM_NO_RECORD) {
        return r;
    }
    return r->probe.previous == CRM_NO_RECORD ? NULL : crm_record_at(r->probe.previous);
}

static void
append_silence(const crm_dissection_t *d, GString *out)
{
    const crm_record_t *probe = silent_probe(d->record);
    const bool is_this = probe == d->record;

    g_string_append_printf(out, "[%u silent", crm_silence_count(probe));
    append_frame(out, "", " in frame ", is_this ? CRM_NO_RECORD : d->record->probe.previous);
}

static void
append_conflict(const crm_dissection_t *d, GString *out)
{
    static const char *const words[] = {
        [CRM_NAME_CONFLICT] = "[another address",
        [CRM_ADDRESS_CONFLICT] = "[another name",
        [CRM_SOURCE_CONFLICT] = "[another host",
    };

    append_frame(out, words[d->record->conflict_kind], " in frame ", d->record->conflict);
}

static void
append_no_response(const crm_dissection_t *d _U_, GString *out)
{
    crm_append_words(out, "[no ProbeAck] ");
}

static void
append_no_register(const crm_dissection_t *d _U_, GString *out)
{
    crm_append_words(out, "[no RegisterAck] ");
}

static void
append_mismatch(const crm_dissection_t *d, GString *out)
{
    g_string_append_printf(out, "[from %s] ", address_to_str(d->pinfo->pool, &d->pinfo->src));
}

/* Of the traffic, in this order: the first are told. How a registration ended, the summary tells. */
static const struct {
    crm_traffic_finding_t finding;
    void (*append)(const crm_dissection_t *d, GString *out);
} traffic[] = {
    {CRM_TRAFFIC_DUPLICATE, append_duplicate},         {CRM_TRAFFIC_LOST_DATAGRAM, append_lost},
    {CRM_TRAFFIC_HOST_SILENT, append_silence},         {CRM_TRAFFIC_HOSTNAME_CONFLICT, append_conflict},
    {CRM_TRAFFIC_NO_RESPONSE, append_no_response},     {CRM_TRAFFIC_NO_REGISTER, append_no_register},
    {CRM_TRAFFIC_INET_ADDR_MISMATCH, append_mismatch},
};

/* These two are the registration's. */
G_STATIC_ASSERT(array_length(traffic) == CRM_TRAFFIC_FINDING_COUNT - 2);

static bool
is_told(const crm_dissection_t *d, crm_traffic_finding_t finding)
{
    if (finding != CRM_TRAFFIC_HOST_SILENT) {
        return crm_traffic_has(d->traffic, finding);
    }
    const crm_record_t *probe = d->record ? silent_probe(d->record) : NULL;
    return probe && crm_silence_count(probe);
}

static void
append_traffic(const crm_dissection_t *d, GString *out, unsigned found)
{
    if (d->record && crm_copies_is_copy(d->record)) {
        append_copy(d, out);
        found++;
    }
    for (unsigned n = 0; n < array_length(traffic) && found < CRM_INFO_MAX_FINDINGS; n++) {
        if (is_told(d, traffic[n].finding)) {
            traffic[n].append(d, out);
            found++;
        }
    }
}

void
crm_info_append(const crm_dissection_t *d, GString *out)
{
    append_traffic(d, out, crm_message_append_finding(d->m, out));
    /* A RegisterAck does not say itself whom it is about. */
    crm_message_summarise(d->m, crm_whom_type(d) == CRM_REG_ACK ? crm_whom_worker(d) : NULL, out);
    if (out->len && out->str[out->len - 1] == ' ') { /* a finding is all that there is */
        g_string_truncate(out, out->len - 1);
    }
}

void
crm_info_append_root(const crm_dissection_t *d, GString *out)
{
    const crm_outcome_t outcome = crm_register_outcome(d->m);
    const gsize before = out->len;

    g_string_append(out, ", ");
    crm_message_append_type(d->m, out);
    if (out->len == before + 2) {
        g_string_append(out, "no message");
    } else if (outcome != CRM_NO_OUTCOME) {
        g_string_append_printf(out, " %s", crm_outcome_name(outcome));
    }
}
