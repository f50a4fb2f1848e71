/* message.h
 * A CRM datagram as a message: which DTO, which attributes, and what is wrong
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A message is a list of nodes in the order of the document, each with its
 * bytes in the datagram. A node's children follow it, up to `next`. The same
 * message gives the same nodes whatever dialect the sender used.
 *
 * The attributes of each class and the numbers of each enum: docs/protocol.md.
 */

#ifndef CRM_MESSAGE_H
#define CRM_MESSAGE_H

#include "address.h"
#include "json.h"
#include "pickle.h"
#include "types.h"

/* Entries of lists and members that no DTO defines, per datagram. The largest
 * datagram has room for some 1070 PortInfos with "py/object". */
#define CRM_MAX_ENTRIES 2048

/* Findings per datagram; the last one then says how many more there are. */
#define CRM_MAX_FINDINGS 512

/* Bytes that references may bring back, per datagram: as many as a datagram
 * has. Otherwise, thousands of "py/id" could multiply one long object. */
#define CRM_MAX_REFERENCED 65536

typedef enum {
    CRM_VALUE_OBJECT,  /* text, if any: the object in one line (line.h) */
    CRM_VALUE_MEMBERS, /* an object whose members are its children, each a value of one field */
    CRM_VALUE_LIST,
    CRM_VALUE_TEXT,   /* text */
    CRM_VALUE_NUMBER, /* number */
    CRM_VALUE_ENUM,   /* number */
    CRM_VALUE_BOOL,   /* number: 0 or 1 */
    CRM_VALUE_RAW,    /* text: the JSON text of a value that the attribute cannot hold */
    CRM_VALUE_REST    /* number: how many entries or members the limit left out; text says so */
} crm_value_t;

enum {
    CRM_NODE_GENERATED = 1 << 0, /* brought here by a reference from elsewhere in the datagram */
    CRM_NODE_OPEN = 1 << 1,      /* the document breaks off inside it */
    CRM_NODE_REPEATED = 1 << 2   /* the receiver keeps a later member of the same name */
};

#define CRM_NO_TEXT    UINT32_MAX
#define CRM_NO_NODE    UINT32_MAX
#define CRM_NO_FINDING UINT32_MAX

typedef struct {
    int64_t number;   /* of an inet_addr: its crm_address_family_t */
    const char *name; /* the attribute, static; NULL for an entry of a list and for what no DTO defines */
    uint32_t start;   /* bytes of the datagram */
    uint32_t end;
    uint32_t next;    /* the node after this one's children */
    uint32_t token;   /* the value in the document */
    uint32_t text;    /* for crm_message_text(), or CRM_NO_TEXT */
    uint32_t finding; /* the first of this node's findings, or CRM_NO_FINDING */
    uint8_t field;    /* crm_field_t */
    uint8_t value;    /* crm_value_t */
    uint8_t flags;
    uint8_t class; /* crm_class_t of an object */
} crm_node_t;

typedef struct {
    uint32_t start; /* bytes of the datagram; `start` may be its length: no byte to show */
    uint32_t end;
    uint32_t text; /* for crm_message_text() */
    uint32_t next; /* of the same node, or CRM_NO_FINDING */
    uint8_t kind;  /* crm_finding_kind_t */
} crm_finding_t;

/* Reused from datagram to datagram: what a message owns grows to the largest
 * one, so that a datagram of usual size allocates nothing. */
typedef struct {
    crm_json_t doc;

    crm_node_t *nodes; /* the first is the message itself */
    uint32_t count;
    uint32_t capacity;
    uint32_t first[CRM_FIELD_COUNT]; /* the first node of each field that was sent here, or CRM_NO_NODE */

    crm_finding_t *findings;
    uint32_t finding_count;
    uint32_t finding_capacity;
    uint32_t findings_left_out;

    GString *text;

    crm_class_t class;         /* the message, as far as the document tells, or CRM_CLASS_NONE */
    crm_encoding_t encoding;   /* unknown where a broken document does not tell */
    uint8_t enum_forms;        /* bit n: an enum was written in form n of crm_enum_form_t */
    crm_numbering_t numbering; /* as far as the references of attributes tell it */
    bool cut;                  /* as given to crm_message_read() */

    uint32_t content; /* the node that tells what a message says, whatever its id: the info, or all of it */
    uint64_t fingerprint; /* of its bytes */
    uint32_t summary;     /* a text that crm_message_keep_summary() made, or CRM_NO_TEXT */
} crm_message_t;

/* Makes an empty message. Pair with crm_message_clear(). */
void crm_message_init(crm_message_t *message);

/* Frees what the message owns. */
void crm_message_clear(crm_message_t *message);

/* Reads a datagram of `length` bytes, at most 64 KiB in practice. The bytes
 * are borrowed for as long as the message is used. `cut`: the capture holds
 * only the beginning of the datagram, so that its end is not the sender's error.
 * Never fails: what is wrong becomes a finding, and what is known a node. Time and memory are linear in
 * `length`. */
void crm_message_read(crm_message_t *message, const uint8_t *data, uint32_t length, bool cut);

/* Sets `fingerprint`; for whoever has put other bytes under a message that was read. */
void crm_message_set_fingerprint(crm_message_t *message);

/* The packet type of a message that the receiver takes as one of CRM's: of its
 * `type`, or else of its class. 0: it refuses the datagram, or knows no such message. */
uint32_t crm_message_packet_type(const crm_message_t *message);

/* The same of what the receiver refuses, as far as it can be read; 0: it says none. */
uint32_t crm_message_meant_type(const crm_message_t *message);

/* A text of a node or finding, NUL-terminated UTF-8; "" for CRM_NO_TEXT.
 * Valid until the next read. */
const char *crm_message_text(const crm_message_t *message, uint32_t text);

/* The first child of a node that has this field, or CRM_NO_NODE. */
uint32_t crm_message_child(const crm_message_t *message, uint32_t node, crm_field_t field);

/* What a message says of its worker's registration: of `status`, and of the
 * retries that remain where it failed. Only a RegisterAck has an outcome, and
 * only one that its receiver takes as such. */
typedef enum {
    CRM_NO_OUTCOME,
    CRM_REGISTERED,
    CRM_FAILED,   /* and the worker tries again, or nothing is said of that */
    CRM_EXHAUSTED /* no retry remains */
} crm_outcome_t;

crm_outcome_t crm_register_outcome(const crm_message_t *message);

/* "registered", "failed", "exhausted"; "" without an outcome; static. */
const char *crm_outcome_name(crm_outcome_t outcome);

#endif
