# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversation Filter and Colorize Conversation: what is offered for a datagram, and which frames it gives."""

import pytest

from content import changed, query_ack
from pcapng import frames_of_datagram
from scenario import ident, parse
from tshark import as_bytes
from window import asked_of_window

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
"""

ONE_ID = HOSTS + """
    1   0.000  collector probe a
    2   0.005  worker1 ack collector a
    3   0.006  worker2 ack collector a
    4   0.007  collector ok worker1 a
    5   0.008  collector ok worker2 a
    6   0.009  collector repeats 5
    7   5.000  collector probe b
    8   5.005  worker2 ack collector b
    9   5.006  collector fail worker2 b left=2
"""

FRESH_IDS = HOSTS + """
    1   0.000  collector probe
    2   0.005  worker1 ack collector
    3   5.000  collector probe
    4   5.001  collector repeats 3
    5   5.005  worker2 ack collector
    6   5.006  worker1 ack collector
    7   5.007  collector ok worker2
    8   5.100  collector ok worker1
    9   9.000  collector probe
"""

RESTART = HOSTS + """
    1   0.000  collector probe 1
    2   0.005  worker1 ack collector 1
    3   5.000  collector probe 2
    4   9.000  collector probe 3
    5   60.00  collector probe 1
    6   60.01  worker2 ack collector 1
"""


TWO_COUNT = HOSTS + """
    host second COLLECTOR 10.0.0.3 coordinatord:10100 collectord:9090
    1   0.000  collector probe 1
    2   0.005  worker1 ack collector 1
    3   1.000  second probe 1
    4   1.005  worker1 ack second 1
    5   5.000  collector probe 2
    6   5.005  worker1 ack collector 2
"""

BEGINS_LATE = HOSTS + """
    1   0.000  worker1 ack collector :1
    2   0.005  collector ok worker1 :1
    3   5.000  collector probe :1
    4   5.005  worker1 ack collector :1
"""


SAME_ID_AGAIN = HOSTS + """
    1   0.000  collector probe a
    2   0.005  worker1 ack collector a
    3   5.000  collector probe b
    4   5.005  worker1 ack collector a
"""


BEGINS_IN_A_ROUND = HOSTS + """
    1   0.000  worker1 ack collector a
    2   0.001  worker2 ack collector a
    3   0.005  collector ok worker1 a
    4   0.006  collector ok worker2 a
"""


def _offered(tshark, scenario, **more):
    """{(frame, name): filter}, as a window of Wireshark would offer them."""
    return {(int(frame), name): text for frame, name, text in asked_of_window(tshark, scenario, "filters", **more)}


def _given(tshark, scenario, text):
    """The numbers of the frames that a filter gives."""
    rows = tshark.rows(scenario.write(tshark.new_capture()), "frame.number", options=("-2", "-Y", text))
    return [int(row[0][0]) for row in rows]


@pytest.mark.parametrize("script, rounds", [
    (ONE_ID, {1: [1, 2, 3, 4, 5, 6], 6: [1, 2, 3, 4, 5, 6], 8: [7, 8, 9], 9: [7, 8, 9]}),
    (FRESH_IDS, {1: [1, 2], 2: [1, 2], 3: [3, 4, 5, 6, 7, 8], 4: [3, 4, 5, 6, 7, 8], 8: [3, 4, 5, 6, 7, 8], 9: [9]}),
    (RESTART, {2: [1, 2], 5: [5, 6]}),
    (TWO_COUNT, {1: [1, 2], 2: [1, 2], 4: [3, 4], 5: [5, 6]}),
    (BEGINS_LATE, {1: [1, 2], 2: [1, 2], 3: [3, 4]}),
    (BEGINS_IN_A_ROUND, {1: [1, 2, 3, 4], 4: [1, 2, 3, 4]}),
    (SAME_ID_AGAIN, {1: [1, 2], 3: [3, 4], 4: [3, 4]}),
], ids=["one id a round", "an id each", "an id used again", "an id of two collectors", "a number whose first probe is missing",
        "a probe that is missing", "a worker that repeats an id"])
def test_the_round_of_a_probe(tshark, script, rounds):
    scenario = parse(script)
    offered = _offered(tshark, scenario)
    for frame, expected in rounds.items():
        assert _given(tshark, scenario, offered[frame, "CRM Round"]) == expected


def test_ids_and_frames_as_they_are_written(tshark):
    offered = _offered(tshark, parse(ONE_ID))
    assert offered[9, "CRM Round"] == f'crm.id == "{ident("b")}"'
    frames = "{3, 5..8}"
    assert _offered(tshark, parse(FRESH_IDS))[8, "CRM Round"] == \
        f"frame.number in {frames} || crm.duplicate_of in {frames}"


def test_what_is_broken_does_not_change_how_a_round_is_told(tshark):
    """It has the id, and comes with it."""
    scenario = parse(ONE_ID)
    scenario.repeat(9.0, 4)
    scenario.datagrams[-1].payload += b"}"
    assert _offered(tshark, scenario)[1, "CRM Round"] == f'crm.id == "{ident("a")}"'


def test_what_is_broken_has_no_number_by_chance(tshark):
    scenario = parse(HOSTS + """
        1   0.000  collector probe :7
        2   0.005  worker1 ack collector :7
        3   9.000  worker1 repeats 2
    """)
    scenario.datagrams[2].payload += b"}"
    assert _offered(tshark, scenario)[1, "CRM Round"] == 'crm.id == "7"'


def test_a_count_of_what_is_of_no_round(tshark):
    """A QueryAck has the number of a probe by chance."""
    scenario = parse(HOSTS + """
        1   0.000  collector probe :7
        2   0.005  worker1 ack collector :7
        3   0.100  collector ok worker1 :8
    """)
    scenario.datagrams[2].payload = as_bytes(changed(query_ack(), "packet_id", "7"))
    for frame in (1, 2):
        assert _given(tshark, scenario, _offered(tshark, scenario)[frame, "CRM Round"]) == [1, 2]


def test_all_of_a_worker(tshark):
    scenario = parse(ONE_ID)
    offered = _offered(tshark, scenario)
    assert {frame for frame, name in offered if name == "CRM Worker"} == {2, 3, 4, 5, 6, 8, 9}
    assert _given(tshark, scenario, offered[4, "CRM Worker"]) == [2, 4]
    assert _given(tshark, scenario, offered[8, "CRM Worker"]) == [3, 5, 6, 8, 9]


def test_a_name_that_has_to_be_quoted(tshark):
    scenario = parse(ONE_ID)
    for host in scenario.hosts.values():
        host.name = host.name.replace("worker2", 'wor"ker\\2\n\r\t\x01')
    scenario = _with_names(scenario)
    offered = _offered(tshark, scenario)
    assert offered[9, "CRM Worker"] == 'crm.worker == "wor\\"ker\\\\2\\n\\r\\t\\\\u0001"'
    assert _given(tshark, scenario, offered[9, "CRM Worker"]) == [3, 5, 6, 8, 9]


def _with_names(scenario):
    """The answers are made anew, with the hosts' names as they are by now."""
    for datagram, word in ((scenario.datagrams[2], "a"), (scenario.datagrams[7], "b")):
        datagram.payload = scenario.hosts["worker2"].ack(ident(word))
    return scenario


def test_nothing_is_offered_where_there_is_no_dialogue(tshark):
    scenario = parse(ONE_ID)
    scenario.datagrams[0].payload = b"{"
    offered = _offered(tshark, scenario, quoted=[2])
    silent = 1, len(scenario.datagrams) + 1
    assert not [name for frame, name in offered if frame in silent] and (2, "CRM Round") in offered


TWO = HOSTS + """
    point left
    point right
"""


def test_a_round_that_several_points_captured(tshark):
    """Copies belong to it as well; ids of their own do not tell."""
    scenario = parse(TWO + """
        1   0.000  collector probe at=0
        2   0.001  collector repeats 1 at=1
        3   0.005  worker1 ack collector at=1
        4   0.006  worker1 repeats 3 at=0
    """)
    offered, frames = _offered(tshark, scenario), "{1, 3}"
    text = f"frame.number in {frames} || crm.duplicate_of in {frames} || crm.copy_of in {frames}"
    assert [offered[frame, "CRM Round"] for frame in (1, 2, 3, 4)] == [text] * 4
    assert _given(tshark, scenario, text) == [1, 2, 3, 4]


def test_a_round_with_copies_of_what_is_repeated(tshark):
    """Frame 6 is a copy of 5, which repeats 3."""
    scenario = parse(TWO + """
        1   0.000  collector probe a at=0
        2   0.001  collector repeats 1 at=1
        3   0.005  worker1 ack collector a at=1
        4   0.006  worker1 repeats 3 at=0
        5   4.005  worker1 repeats 3 at=1
        6   4.006  worker1 repeats 3 at=0
        7   9.000  collector ok worker1 at=0
    """)
    offered = _offered(tshark, scenario)
    assert len({offered[frame, "CRM Round"] for frame in range(1, 8)}) == 1
    assert _given(tshark, scenario, offered[6, "CRM Round"]) == [1, 2, 3, 4, 5, 6, 7]


def test_copies_of_what_another_round_repeats(tshark):
    """Frame 8 is a copy of 7, which repeats 5."""
    scenario = parse(TWO + """
        1   0.000  collector probe at=0
        2   0.001  collector repeats 1 at=1
        3   5.000  collector probe at=0
        4   5.001  collector repeats 3 at=1
        5   5.005  worker1 ack collector at=1
        6   5.006  worker1 repeats 5 at=0
        7   9.005  worker1 repeats 5 at=1
        8   9.006  worker1 repeats 5 at=0
    """)
    offered = _offered(tshark, scenario)
    assert _given(tshark, scenario, offered[1, "CRM Round"]) == [1, 2]
    assert _given(tshark, scenario, offered[8, "CRM Round"]) == [3, 4, 5, 6, 7, 8]


def _multiplexed(*datagrams):
    """As PPP multiplexes their packets (RFC 3153) in an L2TP tunnel."""
    packets = [frame[14:] for datagram in datagrams
               for frame in frames_of_datagram(datagram.payload, datagram.src, datagram.dst)]
    parts = [(0xC000 | len(packet) + 1).to_bytes(2, "big") + b"\x21" + packet for packet in packets]
    return b"\x00\x02\x00\x01\x00\x01\xff\x03\x00\x59" + b"".join(parts)


def test_of_several_datagrams_in_a_frame_the_first_is_meant(tshark):
    """Two workers' answers."""
    scenario = parse(ONE_ID)
    first, second = scenario.datagrams[1:3]
    first.payload = _multiplexed(first, second)
    first.src, first.dst = ("10.0.0.8", 1701), ("10.0.0.9", 1701)
    assert _offered(tshark, scenario)[2, "CRM Worker"] == 'crm.worker == "worker1"'


def test_two_datagrams_of_a_round_in_one_frame(tshark):
    scenario = parse(HOSTS + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1   0.000  collector probe
        2   0.005  worker1 ack collector
        3   0.005  worker2 ack collector
        4   0.006  second probe
        5   0.007  collector ok worker1
    """)
    first, second = scenario.datagrams[1:3]
    first.payload = _multiplexed(first, second)
    first.src, first.dst = ("10.0.0.8", 1701), ("10.0.0.9", 1701)
    del scenario.datagrams[2]
    assert _offered(tshark, scenario)[4, "CRM Round"].startswith("frame.number in {1..2, 4} ||")
