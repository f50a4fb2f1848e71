# SPDX-License-Identifier: GPL-2.0-or-later
"""What a HostInfo says of its host: its type, a name or none, and an address that it may not send from."""

import itertools

import pytest

import pcapng
import statistics_reader
from content import UUID, changed, host_info, packet_type, probe_ack, probe_init, query_ack, register_ack, without
from recognition import write
from scenario import parse
from tshark import COLLECTOR, WORKER, as_bytes


def _hosts(tshark, datagrams):
    capture = write(tshark, datagrams)
    return statistics_reader.hosts(tshark.run("-r", tshark.readable(capture), "-q", "-z", "crm,hosts"))


def _announcement(kind):
    return {**probe_ack("vrmjobs"), "id": f"{kind}", "info": host_info("worker1", "10.0.0.11", [], kind, "vrmjobs")}


def metric_init(inet_addr="10.0.0.11"):
    return {"py/object": "vrmjobs.metric_init.MetricInit", "id": UUID, "type": packet_type(100, "vrmjobs"),
            "info": host_info("worker1", inet_addr, [("workerd", 10500)], 1, "vrmjobs")}


def test_the_type_is_the_latest(tshark):
    names = {1: "WORKER", 2: "COLLECTOR", 3: "MONITOR", 0: "(none)"}
    for kinds in itertools.permutations(names, 2):
        (row,) = [row for row in _hosts(tshark, [(_announcement(kind), WORKER, COLLECTOR) for kind in kinds])
                  if row["Host"] == "worker1"]
        assert row["Type"] == names[kinds[1]], kinds


def test_the_daemons_are_the_latest(tshark):
    """However many there were before, and of whatever length."""
    sequences = [[["workerd"], []], [["workerd"], [], ["d"]], [[], ["d"]], [["d"], ["workerd", "d"]], [["workerd", "d"], ["w"]]]
    datagrams = []
    for number, sequence in enumerate(sequences, 1):
        for daemons in sequence:
            info = host_info(f"host{number}", f"10.0.1.{number}", [(daemon, 10500) for daemon in daemons], 1)
            ack = {**probe_ack(), "id": f"{len(datagrams)}", "info": info}
            datagrams.append((ack, (f"10.0.1.{number}", 10500), COLLECTOR))
    shown = {row["Host"]: row["Daemons"] for row in _hosts(tshark, datagrams) if row["Host"].startswith("host")}
    assert shown == {f"host{number}": " ".join(f"{daemon}:10500" for daemon in sequence[-1])
                     for number, sequence in enumerate(sequences, 1)}


@pytest.mark.parametrize("address", ["10.0.0.2", "localhost"])
def test_a_machine_may_be_two_hosts(tshark, address):
    """A collector and a worker that announce one name and address."""
    worker = changed(probe_ack(), "info", host_info(inet_addr=address, kind=1))
    rows = _hosts(tshark, [(probe_init(inet_addr=address), COLLECTOR, WORKER), (worker, COLLECTOR, COLLECTOR)])
    assert sorted((row["Host"], row["Type"]) for row in rows) == [("collector", "COLLECTOR"), ("collector", "WORKER")]


NAMELESS = [changed(probe_ack(), "info.hostname", ""), without(probe_ack(), "info.hostname"),
            changed(probe_ack(), "info.hostname", 7)]


@pytest.mark.parametrize("order", [1, -1], ids=["the nameless first", "the nameless last"])
def test_who_has_no_name_contradicts_none(tshark, order):
    """An address with two names is a conflict; one of a host that says no name is not."""
    for nameless in NAMELESS:
        acks = [nameless, changed(probe_ack(), "id", "other")][::order]
        rows = tshark.rows(write(tshark, [(ack, WORKER, COLLECTOR) for ack in acks]), "crm.hostname_conflict")
        assert rows == [[[]], [[]]]
    named, *nowhere = (changed(changed(probe_ack(), "info.hostname", f"worker{number}"), "id", f"{number}")
                       for number in (2, 3, 4))
    nowhere = [changed(ack, "info.inet_addr", "nowhere") for ack in nowhere]
    rows = tshark.rows(write(tshark, [(ack, WORKER, COLLECTOR) for ack in [probe_ack(), named, *nowhere]]),
                       "crm.hostname_conflict")
    assert [bool(row[0]) for row in rows] == [False, True, False, False]


def test_every_announcement_may_come_from_elsewhere(tshark):
    """Three messages announce their sender; a RegisterAck and a QueryAck announce nobody."""
    elsewhere = ("203.0.113.9", 10500)
    datagrams = [(probe_init(), COLLECTOR, WORKER), (probe_init(), elsewhere, WORKER),
                 (probe_ack(), WORKER, COLLECTOR), (probe_ack(), elsewhere, COLLECTOR),
                 (metric_init(), WORKER, COLLECTOR), (metric_init(), elsewhere, COLLECTOR),
                 (metric_init("10.0.0.99"), WORKER, COLLECTOR),
                 (probe_ack(), ("a00:b::", 10500), ("a00:2::", 10500))]     # the bytes of 10.0.0.11, and more
    rows = tshark.rows(write(tshark, datagrams), "crm.inet_addr_mismatch")
    assert [bool(row[0]) for row in rows] == [False, True, False, True, False, True, True, True]


def test_each_kind_of_finding_counts(tshark):
    """However many kinds one datagram has; each once."""
    ports = [{"py/object": "dtos.port_info.PortInfo", "daemon": 7, "port": port} for port in (70000, 70001)]
    message = changed(changed(probe_init(), "info.ports", ports), "info.inet_addr", "nowhere")
    text = tshark.run("-r", write(tshark, [(message, COLLECTOR, WORKER)]), "-q", "-z", "crm,tree")
    assert statistics_reader.tree(text)["Expert Information"] == {
        "crm.wrong_type": 1, "crm.port_out_of_range": 1, "crm.inet_addr_invalid": 1}


def test_a_conflict_names_the_first_frame_that_contradicts(tshark):
    """Of a name at two addresses, an address with two names, and one name and address at two machines."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        host twin WORKER 10.0.0.99 workerd:10500 name=worker1
        host worker2 WORKER 10.0.0.12 workerd:10500
        host squatter WORKER 10.0.0.12 workerd:10500 name=worker9
        host worker3 WORKER 10.0.0.13 workerd:10500
        host elsewhere WORKER 10.0.0.13 workerd:10500 name=worker3 from=10.0.0.66@10500

        1  0.0  collector probe a
        2  0.1  collector ok worker1 z
        3  0.2  worker1 ack collector a
        4  0.3  worker2 ack collector a
        5  0.4  worker3 ack collector a
        6  5.0  collector probe b
        7  5.1  twin ack collector b
        8  5.2  worker1 ack collector b
        9  5.3  squatter ack collector b
        10 5.4  worker2 ack collector b
        11 5.5  elsewhere ack collector b
        12 5.6  worker3 ack collector b
        13 10.0 collector probe c
        14 10.1 twin ack collector c
    """)
    said = [message.expert("crm.hostname_conflict") for message in tshark.messages(scenario.write(tshark.new_capture()))]
    begins = {frame: texts[0].partition(":")[0] for frame, texts in enumerate(said, 1) if texts}
    assert max(map(len, said)) == 1 and begins == {
        7: "worker1 (10.0.0.99) is announced with another address in frame 3",
        8: "worker1 (10.0.0.11) is announced with another address in frame 7",
        9: "worker9 (10.0.0.12) is announced with another name in frame 4",
        10: "worker2 (10.0.0.12) is announced with another name in frame 9",
        11: "worker3 (10.0.0.13) is announced from 10.0.0.66, and from 10.0.0.13 in frame 5",
        12: "worker3 (10.0.0.13) is announced from 10.0.0.13, and from 10.0.0.66 in frame 11",
        14: "worker1 (10.0.0.99) is announced with another address in frame 3"}


def test_who_was_told_before_it_said_who_it_is(tshark):
    """At the address that it announces, which it does not send from."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500 from=10.0.0.50@10500
        1  0.0  collector ok worker1 z to=10.0.0.11@10500
        2  5.0  collector probe a
        3  5.1  worker1 ack collector a
    """)
    rows = tshark.rows(scenario.write(tshark.new_capture()), "crm.worker", options=("-2",))
    assert rows == [[["worker1"]], [[]], [["worker1"]]]


def test_who_turns_out_to_be_a_collector_is_not_the_worker_there(tshark):
    """A QueryAck tells not which of the two it is sent to."""
    there = (COLLECTOR[0], 10500)
    local = {**probe_ack(), "info": host_info("local", COLLECTOR[0], [("workerd", 10500)], 1)}
    capture = write(tshark, [(query_ack(), WORKER, COLLECTOR), (probe_init(), COLLECTOR, WORKER),
                             (register_ack(), COLLECTOR, there), (local, there, COLLECTOR)])
    rows = tshark.rows(capture, "crm.worker", "crm.collector", options=("-2",))
    assert rows[2:] == [[["local"], ["collector"]]] * 2


def test_a_query_ack_comes_again_behind_what_a_worker_at_its_receiver_announces(tshark):
    local, there = host_info("local", COLLECTOR[0], [("workerd", 10500)], 1), (COLLECTOR[0], 10500)
    capture = write(tshark, [(probe_init(), COLLECTOR, WORKER), (query_ack(), WORKER, COLLECTOR),
                             ({**probe_ack(), "info": local}, there, COLLECTOR), (query_ack(), WORKER, COLLECTOR)])
    assert tshark.rows(capture, "crm.duplicate_of")[3] == [["2"]]


@pytest.mark.parametrize("message", (query_ack(), metric_init()), ids=("QueryAck", "MetricInit"))
def test_what_has_no_answer_is_new_after_half_a_second(tshark, message):
    """Each time counted from the one before, which the wire may repeat again."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        start = writer.time
        for seconds in (0, 0.3, 0.7, 1.3):
            writer.udp(as_bytes(message), WORKER, COLLECTOR, start + seconds)
    assert tshark.rows(path, "crm.duplicate_of") == [[[]], [["1"]], [["1"]], [[]]]


@pytest.mark.parametrize("order", [1, -1])
def test_who_sends_a_query_ack_is_the_collector(tshark, order):
    """One row has all that it sent, whatever came before it said who it is."""
    sent = [(register_ack(), COLLECTOR, WORKER), (probe_init(), COLLECTOR, WORKER)]
    rows = _hosts(tshark, [(query_ack(), COLLECTOR, ("10.0.0.3", 9)), *sent[::order]])
    assert [row["Host"] for row in rows if row["Address"] == COLLECTOR[0]] == ["collector"]


def test_who_has_the_address_is_another_than_who_announced_it(tshark):
    """Though both say the same of themselves."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host clone WORKER 10.0.0.12 workerd:10500 name=worker2 from=10.0.0.11@10500
        host worker2 WORKER 10.0.0.12 workerd:10500
        1  0.0  collector probe a
        2  0.1  clone ack collector a
        3  0.2  worker2 ack collector a
    """)
    messages = tshark.messages(scenario.write(tshark.new_capture()), "-2")
    assert messages[0].values("crm.acks") == ["2"]
    (text,) = messages[2].expert("crm.hostname_conflict")
    assert text.startswith("worker2 (10.0.0.12) is announced from 10.0.0.12, and from 10.0.0.11 in frame 2")


def test_a_host_is_compared_with_those_that_it_contradicts(tshark):
    """What is at worker2's address under another name is nothing to worker2's own name."""
    scenario = parse("""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        host worker2 WORKER 10.0.0.12 workerd:10500
        host mix WORKER 10.0.0.12 workerd:10500 name=worker1 from=10.0.0.13@10500
        1  0.0  collector probe a
        2  0.1  worker1 ack collector a
        3  0.2  worker2 ack collector a
        4  0.3  mix ack collector a
        5  5.0  collector probe b
        6  5.1  worker2 ack collector b
    """)
    message = tshark.messages(scenario.write(tshark.new_capture()))[5]
    (text,) = message.expert("crm.hostname_conflict")
    assert text.startswith("worker2 (10.0.0.12) is announced with another name in frame 4")


def test_a_type_is_not_cut(tshark):
    """258 is 2, a collector's, in eight bits."""
    (row,) = _hosts(tshark, [(probe_init(kind=258), COLLECTOR, WORKER)])
    assert row["Type"] == "(none)"


METRICS = {"py/object": "vrmjobs.metric_init.MetricInit", "packet_id": UUID, "type": packet_type(100, "vrmjobs"), "info": {
    "py/object": "vrmjobs.metric_info.MetricInfo", "inet_addr": WORKER[0],
    "ports": [{"py/object": "vrmjobs.port_info.PortInfo", "daemon": "node_exporter", "port": 9100}]}}


@pytest.mark.parametrize("info", [METRICS["info"], {**METRICS["info"], "hostname": "worker1"}], ids=["nameless", "named"])
@pytest.mark.parametrize("first", ["ack", "metrics"])
def test_where_metrics_are_is_no_other_host(tshark, info, first):
    """Nor does it take anything away of what the worker said of itself."""
    metrics, ack = {**METRICS, "info": info}, changed(probe_ack("vrmjobs"), "info.hostname", "worker1")
    datagrams = [(message, WORKER, COLLECTOR) for message in (ack, metrics, ack, metrics)[first == "metrics":]]
    (row,) = [row for row in _hosts(tshark, datagrams) if row["Address"] == WORKER[0]]
    assert (row["Host"], row["Type"], row["Daemons"]) == ("worker1", "WORKER", "workerd:10500")
    rows = tshark.rows(write(tshark, datagrams), "crm.worker", options=("-2",))
    assert rows == [[["worker1"]]] * len(datagrams)


def test_where_metrics_are_is_better_than_nothing(tshark):
    """However often it changes."""
    for name in ({}, {"hostname": "worker1"}):
        infos = [{**METRICS["info"], **name, "ports": METRICS["info"]["ports"][:count]} for count in (0, 1)]
        (row,) = _hosts(tshark, [({**METRICS, "info": info}, WORKER, COLLECTOR) for info in infos])
        assert row["Daemons"] == "node_exporter:9100"


@pytest.mark.parametrize("order", [1, -1], ids=["the nameless first", "the nameless last"])
def test_who_announces_an_empty_name_is_another_host(tshark, order):
    """A HostInfo has a name, and that is it."""
    acks = [changed(probe_ack(), "info.hostname", ""), changed(probe_ack(), "id", "other")]
    assert len(_hosts(tshark, [(ack, WORKER, COLLECTOR) for ack in acks[::order]])) == 2


def test_metrics_behind_nat_are_not_anothers(tshark):
    """Two workers' MetricInits and a third's ProbeAck, all from one address."""
    nat, second = ("203.0.113.9", 40001), changed(METRICS, "info.inet_addr", "10.0.0.12")
    third = changed(changed(probe_ack("vrmjobs"), "info.hostname", "worker3"), "info.inet_addr", "10.0.0.13")
    capture = write(tshark, [(message, nat, COLLECTOR) for message in (METRICS, second, third, METRICS, second)])
    right = [["10.0.0.11"], ["10.0.0.12"], ["worker3"], ["10.0.0.11"], ["10.0.0.12"]]
    assert tshark.rows(capture, "crm.worker", options=("-2",)) == [[worker] for worker in right]
    rows = statistics_reader.hosts(tshark.run("-r", capture, "-2", "-q", "-z", "crm,hosts"))
    assert [(row["Host"], row["Last seen"]) for row in rows if row["First seen"] is not None][:3] == [
        ("(no name)", 0.003), ("(no name)", 0.004), ("worker3", 0.002)]


def test_metrics_at_another_address_are_of_another_host(tshark):
    """Without a name, the address is what tells."""
    metrics = changed(METRICS, "info.inet_addr", "10.0.0.99")
    rows = tshark.rows(write(tshark, [(probe_ack("vrmjobs"), WORKER, COLLECTOR), (metrics, WORKER, COLLECTOR)]),
                       "crm.worker", "crm.inet_addr_mismatch")
    assert rows == [[["worker1"], []], [["10.0.0.99"], ["1"]]]


def test_metrics_with_another_name_are_of_another_host(tshark):
    """Though the address is the same: with a name, it is said whose they are."""
    metrics = {**METRICS, "info": {**METRICS["info"], "hostname": "worker9"}}
    datagrams = [(metrics, WORKER, COLLECTOR), (probe_ack("vrmjobs"), WORKER, COLLECTOR)]
    assert [bool(row[0]) for row in tshark.rows(write(tshark, datagrams), "crm.hostname_conflict")] == [False, True]
    assert {row["Host"] for row in _hosts(tshark, datagrams) if row["Address"] == WORKER[0]} == {"worker9", "worker1"}


def test_who_is_met_first_is_found_in_its_role(tshark):
    """A MetricInit goes to whom it does not say; who answers a probe there tells that it is a collector."""
    worker1 = {"info": host_info("worker1", WORKER[0], [("workerd", 10500)], 1), "py/object": "dtos.probe_ack.ProbeAck"}
    capture = write(tshark, [(metric_init(WORKER[0]), WORKER, COLLECTOR), ({**probe_ack(), **worker1}, WORKER, COLLECTOR),
                             (probe_init(), COLLECTOR, ("10.255.255.255", 10500)),
                             ({**register_ack(), "id": "of its own"}, COLLECTOR, WORKER)])
    assert tshark.rows(capture, "crm.response_to", options=("-2",))[3] == [["2"]]
