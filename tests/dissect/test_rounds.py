# SPDX-License-Identifier: GPL-2.0-or-later
"""How many hosts answered a probe, where one host answers it in different ways: by its id, and by the order."""

import pytest

from scenario import parse

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker1b WORKER 10.0.0.11 workerd:10500 node_exporter:9100 name=worker1
    host worker2 WORKER 10.0.0.12 workerd:10500
"""

ROUNDS = {
    "first by order, then by id": """
        1  0.0  collector probe a             | acks=1 in=2,3
        2  0.1  worker1 ack collector         | to=1
        3  0.2  worker1 ack collector a       | to=1
    """,
    "first by id, then by order": """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1
        3  0.2  worker1 ack collector         |
    """,
    "by order, by id, and by id with other contents": """
        1  0.0  collector probe a             | acks=1 in=2,3,4
        2  0.1  worker1 ack collector         | to=1
        3  0.2  worker1 ack collector a       | to=1
        4  0.3  worker1b ack collector a      | to=1
    """,
    "two probes, the later one by order": """
        1  0.0  collector probe a             | acks=1 in=4
        2  1.0  collector probe b             | acks=1 in=3,5
        3  1.1  worker1 ack collector         | to=2
        4  1.2  worker1 ack collector a       | to=1
        5  1.3  worker1 ack collector b       | to=2
    """,
    "two probes, the later one twice by id": """
        1  0.0  collector probe a             | acks=1 in=5
        2  1.0  collector probe b             | acks=1 in=3,4
        3  1.1  worker1 ack collector b       | to=2
        4  1.2  worker1b ack collector b      | to=2
        5  1.3  worker1 ack collector         | to=1
    """,
    "an id that was answered, once more at the next probe": """
        1  0.0  collector probe a             | acks=1 in=2
        2  0.1  worker1 ack collector a       | to=1
        3  1.0  collector probe b             | acks=1 in=4
        4  1.1  worker1b ack collector a      | to=3
        5  1.2  worker1 ack collector         |
    """,
    "two hosts, each its own way": """
        1  0.0  collector probe a             | acks=2 in=2,3,4,5
        2  0.1  worker1 ack collector         | to=1
        3  0.2  worker2 ack collector a       | to=1
        4  0.3  worker1 ack collector a       | to=1
        5  0.4  worker1b ack collector a      | to=1
    """,
}


@pytest.mark.parametrize("name", ROUNDS)
def test_a_host_counts_once(tshark, name):
    scenario = parse(HOSTS + ROUNDS[name])
    fields = ("crm.acks", "crm.response_in", "crm.response_to")
    rows = tshark.rows(scenario.write(tshark.new_capture()), *fields, options=("-2",))
    assert rows == [[datagram.expected[name] for name in fields] for datagram in scenario.datagrams]
