# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues that are hard to read rightly: ids that are not unique, hosts that look alike, several networks,
several datagrams in one frame, registrations that are none.

Of each kind there is a capture in cases/, and at least one more that is made
here. What is right was worked out by hand from the bytes.
"""

import re

import pytest

from content import changed, probe_ack, probe_init, register_ack
from odd import CASES, FLAGS, deinterlacing, dialogue, dialogue_in, differences, told
from pcapng import IEEE_802_11, Interface, Writer, aggregated, frames_of_datagram
from scenario import Scenario, parse
from statistics_reader import tree
from tshark import as_bytes

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host second COLLECTOR 10.0.0.3 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
"""


def _rounds(count, *outcomes):
    """count rounds of a probe, an answer and its RegisterAck, each on its own;
    outcomes are the words of each round's RegisterAck."""
    lines = []
    for index in range(count):
        frame = 3 * index + 1
        lines += [f"{frame} acks=1 in={frame + 1}", f"{frame + 1} to={frame} in={frame + 2}",
                  f"{frame + 2} to={frame + 1} {outcomes[index % len(outcomes)]}"]
    return "\n".join(lines)


FOUR_FAILURES = [f"attempt={i} !register_{'failed' if i < 4 else 'exhausted'}" for i in range(1, 5)]
STILL_FAILING = [f"attempt={i} !register_failed" for i in range(1, 5)]
V10, V20 = STILL_FAILING[:3], ["attempt=1"] * 3


def _on_two_vlans():
    """Two rounds side by side, the second VLAN's one frame behind the first's."""
    lines = []
    for index in range(3):
        for vlan, outcome in enumerate((V10[index], V20[index])):
            probe = 6 * index + 1 + vlan
            lines += [f"{probe} acks=1 in={probe + 2}", f"{probe + 2} to={probe} in={probe + 4}",
                      f"{probe + 4} to={probe + 2} {outcome}"]
    return "\n".join(lines)


CAPTURES = {
    "restart": _rounds(6, "attempt=1"),
    "constack": _rounds(4, *FOUR_FAILURES),
    "constreg": _rounds(4, *STILL_FAILING),
    "constid": _rounds(4, *FOUR_FAILURES),
    "batch": """
        1  acks=1 in=5
        2  acks=1 in=6
        3  dup=1
        4  dup=2
        5  to=1 !no_register
        6  to=2
    """,
    "clones": """
        1  acks=3 in=2,3,4
        2  to=1 in=5 !inet_addr_mismatch ?hostname_conflict
        3  to=1 in=6 !inet_addr_mismatch !hostname_conflict
        4  to=1 in=7 !inet_addr_mismatch !hostname_conflict
        5  to=2 attempt=1
        6  to=3 attempt=1 !register_failed
        7  to=4 attempt=1
        8  acks=3 in=9,10,11
        9  to=8 !inet_addr_mismatch ?hostname_conflict
        10 to=8 !inet_addr_mismatch ?hostname_conflict
        11 to=8 !inet_addr_mismatch ?hostname_conflict
    """,
    "v6forms": """
        1  !no_register
        2  !no_register
        3  !no_register
        4  ?no_register
        5  !inet_addr_mismatch !hostname_conflict
    """,
    "allinone-ephemeral": """
        1  acks=1 in=2 ?hostname_conflict
        2  to=1 in=3 ?hostname_conflict
        3  to=2 attempt=1 !register_failed
        4  acks=1 in=5 ?hostname_conflict
        5  to=4 in=6 ?hostname_conflict
        6  to=5 attempt=2 !register_failed
        7  acks=1 in=8 ?hostname_conflict
        8  to=7 in=9 ?hostname_conflict
        9  to=8 attempt=3 !register_failed
    """,
    "vlan2": _on_two_vlans(),
    "noreg": "2 !no_register",
    "amsdufrag": """
        6  acks=1 in=6,6 to=6,6 attempt=1 ?register_failed ?register_exhausted
        7  acks=0
    """,
    "icmp": """
        1  acks=3 in=2,3,4
        2  to=1 in=5
        3  to=1 in=7
        4  to=1 in=8
        5  to=2 attempt=1
        7  to=3 attempt=1 !register_failed
        8  to=4 attempt=1 !register_failed
    """,
}

CLONE_OF_ONE = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host clone WORKER 10.0.0.11 workerd:10500 name=worker1 from=10.0.0.12@10500
"""
STALE_ADDRESS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.11 workerd:10500 from=10.0.0.12@10500
"""
ROUTED = """
    host collector COLLECTOR 10.0.1.2 coordinatord:10100 collectord:9090 vlan=10
    host worker1 WORKER 10.0.2.11 workerd:10500 vlan=20
"""

OURS = {
    "a clone that announces the address of the machine that it was made of": CLONE_OF_ONE + """
        1  0.0   collector probe a              | acks=2 in=2,3
        2  0.1   worker1 ack collector a        | to=1 in=4
        3  0.2   clone ack collector a          | to=1 in=5 !hostname_conflict !inet_addr_mismatch
        4  0.3   collector ok worker1 a         | to=2
        5  0.4   collector ok clone a           | to=3
        6  15.0  collector probe b              | acks=2 in=7,8
        7  15.1  worker1 ack collector b        | to=6 in=9 !hostname_conflict
        8  15.2  clone ack collector b          | to=6 in=10 !hostname_conflict !inet_addr_mismatch
        9  15.3  collector ok worker1 b         | to=7
        10 15.4  collector ok clone b           | to=8
        11 30.0  collector probe c              | acks=0
    """,
    "an address that another machine has takes nothing away from it": STALE_ADDRESS + """
        1  0.0   collector probe                | acks=2 in=2,3
        2  0.1   worker1 ack collector          | to=1 in=4
        3  0.2   worker2 ack collector          | to=1 in=5 !inet_addr_mismatch !hostname_conflict
        4  0.3   collector fail worker1 left=3  | to=2
        5  0.4   collector fail worker2 left=2  | to=3
        6  1.4   worker1 ack collector          | in=7 !hostname_conflict
        7  1.5   collector fail worker1 left=2  | to=6 attempt=2
    """,
    "VLANs that were met before they are known to be one": ROUTED + """
        1  0.0      collector probe a              | acks=2 in=2,3
        2  0.1      worker1 ack collector a        | to=1 !no_register
        3  0.12     worker1 repeats 2 vlan=10      | to=1 in=4
        4  0.2      collector fail worker1 a left=3 | to=3
        5  15.0     collector probe b              | acks=1 in=6
        6  15.1     worker1 ack collector b        | to=5 in=8
        7  15.1003  worker1 repeats 6 vlan=10      | to=5 dup=6
        8  15.2     collector fail worker1 b left=2 | to=6 attempt=1
        9  30.0     collector probe c              | acks=1 in=10
        10 30.1     worker1 ack collector c        | to=9 in=12
        11 30.1003  worker1 repeats 10 vlan=10     | to=9 dup=10
        12 30.2     collector fail worker1 c left=1 | to=10 attempt=2
    """,
    "a mirrored answer of a worker": HOSTS + """
        1  0.0      collector probe a           | acks=1 in=2
        2  0.010    worker1 ack collector a     | to=1 in=4
        3  0.010012 worker1 repeats 2           | to=1 dup=2
        4  0.020    collector ok worker1 a      | to=2
        5  5.0      collector probe b           | acks=1 in=6
        6  5.010    worker1 ack collector b     | to=5
    """,
    "a loop carries an answer round, with other answers between": HOSTS + """
        1  0.0      collector probe a           | acks=2 in=2,4
        2  0.010    worker1 ack collector a     | to=1 in=7
        3  0.011    worker1 repeats 2           | to=1 dup=2
        4  0.0112   worker2 ack collector a     | to=1
        5  0.012    worker1 repeats 2           | to=1 dup=2
        6  0.013    worker1 repeats 2           | to=1 dup=2
        7  0.020    collector ok worker1 a      | to=2
    """,
    "a loop carries a probe round": HOSTS + """
        1  0.0      collector probe a           | acks=1 in=3
        2  0.001    collector repeats 1         | dup=1
        3  0.0015   worker1 ack collector a     | to=1
        4  0.002    collector repeats 1         | dup=1
        5  0.003    collector repeats 1         | dup=1
    """,
    "an answer is sent again long after, and nothing was asked since": HOSTS + """
        1  0.0      collector probe a           | acks=1 in=2
        2  0.010    worker1 ack collector a     | to=1
        3  30.0     worker1 repeats 2           | to=1 dup=2
        4  60.0     collector probe b           | acks=0
    """,
    "a mirror, and every id is the same": HOSTS + """
        1  0.0      collector probe :k              | acks=1 in=3
        2  0.000010 collector repeats 1             | dup=1
        3  0.010    worker1 ack collector :k        | to=1 in=5
        4  0.010010 worker1 repeats 3               | to=1 dup=3
        5  0.020    collector fail worker1 :k left=3    | to=3 attempt=1
        6  0.020010 collector repeats 5             | to=3 attempt=1 dup=5
        7  5.0      collector probe :k              | acks=1 in=9
        8  5.000010 collector repeats 7             | dup=7
        9  5.010    worker1 ack collector :k        | to=7 in=11
        10 5.010010 worker1 repeats 9               | to=7 dup=9
        11 5.020    collector fail worker1 :k left=3    | to=9 attempt=2
        12 5.020010 collector repeats 11            | to=9 attempt=2 dup=11
    """,
    "a constant id per collector": HOSTS + """
        1  0.0   collector probe :c1            | acks=1 in=3
        2  0.1   second probe :c2               | acks=1 in=4
        3  0.2   worker1 ack collector :c1      | to=1 !no_register
        4  0.3   worker1 ack second :c2         | to=2 !no_register
        5  5.0   collector probe :c1            | acks=1 in=7
        6  5.1   second probe :c2               | acks=1 in=8
        7  5.2   worker1 ack collector :c1      | to=5
        8  5.3   worker1 ack second :c2         | to=6
    """,
    "empty ids everywhere": HOSTS + """
        1  0.0   collector probe :              | acks=2 in=2,3
        2  0.1   worker1 ack collector :        | to=1 in=4
        3  0.2   worker2 ack collector :        | to=1 in=5
        4  0.3   collector fail worker1 : left=2    | to=2
        5  0.4   collector ok worker2 :         | to=3
        6  5.0   collector probe :              | acks=2 in=7,8
        7  5.1   worker2 ack collector :        | to=6 in=10
        8  5.2   worker1 ack collector :        | to=6 in=9
        9  5.3   collector fail worker1 : left=2    | to=8 attempt=2
        10 5.4   collector ok worker2 :         | to=7
    """,
    "answers with empty ids to probes with unique ones": HOSTS + """
        1  0.0   collector probe a              | acks=1 in=2
        2  0.1   worker1 ack collector :        | to=1 in=3
        3  0.2   collector ok worker1 :         | to=2
        4  5.0   collector probe b              | acks=1 in=5
        5  5.1   worker1 ack collector :        | to=4 in=6
        6  5.2   collector ok worker1 :         | to=5
    """,
    "a worker with empty ids, and two collectors of which one has them too": HOSTS + """
        1  0.0   collector probe :              | acks=1 in=3
        2  0.1   second probe b                 | acks=1 in=4
        3  0.2   worker1 ack collector :        | to=1
        4  0.3   worker1 ack second :           | to=2
    """,
    "an answer to nothing, after others that all had one id": HOSTS + """
        1  0.0   collector probe :k             | acks=1 in=2
        2  0.1   worker1 ack collector :k       | to=1 !no_register
        3  5.0   collector probe :k             | acks=1 in=4
        4  5.1   worker1 ack collector :k       | to=3 !no_register
        5  6.0   worker1 ack collector          |
    """,
    "two probes with an empty id, both mirrored": HOSTS + """
        1  0.0      collector probe :           | acks=1 in=3
        2  0.000010 collector repeats 1         | dup=1
        3  0.010    worker1 ack collector :     | to=1 !no_register
        4  5.0      collector probe :           | acks=1 in=6
        5  5.000010 collector repeats 4         | dup=4
        6  5.010    worker1 ack collector :     | to=4
    """,
    "three probes back to back, mirrored in one go, and the answers too": HOSTS + """
        1  0.0      collector probe x           | acks=1 in=7
        2  0.000010 collector probe y           | acks=1 in=8
        3  0.000020 collector probe z           | acks=1 in=9
        4  0.000030 collector repeats 1         | dup=1
        5  0.000040 collector repeats 2         | dup=2
        6  0.000050 collector repeats 3         | dup=3
        7  0.005    worker1 ack collector x     | to=1 !no_register
        8  0.005010 worker1 ack collector y     | to=2 !no_register
        9  0.005020 worker1 ack collector z     | to=3
        10 0.005030 worker1 repeats 7           | to=1 dup=7
        11 0.005040 worker1 repeats 8           | to=2 dup=8
        12 0.005050 worker1 repeats 9           | to=3 dup=9
    """,
    "a collector that numbers its probes restarts": HOSTS + """
        1  0.0   collector probe :1             | acks=1 in=2
        2  0.1   worker1 ack collector :1       | to=1 !no_register
        3  5.0   collector probe :2             | acks=1 in=4
        4  5.1   worker1 ack collector :2       | to=3 !no_register
        5  30.0  collector probe :1             | acks=1 in=6
        6  30.1  worker1 ack collector :1       | to=5 !no_register
        7  35.0  collector probe :2             | acks=1 in=8
        8  35.1  worker1 ack collector :2       | to=7
    """,
    "a worker's own numbers meet those of probes that it let pass": HOSTS + """
        1  0.0   collector probe :3             | acks=1 in=2
        2  0.1   worker1 ack collector :1       | to=1 !no_register
        3  5.0   collector probe :4             | acks=0 !no_response
        4  10.0  collector probe :5             | acks=1 in=5
        5  10.1  worker1 ack collector :2       | to=4 !no_register
        6  15.0  collector probe :6             | acks=1 in=7
        7  15.1  worker1 ack collector :3       | to=6 !no_register
        8  20.0  collector probe :7             | acks=1 in=9
        9  20.1  worker1 ack collector :4       | to=8
    """,
    "::ffff: is the same address": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host plain WORKER 10.0.0.11 workerd:10500 name=worker1
        host mapped WORKER ::ffff:10.0.0.11 workerd:10500 name=worker1 from=10.0.0.11@10500
        host hex WORKER ::FFFF:A00:B workerd:10500 name=worker1 from=10.0.0.11@10500
        1  0.0   collector probe a              | acks=1 in=2
        2  0.1   plain ack collector a          | to=1 !no_register
        3  5.0   collector probe b              | acks=1 in=4
        4  5.1   mapped ack collector b         | to=3 !no_register
        5  10.0  collector probe c              | acks=1 in=6
        6  10.1  hex ack collector c            | to=5 in=7
        7  10.2  collector ok plain c           | to=6
    """,
    "IPv4 addresses in IPv6 datagrams": HOSTS + """
        1  0.0   collector probe                | acks=1 in=2
        2  0.1   worker1 ack collector from=::ffff:10.0.0.11@10500 to=::ffff:10.0.0.2@10100     | to=1 in=3
        3  0.2   collector ok worker1           | to=2
    """,
    "a zone is no part of an address": """
        host collector COLLECTOR fe80::2 coordinatord:10100
        host bare WORKER fe80::11 workerd:10500 name=worker1
        host named WORKER fe80::11%eth0 workerd:10500 name=worker1 from=fe80::11@10500
        host numbered WORKER FE80:0::11%2 workerd:10500 name=worker1 from=fe80::11@10500
        1  0.0   collector probe a              | acks=1 in=2
        2  0.1   bare ack collector a           | to=1 !no_register
        3  5.0   collector probe b              | acks=1 in=4
        4  5.1   named ack collector b          | to=3 !no_register
        5  10.0  collector probe c              | acks=1 in=6
        6  10.1  numbered ack collector c       | to=5
    """,
    "collector and worker on one machine, ids of their own, usual ports": """
        host collector COLLECTOR 192.168.1.5 collectord:9090 name=box
        host worker WORKER 192.168.1.5 workerd:10500 name=box
        1  0.0   collector probe                | acks=1 in=2
        2  0.1   worker ack collector           | to=1 in=3
        3  0.2   collector fail worker left=1   | to=2
        4  5.0   collector probe                | acks=1 in=5
        5  5.1   worker ack collector           | to=4 in=6
        6  5.2   collector ok worker            | to=5 attempt=2
    """,
    "collector and worker on one machine, and a worker elsewhere": """
        host collector COLLECTOR 10.0.0.2 collectord:9090 name=box
        host here WORKER 10.0.0.2 workerd:10500 name=box
        host there WORKER 10.0.0.12 workerd:10500
        1  0.0  collector probe from=10.0.0.2@40001                     | acks=2 in=2,3
        2  0.1  there ack collector to=10.0.0.2@9090 from=10.0.0.12@40002   | to=1 in=5
        3  0.2  here ack collector to=10.0.0.2@9090 from=10.0.0.2@40003     | to=1 in=4
        4  0.3  collector fail here left=1 to=10.0.0.2@10500 from=10.0.0.2@40004    | to=3
        5  0.4  collector ok there to=10.0.0.12@10500 from=10.0.0.2@40005           | to=2
    """,
    "a worker on the machine of a collector that announces nothing": """
        host collector COLLECTOR 10.0.0.2 collectord:9090 name=box
        host here WORKER 10.0.0.2 workerd:10500 name=box
        host there WORKER 10.0.0.12 workerd:10500
        1  0.0  collector fail there a left=2   | attempt=1
        2  0.1  here ack collector b            |
        3  0.2  collector fail there c left=1   | attempt=2
    """,
    "two customers' VLANs in a provider's": """
        host c1 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=100,10
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=100,10
        host c2 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=200,10
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=200,10
        1  0.0   c1 probe                       | acks=1 in=4
        2  0.001 c2 probe                       | acks=1 in=3
        3  0.1   w2 ack c2                      | to=2 in=6
        4  0.2   w1 ack c1                      | to=1 in=5
        5  0.3   c1 fail w1 left=3              | to=4
        6  0.4   c2 ok w2                       | to=3
        7  5.0   c1 probe                       | acks=1 in=8
        8  5.1   w1 ack c1                      | to=7 in=9
        9  5.2   c1 fail w1 left=2              | to=8 attempt=2
    """,
    "only one direction has a tag": HOSTS.replace("worker1 WORKER 10.0.0.11", "worker1 WORKER 10.0.0.11 vlan=10") + """
        1  0.0   worker1 ack collector          | in=2
        2  0.1   collector ok worker1           | to=1
    """,
    **{f"it begins in the middle, with {first}, and {tags}": f"""
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 {collector}
        host worker1 WORKER 10.0.0.11 workerd:10500 {worker}
        1  0.0   {datagram}                     | {said}
        2  5.0   collector probe                | acks=1 in=3
        3  5.1   worker1 ack collector          | to=2 in=4
        4  5.2   collector ok worker1           | to=3
        5  10.0  collector probe                | !no_response
        6  15.0  collector probe                |
    """ for tags, collector, worker in (("another tag each way", "vlan=10", "vlan=20"), ("a tag one way", "vlan=10", ""),
                                         ("a tag the other way", "", "vlan=20"))
       for first, datagram, said in (("an answer", "worker1 ack collector", "!no_register"),
                                     ("a RegisterAck", "collector ok worker1", ""))},
    "a worker that counts by itself is late": HOSTS + """
        1  0.0   collector probe :0             | !no_response
        2  5.0   collector probe :1             | acks=1 in=3
        3  5.1   worker1 ack collector :1       | to=2 !no_register
        4  10.0  collector probe :2             | acks=1 in=5
        5  10.1  worker1 ack collector :2       | to=4 !no_register
        6  15.0  collector probe :3             | !no_response
        7  20.0  collector probe :4             | acks=1 in=8
        8  20.1  worker1 ack collector :3       | to=7
    """,
    "a collector that counts by itself leaves an answer out": HOSTS + """
        1  0.0   collector probe a              | acks=1 in=2
        2  0.1   worker1 ack collector :1       | to=1 in=3
        3  0.2   collector ok worker1 :1        | to=2
        4  5.0   collector probe b              | acks=1 in=5
        5  5.1   worker1 ack collector :2       | to=4 in=6
        6  5.2   collector ok worker1 :2        | to=5
        7  10.0  collector probe c              | acks=1 in=8
        8  10.1  worker1 ack collector :3       | to=7 !no_register
        9  15.0  collector probe d              | acks=1 in=10
        10 15.1  worker1 ack collector :4       | to=9 in=11
        11 15.2  collector ok worker1 :3        | to=10
    """,
    "a probe without a time comes again with one": HOSTS + """
        1  -     collector probe a              | acks=1 in=3
        2  1.0   collector repeats 1            | dup=1
        3  1.1   worker1 ack collector a        | to=1
    """,
    "three VLANs are one": """
        host c COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host y WORKER 10.0.0.12 workerd:10500 vlan=30
        host w WORKER 10.0.0.13 workerd:10500 vlan=40
        1  0.0   c probe a                      | acks=1 in=2
        2  1.0   y ack c q                      | to=1
        3  1.001 y repeats 2 vlan=40            | to=1 dup=2
        4  2.0   c probe b                      | acks=1 in=6
        5  2.001 c repeats 4 vlan=30            | dup=4
        6  2.1   w ack c b to=10.0.0.77@10100   | to=4
    """,
    "it begins in the middle, and two VLANs are alike": """
        host c1 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host c2 COLLECTOR 10.0.0.2 collectord:9090 name=collector vlan=20
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=20
        1  0.0   w2 ack c2                      |
        2  1.0   c1 probe                       | acks=1 in=5
        3  2.0   c2 probe                       | acks=1 in=4
        4  2.1   w2 ack c2                      | to=3 in=7
        5  2.2   w1 ack c1                      | to=2 in=6
        6  2.3   c1 fail w1 left=3              | to=5
        7  2.4   c2 ok w2                       | to=4
        8  6.0   c1 probe                       | acks=1 in=9
        9  6.1   w1 ack c1                      | to=8 in=10
        10 6.2   c1 fail w1 left=2              | to=9 attempt=2
    """,
    "an address that two VLANs have tells nothing in a third": """
        host collector COLLECTOR 10.0.0.2 collectord:9090
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker2 vlan=20
        host w3 WORKER 10.0.0.12 workerd:10500 name=worker3 vlan=20
        1  0.0   w1 ack collector               |
        2  0.1   w2 ack collector               |
        3  0.2   w3 ack collector               | in=5
        4  0.3   collector ok w1 vlan=30        |
        5  0.4   collector ok w3 vlan=30        | to=3
    """,
    "an address that a VLAN and the untagged network have tells nothing in a third": """
        host collector COLLECTOR 10.0.0.2 collectord:9090
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker2
        host w3 WORKER 10.0.0.12 workerd:10500 name=worker3
        1  0.0   w1 ack collector               | in=6
        2  0.1   w2 ack collector               | in=7
        3  0.2   w3 ack collector               | in=5
        4  0.3   collector ok w1 vlan=30        |
        5  0.4   collector ok w3 vlan=30        | to=3
        6  0.5   collector ok w1 vlan=10        | to=1
        7  0.6   collector ok w2 vlan=0         | to=2
    """,
    "an id is looked for in the network of the answer": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host w2 WORKER 10.0.0.12 workerd:10500 name=worker2 vlan=20
        host elsewhere COLLECTOR 10.0.0.77 coordinatord:10100
        1  0.0   collector probe a             | acks=1 in=3
        2  0.1   w2 ack elsewhere a            |
        3  0.2   w1 ack elsewhere a            | to=1
    """,
    "an address that two VLANs have, of which one announces more": """
        host collector COLLECTOR 10.0.0.2 collectord:9090
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker2 vlan=20
        host more WORKER 10.0.0.11 workerd:10500 extra:1 name=worker2 vlan=20
        1  0.0   w1 ack collector               |
        2  0.1   w2 ack collector               | !no_register
        3  0.2   more ack collector             |
        4  0.3   collector ok w1 vlan=30        |
    """,
    "a collector and a worker on one machine, and a router out of sight": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host local WORKER 10.0.0.2 workerd:10500 vlan=10
        1  0.0   collector probe                | acks=1 in=2
        2  0.1   local ack collector            | to=1 in=3 !hostname_conflict
        3  0.2   collector ok local vlan=30 to=10.0.0.2@40000 | to=2
    """,
    "a host that is met with a tag and without, and a router out of sight": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1
        1  0.0      w1 ack collector            | in=3
        2  0.00005  w1 repeats 1 vlan=10        | dup=1
        3  0.3      collector ok w1 vlan=30     | to=1
    """,
    "a worker that announces more, and a router out of sight": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 vlan=10
        host more WORKER 10.0.0.11 workerd:10500 extra:1 name=w1 vlan=10
        1  0.0   collector probe a              | acks=1 in=2
        2  0.1   w1 ack collector a             | to=1 !no_register
        3  5.0   collector probe b              | acks=1 in=4
        4  5.1   more ack collector b           | to=3 in=5
        5  5.2   collector ok w1 b vlan=30      | to=4
    """,
    "a clone in a VLAN that is the same network": """
        host collector COLLECTOR 10.0.0.2 coordinatord:10100 vlan=10
        host w1 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10
        host w2 WORKER 10.0.0.11 workerd:10500 name=worker1 vlan=10 from=10.0.0.12@10500
        1  0.0      collector probe a           | acks=2 in=3,4
        2  0.00005  collector repeats 1 vlan=30 | dup=1
        3  0.1      w1 ack collector a          | to=1
        4  0.2      w2 ack collector a          | to=1 in=5 !inet_addr_mismatch !hostname_conflict
        5  0.3      collector fail w2 a left=2  | to=4
        6  5.0      collector probe b           | acks=1 in=7
        7  5.1      w2 ack collector b vlan=30  | to=6 in=8 !inet_addr_mismatch !hostname_conflict
        8  5.2      collector fail w2 b left=1  | to=7 attempt=2
    """,
    "a trunk on which a router's both sides are seen": """
        host collector COLLECTOR 10.0.10.2 collectord:9090 vlan=10
        host worker1 WORKER 10.0.20.11 workerd:10500 vlan=20
        1  0.0      collector probe a                   | acks=1 in=3
        2  0.000050 collector repeats 1 vlan=20         | dup=1
        3  0.010    worker1 ack collector a             | to=1 in=5
        4  0.010050 worker1 repeats 3 vlan=10           | to=1 dup=3
        5  0.020    collector fail worker1 a left=2     | to=3
        6  0.020050 collector repeats 5 vlan=20         | to=3 dup=5
        7  5.0      collector probe b                   | acks=1 in=9
        8  5.000050 collector repeats 7 vlan=20         | dup=7
        9  5.010    worker1 ack collector b             | to=7 in=11
        10 5.010050 worker1 repeats 9 vlan=10           | to=7 dup=9
        11 5.020    collector ok worker1 b              | to=9 attempt=2
        12 5.020050 collector repeats 11 vlan=20        | to=9 attempt=2 dup=11
    """,
    "no_register is counted for each collector": HOSTS + """
        1  0.0   worker1 ack collector          | !no_register
        2  0.1   worker1 ack second             |
        3  0.2   worker2 ack second             |
        4  0.3   worker1 ack collector          |
    """,
}


@pytest.mark.parametrize("name", CAPTURES)
def test_capture(sharkd, name):
    assert not differences(dialogue_in(sharkd.messages(CASES / f"{name}.pcap")), CAPTURES[name])


def _as_text(scenario):
    """What a script expects, in the notation of the captures'. Who shares an
    address and who has two names is another test's business."""
    lines = []
    for number, datagram in enumerate(scenario.datagrams, 1):
        values = {short: ",".join(datagram.expected[f"crm.{name}"]) for short, name in
                  (("in", "response_in"), ("to", "response_to"), ("acks", "acks"), ("attempt", "attempt"),
                   ("dup", "duplicate_of"))}
        flags = " ".join("!" + name.removeprefix("crm.") for name in datagram.expected["experts"])
        lines.append(f"{number} " + " ".join(f"{k}={v}" for k, v in values.items() if v) + " " + flags)
    return "\n".join(lines)


@pytest.mark.parametrize("name", OURS)
def test_dialogue(tshark, sharkd, name):
    scenario = parse(OURS[name])
    found = dialogue_in(sharkd.messages(scenario.write(tshark.new_capture())))
    assert not differences(found, _as_text(scenario))


CLONES = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100
    host first WORKER 127.0.1.1 workerd:10500 name=debian from=10.0.0.11@10500
    host other WORKER 127.0.1.1 workerd:10500 name=debian from=10.0.0.12@10500
    1  0.0   collector probe                | acks=2 in=2,3
    2  0.1   first ack collector            | to=1 in=4
    3  0.2   other ack collector            | to=1 in=5
    4  0.3   collector ok first             | to=2
    5  0.4   collector fail other left=2    | to=3
    6  5.0   collector probe                | acks=1 in=7
    7  5.1   other ack collector            | to=6 in=8
    8  5.2   collector fail other left=1    | to=7 attempt=2
"""


def test_clones_with_ids_of_their_own_are_two_hosts(tshark):
    scenario = parse(CLONES)
    found = dialogue(tshark, scenario.write(tshark.new_capture()))
    without = {frame: (numbers, flags - {"inet_addr_mismatch", "hostname_conflict"})
               for frame, (numbers, flags) in found.items()}
    assert not differences(without, _as_text(scenario))
    assert "hostname_conflict" in found[3][1]


def _conflicts(texts):
    return [text for text in texts if "10.0.0.1" in text and ("127.0.1.1" in text or "debian" in text)]


def test_the_conflict_of_clones_names_the_machines(tshark):
    """Who reads it has to know which machines to look at."""
    texts = told(tshark, CASES / "clones.pcap")
    assert any("10.0.0.11" in text for text in _conflicts(texts[2]) if "10.0.0.12" in text)
    assert any("10.0.0.13" in text and ("10.0.0.11" in text or "10.0.0.12" in text) for text in _conflicts(texts[3]))
    ours = told(tshark, parse(CLONES).write(tshark.new_capture()))
    assert any("10.0.0.11" in text and "10.0.0.12" in text for text in _conflicts(ours[2]))


def test_the_conflict_of_clones_names_machines_of_ipv6(tshark):
    texts = told(tshark, parse("""
        host collector COLLECTOR fd00::2 coordinatord:10100
        host first WORKER ::1 workerd:10500 name=debian from=fd00::11@10500
        host other WORKER ::1 workerd:10500 name=debian from=fd00::12@10500
        1  0.0  collector probe
        2  0.1  first ack collector
        3  0.2  other ack collector
    """).write(tshark.new_capture()))
    assert any("is announced from fd00::12, and from fd00::11 in frame 2:" in text for text in texts[2])


def test_spellings_of_an_address_are_no_finding(tshark):
    for name in ("::ffff: is the same address", "a zone is no part of an address"):
        texts = told(tshark, parse(OURS[name]).write(tshark.new_capture()))
        assert not [text for row in texts for text in row if "address" in text], name


@pytest.mark.parametrize("sent", ['"id": 1', '"id": null', '"id": [2.5]', '"ID": 1', '"id": "1"'])
def test_what_comes_twice_is_known_whatever_the_id_is(tshark, sharkd, sent):
    """Each datagram and a mirror's copy of it, in two rounds; no id differs, or there is none."""
    script, lines = HOSTS, []
    for start in (0, 7):
        probe, ack, register = start + 1, start + 3, start + 5
        script += f"""
            {probe}      {start}.0   collector probe :1
            {probe + 1}  {start}.001 collector repeats {probe}
            {ack}        {start}.1   worker1 ack collector :1
            {ack + 1}    {start}.101 worker1 repeats {ack}
            {register}   {start}.2   collector ok worker1 :1
            {register+1} {start}.201 collector repeats {register}
            {start + 7}  {start}.3   worker2 ack collector :1
        """
        lines += [f"{probe} acks=2 in={ack},{start + 7}", f"{probe + 1} dup={probe}", f"{ack} to={probe} in={register}",
                  f"{ack + 1} to={probe} dup={ack}", f"{register} to={ack} attempt=1",
                  f"{register + 1} to={ack} attempt=1 dup={register}", f"{start + 7} to={probe}"]
    scenario = parse(script)
    for datagram in scenario.datagrams:
        assert b'"id": "1"' in datagram.payload
        datagram.payload = datagram.payload.replace(b'"id": "1"', sent.encode())
    found = dialogue_in(sharkd.messages(scenario.write(tshark.new_capture())))
    assert not [line for line in differences(found, "\n".join(lines)) if "no_register" not in line]


def test_an_id_that_is_no_text_tells_what_is_answered(tshark, sharkd):
    scenario = parse(HOSTS + """
        1 0.0 collector probe :a
        2 0.6 collector probe :b
        3 0.7 worker1 ack collector :a
        4 0.8 worker2 ack collector :b
    """)
    for datagram in scenario.datagrams:
        datagram.payload = re.sub(rb'"id": "(.)"', rb'"id": {"py/object": "uuid.UUID", "hex": "\1"}', datagram.payload)
        assert b"uuid.UUID" in datagram.payload
    found = dialogue_in(sharkd.messages(scenario.write(tshark.new_capture())))
    assert (found[3][0]["to"], found[4][0]["to"]) == ("1", "2")


def test_who_was_met_in_two_networks_is_not_silent_in_one(tshark, sharkd):
    """When they are known to be one, there is one host to answer."""
    scenario = parse(OURS["VLANs that were met before they are known to be one"])
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert not [message.values("crm.silent_host") for message in messages if message.values("crm.silent_host")]


def test_a_host_stays_itself_when_its_network_is_tied_to_another(tshark, sharkd):
    """The collector announces one daemon more after a router was seen: who was silent is known all the same."""
    scenario = parse(ROUTED + """
        host changed COLLECTOR 10.0.1.2 coordinatord:10100 collectord:9090 extra:1 vlan=10 name=collector
        1 0.0    collector probe a
        2 0.1    worker1 ack collector a
        3 0.1003 worker1 repeats 2 vlan=10
        4 0.2    collector ok worker1 a
        5 15.0   changed probe b
        6 30.0   changed probe c
    """)
    messages = sharkd.messages(scenario.write(tshark.new_capture()))
    assert [message.values("crm.silent_host") for message in messages] == [[]] * 4 + [["worker1 (10.0.2.11)"]] + [[]]


# VLANs, as the user has them read

OUT_OF_SIGHT = """
    host collector COLLECTOR 10.0.10.2 coordinatord:10100 vlan=10
    host worker1 WORKER 10.0.20.11 workerd:10500 vlan=20
    1  0.0   collector probe a              | acks=1 in=2
    2  0.1   worker1 ack collector          | to=1 in=3
    3  0.2   collector ok worker1           | to=2
"""
KEPT_APART = "1 acks=0\n2\n3 attempt=1"


@pytest.mark.parametrize("value, right", [("NONE", None), ("VM.", KEPT_APART)])
def test_a_router_that_is_out_of_sight(tshark, value, right):
    """A host that is in one VLAN only is found from others, unless VLANs are kept apart."""
    scenario = parse(OUT_OF_SIGHT)
    found = dialogue(tshark, scenario.write(tshark.new_capture()), *deinterlacing(tshark, value))
    assert not differences(found, right or _as_text(scenario))


@pytest.mark.parametrize("value", ["NONE", "VM."])
@pytest.mark.parametrize("name", ["two customers' VLANs in a provider's", "a trunk on which a router's both sides are seen"])
def test_what_the_capture_shows_of_vlans_needs_no_preference(tshark, name, value):
    scenario = parse(OURS[name])
    found = dialogue(tshark, scenario.write(tshark.new_capture()), *deinterlacing(tshark, value))
    assert not differences(found, _as_text(scenario))


def test_a_register_ack_that_is_routed_shows_that_vlans_are_one(tshark):
    """It announces nobody, and tells the way all the same."""
    scenario = parse(ROUTED + """
        1  0.0     collector probe a               | acks=1 in=4
        2  0.1     collector ok worker1            |
        3  0.1001  collector repeats 2 vlan=20     | dup=2
        4  0.2     worker1 ack collector           | to=1
    """)
    found = dialogue(tshark, scenario.write(tshark.new_capture()), *deinterlacing(tshark, "VM."))
    assert not differences(found, _as_text(scenario))


# Several datagrams in one frame

WRAPPED = """
    1  acks=1 in=1,1 to=1,1 attempt=1 !inet_addr_mismatch !register_failed
    2  acks=1 in=3
    3  to=2,3 in=3 attempt=2 !inet_addr_mismatch
"""


def _unwrapping(tshark):
    """-X for a copy of the script that tshark may read."""
    return "-X", f"lua_script:{tshark.readable(CASES / 'wrap.lua')}"


def test_each_datagram_of_a_frame_has_a_record_of_its_own(tshark):
    found = dialogue(tshark, CASES / "wrap.pcap", *_unwrapping(tshark))
    assert not differences(found, WRAPPED)


def _wrapped(tshark, *frames):
    """A capture whose frames carry the datagrams of a scenario, by number."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("collectord", 9090)])
    workers = [scenario.host(f"worker{i}", "WORKER", "10.0.0.2") for i in (1, 2, 3)]
    scenario.probe(0, collector, "a")
    for worker in workers:
        scenario.ack(0, worker, collector, "a")
    scenario.probe(0, collector, "b")
    scenario.ack(0, workers[1], collector, "b")
    path = tshark.new_capture()
    with Writer(path) as writer:
        for numbers in frames:
            payloads = [scenario.datagrams[number - 1].payload for number in numbers]
            writer.udp(b"".join(len(p).to_bytes(2, "big") + p for p in payloads), ("10.0.0.2", 7000),
                       ("10.0.0.2", 7000))
    return path


@pytest.mark.parametrize("frames, right", [
    (((1, 2, 3, 4), (5, 6)), "1 acks=3 in=1,1,1 to=1,1,1\n2 acks=1 in=2 to=2"),
    (((1, 2), (3, 5), (6, 4)), "1 acks=3 in=1,2,3 to=1\n2 to=1 acks=1 in=3\n3 to=2,1"),
], ids=["answers with their probe", "answers across frames"])
def test_several_datagrams_of_a_frame(tshark, frames, right):
    found = dialogue(tshark, _wrapped(tshark, *frames), *_unwrapping(tshark))
    numbers = {frame: (values, set()) for frame, (values, _) in found.items()}
    assert not differences(numbers, right)


def test_a_frame_that_is_left_out_hides_none(tshark):
    """Its two datagrams had the number that the next frame, with one, has now."""
    options = (*_unwrapping(tshark), "-2", "-R", "frame.len < 700")
    assert tshark.rows(_wrapped(tshark, (1, 2), (5,)), "crm.acks", options=options) == [[["0"]]]


def test_what_is_empty_does_not_take_the_place_of_another(tshark):
    """Nothing, and then a message, in each frame."""
    path, scenario = tshark.new_capture(), parse(HOSTS + "1 0.0 collector probe a\n2 0.1 worker1 ack collector a")
    with Writer(path) as writer:
        for payload in (datagram.payload for datagram in scenario.datagrams):
            writer.udp(bytes(2) + len(payload).to_bytes(2, "big") + payload, ("10.0.0.2", 7000), ("10.0.0.2", 7000))
    found = dialogue(tshark, path, *_unwrapping(tshark))
    numbers = {frame: (values, set()) for frame, (values, _) in found.items()}
    assert not differences(numbers, "1 acks=1 in=2\n2 to=1")


TWICE = """
local twice, crm = Proto("twice", "Twice"), Dissector.get("crm")
function twice.dissector(buffer, pinfo, tree)
    crm:call(buffer, pinfo, tree)
    crm:call(buffer, pinfo, tree)
    return buffer:len()
end
DissectorTable.get("udp.port"):add(7000, twice)
"""


def test_a_datagram_that_is_handed_over_twice(tshark):
    """It is one, and what is known of it stands in both of its trees."""
    scenario = Scenario()
    collector = scenario.host("collector", "COLLECTOR", "10.0.0.2", [("collectord", 9090)])
    worker = scenario.host("worker1", "WORKER", "10.0.0.2")
    scenario.probe(0, collector, "a")
    scenario.ack(0, worker, collector, "a")
    path, script = tshark.new_capture(), tshark.directory / "write" / "twice.lua"
    with Writer(path) as writer:
        for datagram in scenario.datagrams:
            writer.udp(datagram.payload, ("10.0.0.2", 7000), ("10.0.0.2", 7000))
    script.write_text(TWICE, encoding="ascii")
    found = dialogue(tshark, path, "-X", f"lua_script:{script}")
    numbers = {frame: (values, set()) for frame, (values, _) in found.items()}
    assert not differences(numbers, "1 acks=1,1 in=2,2\n2 to=1,1")


# Registrations that are none

NO_OUTCOME = {3: "refused", 4: "cut", 5: "a ProbeInit", 6: "of no known class", 7: "a status that is no boolean"}


def test_only_what_the_receiver_takes_has_an_outcome(tshark):
    found = dialogue(tshark, CASES / "badreg.pcap")
    outcome = {"register_failed", "register_exhausted"}
    wrong = [f"frame {frame}, {why}" for frame, why in NO_OUTCOME.items()
             if "attempt" in found[frame][0] or found[frame][1] & outcome]
    assert not wrong


def test_nobody_gives_up_by_retries_that_are_no_number(tshark):
    """Frame 8 says none, 10 and 11 a fraction and a boolean."""
    found = dialogue(tshark, CASES / "badreg.pcap")
    assert not [frame for frame in (8, 10, 11) if "register_exhausted" in found[frame][1]]


REGISTER = ('{"py/object": "dtos.register_ack.RegisterAck", "id": "%s", "info": {"py/object": '
            '"dtos.register_info.RegisterInfo", "status": %s, "message": {"py/tuple": ["m"]}, "max_retries": 0}, '
            '"type": {"py/reduce": [{"py/type": "dtos.crm_pkt_type.CrmPktType"}, {"py/tuple": [%d]}]}}')


@pytest.mark.parametrize("payload", [
    REGISTER % ("a", "false", 2), REGISTER % ("a", '"false"', 3), REGISTER % ("a", "null", 3),
    REGISTER % ("a", "false", 3) + "x", "\ufeff" + REGISTER % ("a", "false", 3),
    REGISTER.replace("RegisterInfo", "Surprise") % ("a", "false", 3),
], ids=["of another type", "status is a text", "status is null", "text behind it", "a byte order mark",
        "an info of no known class"])
def test_what_is_no_registration(tshark, payload):
    """An outcome that its receiver never learns, beside one that it does."""
    good = REGISTER % ("b", "false", 3)
    capture = tshark.capture([payload, good])
    found = dialogue(tshark, capture)
    assert not found[1][1] & {"register_failed", "register_exhausted"}
    assert "register_exhausted" in found[2][1] and found[2][0]["attempt"] == "1"


def _in_aggregates(tshark, *frames):
    """A capture of frames with several (payload, source, target) each."""
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface(linktype=IEEE_802_11),)) as writer:
        for datagrams in frames:
            writer.frame(aggregated([frame for payload, *ends in datagrams
                                     for frame in frames_of_datagram(as_bytes(payload), *ends)]))
    return path


def test_whose_address_is_another_is_told_of_each_datagram_of_a_frame(tshark):
    """In the statistics, too, which come when the whole frame is dissected."""
    collector, worker, elsewhere = ("10.0.0.2", 10100), ("10.0.0.11", 10500), ("10.0.0.99", 10500)
    for source, right in ((worker, {"none": 2}), (elsewhere, {"none": 1, "crm.inet_addr_mismatch": 1})):
        capture = _in_aggregates(tshark, [(probe_ack(), source, collector), (register_ack(), collector, worker)])
        assert tree(tshark.run("-r", capture, "-q", "-z", "crm,tree"))["Expert Information"] == right


def test_a_single_pass_counts_what_it_tells_of_each_datagram_of_a_frame(tshark):
    """When the frame is counted, the next probe is known, and a late answer, which were not when it was told."""
    collector, worker, everybody = ("10.0.0.2", 10100), ("10.0.0.11", 10500), ("10.0.0.255", 10500)
    probes = {word: (changed(probe_init(), "id", word), collector, everybody) for word in "abcd"}
    acks = {word: (changed(probe_ack(), "id", word), worker, collector) for word in "ab"}
    for frames, right in (
            ([[probes["a"], probes["b"]]], {"none": 2}),
            ([[acks["a"], acks["b"]]], {"none": 2}),
            ([[probes["a"]], [acks["a"]], [probes["b"]], [probes["c"], acks["b"]]], {"none": 4, "crm.host_silent": 1})):
        capture = _in_aggregates(tshark, *frames)
        said = tshark.run("-r", capture, "-q", "-z", "crm,tree", "-z", "expert")
        assert tree(said)["Expert Information"] == right
        assert said.count("did not answer the probe") == right.get("crm.host_silent", 0) and "Nobody" not in said


def test_what_a_later_pass_takes_for_crm_does_not_take_the_place_of_another(tshark):
    """No port is known. What is broken beside a ProbeAck is CRM for the ports that the ProbeAck has made known."""
    collector, worker = ("10.0.0.2", 20501), ("10.0.0.11", 20502)
    capture = _in_aggregates(tshark, [(probe_init(), collector, ("10.0.0.255", 20503))],
                             [(b"{junk", worker, collector), (probe_ack(), worker, collector)])
    _, broken, answer = re.split("^ *Cloudless.*$", tshark.run("-r", capture, "-2", "-V"), flags=re.MULTILINE)[-3:]
    assert "Malformed" in broken and "Response To" not in broken and "[Response To: 1]" in answer


def test_all_flags_are_fields(tshark):
    """A flag that tshark does not know would be absent everywhere."""
    known = tshark.run("-G", "fields")
    assert not [flag for flag in FLAGS if f"\tcrm.{flag}\t" not in known]
