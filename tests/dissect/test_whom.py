# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a datagram is about: crm.worker and crm.collector in each message."""

import pytest

import pcapng
import statistics_reader
from content import (changed, enum, metric_init, packet_type, probe_ack, probe_init, query_ack, register_ack, report_init,
                     without)
from scenario import parse
from tshark import as_bytes

COLLECTOR, WORKER, EVERYBODY = ("10.0.0.2", 10100), ("10.0.0.11", 10500), ("255.255.255.255", 10500)
PASSES = [(), ("-2",)]


def _whom(tshark, datagrams, *options, snaplen=262144):
    """(workers, collectors) of each (payload, source, destination)."""
    path = tshark.new_capture()
    with pcapng.Writer(path, snaplen=snaplen) as writer:
        for payload, source, target in datagrams:
            writer.udp(as_bytes(payload), source, target)
    return [tuple(row) for row in tshark.rows(path, "crm.worker", "crm.collector", options=options)]


@pytest.mark.parametrize("options", PASSES, ids=["one pass", "two passes"])
def test_each_message(tshark, options):
    here, no_one = (changed(changed(probe_ack(), "info.hostname", name), "info.inet_addr", COLLECTOR[0])
                    for name in ("here", "no one"))
    register_ack_with_host = changed(no_one, "type", packet_type(3))
    assert _whom(tshark, [
        (probe_init(), COLLECTOR, EVERYBODY), (probe_ack(), WORKER, COLLECTOR), (register_ack(), COLLECTOR, WORKER),
        (metric_init(), WORKER, COLLECTOR), (query_ack(), COLLECTOR, WORKER), (report_init(), WORKER, COLLECTOR),
        (b"{", COLLECTOR, WORKER), (here, (COLLECTOR[0], 10500), COLLECTOR),
        (register_ack_with_host, COLLECTOR, WORKER), (register_ack(), COLLECTOR, (COLLECTOR[0], 10500))], *options) == [
            ([], ["collector"]), (["worker1"], ["collector"]), (["worker1"], ["collector"]),
            (["worker1"], []), (["worker1"], []), ([], []), ([], []), (["here"], ["collector"]),
            (["worker1"], ["collector"]), (["here"], ["collector"])]


def test_an_address_where_no_name_is_known_yet(tshark):
    """The first pass has not seen the announcements, which come later."""
    datagrams = [(register_ack(), COLLECTOR, WORKER), (probe_ack(), WORKER, COLLECTOR),
                 (probe_init(), COLLECTOR, EVERYBODY)]
    assert _whom(tshark, datagrams) == [
        (["10.0.0.11"], ["10.0.0.2"]), (["worker1"], ["10.0.0.2"]), ([], ["collector"])]
    assert _whom(tshark, datagrams, "-2") == [
        (["worker1"], ["collector"]), (["worker1"], ["collector"]), ([], ["collector"])]


def test_what_is_broken_is_about_somebody(tshark):
    """A filter for a worker gives what its receiver refuses, too. An end that nobody announced is an address."""
    here = (COLLECTOR[0], 10500)
    probe, ack, register = (as_bytes(message) + b"}" for message in (probe_init(), probe_ack(), register_ack()))
    known = [(probe_init(), COLLECTOR, EVERYBODY), (probe_ack(), WORKER, COLLECTOR),
             (changed(changed(probe_ack(), "info.hostname", "here"), "info.inet_addr", here[0]), here, COLLECTOR)]
    broken = [(probe, COLLECTOR, EVERYBODY), (b'{"py/object": "dtos.probe_init.ProbeInit", ', COLLECTOR, EVERYBODY),
              (ack, WORKER, COLLECTOR), (register, COLLECTOR, WORKER), (register, COLLECTOR, here),
              (register, COLLECTOR, ("10.0.0.12", 10500))]
    for options in PASSES:
        assert _whom(tshark, known + broken, *options)[3:] == [
            ([], ["collector"]), ([], ["collector"]), (["worker1"], ["collector"]), (["worker1"], ["collector"]),
            (["here"], ["collector"]), (["10.0.0.12"], ["collector"])]


def test_what_is_broken_and_has_no_type_that_is_known_is_of_its_class(tshark):
    """As what is not broken."""
    ack = as_bytes(changed(probe_ack(), "type", 9))
    assert _whom(tshark, [(probe_init(), COLLECTOR, EVERYBODY), (ack, WORKER, COLLECTOR), (ack + b"}", WORKER, COLLECTOR)])[1:] == [
        (["worker1"], ["collector"])] * 2


def test_what_is_broken_and_says_no_name_is_of_who_is_known_there(tshark):
    """Though it says its address."""
    metrics = as_bytes(without(metric_init(), "info.hostname")) + b"}"
    for options in PASSES:
        assert _whom(tshark, [(probe_ack(), WORKER, COLLECTOR), (metrics, WORKER, COLLECTOR)], *options)[1] == (["worker1"], [])


def test_what_is_broken_and_says_no_name_has_the_address_that_it_says(tshark):
    """Who is known there has no name either."""
    nameless = changed(probe_ack(), "info.hostname", "")
    metrics = as_bytes(changed(without(metric_init(), "info.hostname"), "info.inet_addr", "10.0.0.99")) + b"}"
    for options in PASSES:
        assert _whom(tshark, [(nameless, WORKER, COLLECTOR), (metrics, WORKER, COLLECTOR)], *options)[1] == (["10.0.0.99"], [])


def test_what_is_broken_behind_nat(tshark):
    """The address has several hosts, of which the port tells one."""
    nat = "203.0.113.9"
    datagrams = [(changed(changed(probe_ack(), "info.hostname", f"worker{number}"), "info.inet_addr", f"10.0.0.{number}"),
                  (nat, 40000 + number), COLLECTOR) for number in (1, 2)]
    broken = [(as_bytes(register_ack()) + b"}", COLLECTOR, (nat, 40000 + number)) for number in (1, 2, 3)]
    for options in PASSES:
        assert [worker for worker, _ in _whom(tshark, datagrams + broken, *options)[2:]] == [[nat], ["worker2"], [nat]]


def test_what_is_broken_does_not_count(tshark):
    """A host is last seen when it was last understood."""
    path = tshark.capture([probe_init(), as_bytes(register_ack()) + b"}"], COLLECTOR, WORKER)
    (row,) = statistics_reader.hosts(tshark.run("-q", "-z", "crm,hosts", "-r", path))
    assert row["Host"] == "collector" and row["Last seen"] == 0


def test_a_host_without_name_or_info(tshark):
    nameless = changed(probe_ack(), "info.hostname", "")
    assert _whom(tshark, [(nameless, WORKER, COLLECTOR)]) == [(["10.0.0.11"], ["10.0.0.2"])]
    assert _whom(tshark, [(without(probe_ack(), "info"), ("10.0.0.9", 1), COLLECTOR)]) == [
        (["10.0.0.9"], ["10.0.0.2"])]
    elsewhere = ("203.0.113.9", 10500)
    assert _whom(tshark, [(nameless, elsewhere, COLLECTOR)]) == [(["10.0.0.11"], ["10.0.0.2"])]
    assert _whom(tshark, [(without(query_ack(), "hostname"), COLLECTOR, WORKER)]) == [([], [])]


def test_a_host_without_name_has_one_spelling(tshark):
    """What is said to it has the first, so one filter gives it all."""
    acks = [changed(changed(changed(probe_ack(), "id", address), "info.hostname", ""), "info.inet_addr", address)
            for address in ("10.0.0.11", "::ffff:10.0.0.11")]
    datagrams = [(acks[0], WORKER, COLLECTOR), (register_ack(), COLLECTOR, WORKER), (acks[1], WORKER, COLLECTOR),
                 (register_ack(), COLLECTOR, WORKER)]
    for options in PASSES:
        assert [worker for worker, _ in _whom(tshark, datagrams, *options)] == [["10.0.0.11"]] * 4


@pytest.mark.parametrize("name, address, label", [
    ("first", "10.0.0.11", "first (10.0.0.11)"), ("first", "", "first (10.0.0.9)"), ("", "10.0.0.11", "10.0.0.11"),
    ("", "", "10.0.0.9"), ("w" * 65, "a" * 65, f"{'w' * 64}… ({'a' * 64}…)"),
    ("雲" * 22, "é" * 33, f"{'雲' * 21}… ({'é' * 32}…)")])
def test_how_a_finding_names_a_host(tshark, name, address, label):
    """By all that it says of itself, or else by where it sends from; and so where it says nothing of itself."""
    message = changed(changed(probe_init(), "info.hostname", name), "info.inet_addr", address)
    told = tshark.dissect([message, message, query_ack(), query_ack()], src=("10.0.0.9", 10500))
    for text in told[1].expert("crm.duplicate") + told[3].expert("crm.duplicate"):
        assert text.startswith(f"{label} sent this datagram before")
    assert told[1].expert("crm.duplicate") and told[3].expert("crm.duplicate")


def test_duplicates_have_them_too(tshark):
    datagrams = [(probe_init(), COLLECTOR, EVERYBODY), (probe_ack(), WORKER, COLLECTOR), (register_ack(), COLLECTOR, WORKER)]
    twice = [datagram for datagram in datagrams for _ in range(2)]
    told = _whom(tshark, twice)
    assert told[0::2] == told[1::2] == [([], ["collector"]), (["worker1"], ["collector"]), (["worker1"], ["collector"])]


def test_what_a_cut_datagram_still_says(tshark):
    """It has no part in the dialogue, but its beginning and its addresses are there."""
    datagrams = [(probe_init(), COLLECTOR, EVERYBODY), (probe_ack(), WORKER, COLLECTOR),
                 (register_ack(), COLLECTOR, WORKER)]
    assert _whom(tshark, datagrams, snaplen=42 + 200) == [
        ([], ["collector"]), (["worker1"], ["10.0.0.2"]), (["10.0.0.11"], ["10.0.0.2"])]


def test_what_icmp_quotes(tshark):
    """The dialogue does not know it; what it says itself is shown."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for payload, source, target in [(probe_ack(), WORKER, COLLECTOR), (register_ack(), COLLECTOR, WORKER),
                                        (changed(probe_ack(), "info.hostname", ""), ("203.0.113.9", 1), COLLECTOR)]:
            (frame,) = pcapng.frames_of_datagram(as_bytes(payload), source, target)
            writer.frame(pcapng.port_unreachable(frame))
    assert tshark.rows(path, "crm.worker", "crm.collector") == [
        [["worker1"], ["10.0.0.2"]], [["10.0.0.11"], ["10.0.0.2"]], [["10.0.0.11"], ["10.0.0.2"]]]


@pytest.mark.parametrize("options", [(), ("-2",)], ids=["one pass", "two passes"])
def test_what_icmp_quotes_is_about_hosts_that_are_known_by_then(tshark, options):
    """A worker's whole story has that its port is closed."""
    (quoted,) = pcapng.frames_of_datagram(as_bytes(register_ack()), COLLECTOR, WORKER)
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        writer.frame(pcapng.port_unreachable(quoted))
        for payload, source, target in [(probe_init(), COLLECTOR, EVERYBODY), (probe_ack(), WORKER, COLLECTOR)]:
            writer.udp(as_bytes(payload), source, target)
        writer.frame(quoted)
        writer.frame(pcapng.port_unreachable(quoted))
    named = (["worker1"], ["collector"])
    told = tshark.rows(path, "crm.worker", "crm.collector", options=options)
    assert [tuple(row) for row in told] == [(["10.0.0.11"], ["10.0.0.2"]), ([], ["collector"]), named, named, named]


def test_a_cut_message_is_of_its_type(tshark):
    """And not of its class, as one that is whole."""
    message = {"py/object": "dtos.probe_ack.ProbeAck", "type": packet_type(3),
               **without(without(probe_ack(), "type"), "py/object")}
    assert _whom(tshark, [(message, COLLECTOR, WORKER)], snaplen=42 + 250) == [(["10.0.0.11"], ["10.0.0.2"])]


@pytest.mark.parametrize("quoted", [28 + 200, None], ids=["a part", "the whole"])
def test_a_quotation_that_breaks_off_is_not_malformed(tshark, quoted):
    """The datagram was whole; hosts and routers quote as much as they like."""
    path = tshark.new_capture()
    (frame,) = pcapng.frames_of_datagram(as_bytes(probe_ack()), WORKER, COLLECTOR)
    with pcapng.Writer(path) as writer:
        writer.frame(pcapng.port_unreachable(frame[:14 + quoted] if quoted else frame))
    ((names, ports, errors),) = tshark.rows(path, "crm.hostname", "crm.port_info", "crm.json_error")
    assert (names, errors, bool(ports)) == (["worker1"], [], quoted is None)


def test_a_quotation_of_the_whole_says_all(tshark):
    path = tshark.new_capture()
    (frame,) = pcapng.frames_of_datagram(as_bytes(register_ack()), COLLECTOR, WORKER)
    with pcapng.Writer(path) as writer:
        writer.frame(pcapng.port_unreachable(frame))
    assert "Cloudless Resource Monitoring, REG_ACK registered" in tshark.run("-r", path, "-V")


def test_all_of_one_worker_with_one_filter(tshark):
    script = """
        host collector COLLECTOR 10.0.0.2
        host worker1 WORKER 10.0.0.11
        host worker2 WORKER 10.0.0.12
        1  0.0  collector probe a
        2  0.1  worker1 ack collector a
        3  0.2  worker2 ack collector a
        4  0.3  collector ok worker2 a
        5  0.4  collector repeats 4
        6  0.5  collector fail worker1 a left=1
    """
    capture = parse(script).write(tshark.new_capture())
    rows = tshark.rows(capture, "frame.number", options=("-Y", 'crm.worker == "worker2"'))
    assert [row[0][0] for row in rows] == ["3", "4", "5"]


def test_a_name_is_harmless(tshark):
    hostile = changed(probe_ack(), "info.hostname", "w\x1b[31m\u202e\x00x")
    datagrams = [(hostile, WORKER, COLLECTOR), (register_ack(False, "no", 1), COLLECTOR, WORKER)]
    # Newer releases of tshark double a backslash.
    told = [[text.replace(r"\\", "\\") for text in workers] for workers, *_ in _whom(tshark, datagrams)]
    assert told[0] == told[1] == ["w\\u001b[31m\\u202e\\u0000x"]


def test_a_message_whose_type_and_class_disagree_is_read_as_its_type(tshark):
    message = changed(probe_ack(), "type", enum("dtos.crm_pkt_type.CrmPktType", 1))
    assert _whom(tshark, [(message, WORKER, COLLECTOR)]) == [([], ["worker1"])]
