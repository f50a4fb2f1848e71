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

#include "answers.h"
#include "copies.h"
#include "hosts.h"
#include "message/append.h"
#include "message/summary.h"
#include "points.h"
#include "silence.h"
#include "whom.h"

/* The frame of a record as "WORDS12", or without a frame to name, OTHERWISE. */
static void
append_frame(GString *out, const char *words, uint32_t number, const char *otherwise)
{
    const uint32_t frame = crm_frame_of(number);

    crm_append_words(out, frame ? words : otherwise);
    if (frame) {
        crm_append_uint(out, frame);
    }
    crm_append_words(out, "] ");
}

static bool
append_duplicate(const crm_dissection_t *d, GString *out)
{
    if (d->record->original == CRM_NO_RECORD) {
        return false;
    }
    append_frame(out, "[Duplicate of ", crm_record_original(d->record), "[Duplicate");
    return true;
}

/* What the original is about, it says itself. */
static bool
append_copy(const crm_dissection_t *d, GString *out)
{
    if (!crm_copies_is_copy(d->record)) {
        return false;
    }
    append_frame(out, "[Copy of ", crm_copies_original(d->record), "[Copy");
    return true;
}

/* On a single pass, what is missing may still come. */
static bool
append_lost(const crm_dissection_t *d, GString *out)
{
    const uint16_t lost = PINFO_FD_VISITED(d->pinfo) ? crm_copies_lost_at(d->record) : 0;
    bool more = false;

    if (lost == 0) {
        return false;
    }
    for (uint8_t point = 0; lost >> point; point++) {
        if (lost >> point & 1) {
            crm_append_words(out, more ? ", " : "[not at ");
            crm_append_words(out, crm_point_label(d->pinfo->pool, point));
            more = true;
        }
    }
    crm_append_words(out, "] ");
    return true;
}

/* A single pass is at the next probe when it learns who was silent. */
static bool
append_silence(const crm_dissection_t *d, GString *out)
{
    const crm_record_t *r = d->record;

    if (r->type != CRM_PROBE_INIT) {
        return false;
    }
    const bool now = PINFO_FD_VISITED(d->pinfo);
    const uint32_t count = now ? crm_silence_count(r)
                           : r->probe.previous == CRM_NO_RECORD
                               ? 0
                               : crm_silence_count(crm_record_at(r->probe.previous));
    if (count == 0) {
        return false;
    }
    g_string_append_printf(out, "[%u silent", count);
    append_frame(out, now ? "" : " in frame ", now ? CRM_NO_RECORD : r->probe.previous, "");
    return true;
}

static bool
append_conflict(const crm_dissection_t *d, GString *out)
{
    const uint8_t flags = d->record->flags;

    if (flags & CRM_RECORD_NAME_CONFLICT) {
        append_frame(out, "[another address in frame ", d->record->conflict, "[another address");
    } else if (flags & CRM_RECORD_ADDRESS_CONFLICT) {
        append_frame(out, "[another name in frame ", d->record->conflict, "[another name");
    } else if (flags & CRM_RECORD_SOURCE_CONFLICT) {
        append_frame(out, "[another host in frame ", d->record->conflict, "[another host");
    }
    return flags & CRM_RECORD_CONFLICTS;
}

static bool
append_no_answer(const crm_dissection_t *d, GString *out)
{
    if (!PINFO_FD_VISITED(d->pinfo) || !crm_answer_is_missing(d->record)) {
        return false;
    }
    g_string_append(out, d->record->type == CRM_PROBE_INIT ? "[no ProbeAck] " : "[no RegisterAck] ");
    return true;
}

static bool
append_elsewhere(const crm_dissection_t *d, GString *out)
{
    if (!crm_host_is_elsewhere(d->record, d->pinfo)) {
        return false;
    }
    g_string_append_printf(out, "[from %s] ", address_to_str(d->pinfo->pool, &d->pinfo->src));
    return true;
}

/* Those of the dialogue, the most severe first. */
static void
append_findings(const crm_dissection_t *d, GString *out, unsigned found)
{
    static bool (*const kinds[])(const crm_dissection_t *, GString *) = {
        append_copy,     append_duplicate, append_lost,      append_silence,
        append_conflict, append_no_answer, append_elsewhere,
    };

    for (unsigned kind = 0; kind < array_length(kinds) && found < CRM_INFO_MAX_FINDINGS; kind++) {
        found += kinds[kind](d, out);
    }
}

void
crm_info_append(const crm_dissection_t *d, GString *out)
{
    const unsigned found = crm_message_append_finding(d->m, out);

    if (d->record) {
        append_findings(d, out, found);
    }
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
