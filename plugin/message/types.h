/* types.h
 * The vocabulary of CRM: packet and host types, classes, fields, encodings, findings
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Below everything else that speaks of messages. Each list stands here once;
 * who needs a name, a number or a table of one expands it.
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
enum { CRM_PACKET_TYPES(CRM_ENUM_CONSTANT) };
enum { CRM_HOST_TYPES(CRM_ENUM_CONSTANT) };

typedef enum {
    CRM_CLASS_NONE,
    CRM_CLASS_PROBE_INIT,
    CRM_CLASS_PROBE_ACK,
    CRM_CLASS_REGISTER_ACK,
    CRM_CLASS_QUERY_ACK,
    CRM_CLASS_METRIC_INIT,
    CRM_CLASS_REPORT_INIT,
    CRM_CLASS_HOST_INFO,
    CRM_CLASS_METRIC_INFO,
    CRM_CLASS_COLLECTOR_INFO,
    CRM_CLASS_WORKER_INFO,
    CRM_CLASS_REGISTER_INFO,
    CRM_CLASS_PORT_INFO,
    CRM_CLASS_FILTER_INFO,
    CRM_CLASS_CRITERION,
    CRM_CLASS_COUNT
} crm_class_t;

/* What a node is, thus which field shows it. */
typedef enum {
    CRM_FIELD_NONE, /* an attribute without a field of its own: a list, or not what the DTO has */
    CRM_FIELD_MESSAGE,
    CRM_FIELD_TYPE,
    CRM_FIELD_OBJECT,
    CRM_FIELD_ID,
    CRM_FIELD_HOST_INFO,
    CRM_FIELD_HOSTNAME,
    CRM_FIELD_INET_ADDR,
    CRM_FIELD_HOST_TYPE,
    CRM_FIELD_PORT_INFO,
    CRM_FIELD_DAEMON,
    CRM_FIELD_PORT,
    CRM_FIELD_REGISTER_INFO,
    CRM_FIELD_STATUS,
    CRM_FIELD_REGISTER_MESSAGE,
    CRM_FIELD_MAX_RETRIES,
    CRM_FIELD_JOB,
    CRM_FIELD_FILTER_INFO,
    CRM_FIELD_CATEGORY,
    CRM_FIELD_CRITERION,
    CRM_FIELD_FIELD_NAME,
    CRM_FIELD_FIELD_VALUE,
    CRM_FIELD_REGEX,
    CRM_FIELD_REPORT_TYPE,
    CRM_FIELD_MEASUREMENT,
    CRM_FIELD_TAG,
    CRM_FIELD_FIELD,
    CRM_FIELD_TIMESTAMP,
    CRM_FIELD_MEMBER,
    CRM_FIELD_REFERENCE,
    CRM_FIELD_COUNT
} crm_field_t;

/* X(constant, name): the filter is crm.<name>. In the order of
 * docs/fields.md's table of expert information. */
#define CRM_FINDINGS(X)                                                                                      \
    X(JSON_ERROR, json_error)                                                                                \
    X(JSON_DEPTH, json_depth)                                                                                \
    X(JSON_NONSTANDARD, json_nonstandard)                                                                    \
    X(DUPLICATE_MEMBER, duplicate_member)                                                                    \
    X(UNKNOWN_CLASS, unknown_class)                                                                          \
    X(UNKNOWN_ENUM, unknown_enum)                                                                            \
    X(TYPE_MISMATCH, type_mismatch)                                                                          \
    X(MISSING_MEMBER, missing_member)                                                                        \
    X(WRONG_TYPE, wrong_type)                                                                                \
    X(PORT_OUT_OF_RANGE, port_out_of_range)                                                                  \
    X(INET_ADDR_INVALID, inet_addr_invalid)                                                                  \
    X(UNRESOLVED_REFERENCE, unresolved_reference)

#define CRM_FINDING_CONSTANT(constant, name) CRM_FINDING_##constant,
typedef enum { CRM_FINDINGS(CRM_FINDING_CONSTANT) CRM_FINDING_COUNT } crm_finding_kind_t;

/* X(constant, name): in the order of their numbers in the field crm.encoding. */
#define CRM_ENCODINGS(X)                                                                                     \
    X(JSONPICKLE, "jsonpickle")                                                                              \
    X(STATE, "jsonpickle, py/state")                                                                         \
    X(PLAIN, "plain JSON")

#define CRM_ENCODING_CONSTANT(constant, name) CRM_ENCODING_##constant,
typedef enum {
    CRM_ENCODINGS(CRM_ENCODING_CONSTANT) /**/
    CRM_ENCODING_UNKNOWN                 /* nothing of a broken document tells it */
} crm_encoding_t;

/* The name of an enum's number: `field` is CRM_FIELD_TYPE or
 * CRM_FIELD_HOST_TYPE. NULL where it is not defined; static. */
const char *crm_enum_name(crm_field_t field, int64_t number);

/* An enum as a table: `field` is CRM_FIELD_TYPE or CRM_FIELD_HOST_TYPE. Ends with a row without name; static. */
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

/* "crm.json_error": the filter name of a kind of finding; static. */
const char *crm_finding_name(crm_finding_kind_t kind);

#endif
