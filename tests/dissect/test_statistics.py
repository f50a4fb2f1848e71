# SPDX-License-Identifier: GPL-2.0-or-later
"""-z crm,tree, -z crm,hosts and -z crm,srt: their values, with a filter and without."""

import pytest

import pcapng
import statistics_reader
from plugin_under_test import ROOT
from content import UUID, probe_init, query_ack, report_init
from scenario import parse
from tshark import as_bytes

RETRY = ROOT / "pcaps/register-retry.pcapng"

# A silent worker, two that fail and come round or give up, NAT, duplicates, a probe without answers.
STORY = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host second COLLECTOR 10.0.0.3 coordinatord:10100
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500 node_exporter:9100
    host worker3 WORKER 192.168.1.13 workerd:10500 from=203.0.113.9@61003 dialect=plain
    host twin WORKER 10.0.0.14 workerd:10500 name=worker1 dialect=state
    1   0.000  collector probe a
    2   0.001  collector repeats 1
    3   0.010  worker1 ack collector a
    4   0.020  worker2 ack collector a
    5   0.021  worker2 repeats 4
    6   0.030  worker3 ack collector
    7   0.040  collector ok worker1 a
    8   0.060  collector fail worker2 a left=1
    9   0.061  collector repeats 8
    10  0.090  collector ok worker3
    11  1.000  collector probe b
    12  2.000  collector probe c
    13  2.040  worker2 ack collector c
    14  2.050  worker1 ack collector c
    15  2.060  collector fail worker2 c left=0
    16  3.000  second probe d
    17  3.005  twin ack second d
    18  3.006  second ok twin d left=7
"""


@pytest.fixture(scope="module")
def story(tshark):
    return parse(STORY).write(tshark.new_capture())


def _statistic(tshark, capture, name, *options, filter_=None):
    argument = f"crm,{name},{filter_}" if filter_ else f"crm,{name}"
    text = tshark.run("-r", tshark.readable(capture), "-q", "-z", argument, *options)
    return getattr(statistics_reader, name)(text)


def _tree(tshark, capture, *options, filter_=None):
    return _statistic(tshark, capture, "tree", *options, filter_=filter_)


def _hosts(tshark, capture, *options, filter_=None):
    return _statistic(tshark, capture, "hosts", *options, filter_=filter_)


def _srt(tshark, capture, *options, filter_=None):
    return _statistic(tshark, capture, "srt", *options, filter_=filter_)


# Packets

def test_packets(tshark, story):
    assert _tree(tshark, story, "-2") == {
        (): {"Messages": 18, "Encodings": 18, "Expert Information": 18, "Registrations": 6},
        "Messages": {"PROBE_INIT": 5, "PROBE_ACK": 7, "REG_ACK": 6},
        "Encodings": {"jsonpickle": 16, "plain JSON": 1, "jsonpickle, py/state": 1},
        "Expert Information": {"none": 10, "crm.duplicate": 3, "crm.register_failed": 2, "crm.register_exhausted": 1,
                               "crm.inet_addr_mismatch": 1, "crm.hostname_conflict": 1, "crm.no_response": 1},
        "Registrations": {"Registered": 3, "Failed, retries left": 2, "Failed, none left": 1},
    }


def test_packets_in_one_pass_know_nothing_of_what_did_not_come(tshark, story):
    two, one = _tree(tshark, story, "-2"), _tree(tshark, story)
    del two["Expert Information"]["crm.no_response"]
    two["Expert Information"]["none"] += 1
    assert one == two


def test_packets_with_a_filter(tshark, story):
    counts = _tree(tshark, story, filter_="crm.type == 3 && crm.register.max_retries < 7")
    assert counts[()] == {"Messages": 5, "Encodings": 5, "Expert Information": 5, "Registrations": 5}
    assert counts["Registrations"] == {"Registered": 2, "Failed, retries left": 2, "Failed, none left": 1}
    assert counts["Messages"] == {"REG_ACK": 5}
    assert _tree(tshark, story, filter_="crm.inet_addr.ipv4 == 10.0.0.2")["Messages"] == {"PROBE_INIT": 4}


def test_packets_of_every_other_kind(tshark):
    payloads = [probe_init(), {**probe_init(), "info": None}, report_init(), query_ack(), [1], "{", {"id": UUID}]
    counts = _tree(tshark, tshark.capture(map(as_bytes, payloads)))
    assert sum(counts["Messages"].values()) == counts[()]["Messages"] == len(payloads)
    assert counts["Messages"]["QUERY_ACK"] == 1 and counts["Messages"]["ReportInit"] == 1
    assert counts["Expert Information"]["crm.json_error"] == 1
    assert sum(counts["Encodings"].values()) == len(payloads)


def test_each_datagram_counts_as_its_expert_information_says(tshark):
    """The counts are those of a display filter, on every sample capture."""
    for capture in sorted((ROOT / "pcaps").glob("*.pcapng")):
        for name, count in _tree(tshark, capture, "-2").get("Expert Information", {}).items():
            if name.startswith("crm."):
                assert count == len(tshark.rows(capture, "frame.number", options=("-2", "-Y", name))), (capture, name)


# Hosts

def _row(name, kind, address, daemons, numbers, first, last):
    names = ["Probes sent", "Probes answered", "Registered", "Failed", "Exhausted", "Retries left"]
    return {"Host": name, "Type": kind, "Address": address, "Daemons": daemons, **dict(zip(names, numbers)),
            "First seen": first, "Last seen": last}


def test_hosts(tshark, story):
    expected = [
        _row("collector", "COLLECTOR", "10.0.0.2", "coordinatord:10100 collectord:9090", [3, 2, 0, 0, 0, ""], 0, 2.06),
        _row("worker1", "WORKER", "10.0.0.11", "workerd:10500", [0, 2, 1, 0, 0, 0], 0.01, 2.05),
        _row("worker2", "WORKER", "10.0.0.12", "workerd:10500 node_exporter:9100", [0, 2, 0, 2, 1, 0], 0.02, 2.04),
        _row("worker3", "WORKER", "192.168.1.13", "workerd:10500", [0, 1, 1, 0, 0, 0], 0.03, 0.03),
        _row("second", "COLLECTOR", "10.0.0.3", "coordinatord:10100", [1, 1, 0, 0, 0, ""], 3, 3.006),
        _row("worker1", "WORKER", "10.0.0.14", "workerd:10500", [0, 1, 1, 0, 0, 7], 3.005, 3.005),
    ]
    assert _hosts(tshark, story) == expected
    assert _hosts(tshark, story, "-2") == expected


def test_hosts_with_a_filter(tshark, story):
    """Counts what the filter lets through, and nothing else: both probes were
    answered by worker2, whoever was first."""
    rows = {row["Host"]: row for row in _hosts(tshark, story, filter_="crm.hostname == worker2 || crm.type == 3")
            if row["Address"] != "10.0.0.14"}
    assert rows["worker2"]["Probes answered"] == 2 and rows["worker2"]["Failed"] == 2
    assert rows["collector"]["Probes sent"] == 0 and rows["collector"]["Probes answered"] == 2
    assert rows["worker1"]["Probes answered"] == 0 and rows["worker1"]["Registered"] == 1
    assert rows["second"]["Probes answered"] == 0
    assert [row["Host"] for row in _hosts(tshark, story, filter_="crm.type == 1")] == ["collector", "second"]


def test_hosts_seen_without_a_name(tshark):
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  collector fail worker1 left=2
    """).write(tshark.new_capture())
    assert [(row["Host"], row["Address"], row["Failed"], row["Retries left"]) for row in _hosts(tshark, capture)] == \
        [("(no name)", "10.0.0.2", 0, ""), ("(no name)", "10.0.0.11", 1, 2)]


def test_hosts_of_a_real_session(tshark):
    rows = {row["Host"]: row for row in _hosts(tshark, RETRY)}
    assert {name: [row[column] for column in ("Probes sent", "Probes answered", "Registered", "Failed", "Exhausted",
                                              "Retries left")] for name, row in rows.items()} == {
        "collector": [4, 4, 0, 0, 0, ""], "worker1": [0, 4, 4, 0, 0, 0], "worker2": [0, 4, 2, 2, 1, 0],
        "worker3": [0, 4, 0, 4, 0, 5]}
    assert rows["worker1"]["Daemons"] == "workerd:10500 node_exporter:9100 cadvisor:8080"


# Response times

def _times(*seconds):
    return {"Calls": len(seconds), "Min SRT": min(seconds), "Max SRT": max(seconds),
            "Avg SRT": sum(seconds) / len(seconds), "Sum SRT": sum(seconds)}


def _close(times):
    return {name: pytest.approx(value, abs=1e-6) for name, value in times.items()}


def test_response_times(tshark, story):
    found = _srt(tshark, story)
    assert found == _srt(tshark, story, "-2")
    assert found == {"ProbeAck": _close(_times(0.01, 0.02, 0.03, 0.04, 0.05, 0.005)),
                     "RegisterAck": _close(_times(0.03, 0.04, 0.06, 0.02, 0.001))}


def test_response_times_with_a_filter(tshark, story):
    assert _srt(tshark, story, filter_="crm.hostname == worker2") == {"ProbeAck": _close(_times(0.02, 0.04))}
    assert _srt(tshark, story, filter_="crm.register.status == 0") == {"RegisterAck": _close(_times(0.04, 0.02))}
    assert _srt(tshark, story, filter_="crm.response_time > 0.045") == {
        "ProbeAck": _close(_times(0.05)), "RegisterAck": _close(_times(0.06))}


def test_response_times_are_those_of_the_items(tshark):
    found = _srt(tshark, RETRY)
    for name, number in (("ProbeAck", 2), ("RegisterAck", 3)):
        times = [float(row[0][0]) for row in
                 tshark.rows(RETRY, "crm.response_time", options=("-Y", f"crm.type == {number}"))]
        assert found[name] == _close(_times(*times))


# All

@pytest.mark.parametrize("name", ["tree", "hosts", "srt"])
def test_without_crm(tshark, name):
    """Empty, and no complaint."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        writer.udp(b"no", ("10.0.0.2", 5000), ("10.0.0.3", 5001))
    assert tshark.run("-r", path, "-q", "-z", f"crm,{name}")


@pytest.mark.parametrize("name", ["tree", "hosts", "srt"])
def test_together_and_twice(tshark, story, name):
    """Beside the others, each says what it says alone."""
    text = tshark.run("-r", story, "-q", "-z", "crm,tree", "-z", "crm,hosts", "-z", "crm,srt")
    assert getattr(statistics_reader, name)(text) == _statistic(tshark, story, name)
