/* conversation_filters.c
 * Prints what Wireshark offers under Conversation Filter for each frame
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No command-line program of Wireshark asks for these filters: they belong to
 * its windows. Reads Ethernet frames, one a line: the milliseconds since the
 * first, a blank, and the bytes as hexadecimal digits. Lets Wireshark's engine
 * with its installed plugins dissect them twice, the second time with a visible
 * tree, as of a selected packet, and prints
 *
 *   NUMBER<TAB>NAME<TAB>FILTER
 *
 * for each filter of CRM that is offered.
 */

#include "dissector/compat.h"

#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>

#define LARGEST_FRAME 65535

typedef struct {
    frame_data fd;
    uint8_t *bytes;
    uint32_t length;
    uint32_t milliseconds;
} frame_t;

static const nstime_t *
frame_time(struct packet_provider_data *provider _U_, uint32_t frame _U_)
{
    static const nstime_t time = {1600000000, 0};
    return &time;
}

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
    rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
    rec->ts.secs = 1600000000 + frame->milliseconds / 1000;
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
#if CRM_WIRESHARK_AT_LEAST(4, 4)
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
dissect(epan_t *session, frame_t *frame, uint32_t number, bool selected)
{
    epan_dissect_t *dissection = epan_dissect_new(session, selected, selected);
    guint32 cumulative = 0;
    wtap_rec rec;

    make_record(&rec, frame);
    if (!selected) {
        frame_data_init(&frame->fd, number, &rec, 0, 0);
    }
#if CRM_WIRESHARK_AT_LEAST(4, 6)
    epan_dissect_run(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec, &frame->fd, NULL);
#else
    epan_dissect_run(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec,
                     tvb_new_real_data(frame->bytes, frame->length, (int)frame->length), &frame->fd, NULL);
#endif
    if (selected) {
        print_filters(&dissection->pi);
    } else {
        frame_data_set_after_dissect(&frame->fd, &cumulative);
    }
    epan_dissect_free(dissection);
    wtap_rec_cleanup(&rec);
}

int
main(int argc _U_, char **argv)
{
    static const struct packet_provider_funcs functions = {.get_frame_ts = frame_time};
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(frame_t));

    init_process_policies();
    g_free(configuration_init(argv[0], NULL));
    wtap_init(TRUE);
    if (!epan_init(NULL, NULL, TRUE)) {
        g_error("epan_init() failed");
    }
    epan_load_settings();
    epan_t *session = epan_new(NULL, &functions);
    for (frame_t frame = read_frame(stdin); frame.length; frame = read_frame(stdin)) {
        g_array_append_val(frames, frame);
    }
    for (guint n = 0; n < frames->len; n++) {
        dissect(session, &g_array_index(frames, frame_t, n), n + 1, false);
    }
    for (guint n = 0; n < frames->len; n++) {
        dissect(session, &g_array_index(frames, frame_t, n), n + 1, true);
    }
    epan_free(session);
    epan_cleanup();
    wtap_cleanup();
    for (guint n = 0; n < frames->len; n++) {
        frame_data_destroy(&g_array_index(frames, frame_t, n).fd);
        g_free(g_array_index(frames, frame_t, n).bytes);
    }
    g_array_free(frames, TRUE);
    return EXIT_SUCCESS;
}
