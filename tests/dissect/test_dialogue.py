# SPDX-License-Identifier: GPL-2.0-or-later
"""Who answered whom: each rule with a script whose right half says what is right.

The notation is that of tests/lib/scenario.py. What a script does not expect of
a frame must not be there.
"""

import functools
import pathlib
import re

import pytest

from scenario import SEQUENCE, Scenario, parse

PCAPS = pathlib.Path(__file__).parents[2] / "pcaps"
FIELDS = ("crm.response_in", "crm.response_to", "crm.response_time", "crm.acks", "crm.attempt", "crm.duplicate_of",
          "crm.copy_of", "crm.copy_in", "crm.transit_time")

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host second COLLECTOR 10.0.0.3 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500 node_exporter:9100
    host worker3 WORKER 10.0.0.13 workerd:10500
"""


@pytest.fixture(scope="module", name="found")
def _checked_once(tshark, sharkd):
    """The messages of a script, of which both passes tell what it says."""
    return functools.lru_cache(maxsize=None)(lambda script: check(sharkd, tshark, script))


def _capture(tshark, scenario):
    return scenario.write(tshark.new_capture())


def found_in(message):
    """What was worked out of one frame, in the terms of a script."""
    found = {name: message.values(name) for name in FIELDS}
    found["experts"] = sorted(expert.name for expert in message.experts
                              if expert.name.removeprefix("crm.") in SEQUENCE)
    return found


def check(sharkd, tshark, script):
    """Both passes tell what the script says. Returns the messages."""
    scenario = parse(script)
    messages = sharkd.messages(_capture(tshark, scenario))
    assert len(messages) == len(scenario.datagrams)
    for number, (message, datagram) in enumerate(zip(messages, scenario.datagrams), 1):
        assert found_in(message) == datagram.expected, f"frame {number}"
    return messages


DIALOGUES = {
    "by id": HOSTS + """
        1   0.000  collector probe a          | acks=3 in=2,3,4
        2   0.005  worker1 ack collector a    | to=1 in=5
        3   0.006  worker2 ack collector a    | to=1 in=6
        4   0.007  worker3 ack collector a    | to=1 in=7
        5   0.010  collector ok worker1 a     | to=2
        6   0.012  collector ok worker2 a     | to=3
        7   0.015  collector ok worker3 a     | to=4
        8   1.000  collector probe b          | acks=2 in=9,10
        9   1.005  worker3 ack collector b    | to=8 in=12
        10  1.006  worker1 ack collector b    | to=8 in=11
        11  1.010  collector ok worker1 b     | to=10
        12  1.011  collector ok worker3 b     | to=9
    """,
    "an id that the latest probe does not have": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=3 !no_response
        2  1.0  collector probe b             | acks=0
        3  1.1  worker1 ack collector a       | to=1
    """,
    "a day for an id, which is no number": HOSTS + """
        1  0.0  collector probe :2026-11-26             | acks=1 in=3 !no_response
        2  1.0  collector probe :2026-11-27             | acks=0
        3  1.1  worker1 ack collector :2026-11-26       | to=1
    """,
    "fresh ids in ProbeAcks": HOSTS + """
        1  0.000  collector probe a           | acks=2 in=2,3
        2  0.005  worker1 ack collector       | to=1
        3  0.006  worker2 ack collector       | to=1 !no_register
        4  1.000  collector probe b           | acks=1 in=5
        5  1.005  worker2 ack collector       | to=4
    """,
    "fresh ids, the latest probe is answered already": HOSTS + """
        1  0.0  collector probe               | acks=1 in=4 !no_response
        2  1.0  collector probe               | acks=1 in=3
        3  1.1  worker1 ack collector         | to=2 !no_register
        4  1.2  worker1 ack collector         | to=1 !no_register
        5  1.3  worker1 ack collector         |
    """,
    "fresh ids, by the collector's announced address": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 from=192.0.2.7@10100
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  collector probe               | acks=1 in=2 !inet_addr_mismatch
        2  0.1  worker1 ack collector to=10.0.0.2@10100     | to=1 !no_register
        3  1.0  collector probe               | acks=1 in=4 !inet_addr_mismatch
        4  1.1  worker1 ack collector         | to=3 in=5
        5  1.2  collector ok worker1 from=10.0.0.2@10100    | to=4
    """,
    "fresh ids, by any of the collector's daemons": HOSTS + """
        1  0.0  collector probe from=10.0.0.2@40000         | acks=2 in=2,3
        2  0.1  worker1 ack collector to=10.0.0.2@9090      | to=1
        3  0.2  worker2 ack collector to=10.0.0.2@10100     | to=1
    """,
    "numbers of probes tell once the worker has let one pass": HOSTS + """
        1  0.0  collector probe :1            | acks=1 in=2
        2  0.1  worker1 ack collector :1      | to=1 !no_register
        3  1.0  collector probe :2            | acks=0 !no_response
        4  2.0  collector probe :3            | acks=1 in=5
        5  2.1  worker1 ack collector :3      | to=4 !no_register
        6  3.0  collector probe :4            | acks=1 in=8 !no_response
        7  3.9  collector probe :5            | acks=1 in=9
        8  4.0  worker1 ack collector :4      | to=6 !no_register
        9  4.1  worker1 ack collector :5      | to=7
    """,
    "numbers of ProbeAcks tell once the collector has let one pass": HOSTS + """
        1  0.0  worker1 ack collector :1      | in=2
        2  0.1  collector ok worker1 :1       | to=1
        3  1.0  worker1 ack collector :2      | !no_register
        4  2.0  worker1 ack collector :3      | in=5
        5  2.1  collector ok worker1 :3       | to=4
        6  3.0  worker1 ack collector :4      | in=8 !no_register
        7  3.9  worker1 ack collector :5      | in=9
        8  4.0  collector ok worker1 :4       | to=6
        9  4.1  collector ok worker1 :5       | to=7
    """,
    "RegisterAcks with fresh ids": HOSTS + """
        1  0.0  collector probe a             | acks=2 in=2,3
        2  0.1  worker1 ack collector a       | to=1 in=5
        3  0.2  worker2 ack collector a       | to=1 in=4
        4  0.3  collector ok worker2          | to=3
        5  0.4  collector ok worker1          | to=2
    """,
    "RegisterAcks with fresh ids, the latest that waits": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=7 !no_register
        3  1.0  collector probe b             | acks=1 in=4
        4  1.1  worker1 ack collector b       | to=3 in=5
        5  1.2  collector ok worker1 b        | to=4
        6  2.0  collector probe c             | acks=0
        7  2.1  collector ok worker1          | to=2
        8  2.2  collector ok worker1          |
    """,
    "everybody with fresh ids": HOSTS + """
        1  0.0  collector probe               | acks=2 in=2,3
        2  0.1  worker1 ack collector         | to=1 in=4
        3  0.2  worker2 ack collector         | to=1 in=5
        4  0.3  collector ok worker1          | to=2
        5  0.4  collector ok worker2          | to=3
        6  1.0  collector probe               | acks=2 in=7,8
        7  1.1  worker2 ack collector         | to=6 in=9
        8  1.2  worker1 ack collector         | to=6 in=10
        9  1.3  collector ok worker2          | to=7
        10 1.4  collector ok worker1          | to=8
    """,
    "an id of another worker's ProbeAck": HOSTS + """
        1  0.0  collector probe               | acks=2 in=2,3
        2  0.1  worker1 ack collector x       | to=1
        3  0.2  worker2 ack collector y       | to=1 in=4
        4  0.3  collector ok worker2 x        | to=3
    """,
    "several RegisterAcks to one ProbeAck": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3,4,5
        3  0.2  collector fail worker1 a left=2    | to=2 attempt=1
        4  0.3  collector fail worker1 a left=1    | to=2 attempt=2
        5  0.4  collector ok worker1 a        | to=2 attempt=3
    """,
    "two collectors": HOSTS + """
        1  0.0  collector probe a             | acks=2 in=3,6
        2  0.0  second probe b                | acks=2 in=4,5
        3  0.1  worker1 ack collector a       | to=1 in=8
        4  0.1  worker1 ack second b          | to=2 in=7
        5  0.2  worker2 ack second b          | to=2 in=10
        6  0.2  worker2 ack collector a       | to=1 in=9
        7  0.3  second ok worker1 b           | to=4
        8  0.3  collector fail worker1 a left=1    | to=3
        9  0.4  collector ok worker2 a        | to=6
        10 0.4  second ok worker2 b           | to=5
    """,
    "two collectors, fresh ids": HOSTS + """
        1  0.0  collector probe               | acks=1 in=4
        2  0.0  second probe                  | acks=2 in=3,5
        3  0.1  worker1 ack second            | to=2 in=6
        4  0.1  worker1 ack collector         | to=1 in=7
        5  0.2  worker2 ack second            | to=2
        6  0.3  second ok worker1             | to=3
        7  0.4  collector ok worker1          | to=4
    """,
    "two collectors with the same id": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=3
        2  0.0  second probe a                | acks=1 in=4
        3  0.1  worker1 ack collector a       | to=1 in=6
        4  0.1  worker2 ack second a          | to=2 in=5
        5  0.2  second ok worker2 a           | to=4
        6  0.2  collector ok worker1 a        | to=3
    """,
    "two collectors with the same ids, and what is not in the file": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector ok worker1 a        | to=2
        4  1.0  second probe a                | acks=1 in=5
        5  1.1  worker1 ack second a          | to=4 in=6
        6  1.2  second ok worker1 a           | to=5
        7  5.0  collector probe b             | acks=1 in=8
        8  5.1  worker1 ack collector b       | to=7 !no_register
        9  6.1  worker1 ack second b          | in=10
        10 6.2  second ok worker1 b           | to=9
        11 10.0 collector probe c             | acks=1 in=12
        12 10.1 worker1 ack collector c       | to=11
        13 11.2 second ok worker1 c           |
    """,
    "two collectors with the same ids, and what the first one sent is not in the file": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector ok worker1 a        | to=2
        4  1.0  second probe a                | acks=1 in=5
        5  1.1  worker1 ack second a          | to=4 in=6
        6  1.2  second ok worker1 a           | to=5
        7  5.0  second probe b                | acks=1 in=8
        8  5.1  worker1 ack second b          | to=7
        9  6.1  worker1 ack collector b       | in=10
        10 6.2  collector ok worker1 b        | to=9
    """,
    "one collector with two addresses": """
        host one COLLECTOR 10.0.0.2 collectord:9090 name=collector
        host two COLLECTOR 10.0.1.2 collectord:9090 name=collector
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  one probe a                   | acks=1 in=2
        2  0.1  worker1 ack one a             | to=1 !no_register
        3  0.2  two probe a                   | !hostname_conflict
        4  5.0  one probe b                   | acks=1 in=5 !hostname_conflict
        5  5.1  worker1 ack two b             | to=4
    """,
    "one collector that probes from two addresses with one id": """
        host one COLLECTOR 10.0.0.2 collectord:9090 name=collector
        host two COLLECTOR 10.0.1.2 collectord:9090 name=collector
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  one probe a                   | acks=1 in=3
        2  0.1  two probe a                   | acks=0 !hostname_conflict
        3  0.2  worker1 ack one a             | to=1
    """,
    "a collector that gets another name and repeats an id": """
        host one COLLECTOR 10.0.0.2 collectord:9090 name=col-a
        host two COLLECTOR 10.0.0.2 collectord:9090 name=col-b
        host three COLLECTOR 10.0.1.2 collectord:9090
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  one probe a                   | acks=0
        2  1.0  two probe a                   | acks=0 !hostname_conflict !no_response
        3  1.5  three probe c                 | acks=1 in=5
        4  5.0  two probe b                   | acks=0 !hostname_conflict
        5  5.1  worker1 ack two c             | to=3
    """,
    "two collectors without a name, which give the same ids": """
        host one COLLECTOR 10.0.0.2 collectord:9090 name=
        host two COLLECTOR 10.0.0.3 collectord:9090 name=
        host worker1 WORKER 10.0.0.11 workerd:10500
        1  0.0  one probe a                   | acks=0 !no_response
        2  1.0  two probe a                   | acks=1 in=4
        3  5.0  one probe b                   | acks=0
        4  5.1  worker1 ack two b             | to=2
    """,
    "an answer by id to the address of nobody": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a to=10.0.0.99@10100      | to=1 in=3
        3  0.2  collector ok worker1 a        | to=2
    """,
    "an answer by number to the address of nobody": HOSTS + """
        1  0.0  collector probe :5                              | acks=1 in=2
        2  0.1  worker1 ack collector :5 to=10.0.0.99@10100     | to=1 in=3
        3  0.2  collector ok worker1 :5                         | to=2
    """,
    "ids used again after a restart": HOSTS + """
        1  0.0  collector probe 1             | acks=1 in=2
        2  0.1  worker1 ack collector 1       | to=1 in=3
        3  0.2  collector ok worker1 1        | to=2
        4  1.0  collector probe 2             | acks=1 in=5
        5  1.1  worker1 ack collector 2       | to=4 in=6
        6  1.2  collector ok worker1 2        | to=5
        7  5.0  collector probe 1             | acks=1 in=8
        8  5.1  worker1 ack collector 1       | to=7 in=9
        9  5.2  collector ok worker1 1        | to=8
        10 6.0  collector probe 2             | acks=1 in=11
        11 6.1  worker1 ack collector 2       | to=10 in=12
        12 6.2  collector ok worker1 2        | to=11
    """,
    "answers that overtake each other": HOSTS + """
        1  0.000  collector probe a           | acks=2 in=4,8 !no_response
        2  0.001  collector ok worker1 a      |
        3  1.000  collector probe b           | acks=2 in=5,6
        4  1.001  worker2 ack collector a     | to=1 in=10 !no_register
        5  1.002  worker2 ack collector b     | to=3 in=7
        6  1.003  worker1 ack collector b     | to=3 in=9 !no_register
        7  1.004  collector ok worker2 b      | to=5
        8  1.005  worker1 ack collector a     | to=1
        9  1.006  collector ok worker1 b      | to=6
        10 1.007  collector ok worker2 a      | to=4
    """,
    "duplicates of all three": HOSTS + """
        1  0.000  collector probe a           | acks=1 in=3
        2  0.001  collector repeats 1         | dup=1
        3  0.005  worker1 ack collector a     | to=1 in=6
        4  0.006  worker1 repeats 3           | to=1 dup=3
        5  0.007  worker1 repeats 3           | to=1 dup=3
        6  0.010  collector fail worker1 a left=2     | to=3 attempt=1
        7  0.011  collector repeats 6         | to=3 dup=6 attempt=1
        8  1.000  collector probe b           | acks=1 in=9
        9  1.005  worker1 ack collector b     | to=8 in=10
        10 1.010  collector fail worker1 b left=1     | to=9 attempt=2
    """,
    "duplicates with fresh ids": HOSTS + """
        1  0.0  collector probe               | acks=1 in=3
        2  0.1  collector repeats 1           | dup=1
        3  0.2  worker1 ack collector         | to=1 in=6
        4  0.3  worker1 repeats 3             | to=1 dup=3
        5  0.4  worker1 repeats 3             | to=1 dup=3
        6  0.5  collector ok worker1          | to=3
        7  0.6  collector repeats 6           | to=3 dup=6
    """,
    "a retransmission long after": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector ok worker1 a        | to=2
        4  1.0  collector probe b             | acks=1 in=5
        5  1.1  worker1 ack collector b       | to=4 in=6
        6  1.2  collector ok worker1 b        | to=5
        7  1.3  worker1 repeats 2             | to=1 dup=2
        8  1.4  collector repeats 3           | to=2 dup=3
    """,
    "a retransmission after another datagram with its id": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3,4
        3  0.2  collector fail worker1 a left=2    | to=2 attempt=1
        4  0.3  collector fail worker1 a left=1    | to=2 attempt=2
        5  0.4  collector repeats 3           | to=2 dup=3 attempt=1
    """,
    "the same id to several workers is no duplicate": HOSTS + """
        1  0.0  collector ok worker1 a        |
        2  0.1  collector ok worker2 a        |
        3  0.2  collector ok worker3 a        |
    """,
    "a host that answers twice counts once": HOSTS + """
        host worker1b WORKER 10.0.0.11 workerd:10500 node_exporter:9100 name=worker1
        1  0.0  collector probe a             | acks=1 in=2,3
        2  0.1  worker1 ack collector a       | to=1 !no_register
        3  0.2  worker1b ack collector a      | to=1
    """,
    "rounds lost entirely": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 !no_register
        3  1.0  collector probe b             | !no_response
        4  2.0  collector probe c             | !no_response
        5  3.0  collector probe d             | acks=1 in=6
        6  3.1  worker1 ack collector d       | to=5
    """,
    "rounds lost entirely, fresh ids": HOSTS + """
        1  0.0  collector probe               | !no_response
        2  1.0  collector probe               | !no_response
        3  2.0  collector probe               | acks=1 in=4
        4  2.1  worker1 ack collector         | to=3
        5  3.0  collector probe               |
    """,
    "a round whose probe alone is lost": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector ok worker1 a        | to=2
        4  1.1  worker1 ack collector b       | in=5
        5  1.2  collector ok worker1 b        | to=4
    """,
    "a number by who has repeated ids": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 !no_register
        3  1.0  collector probe b             | acks=1 in=4
        4  1.1  worker1 ack collector b       | to=3 !no_register
        5  2.0  collector probe c             | acks=1 in=6
        6  2.1  worker1 ack collector c       | to=5 !no_register
        7  3.0  collector probe d             | acks=1 in=8
        8  3.1  worker1 ack collector :7      | to=7
    """,
    "begins with a RegisterAck": HOSTS + """
        1  0.0  collector fail worker1 z left=1    | attempt=1
        2  1.0  collector probe a             | acks=1 in=3
        3  1.1  worker1 ack collector a       | to=2 in=4
        4  1.2  collector fail worker1 a left=0    | to=3 attempt=2
    """,
    "begins with a RegisterAck, fresh ids": HOSTS + """
        1  0.0  collector ok worker1          |
        2  1.0  collector probe               | acks=1 in=3
        3  1.1  worker1 ack collector         | to=2 in=4
        4  1.2  collector ok worker1          | to=3
    """,
    "begins with a ProbeAck": HOSTS + """
        1  0.0  worker1 ack collector z       | in=2
        2  0.1  collector ok worker1 z        | to=1
        3  1.0  collector probe a             | acks=1 in=4
        4  1.1  worker1 ack collector a       | to=3 in=5
        5  1.2  collector ok worker1 a        | to=4
    """,
    "begins with a ProbeAck, fresh ids": HOSTS + """
        1  0.0  worker1 ack collector         | in=3
        2  0.1  worker2 ack collector         | in=4
        3  0.2  collector ok worker1          | to=1
        4  0.3  collector fail worker2 left=1 | to=2 attempt=1
        5  1.0  collector probe               | acks=1 in=6
        6  1.1  worker2 ack collector         | to=5 in=7
        7  1.2  collector ok worker2          | to=6 attempt=2
    """,
    "attempts": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector fail worker1 a left=1    | to=2 attempt=1
        4  1.0  collector probe b             | acks=1 in=5
        5  1.1  worker1 ack collector b       | to=4 in=6
        6  1.2  collector fail worker1 b left=0    | to=5 attempt=2
        7  2.0  collector probe c             | acks=1 in=8
        8  2.1  worker1 ack collector c       | to=7 in=9
        9  2.2  collector ok worker1 c        | to=8 attempt=3
        10 3.0  collector probe d             | acks=1 in=11
        11 3.1  worker1 ack collector d       | to=10 in=12
        12 3.2  collector fail worker1 d left=3    | to=11 attempt=1
        13 4.0  collector probe e             | acks=1 in=14
        14 4.1  worker1 ack collector e       | to=13 in=15
        15 4.2  collector ok worker1 e        | to=14 attempt=2
    """,
    "IPv6": """
        host collector COLLECTOR fd00::2 coordinatord:10100
        host worker1 WORKER fd00::11 workerd:10500
        host worker2 WORKER fd00::12 workerd:10500
        1  0.0  collector probe a             | acks=2 in=2,3
        2  0.1  worker1 ack collector a       | to=1 in=4
        3  0.2  worker2 ack collector         | to=1 in=5
        4  0.3  collector ok worker1          | to=2
        5  0.4  collector ok worker2          | to=3
    """,
    "IPv6, a link-local sender": """
        host collector COLLECTOR fd00::2 coordinatord:10100 from=fe80::2@10100
        host worker1 WORKER fd00::11 workerd:10500 from=fe80::11@10500
        1  0.0  collector probe               | acks=1 in=2 !inet_addr_mismatch
        2  0.1  worker1 ack collector         | to=1 in=3 !inet_addr_mismatch
        3  0.2  collector ok worker1          | to=2
    """,
    "IPv4 and IPv6 at once": HOSTS + """
        host collector6 COLLECTOR fd00::2 coordinatord:10100 name=collector
        host worker1six WORKER fd00::11 workerd:10500 name=worker1
        1  0.0  collector probe a             | acks=1 in=3
        2  0.0  collector6 probe b            | acks=1 in=4
        3  0.1  worker1 ack collector a       | to=1 in=5
        4  0.1  worker1six ack collector6 b   | to=2 in=6
        5  0.2  collector ok worker1 a        | to=3
        6  0.2  collector6 ok worker1six b    | to=4
    """,
    "VLAN tags": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host worker1 WORKER 10.0.0.11 workerd:10500 vlan=10
        host worker2 WORKER 10.0.0.12 workerd:10500 vlan=20
        1  0.0  collector probe a             | acks=2 in=2,3
        2  0.1  worker1 ack collector a       | to=1 in=4
        3  0.2  worker2 ack collector         | to=1 in=5
        4  0.3  collector ok worker1          | to=2
        5  0.4  collector ok worker2 vlan=20  | to=3
    """,
    "a router between two VLANs, both recorded": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host worker1 WORKER 10.1.0.11 workerd:10500
        1  0.000  collector probe a vlan=10               | acks=1 in=3
        2  0.001  collector repeats 1 vlan=20             | dup=1
        3  0.005  worker1 ack collector vlan=20           | to=1 in=5
        4  0.006  worker1 repeats 3 vlan=10               | to=1 dup=3
        5  0.010  collector ok worker1 vlan=10            | to=3
        6  0.011  collector repeats 5 vlan=20             | to=3 dup=5
    """,
    "NAT: a worker sends from another address": HOSTS + """
        host far WORKER 192.168.1.11 workerd:10500 from=203.0.113.9@61001
        1  0.0  collector probe               | acks=2 in=2,3
        2  0.1  far ack collector             | to=1 in=4 !inet_addr_mismatch
        3  0.2  worker1 ack collector         | to=1 in=5
        4  0.3  collector fail far left=1     | to=2 attempt=1
        5  0.4  collector ok worker1          | to=3 attempt=1
        6  1.0  collector probe               | acks=1 in=7
        7  1.1  far ack collector             | to=6 in=8 !inet_addr_mismatch
        8  1.2  collector ok far to=192.168.1.11@10500    | to=7 attempt=2
    """,
    "NAT: two workers behind one address": HOSTS + """
        host far1 WORKER 192.168.1.11 workerd:10500 from=203.0.113.9@61001
        host far2 WORKER 192.168.1.12 workerd:10500 from=203.0.113.9@61002
        1  0.0  collector probe               | acks=2 in=2,3
        2  0.1  far1 ack collector            | to=1 in=5 !inet_addr_mismatch
        3  0.2  far2 ack collector            | to=1 in=4 !inet_addr_mismatch
        4  0.3  collector fail far2 left=1    | to=3 attempt=1
        5  0.4  collector ok far1             | to=2 attempt=1
        6  1.0  collector probe               | acks=2 in=7,8
        7  1.1  far2 ack collector            | to=6 in=9 !inet_addr_mismatch
        8  1.2  far1 ack collector            | to=6 in=10 !inet_addr_mismatch
        9  1.3  collector ok far2             | to=7 attempt=2
        10 1.4  collector fail far1 left=1    | to=8 attempt=1
    """,
    "NAT: ports change hands": HOSTS + """
        host far1 WORKER 192.168.1.11 workerd:10500 from=203.0.113.9@61001
        host far2 WORKER 192.168.1.12 workerd:10500 from=203.0.113.9@61002
        1  0.0  collector probe               | acks=2 in=2,3
        2  0.1  far1 ack collector            | to=1 in=4 !inet_addr_mismatch
        3  0.2  far2 ack collector            | to=1 in=5 !inet_addr_mismatch
        4  0.3  collector ok far1             | to=2
        5  0.4  collector ok far2             | to=3
        6  1.0  collector probe               | acks=2 in=7,8
        7  1.1  far1 ack collector from=203.0.113.9@61002     | to=6 in=9 !inet_addr_mismatch
        8  1.2  far2 ack collector from=203.0.113.9@61001     | to=6 in=10 !inet_addr_mismatch
        9  1.3  collector fail far1 left=1 to=203.0.113.9@61002   | to=7 attempt=1
        10 1.4  collector ok far2 to=203.0.113.9@61001        | to=8 attempt=1
        11 2.0  collector probe               | acks=2 in=12,13
        12 2.1  far1 ack collector            | to=11 in=14 !inet_addr_mismatch
        13 2.2  far2 ack collector            | to=11 in=15 !inet_addr_mismatch
        14 2.3  collector ok far1             | to=12 attempt=2
        15 2.4  collector ok far2             | to=13 attempt=1
    """,
    "NAT: a collector behind it": HOSTS + """
        host far COLLECTOR 192.168.1.2 coordinatord:10100 from=203.0.113.9@61001
        1  0.0  far probe a                   | acks=2 in=2,3 !inet_addr_mismatch
        2  0.1  worker1 ack far a             | to=1 in=4
        3  0.2  worker2 ack far               | to=1 in=5
        4  0.3  far ok worker1                | to=2
        5  0.4  far ok worker2                | to=3
    """,
    "nobody answers": HOSTS + """
        1  0.0  collector probe a             | !no_response
        2  0.1  collector repeats 1           | dup=1
        3  0.2  second probe b                |
        4  1.0  collector probe c             | acks=1 in=6 !no_response
        5  2.0  collector probe d             | acks=0
        6  2.1  worker1 ack collector c       | to=4
    """,
    "no RegisterAck": HOSTS + """
        1  0.0  collector probe a             | acks=2 in=2,4
        2  0.1  worker1 ack collector a       | to=1 !no_register
        3  0.2  worker1 repeats 2             | to=1 dup=2
        4  0.3  worker2 ack collector a       | to=1 in=5
        5  0.4  collector ok worker2 a        | to=4
        6  1.0  collector probe b             | acks=2 in=7,8
        7  1.1  worker1 ack collector b       | to=6
        8  1.2  worker2 ack collector b       | to=6
    """,
    "a worker that repeated the collector's numbers counts its own": HOSTS + """
        1  0.0  collector probe :1             | acks=1 in=2
        2  0.1  worker1 ack collector :1       | to=1 !no_register
        3  5.0  collector probe :2             | !no_response
        4  10.0 collector probe :3             | acks=1 in=5
        5  10.1 worker1 ack collector :3       | to=4 !no_register
        6  15.0 collector probe :4             | acks=1 in=7
        7  15.1 worker1 ack collector :1       | to=6 !no_register
        8  20.0 collector probe :5             | acks=1 in=9
        9  20.1 worker1 ack collector :2       | to=8
    """,
    "a worker's own numbers, each that of a probe which it did not answer": HOSTS + """
        1  0.0  collector probe :1             | acks=1 in=2
        2  0.1  worker1 ack collector :1       | to=1 !no_register
        3  5.0  collector probe :2             | !no_response
        4  10.0 collector probe :3             | acks=1 in=5
        5  10.1 worker1 ack collector :2       | to=4 !no_register
        6  15.0 collector probe :4             | !no_response
        7  20.0 collector probe :5             | !no_response
        8  25.0 collector probe :6             | acks=1 in=9
        9  25.1 worker1 ack collector :4       | to=8
    """,
    "an id tells whose probe is answered, though the answer goes to another that probes": HOSTS + """
        1  0.0  collector probe a              | acks=1 in=3
        2  0.1  second probe x                 |
        3  0.2  worker1 ack second a           | to=1 in=4
        4  0.3  collector ok worker1 a         | to=3
    """,
    "a number that the worker gave another collector": HOSTS + """
        1  0.0  worker1 ack collector :5       |
        2  0.1  worker1 ack second :6          | in=3
        3  0.2  collector ok worker1 :5 from=10.0.0.3@10100 | to=2
    """,
    "a host under another name is found at the ports that it announces": HOSTS + """
        host new WORKER 10.0.0.11 workerd:10500 from=10.0.0.11@40002
        1  0.0  worker1 ack collector a from=10.0.0.11@40001 |
        2  1.0  new ack collector b            | in=3 !hostname_conflict
        3  1.1  collector ok new b to=10.0.0.11@10500        | to=2
    """,
    "known by the address that it announces before it announces it": HOSTS + """
        host far WORKER 192.168.1.11 workerd:10500 from=203.0.113.9@10500
        1  0.0  collector ok far a to=192.168.1.11@10500     |
        2  1.0  far ack collector b            | in=3 !inet_addr_mismatch
        3  1.1  collector fail far b left=2    | to=2
        4  5.0  far ack collector c            | in=5 !inet_addr_mismatch
        5  5.1  collector fail far c left=1    | to=4 attempt=2
    """,
    "one name with two addresses": HOSTS + """
        host other WORKER 10.0.0.99 workerd:10500 name=worker1
        1  0.0  collector probe a             | acks=3 in=2,3,4
        2  0.1  worker1 ack collector a       | to=1 in=5
        3  0.2  other ack collector a         | to=1 !hostname_conflict
        4  0.3  worker2 ack collector a       | to=1
        5  0.4  collector ok worker1 a        | to=2
        6  1.0  collector probe b             | acks=1 in=7
        7  1.1  worker1 ack collector b       | to=6 !hostname_conflict
    """,
    "one address with two names": HOSTS + """
        host other WORKER 10.0.0.11 workerd:10501
        1  0.0  collector probe a             | acks=2 in=2,3
        2  0.1  worker1 ack collector a       | to=1 in=4
        3  0.2  other ack collector a         | to=1 in=5 !hostname_conflict
        4  0.3  collector ok worker1 a        | to=2
        5  0.4  collector fail other a left=1 | to=3
        6  1.0  collector probe b             | acks=2 in=7,8
        7  1.1  other ack collector b         | to=6 in=10 !hostname_conflict
        8  1.2  worker1 ack collector b       | to=6 in=9 !hostname_conflict
        9  1.3  collector ok worker1 b        | to=8
        10 1.4  collector ok other b          | to=7 attempt=2
    """,
    "the name of one, the address of another": HOSTS + """
        host mixed WORKER 10.0.0.12 workerd:10500 name=worker1
        1  0.0  worker2 ack collector a       |
        2  0.1  worker1 ack collector a       |
        3  0.2  mixed ack collector a         | !hostname_conflict
    """,
    "the name of one, and a clone of another": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
        host worker1 WORKER 10.0.0.11 workerd:10500
        host other WORKER 10.0.0.12 workerd:10500 name=worker1
        host clone WORKER 10.0.0.12 workerd:10500 name=worker1 from=10.0.0.13@10500
        1  0.0  worker1 ack collector a       |
        2  0.1  other ack collector b         | !hostname_conflict
        3  0.2  clone ack collector c         | !hostname_conflict !inet_addr_mismatch
    """,
    "a worker that moved to other daemons is no conflict": HOSTS + """
        host later WORKER 10.0.0.11 workerd:10501 node_exporter:9100 name=worker1
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1 in=3
        3  0.2  collector fail worker1 a left=1    | to=2
        4  1.0  collector probe b             | acks=1 in=5
        5  1.1  later ack collector b         | to=4 in=6
        6  1.2  collector ok later b          | to=5 attempt=2
    """,
    "the last of everything has no next": HOSTS + """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1
        3  1.0  collector probe b             | acks=0
    """,
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogue(found, name):
    assert found(DIALOGUES[name])


@pytest.mark.parametrize("dialect", ["state", "name", "sorted", "plain"])
def test_every_dialect_takes_part(found, dialect):
    script = DIALOGUES["everybody with fresh ids"].replace("workerd:10500\n", f"workerd:10500 dialect={dialect}\n")
    assert f"dialect={dialect}" in script
    assert found(script)


def test_many_workers_in_one_round(tshark):
    """2,000 of them, with fresh ids, acknowledged in another order."""
    scenario, count = Scenario(), 2000
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    workers = [scenario.host(f"worker{i}", "WORKER", f"10.1.{i // 250}.{i % 250 + 1}") for i in range(count)]
    for number in range(2):
        start = number * 10
        scenario.probe(start, collector)
        for i, worker in enumerate(workers):
            scenario.ack(start + 0.001 * (i + 1), worker, collector)
        for i in reversed(range(count)):
            scenario.register(start + 4.1 + 0.001 * (count - i), collector, workers[i], status=i % 7 != 0, left=3)
    rows = tshark.rows(_capture(tshark, scenario), *FIELDS, "crm.type", options=("-2",))
    for number in range(2):
        probe = number * (2 * count + 1) + 1
        acks, registers = rows[probe:probe + count], rows[probe + count:probe + 2 * count]
        assert rows[probe - 1][0] == [str(probe + 1 + i) for i in range(count)]
        assert rows[probe - 1][3] == [str(count)]
        for i in range(count):
            ack, register = acks[i], registers[count - 1 - i]
            assert ack[1] == [str(probe)] and ack[0] == [str(probe + 2 * count - i)]
            assert ack[2] == [f"{0.001 * (i + 1):.9f}"]
            assert register[1] == [str(probe + 1 + i)] and not register[5]
            assert register[4] == [str(number + 1 if i % 7 == 0 else 1)]


def test_many_rounds(tshark):
    """500 of them, a worker with ids and one without, that misses every fifth."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    workers = [scenario.host(f"worker{i}", "WORKER", f"10.0.0.1{i}") for i in range(2)]
    expected = []
    for number in range(500):
        probe = scenario.probe(number, collector, f"{number}")
        answers = workers[:1] if number % 5 == 4 else workers
        acks = [scenario.ack(number + 0.1, worker, collector, worker is workers[0] and f"{number}" or None)
                for worker in answers]
        outcomes = [scenario.register(number + 0.2, collector, worker, worker is workers[0] and f"{number}" or None)
                    for worker in answers]
        expected += [(acks, [], [str(len(acks))]), *(([outcome], [str(probe)], []) for outcome in outcomes),
                     *(([], [str(ack)], []) for ack in acks)]
    rows = tshark.rows(_capture(tshark, scenario), "crm.response_in", "crm.response_to", "crm.acks", options=("-2",))
    assert [tuple(row) for row in rows] == [(list(map(str, answers)), to, acks) for answers, to, acks in expected]


def test_a_probe_of_long_ago(tshark):
    """One that the worker missed, however many it has answered since."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("coordinatord", 10100)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.11")
    missed = scenario.probe(0, collector)
    for number in range(1, 101):
        scenario.probe(number, collector)
        scenario.ack(number + 0.1, worker, collector)
    late = scenario.ack(200, worker, collector)
    rows = tshark.rows(_capture(tshark, scenario), "crm.response_to", options=("-2",))
    assert rows[late - 1] == [[str(missed)]]


# What lies in the future

STORY = DIALOGUES["attempts"]


def test_one_pass_knows_the_past_only(tshark):
    """The answers, the number of acks and what did not come are the future's."""
    script = DIALOGUES["no RegisterAck"]
    scenario = parse(script)
    for message, datagram in zip(tshark.messages(_capture(tshark, scenario)), scenario.datagrams):
        found, future = found_in(message), {"crm.response_in": [], "crm.acks": []}
        past = [name for name in datagram.expected["experts"] if name not in ("crm.no_response", "crm.no_register")]
        assert found == {**datagram.expected, **future, "experts": past}


def test_a_filter_changes_nothing(tshark):
    capture = _capture(tshark, parse(STORY))
    names = ("frame.number", *FIELDS)
    everything = {row[0][0]: row for row in tshark.rows(capture, *names, options=("-2",))}
    for options in (("-Y", "crm"), ("-R", "crm"), ("-Y", "crm.type == 2"), ("-Y", "crm.response_to == 10"),
                    ("-Y", "frame.number == 5"), ("-Y", "crm.attempt > 1"), ("-Y", "crm.response_time > 0.05")):
        shown = tshark.rows(capture, *names, options=("-2", *options))
        assert shown and all(row == everything[row[0][0]] for row in shown), options


def test_a_read_filter_leaves_frames_out(tshark):
    """-R does, and numbers the rest anew. What was said in the others counts,
    but they have no number that an item could name."""
    capture = _capture(tshark, parse(STORY))
    names = ("crm.attempt", "crm.response_time", "crm.response_to", "crm.duplicate_of")
    everything = tshark.rows(capture, *names, options=("-2", "-Y", "crm.type == 3"))
    kept = tshark.rows(capture, *names, options=("-2", "-R", "crm.type == 3"))
    assert len(kept) == 5 and [row[:2] for row in kept] == [row[:2] for row in everything]
    assert not any(row[2] or row[3] for row in kept)


def test_a_read_filter_leaves_out_what_has_the_same_time(tshark):
    """All three have number 1 when they are read, and one time: the first two have none when it is over."""
    capture = _capture(tshark, parse(HOSTS + """
        1  0.0  collector probe a           |
        2  0.0  worker1 ack collector a     |
        3  0.0  collector ok worker1 a      |
    """))
    names = ("crm.attempt", "crm.response_to")
    assert tshark.rows(capture, *names, options=("-2", "-R", "crm.type == 3")) == [[["1"], []]]


def test_a_read_filter_for_duplicates_leaves_nothing_to_name(tshark):
    """What it is a duplicate of is gone, and that it is one still shows."""
    capture = _capture(tshark, parse(HOSTS + """
        1  0.0  collector probe a           |
        2  0.1  collector repeats 1         |
    """))
    options = ("-2", "-R", "crm.duplicate", "-Y", "crm.duplicate")
    assert tshark.rows(capture, "frame.number", "crm.duplicate_of", options=options) == [[["1"], []]]


def test_a_read_filter_numbers_anew(tshark):
    """Items name frames by the number that they have then."""
    capture = _capture(tshark, parse(STORY))
    rows = tshark.rows(capture, "crm.response_to", "crm.response_in", options=("-2", "-R", "crm.type != 1"))
    assert rows == [row for number in range(1, 11, 2) for row in ([[], [str(number + 1)]], [[str(number)], []])]


def test_a_register_ack_that_comes_again_after_those_of_many_workers(tshark, sharkd):
    """All of a round have one id; of those with an id, only the latest 16 to one worker are looked at."""
    workers = range(20)
    script = "host collector COLLECTOR 10.0.0.2 coordinatord:10100\n1 0.0 collector probe a\n"
    script += "\n".join(f"host worker{n} WORKER 10.0.0.{20 + n} workerd:10500" for n in workers) + "\n"
    script += "\n".join(f"{2 + n} {0.1 + n / 1000} worker{n} ack collector a" for n in workers) + "\n"
    script += "\n".join(f"{22 + n} {0.2 + n / 1000} collector ok worker{n} a" for n in workers)
    messages = sharkd.messages(_capture(tshark, parse(script + "\n42 0.3 collector repeats 22")))
    assert [message.value("crm.duplicate_of") for message in messages] == [None] * 41 + ["22"]


# Lost questions

@pytest.mark.parametrize("repeated, missing", [(2, 0), (3, 1), (7, 5), (8, 6), (12, 6)])
def test_who_repeats_ids_answers_nothing_that_was_lost(tshark, sharkd, repeated, missing):
    """Until as many answers have other ids: then the worker has changed. The RegisterAcks do the same."""
    script, frame = HOSTS, 0
    for number in range(repeated + missing + 1):
        probe = f"p{number}" if number < repeated else f"lost{number}"
        script += f"""
            {frame + 1} {10 * number}.0 collector probe p{number}
            {frame + 2} {10 * number}.1 worker1 ack collector {probe}
            {frame + 3} {10 * number}.2 collector ok worker1 {probe if number < repeated else f"other{number}"}"""
        frame += 3
    messages = sharkd.messages(_capture(tshark, parse(script)))
    told = [[message.value("crm.response_to") for message in messages[1 + way::3]] for way in range(2)]
    right = [number < repeated or number == repeated + missing for number in range(repeated + missing + 1)]
    assert [[answer is not None for answer in answers] for answers in told] == [right, right]


# Expert information

def _texts(messages, name):
    """frame: text of one kind of expert information."""
    return {number: text for number, message in enumerate(messages, 1) for text in message.expert(f"crm.{name}")}


@pytest.mark.parametrize("name, dialogue, expected", [
    ("register_failed", "attempts", {3: ("worker1", "10.0.0.11", "1 retr"), 12: ("worker1", "3 retries left")}),
    ("register_exhausted", "attempts", {6: ("worker1", "10.0.0.11", "gives up")}),
    ("no_response", "nobody answers", {1: ("collector", "10.0.0.2", "frame 4"), 4: ("collector", "frame 5")}),
    ("no_register", "no RegisterAck", {2: ("worker1", "10.0.0.11", "frame 7")}),
    ("duplicate", "duplicates of all three", {2: ("collector", "frame 1"), 4: ("worker1", "frame 3"),
                                              5: ("worker1", "frame 3"), 7: ("collector", "frame 6")}),
    ("hostname_conflict", "one name with two addresses", {3: ("worker1", "10.0.0.99", "another address", "frame 2"),
                                                          7: ("worker1", "10.0.0.11", "another address", "frame 3")}),
    ("hostname_conflict", "one address with two names", {3: ("other", "another name", "frame 2"),
                                                         7: ("other", "frame 2"), 8: ("worker1", "frame 3")}),
    ("hostname_conflict", "the name of one, the address of another", {3: ("worker1", "another address", "frame 2")}),
    ("hostname_conflict", "the name of one, and a clone of another", {2: ("another address", "frame 1"),
                                                                      3: ("another address", "frame 1")}),
    ("inet_addr_mismatch", "NAT: a worker sends from another address", {
        2: ("far", "192.168.1.11", "203.0.113.9", "NAT"), 7: ("far", "192.168.1.11", "203.0.113.9")}),
    ("inet_addr_mismatch", "NAT: a collector behind it", {1: ("far", "192.168.1.2", "203.0.113.9")}),
])
def test_messages_name_the_host_and_where_to_look(found, name, dialogue, expected):
    texts = _texts(found(DIALOGUES[dialogue]), name)
    assert texts.keys() == expected.keys()
    for frame, parts in expected.items():
        assert all(part in texts[frame] for part in parts), texts[frame]
        assert re.search(r"\b(see|check)\b", texts[frame].lower())


def test_severities_and_groups(found):
    expected = {
        "crm.register_failed": ("warning", "response code"), "crm.register_exhausted": ("error", "response code"),
        "crm.no_response": ("note", "sequence"), "crm.no_register": ("note", "sequence"),
        "crm.duplicate": ("note", "sequence"), "crm.hostname_conflict": ("warning", "sequence"),
        "crm.inet_addr_mismatch": ("note", "protocol"),
    }
    told = {}
    for name in ("attempts", "nobody answers", "no RegisterAck", "one address with two names",
                 "NAT: a collector behind it"):
        for message in found(DIALOGUES[name]):
            told.update({expert.name: (expert.severity, expert.group) for expert in message.experts})
    assert told == expected


def test_a_quiet_session_says_nothing(found):
    for name in ("by id", "everybody with fresh ids", "IPv6", "VLAN tags"):
        assert not any(message.experts for message in found(DIALOGUES[name])), name


def test_only_an_announcement_contradicts_its_sender(tshark):
    """A QueryAck names a host that it is about, and announces none."""
    rows = tshark.rows(PCAPS / "vrmjobs-py-id.pcapng", "crm.type", options=["-Y", "crm.inet_addr_mismatch"])
    assert rows == [[["2"]]]
