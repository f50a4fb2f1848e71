# SPDX-License-Identifier: GPL-2.0-or-later
"""One dialogue captured at several points: copies, transit times, what was lost, and that each datagram counts once.

test_points_model.py has dialogues at random; here is one of each kind.
"""

import re

import pytest

import statistics_reader
from content import metric_init, query_ack, report_init
from odd import deinterlacing
from pcapng import NO_TIME, Interface, Writer, frames_of_datagram
from scenario import Scenario, parse, payloads
from statistics_reader import points, srt, tree
from test_dialogue import check
from tshark import as_bytes

PROBE_INIT = payloads.Encoder("object").probe_init("1", "collector", "10.0.0.2", [("coordinatord", 10100)])

POINTS = """
    point collector-side
    point worker-side
"""
HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
"""
TWO = POINTS + HOSTS

# Four rounds: the second loses the answer on its way, the third what the collector says to it.
LOST = TWO + """
    1   0.0000  collector probe 1 at=0           | acks=1 in=3 copies=2
    2   0.0010  collector repeats 1 at=1         | copy=1
    3   0.0050  worker1 ack collector 1 at=1     | to=1 in=5 copies=4
    4   0.0060  worker1 repeats 3 at=0           | copy=3
    5   0.0080  collector ok worker1 1 at=0      | to=3 copies=6
    6   0.0090  collector repeats 5 at=1         | copy=5
    7   5.0000  collector probe 2 at=0           | acks=1 in=9 copies=8
    8   5.0010  collector repeats 7 at=1         | copy=7
    9   5.0050  worker1 ack collector 2 at=1     | to=7 !lost_datagram !no_register
    10  10.0000 collector probe 3 at=0           | acks=1 in=12 copies=11
    11  10.0010 collector repeats 10 at=1        | copy=10
    12  10.0050 worker1 ack collector 3 at=1     | to=10 in=14 copies=13
    13  10.0060 worker1 repeats 12 at=0          | copy=12
    14  10.0080 collector ok worker1 3 at=0      | to=12 !lost_datagram
    15  15.0000 collector probe 4 at=0           | acks=1 in=17 copies=16
    16  15.0010 collector repeats 15 at=1        | copy=15
    17  15.0050 worker1 ack collector 4 at=1     | to=15 in=19 copies=18
    18  15.0060 worker1 repeats 17 at=0          | copy=17
    19  15.0080 collector ok worker1 4 at=0      | to=17 copies=20
    20  15.0090 collector repeats 19 at=1        | copy=19
"""

# One id for all, each round like the one before, and a clock that is behind by more than a round takes.
CONSTANT = TWO + """
    1   0.000  collector probe :7 at=1           | acks=1 in=2 copies=9
    2   0.005  worker1 ack collector :7 at=1     | to=1 in=3 copies=10
    3   0.006  collector ok worker1 :7 at=1      | to=2 copies=11
    4   1.000  collector probe :7 at=1           | acks=1 in=5 copies=12
    5   1.015  worker1 ack collector :7 at=1     | to=4 in=6 copies=13
    6   1.016  collector ok worker1 :7 at=1      | to=5 copies=14
    7   2.000  collector probe :7 at=1           | acks=1 in=8 copies=15
    8   2.008  worker1 ack collector :7 at=1     | to=7 copies=16
    9   2.500  collector repeats 1 at=0          | copy=1
    10  2.506  worker1 repeats 2 at=0            | copy=2
    11  2.507  collector repeats 3 at=0          | copy=3
    12  3.500  collector repeats 4 at=0          | copy=4
    13  3.516  worker1 repeats 5 at=0            | copy=5
    14  3.517  collector repeats 6 at=0          | copy=6
    15  4.500  collector repeats 7 at=0          | copy=7
    16  4.510  worker1 repeats 8 at=0            | copy=8
"""

# The clock of a point that does not see the probes is behind, so that answers stand before these.
EARLY = TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1   0.000  second probe 1 at=1              | copies=2 !no_response
        2   3.000  second repeats 1 at=0            | copy=1
        3   5.000  second probe 2 at=1              | copies=4 !no_response
        4   8.000  second repeats 3 at=0            | copy=3
        5   10.000 second probe 3 at=1              | copies=6
        6   13.000 second repeats 5 at=0            | copy=5
        7   15.100 worker1 ack collector :7 at=1    | to=8 copies=9 !no_register
        8   18.000 collector probe :7 at=0          | acks=1 in=7
        9   18.101 worker1 repeats 7 at=0           | copy=7
        10  20.100 worker1 ack collector :7 at=1    | to=11 copies=12
        11  23.000 collector probe :7 at=0          | acks=1 in=10
        12  23.101 worker1 repeats 10 at=0          | copy=10
    """

DIALOGUES = {
    "what gets lost on the way": LOST,

    "a clock that is ahead": TWO + """
        1   0.000  collector probe 1 at=0           | acks=1 in=3 copies=2
        2   2.001  collector repeats 1 at=1         | copy=1
        3   2.005  worker1 ack collector 1 at=1     | to=1 in=5 copies=4
        4   0.006  worker1 repeats 3 at=0           | copy=3
        5   0.008  collector ok worker1 1 at=0      | to=3 copies=6
        6   2.009  collector repeats 5 at=1         | copy=5
    """,

    "an answer that stands before its question": TWO + """
        1   0.005  worker1 ack collector 1 at=1     | to=2 in=4 copies=3
        2   0.500  collector probe 1 at=0           | acks=1 in=1
        3   0.506  worker1 repeats 1 at=0           | copy=1
        4   0.508  collector ok worker1 1 at=0      | to=1
    """,

    "an answer that stands before its question, and another probe waits": TWO + """
        1   0.000   collector probe a at=1          | acks=1 in=2 copies=3
        2   0.100   worker1 ack collector a at=1    | to=1 copies=4 !no_register
        3   2.000   collector repeats 1 at=0        | copy=1
        4   2.100   worker1 repeats 2 at=0          | copy=2
        5   5.000   collector probe b at=1          | copies=6 !no_response
        6   7.000   collector repeats 5 at=0        | copy=5
        7   10.100  worker1 ack collector c at=1    | to=8 copies=9 !no_register
        8   12.000  collector probe c at=0          | acks=1 in=7 !lost_datagram
        9   12.100  worker1 repeats 7 at=0          | copy=7
        10  15.000  collector probe d at=1          | acks=1 in=11 copies=12
        11  15.100  worker1 ack collector d at=1    | to=10 copies=13
        12  17.000  collector repeats 10 at=0       | copy=10
        13  17.100  worker1 repeats 11 at=0         | copy=11
    """,

    "answers that stand before their questions tell that ids are repeated": TWO + """
        1   0.100   worker1 ack collector a at=1    | to=2 copies=3 !no_register
        2   2.000   collector probe a at=0          | acks=1 in=1
        3   2.100   worker1 repeats 1 at=0          | copy=1
        4   5.100   worker1 ack collector b at=1    | to=5 copies=6 !no_register
        5   7.000   collector probe b at=0          | acks=1 in=4
        6   7.100   worker1 repeats 4 at=0          | copy=4
        7   10.100  worker1 ack collector c at=1    | to=8 copies=9 !no_register
        8   12.000  collector probe c at=0          | acks=1 in=7
        9   12.100  worker1 repeats 7 at=0          | copy=7
        10  15.000  collector probe d at=1          | copies=11 !no_response
        11  17.000  collector repeats 10 at=0       | copy=10
        12  20.100  worker1 ack collector e at=1    | to=13 copies=14 !no_register
        13  22.000  collector probe e at=0          | acks=1 in=12 !lost_datagram
        14  22.100  worker1 repeats 12 at=0         | copy=12
        15  25.000  collector probe f at=1          | copies=16
        16  27.000  collector repeats 15 at=0       | copy=15
        17  30.100  worker1 ack collector g at=1    | copies=18
        18  32.100  worker1 repeats 17 at=0         | copy=17
    """,

    "the wire repeats at one point": TWO + """
        1   0.0000  collector probe 1 at=0          | acks=1 in=5 copies=2
        2   0.0010  collector repeats 1 at=1        | copy=1
        3   0.0011  collector repeats 1 at=1        | dup=1
        4   0.0012  collector repeats 1 at=1        | dup=1
        5   0.0050  worker1 ack collector 1 at=1    | to=1 copies=7
        6   0.0051  worker1 repeats 5 at=1          | to=1 dup=5
        7   0.0060  worker1 repeats 5 at=0          | copy=5
    """,

    "the wire repeats an answer behind a probe that came after it": TWO + """
        1   0.000  collector probe 1 at=0           | acks=1 in=3 copies=2
        2   0.001  collector repeats 1 at=1         | copy=1
        3   0.010  worker1 ack collector 1 at=0     | to=1 copies=4 !no_register
        4   0.011  worker1 repeats 3 at=1           | copy=3
        5   1.000  worker1 ack collector 2 at=0     | copies=6
        6   1.001  worker1 repeats 5 at=1           | copy=5
        7   1.005  collector probe 3 at=0           | copies=8
        8   1.006  collector repeats 7 at=1         | copy=7
        9   1.010  worker1 repeats 5 at=0           | dup=5
    """,

    "ids of their own, and an answer that does not come by elsewhere": TWO + """
        1   0.000   collector probe at=1            | acks=1 in=2 copies=3
        2   0.100   worker1 ack collector at=1      | to=1 copies=4 !no_register
        3   2.000   collector repeats 1 at=0        | copy=1
        4   2.100   worker1 repeats 2 at=0          | copy=2
        5   5.000   collector probe at=1            | acks=1 in=6 copies=7
        6   5.100   worker1 ack collector at=1      | to=5 !no_register !lost_datagram
        7   7.000   collector repeats 5 at=0        | copy=5
        8   10.000  collector probe at=1            | acks=1 in=9 copies=10
        9   10.100  worker1 ack collector at=1      | to=8 copies=11
        10  12.000  collector repeats 8 at=0        | copy=8
        11  12.100  worker1 repeats 9 at=0          | copy=9
    """,

    "a RegisterAck to what came by elsewhere": TWO + """
        1   0.0  collector probe a at=0             | acks=1 in=2
        2   0.1  worker1 ack collector a at=0       | to=1 in=3
        3   0.2  collector ok worker1 a at=0        | to=2
        4   5.0  collector probe b at=0             | acks=1 in=5
        5   5.1  worker1 ack collector b at=1       | to=4 in=6
        6   5.2  collector ok worker1 at=0          | to=5
    """,

    "three points, and one of them sees one direction": "point a\n point b\n point c\n" + HOSTS + """
        1   0.000  collector probe 1 at=0           | acks=1 in=4 copies=2,3
        2   0.001  collector repeats 1 at=1         | copy=1
        3   0.002  collector repeats 1 at=2         | copy=1
        4   0.005  worker1 ack collector 1 at=1     | to=1 in=6 copies=5
        5   0.006  worker1 repeats 4 at=0           | copy=4
        6   0.008  collector ok worker1 1 at=0      | to=4 copies=7,8
        7   0.009  collector repeats 6 at=1         | copy=6
        8   0.010  collector repeats 6 at=2         | copy=6
        9   5.000  collector probe 2 at=0           | acks=1 in=12 copies=10,11
        10  5.001  collector repeats 9 at=1         | copy=9
        11  5.002  collector repeats 9 at=2         | copy=9
        12  5.005  worker1 ack collector 2 at=1     | to=9 copies=13
        13  5.006  worker1 repeats 12 at=0          | copy=12
    """,

    "a RegisterAck comes twice at one of the points": TWO + """
        1   0.0000  worker1 ack collector 1 at=1     | in=3 copies=2
        2   0.0010  worker1 repeats 1 at=0           | copy=1
        3   0.0030  collector fail worker1 1 left=1 at=0     | to=1 attempt=1 copies=5
        4   0.0031  collector repeats 3 at=0         | to=1 attempt=1 dup=3
        5   0.0040  collector repeats 3 at=1         | copy=3
    """,

    "NAT on the way": TWO + """
        1   0.000  collector probe 1 at=0           | acks=2 in=3,5 copies=2
        2   0.001  collector repeats 1 at=1         | copy=1
        3   0.005  worker1 ack collector 1 at=1     | to=1 in=8 copies=4
        4   0.006  worker1 repeats 3 at=0 from=203.0.113.9@61001 | copy=3 !inet_addr_mismatch
        5   0.007  worker2 ack collector 1 at=1     | to=1 in=7 copies=6
        6   0.008  worker2 repeats 5 at=0 from=203.0.113.9@61002 | copy=5 !inet_addr_mismatch
        7   0.010  collector ok worker2 1 at=0 to=203.0.113.9@61002 | to=5 copies=10
        8   0.011  collector ok worker1 1 at=0 to=203.0.113.9@61001 | to=3 copies=9
        9   0.012  collector repeats 8 at=1 to=worker1   | copy=8
        10  0.013  collector repeats 7 at=1 to=worker2   | copy=7
    """,

    "a port that NAT gives to one worker after the other": TWO + """
        1   0.000  worker1 ack collector a at=1     | in=3 copies=2
        2   0.001  worker1 repeats 1 at=0 from=203.0.113.9@61001     | copy=1 !inet_addr_mismatch
        3   0.002  collector ok worker1 a at=0 to=203.0.113.9@61001  | to=1 copies=4
        4   0.003  collector repeats 3 at=1 to=worker1               | copy=3
        5   9.000  worker2 ack collector b at=1     | in=7 copies=6
        6   9.001  worker2 repeats 5 at=0 from=203.0.113.9@61001     | copy=5 !inet_addr_mismatch
        7   9.002  collector ok worker2 b at=0 to=203.0.113.9@61001  | to=5 copies=8
        8   9.003  collector repeats 7 at=1 to=worker2               | copy=7
    """,

    "what is known of a worker behind NAT from where its own address is seen": TWO + """
        host more WORKER 10.0.0.11 workerd:10500 extra:1 name=worker1 from=203.0.113.9@61001
        1   0.000  worker1 ack collector a at=1     | in=3 copies=2
        2   0.001  worker1 repeats 1 at=0 from=203.0.113.9@61001            | copy=1 !inet_addr_mismatch
        3   0.002  collector fail worker1 a left=2 at=0 to=203.0.113.9@61001 | to=1
        4   5.000  more ack collector b at=0        | in=5 !inet_addr_mismatch
        5   5.001  collector fail more b left=1 at=0 | to=4 attempt=2
    """,

    "a loss where NAT gives the worker's ports new names, and not the collector's": TWO + """
        1   0.000  worker1 ack collector 1 at=1     | copies=2 !no_register
        2   0.001  worker1 repeats 1 at=0 from=203.0.113.9@61001     | copy=1 !inet_addr_mismatch
        3   1.000  worker1 ack collector 2 at=1 to=10.0.0.2@9090     | !lost_datagram !no_register
        4   1.500  worker1 ack collector 3 at=1 from=10.0.0.11@10777 | !no_register
        5   2.000  worker1 ack collector 4 at=1     | copies=6
        6   2.001  worker1 repeats 5 at=0 from=203.0.113.9@61001     | copy=5 !inet_addr_mismatch
    """,

    "one id for the answers to two collectors": TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1   0.000  worker2 ack collector z at=1     |
        2   1.000  collector probe :7 at=0          | acks=1 in=4
        3   1.100  second probe :7 at=0             | acks=1 in=5
        4   1.200  worker1 ack collector :7 at=0    | to=2
        5   1.300  worker1 ack second :7 at=0       | to=3
    """,

    "a clock that is set back between two rounds of one id": TWO + """
        1   0.000   worker2 ack collector z at=1    |
        2   100.000 collector probe :7 at=0         | acks=1 in=3
        3   100.100 worker1 ack collector :7 at=0   | to=2 !no_register
        4   90.000  collector probe :7 at=0         | acks=1 in=5
        5   90.100  worker1 ack collector :7 at=0   | to=4
    """,

    "a trunk on one side": TWO + """
        1   0.000  collector probe 1 at=0           | acks=1 in=3 copies=2
        2   0.001  collector repeats 1 at=1 vlan=20 | copy=1
        3   0.005  worker1 ack collector 1 at=1 vlan=20 | to=1 in=5 copies=4
        4   0.006  worker1 repeats 3 at=0           | copy=3
        5   0.008  collector ok worker1 1 at=0      | to=3 copies=6
        6   0.009  collector repeats 5 at=1 vlan=20 | copy=5
    """,

    "one id for all RegisterAcks of a round, of which one is lost": TWO + """
        1   0.000  collector probe 1 at=0           | acks=2 in=3,4 copies=2
        2   0.001  collector repeats 1 at=1         | copy=1
        3   0.005  worker1 ack collector 1 at=1     | to=1 in=7 copies=5
        4   0.006  worker2 ack collector 1 at=1     | to=1 in=8 copies=6
        5   0.007  worker1 repeats 3 at=0           | copy=3
        6   0.008  worker2 repeats 4 at=0           | copy=4
        7   0.009  collector ok worker1 1 at=0      | to=3
        8   0.010  collector ok worker2 1 at=0      | to=4 copies=9
        9   0.011  collector repeats 8 at=1         | copy=8
    """,

    "the ends of what a point captured": TWO + """
        1   0.000  collector probe 1 at=0           | acks=0 !no_response
        2   5.000  collector probe 2 at=0           | acks=0 copies=3 !no_response
        3   5.001  collector repeats 2 at=1         | copy=2
        4   10.00  collector probe 3 at=0           | acks=0 copies=5 !no_response
        5   10.01  collector repeats 4 at=1         | copy=4
        6   15.00  collector probe 4 at=0           | acks=0
    """,

    "ids of their own, and a clock that is behind by more than a round": TWO + """
        1   0.000  collector probe 1 at=1           | acks=1 in=2 copies=8
        2   0.005  worker1 ack collector at=1       | to=1 in=10 copies=9
        3   1.000  collector probe 2 at=1           | acks=1 in=4 copies=11
        4   1.015  worker1 ack collector at=1       | to=3 in=13 copies=12
        5   2.000  collector probe 3 at=1           | acks=1 in=6 copies=14
        6   2.008  worker1 ack collector at=1       | to=5 in=7 copies=15
        7   2.010  collector ok worker1 at=1        | to=6 copies=16
        8   2.500  collector repeats 1 at=0         | copy=1
        9   2.506  worker1 repeats 2 at=0           | copy=2
        10  2.508  collector ok worker1 at=0        | to=2
        11  3.500  collector repeats 3 at=0         | copy=3
        12  3.516  worker1 repeats 4 at=0           | copy=4
        13  3.517  collector ok worker1 at=0        | to=4
        14  4.500  collector repeats 5 at=0         | copy=5
        15  4.510  worker1 repeats 6 at=0           | copy=6
        16  4.511  collector repeats 7 at=0         | copy=7
    """,

    "what does not come by there": TWO + """
        1   0.000  collector probe 1 at=0           | acks=1 in=2
        2   0.005  worker1 ack collector 1 at=1     | to=1 copies=3 !no_register
        3   0.006  worker1 repeats 2 at=0           | copy=2
        4   5.000  collector probe 2 at=0           | acks=1 in=5
        5   5.005  worker1 ack collector 2 at=1     | to=4 copies=6 !no_register
        6   5.006  worker1 repeats 5 at=0           | copy=5
        7   10.00  collector probe 3 at=0           | acks=1 in=8
        8   10.005 worker1 ack collector 3 at=1     | to=7 copies=9
        9   10.006 worker1 repeats 8 at=0           | copy=8
    """,

    "the wire repeats what it has repeated, now from another port": TWO + """
        1   0.0    worker2 ack collector at=1       |
        2   5.0    collector probe 1 at=0           | acks=0
        3   5.4    collector repeats 2 at=0         | dup=2
        4   5.8    collector repeats 2 at=0 from=10.0.0.2@40000     | dup=2
    """,
}


@pytest.mark.parametrize("script", DIALOGUES.values(), ids=DIALOGUES)
def test_dialogues(tshark, sharkd, script):
    check(sharkd, tshark, script)


def test_equal_datagrams_are_told_apart_by_their_order(tshark, sharkd):
    """A clock is behind by more than a round takes, so that three of each are in question."""
    check(sharkd, tshark, CONSTANT)


def test_a_duplicate_that_is_told_late_has_no_answer(tshark, sharkd):
    """The other collector's answer with the same id stands between it and its copy, by which it is told."""
    check(sharkd, tshark, TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1   0.0   collector probe at=0                  | acks=1 in=2 copies=4
        2   0.1   worker1 ack collector at=0            | to=1 in=3 copies=5
        3   0.2   collector fail worker1 left=1 at=0    | to=2 copies=6
        4   2.5   collector repeats 1 at=1              | copy=1
        5   2.6   worker1 repeats 2 at=1                | copy=2
        6   2.7   collector repeats 3 at=1              | copy=3
        7   20.0  collector probe at=0                  | acks=1 in=8 copies=12
        8   20.1  worker1 ack collector w at=0          | to=7 in=17 copies=13
        9   22.0  worker1 repeats 8 at=0                | to=7 dup=8 copies=14
        10  22.2  second probe at=0                     | acks=1 in=11 copies=15
        11  22.3  worker1 ack second w at=0             | to=10 copies=16
        12  22.5  collector repeats 7 at=1              | copy=7
        13  22.6  worker1 repeats 8 at=1                | copy=8
        14  24.5  worker1 repeats 8 at=1                | copy=9
        15  24.7  second repeats 10 at=1                | copy=10
        16  24.8  worker1 repeats 11 at=1               | copy=11
        17  26.0  collector ok worker1 w at=0           | to=8 attempt=2 copies=18
        18  28.5  collector repeats 17 at=1             | copy=17
    """)


def test_a_duplicate_that_is_told_late_is_no_next_one(tshark):
    """Frame 7 says again what 6 said, as its copy tells."""
    found = texts(tshark, TWO + """
        1  0.0   collector probe at=0
        2  0.1   worker1 ack collector at=0
        3  2.5   collector repeats 1 at=1
        4  2.6   worker1 repeats 2 at=1
        5  20.0  collector probe at=0
        6  20.1  worker1 ack collector at=0
        7  22.0  worker1 repeats 6 at=0
        8  22.5  collector repeats 5 at=1
        9  22.6  worker1 repeats 6 at=1
        10 24.5  worker1 repeats 6 at=1
        11 40.0  collector probe at=0
        12 40.1  worker1 ack collector at=0
    """, "crm.no_register")
    assert [(frame, text[0].partition(": ")[0]) for frame, text in found.items()] == [
        (2, "worker1 (10.0.0.11) got no RegisterAck before its next ProbeAck in frame 6"),
        (6, "worker1 (10.0.0.11) got no RegisterAck before its next ProbeAck in frame 12")]


def test_an_id_that_came_before_does_not_tell(tshark, sharkd):
    """The second answer stands before its question too, and the one before that has the same id."""
    script = TWO + """
        1 0.1  worker1 ack collector x at=1
        2 3.0  collector probe x at=0
        3 3.1  worker1 repeats 1 at=0
        4 8.0  collector probe x at=0
        5 10.1 worker1 ack collector x at=1
        6 13.0 collector probe x at=0
        7 13.1 worker1 repeats 5 at=0
    """
    messages = sharkd.messages(parse(script).write(tshark.new_capture()))
    assert {frame: message.values("crm.response_to") for frame, message in enumerate(messages, 1)
            if message.values("crm.response_to")} == {1: ["2"], 5: ["6"]}


# What a round has at the points: the answer stands before its question, which its copy tells.
ANSWERED_LATE = {
    "a worker": ("worker1 ack collector", ["collector probe"], "worker1"),
    "a collector": ("collector ok worker1", ["collector probe", "worker1 ack collector"], "collector"),
}


@pytest.mark.parametrize("answer, asked, sender", ANSWERED_LATE.values(), ids=ANSWERED_LATE)
def test_who_repeats_ids_is_known_though_its_answers_are_told_late(tshark, answer, asked, sender):
    """Three are enough to know that an answer with another id was asked for by what the capture lost."""
    lines = []
    for start, word in ((0, "a"), (10, "b"), (20, "c")):
        lines.append(f"{start + 0.2} {answer} {word} at=1")
        early = len(lines)
        lines += [f"{start + 3 + 0.1 * n} {words} {word} at=0" for n, words in enumerate(asked)]
        lines.append(f"{start + 3.2} {sender} repeats {early} at=0")
    lines += [f"{33 + 0.1 * n} {words} d at=0" for n, words in enumerate(asked)]
    lines += ["30.25 second probe q at=1", f"33.2 {answer} z at=0"]
    script = TWO + "host second COLLECTOR 10.0.0.3 coordinatord:10100\n"
    script += "\n".join(f"{frame} {line}" for frame, line in enumerate(lines, 1))
    rows = tshark.rows(parse(script).write(tshark.new_capture()), "crm.response_to", options=("-2",))
    assert rows[0][0] and not rows[-1][0]


# A success, and the first attempt after it.
COUNTED = """
    1   0.000  collector probe a at=0
    2   0.001  collector repeats 1 at=1
    3   0.010  worker1 ack collector b at=0
    4   0.011  worker1 repeats 3 at=1
    5   0.020  collector ok worker1 c at=0
    6   0.021  collector repeats 5 at=1
    7   3.000  collector fail worker1 d left=3 at=0
    8   3.001  collector repeats 7 at=1
"""

REPEATED = {
    "before what it answers": ("crm.response_to", """
        1   0.100  worker1 ack collector a at=1
        2   0.101  worker1 repeats 1 at=1
        3   2.000  collector probe a at=0
        4   2.100  worker1 repeats 1 at=0
        5   2.101  worker1 repeats 1 at=0
    """, {1: ["3"], 2: ["3"], 5: ["3"]}),
    "when it had been repeated": ("crm.duplicate_of", """
        1   0.000  collector probe a at=0
        2   0.001  collector repeats 1 at=1
        3   0.100  worker1 ack collector a at=1
        4   4.100  worker1 repeats 3 at=1
        5   4.101  worker1 repeats 3 at=1
        6   4.102  worker1 repeats 3 at=0
    """, {4: ["3"], 5: ["3"]}),
    "when it had counted as an attempt": ("crm.attempt", COUNTED + """
        9   6.000  collector repeats 5 at=0
        10  6.0001 collector repeats 5 at=0
        11  6.001  collector repeats 5 at=1
    """, {5: ["1"], 7: ["1"], 9: ["1"], 10: ["1"]}),
}


@pytest.mark.parametrize("name, script, right", REPEATED.values(), ids=REPEATED)
def test_what_an_original_is_told_later_holds_for_its_duplicates(tshark, name, script, right):
    rows = tshark.rows(parse(TWO + script).write(tshark.new_capture()), name, "_ws.col.Info", options=("-2",))
    assert {frame: row[0] for frame, row in enumerate(rows, 1) if row[0]} == right
    for frame, (values, (info,)) in enumerate(rows, 1):
        assert name != "crm.duplicate_of" or not values or info.startswith(f"[Duplicate of {values[0]}]"), frame


def test_an_answer_again_is_a_duplicate_though_the_way_takes_its_time(tshark):
    """Either way takes a millisecond, and ids are new. Frames 13 and 15 say again what 3 and 5 said."""
    rows = tshark.rows(parse(TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1   0.000  collector probe a at=0
        2   0.001  collector repeats 1 at=1
        3   0.010  worker1 ack collector b at=1
        4   0.011  worker1 repeats 3 at=0
        5   0.020  collector fail worker1 c left=3 at=0
        6   0.021  collector repeats 5 at=1
        7   1.000  second probe 1 at=0
        8   1.001  second repeats 7 at=1
        9   1.600  second probe 2 at=0
        10  1.601  second repeats 9 at=1
        11  2.200  second probe 3 at=0
        12  2.201  second repeats 11 at=1
        13  3.010  worker1 repeats 3 at=1
        14  3.011  worker1 repeats 3 at=0
        15  3.020  collector repeats 5 at=0
        16  3.021  collector repeats 5 at=1
        17  4.000  collector fail worker1 left=2 at=0
        18  4.001  collector repeats 17 at=1
    """).write(tshark.new_capture()), "crm.duplicate_of", "crm.attempt", options=("-2",))
    assert {frame: row for frame, row in enumerate(rows, 1) if any(row)} == {
        5: [[], ["1"]], 13: [["3"], []], 15: [["5"], ["1"]], 17: [[], ["2"]]}


def test_a_success_that_is_repeated_ends_no_count(tshark):
    """Frame 9 says again what 5 said; its copy tells that it does."""
    rows = tshark.rows(parse(TWO + COUNTED + """
        9   6.000  collector repeats 5 at=0
        10  6.001  collector repeats 5 at=1
        11  9.000  collector fail worker1 e left=2 at=0
        12  9.001  collector repeats 11 at=1
    """).write(tshark.new_capture()), "crm.duplicate_of", "crm.attempt", options=("-2",))
    assert {frame: row for frame, row in enumerate(rows, 1) if any(row)} == {
        5: [[], ["1"]], 7: [[], ["1"]], 9: [["5"], ["1"]], 11: [[], ["2"]]}


def test_who_repeats_itself_is_heard_once(tshark):
    """That frame 7 repeats 3 is known when its copy comes."""
    rows = tshark.rows(parse(TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1  0.000  second probe 1 at=0
        2  0.001  second repeats 1 at=1
        3  1.000  worker1 ack collector a at=0
        4  1.001  worker1 repeats 3 at=1
        5  2.000  worker2 ack collector b at=0
        6  2.001  worker2 repeats 5 at=1
        7  3.000  worker1 repeats 3 at=0
        8  3.001  worker1 repeats 3 at=1
        9  5.000  collector probe c at=0
        10 5.001  collector repeats 9 at=1
        11 9.000  collector probe d at=0
        12 9.001  collector repeats 11 at=1
    """).write(tshark.new_capture()), "crm.duplicate_of", "crm.silent_host", "_ws.expert.message", options=("-2",))
    assert rows[6][0] == ["3"] and rows[8][1] == ["worker2 (10.0.0.12)", "worker1 (10.0.0.11)"]
    assert re.findall(r"its ProbeAck in frame (\d+)", "|".join(rows[8][2])) == ["5", "3"]


def test_what_is_repeated_contradicts_as_it_does_at_one_point(tshark):
    """Two machines of one name; another point may have captured something before."""
    script = HOSTS + """
        host clone WORKER 10.0.0.99 workerd:10500 name=worker1
        1   0.000  worker2 ack collector z at={}
        2   1.000  collector probe a at=0
        3   1.100  worker1 ack collector a at=0
        4   1.200  clone ack collector a at=0
        5   1.210  clone repeats 4
        6   1.220  worker1 repeats 3
    """
    fields = "crm.duplicate_of", "crm.hostname_conflict", "_ws.col.Info", "_ws.expert.message"
    one, two = (tshark.rows(parse(POINTS + script.format(point)).write(tshark.new_capture()), *fields, options=("-2",))
                for point in (0, 1))
    assert one == two and [bool(row[1]) for row in two] == [False, False, False, True, True, True]


def test_a_copy_is_about_the_same_worker_where_vlans_are_kept_apart(tshark):
    """Whom frame 7 is for tells its copy, which has no tag."""
    capture = parse(EARLY.split("        7   ")[0] + """
        7   15.200 collector ok worker1 a at=1 vlan=30
        8   18.000 collector probe a at=0
        9   18.100 worker1 ack collector a at=0
        10  18.200 collector repeats 7 at=0 vlan=0
    """).write(tshark.new_capture())
    rows = tshark.rows(capture, "crm.worker", options=("-2", *deinterlacing(tshark, "VM.")))
    assert [row[0] for row in rows[6:]] == [["worker1"], [], ["worker1"], ["worker1"]]


def test_an_attempt_counts_once_though_its_question_comes_later(tshark, sharkd):
    """Frame 8 is captured first where the clock is behind, 10 is what it answers, and 11 its copy tells so."""
    clocks = EARLY.split("        7   ")[0].replace("| copies=6", "| acks=1 in=7 copies=6")
    check(sharkd, tshark, clocks + """
        7   14.000 worker1 ack second q at=0                 | to=5
        8   15.200 collector fail worker1 a left=2 at=1      | to=10 copies=11
        9   18.000 collector probe a at=0                    | acks=1 in=10
        10  18.100 worker1 ack collector a at=0              | to=9 in=8
        11  18.200 collector repeats 8 at=0                  | copy=8
        12  20.200 collector fail worker1 b left=1 at=1      | attempt=2
    """)


def test_an_attempt_of_a_worker_that_says_nothing_counts_once(tshark, sharkd):
    check(sharkd, tshark, TWO + """
        1   0.000  collector fail worker1 a left=2 at=0      | copies=2
        2   0.001  collector repeats 1 at=1                  | copy=1
        3   5.000  collector fail worker1 b left=1 at=0      | attempt=2 copies=4
        4   5.001  collector repeats 3 at=1                  | copy=3
    """)


def test_an_attempt_of_another_worker_at_the_address_does_not_count(tshark):
    """Frame 7 seemed to be for whoever has the address in its VLAN, until 10 tells that it is for worker1."""
    capture = parse(EARLY.split("        7   ")[0] + """
        host other WORKER 10.0.0.11 workerd:10500
        7   15.200 collector fail worker1 a left=2 at=1 vlan=30
        8   18.000 collector probe a at=0
        9   18.100 worker1 ack collector a at=0
        10  18.200 collector repeats 7 at=0 vlan=0
        11  30.000 other ack collector c at=1 vlan=30
        12  30.100 collector fail other c left=2 at=1 vlan=30
    """).write(tshark.new_capture())
    rows = tshark.rows(capture, "crm.worker", "crm.attempt", options=("-2", *deinterlacing(tshark, "VM.")))
    assert (rows[6], rows[11]) == ([["worker1"], ["1"]], [["other"], ["1"]])


def test_who_answers_twice_counts_once_though_one_answer_stands_before_the_question(tshark, sharkd):
    """With one daemon more the second time, so that it is no duplicate."""
    probe = sharkd.messages(parse(TWO + """
        host more WORKER 10.0.0.11 workerd:10500 extra:1 name=worker1
        1  0.100  worker1 ack collector a at=1
        2  2.000  collector probe a at=0
        3  2.050  more ack collector a at=0
        4  2.100  worker1 repeats 1 at=0
    """).write(tshark.new_capture()))[1]
    assert (probe.values("crm.acks"), probe.values("crm.response_in")) == (["1"], ["3", "1"])


@pytest.mark.parametrize("copies", [("worker1 repeats 1", "more repeats 2"), ("more repeats 2", "worker1 repeats 1")])
def test_who_answers_twice_before_the_question_counts_once(tshark, sharkd, copies):
    probe = sharkd.messages(parse(TWO + f"""
        host more WORKER 10.0.0.11 workerd:10500 extra:1 name=worker1
        1  0.100  worker1 ack collector a at=1
        2  0.200  more ack collector a at=1
        3  2.000  collector probe a at=0
        4  2.100  {copies[0]} at=0
        5  2.200  {copies[1]} at=0
    """).write(tshark.new_capture()))[2]
    assert (probe.values("crm.acks"), sorted(probe.values("crm.response_in"))) == (["1"], ["1", "2"])


def test_an_early_answer_is_not_taken_for_the_one_before(tshark, sharkd):
    """They are the same, as their probes are, and the second has none yet that it could be an answer to."""
    check(sharkd, tshark, EARLY)


def _told_by_clocks(tshark, sharkd, points, readings, off=0):
    """What a copy is told to be of where three equal datagrams may be meant: 0 to 2, or None. Before, different ones
    tell how far the second point's clock is ahead of the first's, one a reading; the copy of the middle one is off the
    last of these by that much."""
    script, frame = TWO + "1 0 worker1 ack collector z at=0\n", 1
    for number, ahead in enumerate(readings):
        frame += 2
        script += f"""{frame - 1} {10 * number + 10} collector probe {number} at={points[0]}
            {frame} {10 * number + 10 + ahead} collector repeats {frame - 1} at={points[1]}\n"""
    equal = 10 * len(readings) + 20
    for number in range(3):
        script += f"{frame + 1 + number} {equal + number} collector probe a at={points[0]}\n"
    script += f"{frame + 4} {equal + 1 + readings[-1] + off} collector repeats {frame + 1} at={points[1]}"
    last = sharkd.messages(parse(script).write(tshark.new_capture()))[-1]
    return int(last.value("crm.copy_of")) - frame - 1 if last.values("crm.copy_of") else None


@pytest.mark.parametrize("ahead", [2.0, -2.0])
@pytest.mark.parametrize("points", [(0, 1), (1, 0)])
def test_clocks_are_learned_in_either_direction(tshark, sharkd, points, ahead):
    assert _told_by_clocks(tshark, sharkd, points, 3 * [ahead]) == 1


@pytest.mark.parametrize("count, off, right", [(1, 0, None), (2, 0, 1), (3, 0.24, 1), (3, 0.26, None), (3, -0.24, 1),
                                               (3, -0.26, None)])
def test_three_settle_clocks_and_a_quarter_of_a_second_is_the_same_time(tshark, sharkd, count, off, right):
    """The copy that agrees is one of the three."""
    assert _told_by_clocks(tshark, sharkd, (0, 1), count * [2.0], off) == right


@pytest.mark.parametrize("off, right", [(0.07, 1), (0.08, None)])
def test_what_is_known_of_clocks_follows_them_slowly(tshark, sharkd, off, right):
    """One that differs by 0.2 seconds moves it by an eighth of that."""
    assert _told_by_clocks(tshark, sharkd, (0, 1), [2.0, 2.0, 2.0, 2.2], off) == right


@pytest.mark.parametrize("others, right", [([5, 8, 11], 1), ([5, 8, 11, 14], None)])
def test_what_agrees_with_no_clock_speaks_against_all(tshark, sharkd, others, right):
    """Four differences are remembered: a fifth one takes a vote from each. The copy is one more for the first."""
    assert _told_by_clocks(tshark, sharkd, (0, 1), [2.0, 2.0, *others], 2.0 - others[-1]) == right


@pytest.mark.parametrize("before, since, right", [(64, 94, None), (64, 95, 1), (100, 94, None), (100, 95, 1)])
def test_a_clock_that_was_set_is_believed(tshark, sharkd, before, since, right):
    """No more than 64 datagrams speak for a difference, and at most half as many may for another. What agrees with
    it beyond the 64 takes the others' away; the copy is one more of these."""
    assert _told_by_clocks(tshark, sharkd, (0, 1), before * [2.0] + since * [5.0]) == right


def test_what_may_be_a_copy_of_two_is_no_reading_of_the_clocks(tshark, sharkd):
    """Three times the first of two equal ones would be as likely, and then three others tell that it is the second."""
    script, either = TWO, lambda start, frame: f"""
        {frame} {start} collector probe x{start} at=0
        {frame + 1} {start + 1} collector repeats {frame} at=0
        {frame + 2} {start + 3} collector repeats {frame} at=1\n"""
    for number in range(3):
        script += either(100 + 10 * number, 3 * number + 1)
    for number in range(3):
        script += f"""{10 + 2 * number} {150 + 10 * number} collector probe {number} at=0
            {11 + 2 * number} {152 + 10 * number} collector repeats {10 + 2 * number} at=1\n"""
    messages = sharkd.messages(parse(script + either(200, 16)).write(tshark.new_capture()))
    assert messages[-1].values("crm.copy_of") == ["17"]


def test_what_may_be_a_copy_of_one_is_a_reading_of_the_clocks(tshark):
    """Frame 1 is equal, and past the time in which copies come. With two more readings, the clocks tell of frame 3."""
    rows = tshark.rows(parse(TWO + """
        1  0.000  collector probe x at=1
        2  40.000 collector probe x at=0
        3  40.001 collector repeats 2 at=1
        4  50.000 collector probe a at=0
        5  50.001 collector repeats 4 at=1
        6  55.000 collector probe b at=0
        7  55.001 collector repeats 6 at=1
    """).write(tshark.new_capture()), "crm.copy_of", options=("-2",))
    assert [row[0] for row in rows] == [[], [], ["2"], [], ["4"], [], ["6"]]


@pytest.mark.parametrize("count, right", [(64, ["crm.copy_of"]), (65, [])])
def test_so_many_copies_wait_for_the_clocks(tshark, sharkd, count, right):
    """Each may be the copy of either of two, and no two readings agree. The last is off as much as the clocks are, as
    three others tell then."""
    script = TWO
    for number in range(count):
        start, frame = 10 * number, 3 * number + 1
        ahead = 2 if number == count - 1 else 3 + number % 8 * 0.6
        script += f"""{frame} {start} collector probe {number} at=0
            {frame + 1} {start + 0.9} collector probe {number} at=0
            {frame + 2} {start + ahead} collector repeats {frame} at=1\n"""
    for number in range(3):
        start, frame = 10 * count + 5 * number, 3 * count + 2 * number + 1
        script += f"""{frame} {start} collector probe other{number} at=0
            {frame + 1} {start + 2} collector repeats {frame} at=1\n"""
    messages = sharkd.messages(parse(script).write(tshark.new_capture()))
    assert all(message.values("crm.copy_of") for message in messages[3 * count + 1::2])
    assert [name for name, _ in messages[3 * count - 1].fields if name == "crm.copy_of"] == right


@pytest.mark.parametrize("again, right", [(False, ["1"]), (True, [])])
def test_an_equal_datagram_at_a_third_point_makes_doubtful(tshark, sharkd, again, right):
    """Too late to be a copy of the first, it may be what the last is a copy of; no clock tells yet."""
    scenario = parse(POINTS + "point c\n point d\n" + HOSTS + """
        1  0.0   collector probe a at=0
        2  1.0   collector repeats 1 at=1
    """)
    if again:
        scenario.repeat(40, 1, interface=2)
    scenario.repeat(20, 1, interface=3)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert [message.values("crm.copy_of") for message in messages] == [[], ["1"], *([[]] if again else []), right]


@pytest.mark.parametrize("ahead, right", [(2, [[], []]), (4, [["1"], ["2"]])])
def test_a_copy_in_doubt_stays_in_doubt_until_the_clocks_tell(tshark, sharkd, ahead, right):
    """An equal datagram comes by at its point while it waits, and others tell then how far that clock is ahead."""
    script = TWO + """
        1 20.0 collector probe a at=0
        2 21.0 collector probe a at=0
        3 22.0 collector probe a at=0
        4 24.0 collector repeats 1 at=1
        5 25.0 collector repeats 1 at=1
    """
    for number in range(3):
        script += f"""{6 + 2 * number} {30 + 10 * number} collector probe {number} at=0
            {7 + 2 * number} {30 + 10 * number + ahead} collector repeats {6 + 2 * number} at=1\n"""
    messages = sharkd.messages(parse(script).write(tshark.new_capture()))
    assert [message.values("crm.copy_of") for message in messages[3:5]] == right
    assert all(message.values("crm.copy_of") for message in messages[6::2])


IN_DOUBT = {
    "an equal one at the copy's point": ("""
        1  20.0 collector probe a at=0
        2  21.0 collector repeats 1 at=1
        3  25.0 collector repeats 1 at=1
    """, {}),
    "an equal one at the original's point": ("""
        1  20.0 collector probe a at=0
        2  21.0 collector repeats 1 at=1
        3  25.0 collector probe a at=0
    """, {}),
    "an equal one at the original's point, where the wire repeats": ("""
        1  20.0 collector probe a at=0
        2  20.2 collector repeats 1 at=0
        3  21.0 collector repeats 1 at=1
        4  25.0 collector probe a at=0
    """, {}),
    "an equal one at the original's point, of three": ("""
        point c
        1  20.0 collector probe a at=0
        2  21.0 collector repeats 1 at=1
        3  22.0 collector repeats 1 at=2
        4  25.0 collector probe a at=0
    """, {}),
    "equal ones at both points, before the clocks deny it": ("""
        1  20.0 collector probe a at=0
        2  30.0 collector repeats 1 at=1
        3  40.0 collector probe a at=0
        4  42.0 collector repeats 3 at=1
        5  50.0 collector probe x at=0
        6  52.0 collector repeats 5 at=1
        7  60.0 collector probe y at=0
        8  62.0 collector repeats 7 at=1
        9  70.0 collector probe z at=0
        10 72.0 collector repeats 9 at=1
    """, {4: 3, 6: 5, 8: 7, 10: 9}),
    "an equal one when the clocks have told, and do not tell any more": ("""
        1  10.0 collector probe x at=0
        2  12.0 collector repeats 1 at=1
        3  20.0 collector probe y at=0
        4  22.0 collector repeats 3 at=1
        5  30.0 collector probe z at=0
        6  32.0 collector repeats 5 at=1
        7  50.0 collector probe a at=0
        8  51.0 collector probe a at=0
        9  53.0 collector repeats 8 at=1
        10 60.0 collector probe u at=0
        11 65.0 collector repeats 10 at=1
        12 70.0 collector probe v at=0
        13 75.0 collector repeats 12 at=1
        14 80.0 collector probe w at=0
        15 85.0 collector repeats 14 at=1
        16 90.0 collector probe a at=0
    """, {2: 1, 4: 3, 6: 5, 9: 8, 11: 10, 13: 12, 15: 14}),
}


@pytest.mark.parametrize("name", IN_DOUBT)
def test_what_an_equal_datagram_makes_doubtful(tshark, sharkd, name):
    script, right = IN_DOUBT[name]
    messages = sharkd.messages(parse(TWO + script).write(tshark.new_capture()))
    told = {frame: message.values("crm.copy_of") for frame, message in enumerate(messages, 1)}
    assert {frame: int(*copy) for frame, copy in told.items() if copy} == right
    assert {int(copy): frame for frame, message in enumerate(messages, 1) for copy in message.values("crm.copy_in")} == right


def test_what_may_be_a_copy_of_either_does_not_count(tshark):
    capture = parse(TWO + """
        1  20.0 collector probe a at=0
        2  21.0 collector probe a at=0
        3  22.0 collector repeats 1 at=1
    """).write(tshark.new_capture())
    for options in (), ("-2",):
        assert not any(row[0] for row in tshark.rows(capture, "crm.copy_of", options=options))
        assert tree(tshark.run("-r", capture, "-q", "-z", "crm,tree", *options))["Messages"] == {"PROBE_INIT": 2}


def test_a_copy_tells_what_was_lost_behind_it(tshark, sharkd):
    """No datagram came by at the first point and the third, whose clocks are known by the second alone."""
    messages = sharkd.messages(parse(POINTS + "point c\n" + HOSTS + """
        1  0.0   collector probe 1 at=1
        2  0.01  collector repeats 1 at=2
        3  5.0   collector probe 2 at=0
        4  5.01  collector repeats 3 at=1
        5  10.0  collector probe 3 at=1
        6  10.01 collector repeats 5 at=2
    """).write(tshark.new_capture()))
    told = {frame: message.expert("crm.lost_datagram") for frame, message in enumerate(messages, 1)}
    assert [frame for frame, texts in told.items() if texts] == [3] and "and not at c," in told[3][0]


# Frame 6 waits as the copy of 4, until the clocks deny it.
DENIED = TWO + """
        1  17.0 collector probe x at=0
        2  18.0 collector probe y at=0
        3  19.0 collector probe z at=0
        4  20.0 collector probe a at=0
        5  21.0 collector probe a at=0
        6  24.0 collector repeats 4 at=1
        7  25.0 collector repeats 1 at=1
        8  26.0 collector repeats 2 at=1
        9  27.0 collector repeats 3 at=1
"""


def test_what_was_no_copy_leaves_room_for_the_one_that_is(tshark, sharkd):
    messages = sharkd.messages(parse(DENIED + """
        10 28.0 collector repeats 4 at=1
        11 29.0 collector repeats 4 at=1
    """).write(tshark.new_capture()))
    assert [message.values("crm.copy_of") for message in messages[5:]] == [[], ["1"], ["2"], ["3"], ["4"], ["5"]]


def test_what_seemed_to_have_a_copy_is_not_called_lost(tshark, sharkd):
    """Frame 6, which seemed to be the copy of 4, is of an equal one: who knows whether the other way round."""
    messages = sharkd.messages(parse(DENIED + """
        10 33.0 collector probe b at=0
        11 41.0 collector repeats 10 at=1
    """).write(tshark.new_capture()))
    assert [bool(message.expert("crm.lost_datagram")) for message in messages[3:5]] == [False, True]


def test_an_early_attempt_counts_where_vlans_are_kept_apart(tshark):
    """It has a tag where the clock is behind, and the copy that tells whom it is for has none."""
    capture = parse(EARLY.split("        7   ")[0] + """
        7   15.200 collector fail worker1 a left=2 at=1 vlan=30
        8   18.000 collector probe a at=0
        9   18.100 worker1 ack collector a at=0
        10  18.200 collector repeats 7 at=0 vlan=0
        11  20.500 collector fail worker1 left=1 at=0
    """).write(tshark.new_capture())
    rows = tshark.rows(capture, "crm.attempt", options=("-2", *deinterlacing(tshark, "VM.")))
    assert [row[0] for row in rows[6:]] == [["1"], [], [], [], ["2"]]


def test_of_equal_datagrams_nothing_is_claimed_that_the_clocks_deny(tshark):
    """Probes that are all the same, of which every second comes by at the other point."""
    lines, frame = [], 0
    for round_ in range(20):
        frame += 1
        lines.append(f"{frame} {round_ * 5}.0 collector probe :7 at=0")
        if round_ % 2 == 0:
            frame += 1
            lines.append(f"{frame} {round_ * 5}.5 collector repeats {frame - 1} at=1")
    rows = tshark.rows(parse(TWO + "\n".join(lines)).write(tshark.new_capture()), "crm.copy_of", "crm.transit_time",
                       options=("-2",))
    claims = {(frame, *row[0], *row[1]) for frame, row in enumerate(rows, 1) if row[0]}
    assert claims == {(frame, str(frame - 1), "0.500000000") for frame in range(2, 31, 3)}


def texts(tshark, script, name):
    messages = tshark.messages(parse(script).write(tshark.new_capture()), "-2")
    return {frame: message.expert(name) for frame, message in enumerate(messages, 1) if message.expert(name)}


@pytest.mark.parametrize("names, said", [
    (("collector-side", "worker-side"), ("collector-side", "worker-side")),
    (("eth0", "eth0"), ("eth0 (interface 0)", "eth0 (interface 1)")),
    (("''", "''"), ("interface 0", "interface 1")),
    (("''", "eth0"), ("interface 0", "eth0")),
], ids=("names", "one name", "no names", "one has a name"))
def test_what_is_lost_names_both_points(tshark, names, said):
    script = LOST.replace("point collector-side", f"point {names[0]}").replace("point worker-side", f"point {names[1]}")
    found = texts(tshark, script, "crm.lost_datagram")
    assert set(found) == {9, 14}
    assert f"Captured at {said[1]} and not at {said[0]}," in found[9][0]
    assert f"Captured at {said[0]} and not at {said[1]}," in found[14][0]


def test_a_name_as_windows_has_them_is_shown_in_full(tshark):
    name = r"\Device\NPF_{5E3A2B1C-0D4F-4A6B-8C7D-9E0F1A2B3C4D}"
    found = texts(tshark, LOST.replace("point collector-side", f"point '{name}'"), "crm.lost_datagram")
    assert f"and not at {name}," in found[9][0]


def test_a_name_cannot_draw_on_the_screen(tshark):
    scenario = parse(LOST)
    scenario.interfaces = (Interface("\x1b[31mred"), Interface("worker-side"))
    capture = scenario.write(tshark.new_capture())
    assert "\x1b" not in tshark.run("-r", tshark.readable(capture), "-2", "-q", "-z", "crm,points")
    found = [text for message in tshark.messages(capture, "-2") for text in message.expert("crm.lost_datagram")]
    assert len(found) == 2 and all("\\u001b[31mred" in text for text in found)


@pytest.mark.parametrize("name, shown", [(b"collec\xf0", "collec\ufffd"), (b"co\xe9\xc3", "co\ufffd\ufffd")])
def test_a_name_that_is_no_text(tshark, name, shown):
    """A file may have any bytes for it, and what begins like a character at its end is none."""
    capture = parse(LOST.replace("point collector-side", f"point {'n' * len(name)}")).write(tshark.new_capture())
    capture.write_bytes(capture.read_bytes().replace(b"n" * len(name), name))
    rows = points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points"))
    assert set(rows) == {(shown, "worker-side"), ("worker-side", shown)}


def test_a_negative_transit_time_says_so(tshark):
    capture = parse(DIALOGUES["a clock that is ahead"]).write(tshark.new_capture())
    shown = [item.showname for items in tshark.layout(capture) for item in items if item.name == "crm.transit_time"]
    assert [text for text in shown if "negative" in text] == [
        "Transit Time: -1.999000000 seconds (negative: the clock at collector-side is behind that at worker-side)"]
    assert len(shown) == 3


@pytest.mark.parametrize("later", [0.0995, -0.9])
def test_a_transit_time_just_below_zero_says_so(tshark, later):
    """And one of a whole second."""
    capture = parse(TWO + f"""
        1 0.1    collector probe a at=0
        2 {later} collector repeats 1 at=1
    """).write(tshark.new_capture())
    shown = [item.showname for items in tshark.layout(capture) for item in items if item.name == "crm.transit_time"]
    assert len(shown) == 1 and shown[0].endswith("(negative: the clock at worker-side is behind that at collector-side)")


@pytest.mark.parametrize("script", [LOST, CONSTANT, *list(DIALOGUES.values())[5:]], ids=lambda script: None)
def test_one_pass_tells_what_two_tell(tshark, sharkd, script):
    """A response time that is taken elsewhere than where the answer was captured first is one of the future."""
    names = ("crm.response_to", "crm.attempt", "crm.copy_of", "crm.transit_time", "crm.duplicate_of")
    capture = parse(script).write(tshark.new_capture())
    once = tshark.rows(capture, *names)
    twice = [[message.values(name) for name in names] for message in sharkd.messages(capture)]
    assert len(once) == len(twice)
    for frame, (first, second) in enumerate(zip(once, twice), 1):
        assert script == CONSTANT or first == second, f"frame {frame}"
        for name, one, two in zip(names, first, second):
            assert one in ([], two), f"frame {frame}, {name}"


def test_one_pass_has_no_response_time_of_another_point(tshark):
    """Each answer is captured where its question came by later; its copy at the other point comes after it."""
    rows = tshark.rows(parse(LOST).write(tshark.new_capture()), "crm.response_time")
    assert len(rows) == 20 and not any(row[0] for row in rows)


def test_a_filter_changes_nothing(tshark):
    capture = parse(LOST).write(tshark.new_capture())
    names = ("frame.number", "crm.copy_of", "crm.copy_in", "crm.transit_time", "crm.response_time", "_ws.expert.message")
    everything = {row[0][0]: row for row in tshark.rows(capture, *names, options=("-2",))}
    for options in (("-Y", "crm"), ("-R", "crm"), ("-Y", "crm.copy_of"), ("-Y", "crm.lost_datagram"),
                    ("-Y", "frame.interface_id == 1")):
        shown = tshark.rows(capture, *names, options=("-2", *options))
        assert shown and all(row == everything[row[0][0]] for row in shown), options


def test_a_read_filter_leaves_frames_out(tshark):
    """-R does, and numbers the rest anew: neither a copy nor its original names a frame that is gone."""
    script = "\n".join(LOST.splitlines()[:-1])     # whether the last frame is left out cannot be told
    rows = tshark.rows(parse(script).write(tshark.new_capture()), "crm.copy_of", "crm.copy_in", "crm.transit_time",
                       options=("-2", "-R", "frame.interface_id == 0"))
    assert len(rows) == 10 and all(row == [[], [], []] for row in rows)


def test_messages_without_a_dialogue_have_copies_too(tshark):
    """ReportInit, and what the receiver refuses."""
    report = b'{"type":"influx_report","measurement":"m","tags":["a=1"],"fields":["b=2"],"timestamp":1}'
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        for payload in (report, PROBE_INIT[:-1], PROBE_INIT[:-2]):
            for interface in (0, 1):
                capture.udp(payload, ("10.0.0.2", 9090), ("10.0.0.11", 10500), interface=interface)
    path.chmod(0o644)
    assert [row[0] for row in tshark.rows(path, "crm.copy_of")] == [[], ["1"], [], ["3"], [], ["5"]]


def _round_of_everything(number, point):
    """A probe, the answer to it and a QueryAck, as one point captured them."""
    collector, worker = ("10.0.0.2", 10100), ("10.0.0.11", 10500)
    encoder = payloads.Encoder("object")
    probe = encoder.probe_init(f"{number}", "collector", collector[0], [("coordinatord", 10100)])
    ack = encoder.probe_ack(f"{number}", "worker1", worker[0], [("workerd", 10500)])
    said = [(probe, collector, ("255.255.255.255", 10500)), (ack, worker, collector),
            (encoder.register_ack(f"{number}", True, payloads.REGISTERED, 0), collector, worker),
            (as_bytes({**query_ack(), "id": f"{number}"}), collector, worker),
            (as_bytes({**metric_init(), "id": f"{number}"}), worker, collector),
            (as_bytes(report_init(number)), worker, collector)]
    return [(10 * number + kind + point / 1000, *one) for kind, one in enumerate(said)]


CUT = ["PROBE_INIT", "PROBE_ACK", "REG_ACK", "QUERY_ACK", "METRIC_INIT", "ReportInit"]


OTHER_ENDS = {
    "the same": ("10.0.0.11", 10500, "10.0.0.2", 10100, True),
    "from another address, as by NAT": ("203.0.113.9", 10500, "10.0.0.2", 10100, True),
    "from another address and port, as by NAT": ("203.0.113.9", 61001, "10.0.0.2", 10100, True),
    "to another address, as by NAT": ("10.0.0.11", 10500, "203.0.113.2", 10100, True),
    "from another port": ("10.0.0.11", 10501, "10.0.0.2", 10100, False),
    "to another port": ("10.0.0.11", 10500, "10.0.0.2", 10101, False),
    "to a host that was there": ("10.0.0.11", 10500, "10.0.0.3", 10100, False),
    "from a host that was there": ("10.0.0.12", 10500, "10.0.0.2", 10100, False),
    "from one address to another": ("203.0.113.9", 10500, "203.0.113.2", 10100, False),
}


@pytest.mark.parametrize("source, source_port, target, target_port, right", OTHER_ENDS.values(), ids=OTHER_ENDS)
def test_between_which_ends_a_copy_goes(tshark, sharkd, source, source_port, target, target_port, right):
    """A ProbeAck at one point, and the same with other ends at the other; two more hosts came by at the first."""
    scenario = parse(TWO + """
        host second COLLECTOR 10.0.0.3 coordinatord:10100
        1  0.0  worker2 ack second x at=0
        2  0.1  worker2 ack second y at=1
        3  0.2  worker1 ack collector a at=0
        4  0.3  worker1 repeats 3 at=1
    """)
    scenario.datagrams[3].src, scenario.datagrams[3].dst = (source, source_port), (target, target_port)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert [message.values("crm.copy_of") for message in messages] == [[], [], [], ["3"] if right else []]


def test_an_original_with_the_same_ends_is_likelier_than_nat(tshark, sharkd):
    """Two machines announce the same with one id; the first is known by its address where the other's original is."""
    script = POINTS + "point c" + HOSTS + """
        host first WORKER 127.0.1.1 workerd:10500 name=debian from=10.0.0.11@10500
        host other WORKER 127.0.1.1 workerd:10500 name=debian from=10.0.0.12@10500
        1  0.0  first ack collector x at=0
        2  1.0  first ack collector a at=2
        3  1.5  other ack collector a at=0
        4  1.6  other repeats 3 at=1
    """
    for number in range(3):
        script += f"""{5 + 2 * number} {10 + number} collector probe {number} at=0
            {6 + 2 * number} {10.1 + number} collector repeats {5 + 2 * number} at=1\n"""
    messages = sharkd.messages(parse(script).write(tshark.new_capture()))
    assert [message.values("crm.copy_of") for message in messages[:4]] == [[], [], [], ["3"]]


def test_a_metric_init_is_followed_through_nat(tshark):
    """It has a HostInfo, as a ProbeAck has."""
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        for interface, source in enumerate([("10.0.0.11", 10500), ("203.0.113.9", 61001)]):
            capture.udp(as_bytes(metric_init()), source, ("10.0.0.2", 10100), interface=interface)
    path.chmod(0o644)
    assert [row[0] for row in tshark.rows(path, "crm.copy_of")] == [[], ["1"]]


@pytest.mark.parametrize("kind", [None, *range(len(CUT))], ids=["nothing", *CUT])
def test_what_is_cut_is_neither_a_copy_nor_lost(tshark, sharkd, kind):
    """Of three rounds the second did not come by at a point, which then has what seems to be missing, but cut."""
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        start = capture.time
        for number in range(3):
            for point in (0, 1):
                for position, (time, payload, source, target) in enumerate(_round_of_everything(number, point)):
                    (frame,) = frames_of_datagram(payload, source, target)
                    if number == 1 and point == 1 and position != kind:
                        continue
                    capture.frame(frame, start + time, point, kept=100 if (number, point) == (1, 1) else None)
    path.chmod(0o644)
    lost = [frame - 2 * len(CUT) for frame, message in enumerate(sharkd.messages(path), 1)
            if message.expert("crm.lost_datagram")]
    # A datagram that is cut does not say what it is: none of its flow is missed.
    flow = {0: {1}, 1: {2, 5, 6}, 4: {2, 5, 6}, 5: {2, 5, 6}, 2: {3, 4}, 3: {3, 4}, None: set()}
    assert set(lost) == set(range(1, len(CUT) + 1)) - flow[kind]


def test_what_was_cut_before_there_was_a_second_point_is_not_lost(tshark):
    """That one's clock is ahead, so that it comes into the file when the first has cut a datagram."""
    path, scenario = tshark.new_capture(), parse(HOSTS + "\n".join(f"{n} {n}.0 collector probe {n}" for n in (1, 2, 3)))
    frames = [frame for one in scenario.datagrams for frame in frames_of_datagram(one.payload, one.src, one.dst)]
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        start = capture.time
        for time, point, number in ((0, 0, 0), (1, 0, 1), (1.5, 1, 0), (2, 0, 2), (2.5, 1, 1), (3.5, 1, 2)):
            capture.frame(frames[number], start + time, point, kept=100 if (point, number) == (0, 1) else None)
    path.chmod(0o644)
    rows = tshark.rows(path, "crm.copy_of", "crm.lost_datagram", options=("-2",))
    assert rows == [[[], []], [[], []], [["1"], []], [[], []], [[], []], [["4"], []]]


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_cut_is_in_no_statistic(tshark, first):
    """Also before there is a second point."""
    path = tshark.new_capture()
    (frame,) = frames_of_datagram(PROBE_INIT, ("10.0.0.2", 10100), ("10.0.0.255", 10500))
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        start = capture.time
        capture.frame(frame, start, first, kept=100)
        capture.frame(frame, start + 1.0, 0)
        capture.frame(frame, start + 1.1, 1)
    path.chmod(0o644)
    (row,) = points(tshark.run("-r", path, "-2", "-q", "-z", "crm,points")).items()
    assert row[0] == ("left", "right") and (row[1]["Datagrams"], row[1]["Copies"], row[1]["Lost"]) == (1, 1, 0)


@pytest.mark.parametrize("later, right", [(0.3, [3]), (-0.3, [])])
def test_what_is_lost_came_by_before_and_after(tshark, later, right):
    """However shortly, and by the clock of the other point, which is 20 seconds ahead."""
    script = TWO + """
        1  0.0    collector probe 1 at=0
        2  20.0   collector repeats 1 at=1
        3  0.1    collector probe 2 at=0
        4  {0}    collector probe 3 at=0
        5  {1}    collector repeats 4 at=1
    """.format(0.1 + later, 20.1 + later)
    rows = tshark.rows(parse(script).write(tshark.new_capture()), "crm.lost_datagram", options=("-2",))
    assert [frame for frame, row in enumerate(rows, 1) if row[0]] == right


def test_what_is_lost_without_ip_came_by_between_its_own_ends(tshark):
    """What a script takes from Ethernet frames. After what seems lost, only a neighbour's datagram came by there."""
    script, path = tshark.directory / "write" / "ethernet.lua", tshark.new_capture()
    script.write_text('DissectorTable.get("ethertype"):add(0x88b5, Dissector.get("crm"))', encoding="ascii")
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as writer:
        for worker, number, points_there in ((11, 1, (0, 1)), (11, 2, (0,)), (12, 3, (0, 1))):
            payload = payloads.Encoder("object").register_ack(str(number), True, "m", 0)
            for point in points_there:
                writer.frame(bytes((2, 0, 0, 0, 0, worker, 2, 0, 0, 0, 0, 2, 0x88, 0xb5)) + payload, interface=point)
    path.chmod(0o644)
    rows = tshark.rows(path, "crm.copy_of", "crm.lost_datagram", options=("-2", "-X", f"lua_script:{script}"))
    assert rows == [[[], []], [["1"], []], [[], []], [[], []], [["4"], []]]


@pytest.mark.parametrize("count", (16, 17, 40))
def test_many_points(tshark, count):
    """Copies at 16 of them; what others captured is taken for itself."""
    scenario = Scenario(tuple(Interface() for _ in range(count)))
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2")
    for round_ in range(3):
        frame = scenario.probe(round_ * 5, collector, f"{round_}", interface=0)
        for point in range(1, count):
            scenario.repeat(round_ * 5 + point * 0.001, frame, interface=point)
    rows = tshark.rows(scenario.write(tshark.new_capture()), "crm.copy_of", options=("-2",))
    for round_ in range(3):
        first = round_ * count
        copies = [frame for frame in range(first, first + count) if rows[frame][0] == [str(first + 1)]]
        assert copies == list(range(first + 1, first + min(count, 16)))


def test_one_point_is_as_before(tshark):
    """The same file, all of it captured at one interface: each copy is a duplicate."""
    script = re.sub(r"at=1", "at=0", LOST)
    rows = tshark.rows(parse(script).write(tshark.new_capture()), "crm.copy_of", "crm.lost_datagram", "crm.duplicate_of",
                       options=("-2",))
    assert all(row[:2] == [[], []] for row in rows)
    assert [frame for frame, row in enumerate(rows, 1) if row[2]] == [2, 4, 6, 8, 11, 13, 16, 18, 20]


def test_the_statistic(tshark):
    capture = tshark.readable(parse(LOST).write(tshark.new_capture()))
    right = {("collector-side", "worker-side"): {"Datagrams": 7, "Copies": 6, "Lost": 1, "Min transit": 0.001,
                                                 "Mean transit": 0.001, "Max transit": 0.001},
             ("worker-side", "collector-side"): {"Datagrams": 4, "Copies": 3, "Lost": 1, "Min transit": 0.001,
                                                 "Mean transit": 0.001, "Max transit": 0.001}}
    assert points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points")) == right
    once = points(tshark.run("-r", capture, "-q", "-z", "crm,points"))
    assert once == {pair: {**row, "Lost": "?"} for pair, row in right.items()}


def test_the_statistic_has_what_came_before_there_was_a_second_point(tshark):
    """As where the clock of that is ahead by more than the first captures."""
    capture = tshark.readable(parse(TWO + """
        1  0.0   collector probe 1 at=0
        2  1.0   collector probe 2 at=0
        3  2.0   collector probe 3 at=0
        4  10.0  collector repeats 1 at=1
        5  11.0  collector repeats 2 at=1
    """).write(tshark.new_capture()))
    for options, lost in (((), "?"), (("-2",), 0)):
        (row,) = points(tshark.run("-r", capture, "-q", "-z", "crm,points", *options)).values()
        assert (row["Datagrams"], row["Copies"], row["Lost"]) == (3, 2, lost)


def test_the_statistic_has_a_row_for_each_two_points(tshark):
    capture = tshark.readable(parse("point a\n point b\n point c\n" + HOSTS + """
        1  0.0   collector probe 1 at=0
        2  0.001 collector repeats 1 at=1
        3  0.002 collector repeats 1 at=2
        4  1.0   collector probe 2 at=0
        5  1.002 collector repeats 4 at=2
    """).write(tshark.new_capture()))
    told = points(tshark.run("-r", capture, "-q", "-z", "crm,points", "-2"))
    assert {pair: row["Copies"] for pair, row in told.items()} == {("a", "b"): 1, ("a", "c"): 2}


def test_the_statistic_of_a_copy_without_transit_time(tshark):
    """The original's frame has no time."""
    path, (one,) = tshark.new_capture(), parse(HOSTS + "1 0.0 collector probe 1").datagrams
    (frame,) = frames_of_datagram(one.payload, one.src, one.dst)
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as capture:
        capture.frame(frame, NO_TIME)
        capture.frame(frame, capture.time, 1)
    path.chmod(0o644)
    assert tshark.rows(path, "crm.copy_of", "crm.transit_time") == [[[], []], [["1"], []]]
    (row,) = points(tshark.run("-r", path, "-q", "-z", "crm,points", "-2")).values()
    assert row == {"Datagrams": 1, "Copies": 1, "Lost": 0}


def test_the_statistic_has_what_was_sent_again_before_there_was_a_second_point(tshark):
    """The answer of frame 3 is a duplicate, and no mirror's, as that of frame 4 is."""
    capture = tshark.readable(parse(TWO + """
        1  0.0    collector probe 1 at=0
        2  0.1    worker1 ack collector 1 at=0
        3  3.1    worker1 repeats 2 at=0
        4  3.1001 worker1 repeats 2 at=0
        5  10.0   collector repeats 1 at=1
    """).write(tshark.new_capture()))
    assert [row[0] for row in tshark.rows(capture, "crm.duplicate_of", options=("-2",))] == [[], [], ["2"], ["2"], []]
    for options in ((), ("-2",)):
        (row,) = points(tshark.run("-r", capture, "-q", "-z", "crm,points", *options)).values()
        assert row["Datagrams"] == 3


@pytest.mark.parametrize("point", (0, 1))
def test_a_duplicate_is_one_of_the_first(tshark, point):
    """Also where the wire repeats what was sent again; whether there is another point or not."""
    capture = parse(TWO + f"""
        1  0.0    collector probe 1 at={point}
        2  1.0    collector probe 2 at=0
        3  1.1    worker1 ack collector 2 at=0
        4  4.0    worker1 repeats 3 at=0
        5  4.0001 worker1 repeats 3 at=0
    """).write(tshark.new_capture())
    assert [row[0] for row in tshark.rows(capture, "crm.duplicate_of", options=("-2",))] == [[], [], [], ["3"], ["3"]]


@pytest.mark.parametrize("point", (0, 1))
def test_a_duplicate_contradicts_as_its_original_does(tshark, point):
    """Whether there is another point or not."""
    capture = parse(TWO + f"""
        host twin WORKER 10.0.9.9 workerd:10500 name=worker1
        1  0.0    collector probe 1 at={point}
        2  1.0    collector probe 2 at=0
        3  1.1    worker1 ack collector 2 at=0
        4  1.2    twin ack collector 2 at=0
        5  1.2001 worker1 repeats 3 at=0
        6  1.2002 twin repeats 4 at=0
    """).write(tshark.new_capture())
    rows = tshark.rows(capture, "crm.duplicate_of", "crm.hostname_conflict", options=("-2",))
    assert [(of, bool(found)) for of, found in rows[3:]] == [([], True), (["3"], True), (["4"], True)]


def test_the_statistic_knows_a_point_whose_name_another_has(tshark):
    """In a single pass it has met the first of two before it has met the other."""
    script = LOST.replace("point collector-side", "point eth0").replace("point worker-side", "point eth0")
    capture = tshark.readable(parse(script).write(tshark.new_capture()))
    once, twice = (points(tshark.run("-r", capture, "-q", "-z", "crm,points", *options)) for options in ((), ("-2",)))
    assert once == {pair: {**row, "Lost": "?"} for pair, row in twice.items()}


def test_the_statistic_has_one_row_of_two_points_whatever_they_are_called(tshark):
    """The first is called otherwise when a third has its name."""
    script = "point eth0\n point eth1\n point eth0\n" + HOSTS + """
        1  0.0   collector probe 1 at=0
        2  0.001 collector repeats 1 at=1
        3  1.0   collector probe 2 at=2
        4  2.0   collector probe 3 at=0
        5  2.001 collector repeats 4 at=1
    """
    capture = tshark.readable(parse(script).write(tshark.new_capture()))
    once, twice = (points(tshark.run("-r", capture, "-q", "-z", "crm,points", *options)) for options in ((), ("-2",)))
    assert once == {pair: {**row, "Lost": "?"} for pair, row in twice.items()}


@pytest.mark.parametrize("filter_, pairs", [("crm", 6), ("crm.copy_of || frame.number == 5", 3)])
def test_the_statistic_has_a_row_of_each_pair_when_a_point_is_met_last(tshark, filter_, pairs):
    """Nothing comes by at the others after it, which has the name of one of them."""
    capture = tshark.readable(parse("point eth0\n point eth1\n point eth0\n" + HOSTS + """
        1  0.0   collector probe 1 at=0
        2  0.001 collector repeats 1 at=1
        3  0.5   worker1 ack collector 1 at=1
        4  1.0   collector probe 2 at=0
        5  2.0   collector probe 3 at=2
    """).write(tshark.new_capture()))
    once, twice = (points(tshark.run("-r", capture, "-q", "-z", f"crm,points,{filter_}", *options))
                   for options in ((), ("-2",)))
    assert len(once) == pairs and {pair: {**row, "Lost": ""} for pair, row in once.items()} == {
        pair: {**row, "Lost": ""} for pair, row in twice.items()}


@pytest.mark.parametrize("transits", [(0.005, 0.001, 0.002), (0.001, 0.005, 0.002), (-0.001, -0.003, -0.002),
                                      (-0.003, -0.001, -0.002)])
def test_the_least_and_the_most_of_transit_times(tshark, transits):
    script = TWO
    for number, transit in enumerate(transits):
        script += f"""{2 * number + 1} {number} collector probe {number} at=0
            {2 * number + 2} {number + transit} collector repeats {2 * number + 1} at=1\n"""
    capture = parse(script).write(tshark.new_capture())
    (row,) = points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points")).values()
    assert [row[f"{name} transit"] for name in ("Min", "Mean", "Max")] == pytest.approx(
        [min(transits), sum(transits) / len(transits), max(transits)], abs=1e-6)


def test_a_copy_without_a_time_has_no_transit_time(tshark):
    capture = parse(TWO + """
        1  0.0   collector probe 1 at=1
        2  -     collector repeats 1 at=0
        3  5.0   collector probe 2 at=1
        4  5.002 collector repeats 3 at=0
    """).write(tshark.new_capture())
    (row,) = points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points")).values()
    assert (row["Copies"], row["Mean transit"]) == (2, pytest.approx(0.002, abs=1e-6))


def test_each_statistic_has_its_own_filter(tshark):
    capture = tshark.readable(parse(LOST).write(tshark.new_capture()))
    both = tshark.run("-r", capture, "-2", "-q", "-z", "crm,points,crm.type == 1", "-z", "crm,points,crm.type == 2")
    tables = [points(part) for part in both.split("CRM Points:")[1:]]
    copies = [sum(row["Copies"] for row in one.values()) for one in tables]
    assert sorted(copies) == [3, 4]


def test_other_statistics_count_a_datagram_once(tshark):
    capture = tshark.readable(parse(LOST).write(tshark.new_capture()))
    text = tshark.run("-r", capture, "-2", "-q", "-z", "crm,tree")
    assert re.search(r"^Messages +11 ", text, re.MULTILINE), text


def test_the_tree_of_packets_counts_what_was_lost(tshark):
    """Known on a second pass only."""
    capture = tshark.readable(parse(LOST).write(tshark.new_capture()))
    for options, right in (((), None), (("-2",), 2)):
        found = tree(tshark.run("-r", capture, "-q", "-z", "crm,tree", *options))["Expert Information"]
        assert found.get("crm.lost_datagram") == right


def test_a_single_pass_does_not_count_what_was_lost_elsewhere_before(tshark):
    """Frame 6 is captured where the clock is ahead, and nothing of it can come any more; its expert information waits."""
    capture = tshark.readable(parse(POINTS + "point c\n" + HOSTS + """
        1  0.0   collector probe 1 at=0
        2  0.001 collector repeats 1 at=1
        3  5.0   collector probe 2 at=0
        4  5.001 collector repeats 3 at=1
        5  10.0  collector repeats 1 at=2
        6  12.0  collector probe x at=2
        7  15.0  collector repeats 3 at=2
    """).write(tshark.new_capture()))
    for options in ((), ("-2",)):
        told = tshark.rows(capture, "crm.lost_datagram", options=options)
        found = tree(tshark.run("-r", capture, "-q", "-z", "crm,tree", *options))["Expert Information"]
        assert found.get("crm.lost_datagram", 0) == sum(bool(row[0]) for row in told) == len(options)


@pytest.mark.parametrize("order", ["aabb", "abba", "abab"])
def test_fragments_of_two_points_are_not_taken_for_a_loss(tshark, order):
    """Wireshark puts fragments together whatever interface they are of: those of one datagram may complete another's."""
    path, scenario = tshark.new_capture(), parse(HOSTS + "\n".join(f"{n} {n}.0 collector probe {n}" for n in range(1, 6)))
    with Writer(path, interfaces=(Interface("a"), Interface("b"))) as writer:
        start = writer.time
        for number, one in enumerate(scenario.datagrams, 1):
            fragments = [*frames_of_datagram(one.payload, one.src, one.dst, number, mtu=300)]
            packets = {"a": iter(fragments), "b": iter(fragments)}
            assert len(fragments) == 2
            for place, point in enumerate(order if number == 3 else "aabb"):
                writer.frame(next(packets[point]), start + number + 0.001 * place, "ab".index(point))
    said = [text for message in tshark.messages(path, "-2") for text in message.expert("crm.lost_datagram")]
    assert said == []


SENT_AGAIN = POINTS + HOSTS + """
    1  0.0   collector probe a at=0
    2  0.001 collector repeats 1 at=1
    3  1.0   worker1 ack collector a at=0
    4  1.001 worker1 repeats 3 at=1
    5  6.0   worker1 repeats 3 at=0
    6  6.001 worker1 repeats 3 at=1
    7  10.0  collector probe b at=0
    8  10.001 collector repeats 7 at=1
    9  11.0  worker1 ack collector b at=0
    10 11.001 worker1 repeats 9 at=1
"""


def test_what_is_sent_again_is_lost_or_not_by_itself(tshark):
    """The receiver has it twice, and each goes from one point to the other."""
    scenario = parse(SENT_AGAIN)
    for right in ((5, 5, 0), (5, 4, 1)):
        capture = tshark.readable(scenario.write(tshark.new_capture()))
        found = points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points")).values()
        (row,) = [row for row in found if row["Datagrams"]]
        assert (row["Datagrams"], row["Copies"], row["Lost"]) == right
        del scenario.datagrams[5]


def test_what_comes_twice_before_there_is_another_point(tshark):
    """An answer to both daemons of a collector is two datagrams; what a mirror port shows twice is one, whatever it is."""
    collector, second, worker = ("10.0.0.2", 9090), ("10.0.0.2", 10100), ("10.0.0.11", 10500)
    encoder, report = payloads.Encoder("object"), as_bytes(report_init())
    before = encoder.probe_ack("a", "worker1", worker[0], []), collector
    ack = encoder.probe_ack("b", "worker1", worker[0], [])
    for told, copies in (([before, (ack, collector), (ack, second)], [1, 2, 3]),
                         ([before, (report, second), (report, second)], [1, 2])):
        path = tshark.new_capture()
        with Writer(path, interfaces=(Interface("a"), Interface("b"))) as writer:
            start = writer.time
            for interface, datagrams in enumerate((told, told[:len(copies)])):
                for number, (payload, target) in enumerate(datagrams):
                    writer.udp(payload, worker, target, start + 0.001 * number + 0.3 * interface, interface=interface)
        rows = tshark.rows(path, "crm.copy_of", "crm.lost_datagram", options=("-2",))
        assert rows == [[[], []]] * 3 + [[[f"{frame}"], []] for frame in copies]
        row, *_ = points(tshark.run("-r", path, "-2", "-q", "-z", "crm,points")).values()
        assert (row["Datagrams"], row["Copies"]) == (len(copies), len(copies))


def test_what_a_mirror_port_shows_twice_is_one_in_a_single_pass(tshark):
    script = TWO + """
        1 0.0    collector probe a at=0
        2 0.0001 collector repeats 1 at=0
        3 0.001  collector repeats 1 at=1
        4 5.0    collector probe b at=0
    """
    capture = tshark.readable(parse(script).write(tshark.new_capture()))
    row, *_ = points(tshark.run("-r", capture, "-q", "-z", "crm,points")).values()
    assert (row["Datagrams"], row["Copies"]) == (2, 1)


AGAIN = HOSTS + """
    1  0.0   collector probe
    2  0.1   worker1 ack collector
    3  0.3   collector fail worker1 left=3
    4  20.0  collector probe
    5  20.1  worker1 ack collector
    6  20.3  collector fail worker1 left=2
    7  22.0  worker1 repeats 5
    8  26.0  collector repeats 6
    9  40.0  collector probe
    10 40.1  worker1 ack collector
    11 42.0  worker1 repeats 10
    12 44.0  worker1 repeats 10
    13 60.0  collector probe
    14 60.1  worker1 ack collector w
    15 62.0  worker1 repeats 14
    16 63.0  worker1 repeats 14
    17 66.0  collector fail worker1 w left=1
    18 80.0  collector probe
    19 80.1  worker1 ack collector
    20 80.3  collector ok worker1
    21 82.3  collector repeats 20
    22 83.0  collector fail worker1 left=2
"""


def test_an_attempt_that_never_counted_is_not_taken_off(tshark):
    """A RegisterAck that nothing asked for comes again at once at one point, and later at the other."""
    rows = tshark.rows(parse(TWO + """
        1  0.0  worker1 ack collector q at=0
        2  0.1  collector ok worker1 q at=0
        3  1.0  collector fail worker1 x left=3 at=0
        4  2.0  collector repeats 3 at=0
        5  3.0  collector repeats 3 at=1
        6  4.0  collector repeats 3 at=1
        7  5.0  collector fail worker1 y left=2 at=0
    """).write(tshark.new_capture()), "crm.attempt", options=("-2",))
    assert rows[2] == rows[3] == [["1"]] and rows[6] == [["2"]]


def test_an_attempt_keeps_its_number_though_its_copy_comes_behind_the_next(tshark):
    rows = tshark.rows(parse(TWO + """
        1  0.0  worker1 ack collector q at=0
        2  0.1  collector fail worker1 q left=3 at=0
        3  1.0  collector fail worker1 x left=2 at=0
        4  1.1  collector fail worker1 y left=1 at=0
        5  1.2  collector repeats 3 at=1
    """).write(tshark.new_capture()), "crm.attempt", options=("-2",))
    assert [row[0] for row in rows] == [[], ["1"], ["2"], ["3"], []]


@pytest.mark.parametrize("later", [0.0002, 2.5])
def test_an_answer_that_comes_again_is_told_as_at_one_point(tshark, later):
    """With an id of its own it may seem to answer what is yet to come, until it came by at both points."""
    said, found = parse(AGAIN).datagrams, []
    for interfaces in ((Interface("a"),), (Interface("a"), Interface("b"))):
        path, order = tshark.new_capture(), []
        with Writer(path, interfaces=interfaces) as writer:
            start = writer.time
            for time, point, number in sorted((one.time + later * point, point, number) for number, one in enumerate(said)
                                              for point in range(len(interfaces))):
                writer.udp(said[number].payload, said[number].src, said[number].dst, start + time, interface=point)
                order.append((point, number))
        rows = tshark.rows(path, "crm.response_to", "crm.duplicate_of", "crm.attempt", "crm.no_register", "crm.no_response",
                           options=("-2",))
        told = {number: [[order[int(frame) - 1][1] for frame in row[0] + row[1]], *row[2:]]
                for (point, number), row in zip(order, rows) if point == 0}
        hosts = statistics_reader.hosts(tshark.run("-r", path, "-2", "-q", "-z", "crm,hosts"))
        counts = [(row["Host"], row["Answered by itself"], row["Failed"], row["Registered"]) for row in hosts]
        found.append([*told.items(), *counts])
    assert found[1] == found[0]


def test_what_has_its_own_answer_does_not_become_a_duplicate(tshark):
    """It comes again, and is told apart from a new answer only when the other point has it, 2.5 seconds later."""
    scenario = Scenario((Interface("a"), Interface("b")))
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.11")
    said = []
    for number in range(5):
        said += [(10 * number, scenario.probe, (collector, f"{number}")),
                 (10 * number + 0.1, scenario.ack, (worker, collector, f"own {number}"))]
    said += [(42.1, scenario.ack, (worker, collector, "own 4")), (42.3, scenario.register, (collector, worker, "own 4"))]
    both = sorted((time + 2.5 * point, point, number) for number, (time, *_) in enumerate(said) for point in (0, 1))
    frames = {(number, point): said[number][1](time, *said[number][2], interface=point) for time, point, number in both}
    rows = tshark.rows(scenario.write(tshark.new_capture()), "crm.duplicate_of", "crm.response_to", options=("-2",))
    again, register = (rows[frames[number, 0] - 1] for number in (len(said) - 2, len(said) - 1))
    assert again == [[], []] and register == [[], [str(frames[len(said) - 2, 0])]]


def test_what_a_third_point_has_yet_to_tell(tshark):
    """It alone sees the probes, and stands two seconds later in the file: an answer with the id of the one before, which
    came by at two points already, is none that comes again."""
    interfaces = tuple(map(Interface, "abc"))
    scenario = Scenario(interfaces)
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.11")
    said = []
    for number in range(6):
        start, word = 10 * number, f"{number}" if number < 4 else "always"
        said.append((start + 2, 2, scenario.probe, (collector,), number))
        said += [(start + 0.1 + later, point, scenario.ack, (worker, collector, word), number)
                 for point, later in enumerate((0, 0.001, 2.002))]
    frames = {(number, call == scenario.ack, point): call(time, *arguments, interface=point)
              for time, point, call, arguments, number in sorted(said, key=lambda one: one[0])}
    rows = tshark.rows(scenario.write(tshark.new_capture()), "crm.response_to", "crm.duplicate_of", options=("-2",))
    for number in (4, 5):
        assert rows[frames[number, True, 0] - 1] == [[str(frames[number, False, 2])], []]


@pytest.mark.parametrize("asked, answer", [("collector probe", "worker1 ack collector"),
                                           ("worker1 ack collector", "collector ok worker1")])
def test_an_answer_is_told_where_its_question_came_by(tshark, asked, answer):
    """At the third point alone, two seconds later in the file. The question in frame 17 has no answer."""
    script, frame = "point a\n point b\n point c\n" + HOSTS, 0
    for start in (0, 10, 20, 30, 50):
        if start == 50:
            frame += 1
            script += f"{frame} 42 {asked} at=2\n"
        script += f"""{frame + 1} {start}.1 {answer} at=0
            {frame + 2} {start}.101 worker1 repeats {frame + 1} at=1
            {frame + 3} {start + 2} {asked} at=2
            {frame + 4} {start + 2}.102 worker1 repeats {frame + 1} at=2\n"""
        frame += 4
    rows = tshark.rows(parse(script).write(tshark.new_capture()), "crm.response_to", options=("-2",))
    assert [row[0] for row in rows if row[0]] == [["3"], ["7"], ["11"], ["15"], ["20"]]


def test_an_attempt_counts_once_at_several_points(tshark):
    """Of a RegisterAck to a worker that has not said anything yet, too."""
    rows = tshark.rows(parse(POINTS + "point c\n" + HOSTS + """
        1  0.0    collector fail worker1 z left=3 at=0
        2  0.0001 collector repeats 1 at=1
        3  0.0002 collector repeats 1 at=2
        4  9.0    worker1 ack collector a at=0
        5  9.5    collector fail worker1 a left=2 at=0
    """).write(tshark.new_capture()), "crm.attempt", options=("-2",))
    assert [row[0] for row in rows][::4] == [["1"], ["2"]]


def test_of_what_was_taken_for_anothers_copy_nothing_is_claimed(tshark):
    """The first of two equal answers is missing at a. Its copy there seemed to be the second, until that came to b."""
    scenario, number = parse(POINTS + HOSTS), 0
    collector, worker = scenario.hosts["collector"], scenario.hosts["worker1"]
    for start in (0, 20, 40, 60):
        for interface in (0, 1):
            scenario.probe(start + 0.0002 * interface, collector, f"{start}", interface=interface)
        for later in (0.1, 2.1):
            for interface in (0, 1):
                if (start, later, interface) != (40, 0.1, 0):
                    number = scenario.ack(start + later + 0.0002 * interface, worker, collector, f"{start}",
                                          interface=interface)
    rows = tshark.rows(scenario.write(tshark.new_capture()), "crm.lost_datagram", options=("-2",))
    assert len(rows) == number and not [frame for frame, row in enumerate(rows, 1) if row[0]]


def test_response_times_are_by_one_clock(tshark):
    capture = tshark.readable(parse(DIALOGUES["a clock that is ahead"]).write(tshark.new_capture()))
    for options in ((), ("-2",)):
        found = srt(tshark.run("-r", capture, "-q", "-z", "crm,srt", *options))
        assert {name: (row["Calls"], row["Max SRT"]) for name, row in found.items()} == {
            "ProbeAck": (1, 0.006 if options else 0.004), "RegisterAck": (1, 0.004 if options else 0.002)}


def test_the_response_times_of_hosts_are_by_one_clock(tshark):
    capture = tshark.readable(parse(DIALOGUES["a clock that is ahead"]).write(tshark.new_capture()))
    for options, right in (((), [0.002, 0.004]), (("-2",), [0.004, 0.006])):
        rows = statistics_reader.hosts(tshark.run("-r", capture, "-q", "-z", "crm,hosts", *options))
        assert [row["Mean response time"] for row in rows] == right


def test_a_file_with_one_point_has_no_rows(tshark):
    capture = tshark.capture([PROBE_INIT])
    assert points(tshark.run("-r", capture, "-2", "-q", "-z", "crm,points")) == {}


def test_what_was_confirmed_late_began_before(tshark, sharkd):
    """Frame 3 is known as a copy when the clocks are, after others of its flow."""
    messages = sharkd.messages(parse(TWO + """
        1  20.0 collector probe a at=0
        2  21.0 collector probe a at=0
        3  22.0 collector repeats 1 at=1
        4  25.0 collector probe b at=0
        5  30.0 collector probe x at=0
        6  32.0 collector repeats 5 at=1
        7  40.0 collector probe y at=0
        8  42.0 collector repeats 7 at=1
        9  50.0 collector probe z at=0
        10 52.0 collector repeats 9 at=1
    """).write(tshark.new_capture()))
    assert messages[2].values("crm.copy_of") == ["1"]
    assert [frame for frame, message in enumerate(messages, 1) if message.expert("crm.lost_datagram")] == [2, 4]
