/* cause.c
 * What a sender did wrong, where its bytes tell
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "cause.h"

#include "pickle.h"
#include "scan.h"

#define CRM_CAUSE_BYTES "Python's text of bytes, not the bytes"

/* b'{"id": ...}' */
static bool
is_bytes_text(const uint8_t *p, const uint8_t *end)
{
    return crm_begins_with(p, end, "b'") || crm_begins_with(p, end, "b\"");
}

static bool
is_word(const uint8_t *p, const uint8_t *end, const char *word)
{
    const uint8_t *after = p + strlen(word);
    return crm_begins_with(p, end, word) && (after == end || !(g_ascii_isalnum(*after) || *after == '_'));
}

/* {'id': ..., 'flag': True}: the error is at what JSON does not have. */
static bool
is_python_value(const uint8_t *p, const uint8_t *begin, const uint8_t *end)
{
    if (*p == '\'') {
        return p == begin || p[-1] != '\\';
    }
    return is_word(p, end, "True") || is_word(p, end, "False") || is_word(p, end, "None");
}

static const char *
python_text(const uint8_t *document)
{
    return *document == '{'   ? "Python's text of a dictionary, not JSON"
           : *document == '[' ? "Python's text of a list, not JSON"
                              : "Python's text of a value, not JSON";
}

static uint32_t
count_nuls(const uint8_t *p, const uint8_t *end)
{
    const uint32_t count = (uint32_t)(end - p);
    while (p < end && *p == '\0') {
        p++;
    }
    return p == end ? count : 0;
}

/* Whether a document's root is an object or array that has its end. A number or a
 * literal with no delimiter behind it leaves no token. */
static bool
is_container(const crm_json_t *doc)
{
    return doc->count > 0 && doc->tokens[0].type <= CRM_JSON_ARRAY && !(doc->tokens[0].flags & CRM_JSON_OPEN);
}

/* The byte at which a document is wrong. */
static void
append_cause_at(const crm_json_t *doc, const uint8_t *at, GString *out)
{
    const uint8_t *begin = doc->data, *end = begin + doc->length, *document = crm_skip_space(begin, end);
    const uint32_t nuls = count_nuls(at, end);

    if (at == document && is_bytes_text(at, end)) {
        g_string_append(out, ": " CRM_CAUSE_BYTES);
    } else if (at == begin && crm_begins_with(at, end, "\xef\xbb\xbf")) {
        g_string_append(out, ": the receiver decodes UTF-8 without one; Python's utf-8-sig writes it");
    } else if (at == begin &&
               (crm_begins_with(at, end, "\xff\xfe") || crm_begins_with(at, end, "\xfe\xff"))) {
        g_string_append(out, ": a byte order mark of UTF-16, and the receiver decodes UTF-8");
    } else if (nuls) {
        g_string_append_printf(out,
                               ": the datagram ends in %u NUL byte%s: the sender pads, or sends its buffer",
                               nuls, nuls == 1 ? "" : "s");
    } else if ((*at == '{' || *at == '[') && is_container(doc)) {
        g_string_append(out, ": two messages in one datagram: a receiver reads one");
    } else if (is_python_value(at, begin, end)) {
        g_string_append_printf(out, ": %s", python_text(document));
    }
}

void
crm_cause_append(const crm_json_t *doc, GString *out)
{
    static const uint32_t buffers[] = {512, 1024, 1400, 1472, 2048, 4096, 8192, 65507};

    if (doc->status == CRM_JSON_SYNTAX) {
        append_cause_at(doc, doc->data + doc->error_at, out);
    }
    for (unsigned i = 0; doc->status == CRM_JSON_END && i < G_N_ELEMENTS(buffers); i++) {
        if (doc->length == buffers[i]) {
            g_string_append_printf(out, ": %u bytes, as long as a buffer: the sender cuts", doc->length);
        }
    }
}

/* Whether a text is an object or array in JSON. */
static bool
holds_json(const char *text, size_t length)
{
    const uint8_t *begin = (const uint8_t *)text, *p = crm_skip_space(begin, begin + length);
    crm_json_t inner;

    if (p == begin + length || (*p != '{' && *p != '[')) {
        return false;
    }
    crm_json_init(&inner);
    const bool holds = crm_json_read(&inner, begin, (uint32_t)length);
    crm_json_clear(&inner);
    return holds;
}

const char *
crm_cause_of_string(const crm_json_t *doc, uint32_t string)
{
    size_t length;
    const char *text = crm_json_text(doc, string, &length), *cause = NULL;

    if (holds_json(text, length)) {
        cause = "encoded twice: the string itself holds JSON";
    } else if (is_bytes_text((const uint8_t *)text, (const uint8_t *)text + length)) {
        cause = CRM_CAUSE_BYTES;
    } else if (crm_pickle_is_object_text(text, length)) {
        cause = "Python's text of an object, as jsonpickle writes it with max_depth or make_refs=False";
    }
    return cause;
}
