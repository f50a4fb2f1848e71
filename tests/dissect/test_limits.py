# SPDX-License-Identifier: GPL-2.0-or-later
"""Bounds on what one datagram costs: what reaches one, and one more. Those of a message: tests/unit/test_limits.c."""

import pytest

from scenario import Scenario

COMPARED = 16       # datagrams with one id that one more of them is compared with
NAMED = 64          # silent hosts that a probe names


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
