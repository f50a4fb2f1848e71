# SPDX-License-Identifier: GPL-2.0-or-later
"""Who did not answer a probe, and how many probes a host let pass: each rule with its values.

test_silence_model.py tries the same on dialogues made at random.
"""

import pytest

from content import metric_init, without
from scenario import Scenario, parse
from tshark import as_bytes

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host second COLLECTOR 10.0.0.3 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
    host worker3 WORKER 10.0.0.13 workerd:10500
    host moved WORKER 10.0.0.99 workerd:10500 name=worker2
"""


def _told(messages):
    """{frame: [its silent hosts, its missed probes]} of frames that have either."""
    rows = [[message.values(name) for name in ("crm.silent_host", "crm.missed_probes")] for message in messages]
    return {frame: [part for part in row if part] for frame, row in enumerate(rows, 1) if any(row)}


W1, W2 = "worker1 (10.0.0.11)", "worker2 (10.0.0.12)"
RULES = {
    "gone for good, and not known before the next probe": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  0.2   worker2 ack collector a
        4  5.0   collector probe b
        5  5.1   worker1 ack collector b
        6  10.0  collector probe c
        7  10.1  worker1 ack collector c
        8  15.0  collector probe d
    """, {4: [[W2]], 6: [[W2]]}),
    "the latest heard first": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  0.2   worker1 ack collector a
        4  5.0   collector probe b
        5  10.0  collector probe c
    """, {4: [[W1, W2]]}),
    "it comes back": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  15.0  collector probe d
        6  15.1  worker1 ack collector d
        7  20.0  collector probe e
        8  20.1  worker1 ack collector e
    """, {3: [[W1]], 4: [[W1]], 6: [["2"]]}),
    "who never answered is not expected": ("""
        1  0.0   collector probe a
        2  5.0   collector probe b
        3  5.1   worker1 ack collector b
        4  10.0  collector probe c
        5  10.1  worker1 ack collector c
    """, {}),
    "heard before the first probe of a collector that announces no address": ("""
        host nowhere COLLECTOR none coordinatord:10100 from=10.0.0.4@10100
        1  0.0   worker1 ack nowhere
        2  5.0   nowhere probe
        3  10.0  nowhere probe
    """, {2: [[W1]]}),
    "a late answer is one": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.01 worker1 ack collector b
        6  10.02 worker1 ack collector c
        7  15.0  collector probe d
    """, {}),
    "a late answer to the probe before is no answer to this one": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.01 worker1 ack collector b
        6  15.0  collector probe d
        7  15.1  worker1 ack collector d
    """, {4: [[W1]], 7: [["1"]]}),
    "a late answer after one in time": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.01 worker1 ack collector c
        6  10.02 worker1 ack collector b
        7  15.0  collector probe d
        8  15.1  worker1 ack collector d
    """, {5: [["1"]]}),
    "first heard late, it was not expected then": ("""
        1  0.0   collector probe a
        2  5.0   collector probe b
        3  5.01  worker1 ack collector a
        4  10.0  collector probe c
        5  15.0  collector probe d
    """, {4: [[W1]]}),
    "first heard late, and in time at once: it hides nobody": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.01  worker1 ack collector a
        5  5.02  worker1 ack collector b
        6  10.0  collector probe c
    """, {3: [[W2]]}),
    "who was heard first moves, and another is heard": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  0.2   worker2 ack collector a
        4  0.3   worker3 ack collector a
        5  4.9   second probe x
        6  5.0   collector probe b
        7  5.1   worker2 ack collector b
        8  5.2   moved ack second x
        9  5.3   worker3 ack collector b
        10 10.0  collector probe c
    """, {6: [[W1]]}),
    "two of one name stay two": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  0.2   moved ack collector a
        4  5.0   collector probe b
        5  5.1   worker2 ack collector b
        6  10.0  collector probe c
        7  10.1  moved ack collector c
        8  15.0  collector probe d
    """, {4: [["worker2 (10.0.0.99)"]], 6: [[W2]], 7: [["1"]]}),
    "a late answer from the old address is an answer": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.1  moved ack collector c
        6  10.2  worker2 ack collector b
        7  15.0  collector probe d
        8  15.1  worker2 ack collector d
    """, {8: [["1"]]}),
    "a probe that comes twice is one": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  5.001 collector repeats 3
        5  10.0  collector probe c
        6  10.01 worker1 ack collector c
        7  10.02 worker1 repeats 6
        8  15.0  collector probe d
    """, {3: [[W1]], 6: [["1"]]}),
    "each collector for itself": ("""
        1  0.0   collector probe a
        2  0.1   second probe x
        3  0.2   worker1 ack collector a
        4  0.3   worker1 ack second x
        5  5.0   collector probe b
        6  5.1   second probe y
        7  5.2   worker1 ack second y
        8  10.0  collector probe c
        9  10.1  second probe z
    """, {5: [[W1]]}),
    "under another address, it is not silent under the old one": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.1   moved ack collector b
        5  10.0  collector probe c
        6  15.0  collector probe d
    """, {5: [["worker2 (10.0.0.99)"]]}),
    "and back again": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.1   moved ack collector b
        5  10.0  collector probe c
        6  10.1  worker2 ack collector c
        7  15.0  collector probe d
        8  20.0  collector probe e
    """, {6: [["1"]], 7: [[W2]]}),
    "it moved, and tells another collector first": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.1   second probe x
        5  5.2   moved ack second x
        6  10.0  collector probe c
        7  15.0  collector probe d
    """, {}),
    "two of one name that answer one probe are two": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  0.2   moved ack collector a
        4  5.0   collector probe b
        5  5.1   moved ack collector b
        6  10.0  collector probe c
        7  10.1  moved ack collector c
        8  15.0  collector probe d
    """, {4: [[W2]], 6: [[W2]]}),
    "a late answer is the first that is heard from another address": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.01 moved ack collector b
        6  15.0  collector probe d
        7  20.0  collector probe e
    """, {3: [[W2]], 6: [["worker2 (10.0.0.99)"]]}),
    "heard before the capture's first probe": ("""
        1  0.0   worker1 ack collector a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.1   worker2 ack collector b
        5  10.0  collector probe c
        6  15.0  collector probe d
        7  15.1  worker1 ack collector d
    """, {3: [[W1]], 5: [[W2, W1]], 7: [["2"]]}),
    "what answers a probe that is not in the file answers no other": ("""
        1  0.0   collector probe a
        2  0.1   worker1 ack collector a
        3  5.0   collector probe b
        4  5.1   worker1 ack collector b
        5  10.0  collector probe c
        6  10.1  worker1 ack collector c
        7  15.0  collector probe d
        8  20.1  worker1 ack collector x
        9  25.0  collector probe e
        10 25.1  worker1 ack collector e
    """, {7: [[W1]], 10: [["1"]]}),
    "nobody is expected to answer one of several collectors behind NAT": ("""
        host one COLLECTOR 10.1.0.2 coordinatord:10100 from=198.51.100.1@40001
        host other COLLECTOR 10.1.0.3 coordinatord:10100 from=198.51.100.1@40002
        1  0.0   worker2 ack other z
        2  5.0   one probe a
        3  5.1   other probe b
        4  5.2   worker1 ack one a
        5  5.3   worker2 ack other b
        6  10.0  one probe c
        7  10.1  other probe d
        8  10.2  worker1 ack one c
        9  10.3  worker2 ack other d
        10 15.0  one probe e
    """, {}),
    "nor one of two in VLANs that are alike": ("""
        host c1 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host c2 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=20
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=20
        1  0.0   w2 ack c2
        2  1.0   c1 probe
        3  2.0   c2 probe
        4  2.1   w2 ack c2
        5  2.2   w1 ack c1
        6  6.0   c1 probe
    """, {}),
    "heard before the capture's first probe, and its VLAN is one of three that are one network": ("""
        host c1 COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 vlan=20
        1  0.0    w1 ack c1
        2  0.001  w1 repeats 1 vlan=10
        3  0.002  w1 repeats 1 vlan=30
        4  5.0    c1 probe
        5  10.0   c1 probe
    """, {4: [["w1 (10.0.0.11)"]]}),
    "another host at one address of two VLANs that turn out to be one": ("""
        host c1 COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host c2 COLLECTOR 10.0.0.3 coordinatord:10100 vlan=20
        host w1 WORKER 10.0.0.11 workerd:10500 vlan=10
        host w2 WORKER 10.0.0.11 workerd:10500 vlan=20
        1  0.0   c1 probe a
        2  0.1   w1 ack c1 a
        3  1.0   c2 probe b
        4  1.1   w2 ack c2 b
        5  5.0   c1 probe c
        6  5.01  w1 ack c1 c
        7  5.012 w1 repeats 6 vlan=20
        8  6.0   c2 probe d
        9  11.0  c2 probe e
    """, {8: [["w2 (10.0.0.11)"]]}),
    "two of one name before the first probe are one that moved": ("""
        1  0.0   worker2 ack collector a
        2  0.1   moved ack collector b
        3  5.0   collector probe c
        4  10.0  collector probe d
    """, {3: [["worker2 (10.0.0.99)"]]}),
    "it moved and moved back before the first probe": ("""
        1  0.0   worker2 ack collector a
        2  0.1   moved ack collector b
        3  0.2   worker2 ack collector c
        4  5.0   collector probe d
        5  10.0  collector probe e
    """, {4: [[W2]]}),
    "a late answer from the old address is no sign of life": ("""
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  5.1   second probe x
        5  5.2   moved ack second x
        6  10.0  collector probe c
        7  10.1  worker2 ack collector b
        8  15.0  collector probe d
        9  20.0  collector probe e
    """, {}),
}


@pytest.mark.parametrize("script, right", RULES.values(), ids=RULES)
def test_silent_hosts_and_missed_probes(tshark, sharkd, script, right):
    assert _told(sharkd.messages(parse(HOSTS + script).write(tshark.new_capture()))) == right


def test_what_the_expert_information_says(tshark):
    messages = tshark.messages(parse(HOSTS + RULES["it comes back"][0]).write(tshark.new_capture()), "-2")
    for frame, probes in ((3, "1 probe by now"), (4, "2 probes by now")):
        (text,) = messages[frame - 1].expert("crm.host_silent")
        assert W1 in text and "ProbeAck in frame 2" in text and probes in text
    assert not [message for n, message in enumerate(messages, 1)
                if n not in (3, 4) and message.expert("crm.host_silent")]
    expert = next(expert for expert in messages[3].experts if expert.name == "crm.host_silent")
    assert (expert.severity, expert.group) == ("warning", "sequence")


def _said_of_silence(tshark, script):
    """{frame: what crm.host_silent says there, as far as it is for one host}."""
    messages = tshark.messages(parse(script).write(tshark.new_capture()), "-2")
    texts = {frame: message.expert("crm.host_silent") for frame, message in enumerate(messages, 1)}
    return {frame: text[0].partition(". ")[0] for frame, text in texts.items() if text}


def test_since_when_of_who_was_heard_before_the_capture(tshark):
    assert _said_of_silence(tshark, HOSTS + """
        1  0.0   worker1 ack collector a
        2  0.1   worker1 ack collector b
        3  5.0   collector probe c
        4  10.0  collector probe d
        5  15.0  collector probe e
    """) == {3: f"{W1} has not answered since its ProbeAck in frame 2: 1 probe by now",
             4: f"{W1} has not answered since its ProbeAck in frame 2: 2 probes by now"}


# The clock of one point is behind by two seconds, and it sees the answers only, of which there is none to c.
ANSWERS_FIRST = """
    1  0.1  worker1 ack collector a at=1
    2  2.0  collector probe a at=0
    3  2.1  worker1 repeats 1 at=0
    4  5.1  worker1 ack collector b at=1
    5  7.0  collector probe b at=0
    6  7.1  worker1 repeats 4 at=0
    7  12.0 collector probe c at=0
    8  15.1 worker1 ack collector d at=1
    9  17.0 collector probe d at=0
    10 17.1 worker1 repeats 8 at=0
"""


def test_since_when_where_answers_stand_before_their_probes(tshark):
    assert _said_of_silence(tshark, "point a\npoint b\n" + HOSTS + ANSWERS_FIRST + """
        11 22.0 collector probe e at=0
        12 27.0 collector probe f at=0
    """) == {7: f"{W1} has not answered since its ProbeAck in frame 4: 1 probe by now",
             11: f"{W1} has not answered since its ProbeAck in frame 8: 1 probe by now"}


def test_since_when_of_a_first_answer_that_stands_before_its_probe(tshark):
    assert _said_of_silence(tshark, "point a\npoint b\n" + HOSTS + """
        1  0.1  worker1 ack collector a at=1
        2  2.0  collector probe a at=0
        3  2.1  worker1 repeats 1 at=0
        4  7.0  collector probe b at=0
        5  12.0 collector probe c at=0
    """) == {4: f"{W1} has not answered since its ProbeAck in frame 1: 1 probe by now"}


# The clock is so far behind that another probe stands between the answer and its own.
FAR_BEHIND = "point a\npoint b\n" + HOSTS + """
    1  0.1  worker1 ack collector b at=1
    2  2.0  collector probe a at=0
    3  7.0  collector probe b at=0
    4  7.1  worker1 repeats 1 at=0
"""


def test_a_first_answer_has_missed_nothing(tshark, sharkd):
    message = sharkd.messages(parse(FAR_BEHIND).write(tshark.new_capture()))[0]
    assert (message.values("crm.response_to"), message.values("crm.missed_probes")) == (["3"], [])


def test_since_when_of_a_first_answer_that_stands_before_another_probe(tshark):
    assert _said_of_silence(tshark, FAR_BEHIND) == {
        2: f"{W1} has not answered since its ProbeAck in frame 1: 1 probe by now"}


def test_a_single_pass_tells_at_the_next_probe(tshark):
    capture = parse(HOSTS + RULES["gone for good, and not known before the next probe"][0]).write(tshark.new_capture())
    told = [message.expert("crm.host_silent") for message in tshark.messages(capture)]
    assert {frame: texts for frame, texts in enumerate(told, 1) if texts} == {
        6: [f"{W2} did not answer the probe in frame 4"], 8: [f"{W2} did not answer the probe in frame 6"]}
    assert not [row for row in tshark.rows(capture, "crm.silent_host") if any(row)]


def _many(workers, late=range(0)):
    """Workers that answer once; then two probes, of which the first is answered by those that are late when the next
    has come."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2")
    hosts = [scenario.host(f"worker{n}", "WORKER", f"10.0.{1 + n // 200}.{n % 200 + 1}") for n in range(workers)]
    scenario.probe(0, collector, "a")
    for n, host in enumerate(hosts):
        scenario.ack(0.001 * (n + 1), host, collector, "a")
    scenario.probe(5, collector, "b")
    scenario.probe(10, collector, "c")
    for n in late:
        scenario.ack(10 + 0.001 * (n + 1), hosts[n], collector, "b")
    scenario.probe(15, collector, "d")
    return scenario


def test_at_most_64_are_named(tshark):
    """The rest is a number, which late answers correct."""
    for late, rest in (range(0), 136), (range(100), 36), (range(140), 0), (range(130, 140), 130):
        scenario = _many(200, late)
        message = tshark.messages(scenario.write(tshark.new_capture()), "-2")[201]
        named = message.values("crm.silent_host")
        assert named == [f"worker{n} (10.0.1.{n + 1})" for n in range(199, 135, -1) if n not in late]
        silent = len(named) + rest
        assert [item.showname for item in tshark.layout(scenario.write(tshark.new_capture()), "-2")[201]
                if item.name == "crm.acks"] == [f"Acks: {len(late)}, {silent} silent"]
        texts = message.expert("crm.host_silent")
        assert len(texts) == len(named) + (rest > 0)
        assert not rest or texts[-1] == f"{rest} more hosts did not answer"


def test_who_was_not_expected_does_not_count_when_it_is_late(tshark):
    """Of those that are not named only the number is known. Who was first heard of after a probe answers it late."""
    scenario = _many(200)
    d = scenario.datagrams.pop()
    collector, late = scenario.hosts["collector"], scenario.host("late", "WORKER", "10.0.9.9")
    c = scenario.datagrams.pop()
    scenario.ack(5.1, late, collector, "a")
    scenario.datagrams.append(c)
    scenario.ack(10.1, late, collector, "b")
    scenario.datagrams.append(d)
    message = tshark.messages(scenario.write(tshark.new_capture()), "-2")[201]
    assert message.expert("crm.host_silent")[-1] == "136 more hosts did not answer"


def test_who_answers_late_twice_is_one_host(tshark):
    """With one daemon more the second time, so that it is no duplicate."""
    scenario = _many(200)
    d = scenario.datagrams.pop()
    collector, worker = scenario.hosts["collector"], scenario.hosts["worker0"]
    more = scenario.host("more", "WORKER", worker.address, [*worker.daemons, ("extra", 1)], name="worker0")
    scenario.ack(10.1, worker, collector, "c")
    scenario.ack(10.2, worker, collector, "b")
    scenario.ack(10.3, more, collector, "b")
    scenario.datagrams.append(d)
    message = tshark.messages(scenario.write(tshark.new_capture()), "-2")[201]
    assert message.values("crm.acks") == ["1"] and len(message.values("crm.response_in")) == 2
    assert message.expert("crm.host_silent")[-1] == "135 more hosts did not answer"


def test_without_a_tree_the_expert_information_names_all(tshark):
    """-z expert has no tree to look at."""
    said = tshark.run("-q", "-z", "expert", "-r", _many(200).write(tshark.new_capture()))
    assert said.count("did not answer the probe in frame") == 2 * (64 + 1)


METRIC_INITS = {
    "it becomes a monitor, of which nothing is expected": ("10.0.0.12", [("workerd", 10500)], 3, {4: [W1], 6: [W1]}),
    "with other daemons it is the same": ("10.0.0.12", [("workerd", 10501)], 1, {4: [W1], 6: [W1, W2]}),
    "without a type, as the oldest have none, too": ("10.0.0.12", [("workerd", 10500)], None, {4: [W1], 6: [W1, W2]}),
    "it moved, and is not silent under the old address": ("10.0.0.99", [("workerd", 10500)], 1, {4: [W1], 6: [W1]}),
}


@pytest.mark.parametrize("address, daemons, kind, right", METRIC_INITS.values(), ids=METRIC_INITS)
def test_what_a_metric_init_tells(tshark, sharkd, address, daemons, kind, right):
    scenario = parse(HOSTS + """
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  0.2   worker1 ack collector a
        4  5.0   collector probe b
        5  5.1   worker2 ack collector b
        6  10.0  collector probe c
        7  15.0  collector probe d
    """)
    scenario.repeat(5.2, 5)
    announcement = scenario.datagrams.pop()
    message = metric_init("worker2", address, daemons, kind or 1)
    announcement.payload = as_bytes(message if kind else without(message, "info.type"))
    scenario.datagrams.insert(5, announcement)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert messages[5].value("crm.type") == "100"
    del messages[5]
    told = {frame: message.values("crm.silent_host") for frame, message in enumerate(messages, 1)}
    assert {frame: sorted(hosts) for frame, hosts in told.items() if hosts} == right


def test_a_late_answer_does_not_move_who_announced_itself_there(tshark, sharkd):
    """worker2 announces another address, is back, and answers late from the other one what it was asked in between."""
    scenario = parse(HOSTS + """
        1  0.0   collector probe a
        2  0.1   worker2 ack collector a
        3  5.0   collector probe b
        4  10.0  collector probe c
        5  10.1  worker2 ack collector c
        6  10.2  moved ack collector b
        7  15.0  collector probe d
        8  20.0  collector probe e
    """)
    scenario.repeat(5.2, 6)
    announcement = scenario.datagrams.pop()
    announcement.payload = as_bytes(metric_init("worker2", "10.0.0.99", [("workerd", 10500)], 1))
    scenario.datagrams.insert(3, announcement)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert messages[3].value("crm.type") == "100"
    assert [message.values("crm.silent_host") for message in messages[7:]] == [[W2], []]


def test_what_is_announced_again_is_no_news(tshark, sharkd):
    """worker2 moved since it said so first: a MetricInit that says the same once more is on its way late."""
    scenario = parse(HOSTS + """
        1  0.0   collector probe z
        2  1.0   collector probe a
        3  1.1   moved ack collector a
        4  6.0   collector probe b
        5  11.0  collector probe c
    """)
    announcement = as_bytes(metric_init("worker2", "10.0.0.12", [("workerd", 10500)], 1))
    for place, time in ((1, 0.5), (4, 2.0)):
        scenario.repeat(time, 3)
        datagram = scenario.datagrams.pop()
        datagram.payload, datagram.src = announcement, ("10.0.0.12", 10500)
        scenario.datagrams.insert(place, datagram)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert [message.value("crm.type") for message in messages] == ["1", "100", "1", "2", "100", "1", "1"]
    assert messages[5].values("crm.silent_host") == ["worker2 (10.0.0.99)"]
