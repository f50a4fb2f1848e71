# SPDX-License-Identifier: GPL-2.0-or-later
"""crm-rows: every value in its column, whatever a sender wrote."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pcapng
import pytest
import rows
from content import probe_init, register_ack
from tshark import COLLECTOR, WORKER, is_true

HERE = Path(__file__).resolve().parent
FLEET = HERE.parents[1] / "fleet"
PCAPS = HERE.parents[1] / "pcaps"
CRM_ROWS = rows.CRM_ROWS

# Fields that have no column: others hold all that they say.
NO_COLUMN = {
    "crm.host_info", "crm.register_info",                       # their members have columns
    "crm.inet_addr.ipv4", "crm.inet_addr.ipv6",                 # crm.inet_addr, typed
    "crm.port_info.daemon", "crm.port_info.port",               # crm.port_info
    "crm.filter.category",                                      # crm.filter_info
    "crm.filter.field_name", "crm.filter.field_value", "crm.filter.regex",  # crm.filter.criterion
    "crm.report.time",                                          # crm.report.timestamp
}

# Sent, and how the plugin shows it: what acts on a terminal, NUL and half of a surrogate pair as escapes of JSON.
HOSTILE = {
    "tab\there": "tab\there", "line\nfeed\r\nand return": "line\nfeed\r\nand return", "back\\slash \\t \\N": "back\\slash \\t \\N",
    "\"quotes\" 'n' , | ; [] ()": "\"quotes\" 'n' , | ; [] ()", "\\": "\\", "": "", "\\N": "\\N",
    "nul\0in it": "nul\\u0000in it", "\x1b[31m \x1e \x1f": "\\u001b[31m \\u001e \\u001f", "\ud800 half": "\\ud800 half",
    "雲 \U0001f600": "雲 \U0001f600",
}


def test_the_table_has_the_columns_of_a_row_in_their_order():
    table = re.search(r"crm\.rows_local\n\((.*?)\n\)\nENGINE", (FLEET / "schema.sql").read_text(encoding="utf-8"), re.DOTALL)[1]
    names = re.findall(r"^    ([a-z_0-9]+) [A-Z]", table, re.MULTILINE)
    assert names == [*CRM_ROWS.COLUMNS, "time", "unnamed", "role", "home", "place", "stream", "talk", "round"]


def test_every_field_has_a_column(tshark):
    fields = {line.split("\t")[2] for line in tshark.run("-G", "fields").splitlines() if line.startswith("F\t")}
    assert {name for name in fields if name.startswith("crm.")} == set(CRM_ROWS.NAMES) | NO_COLUMN


def expected(message, name, kind):
    """What a column holds of the values that -T json has."""
    values = message.expert(name) if kind is None else message.values(name)
    if kind in (None, "texts", "numbers"):
        return [value.encode() for value in values]
    if not values:
        return b"" if kind == "key" else None
    if kind == "flag":
        return b"1" if is_true(values[-1]) else b"0"
    if kind == "time":
        seconds, fraction = values[-1].split(".")
        return str(int(seconds) * 10**9 + int(fraction)).encode()
    return values[-1].encode()


@pytest.mark.parametrize("name", ["malformed", "register-retry", "unicode", "snaplen", "fragmented", "vrmjobs-query-ack",
                                  "report-init"])
def test_a_column_holds_what_tshark_says_of_the_field(tshark, name):
    capture = tshark.readable(PCAPS / f"{name}.pcapng")
    found = {int(row["frame_number"]): row for row in rows.of(tshark, capture)}
    messages = tshark.messages(capture, "-2")
    for frame, message in enumerate(messages, 1):
        if frame not in found:
            assert not any(name == "crm" for name, _ in message.fields)
            continue
        for field, kind in [*CRM_ROWS.FIELDS, *((finding, None) for finding in CRM_ROWS.FINDINGS)]:
            assert found[frame][field.replace(".", "_")] == expected(message, field, kind), (frame, field)
    assert found


def test_both_ways_to_read_a_frame_give_the_same_row(tshark, monkeypatch):
    """The lines of -T fields, and the trees of -T json."""
    capture = tshark.readable(PCAPS / "register-retry.pcapng")
    monkeypatch.setenv("TSHARK", " ".join(tshark.command("tshark")))

    def read():
        lines = CRM_ROWS.rows_of(CRM_ROWS.Capture(capture, "point"))
        return {row["frame_number"]: {**row, "load": None, "udp_payload": None}
                for row in (rows.parse(line[:-1]) for line in lines)}
    flat = read()
    monkeypatch.setattr(CRM_ROWS, "tells_all", lambda *_: False)
    assert len(flat) == 28 and read() == flat
    monkeypatch.setattr(CRM_ROWS, "MOST_NAMED", 0)      # and of so many frames that they are not named
    assert read() == flat


def test_what_a_sender_wrote_survives(tshark):
    capture = tshark.capture([register_ack(text=text) for text in HOSTILE])
    found = rows.of(tshark, "--point", "a\tb\\", capture)
    assert [row["crm_register_message"].decode() for row in found] == list(HOSTILE.values())
    assert {row["point"] for row in found} == {b"a\tb\\"}
    assert [json.loads(row["udp_payload"])["info"]["message"]["py/tuple"][0] for row in found if row["udp_payload"]] == [
        text for text in HOSTILE if re.search(r'[\\\0-\x1f"\ud800]|^$', text)]


def test_text_that_is_none_survives_as_bytes(tshark):
    payload = json.dumps(register_ack(text="X")).encode().replace(b'"X"', b'"\xff\xc3\t\0("')
    row, = rows.of(tshark, tshark.capture([payload]))
    assert row["udp_payload"] == payload
    assert row["crm_dto"] is None and len(row["crm_json_error"]) == 1 and row["crm_register_message"] is None


def test_empty_is_not_absent(tshark):
    nameless = probe_init(hostname="")
    without = probe_init()
    del without["info"]["hostname"]
    assert [row["crm_hostname"] for row in rows.of(tshark, tshark.capture([nameless, without]))] == [b"", None]


def test_each_datagram_of_a_frame_is_a_row(tshark):
    """An A-MSDU with three, each with addresses of its own."""
    found = rows.of(tshark, tshark.readable(HERE / "amsdu.pcap"))
    assert [(int(row["frame_number"]), int(row["datagram"]), row["crm_type"], row["ip_src"], row["udp_srcport"])
            for row in found] == [(6, 1, b"1", b"10.0.0.2", b"9090"), (6, 2, b"2", b"10.0.0.11", b"10500"),
                                  (6, 3, b"3", b"10.0.0.2", b"9090"), (7, 1, b"1", b"10.0.0.2", b"9090")]


def test_what_icmp_quotes_is_no_datagram(tshark):
    path = tshark.new_capture()
    sent, = pcapng.frames_of_datagram(json.dumps(register_ack()).encode(), COLLECTOR, WORKER)
    with pcapng.Writer(path) as writer:
        writer.frame(pcapng.port_unreachable(sent))
        writer.frame(sent)
    assert "crm" in tshark.run("-r", path, "-T", "fields", "-e", "frame.protocols").splitlines()[0]
    assert [row["frame_number"] for row in rows.of(tshark, path)] == [b"2"]
    assert CRM_ROWS.datagrams_in(b"eth:ethertype:ipv6:icmpv6:ipv6:udp:crm") == []


def test_a_file_begins_with_its_first_frame(tshark):
    """Whatever it is: by that time one file of a ring buffer is told from the next."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        start = writer.time
        writer.udp(b"foreign", ("10.0.0.2", 53), ("10.0.0.3", 53), start)
        writer.udp(json.dumps(probe_init()).encode(), COLLECTOR, WORKER, start + 5)
    row, = rows.of(tshark, path)
    assert int(row["frame_time_epoch"]) - int(row["file_start"]) == 5 * 10**9


def test_each_interface_of_a_file_is_a_point(tshark, directory):
    merged = directory / "merged.pcapng"
    subprocess.run(["mergecap", "-I", "none", "-w", merged, PCAPS / "ipv6.pcapng", PCAPS / "py-id.pcapng"], check=True)
    merged.chmod(0o644)
    found = rows.of(tshark, "--point", "host", merged)
    assert {row["point"] for row in found if row["ip_src"] == b"10.0.0.2"} == {b"host#1"}
    assert {row["point"] for row in found if row["ip_src"] != b"10.0.0.2"} == {b"host"}


def test_times_are_whole_nanoseconds(tshark):
    assert [CRM_ROWS.nanoseconds(text) for text in (b"1600000000.000000001", b"0.5", b"-0.000000300", b"-2.999999700",
                                                    b"-2.-500000000", b"", b"11000000000.0", b"7")] == [
        1600000000000000001, 500000000, -300, -2999999700, -2500000000, 0, 2**63 - 1, 7000000000]


def test_a_boolean_of_each_release():
    """Wireshark 4.2 and later print True where 4.0 prints 1."""
    assert [CRM_ROWS.last_flag([text]) for text in (b"1", b"True", b"0", b"False")] == [b"1", b"1", b"0", b"0"]


# What cannot be read

def test_without_the_plugin_it_says_so():
    status, lines, said = rows.run("env WIRESHARK_PLUGIN_DIR=/nonexistent tshark", PCAPS / "ipv6.pcapng")
    assert (status, lines) == (1, []) and "tshark has no CRM plugin" in said


def test_without_tshark_it_says_so():
    status, lines, said = rows.run("no-such-tshark", PCAPS / "ipv6.pcapng")
    assert (status, lines) == (1, []) and "no-such-tshark: No such file or directory" in said


def test_what_tshark_complains_of_is_passed_on():
    status, lines, said = rows.run("sh -c 'echo Running as user x >&2; echo an odd thing >&2' tshark", PCAPS / "ipv6.pcapng")
    assert (status, lines, said) == (0, [], f"crm-rows: {PCAPS / 'ipv6.pcapng'}: an odd thing\n")


def test_a_file_that_fails_is_named_and_the_others_are_read(tshark, directory):
    whole, cut, tally = directory / "whole.pcapng", directory / "cut.pcapng", directory / "tally"
    shutil.copy(PCAPS / "ipv6.pcapng", whole)
    cut.write_bytes((PCAPS / "register-retry.pcapng").read_bytes()[:5000])
    whole.chmod(0o644)
    cut.chmod(0o644)
    status, lines, said = rows.run(tshark, "--tally", tally, directory / "none.pcapng", cut, whole)
    assert status == 1
    assert f"{cut}: tshark: " in said and "cut short" in said and f"{directory}/none.pcapng: No such file" in said
    assert sum(b"\twhole.pcapng\t" in line for line in lines) == 2
    assert [line.split(b"\t")[1] for line in tally.read_bytes().splitlines()] == [b"whole.pcapng"]


def test_interfaces_can_be_told_from_points(tshark):
    status, lines, said = rows.run(tshark, "--point", "a#1", PCAPS / "ipv6.pcapng")
    assert (status, lines) == (2, []) and "#" in said
    done = subprocess.run([FLEET / "crm-load", "--point", "a#1", PCAPS / "ipv6.pcapng"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "a point's name has no #" in done.stderr
