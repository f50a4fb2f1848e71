/* fuzz_epan.c
 * A libFuzzer target: the whole dissector through Wireshark's own engine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The bytes become the payload of a UDP datagram between a collector and a
 * worker, in a frame with all headers, and are dissected with a visible tree
 * and columns. The size tells who sends, in which VLAN, over IPv4 or IPv6, whether
 * the frame has a time, whether it carries the bytes as two datagrams, or without addresses, so
 * that the seeds of the corpus need no header of their own. Frames follow each other in a
 * session, so that what is tracked from frame to frame is fuzzed too; a new session begins
 * now and then, as opening another file does.
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
#define LARGEST            (65535 - 28)

/* A transport that carries two messages in one datagram, each from a buffer of its own. */
#define WRAPPED 7000

/* One that has no addresses, as some links have none. */
#define BARE 7001

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

static int
dissect_wrapped(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const uint32_t length = tvb_captured_length(tvb), half = length / 2;
    dissector_handle_t crm = find_dissector("crm");

    for (uint32_t offset = 0; offset < length; offset += half + 1) {
        const uint32_t part = MIN(half + 1, length - offset);
        uint8_t *bytes = tvb_memdup(pinfo->pool, tvb, (int)offset, part);
        tvbuff_t *decoded = tvb_new_child_real_data(tvb, bytes, part, (int)part);
        add_new_data_source(pinfo, decoded, "Decoded");
        call_dissector(crm, decoded, pinfo, tree);
    }
    return (int)length;
}

static int
dissect_bare(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    clear_address(&pinfo->src);
    clear_address(&pinfo->dst);
    return call_dissector(find_dissector("crm"), tvb, pinfo, tree);
}

static int proto_wrapped = -1, proto_bare = -1;

static void
register_transports(void)
{
    proto_wrapped = proto_register_protocol("Two messages in a datagram", "WRAPPED", "wrapped");
    proto_bare = proto_register_protocol("A message without addresses", "BARE", "bare");
}

static void
hand_off_transports(void)
{
    dissector_add_uint("udp.port", WRAPPED, create_dissector_handle(dissect_wrapped, proto_wrapped));
    dissector_add_uint("udp.port", BARE, create_dissector_handle(dissect_bare, proto_bare));
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
    static proto_plugin transports;

    transports.register_protoinfo = register_transports;
    transports.register_handoff = hand_off_transports;
    plugin_register();
    proto_register_plugin(&transports);
    if (!epan_init(NULL, NULL, FALSE)) {
        g_error("epan_init() failed");
    }
    build_column_format_array(&columns, epan_load_settings()->num_cols, TRUE);
    begin_session();
    return 0;
}

/* What is odd of a frame, by the size of what it carries. */
static bool
is_tagged(uint32_t size)
{
    return size / 4 % 4 == 1;
}

static bool
is_ipv6(uint32_t size)
{
    return size / 16 % 4 == 1;
}

static bool
has_no_time(uint32_t size)
{
    return size / 64 % 8 == 1;
}

static bool
is_wrapped(uint32_t size)
{
    return size / 64 % 8 == 2;
}

static bool
is_bare(uint32_t size)
{
    return size / 32 % 4 == 3;
}

/* The port of a transport that is not UDP's own, or 0. */
static uint32_t
transport_port(uint32_t size)
{
    return is_wrapped(size) ? WRAPPED : is_bare(size) ? BARE : 0;
}

static uint32_t
header_length(uint32_t size)
{
    return 14 + (is_tagged(size) ? 4 : 0) + (is_ipv6(size) ? 40 : 20) + 8;
}

static uint8_t *
put(uint8_t *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static uint8_t *
put_number(uint8_t *at, uint32_t number)
{
    *at++ = (uint8_t)(number >> 8);
    *at++ = (uint8_t)number;
    return at;
}

/* Address 2 is the collector's, 11 a worker's, 255 everyone's. */
static uint8_t *
put_address(uint8_t *at, uint32_t size, uint8_t host)
{
    static const uint8_t prefix[16] = {0xfd};
    static const uint8_t ipv4[3] = {10};

    at = is_ipv6(size) ? put(at, prefix, 15) : put(at, ipv4, 3);
    *at++ = host;
    return at;
}

static void
write_headers(uint8_t *at, uint32_t size)
{
    static const uint8_t addresses[12] = {0x02, 0, 10, 0, 0, 11, 0x02, 0, 10, 0, 0, 2};
    const uint32_t who = size % 4, length = size + 8, transport = transport_port(size);
    const uint8_t from = who == 1 ? 11 : 2, to = who == 1 ? 2 : who == 2 ? 255 : 11;

    at = put(at, addresses, sizeof addresses);
    if (is_tagged(size)) {
        at = put_number(put_number(at, 0x8100), 10 + size / 512 % 2 * 10);
    }
    if (is_ipv6(size)) {
        at = put_number(put_number(put_number(at, 0x86dd), 0x6000), 0);
        at = put_number(put_number(at, length), 17 << 8 | 64);
    } else {
        at = put_number(put_number(put_number(at, 0x0800), 0x4500), length + 20);
        at = put_number(put_number(put_number(put_number(at, 0), 0), 64 << 8 | 17), 0);
    }
    at = put_address(put_address(at, size, from), size, to);
    /* 2: no known port, for the heuristic */
    at = put_number(at, transport ? transport : who == 1 ? 10500 : who == 2 ? 0xc000 : 9090);
    at = put_number(at, transport ? transport : who == 1 ? 9090 : who == 2 ? 0xc001 : 10500);
    put_number(put_number(at, length), 0);
}

static void
dissect(const uint8_t *frame, uint32_t captured, uint32_t length, bool timed)
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
    rec.presence_flags = (timed ? WTAP_HAS_TS : 0) | WTAP_HAS_CAP_LEN;
    /* Now and then a time runs back, or is beyond 64 bits of nanoseconds. */
    rec.ts.secs = timed ? 1600000000 + (time_t)frames - (frames % 7 == 0 ? 10 : 0) : 0;
    rec.ts.secs += frames % 1000 == 999 ? INT64_C(20000000000) : 0;
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
    const uint32_t headers = header_length((uint32_t)size), length = (uint32_t)size + headers;
    const uint32_t captured = size % 8 == 7 ? headers + (uint32_t)size / 2 : length;
    uint8_t *frame = g_malloc(length);

    write_headers(frame, (uint32_t)size);
    if (size > 0) {
        memcpy(frame + headers, data, size);
    }
    dissect(frame, captured, length, !has_no_time((uint32_t)size));
    g_free(frame);
    if (frames == FRAMES_PER_SESSION) {
        end_session();
        begin_session();
    }
    return 0;
}
