/* test_versions.c
 * What the real classes of every version encode to, against what it means
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     test_versions versions.tsv
 *
 * Of each row, crm.dto has to equal the meaning, as a JSON value; no member is
 * one that no DTO defines, and nothing is found wrong.
 */

#include "message/dto-json.h"
#include "message_check.h"

enum { PYTHON, JSONPICKLE, PACKAGE, CLASS, OPTION, PAYLOAD, MEANING, COLUMNS };

/* One row as a test. */
typedef struct {
    char **columns;
    crm_dto_json_t *writer;
} row_t;

static void
check_row(const void *data)
{
    const row_t *row = data;
    const char *payload = row->columns[PAYLOAD];
    crm_message_t m;

    g_test_message("%s", payload);
    crm_message_init(&m);
    crm_message_read(&m, (const uint8_t *)payload, (uint32_t)strlen(payload), false);
    crm_check_message(&m);
    for (uint32_t n = 0; n < m.count; n++) {
        g_assert_cmpuint(m.nodes[n].field, !=, CRM_FIELD_MEMBER);
        g_assert_cmpuint(m.nodes[n].value, !=, CRM_VALUE_RAW);
    }
    for (uint32_t f = 0; f < m.finding_count; f++) {
        g_test_message("%s", crm_message_text(&m, m.findings[f].text));
    }
    g_assert_cmpuint(m.finding_count, ==, 0);

    const char *json = crm_dto_json_write(row->writer, &m);
    JsonNode *is = json_from_string(json, NULL), *should = json_from_string(row->columns[MEANING], NULL);
    g_test_message("%s", json);
    g_assert_true(json_node_equal(is, should));
    json_node_unref(is);
    json_node_unref(should);
    crm_message_clear(&m);
}

static void
free_row(void *data)
{
    row_t *row = data;

    g_strfreev(row->columns);
    g_free(row);
}

static void
add_row(GPtrArray *rows, const char *line, crm_dto_json_t *writer)
{
    row_t *row = g_new(row_t, 1);
    g_ptr_array_add(rows, row);
    *row = (row_t){g_strsplit(line, "\t", 0), writer};
    g_assert_cmpuint(g_strv_length(row->columns), ==, COLUMNS);
    char *path = g_strdup_printf("/versions/%u/%s/%s/%s/%s/%s", rows->len, row->columns[PYTHON],
                                 row->columns[JSONPICKLE], row->columns[PACKAGE], row->columns[CLASS],
                                 row->columns[OPTION]);
    g_test_add_data_func(path, row, check_row);
    g_free(path);
}

int
main(int argc, char **argv)
{
    crm_dto_json_t writer;
    char *table;
    GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    g_assert_true(g_file_get_contents(argv[1], &table, NULL, NULL));
    crm_dto_json_init(&writer);
    char **lines = g_strsplit(table, "\n", 0);
    for (char **line = lines; *line && **line; line++) {
        add_row(rows, *line, &writer);
    }
    g_assert_cmpuint(rows->len, >, 100);
    g_test_set_nonfatal_assertions(); /* each row that fails is named */
    g_strfreev(lines);
    g_free(table);
    const int status = g_test_run();
    g_ptr_array_unref(rows);
    crm_dto_json_clear(&writer);
    return status;
}
