# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures whose metadata is odd: without times or addresses, with times that run backwards or out of any range;
statistics over several sessions, with several filters, of names that pretend to be rows."""

import json
import subprocess

import pytest

import statistics_reader
from content import changed, probe_ack, probe_init, register_ack, without
from odd import CASES, dialogue, differences, told
from pcapng import NO_TIME, USER0, Interface, Writer
from scenario import parse
from tshark import as_bytes, is_a_time

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
"""
DLT = ("-o", 'uat:user_dlts:"User 0 (DLT=147)","crm","0","","0",""')


def _times(tshark, capture, *options):
    """{frame: response time}, of those that have one."""
    rows = tshark.rows(capture, "frame.number", "crm.response_time", options=("-2", *options))
    return {int(frame[0]): float(times[0]) for frame, times in rows if times}


def _calls(tshark, capture):
    """How many response times the statistic counts."""
    text = tshark.run("-r", tshark.readable(capture), "-q", "-z", "crm,srt")
    return {name: row["Calls"] for name, row in statistics_reader.srt(text).items()} if "Index" in text else {}


def _script(tshark, text):
    return parse(text).write(tshark.new_capture())


# Times

NO_TIMES = {
    "spb": (CASES / "spb.pcapng", """
        1 acks=1 in=2 ?no_response
        2 to=1 in=3
        3 to=2 attempt=1 !register_failed
        """),
    "neg": (CASES / "neg.pcapng", """
        1 acks=1 in=2
        2 to=1 in=3
        3 to=2 attempt=1 !register_failed
        4 acks=1 in=5
        5 to=4
        """),
}


@pytest.mark.parametrize("name", NO_TIMES)
def test_no_time_is_made_up(tshark, name):
    """Who answered whom does not depend on times. Whether frames 4 and 5 of
    spb are one probe twice is not to be told without them."""
    capture, right = NO_TIMES[name]
    found = dialogue(tshark, capture)
    if name == "spb":
        del found[4], found[5]
    assert not differences(found, right)
    assert not _times(tshark, capture)
    assert sum(_calls(tshark, capture).values()) == 0


UNTIMED = {
    "an answer without a time": HOSTS + """
        1  0.0  collector probe a           | acks=2 in=2,3
        2  -    worker1 ack collector a     | to=1 in=4
        3  0.1  worker2 ack collector a     | to=1 in=5
        4  0.2  collector ok worker1 a      | to=2
        5  0.3  collector ok worker2 a      | to=3
    """,
    "a probe without a time": HOSTS + """
        1  -    collector probe a           | acks=1 in=2
        2  5.0  worker1 ack collector a     | to=1 in=3
        3  5.1  collector ok worker1 a      | to=2
    """,
    "a clock that is set back between question and answer": HOSTS + """
        1  100.0  collector probe a           | acks=1 in=2
        2  99.5   worker1 ack collector a     | to=1 in=3
        3  99.6   collector ok worker1 a      | to=2
        4  104.0  collector probe b           | acks=1 in=5
        5  104.1  worker1 ack collector b     | to=4
    """,
    "a clock that is set back within a second": HOSTS + """
        1  100.4  collector probe a           | acks=1 in=2
        2  100.1  worker1 ack collector a     | to=1
    """,
    "probes of one id: one that was answered is not the one that comes next": HOSTS + """
        1  -    collector probe :7          | acks=1 in=3
        2  -    collector repeats 1         |
        3  -    worker1 ack collector :7    | to=1
        4  -    collector probe :7          | acks=1 in=5
        5  -    worker1 ack collector :7    | to=4
    """,
    "an answer that stands before its question": HOSTS + """
        1  0.010  worker1 ack collector a     |
        2  0.0    collector probe a           | acks=0
    """,
}


@pytest.mark.parametrize("name", UNTIMED)
def test_time_where_both_have_one(tshark, name):
    scenario = parse(UNTIMED[name])
    capture = scenario.write(tshark.new_capture())
    rows = tshark.rows(capture, "crm.response_to", "crm.response_time", options=("-2",))
    assert [row for row in rows] == [[d.expected["crm.response_to"], d.expected["crm.response_time"]]
                                     for d in scenario.datagrams]
    assert sum(_calls(tshark, capture).values()) == sum(bool(d.expected["crm.response_time"])
                                                        for d in scenario.datagrams)


def test_times_beyond_64_bits_of_nanoseconds(tshark):
    found = dialogue(tshark, CASES / "future.pcapng")
    assert not differences(found, "1 acks=1 in=2\n2 to=1 in=3\n3 to=2 attempt=1 !register_failed")
    assert _times(tshark, CASES / "future.pcapng") == pytest.approx({2: 0.001, 3: 0.001})


needs_64_bits = pytest.mark.skipif(not is_a_time(2**32), reason="Wireshark's own times end in 2038 here")


@needs_64_bits
def test_a_probe_of_today_and_an_answer_of_another_century(tshark):
    """7900 years are 2.5e20 ns, more than 64 bits hold. The response time is what it is."""
    scenario = parse(HOSTS + """
        1  0.0           collector probe a           | acks=1 in=2
        2  200000000000  worker1 ack collector a     | to=1 in=3
        3  200000000001  collector ok worker1 a      | to=2
    """, interfaces=(Interface(tsresol=6),))
    capture = scenario.write(tshark.new_capture())
    assert _times(tshark, capture) == {2: 200000000000.0, 3: 1.0}


@needs_64_bits
def test_times_that_are_too_far_apart_have_no_difference(tshark):
    """The answer's is the least that there is: 64 bits would make a second of it."""
    path, scenario = tshark.new_capture(), parse(HOSTS + "1 0.0 collector probe a\n2 0.1 worker1 ack collector a")
    with Writer(path, interfaces=(Interface(tsresol=0),)) as writer:
        for datagram, time in zip(scenario.datagrams, (2**63 - 1, 2**63)):
            writer.udp(datagram.payload, datagram.src, datagram.dst, time)
    path.chmod(0o644)
    assert tshark.rows(path, "crm.response_to", "crm.response_time") == [[[], []], [["1"], []]]


# Addresses

def _on_user0(tshark, payloads):
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface(linktype=USER0),)) as writer:
        for payload in payloads:
            writer.frame(payload, time=NO_TIME if payload is payloads[-1] else None)
    return path


def _finds_no_source(texts):
    """No text speaks of the address that a datagram is sent from."""
    return not [text for row in texts for text in row if "sends from" in text or "from :" in text or "()" in text]


def test_nothing_is_said_of_an_address_that_is_not_there(tshark):
    found = dialogue(tshark, CASES / "user0.pcap", *DLT)
    assert found[1][0] == {"in": "2,3", "acks": "2"}
    assert found[2][0]["to"] == found[3][0]["to"] == "1"
    assert not [frame for frame, (_, flags) in found.items() if "inet_addr_mismatch" in flags]
    assert _finds_no_source(told(tshark, CASES / "user0.pcap", *DLT))


def test_a_host_without_address_is_called_by_its_name(tshark):
    """Or, where it is only spoken to, as what it is."""
    named = as_bytes(changed(probe_ack(), "info.inet_addr", ""))
    _, again, outcome = tshark.messages(_on_user0(tshark, [named, named, as_bytes(register_ack(False, "no", 1))]), *DLT)
    assert again.expert("crm.duplicate")[0].startswith("worker1 sent this datagram before")
    assert outcome.expert("crm.register_failed")[0].startswith("a host without address is not registered")


@pytest.mark.parametrize("message", [without(probe_init(), "info"), without(probe_ack(), "info")])
@pytest.mark.parametrize("options", [(), ("-2",)])
def test_what_nobody_says_has_no_part(tshark, message, options):
    """Neither its content nor an address tells who sent it."""
    capture = _on_user0(tshark, 2 * [as_bytes(message)])
    for shown in tshark.messages(capture, *DLT, *options):
        assert not shown.expert("crm.no_register") + shown.expert("crm.no_response") + shown.expert("crm.host_silent")
    assert len(tshark.columns(capture, *DLT, *options)) == 2


def test_who_has_no_address_is_not_called_by_the_senders(tshark):
    """A PDU that was exported with its source alone."""
    path = tshark.new_capture()
    tags = b"\x00\x0c\x00\x04crm\x00" + b"\x00\x14\x00\x04\x0a\x00\x00\x02" + bytes(4)
    with Writer(path, interfaces=(Interface(linktype=252),)) as writer:
        writer.frame(tags + as_bytes(register_ack(False, "no", 1)))
    (outcome,) = tshark.messages(path)
    assert outcome.value("crm.collector") == "10.0.0.2"
    assert outcome.expert("crm.register_failed")[0].startswith("a host without address is not registered")
    (row,) = statistics_reader.hosts(tshark.run("-r", path, "-q", "-z", "crm,hosts"))
    assert (row["Address"], row["Failed"]) == ("10.0.0.2", 0)


def test_a_dialogue_without_addresses_and_times(tshark):
    """Announced IPv6 addresses, and a link that has none."""
    scenario = parse("""
        host collector COLLECTOR fd00::2 coordinatord:10100
        host worker1 WORKER fd00::11 workerd:10500
        host worker2 WORKER fd00::12 workerd:10500
        1  0.0  collector probe a           | acks=2 in=2,3
        2  0.1  worker1 ack collector a     | to=1
        3  0.2  worker2 ack collector a     | to=1
    """)
    capture = _on_user0(tshark, [datagram.payload for datagram in scenario.datagrams])
    found = dialogue(tshark, capture, *DLT)
    assert not differences(found, "1 acks=2 in=2,3\n2 to=1\n3 to=1")
    assert _finds_no_source(told(tshark, capture, *DLT))
    assert set(_times(tshark, capture, *DLT)) == {2}


def test_where_nothing_tells_for_whom_a_register_ack_is_none_is_missed(tshark):
    """Its id is that of the round, and so every worker's."""
    scenario = parse(HOSTS + """
        1  0.0  collector probe a
        2  0.1  worker1 ack collector a
        3  0.2  collector ok worker1 a
        4  5.0  collector probe b
        5  5.1  worker1 ack collector b
        6  5.2  collector ok worker1 b
        7  9.0  collector probe c
    """)
    capture = _on_user0(tshark, [datagram.payload for datagram in scenario.datagrams])
    assert told(tshark, capture, *DLT) == 7 * [[]]


def test_a_conflict_with_a_source_that_is_unknown(tshark):
    path, scenario = tshark.new_capture(), parse(HOSTS + "1 0.0 worker1 ack collector a\n2 5.0 worker1 ack collector b")
    with Writer(path, interfaces=(Interface(), Interface(linktype=USER0))) as writer:
        first, second = scenario.datagrams
        writer.udp(first.payload, first.src, first.dst)
        writer.frame(second.payload, interface=1)
    path.chmod(0o644)
    ((), (text,)) = told(tshark, path, *DLT)
    assert text.startswith("worker1 (10.0.0.11) is announced from an unknown address, and from 10.0.0.11 in frame 1:")


# Interfaces

def test_records_without_a_file(tshark):
    """rawshark reads them from a pipe, and has no file to look for interfaces in."""
    capture = tshark.joined([_script(tshark, HOSTS + "1 0.0 collector probe a\n2 0.1 worker1 ack collector a")], "pcap")
    command = tshark.command("rawshark", "-s", "-r", "-", "-d", "encap:EN10MB", "-F", "crm.worker")
    done = subprocess.run(command, input=capture.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[1:] == ['1 -', '2 0="worker1" -']


# Time stamps in reports

def _report_times(tshark, capture):
    rows = tshark.rows(capture, "crm.report.timestamp", "crm.report.time")
    return {int(stamp[0]): times for stamp, times in rows}


def _is_printable_elastic(tshark, capture):
    """-T ek is lines of JSON, of ASCII alone as nothing else was sent."""
    lines = tshark.run("-r", tshark.readable(capture), "-T", "ek").splitlines()
    return lines and all(line.isascii() and isinstance(json.loads(line), dict) for line in lines)


def test_report_times_that_every_release_can_print(tshark):
    """Years before 0 need a sign, and their printing ran over the buffer."""
    times = _report_times(tshark, CASES / "rep.pcap")
    before_the_year_0 = {-99999999999, -62167219201, -99999999999999}
    assert not [stamp for stamp in before_the_year_0 if times[stamp]]
    assert all(times[stamp] for stamp in (0, 1, 1600000000, 1600000000000, 253402300799))
    assert bool(times[99999999999]) == is_a_time(99999999999)
    assert _is_printable_elastic(tshark, CASES / "rep.pcap")


def test_report_times_before_the_year_0_in_every_unit(tshark):
    stamps = [-70000000000, -70000000000000, -70000000000000000, 70000000000]
    reports = [{"py/object": "dtos.report_init.ReportInit", "type": "influx_report", "measurement": "m",
                "tags": ["a=b"], "fields": ["c=d"], "timestamp": stamp} for stamp in stamps]
    capture = tshark.capture(reports)
    assert [bool(times) for times in _report_times(tshark, capture).values()] == [False, False, False, is_a_time(stamps[3])]
    assert _is_printable_elastic(tshark, capture)


# Statistics

def _said(tshark, *arguments):
    """(exit status, stdout, stderr): for options with which tshark has something to say."""
    status, out, err = tshark.start(arguments)
    return status, out.decode(), err.decode()


def _hosts(text):
    return {row["Host"]: row for row in statistics_reader.hosts(text)}


def _session_hosts(tshark, capture, packets):
    status, text, _ = _said(tshark, "-M", packets, "-r", tshark.readable(capture), "-q", "-z", "crm,hosts")
    assert status == 0
    rows = statistics_reader.hosts(text)
    assert len({row["Host"] for row in rows}) == len(rows), rows
    return _hosts(text)


def test_hosts_over_several_sessions(tshark):
    rows = _session_hosts(tshark, CASES / "msess.pcap", 3)
    assert set(rows) == {"collector", "worker1", "worker2"}
    assert rows["collector"]["Probes sent"] == 2
    assert [(rows[name]["Registered"], rows[name]["Failed"]) for name in ("worker1", "worker2")] == [(1, 0), (0, 1)]


def test_hosts_over_a_hundred_sessions(tshark):
    """In each session another worker comes first, and takes another's number."""
    script, frame = HOSTS, 0
    for index in range(100):
        first = f"worker{1 + index % 2}"
        script += f"{frame + 1} {index} {first} ack collector x{index} |\n{frame + 2} {index} collector probe |\n" \
                  f"{frame + 3} {index} collector ok {first} x{index} |\n"
        frame += 3
    rows = _session_hosts(tshark, _script(tshark, script), 3)
    assert rows["collector"]["Probes sent"] == 100
    assert rows["worker1"]["Registered"] == rows["worker2"]["Registered"] == 50


def _is_whole_table(text, count):
    """As many rows as hosts, each with as many bars as the header."""
    lines = text.splitlines()
    header = next(line for line in lines if line.startswith("Host |"))
    rows = [line for line in lines if line.count("|") > 3 and line != header]
    return len(rows) == count and all(row.count("|") == header.count("|") for row in rows) and "\t" not in text


def test_a_name_forges_no_row(tshark):
    text = tshark.run("-r", tshark.readable(CASES / "forge.pcap"), "-q", "-z", "crm,hosts")
    assert _is_whole_table(text, 2)


@pytest.mark.parametrize("name, daemon", [("a\rb", "d"), ("a\tb|c|d", "d"), ("w", "d\nroot |x|"), ("\u2028w\x85", "|")])
def test_no_text_of_a_sender_forges_a_row(tshark, name, daemon):
    scenario = parse(HOSTS)
    forger = scenario.host("forger", "WORKER", "10.0.0.13", [(daemon, 10500)], name=name)
    scenario.probe(0, scenario.hosts["collector"], "a")
    scenario.ack(0.1, forger, scenario.hosts["collector"], "a")
    capture = scenario.write(tshark.new_capture())
    assert _is_whole_table(tshark.run("-r", capture, "-q", "-z", "crm,hosts"), 2)


def test_two_tables_with_filters_of_their_own(tshark):
    """Both are right, or tshark says that it cannot."""
    capture = tshark.readable(CASES / "msess.pcap")
    status, text, error = _said(tshark, "-r", capture, "-q", "-z", "crm,hosts,crm.hostname == worker1",
                                "-z", "crm,hosts,crm.hostname == worker2")
    if status:
        assert "crm,hosts" in error
        return
    tables = ["Host |" + part for part in text.split("Host |")[1:]]
    names = sorted([row["Host"] for row in statistics_reader.hosts(table)] for table in tables)
    assert [sorted(set(row) & {"worker1", "worker2"}) for row in names] == [["worker1"], ["worker2"]]
