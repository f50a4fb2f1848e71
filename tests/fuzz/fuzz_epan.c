/* fuzz_epan.c
 * A libFuzzer target: the whole dissector through Wireshark's own engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The bytes become the payload of a UDP datagram between a collector and a
 * worker, in a frame with all headers, and are dissected with a visible tree
 * and columns. Frames follow each other in a session, so that what is tracked
 * from frame to frame is fuzzed too; a new session begins now and then, as
 * opening another file does.
 */

#include "dissector/compat.h"

#include <epan/column-info.h>
#include <epan/column.h>
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/privileges.h>

/* Each session leaves some 16 MB behind: Wireshark reads its table of vendors
 * anew, and frees it only at the end. */
#define FRAMES_PER_SESSION 20000
#define HEADERS            42
#define LARGEST            (65535 - 28)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
void plugin_register(void);

static epan_t *session;
static epan_dissect_t *dissection;
static column_info columns;
static uint32_t frames;

static const nstime_t *
frame_time(struct packet_provider_data *provider _U_, uint32_t frame _U_)
{
    static const nstime_t time = {1600000000, 0};
    return &time;
}

static void
begin_session(void)
{
    static const struct packet_provider_funcs functions = {.get_frame_ts = frame_time};

    session = epan_new(NULL, &functions);
    dissection = epan_dissect_new(session, TRUE, TRUE);
    frames = 0;
}

static void
end_session(void)
{
    epan_dissect_free(dissection);
    epan_free(session);
}

int
LLVMFuzzerInitialize(int *argc _U_, char ***argv _U_)
{
    /* No user's settings, and memory that the sanitizer can watch. */
    g_setenv("HOME", "/nonexistent", TRUE);
    g_setenv("XDG_CONFIG_HOME", "/nonexistent", TRUE);
    g_setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", FALSE);
    g_setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "1", FALSE);

    init_process_policies();
    wtap_init(FALSE);
    plugin_register();
    if (!epan_init(NULL, NULL, FALSE)) {
        g_error("epan_init() failed");
    }
    build_column_format_array(&columns, epan_load_settings()->num_cols, TRUE);
    begin_session();
    return 0;
}

/* Ethernet, IPv4, UDP. The size tells who sends, so that the seeds of the
 * corpus need no header of their own. */
static void
write_headers(uint8_t *frame, uint16_t size)
{
    static const uint8_t template[HEADERS] = {
        0x02, 0, 10, 0, 0, 11, 0x02, 0,    10,   0,    0, 2, 0x08, 0, /* Ethernet */
        0x45, 0, 0,  0, 0, 0,  0,    0,    64,   17,   0, 0, 10,   0,
        0,    2, 10, 0, 0, 11, 0x23, 0x82, 0x29, 0x04, 0, 0, 0,    0 /* 9090 to 10500, no checksum */
    };
    const uint16_t ip = (uint16_t)(size + 28), udp = (uint16_t)(size + 8);

    memcpy(frame, template, HEADERS);
    frame[16] = (uint8_t)(ip >> 8);
    frame[17] = (uint8_t)ip;
    frame[38] = (uint8_t)(udp >> 8);
    frame[39] = (uint8_t)udp;
    if (size % 4 == 1) { /* the worker answers */
        memcpy(frame + 26, template + 30, 4);
        memcpy(frame + 30, template + 26, 4);
        memcpy(frame + 34, template + 36, 2);
        memcpy(frame + 36, template + 34, 2);
    } else if (size % 4 == 2) { /* to everyone, from no known port: for the heuristic */
        frame[33] = 255;
        frame[34] = frame[36] = 0xC0;
    }
}

static void
dissect(const uint8_t *frame, uint32_t captured, uint32_t length)
{
    frame_data fd;
    wtap_rec rec;

#if CRM_WIRESHARK_AT_LEAST(4, 6)
    wtap_rec_init(&rec, captured);
    wtap_setup_packet_rec(&rec, WTAP_ENCAP_ETHERNET);
    ws_buffer_append(&rec.data, frame, captured);
#else
    wtap_rec_init(&rec);
    rec.rec_type = REC_TYPE_PACKET;
    rec.rec_header.packet_header.pkt_encap = WTAP_ENCAP_ETHERNET;
#endif
    rec.rec_header.packet_header.caplen = captured;
    rec.rec_header.packet_header.len = length;
    rec.presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
    rec.ts.secs = 1600000000 + frames;
    frame_data_init(&fd, ++frames, &rec, 0, 0);
#if CRM_WIRESHARK_AT_LEAST(4, 6)
    epan_dissect_run(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec, &fd, &columns);
#else
    epan_dissect_run(dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec,
                     tvb_new_real_data(frame, captured, (int)length), &fd, &columns);
#endif
    epan_dissect_reset(dissection);
    frame_data_destroy(&fd);
    wtap_rec_cleanup(&rec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LARGEST) {
        return 0;
    }
    /* As long as it is and no longer, for the sanitizer. */
    const uint32_t length = (uint32_t)size + HEADERS;
    const uint32_t captured = size % 8 == 7 ? HEADERS + (uint32_t)size / 2 : length;
    uint8_t *frame = g_malloc(length);

    write_headers(frame, (uint16_t)size);
    if (size > 0) {
        memcpy(frame + HEADERS, data, size);
    }
    dissect(frame, captured, length);
    g_free(frame);
    if (frames == FRAMES_PER_SESSION) {
        end_session();
        begin_session();
    }
    return 0;
}
