# SPDX-License-Identifier: GPL-2.0-or-later
"""Bounds on what one datagram costs: what reaches one, and one more. Those of a message: tests/unit/test_limits.c."""

import pytest

import pcapng
import statistics_reader
from content import host_info, probe_ack, probe_init, register_ack
from odd import deinterlacing
from plugin_under_test import not_sanitized
from scenario import Scenario
from tshark import COLLECTOR, as_bytes
from window import asked_of_window

COMPARED = 16       # datagrams with one id that one more of them is compared with
NAMED = 64          # silent hosts that a probe names
ROUTED = 32         # datagrams among which a routed one is looked for
NEAR = 6            # networks that are tied to another in which an endpoint of that is looked for
ANNOUNCED = 256     # ports that a datagram teaches
SHOWN = 400         # characters of a host's daemons in crm,hosts, ...
NAME = 80           # ... and of its name and its address
KEPT = 255          # bytes of a host's name that are kept, ...
DAEMON = 64         # ... and characters of each daemon
ROUND = 4096        # frames in the filter of a round
POINTS = 16         # as capture points
PASSED_OVER = 16    # what came by at other points only
REMEMBERED = 65536  # datagrams of the first point that are remembered until there is a second

IN_FEW = not_sanitized("as often as it takes, the same happens as in few")


def _rows(tshark, scenario, *fields):
    return tshark.rows(scenario.write(tshark.new_capture()), *fields, options=("-2",))


def _round(scenario):
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.11")
    scenario.probe(0, collector, "a")
    scenario.ack(0.1, worker, collector, "a")
    return collector, worker


def test_a_repetition_is_found_among_so_many_with_its_id(tshark):
    """RegisterAcks of one id that all say something else; then the first of them again."""
    found = []
    for count in (COMPARED, COMPARED + 1):
        scenario = Scenario()
        collector, worker = _round(scenario)
        for number in range(count):
            scenario.register(0.2 + number / 1000, collector, worker, "a", text=f"number {number}")
        scenario.repeat(0.3, 3)
        found.append(_rows(tshark, scenario, "crm.duplicate_of")[-1][0])
    assert found == [["3"], []]


def test_the_collector_of_an_id_is_found_among_so_many(tshark):
    """A worker that answers several collectors under one id; past the bound, it is what waits for this one."""
    found = []
    for count in (COMPARED, COMPARED + 1):
        scenario = Scenario()
        collector, worker = _round(scenario)
        for number in range(1, count):
            other = scenario.host(f"other{number}", "COLLECTOR", f"10.0.1.{number}", [("coordinatord", 10100)])
            scenario.probe(0.1 + number / 1000, other, "a")
            scenario.ack(0.1 + number / 1000, worker, other, "a")
        scenario.probe(0.2, collector, "b")
        latest = scenario.ack(0.3, worker, collector, "b")
        scenario.register(0.4, collector, worker, "a")
        found.append(_rows(tshark, scenario, "crm.response_to")[-1][0])
    assert found == [["2"], [str(latest)]]


@pytest.mark.parametrize("count", [NAMED, NAMED + 1, NAMED + 2])
def test_silent_hosts_are_named_up_to_so_many(tshark, count):
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    scenario.probe(0, collector, "a")
    for number in range(count):
        worker = scenario.host(f"worker{number}", "WORKER", f"10.0.1.{number + 1}")
        scenario.ack(0.1 + number / 1000, worker, collector, "a")
    scenario.probe(5, collector, "b")
    scenario.probe(10, collector, "c")
    message = tshark.messages(scenario.write(tshark.new_capture()), "-2")[count + 1]
    assert message.values("crm.silent_host") == [
        f"worker{number} (10.0.1.{number + 1})" for number in range(count - 1, count - 1 - NAMED, -1)]
    rest = count - NAMED
    assert message.expert("crm.host_silent")[NAMED:] == [
        f"{rest} more {'host' if rest == 1 else 'hosts'} did not answer"] * (rest > 0)


def _routed(tshark, between, seconds):
    """What a probe's copy in another VLAN is told to repeat, with so many datagrams between the two."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)], vlan=10)
    worker = scenario.host("worker1", "WORKER", "10.0.0.11", vlan=10)
    scenario.probe(0, collector, "a")
    for number in range(between):
        scenario.ack(0.0001 * (number + 1), worker, collector, f"{number}")
    scenario.repeat(seconds, 1, vlan=20)
    return _rows(tshark, scenario, "crm.duplicate_of")[-1][0]


@pytest.mark.parametrize("between, seconds, right", [
    (ROUTED - 1, 0.005, ["1"]), (ROUTED, 0.005, []), (0, 0.009999, ["1"]), (0, 0.010001, []),
    (0, -0.009999, ["1"]), (0, -0.010001, [])])
def test_a_routed_datagram_is_found_among_so_many_and_so_soon(tshark, between, seconds, right):
    assert _routed(tshark, between, seconds) == right


@pytest.fixture(scope="module", name="announced")
def _announced(tshark):
    """One host that announces as many ports as are kept, and one that announces one more; then one datagram to the
    last ports of each."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for host, count in (("10.9.0.1", ANNOUNCED), ("10.9.0.2", ANNOUNCED + 1)):
            ports = [(f"d{number}", 20000 + number) for number in range(1, count + 1)]
            message = {**probe_init(), "info": host_info(host, host, ports)}
            writer.udp(as_bytes(message), (host, 40001), ("10.9.0.255", 40000))
            for number in (ANNOUNCED - 1, ANNOUNCED, ANNOUNCED + 1):
                writer.udp(b"x", ("10.9.0.3", 40000 + number), (host, 20000 + number))
    return path


def test_a_datagram_teaches_so_many_ports(tshark, announced):
    rows = tshark.rows(announced, "crm.announced_in")
    assert [row[0] for row in rows] == [[], ["1"], ["1"], [], [], ["5"], ["5"], []]


def test_so_many_characters_of_daemons_are_shown(tshark, announced):
    rows = statistics_reader.hosts(tshark.run("-r", announced, "-q", "-z", "crm,hosts"))
    daemons = " ".join(f"d{number}:{20000 + number}" for number in range(1, ANNOUNCED + 1))
    assert [row["Daemons"] for row in rows] == [daemons[:SHOWN] + "…"] * 2


@pytest.mark.parametrize("vlan, found", [(1, True), (1 + NEAR, True), (2 + NEAR, False)])
def test_an_endpoint_is_looked_for_in_so_many_tied_networks(tshark, vlan, found):
    """A probe comes by in 20 VLANs, of which the last is the nearest to the first. A worker announces in one of them;
    what goes to it in the first is CRM. The preference keeps other networks out of it."""
    path = tshark.new_capture()
    announcement = {**probe_ack(), "info": host_info("w", "10.9.0.1", [("d", 20500)], 1)}
    with pcapng.Writer(path) as writer:
        for tag in (1, *range(20, 1, -1)):
            writer.udp(as_bytes(probe_init()), ("10.0.0.2", 10100), ("255.255.255.255", 10500), vlan=tag)
        writer.udp(as_bytes(announcement), ("10.9.0.1", 10500), ("10.0.0.2", 10100), vlan=vlan)
        writer.udp(b"x", ("10.9.0.3", 40001), ("10.9.0.1", 20500), vlan=1)
    row = tshark.rows(path, "crm.announced_in", options=deinterlacing(tshark, "VM."))[-1]
    assert row == [["21"] if found else []]


@pytest.mark.parametrize("tied, announced, value, found", [
    (1, 2, "VM.", True), (2, 2, "VM.", True), (3, 2, "VM.", True), (1, 3, "VM.", False), (1, None, "VM.", False),
    (1, 3, "NONE", True), (1, None, "NONE", True)])
def test_in_which_networks_an_announced_endpoint_is(tshark, tied, announced, value, found):
    """VLANs 1 and 2 are one, however often a datagram comes by in both; without a tag, it is another network."""
    path = tshark.new_capture()
    announcement = {**probe_ack(), "info": host_info("w", "10.9.0.1", [("d", 20500)], 1)}
    with pcapng.Writer(path) as writer:
        for number in range(tied):
            for tag in (1, 2):
                probe = {**probe_init(), "id": f"p{number}"}
                writer.udp(as_bytes(probe), ("10.0.0.2", 10100), ("255.255.255.255", 10500), vlan=tag)
        writer.udp(as_bytes(announcement), ("10.9.0.1", 10500), ("10.0.0.2", 10100), vlan=announced)
        writer.udp(b"x", ("10.9.0.3", 40001), ("10.9.0.1", 20500), vlan=1)
    row = tshark.rows(path, "crm.announced_in", options=deinterlacing(tshark, value))[-1]
    assert row == [[f"{2 * tied + 1}"] if found else []]


@pytest.mark.parametrize("tied", [1, 2, 3])
def test_networks_that_two_points_show_to_be_one_stay_one(tshark, tied):
    """A trunk at one of them, and each probe a copy."""
    path = tshark.new_capture()
    announcement = {**probe_ack(), "info": host_info("w", "10.9.0.1", [("d", 20500)], 1)}
    with pcapng.Writer(path, interfaces=(pcapng.Interface("left"), pcapng.Interface("right"))) as writer:
        for number in range(tied):
            probe = as_bytes({**probe_init(), "id": f"p{number}"})
            for interface, tag in enumerate((None, 20)):
                writer.udp(probe, ("10.0.0.2", 10100), ("255.255.255.255", 10500), vlan=tag, interface=interface)
        writer.udp(as_bytes(announcement), ("10.9.0.1", 10500), ("10.0.0.2", 10100), vlan=20, interface=1)
        writer.udp(b"x", ("10.9.0.3", 40001), ("10.9.0.1", 20500))
    row = tshark.rows(path, "crm.announced_in", options=deinterlacing(tshark, "VM."))[-1]
    assert row == [[f"{2 * tied + 1}"]]


# What a host says of itself

def _named(tshark, names, daemon="d"):
    """A capture of a host of each name, and a RegisterAck to each."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for number, name in enumerate(names, 1):
            host = (f"10.9.1.{number}", 10500)
            message = {**probe_ack(), "id": f"{number}", "info": host_info(name, host[0], [(daemon, 10500)])}
            writer.udp(as_bytes(message), host, COLLECTOR)
            writer.udp(as_bytes({**register_ack(), "id": f"{number}"}), COLLECTOR, host)
    return path


def test_so_many_bytes_of_a_name_are_kept(tshark):
    """A character is kept whole or not at all."""
    names = ["n" * KEPT, "n" * (KEPT + 1), "n" * (KEPT - 1) + "é", "n" * (KEPT - 2) + "é", "n" * (KEPT - 2) + "éé"]
    rows = tshark.rows(_named(tshark, names), "crm.worker", options=("-Y", "crm.type == 3"))
    assert [row[0][0] for row in rows] == ["n" * KEPT, "n" * KEPT + "…", "n" * (KEPT - 1) + "…",
                                           "n" * (KEPT - 2) + "é", "n" * (KEPT - 2) + "é…"]


@pytest.mark.parametrize("more", [0, 1])
def test_so_many_characters_of_names_and_daemons_are_shown(tshark, more):
    text = tshark.run("-r", _named(tshark, ["n" * (NAME + more)], "d" * (DAEMON - len(":10500") + more)), "-q", "-z",
                      "crm,hosts")
    row = next(row for row in statistics_reader.hosts(text) if row["Host"].startswith("n"))
    assert row["Host"] == ("n" * NAME + "…" if more else "n" * NAME)
    daemon = "d" * (DAEMON - len(":10500") + more) + ":10500"
    assert row["Daemons"] == (daemon[:DAEMON] + "…" if more else daemon)


@pytest.mark.parametrize("count", [pytest.param(ROUND, marks=IN_FEW), ROUND + 1])
def test_so_many_frames_of_a_round_are_in_its_filter(tshark, count):
    """A probe and its answers, which have ids of their own."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    workers = [scenario.host(f"w{n}", "WORKER", f"10.1.{n // 200}.{n % 200 + 1}") for n in range(count - 1)]
    scenario.probe(0, collector)
    for n, worker in enumerate(workers):
        scenario.ack(0.001 * (n + 1), worker, collector)
    offered = {(frame, name): text for frame, name, text in asked_of_window(tshark, scenario, "filters")}
    frames = f"{{1..{min(count, ROUND)}}}"
    assert offered["1", "CRM Round"] == f"frame.number in {frames} || crm.duplicate_of in {frames}"


# Capture points

TWO_POINTS = (pcapng.Interface("left"), pcapng.Interface("right"))


def _copies(tshark, *datagrams):
    """crm.copy_of of a probe that is captured at points and times."""
    scenario = Scenario(TWO_POINTS)
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    for number, (point, seconds) in enumerate(datagrams):
        if number == 0:
            scenario.probe(seconds, collector, "a", interface=point)
        else:
            scenario.repeat(seconds, 1, interface=point)
    return [row[0] for row in _rows(tshark, scenario, "crm.copy_of")]


@pytest.mark.parametrize("seconds, right", [(29.99, ["1"]), (-29.99, ["1"]), (30.01, []), (-30.01, [])])
def test_a_copy_comes_within_30_seconds(tshark, seconds, right):
    assert _copies(tshark, (0, 40), (1, 40 + seconds))[-1] == right


@pytest.mark.parametrize("seconds, right", [(0.49, ["3"]), (0.51, [])])
def test_what_comes_again_after_half_a_second_was_sent_again(tshark, seconds, right):
    """Then there are two that the copy may be of, which no clock tells yet."""
    scenario = Scenario(TWO_POINTS)
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    for word, times in (("a", [(0, 0), (1, 1)]), ("b", [(0, 5), (0, 5 + seconds), (1, 5.6)])):
        first = scenario.probe(times[0][1], collector, word, interface=0)
        for point, time in times[1:]:
            scenario.repeat(time, first, interface=point)
    assert _rows(tshark, scenario, "crm.copy_of")[-1][0] == right


@pytest.mark.parametrize("count, right", [(COMPARED, ["7"]), (COMPARED + 1, [])])
def test_a_copy_is_found_among_so_many_equal_datagrams(tshark, count, right):
    """The clocks are known, and tell of the first of them; what comes after it at its point hides it in the end."""
    scenario = Scenario(TWO_POINTS)
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    for number in range(3):
        frame = scenario.probe(number, collector, f"{number}", interface=0)
        scenario.repeat(number + 0.001, frame, interface=1)
    first = scenario.probe(5, collector, "a", interface=0)
    for number in range(1, count):
        scenario.repeat(5 + number, first, interface=0)
    scenario.repeat(5.001, first, interface=1)
    assert _rows(tshark, scenario, "crm.copy_of")[-1][0] == right


def test_so_many_that_came_by_elsewhere_are_passed_over(tshark):
    """A probe, and then an answer, that waits at the first point, behind others that came by at the second only."""
    scenario, right = Scenario(TWO_POINTS), {}
    for more in (0, 1):
        start = 100 * more
        collector = scenario.host(f"collector{more}", "COLLECTOR", f"10.0.{more}.2", [("coordinatord", 10100)])
        worker = scenario.host(f"worker{more}", "WORKER", f"10.0.{more}.11")
        probes = [scenario.probe(start, collector, interface=0)]
        probes += [scenario.probe(start + n, collector, interface=1) for n in range(1, PASSED_OVER + 1 + more)]
        acks = [scenario.ack(start + 50, worker, collector, interface=0)]
        acks += [scenario.ack(start + 50 + n, worker, collector, interface=1) for n in range(1, PASSED_OVER + more)]
        right[acks[0]] = probes[-more]
        right[scenario.register(start + 80, collector, worker, interface=0)] = acks[-more]
    rows = _rows(tshark, scenario, "crm.response_to")
    assert {frame: rows[frame - 1][0] for frame in right} == {frame: [str(to)] for frame, to in right.items()}


def test_two_interfaces_past_the_points_are_not_one(tshark):
    """A probe that another of them captured came by there no more than the latest, which the first point has."""
    scenario = Scenario(tuple(pcapng.Interface(f"point{n}") for n in range(POINTS + 2)))
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.11")
    for point in range(POINTS):
        scenario.probe(point, collector, interface=point)
    scenario.probe(50, collector, interface=POINTS + 1)
    latest = scenario.probe(51, collector, interface=0)
    scenario.ack(52, worker, collector, interface=POINTS)
    assert _rows(tshark, scenario, "crm.response_to")[-1][0] == [str(latest)]


@IN_FEW
def test_so_many_datagrams_of_the_first_point_are_remembered(tshark):
    """Of two probes, the second is the last of them."""
    path, other = tshark.new_capture(), b'{"type":"t","measurement":"","timestamp":0,"tags":[],"fields":[]}'
    probes = [as_bytes({**probe_init(), "id": number}) for number in "ab"]
    with pcapng.Writer(path, interfaces=TWO_POINTS) as writer:
        start, ends = writer.time, (COLLECTOR, ("10.0.0.255", 10500))
        (filler,) = pcapng.frames_of_datagram(other, *ends)
        for probe in probes:
            writer.udp(probe, *ends, start)
        for number in range(REMEMBERED - 1):
            writer.frame(filler, start + 0.0001 * number)
        for probe in probes:
            writer.udp(probe, *ends, start + 10, interface=1)
    rows = tshark.rows(path, "crm.copy_of", options=("-Y", f"frame.number > {REMEMBERED + 1}"))
    assert rows == [[[]], [["2"]]]


@IN_FEW
def test_a_round_that_is_not_remembered_has_its_response_time(tshark):
    """As on a single pass, which has seen one point by then."""
    path, other = tshark.new_capture(), b'{"type":"t","measurement":"","timestamp":0,"tags":[],"fields":[]}'
    with pcapng.Writer(path, interfaces=TWO_POINTS) as writer:
        start, ends = writer.time, (COLLECTOR, ("10.0.0.255", 10500))
        (filler,) = pcapng.frames_of_datagram(other, *ends)
        writer.udp(as_bytes(probe_init()), *ends, start)
        writer.udp(as_bytes(probe_ack()), ("10.0.0.11", 10500), COLLECTOR, start + 0.005)
        for number in range(REMEMBERED):
            writer.frame(filler, start + 1 + 0.0001 * number)
        writer.udp(as_bytes(probe_init()), *ends, start + 10, interface=1)
    for options in ((), ("-2",)):
        rows = tshark.rows(path, "crm.response_time", options=(*options, "-Y", "frame.number == 2"))
        assert rows == [[["0.005000000"]]]
