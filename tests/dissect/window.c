/* window.c
 * Does with a capture what Wireshark's windows do, and no command-line program of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads Ethernet frames, one a line: the milliseconds since the first, the number
 * of the interface, and the bytes as hexadecimal digits, with blanks between. Lets Wireshark's engine with
 * its installed plugins dissect them twice, the second time with a visible tree, as of a selected packet.
 *
 *   window filters     prints what is offered under Conversation Filter for
 *                      each frame, NUMBER<TAB>NAME<TAB>FILTER
 *   window table NAME FILTER...
 *                      prints the rows of that statistic (of -z) with the first
 *                      filter, tabs between the cells, and an empty line; the
 *                      same for each other filter, which a user applies in the
 *                      same window: all is dissected and counted once more;
 *                      last, the rows of another window, without a filter, that
 *                      was open throughout
 *   window reference FRAME NAME FILTER...
 *                      the same, after that frame was made the time reference
 *   window shift MS    shifts frame N by N times so many milliseconds before
 *                      the second time, as Time Shift does; prints the items
 *                      that are times between datagrams, NUMBER<TAB>FILTER, and
 *                      the rows of Service Response Time, 0<TAB>NAME<TAB>CALLS<TAB>SUM
 *   window shift MS NAME FILTER...
 *                      as table, after the same
 *   window anew ...    any of these, and all is dissected anew after frames were
 *                      shifted or one was made the reference, as Wireshark does
 *                      when one is ignored or a preference changes
 */

#include "dissector/compat.h"

#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <epan/srt_table.h>
#include <epan/stat_tap_ui.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#define LARGEST_FRAME 65535

typedef struct {
    frame_data fd;
    uint8_t *bytes;
    uint32_t length;
    uint32_t milliseconds;
    uint32_t interface_id;
} frame_t;

static GArray *frames; /* of frame_t */

static const nstime_t *
frame_time(struct packet_provider_data *provider _U_, uint32_t frame)
{
    return &g_array_index(frames, frame_t, frame - 1).fd.abs_ts;
}

static const struct packet_provider_funcs functions = {.get_frame_ts = frame_time};

/* Of a line of digits; the length is 0 at the end of the input. */
static frame_t
read_frame(FILE *in)
{
    static char line[2 * LARGEST_FRAME + 32];
    frame_t frame = {.length = 0};
    char *digits;

    if (fgets(line, sizeof line, in) == NULL) {
        return frame;
    }
    frame.milliseconds = (uint32_t)strtoul(line, &digits, 10);
    frame.interface_id = (uint32_t)strtoul(digits, &digits, 10);
    digits += strspn(digits, " ");
    frame.length = (uint32_t)strspn(digits, "0123456789abcdef") / 2;
    frame.bytes = g_malloc(frame.length);
    for (uint32_t n = 0; n < frame.length; n++) {
        frame.bytes[n] =
            (uint8_t)(g_ascii_xdigit_value(digits[2 * n]) << 4 | g_ascii_xdigit_value(digits[2 * n + 1]));
    }
    return frame;
}

static void
make_record(wtap_rec *rec, const frame_t *frame)
{
#if CRM_WIRESHARK_AT_LEAST(4, 6)
    wtap_rec_init(rec, frame->length);
    wtap_setup_packet_rec(rec, WTAP_ENCAP_ETHERNET);
    ws_buffer_append(&rec->data, frame->bytes, frame->length);
#else
    wtap_rec_init(rec);
    rec->rec_type = REC_TYPE_PACKET;
    rec->rec_header.packet_header.pkt_encap = WTAP_ENCAP_ETHERNET;
#endif
    rec->rec_header.packet_header.caplen = rec->rec_header.packet_header.len = frame->length;
    rec->rec_header.packet_header.interface_id = frame->interface_id;
    rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN | WTAP_HAS_INTERFACE_ID;
    rec->ts.secs = 1600000000 + (time_t)(frame->milliseconds / 1000);
    rec->ts.nsecs = (int)(frame->milliseconds % 1000 * 1000000);
}

static void
print_filters(packet_info *pinfo)
{
    for (const GList *entry = packet_conv_filter_list; entry; entry = entry->next) {
        const conversation_filter_t *filter = (const conversation_filter_t *)entry->data;
        if (strcmp(filter->proto_name, "crm") != 0) {
            continue;
        }
#if CRM_WIRESHARK_AT_LEAST(4, 2)
        const bool valid = filter->is_filter_valid(pinfo, filter->user_data);
        char *text = filter->build_filter_string(pinfo, filter->user_data);
#else
        const bool valid = filter->is_filter_valid(pinfo);
        char *text = filter->build_filter_string(pinfo);
#endif
        if (valid != (text != NULL)) {
            g_error("frame %u: %s is offered, but has no filter, or the reverse", pinfo->num,
                    filter->display_name);
        }
        if (valid) {
            printf("%u\t%s\t%s\n", pinfo->num, filter->display_name, text);
        }
        g_free(text);
    }
}

static void
print_times(epan_dissect_t *dissection)
{
    static const char *const names[] = {"crm.response_time", "crm.transit_time"};

    for (unsigned n = 0; n < G_N_ELEMENTS(names); n++) {
        const int field = proto_registrar_get_id_byname(names[n]);
        const GPtrArray *items = proto_find_finfo(dissection->tree, field);
        for (guint i = 0; i < items->len; i++) {
            char *filter = proto_construct_match_selected_string(g_ptr_array_index(items, i), dissection);
            printf("%u\t%s\n", dissection->pi.num, filter);
            wmem_free(NULL, filter);
        }
        g_ptr_array_free((GPtrArray *)items, TRUE);
    }
}

static void
listen_to_response_times(srt_data_t *times)
{
    register_srt_t *srt = get_srt_table_by_name("crm");

    times->srt_array = g_array_new(FALSE, TRUE, sizeof(srt_stat_table *));
    srt_table_dissector_init(srt, times->srt_array);
    GString *error = register_tap_listener(get_srt_tap_listener_name(srt), times, NULL, 0, NULL,
                                           get_srt_packet_func(srt), NULL, NULL);
    if (error) {
        g_error("no response times: %s", error->str);
    }
}

static void
print_response_times(const srt_data_t *times)
{
    const srt_stat_table *table = g_array_index(times->srt_array, srt_stat_table *, 0);

    for (int n = 0; n < table->num_procs; n++) {
        const srt_procedure_t *row = &table->procedures[n];
        if (row->stats.num) {
            printf("0\t%s\t%u\t%.9f\n", row->procedure, row->stats.num, nstime_to_sec(&row->stats.tot));
        }
    }
}

static void
reset_table(void *data)
{
    reset_stat_table(((stat_data_t *)data)->stat_tap_data);
}

static void
print_table(const stat_data_t *statistic)
{
    const stat_tap_table *table = g_array_index(statistic->stat_tap_data->tables, stat_tap_table *, 0);

    for (guint row = 0; row < table->num_elements; row++) {
        for (guint column = 0; column < table->num_fields; column++) {
            const stat_tap_table_item_type *cell = stat_tap_get_field_data(table, row, column);
            printf(column ? "\t" : "");
            if (cell->type == TABLE_ITEM_UINT) {
                printf("%u", cell->value.uint_value);
            } else {
                fputs(cell->value.string_value, stdout);
            }
        }
        puts("");
    }
}

/* As Edit > Time Shift. */
static void
shift(frame_data *fd, int64_t milliseconds)
{
    const nstime_t by = {(time_t)(milliseconds / 1000), (int)(milliseconds % 1000 * 1000000)};

    nstime_add(&fd->abs_ts, &by);
    nstime_add(&fd->shift_offset, &by);
}

typedef enum { FIRST_PASS, ANEW, COUNTED, FILTERS, SHIFTED } pass_t;

static void
dissect(epan_t *session, frame_t *frame, uint32_t number, pass_t pass)
{
    const bool is_first = pass == FIRST_PASS || pass == ANEW;
    epan_dissect_t *dissection = epan_dissect_new(session, !is_first, !is_first);
    guint32 cumulative = 0;
    wtap_rec rec;

    make_record(&rec, frame);
    if (pass == FIRST_PASS) {
        frame_data_init(&frame->fd, number, &rec, 0, 0);
        frame->fd.frame_ref_num = number > 1; /* relative times are told from frame 1, which has 0 itself */
    }
#if CRM_WIRESHARK_AT_LEAST(4, 6)
    epan_dissect_run_with_taps(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec, &frame->fd, NULL);
#else
    epan_dissect_run_with_taps(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec,
                               tvb_new_real_data(frame->bytes, frame->length, (int)frame->length), &frame->fd,
                               NULL);
#endif
    switch (pass) {
    case FIRST_PASS:
    case ANEW:
        frame_data_set_after_dissect(&frame->fd, &cumulative);
        break;
    case COUNTED:
        break;
    case FILTERS:
        print_filters(&dissection->pi);
        break;
    case SHIFTED:
        print_times(dissection);
        break;
    }
    epan_dissect_free(dissection);
    wtap_rec_cleanup(&rec);
}

static void
read_frames(FILE *in)
{
    frames = g_array_new(FALSE, FALSE, sizeof(frame_t));
    for (frame_t frame = read_frame(in); frame.length; frame = read_frame(in)) {
        g_array_append_val(frames, frame);
    }
}

static void
dissect_all(epan_t *session, pass_t pass)
{
    for (guint n = 0; n < frames->len; n++) {
        dissect(session, &g_array_index(frames, frame_t, n), n + 1, pass);
    }
}

/* As Edit > Set Time Reference. */
static void
refer_to(guint32 frame)
{
    for (guint32 number = frame; number <= frames->len; number++) {
        g_array_index(frames, frame_t, number - 1).fd.frame_ref_num = number == frame ? 0 : frame;
    }
}

static void
shift_all(int64_t milliseconds)
{
    for (guint n = 0; n < frames->len; n++) {
        shift(&g_array_index(frames, frame_t, n).fd, (n + 1) * milliseconds);
    }
}

/* The session that takes the place of this one. */
static epan_t *
dissect_anew(epan_t *session)
{
    epan_free(session);
    session = epan_new(NULL, &functions);
    for (guint n = 0; n < frames->len; n++) {
        frame_data_reset(&g_array_index(frames, frame_t, n).fd);
    }
    dissect_all(session, ANEW);
    return session;
}

static void
dissect_shifted(epan_t *session)
{
    srt_data_t times = {NULL, NULL};

    listen_to_response_times(&times);
    dissect_all(session, SHIFTED);
    print_response_times(&times);
    remove_tap_listener(&times);
    free_srt_table(get_srt_table_by_name("crm"), times.srt_array);
    g_array_free(times.srt_array, TRUE);
}

static void
open_window(stat_data_t *statistic)
{
    stat_tap_table_ui *ui = statistic->stat_tap_data;

    ui->stat_tap_init_cb(ui);
    ui->refcount++;
    GString *error =
        register_tap_listener(ui->tap_name, statistic, NULL, 0, reset_table, ui->packet_func, NULL, NULL);
    if (error) {
        g_error("no statistic: %s", error->str);
    }
}

static void
count_with_each(epan_t *session, const char *name, char **filters)
{
    stat_data_t statistic = {stat_tap_by_name(name), NULL}, other = statistic;

    if (statistic.stat_tap_data == NULL) {
        g_error("there is no statistic %s", name);
    }
    open_window(&statistic);
    dissect_all(session, COUNTED);
    open_window(&other);
    for (char **filter = filters; *filter; filter++) {
        GString *error = set_tap_dfilter(&statistic, *filter);
        if (error) {
            g_error("%s: %s", *filter, error->str);
        }
        reset_tap_listeners();
        dissect_all(session, COUNTED);
        print_table(&statistic);
        puts("");
    }
    print_table(&other);
    remove_tap_listener(&statistic);
    remove_tap_listener(&other);
}

static void
free_frames(void)
{
    for (guint n = 0; n < frames->len; n++) {
        frame_data_destroy(&g_array_index(frames, frame_t, n).fd);
        g_free(g_array_index(frames, frame_t, n).bytes);
    }
    g_array_free(frames, TRUE);
}

int
main(int argc, char **argv)
{
    const bool again = argc > 1 && strcmp(argv[1], "anew") == 0;
    argc -= again;
    argv += again;
    const bool shifts = argc > 2 && argc != 4 && strcmp(argv[1], "shift") == 0;
    const bool counts = argc > 3 && strcmp(argv[1], "table") == 0;
    const bool refers = argc > 4 && strcmp(argv[1], "reference") == 0;

    if (!shifts && !counts && !refers && !(argc == 2 && strcmp(argv[1], "filters") == 0)) {
        fputs("usage: window [anew] filters | table NAME FILTER... | reference FRAME NAME FILTER... | "
              "shift MILLISECONDS [NAME FILTER...]\n",
              stderr);
        return EXIT_FAILURE;
    }
    ws_log_set_level(LOG_LEVEL_WARNING); /* it is not set up otherwise, and says all */
    init_process_policies();
#if CRM_WIRESHARK_AT_LEAST(4, 6)
    g_free(configuration_init(argv[0]));
#else
    g_free(configuration_init(argv[0], NULL));
#endif
    wtap_init(TRUE);
    if (!epan_init(NULL, NULL, TRUE)) {
        g_error("epan_init() failed");
    }
    epan_load_settings();
    epan_t *session = epan_new(NULL, &functions);
    read_frames(stdin);
    dissect_all(session, FIRST_PASS);
    if (shifts) {
        shift_all(strtoll(argv[2], NULL, 10));
    } else if (refers) {
        refer_to((guint32)strtoul(argv[2], NULL, 10));
    }
    if (again) {
        session = dissect_anew(session);
    }
    if (shifts && argc == 3) {
        dissect_shifted(session);
    } else if (counts) {
        count_with_each(session, argv[2], argv + 3);
    } else if (shifts || refers) {
        count_with_each(session, argv[3], argv + 4);
    } else {
        dissect_all(session, FILTERS);
    }
    epan_free(session);
    epan_cleanup();
    wtap_cleanup();
    free_frames();
    return EXIT_SUCCESS;
}
