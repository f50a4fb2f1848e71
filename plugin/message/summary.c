/* summary.c
 * A message in one line, for the packet list
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "summary.h"

#include <inttypes.h>

#include "append.h"
#include "schema.h"
#include "visible.h"

/* What fits in a packet list: the first daemons, the beginning of long texts. */
#define CRM_SUMMARY_MAX_DAEMONS    6
#define CRM_SUMMARY_MAX_CHARACTERS 80
#define CRM_SUMMARY_ID_CHARACTERS  8 /* the first group of a UUID */

static const crm_node_t *
sent(const crm_message_t *m, crm_field_t field)
{
    return m->first[field] == CRM_NO_NODE ? NULL : &m->nodes[m->first[field]];
}

static void
append_text(const crm_message_t *m, GString *out, const char *before, crm_field_t field)
{
    const crm_node_t *node = sent(m, field);
    const char *text = node ? crm_message_text(m, node->text) : "";

    if (*text) {
        crm_append_words(out, before);
        crm_append_visible(out, text, CRM_SUMMARY_MAX_CHARACTERS);
    }
}

const char *
crm_message_type_name(const crm_message_t *message)
{
    const crm_node_t *type = sent(message, CRM_FIELD_TYPE);
    const char *name = NULL;

    if (type) {
        name = crm_enum_name(CRM_FIELD_TYPE, type->number);
        return name ? name : "Unknown packet type";
    }
    if (message->class != CRM_CLASS_NONE) {
        name = crm_enum_name(CRM_FIELD_TYPE, crm_class_packet_type(message->class));
        return name ? name : crm_class_name(message->class);
    }
    return NULL;
}

void
crm_message_append_type(const crm_message_t *m, GString *out)
{
    const crm_node_t *type = sent(m, CRM_FIELD_TYPE);
    const char *name = crm_message_type_name(m);

    crm_append_words(out, name ? name : "");
    if (type && crm_enum_name(CRM_FIELD_TYPE, type->number) == NULL) {
        g_string_append_printf(out, " %" PRId64, type->number);
    }
}

/* A QueryAck's own; a HostInfo has one in each of its queries. */
static void
append_job(const crm_message_t *m, GString *out)
{
    if (crm_message_child(m, 0, CRM_FIELD_JOB) != CRM_NO_NODE) {
        append_text(m, out, " ", CRM_FIELD_JOB);
    }
}

static void
append_daemons(const crm_message_t *m, GString *out)
{
    const crm_node_t *host = sent(m, CRM_FIELD_HOST_INFO);
    unsigned count = 0;

    if (!host) {
        return;
    }
    const uint32_t first = m->first[CRM_FIELD_HOST_INFO];
    for (uint32_t n = first + 1; n < host->next; n++) {
        const crm_node_t *node = &m->nodes[n];
        if (node->field == CRM_FIELD_PORT_INFO && node->text != CRM_NO_TEXT &&
            ++count <= CRM_SUMMARY_MAX_DAEMONS) {
            crm_append_words(out, count == 1 ? ", " : " ");
            crm_append_visible(out, crm_message_text(m, node->text), CRM_SUMMARY_MAX_CHARACTERS);
        }
    }
    if (count > CRM_SUMMARY_MAX_DAEMONS) {
        g_string_append_printf(out, " and %u more", count - CRM_SUMMARY_MAX_DAEMONS);
    }
}

static void
append_retries(const crm_message_t *m, GString *out)
{
    const crm_node_t *retries = sent(m, CRM_FIELD_MAX_RETRIES);

    if (retries) {
        g_string_append_printf(out, ", %" PRId64 " %s left", retries->number,
                               retries->number == 1 ? "retry" : "retries");
    }
}

static void
append_registration(const crm_message_t *m, GString *out)
{
    const crm_outcome_t outcome = crm_register_outcome(m);

    if (outcome != CRM_NO_OUTCOME) {
        crm_append_words(out, " ");
        crm_append_words(out, crm_outcome_name(outcome));
    }
    if (outcome == CRM_FAILED) {
        append_retries(m, out);
    }
    append_text(m, out, ": ", CRM_FIELD_REGISTER_MESSAGE);
}

static void
append_report(const crm_message_t *m, GString *out)
{
    unsigned count = 0;

    append_text(m, out, " ", CRM_FIELD_MEASUREMENT);
    for (uint32_t n = 1; n < m->count && count < CRM_SUMMARY_MAX_DAEMONS; n++) {
        if (m->nodes[n].field == CRM_FIELD_TAG || m->nodes[n].field == CRM_FIELD_FIELD) {
            g_string_append_c(out, ' ');
            crm_append_visible(out, crm_message_text(m, m->nodes[n].text), CRM_SUMMARY_MAX_CHARACTERS);
            count++;
        }
    }
}

static void
append_id(const crm_message_t *m, GString *out)
{
    const crm_node_t *id = sent(m, CRM_FIELD_ID);

    if (id) {
        const char *text = crm_message_text(m, id->text);
        crm_append_words(out, out->len == 0 || out->str[out->len - 1] == ' ' ? "id=" : ", id=");
        crm_append_start(out, text, CRM_SUMMARY_ID_CHARACTERS);
    }
}

/* What it does not say itself, but whoever knows more. */
static void
append_about(const char *about, GString *out)
{
    if (about) {
        crm_append_words(out, " ");
        crm_append_visible(out, about, CRM_SUMMARY_MAX_CHARACTERS);
    }
}

/* What is the same in all messages that differ in their ids alone. */
static void
append_content(const crm_message_t *m, GString *out)
{
    append_text(m, out, " ", CRM_FIELD_HOSTNAME);
    append_job(m, out);
    append_text(m, out, " ", CRM_FIELD_INET_ADDR);
    append_daemons(m, out);
    append_registration(m, out);
    append_report(m, out);
}

void
crm_message_summarise(const crm_message_t *message, const char *about, GString *out)
{
    crm_message_append_type(message, out);
    append_about(about, out);
    if (message->summary == CRM_NO_TEXT) {
        append_content(message, out);
    } else {
        crm_append_words(out, crm_message_text(message, message->summary));
    }
    append_id(message, out);
}

void
crm_message_keep_summary(crm_message_t *message)
{
    GString *summary = g_string_new(NULL);
    const uint32_t text = (uint32_t)message->text->len;

    append_content(message, summary);
    /* Texts stand behind each other, each with its NUL. */
    crm_append(message->text, summary->str, summary->len + 1);
    message->summary = text;
    g_string_free(summary, TRUE);
}

/* The first of the most severe. */
static const crm_finding_t *
worst_finding(const crm_message_t *m)
{
    const crm_finding_t *worst = NULL;

    for (uint32_t f = 0; f < m->finding_count; f++) {
        const crm_finding_t *finding = &m->findings[f];
        if (!worst || crm_finding_severity((crm_finding_kind_t)finding->kind) >
                          crm_finding_severity((crm_finding_kind_t)worst->kind)) {
            worst = finding;
        }
    }
    return worst;
}

bool
crm_message_append_finding(const crm_message_t *message, GString *out)
{
    const crm_finding_t *finding = worst_finding(message);

    if (finding == NULL) {
        return false;
    }
    const crm_finding_kind_t kind = (crm_finding_kind_t)finding->kind;
    crm_append_words(out, crm_finding_severity(kind) == CRM_SEVERITY_ERROR ? "[Malformed: "
                          : kind == CRM_FINDING_UNKNOWN_CLASS              ? "[Unknown: "
                                                                           : "[");
    crm_append_visible(out, crm_message_text(message, finding->text), 2 * CRM_SUMMARY_MAX_CHARACTERS);
    crm_append_words(out, "] ");
    return true;
}
