/* test_references.c
 * References whose number two releases of jsonpickle count differently
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "one_message.h"

/* Two ports, then references. jsonpickle 2 counts the dictionary "x", 1 does not:
 *
 *     py/id                2     3      4       5
 *     with dictionaries    info  ports  first   second
 *     without              ports first  second  nothing
 *
 * so that 4 fits in both ways, 5 only with, 3 only without. */
static void
read_references(const char *references)
{
    g_autofree char *text =
        g_strdup_printf("{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"x\": {}, \"id\": \"i\", \"type\": 2, "
                        "\"info\": {\"py/object\": \"dtos.host_info.HostInfo\", \"hostname\": \"h\", "
                        "\"inet_addr\": \"10.0.0.2\", \"type\": 1, \"ports\": ["
                        "{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"first\", \"port\": 1}, "
                        "{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"second\", \"port\": 2}, "
                        "%s]}}",
                        references);
    read_text(text);
}

#define ID(n) "{\"py/id\": " #n "}"

/* What each reference brought back: "first second ?". */
static void
check_brought_back(const char *expected)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (uint32_t n = 0; n < m.count; n++) {
        if (m.nodes[n].field == CRM_FIELD_REFERENCE) {
            const bool found = m.nodes[n].next > n + 1;
            const uint32_t daemon = found ? crm_message_child(&m, n + 1, CRM_FIELD_DAEMON) : CRM_NO_NODE;
            g_string_append_printf(names, "%s%s", names->len ? " " : "",
                                   found ? crm_message_text(&m, m.nodes[daemon].text) : "?");
        }
    }
    g_assert_cmpstr(names->str, ==, expected);
}

/* Wherever the one that decides stands. */
static void
test_one_that_fits_one_way_decides_for_all(void)
{
    static const struct {
        const char *references, *brought_back;
        crm_numbering_t numbering;
    } cases[] = {
        {ID(4) ", " ID(5), "first second", CRM_NUMBERING_WITH_DICTS},
        {ID(5) ", " ID(4), "second first", CRM_NUMBERING_WITH_DICTS},
        {ID(4) ", " ID(4) ", " ID(5) ", " ID(5), "first first second second", CRM_NUMBERING_WITH_DICTS},
        {ID(4) ", " ID(3), "second first", CRM_NUMBERING_WITHOUT_DICTS},
        {ID(3) ", " ID(4), "first second", CRM_NUMBERING_WITHOUT_DICTS},
        {ID(5), "second", CRM_NUMBERING_WITH_DICTS},
        {ID(3), "first", CRM_NUMBERING_WITHOUT_DICTS},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_references(cases[i].references);
        check_brought_back(cases[i].brought_back);
        g_assert_cmpint(m.numbering, ==, cases[i].numbering);
        g_assert_cmpuint(m.finding_count, ==, 0);
    }
}

/* Without such a one, and where two contradict each other, none is a guess. */
static void
test_what_nothing_decides(void)
{
    static const struct {
        const char *references, *brought_back;
        const char *finding; /* begin of the only one */
    } cases[] = {
        {ID(4), "?", "info.ports[2]: jsonpickle 1.x and 2.x count differently"},
        {ID(4) ", " ID(5) ", " ID(3), "? second first",
         "info.ports[2]: jsonpickle 1.x and 2.x count differently"},
        {ID(3) ", " ID(5) ", " ID(5) ", " ID(4), "first second second ?",
         "info.ports[5]: jsonpickle 1.x and 2.x count differently"},
        {ID(2), "?", "info.ports[2]: nothing that this attribute can hold has this number"},
        {ID(6), "?", "info.ports[2]: nothing that this attribute can hold has this number"},
        {ID(4294967295), "?", "info.ports[2]: nothing that this attribute can hold has this number"},
        {ID(4294967296), "?", "info.ports[2]: a py/id is a number from 0 up"},
        {ID(-1), "?", "info.ports[2]: a py/id is a number from 0 up"},
        {ID("5"), "?", "info.ports[2]: a py/id is a number from 0 up"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        read_references(cases[i].references);
        check_brought_back(cases[i].brought_back);
        g_assert_cmpint(m.numbering, ==, CRM_NUMBERING_UNKNOWN);
        g_assert_cmpuint(m.finding_count, ==, 1);
        g_assert_true(g_str_has_prefix(crm_message_text(&m, m.findings[0].text), cases[i].finding));
    }
}

/* To what has ended, and is of the kind that belongs here: a list, a plain object, an object of the class. */
static void
test_what_a_reference_may_stand_for(void)
{
#define ROOT(x, info) "{\"py/object\": \"dtos.probe_ack.ProbeAck\", \"x\": " x ", \"info\": " info "}"
#define HOST(ports)   "{\"py/object\": \"dtos.host_info.HostInfo\", \"ports\": " ports "}"
#define PORT          "{\"py/object\": \"dtos.port_info.PortInfo\", \"daemon\": \"d\", \"port\": 1}"
#define WORKER(exporters)                                                                                    \
    "{\"py/object\": \"vrmjobs.worker_info.WorkerInfo\", \"exporter_info\": " exporters "}"
#define QUERY(criteria)                                                                                      \
    "{\"py/object\": \"vrmjobs.query_ack.QueryAck\", \"filters\": [{\"py/object\": "                         \
    "\"vrmjobs.filter_info.FilterInfo\", \"criteria\": [" criteria "]}]}"
    static const struct {
        const char *text;
        crm_field_t field;
        unsigned count; /* of the field's nodes, those included that were brought back */
        unsigned unresolved;
    } cases[] = {
        {ROOT("[" PORT "]", HOST(ID(1))), CRM_FIELD_PORT_INFO, 1, 0},
        {ROOT(PORT, HOST(ID(1))), CRM_FIELD_PORT_INFO, 0, 1},
        {ROOT(PORT, HOST("[" ID(1) "]")), CRM_FIELD_PORT_INFO, 1, 0},
        {ROOT("[]", HOST("[" ID(1) "]")), CRM_FIELD_PORT_INFO, 0, 1},
        {ROOT("{\"py/object\": \"a.B\"}", HOST("[" ID(1) "]")), CRM_FIELD_PORT_INFO, 0, 1},
        {ROOT("{\"e\": 1}", WORKER(ID(1))), CRM_FIELD_EXPORTER, 1, 0},
        {ROOT("{\"py/object\": \"a.B\", \"e\": 1}", WORKER(ID(1))), CRM_FIELD_EXPORTER, 0, 1},
        {ROOT("[1]", WORKER(ID(1))), CRM_FIELD_EXPORTER, 0, 1},
        {ROOT("{\"e\": 1}", HOST("[" ID(1) "]")), CRM_FIELD_PORT_INFO, 0, 1},
        {QUERY("{\"c\": \"d\"}, " ID(4)), CRM_FIELD_CRITERION, 2, 0},
        {QUERY("{\"c\": \"d\", \"e\": 1}, " ID(4)), CRM_FIELD_CRITERION, 2, 1},
        {QUERY("{\"field_name\": \"c\"}, " ID(4)), CRM_FIELD_CRITERION, 2, 0},
        {QUERY("{\"field_name\": \"c\", \"py/object\": \"a.B\"}, " ID(4)), CRM_FIELD_CRITERION, 1, 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned count = 0;
        read_text(cases[i].text);
        for (uint32_t n = 0; n < m.count; n++) {
            count += m.nodes[n].field == cases[i].field && m.nodes[n].value != CRM_VALUE_RAW;
        }
        g_assert_cmpuint(count, ==, cases[i].count);
        g_assert_cmpuint(count_findings(CRM_FINDING_UNRESOLVED_REFERENCE), ==, cases[i].unresolved);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    crm_message_init(&m);
    g_test_add_func("/references/one-that-fits-one-way-decides-for-all",
                    test_one_that_fits_one_way_decides_for_all);
    g_test_add_func("/references/what-nothing-decides", test_what_nothing_decides);
    g_test_add_func("/references/what-a-reference-may-stand-for", test_what_a_reference_may_stand_for);
    const int status = g_test_run();
    crm_message_clear(&m);
    return status;
}
