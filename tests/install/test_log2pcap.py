# SPDX-License-Identifier: GPL-2.0-or-later
"""script/log2pcap: from lines of a log to a capture on which all of the plugin works."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import pcapng

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "script/log2pcap"
SESSION = ROOT / "pcaps/register-retry.pcapng"
WITH_ENDS = r"^(?P<time>\S+) (?P<src>\S+) > (?P<dst>\S+) (?P<data>.*)"
PROBE = b'{"type": "PROBE_INIT"}'


@pytest.fixture(name="convert")
def _convert(tshark, tmp_path):
    """convert(log, option …): the datagrams that came of it, the capture, and what the script said. Here, it is not UTC."""
    def convert(log, *options, status=0):
        (tmp_path / "log").write_bytes(log)
        out = tshark.new_capture()
        done = subprocess.run([SCRIPT, *options, tmp_path / "log", out], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "TZ": "UTC-5"})
        assert done.returncode == status and not done.stdout, done.stderr
        out.chmod(0o644)
        # text2pcap counts microseconds or nanoseconds, as its release does: the times are asked of tshark.
        return list(pcapng.datagrams(out)), out, done.stderr.replace(str(tmp_path) + "/", "")
    return convert


def _log(capture, form):
    return b"".join(form(datagram) + datagram.payload + b"\n" for datagram in pcapng.datagrams(capture))


def test_a_session_comes_back(tshark, convert):
    """A capture, written as a log with times and ends, is the same capture to the plugin."""
    log = _log(SESSION, lambda d: f"{d.time:.9f} {d.src[0]}:{d.src[1]} > {d.dst[0]}:{d.dst[1]} ".encode())
    datagrams, capture, said = convert(log, "--line", WITH_ENDS)
    assert [(d.src, d.dst, d.payload) for d in datagrams] == [(d.src, d.dst, d.payload) for d in pcapng.datagrams(SESSION)]
    assert "could not be read" not in said
    names = ("crm.type", "crm.response_to", "crm.attempt", "crm.dto", "crm.register_failed", "_ws.expert.message")
    assert tshark.rows(capture, *names, options=("-2",)) == tshark.rows(SESSION, *names, options=("-2",))
    times = [[float(row[0][0]) for row in tshark.rows(path, "frame.time_epoch")] for path in (SESSION, capture)]
    assert times[0] == pytest.approx(times[1], abs=2e-6)


def test_the_sample_log(convert):
    """pcaps/never-registered.log is its capture, with a line more that is no message (docs/troubleshooting.md)."""
    log = (ROOT / "pcaps/never-registered.log").read_bytes()
    datagrams, _, said = convert(log, "--line", r"^(?P<time>\S+ \S+) DEBUG (?P<src>\S+) -> (?P<dst>\S+) (?P<data>.*)")
    bad = datagrams.pop(5)
    assert bad.payload.startswith(b"Traceback") and "log:6: " in said
    assert [(d.src, d.dst, d.payload) for d in datagrams] \
        == [(d.src, d.dst, d.payload) for d in pcapng.datagrams(ROOT / "pcaps/never-registered.pcapng")]


def test_lines_of_json_alone(tshark, convert):
    """No times and no ends: what stands before the message is passed over."""
    datagrams, capture, said = convert(_log(SESSION, lambda d: b"INFO [worker] got "))
    assert [d.payload for d in datagrams] == [d.payload for d in pcapng.datagrams(SESSION)]
    assert all(message.value("crm.dto") for message in tshark.messages(capture))
    assert {(d.src, d.dst) for d in datagrams} == {(("192.0.2.1", 10500), ("192.0.2.2", 9090))}
    assert tshark.rows(capture, "frame.time_delta")[1] == [["0.001000000"]]
    assert "28 datagrams" in said


def test_bad_lines_are_named_and_kept(tshark, convert):
    log = b"1.5 10.0.0.2:9090 > 10.0.0.11:10500 " + PROBE + b"\nnonsense\n\n" \
        + b"2 10.0.0.2:9090 > 10.0.0.11:10500 {\"a\": }\n" \
        + b"soon 10.0.0.2:9090 > worker1 " + PROBE + b"\r\n" \
        + b"3 10.0.0.2 > 10.0.0.11 \xff\xfe{\n"
    datagrams, capture, said = convert(log, "--line", WITH_ENDS)
    assert [d.payload for d in datagrams] == [PROBE, b"nonsense", b'{"a": }', PROBE, b"\xff\xfe{"]
    for complaint in ("log:2: the regular expression does not match", "log:4: not JSON", "log:5: no time: ",
                      "log:5: no two ends: 'worker1'", "log:6: not JSON"):
        assert complaint in said, said
    assert "log:1:" not in said and "log:3:" not in said and "5 datagrams" in said and "4 of them" in said
    assert [bool(message.expert("crm.json_error")) for message in tshark.messages(capture)] == [False, True, True, False, True]
    # Of an end without a port, the port is that of the option.
    assert (datagrams[4].src, datagrams[4].dst) == (("10.0.0.2", 10500), ("10.0.0.11", 9090))


@pytest.mark.parametrize("text, form, epoch", [
    ("1700000000.25", None, 1700000000.25),
    ("2023-11-14T22:13:20.250000Z", None, 1700000000.25),
    ("2023-11-14 22:13:20,250", None, 1700000000.25),           # as Python's logging writes it
    ("2023-11-14T23:13:20.250+01:00", None, 1700000000.25),
    ("14.11.2023 22:13:20", "%d.%m.%Y %H:%M:%S", 1700000000),
])
def test_times(tshark, convert, text, form, epoch):
    _, capture, said = convert(f"{text} | ".encode() + PROBE + b"\n", "--line", r"^(?P<time>.*) \| (?P<data>.*)",
                               *(("--time", form) if form else ()))
    assert "no time" not in said
    assert float(tshark.rows(capture, "frame.time_epoch")[0][0][0]) == pytest.approx(epoch, abs=1e-6)


def test_times_that_no_capture_tells(tshark, convert):
    """Unix milliseconds among them: the line is named, and its time is 1 ms after the line before."""
    times = ("1700000000", "1700000000000", "-1", "1e999999", "1969-12-31T23:59:59", "inf")
    log = "".join(f"{time} {PROBE.decode()}\n" for time in times).encode()
    _, capture, said = convert(log, "--line", r"^(?P<time>\S+) (?P<data>.*)")
    for number, time in enumerate(times[1:], 2):
        assert f"log:{number}: no time: '{time}' is not from 1970 to 2262; kept" in said
    assert [float(row[0][0]) for row in tshark.rows(capture, "frame.time_epoch")] \
        == pytest.approx([1700000000 + number / 1000 for number in range(len(times))], abs=1e-6)
    # As syslog has them, without a year: Python makes it 1900.
    line = ("--line", r"^(?P<time>\w+ \d+ \S+) (?P<data>.*)", "--time", "%b %d %H:%M:%S")
    assert "log:1: no time: 'Nov 14 22:13:20' is not from 1970" in convert(b"Nov 14 22:13:20 " + PROBE, *line)[2]


@pytest.mark.parametrize("src, dst, expected", [
    ("10.0.0.2:1", "10.0.0.3:2", (("10.0.0.2", 1), ("10.0.0.3", 2))),
    ("[fe80::1]:1", "[fe80::2]:2", (("fe80::1", 1), ("fe80::2", 2))),
    ("fe80::1%eth0", "[ff02::1]", (("fe80::1", 10500), ("ff02::1", 9090))),
])
def test_ends(convert, src, dst, expected):
    datagrams, _, said = convert(f"0 {src} > {dst} ".encode() + PROBE + b"\n", "--line", WITH_ENDS)
    assert (datagrams[0].src, datagrams[0].dst) == expected and "no two ends" not in said


@pytest.mark.parametrize("src, dst", [("10.0.0.2:0", "10.0.0.3:2"), ("10.0.0.2:70000", "10.0.0.3:2"), ("10.0.0.2:1", "[fe80::2]:2"),
                                      ("10.0.0.300:1", "10.0.0.3:2")])
def test_ends_that_are_none(convert, src, dst):
    datagrams, _, said = convert(f"0 {src} > {dst} ".encode() + PROBE + b"\n", "--line", WITH_ENDS)
    assert datagrams[0].payload == PROBE and "log:1: no two ends" in said


def test_ports_of_their_own(convert):
    line = r"(?P<src>\S+) (?P<sport>\d+) (?P<dst>\S+) (?P<dport>\d+) (?P<data>.*)"
    datagrams, _, _ = convert(b"10.0.0.2 11 10.0.0.3 12 " + PROBE + b"\n", "--line", line)
    assert (datagrams[0].src, datagrams[0].dst) == (("10.0.0.2", 11), ("10.0.0.3", 12))


def test_the_ends_of_the_options(convert):
    datagrams, _, _ = convert(PROBE + b"\n", "--src", "[2001:db8::1]:7", "--dst", "[2001:db8::2]:8")
    assert (datagrams[0].src, datagrams[0].dst) == (("2001:db8::1", 7), ("2001:db8::2", 8))


def test_what_is_more_than_a_datagram_holds(tshark, convert):
    payload = json.dumps({"type": "x" * 70000}).encode()
    datagrams, capture, said = convert(payload + b"\n" + PROBE + b"\n")
    assert datagrams[0].payload == payload[:65507] and datagrams[1].payload == PROBE
    assert f"log:1: {len(payload)} bytes are more than a datagram holds: cut after 65507" in said
    assert len(tshark.rows(capture, "frame.number")) == 2


@pytest.mark.parametrize("options, complaint", [
    (("--line", "("), "not a regular expression"),
    (("--line", "(?P<time>.*)"), "it needs a group (?P<data>"),
    (("--line", "(?P<data>.*)(?P<port>)"), "it has port"),
    (("--src", "10.0.0.1"), "there is no port"),
    (("--src", "worker1:10500"), "does not appear to be an IPv4 or IPv6 address"),
    (("--src", "[::1]:1"), "one is IPv4 and the other IPv6"),
])
def test_options_that_are_wrong(tmp_path, options, complaint):
    done = subprocess.run([SCRIPT, *options, "in", tmp_path / "out"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and complaint in done.stderr and not (tmp_path / "out").exists()


def test_files_that_are_not_there(tmp_path):
    done = subprocess.run([SCRIPT, tmp_path / "in", tmp_path / "out"], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "in: No such file or directory" in done.stderr
    (tmp_path / "in").write_bytes(PROBE)
    done = subprocess.run([SCRIPT, tmp_path / "in", tmp_path / "no/out"], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "no/out is not complete" in done.stderr


@pytest.mark.parametrize("out", ["log", "other.log"])
def test_another_log_is_not_written_over(tmp_path, out):
    """As where the name of the capture was forgotten: `log2pcap *.log`."""
    for name in ("log", "other.log"):
        (tmp_path / name).write_bytes(PROBE)
    done = subprocess.run([SCRIPT, "log", out], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and f"{out} is there and is no capture" in done.stderr
    assert (tmp_path / out).read_bytes() == PROBE
    # A capture is: the one that it made, and one that is older than pcapng.
    (tmp_path / "old.pcap").write_bytes(b"\xd4\xc3\xb2\xa1" if out == "log" else b"\xa1\xb2\xc3\xd4")
    for capture in ("new.pcapng", "new.pcapng", "old.pcap"):
        subprocess.run([SCRIPT, "log", capture], cwd=tmp_path, stderr=subprocess.DEVNULL, check=True)


def test_lines_without_a_message(convert):
    """Who gave no regular expression is told of none."""
    assert 'log:1: no "{" in it' in convert(b"nonsense\n")[2]


def test_through_pipes():
    done = subprocess.run([SCRIPT, "-", "-"], input=PROBE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    assert done.stdout.startswith(b"\x0a\x0d\x0d\x0a") and PROBE in done.stdout
