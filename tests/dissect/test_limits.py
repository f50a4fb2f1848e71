# SPDX-License-Identifier: GPL-2.0-or-later
"""Bounds on what one datagram costs: what reaches one, and one more. Those of a message: tests/unit/test_limits.c."""

import pytest

import pcapng
import statistics_reader
from content import host_info, probe_init
from scenario import Scenario
from tshark import as_bytes

COMPARED = 16       # datagrams with one id that one more of them is compared with
NAMED = 64          # silent hosts that a probe names
ROUTED = 32         # datagrams among which a routed one is looked for
ANNOUNCED = 256     # ports that a datagram teaches
SHOWN = 400         # characters of a host's daemons in crm,hosts


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
    """A worker that answers several collectors under one id; past the bound, it is the latest of them."""
    found = []
    for count in (COMPARED, COMPARED + 1):
        scenario = Scenario()
        collector, worker = _round(scenario)
        for number in range(1, count):
            other = scenario.host(f"other{number}", "COLLECTOR", f"10.0.1.{number}", [("coordinatord", 10100)])
            scenario.probe(0.1 + number / 1000, other, "a")
            scenario.ack(0.1 + number / 1000, worker, other, "a")
        scenario.register(0.2, collector, worker, "a")
        found.append(_rows(tshark, scenario, "crm.response_to")[-1][0])
    assert found == [["2"], [str(2 + 2 * COMPARED)]]


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
    (ROUTED - 1, 0.005, ["1"]), (ROUTED, 0.005, []), (0, 0.009999, ["1"]), (0, 0.010001, [])])
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
