/* types.h
 * The vocabulary of CRM: packet and host types, classes, fields, encodings, findings
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Below everything else that speaks of messages. Each list is here once; whoever
 * needs names, numbers or a table of it expands it.
 */

#ifndef CRM_TYPES_H
#define CRM_TYPES_H

#include <stdbool.h>
#include <stdint.h>

/* X(number, name, whether crm-dtos has it; vrmjobs has them all) */
#define CRM_PACKET_TYPES(X)                                                                                  \
    X(1, PROBE_INIT, true)                                                                                   \
    X(2, PROBE_ACK, true)                                                                                    \
    X(3, REG_ACK, true)                                                                                      \
    X(4, QUERY_ACK, false)                                                                                   \
    X(100, METRIC_INIT, false)

#define CRM_HOST_TYPES(X)                                                                                    \
    X(1, WORKER, true)                                                                                       \
    X(2, COLLECTOR, true)                                                                                    \
    X(3, MONITOR, false)

#define CRM_ENUM_CONSTANT(number, name, in_dtos) CRM_##name = number,
/* A switch over it has no default: where a new type has a part, the compiler says. */
typedef enum {
    CRM_NO_PACKET_TYPE, /* ReportInit's, and of what is no message */
    CRM_PACKET_TYPES(CRM_ENUM_CONSTANT)
} crm_packet_type_t;
enum { CRM_HOST_TYPES(CRM_ENUM_CONSTANT) };

/* The DTOs. X(constant, module, name, which package, packet type, family, attributes):
 *   constant    CRM_CLASS_<constant>
 *   module      its "py/object" is dtos.<module>.<name>, or vrmjobs.<module>.<name>
 *   package     BOTH, or VRMJOBS, which has them all
 *   type        the number in a message's `type`; 0 for ReportInit and what is no message
 *   family      classes of one family may stand in each other's place
 *   attributes  their table in schema.c
 * The messages come first, and of those ReportInit last. */
#define CRM_CLASSES(X)                                                                                       \
    X(PROBE_INIT, probe_init, ProbeInit, BOTH, CRM_PROBE_INIT, MESSAGE, probe)                               \
    X(PROBE_ACK, probe_ack, ProbeAck, BOTH, CRM_PROBE_ACK, MESSAGE, probe)                                   \
    X(REGISTER_ACK, register_ack, RegisterAck, BOTH, CRM_REG_ACK, MESSAGE, register_ack)                     \
    X(QUERY_ACK, query_ack, QueryAck, VRMJOBS, CRM_QUERY_ACK, MESSAGE, query_ack)                            \
    X(METRIC_INIT, metric_init, MetricInit, VRMJOBS, CRM_METRIC_INIT, MESSAGE, metric_init)                  \
    X(REPORT_INIT, report_init, ReportInit, BOTH, 0, MESSAGE, report_init)                                   \
    X(HOST_INFO, host_info, HostInfo, BOTH, 0, HOST, host_info)                                              \
    X(METRIC_INFO, metric_info, MetricInfo, VRMJOBS, 0, HOST, metric_info)                                   \
    X(COLLECTOR_INFO, collector_info, CollectorInfo, VRMJOBS, 0, HOST, collector_info)                       \
    X(WORKER_INFO, worker_info, WorkerInfo, VRMJOBS, 0, HOST, worker_info)                                   \
    X(REGISTER_INFO, register_info, RegisterInfo, BOTH, 0, REGISTER, register_info)                          \
    X(PORT_INFO, port_info, PortInfo, BOTH, 0, PORT, port_info)                                              \
    X(QUERY_INFO, query_info, QueryInfo, VRMJOBS, 0, QUERY, query_info)                                      \
    X(FILTER_INFO, filter_info, FilterInfo, VRMJOBS, 0, FILTER, filter_info)

#define CRM_CLASS_CONSTANT(constant, ...) CRM_CLASS_##constant,
typedef enum {
    CRM_CLASS_NONE,
    CRM_CLASSES(CRM_CLASS_CONSTANT) /**/
    CRM_CLASS_CRITERION,            /* a plain dictionary, of no package */
    CRM_CLASS_COUNT
} crm_class_t;

/* What a node is, thus which field of the dissector shows it: X(constant). */
#define CRM_FIELDS(X)                                                                                        \
    X(TYPE)                                                                                                  \
    X(OBJECT)                                                                                                \
    X(ID)                                                                                                    \
    X(HOST_INFO)                                                                                             \
    X(HOSTNAME)                                                                                              \
    X(INET_ADDR)                                                                                             \
    X(HOST_TYPE)                                                                                             \
    X(PORT_INFO)                                                                                             \
    X(DAEMON)                                                                                                \
    X(PORT)                                                                                                  \
    X(REGISTER_INFO)                                                                                         \
    X(STATUS)                                                                                                \
    X(REGISTER_MESSAGE)                                                                                      \
    X(MAX_RETRIES)                                                                                           \
    X(QUERY_INFO)                                                                                            \
    X(JOB)                                                                                                   \
    X(FILTER_INFO)                                                                                           \
    X(CATEGORY)                                                                                              \
    X(CRITERION)                                                                                             \
    X(FIELD_NAME)                                                                                            \
    X(FIELD_VALUE)                                                                                           \
    X(REGEX)                                                                                                 \
    X(REPORT_TYPE)                                                                                           \
    X(MEASUREMENT)                                                                                           \
    X(TAG)                                                                                                   \
    X(FIELD)                                                                                                 \
    X(TIMESTAMP)                                                                                             \
    X(EXPORTER)                                                                                              \
    X(MEMBER)                                                                                                \
    X(REFERENCE)

#define CRM_FIELD_CONSTANT(constant) CRM_FIELD_##constant,
typedef enum {
    CRM_FIELD_NONE,    /* an attribute without a field of its own: a list, or not what the DTO has */
    CRM_FIELD_MESSAGE, /* the datagram: the protocol's own item */
    CRM_FIELDS(CRM_FIELD_CONSTANT) CRM_FIELD_COUNT
} crm_field_t;

/* X(constant, name, severity): the filter is crm.<name>. In the order of
 * docs/fields.md's table of expert information. */
#define CRM_FINDINGS(X)                                                                                      \
    X(JSON_ERROR, json_error, ERROR)                                                                         \
    X(JSON_DEPTH, json_depth, ERROR)                                                                         \
    X(JSON_NONSTANDARD, json_nonstandard, NOTE)                                                              \
    X(DUPLICATE_MEMBER, duplicate_member, WARNING)                                                           \
    X(UNKNOWN_CLASS, unknown_class, WARNING)                                                                 \
    X(UNKNOWN_ENUM, unknown_enum, WARNING)                                                                   \
    X(TYPE_MISMATCH, type_mismatch, WARNING)                                                                 \
    X(MISSING_MEMBER, missing_member, WARNING)                                                               \
    X(WRONG_TYPE, wrong_type, WARNING)                                                                       \
    X(PORT_OUT_OF_RANGE, port_out_of_range, WARNING)                                                         \
    X(INET_ADDR_INVALID, inet_addr_invalid, WARNING)                                                         \
    X(UNRESOLVED_REFERENCE, unresolved_reference, NOTE)

#define CRM_FINDING_CONSTANT(constant, name, severity) CRM_FINDING_##constant,
typedef enum { CRM_FINDINGS(CRM_FINDING_CONSTANT) CRM_FINDING_COUNT } crm_finding_kind_t;

/* As Wireshark's expert information has them. */
typedef enum { CRM_SEVERITY_NOTE, CRM_SEVERITY_WARNING, CRM_SEVERITY_ERROR } crm_severity_t;

/* X(constant, name): in the order of their numbers in the field crm.encoding. */
#define CRM_ENCODINGS(X)                                                                                     \
    X(JSONPICKLE, "jsonpickle")                                                                              \
    X(STATE, "jsonpickle, py/state")                                                                         \
    X(PLAIN, "plain JSON")

#define CRM_ENCODING_CONSTANT(constant, name) CRM_ENCODING_##constant,
typedef enum {
    CRM_ENCODINGS(CRM_ENCODING_CONSTANT) /**/
    CRM_ENCODING_UNKNOWN                 /* a broken document may not tell */
} crm_encoding_t;

/* How an enum was written. X(constant, name): in the order of their numbers in
 * the field crm.encoding.enum. docs/protocol.md has an example of each. */
#define CRM_ENUM_FORMS(X)                                                                                    \
    X(BY_VALUE, "by value")                                                                                  \
    X(BY_NAME, "by name")                                                                                    \
    X(ATTRIBUTES, "attributes")                                                                              \
    X(BARE, "bare")                                                                                          \
    X(TEXT, "text")

#define CRM_ENUM_FORM_CONSTANT(constant, name) CRM_ENUM_##constant,
typedef enum { CRM_ENUM_FORMS(CRM_ENUM_FORM_CONSTANT) CRM_ENUM_FORM_COUNT } crm_enum_form_t;

/* The name of an enum's number: `field` is CRM_FIELD_TYPE or
 * CRM_FIELD_HOST_TYPE. NULL where it is not defined; static. */
const char *crm_enum_name(crm_field_t field, int64_t number);

/* An enum as a table: `field` is CRM_FIELD_TYPE or CRM_FIELD_HOST_TYPE. Ends with a row without a name;
 * static.
 */
typedef struct {
    int64_t number;
    const char *name;
    bool in_dtos; /* in crm-dtos; vrmjobs has them all */
} crm_enum_row_t;

const crm_enum_row_t *crm_enum_rows(crm_field_t field);

/* The row of a number, or NULL. */
const crm_enum_row_t *crm_enum_row(crm_field_t field, int64_t number);

/* "jsonpickle" ..., "undetermined"; static. */
const char *crm_encoding_name(crm_encoding_t encoding);

crm_severity_t crm_finding_severity(crm_finding_kind_t kind);

/* "crm.json_error": the filter name of a kind of finding; static. */
const char *crm_finding_name(crm_finding_kind_t kind);

#endif
