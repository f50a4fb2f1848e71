# SPDX-License-Identifier: GPL-2.0-or-later
"""-z crm,tree, -z crm,hosts and -z crm,srt: their values, with a filter and without."""

import subprocess

import pytest

import pcapng
import statistics_reader
from plugin_under_test import ROOT, not_sanitized
from content import UUID, changed, probe_init, query_ack, register_ack, report_init, without
from scenario import Datagram, parse
from sharkd import Sharkd
from test_silence import ANSWERS_FIRST
from tshark import as_bytes
from window import asked_of_window

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
                               "crm.inet_addr_mismatch": 1, "crm.hostname_conflict": 1, "crm.no_response": 1,
                               "crm.host_silent": 1},
        "Registrations": {"registered": 3, "failed": 2, "exhausted": 1},
    }


def test_packets_in_one_pass_know_nothing_of_what_did_not_come(tshark, story):
    """But who was silent is told at the next probe, which has no finding otherwise."""
    two, one = _tree(tshark, story, "-2"), _tree(tshark, story)
    del two["Expert Information"]["crm.no_response"]
    assert one == two


def test_packets_with_a_filter(tshark, story):
    counts = _tree(tshark, story, filter_="crm.type == 3 && crm.register.max_retries < 7")
    assert counts[()] == {"Messages": 5, "Encodings": 5, "Expert Information": 5, "Registrations": 5}
    assert counts["Registrations"] == {"registered": 2, "failed": 2, "exhausted": 1}
    assert counts["Messages"] == {"REG_ACK": 5}
    assert _tree(tshark, story, filter_="crm.inet_addr.ipv4 == 10.0.0.2")["Messages"] == {"PROBE_INIT": 4}


def test_who_answers_late_was_not_silent(tshark):
    """To the packet list as to the statistic, once all was read."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1 0.0  collector probe a
        2 0.1  worker1 ack collector a
        3 5.0  collector probe b
        4 10.0 collector probe c
        5 10.1 worker1 ack collector b
        6 10.2 worker1 ack collector c
    """).write(tshark.new_capture())
    assert "crm.host_silent" in _tree(tshark, capture)["Expert Information"]
    assert "crm.host_silent" not in _tree(tshark, capture, "-2")["Expert Information"]
    assert not [info for _, info in tshark.columns(capture, "-2") if "silent" in info]


def test_messages_are_counted_as_their_type_is_shown(tshark):
    """One name a message, that of crm.type, in whatever state the datagram is."""
    names = {"1": "PROBE_INIT", "2": "PROBE_ACK", "3": "REG_ACK", "4": "QUERY_ACK", "100": "METRIC_INIT"}
    for name in ("pcaps/malformed.pcapng", "pcaps/vrmjobs-query-ack.pcapng", "tests/dissect/cases/badreg.pcap"):
        counts = _tree(tshark, ROOT / name, filter_="crm.type")["Messages"]
        shown = [row[0][0] for row in tshark.rows(ROOT / name, "crm.type", options=("-Y", "crm.type"))]
        assert counts == {names.get(number, "Unknown packet type"): shown.count(number) for number in set(shown)}


def test_packets_of_every_other_kind(tshark):
    payloads = [probe_init(), {**probe_init(), "info": None}, report_init(), query_ack(), [1], "{", {"id": UUID}]
    counts = _tree(tshark, tshark.capture(map(as_bytes, payloads)))
    assert sum(counts["Messages"].values()) == counts[()]["Messages"] == len(payloads)
    assert counts["Messages"]["QUERY_ACK"] == 1 and counts["Messages"]["ReportInit"] == 1
    assert counts["Expert Information"]["crm.json_error"] == 1
    assert set(counts["Encodings"]) == {"jsonpickle", "plain JSON", "undetermined"}
    assert set(counts["Messages"]) == {"PROBE_INIT", "ReportInit", "QUERY_ACK", "no CRM message"}
    assert sum(counts["Encodings"].values()) == len(payloads)


SEVERAL_POINTS = [ROOT / f"pcaps/{stem}.pcapng" for stem in ("two-points", "lossy-network")]


def test_each_datagram_counts_as_its_expert_information_says(tshark):
    """The counts are those of a display filter, on every sample capture."""
    one_point = set((ROOT / "pcaps").glob("*.pcapng")) - set(SEVERAL_POINTS)
    for capture in (tshark.joined(sorted(one_point), "pcap"), *SEVERAL_POINTS):
        counts = _tree(tshark, capture, "-2")["Expert Information"]
        names = [name for name in counts if name.startswith("crm.")]
        rows = tshark.rows(capture, *names, options=("-2",))
        assert names and {name: counts[name] for name in names} == \
            {name: sum(bool(row[place]) for row in rows) for place, name in enumerate(names)}, capture


# Hosts

NUMBERS = ("Probes sent", "Answered by others", "Answered by itself", "Missed", "Registered", "Failed", "Exhausted")


def _row(name, kind, address, daemons, numbers, outcome, retries, mean, seen):
    first, last = seen or (None, None)
    return {"Host": name, "Type": kind, "Address": address, **dict(zip(NUMBERS, numbers)), "Last outcome": outcome,
            "Retries left": retries, "Mean response time": mean and pytest.approx(mean, abs=1e-6),
            "First seen": first, "Last seen": last, "Daemons": daemons}


def test_hosts(tshark, story):
    expected = [
        _row("collector", "COLLECTOR", "10.0.0.2", "coordinatord:10100 collectord:9090", [3, 2, 0, 0, 0, 0, 0],
             "", None, (0.03 + 0.04 + 0.06 + 0.02) / 4, (0, 2.06)),
        _row("worker1", "WORKER", "10.0.0.11", "workerd:10500", [0, 0, 2, 1, 1, 0, 0],
             "registered", None, (0.01 + 0.05) / 2, (0.01, 2.05)),
        _row("worker2", "WORKER", "10.0.0.12", "workerd:10500 node_exporter:9100", [0, 0, 2, 1, 0, 1, 1],
             "exhausted", 0, (0.02 + 0.04) / 2, (0.02, 2.04)),
        _row("worker3", "WORKER", "192.168.1.13", "workerd:10500", [0, 0, 1, 1, 1, 0, 0],
             "registered", None, 0.03, (0.03, 0.03)),
        _row("second", "COLLECTOR", "10.0.0.3", "coordinatord:10100", [1, 1, 0, 0, 0, 0, 0],
             "", None, 0.001, (3, 3.006)),
        _row("worker1", "WORKER", "10.0.0.14", "workerd:10500", [0, 0, 1, 0, 1, 0, 0],
             "registered", None, 0.005, (3.005, 3.005)),
    ]
    assert _hosts(tshark, story) == expected
    assert _hosts(tshark, story, "-2") == expected


def test_a_probe_that_is_answered_twice_is_answered_once(tshark):
    """With another HostInfo the second time, so that it is no repetition; a third answer is to what the capture lacks."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker WORKER 10.0.0.11 workerd:10500
        host changed WORKER 10.0.0.11 workerd:10500 node_exporter:9100 name=worker
        1 0   worker ack collector before
        2 1   collector probe a
        3 1.1 worker ack collector a
        4 4.1 changed ack collector a
    """)
    capture = scenario.write(tshark.new_capture())
    for options in ((), ("-2",)):
        rows = {row["Host"]: row for row in _hosts(tshark, capture, *options)}
        assert (rows["worker"]["Answered by itself"], rows["collector"]["Answered by others"]) == (2, 1)


def test_answers_to_what_the_capture_lacks_count_each(tshark):
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker WORKER 10.0.0.11 workerd:10500
        1 0 worker ack collector a
        2 5 worker ack collector b
        3 9 worker ack collector c
    """).write(tshark.new_capture())
    assert [row["Answered by itself"] for row in _hosts(tshark, capture)] == [3]


def test_daemons_come_last(tshark, story):
    assert list(_hosts(tshark, story)[0])[-1] == "Daemons"


def test_hosts_with_a_filter(tshark, story):
    """Counts what the filter lets through, and nothing else: both probes were
    answered by worker2, whoever was first."""
    rows = {row["Host"]: row for row in _hosts(tshark, story, filter_="crm.hostname == worker2 || crm.type == 3")
            if row["Address"] != "10.0.0.14"}
    assert rows["worker2"]["Answered by itself"] == 2
    assert (rows["worker2"]["Failed"], rows["worker2"]["Exhausted"]) == (1, 1)
    assert rows["collector"]["Probes sent"] == 0 and rows["collector"]["Answered by others"] == 2
    assert rows["worker1"]["Answered by itself"] == 0 and rows["worker1"]["Registered"] == 1
    assert rows["second"]["Answered by others"] == 0
    probes = _hosts(tshark, story, filter_="crm.type == 1")
    assert [row["Host"] for row in probes if row["Probes sent"]] == ["collector", "second"]
    assert [(row["Host"], row["Missed"], row["First seen"]) for row in probes if not row["Probes sent"]] \
        == [("worker3", 1, None), ("worker2", 1, None), ("worker1", 1, None)]


def test_no_times_of_what_the_filter_keeps_out(tshark, story):
    """A host that is only spoken to, or spoken of, was not seen."""
    rows = {row["Address"]: row for row in _hosts(tshark, story, filter_="crm.type == 3")}
    for address in ("10.0.0.11", "10.0.0.12", "192.168.1.13"):
        assert [rows[address][name] for name in statistics_reader.TIMES] == [None, None, None]
    assert rows["10.0.0.2"]["First seen"] == 0.04


def test_hosts_seen_without_a_name(tshark):
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  collector fail worker1 left=2
    """).write(tshark.new_capture())
    assert [(row["Host"], row["Address"], row["Failed"], row["Retries left"]) for row in _hosts(tshark, capture)] == \
        [("(no name)", "10.0.0.2", 0, None), ("(no name)", "10.0.0.11", 1, 2)]


def test_what_was_sent_before_it_was_announced_who_sends_counts(tshark):
    """A collector that registers a worker, and says later who it is; so does the worker."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  collector fail worker1 left=2
        2  1.0  collector probe a
        3  1.5  worker1 ack collector a
    """).write(tshark.new_capture())
    assert [(row["Host"], row["First seen"], row["Last seen"], row["Failed"], row["Retries left"])
            for row in _hosts(tshark, capture)] == [("collector", 0, 1, 0, None), ("worker1", 1.5, 1.5, 1, 2)]


def test_as_many_retries_left_as_were_sent(tshark):
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  worker1 ack collector a
        2  0.1  collector fail worker1 a left=123456789012
    """).write(tshark.new_capture())
    assert [row["Retries left"] for row in _hosts(tshark, capture) if row["Host"] == "worker1"] == [123456789012]


def test_a_query_ack_is_the_collectors_where_a_worker_is_too(tshark):
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.2 workerd:10500
        1  0.0  collector probe a
        2  1.0  worker1 ack collector a
        3  2.0  collector ok worker1 a
    """)
    scenario.datagrams[2].payload = as_bytes(query_ack())
    rows = _hosts(tshark, scenario.write(tshark.new_capture()))
    assert {row["Host"]: row["Last seen"] for row in rows} == {"collector": 2, "worker1": 1}


def test_a_register_ack_that_says_no_outcome(tshark):
    """Its worker's row is as it was."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  worker1 ack collector a
        2  1.0  collector fail worker1 a left=2
        3  2.0  collector ok worker1 a
    """)
    scenario.datagrams[2].payload = as_bytes(without(register_ack(), "info.status"))
    row = next(row for row in _hosts(tshark, scenario.write(tshark.new_capture())) if row["Host"] == "worker1")
    assert [row[name] for name in ("Registered", "Failed", "Exhausted", "Last outcome", "Retries left")] == \
        [0, 1, 0, "failed", 2]


def test_hosts_of_a_real_session(tshark):
    rows = {row["Host"]: row for row in _hosts(tshark, RETRY)}
    assert {name: [row[column] for column in (*NUMBERS, "Last outcome", "Retries left")]
            for name, row in rows.items()} == {
        "collector": [4, 4, 0, 0, 0, 0, 0, "", None], "worker1": [0, 0, 4, 0, 4, 0, 0, "registered", None],
        "worker2": [0, 0, 4, 0, 2, 1, 1, "registered", None], "worker3": [0, 0, 4, 0, 0, 4, 0, "failed", 5]}
    assert rows["worker1"]["Daemons"] == "workerd:10500 node_exporter:9100 cadvisor:8080"


@pytest.mark.parametrize("column", ["Retries left", *statistics_reader.TIMES])
def test_numbers_sort_as_numbers(tshark, column):
    """Windows sort these as texts; sharkd gives the texts as windows have them."""
    script = ["host collector COLLECTOR 10.0.0.2 coordinatord:10100"]
    for number, left in enumerate((9, 10, 123456789012, 0, 11)):
        script += [f"host w{number} WORKER 10.0.1.{number} workerd:10500",
                   f"{3 * number + 1} {number * 40} collector probe {number}",
                   f"{3 * number + 2} {number * 40 + left % 12 + 3} w{number} ack collector {number}",
                   f"{3 * number + 3} {number * 40 + 30} collector fail w{number} {number} left={left}"]
    (answer,), = _sharkd(tshark, parse("\n".join(script)).write(tshark.new_capture()), ["nstat:crm,hosts"])
    place = [field["c"] for field in answer["fields"]].index(column)
    cells = [row[place] for row in answer["tables"][0]["i"] if row[place]]
    assert len(cells) >= 5
    assert sorted(cells) == sorted(cells, key=float)


SILENCE = """
    host one COLLECTOR 10.0.0.2 coordinatord:10100
    host two COLLECTOR 10.0.0.3 coordinatord:10100
    host back WORKER 10.0.0.11 workerd:10500
    host gone WORKER 10.0.0.12 workerd:10500
    host late WORKER 10.0.0.13 workerd:10500
    host both WORKER 10.0.0.14 workerd:10500
    1   0.0   one probe a
    2   0.1   back ack one a
    3   0.2   gone ack one a
    4   0.3   late ack one a
    5   0.4   both ack one a
    6   0.5   two probe k
    7   0.6   both ack two k
    8   1.0   one probe b
    9   2.0   one probe c
    10  2.1   late ack one b
    11  3.0   one probe d
    12  3.1   late ack one d
    13  3.2   back ack one d
    14  3.5   two probe l
    15  4.0   one probe e
    16  4.5   two probe m
    17  4.6   both ack two m
"""


def test_missed_probes(tshark):
    """Of a host that comes back, of one that does not, of one that is late once, and
    of one whose two collectors are apart. The last probe of each may still be answered."""
    capture = parse(SILENCE).write(tshark.new_capture())
    expected = {"one": 0, "two": 0, "back": 2, "gone": 3, "late": 1, "both": 3 + 1}
    for options in ((), ("-2",)):
        assert {row["Host"]: row["Missed"] for row in _hosts(tshark, capture, *options)} == expected, options


def test_missed_again(tshark):
    """Two of one collector's before it answers, and then one more; another's in between."""
    capture = parse("""
        host one COLLECTOR 10.0.0.2 coordinatord:10100
        host two COLLECTOR 10.0.0.3 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1   0.0  one probe a
        2   0.1  worker1 ack one a
        3   0.2  two probe k
        4   0.3  worker1 ack two k
        5   1.0  one probe b
        6   2.0  one probe c
        7   2.5  two probe l
        8   3.0  one probe d
        9   3.1  worker1 ack one d
        10  4.0  one probe e
        11  4.5  two probe m
        12  5.0  one probe f
    """).write(tshark.new_capture())
    for options in ((), ("-2",)):
        missed = {row["Host"]: row["Missed"] for row in _hosts(tshark, capture, *options)}
        assert missed == {"one": 0, "two": 0, "worker1": 2 + 1 + 1}, options


def test_hosts_of_two_vlans_are_told_apart(tshark):
    capture = parse("""
        host c1 COLLECTOR 10.0.0.2 coordinatord:10100 name=collector vlan=10
        host c2 COLLECTOR 10.0.0.2 coordinatord:10100 name=collector vlan=20
        1 0.0 c1 probe a
        2 3.0 c2 probe b
        3 5.0 c1 probe c
    """).write(tshark.new_capture())
    assert [row["Probes sent"] for row in _hosts(tshark, capture)] == [2, 1]


def test_seen_first_and_last(tshark):
    """By the time stamps, in whatever order; a repetition is a sign of life as well."""
    for script, first, last in (("1 1.0 collector probe a\n2 0.5 collector probe b", -0.5, 0.0),
                                ("1 0.0 collector probe a\n2 0.3 collector repeats 1", 0.0, 0.3)):
        capture = parse("host collector COLLECTOR 10.0.0.2 coordinatord:10100\n" + script).write(tshark.new_capture())
        (row,) = _hosts(tshark, capture)
        assert (row["First seen"], row["Last seen"]) == (first, last)


def test_seen_since_the_capture_began_whatever_the_time_reference(tshark):
    """A user has made frame 2 the time reference."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1 0.0 collector probe a
        2 1.0 collector probe b
        3 1.5 worker1 ack collector b
    """)
    rows = asked_of_window(tshark, scenario, "reference", "2", "crm,hosts", "crm.type == 2")
    assert {tuple(row[13:15]) for row in rows if row[0] == "worker1"} == {(f"{1.5:16f}", f"{1.5:16f}")}


def _after_another_protocol():
    """Frame 1 is no CRM, so that the capture begins before any of it."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        1 1.0 collector probe a
        2 1.5 collector probe b
    """)
    scenario.datagrams.insert(0, Datagram(0.0, b"not CRM", ("10.0.0.8", 5555), ("10.0.0.9", 5556)))
    return scenario


def test_seen_since_the_capture_began_after_all_is_dissected_anew(tshark):
    """As when a frame is ignored. A user has made frame 2, the first of CRM, the time reference."""
    rows = asked_of_window(tshark, _after_another_protocol(), "anew", "reference", "2", "crm,hosts", "crm")
    assert {tuple(row[13:15]) for row in rows if row[0] == "collector"} == {(f"{1.0:16f}", f"{1.5:16f}")}


def test_seen_since_the_capture_began_after_a_time_shift(tshark):
    """It is there where all is dissected anew. A user has shifted frame N by N seconds."""
    rows = asked_of_window(tshark, _after_another_protocol(), "anew", "shift", "1000", "crm,hosts", "crm")
    assert {tuple(row[13:15]) for row in rows if row[0] == "collector"} == {(f"{2.0:16f}", f"{3.5:16f}")}


def test_expert_information_without_a_tree(tshark, sharkd):
    """As sharkd counts it: of the datagram as a whole, and of a member, once each."""
    sharkd.load(tshark.capture(["{", changed(probe_init(), "info.ports.0.port", 0)]))
    table, = sharkd.ask("tap", tap0="expert")["taps"]
    assert sorted(detail["f"] for detail in table["details"]) == [1, 2], table


def test_seen_since_this_capture_began(tshark, sharkd):
    """And not since one that was open before."""
    for first in (0.0, 5000.0):
        scenario = parse(f"""
            host collector COLLECTOR 10.0.0.2 coordinatord:10100
            1 {first} collector probe a
            2 {first + 1.5} collector probe b
        """)
        sharkd.load(scenario.write(tshark.new_capture()))
        table, = sharkd.ask("tap", tap0="nstat:crm,hosts")["taps"]
        assert f"{0.0:16f}" in str(table) and f"{1.5:16f}" in str(table)


def test_hosts_are_told_apart_by_what_they_say_where_it_is_no_address(tshark):
    """Of one name, behind one address."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host v WORKER one from=10.0.0.21@10500 name=v
        host u WORKER two from=10.0.0.21@10500 name=v
        1 0.0 collector probe a
        2 0.1 v ack collector a
        3 0.2 u ack collector a
    """).write(tshark.new_capture())
    rows = [(row["Host"], row["Address"], row["Answered by itself"]) for row in _hosts(tshark, capture)]
    assert sorted(rows)[1:] == [("v", "one", 1), ("v", "two", 1)]


def test_hosts_are_told_apart_by_where_they_send_from(tshark):
    """Of one name, with one address."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host here WORKER 10.0.0.11 workerd:10500 name=w
        host there WORKER 10.0.0.11 workerd:10500 name=w from=203.0.113.9@10500
        1 0.0 collector probe a
        2 0.1 here ack collector a
        3 0.2 there ack collector a
    """).write(tshark.new_capture())
    assert [row["Answered by itself"] for row in _hosts(tshark, capture) if row["Host"] == "w"] == [1, 1]


MISSED = {
    "of two, one is answered late": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  15.0  collector probe d
        6  15.1  worker1 ack collector b
    """, 1),
    "heard before the capture's first probe": ("""
        1  0.0   worker1 ack collector z
        2  5.0   collector probe a
        3  10.0  collector probe b
        4  15.0  collector probe c
        5  15.1  worker1 ack collector c
        6  20.0  collector probe d
        7  25.0  collector probe e
    """, 3),
    "an answer stands before what tells that its host was silent": (ANSWERS_FIRST, 1),
    "and is gone after that": ("""
        1  0.1   worker1 ack collector a at=1
        2  2.0   collector probe a at=0
        3  2.1   worker1 repeats 1 at=0
        4  7.0   collector probe b at=0
        5  10.1  worker1 ack collector c at=1
        6  12.0  collector probe c at=0
        7  12.1  worker1 repeats 5 at=0
        8  17.0  collector probe d at=0
        9  22.0  collector probe e at=0
        10 27.0  collector probe f at=0
    """, 3),
}


@pytest.mark.parametrize("script, right", MISSED.values(), ids=MISSED)
def test_missed_in_any_order(tshark, script, right):
    capture = parse("""
        point a
        point b
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
    """ + script).write(tshark.new_capture())
    for options in ((), ("-2",)):
        (missed,) = [row["Missed"] for row in _hosts(tshark, capture, *options) if row["Host"] == "worker1"]
        assert missed == right, options


def test_a_late_answer_that_the_filter_takes_out_is_no_missed_probe(tshark):
    """On a second pass: the first did not know of it when the next probe came."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.1  worker1 ack collector b
        6  15.0  collector probe d
        7  20.0  collector probe e
    """).write(tshark.new_capture())
    rows = {row["Host"]: row["Missed"] for row in _hosts(tshark, capture, "-2", filter_="crm.type == 1")}
    assert rows == {"collector": 0, "worker1": 2}


def test_a_name_forges_no_row(tshark):
    """What a host says of itself stays in its cell, and one line."""
    forged = "worker1\nworker2 |WORKER |10.0.0.12 |\t\r\u2028\u202e"
    info = {"hostname": forged, "inet_addr": "10.0.0.11|", "type": 1, "ports": [{"daemon": "a|b\nc", "port": 1}]}
    row, = _hosts(tshark, tshark.capture([as_bytes({**probe_init(), "info": info})]))
    assert row["Host"] == r"worker1\u000aworker2 \u007cWORKER \u007c10.0.0.12 \u007c\u0009\u000d\u2028\u202e"
    assert row["Address"] == r"10.0.0.11\u007c" and row["Daemons"] == r"a\u007cb\u000ac:1"


# Several at once, and one over several sessions

FILTERS = ("crm.type == 1", "crm.type == 2", "")


def test_each_hosts_table_has_its_own_filter(tshark, story):
    requests = [word for filter_ in FILTERS for word in ("-z", f"crm,hosts,{filter_}" if filter_ else "crm,hosts")]
    tables = dict(statistics_reader.all_hosts(tshark.run("-r", story, "-q", *requests)))
    assert tables == {filter_: _hosts(tshark, story, filter_=filter_) for filter_ in FILTERS}


def test_one_filter_finds_nothing(tshark, story):
    """A table of which no datagram is has no rows, whatever the other has."""
    text = tshark.run("-r", story, "-q", "-z", "crm,hosts,crm.type == 99", "-z", "crm,hosts")
    assert dict(statistics_reader.all_hosts(text)) == {"crm.type == 99": [], "": _hosts(tshark, story)}


@pytest.fixture(name="ring", scope="module")
def _ring(tshark):
    """Twelve probes of two collectors, so that a session ends anywhere; not pcapng,
    of which tshark 4.0 reads no more than the first file of a ring from a pipe."""
    script = ["host one COLLECTOR 10.0.0.2 coordinatord:10100", "host two COLLECTOR 10.0.0.3 coordinatord:10100"]
    script += [f"host w{number} WORKER 10.0.1.{number} workerd:10500" for number in range(5)]
    frame = 0

    def say(what):
        nonlocal frame
        frame += 1
        script.append(f"{frame} {frame / 100} {what}")

    for round_ in range(12):
        collector = ("one", "two")[round_ % 2]
        say(f"{collector} probe p{round_}")
        for number in range(5):
            say(f"w{number} ack {collector} p{round_}")
        for number in range(5):
            say(f"{collector} {'ok' if (round_ + number) % 3 else 'fail'} w{number} p{round_} left={round_ % 4}")
    capture = tshark.new_capture()
    whole = parse("\n".join(script)).write(tshark.new_capture())
    capture.parent.chmod(0o777)
    # Not through tshark.command(): under a preloaded sanitizer, editcap may never end.
    subprocess.run(["editcap", "-F", "pcap", str(whole), str(capture)], check=True)
    capture.chmod(0o644)
    return capture


def _said(tshark, *arguments, stdin=None):
    """stdout of a tshark that reports what it does on stderr."""
    return subprocess.run(tshark.command("tshark", *arguments), stdin=stdin, check=True, cwd=tshark.directory,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()


# What no session can tell whose request it has not seen.
ACROSS = {"Answered by others", "Mean response time"}


def _of_each_host(rows):
    return {(row["Host"], row["Address"]): {name: value for name, value in row.items() if name not in ACROSS}
            for row in rows}


@pytest.mark.parametrize("packets", [1, 2, 3, 7, 40])
def test_hosts_across_sessions(tshark, ring, packets):
    """Hosts are numbered anew in each, and some are first spoken to before they say who they are."""
    whole, rows = _hosts(tshark, ring), statistics_reader.hosts(
        _said(tshark, "-r", ring, "-M", packets, "-q", "-z", "crm,hosts"))
    assert len(rows) == len(whole)
    assert _of_each_host(rows) == _of_each_host(whole)


# Behind one address.
BEHIND_NAT = """
    host c1 COLLECTOR 10.1.0.2 coordinatord:10100 from=198.51.100.1@40001
    host c2 COLLECTOR 10.1.0.3 coordinatord:10100 from=198.51.100.1@40002
    host c3 COLLECTOR 10.1.0.4 coordinatord:10100 from=198.51.100.1@40003
    host w WORKER 10.0.0.11 workerd:10500
"""


def test_unknown_hosts_at_an_address_of_several(tshark):
    """Each four frames are a session: two collectors behind NAT; one that says later who it is; one that does not; a
    third."""
    capture = parse(BEHIND_NAT + """
        1  0.0  c1 probe a
        2  0.1  c2 probe b
        3  0.2  w ack c1 a
        4  0.3  c1 ok w a
        5  10.0 w ack c1 c
        6  10.3 c1 fail w c left=1
        7  11.0 c1 probe d
        8  11.1 w ack c1 d
        9  20.0 w ack c2 e
        10 20.1 c2 ok w e
        11 20.2 w ack c2 f
        12 20.3 c2 ok w f
        13 30.0 c3 probe g
        14 30.1 w ack c3 g
        15 30.5 c3 ok w g
        16 31.0 c3 probe h
    """).write(tshark.new_capture())
    names = ("Address", "Probes sent", "Mean response time", "First seen", "Last seen")
    rows = statistics_reader.hosts(_said(tshark, "-r", capture, "-M", 4, "-q", "-z", "crm,hosts"))
    assert {row["Host"]: [row[name] for name in names] for row in rows if row["Host"] != "w"} == {
        "c1": ["10.1.0.2", 2, 0.2, 0.0, 11.0], "c2": ["10.1.0.3", 1, None, 0.1, 0.1],
        "(no name)": ["198.51.100.1", 0, 0.1, 20.1, 20.3], "c3": ["10.1.0.4", 2, 0.4, 30.0, 31.0]}


def test_a_collector_and_a_worker_at_one_address_across_sessions(tshark):
    """In the second session, neither says who it is."""
    capture = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host local WORKER 10.0.0.2 workerd:10500
        1 0.0 collector probe a
        2 0.1 local ack collector a
        3 5.0 collector ok local b
    """).write(tshark.new_capture())
    rows = statistics_reader.hosts(_said(tshark, "-r", capture, "-M", 2, "-q", "-z", "crm,hosts"))
    assert [(row["Host"], row["Last seen"], row["Registered"]) for row in rows] == \
        [("collector", 5.0, 0), ("local", 0.1, 1)]


def test_seen_before_it_says_who_it_is_where_others_have_the_address(tshark):
    """In the second session: a third collector behind NAT."""
    capture = parse(BEHIND_NAT + """
        1  0.0  c1 probe a
        2  0.1  c2 probe b
        3  20.1 c3 ok w c
        4  21.0 c3 probe d
    """).write(tshark.new_capture())
    rows = statistics_reader.hosts(_said(tshark, "-r", capture, "-M", 2, "-q", "-z", "crm,hosts"))
    assert [(row["First seen"], row["Last seen"]) for row in rows if row["Host"] == "c3"] == [(20.1, 21.0)]


def test_who_says_later_who_it_is_was_last_seen_before_that(tshark):
    """Each five frames are a session: one of two collectors behind NAT, of which the filter lets no probe through."""
    capture = parse(BEHIND_NAT + """
        1  0.0  c1 probe a
        2  0.1  c2 probe b
        3  0.2  w ack c1 a
        4  0.3  c1 ok w a
        5  0.4  w ack c2 b
        6  10.0 c1 ok w c
        7  10.1 c1 fail w c left=1
        8  11.0 c1 probe d
        9  11.1 w ack c1 d
    """).write(tshark.new_capture())
    rows = {row["Host"]: row for row in statistics_reader.hosts(
        _said(tshark, "-r", capture, "-M", 5, "-q", "-z", "crm,hosts,crm.type != 1"))}
    assert set(rows) == {"c1", "c2", "w"}
    assert [rows["c1"][name] for name in ("First seen", "Last seen")] == [0.3, 10.1]


def test_who_says_later_who_it_is_was_first_seen_before_that(tshark):
    """In the second session: of one of two collectors behind NAT, the filter lets nothing of the first through."""
    capture = parse(BEHIND_NAT + """
        1  0.0  c1 probe a
        2  0.1  c2 probe b
        3  0.2  w ack c1 a
        4  0.3  w ack c2 b
        5  10.0 c1 fail w c left=1
        6  10.1 c1 fail w d left=1
        7  11.0 c1 probe e
        8  11.1 w ack c1 e
    """).write(tshark.new_capture())
    rows = {row["Host"]: row for row in statistics_reader.hosts(
        _said(tshark, "-r", capture, "-M", 4, "-q", "-z", "crm,hosts,crm.type != 1"))}
    assert [rows["c1"][name] for name in ("First seen", "Last seen")] == [10.0, 10.1]


# Behind NAT; in the second session one is spoken to before it says who it is.
SPOKEN_TO = """
    host c COLLECTOR 10.0.0.2 coordinatord:10100
    host v WORKER 10.1.0.11 workerd:10500 from=198.51.100.1@40001
    host u WORKER 10.1.0.12 workerd:10500 from=198.51.100.1@40002
    1  0.1  c probe a
    2  0.2  v ack c a
    3  0.3  u ack c a
    4  0.4  c ok v a
    5  10.0 c fail v z left=1
    6  10.1 v ack c b
"""


def test_who_was_only_spoken_to_has_not_been_seen(tshark):
    """In the second session, before it says who it is: one of two behind NAT."""
    capture = parse(SPOKEN_TO + """
        7  10.2 c ok v b
        8  11.0 c probe d
    """).write(tshark.new_capture())
    rows = {row["Host"]: row for row in statistics_reader.hosts(
        _said(tshark, "-r", capture, "-M", 4, "-q", "-z", "crm,hosts"))}
    assert set(rows) == {"c", "v", "u"}
    assert [rows["v"][name] for name in ("Failed", "Registered", "First seen", "Last seen")] == [1, 2, 0.1, 10.0]


def test_what_was_said_to_who_had_not_said_who_it_is_comes_last(tshark):
    """In the second session: to one of two behind NAT, whom the first has registered."""
    capture = parse(SPOKEN_TO).write(tshark.new_capture())
    rows = {row["Host"]: row for row in statistics_reader.hosts(
        _said(tshark, "-r", capture, "-M", 4, "-q", "-z", "crm,hosts"))}
    assert [rows["v"][name] for name in ("Registered", "Failed", "Last outcome", "Retries left")] == [1, 1, "failed", 1]


def test_what_says_no_outcome_to_who_had_not_said_who_it_is(tshark):
    """In the second session: to one of two behind NAT, whom the first has registered."""
    scenario = parse(SPOKEN_TO)
    scenario.datagrams[4].payload = as_bytes(without(register_ack(), "info.status"))
    rows = {row["Host"]: row for row in statistics_reader.hosts(
        _said(tshark, "-r", scenario.write(tshark.new_capture()), "-M", 4, "-q", "-z", "crm,hosts"))}
    assert [rows["v"][name] for name in ("Registered", "Failed", "Last outcome")] == [1, 0, "registered"]


@not_sanitized("dumpcap, which tshark starts here, may never end under a preloaded sanitizer")
def test_hosts_in_a_ring_buffer(tshark, ring):
    (tshark.directory / "ring").mkdir(exist_ok=True)
    (tshark.directory / "ring").chmod(0o777)
    with open(ring, "rb") as stdin:
        text = _said(tshark, "-i", "-", "-b", "packets:10", "-w", "ring/of.pcapng", "-q", "-z", "crm,hosts",
                     stdin=stdin)
    assert len(list((tshark.directory / "ring").iterdir())) > 5
    assert _of_each_host(statistics_reader.hosts(text)) == _of_each_host(_hosts(tshark, ring))


def _sharkd(tshark, capture, *taps):
    """What sharkd answers to each request of taps, on one capture in one process."""
    with Sharkd(tshark) as sharkd:
        sharkd.load(capture)
        return [sharkd.ask("tap", **{f"tap{n}": name for n, name in enumerate(names)})["taps"] for names in taps]


@pytest.mark.parametrize("name", ["stat:crm", "nstat:crm,hosts", "nstat:crm,points", "srt:crm"])
def test_asked_again_in_one_process(tshark, story, name):
    """At once and one after the other: each answer is the first one."""
    capture = ROOT / "pcaps/two-points.pcapng" if name == "nstat:crm,points" else story
    (once,), twice, (again,) = _sharkd(tshark, capture, [name], [name, name], [name])
    assert twice == [once, once] and again == once
    assert once["stats"] if "stats" in once else all(table.get("i") or table.get("r") for table in once["tables"])


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


def test_a_filter_made_of_a_row_finds_what_it_counts(tshark, story):
    """As the window makes it for Apply as Filter: the table's text, ==, the row's number."""
    for capture in (story, RETRY):
        (answer,), = _sharkd(tshark, capture, ["srt:crm"])
        table, = answer["tables"]
        assert {row["n"] for row in table["r"]} == {"ProbeAck", "RegisterAck"}
        for row in table["r"]:
            expression = f"{table['f']}=={row['idx']}"
            assert len(tshark.rows(capture, "frame.number", options=("-Y", expression))) == row["num"]


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


@pytest.mark.parametrize("name", ["crm,hosts", "crm,points"])
def test_a_window_counts_anew_when_a_filter_changes(tshark, name):
    """What it shows is reset then, and all datagrams come once more, in the same session. Another window without a
    filter, opened later, stays as it is."""
    scenario = parse("""
        point ''
        point ''
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host w1 WORKER 10.0.0.11 workerd:10500
        host w2 WORKER 10.0.0.12 workerd:10500
        host w3 WORKER 10.0.0.13 workerd:10500
        1  0.0   collector ok w2 z at=0
        2  0.1   collector ok w1 y at=0
        3  1.0   collector probe a at=0
        4  1.001 collector repeats 3 at=1
        5  1.1   w1 ack collector a at=1
        6  1.101 w1 repeats 5 at=0
        7  1.2   w2 ack collector a at=0
        8  1.3   w3 ack collector a at=0
        9  5.0   collector probe b at=0
        10 5.1   w1 ack collector b at=0
        11 9.0   collector probe c at=0
    """)
    filters, capture = ["", "frame.number in {5,7}", "frame.number == 6", "frame.number == 8", ""], scenario.write(tshark.new_capture())
    shown = [[]]
    for row in asked_of_window(tshark, scenario, "table", name, *filters):
        if row == [""]:
            shown.append([])
        else:
            shown[-1].append([cell.strip() for cell in row])
    assert len(shown[0]) == {"crm,hosts": 4, "crm,points": 2}[name] and len(shown) == len(filters) + 1
    for asked, rows in zip([*filters, ""], shown):
        told = tshark.run("-r", capture, "-2", "-q", "-z", ",".join(filter(None, [name, asked])))
        table = [[cell.strip() for cell in line.split("|")[:-1]] for line in told.splitlines() if "|" in line]
        assert sorted(rows) == sorted(table[1:])


def test_a_window_of_capture_points_counts_what_the_new_filter_lets_through(tshark):
    scenario = parse("""
        point ''
        point ''
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        1  0.0   collector probe a at=0
        2  0.001 collector repeats 1 at=1
        3  5.0   collector probe b at=0
        4  5.003 collector repeats 3 at=1
    """)
    shown = asked_of_window(tshark, scenario, "table", "crm,points", "", "frame.number > 2")
    times = [[float(cell) for cell in row[5:8]] for row in shown if row[0].strip() == "interface 0"]
    assert times == [[0.001, 0.002, 0.003], [0.003] * 3, [0.001, 0.002, 0.003]]
