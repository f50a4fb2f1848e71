# SPDX-License-Identifier: GPL-2.0-or-later
"""The Info column, the root of the tree, and the items at which findings of the dialogue hang."""

import json

import pytest

from content import UUID, changed, probe_ack, probe_init, register_ack, report_init
from pcapng import Interface, Writer
from plugin_under_test import ROOT
from scenario import ident, parse
from test_odd_captures import CLONES
from test_points import LOST
from tshark import COLLECTOR, WORKER, as_bytes

HOSTS = """
    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
    host twin WORKER 10.0.0.99 workerd:10500 name=worker1
    host other WORKER 10.0.0.11 workerd:10500 name=other
    host far WORKER 192.168.1.11 workerd:10500 from=203.0.113.9@10500
"""
SCRIPT = HOSTS + """
    1   0.0   collector probe a
    2   0.1   worker1 ack collector a
    3   0.2   worker2 ack collector a
    4   0.3   collector fail worker2 a left=1 text=full
    5   0.3001  collector repeats 4
    6   5.0   collector probe b
    7   10.0  collector probe c
    8   10.1  worker1 ack collector c
    9   10.2  far ack collector c
    10  10.3  twin ack collector c
    11  10.4  collector ok worker1 c text=good
    12  10.5  collector fail worker2 c left=0 text=full
    13  15.0  collector probe d
    14  15.1  collector fail worker2 d left=3 text=full
"""

_PROBE, _ACK = "PROBE_INIT collector 10.0.0.2, coordinatord:10100 collectord:9090, id=", "workerd:10500, id="
TWO_PASSES = {
    1: _PROBE,
    2: "[no RegisterAck] PROBE_ACK worker1 10.0.0.11, " + _ACK,
    3: "PROBE_ACK worker2 10.0.0.12, " + _ACK,
    4: "REG_ACK worker2 failed, 1 retry left: full, id=",
    5: "[Duplicate of 4] REG_ACK worker2 failed, 1 retry left: full, id=",
    6: "[2 silent] [no ProbeAck] " + _PROBE,
    7: "[1 silent] " + _PROBE,
    9: "[from 203.0.113.9] PROBE_ACK far 192.168.1.11, " + _ACK,
    10: "[another address in frame 2] PROBE_ACK worker1 10.0.0.99, " + _ACK,
    11: "REG_ACK worker1 registered: good, id=",
    12: "REG_ACK worker2 exhausted: full, id=",
    13: "[1 silent in frame 7] " + _PROBE,
    14: "REG_ACK worker2 failed, 3 retries left: full, id=",
}
ONE_PASS = {**TWO_PASSES, 2: TWO_PASSES[2].removeprefix("[no RegisterAck] "), 6: _PROBE,
            7: "[2 silent in frame 6] " + _PROBE}


@pytest.mark.parametrize("options, right", [(("-2",), TWO_PASSES), ((), ONE_PASS)], ids=["two passes", "one pass"])
def test_the_column(tshark, options, right):
    scenario = parse(SCRIPT)
    columns = tshark.columns(scenario.write(tshark.new_capture()), *options)
    words = ["a"] * 5 + ["b"] + ["c"] * 6 + ["d"] * 2
    for frame, text in right.items():
        assert columns[frame - 1] == ("CRM", text + ident(words[frame - 1])[:8]), f"frame {frame}"


def test_what_a_datagram_gets_wrong(tshark):
    cut_short = json.dumps(register_ack())[:-1]
    payloads = [changed(probe_init(), "info.ports.0.port", "9090"), cut_short, "{", "[]", report_init("now"),
                changed(register_ack(), "info.max_retries", 1.5)]
    info = [text for _, text in tshark.columns(tshark.capture(payloads))]
    assert info[0].startswith("[info.ports[0].port: ") and "] PROBE_INIT collector 10.0.0.2" in info[0]
    assert info[1].startswith("[Malformed: at byte ") and "] REG_ACK 10.0.0.11: Successfully" in info[1]
    assert info[2].startswith("[Malformed: at byte 1: ") and info[2].endswith("]")
    assert info[3].startswith("[Unknown: ") and info[3].endswith("]")
    assert info[4].startswith("[timestamp: ") and "] ReportInit host_cpu_usage" in info[4]
    assert info[5].startswith("[info.max_retries: ")
    assert all(info[n].endswith(f", id={UUID[:8]}") for n in (0, 1, 5))


def test_the_most_severe_first_and_two_at_most(tshark):
    """A note, then a warning of the datagram; it is a duplicate, and sent from elsewhere."""
    ack = json.dumps(probe_ack()).replace('"port": 10500', '"port": NaN').replace('"daemon": "workerd"', '"daemon": 7')
    info = [text for _, text in tshark.columns(tshark.capture([ack, ack], src=("10.9.9.9", 1), dst=COLLECTOR))]
    assert info[0].startswith("[info.ports[0].daemon: ") and "] [from 10.9.9.9] PROBE_ACK worker1" in info[0]
    assert info[1].startswith("[info.ports[0].daemon: ") and "] [Duplicate of 1] PROBE_ACK worker1" in info[1]


def test_two_of_a_copy_at_most(tshark):
    """A note of what it says; it is a copy, and sent from elsewhere."""
    path = tshark.new_capture()
    with Writer(path, interfaces=(Interface("left"), Interface("right"))) as writer:
        for payload in (probe_ack(), changed(probe_ack(), "info.ports.0.daemon", 7)):
            for interface in (0, 1):
                writer.udp(as_bytes(payload), ("10.9.9.9", 1), COLLECTOR, interface=interface)
    info = [text for _, text in tshark.columns(path)]
    assert info[1].startswith("[Copy of 1] [from 10.9.9.9] PROBE_ACK worker1")
    assert info[3].startswith("[info.ports[0].daemon: ") and "] [Copy of 3] PROBE_ACK worker1" in info[3]


@pytest.mark.parametrize("who, said", [("twin", "address"), ("other", "name"), ("clone", "host")])
def test_who_contradicts_what_a_read_filter_leaves_out(tshark, who, said):
    capture = parse(HOSTS + f"""
        host clone WORKER 10.0.0.11 workerd:10500 name=worker1 from=10.0.0.98@10500
        1 0.0 worker1 ack collector a
        2 0.1 {who} ack collector b
        3 5.0 collector probe c
    """).write(tshark.new_capture())
    assert tshark.columns(capture, "-2")[1][1].startswith(f"[another {said} in frame 1] ")
    assert tshark.columns(capture, "-2", "-R", 'crm.id != "%s"' % ident("a"))[0][1].startswith(f"[another {said}] ")


def test_what_capture_points_tell(tshark):
    capture = parse(LOST).write(tshark.new_capture())
    once, twice, filtered = ([text for _, text in tshark.columns(capture, *options)] for options in (
        (), ("-2",), ("-2", "-R", "frame.interface_id == 1")))
    for frame, original in ((2, 1), (4, 3), (6, 5), (20, 19)):
        assert once[frame - 1] == twice[frame - 1]
        assert once[frame - 1].startswith(f"[Copy of {original}] {once[original - 1].partition(',')[0]}")
    assert twice[9 - 1].startswith("[not at collector-side] [no RegisterAck] PROBE_ACK worker1")
    assert twice[14 - 1].startswith("[not at worker-side] REG_ACK worker1")
    assert [text for text in once if text.startswith("[") and not text.startswith("[Copy of ")] == []
    assert [text.split("]")[0] for text in filtered if text.startswith("[Copy")] == ["[Copy"] * 6


def test_who_contradicts_is_said_before_who_is_not_answered(tshark):
    capture = parse(HOSTS + """
        1 0.0 collector probe a
        2 0.1 worker1 ack collector a
        3 0.2 twin ack collector a
        4 5.0 collector probe b
        5 5.2 twin ack collector b
    """).write(tshark.new_capture())
    assert tshark.columns(capture, "-2")[2][1].startswith("[another address in frame 2] [no RegisterAck] PROBE_ACK")


def test_who_is_not_answered_is_said_before_another_source(tshark):
    capture = parse(HOSTS + """
        1 0.0 far ack collector a
        2 5.0 far ack collector b
    """).write(tshark.new_capture())
    assert tshark.columns(capture, "-2")[0][1].startswith("[no RegisterAck] [from 203.0.113.9] PROBE_ACK far")


def test_one_pass_claims_no_loss(tshark):
    """The copy is the next frame."""
    capture = parse("point left\npoint right\n" + HOSTS + """
        1 0.0  collector probe a at=1
        2 10.0 collector probe c at=1
        3 0.0  collector repeats 1 at=0
        4 10.0 collector repeats 2 at=0
        5 5.0  collector probe b at=0
        6 5.0  collector repeats 5 at=1
    """).write(tshark.new_capture())
    said = [[text.partition("]")[0] for _, text in tshark.columns(capture, *options)][4:] for options in ((), ("-2",))]
    assert said[0][0].startswith("PROBE_INIT") and said[0][1] == said[1][1] == "[Copy of 5"
    assert "not at" not in said[1][0]


def test_several_points_that_it_did_not_come_by(tshark):
    script = """
        point a
        point b
        point c
        host collector COLLECTOR 10.0.0.2 coordinatord:10100
    """
    frame = 0
    for round_ in range(5):
        for point in ((0, 1, 2) if round_ != 2 else (1,)):
            frame += 1
            script += f"{frame} {5 * round_ + point / 1000} collector probe {round_} at={point}\n"
    columns = tshark.columns(parse(script).write(tshark.new_capture()), "-2")
    assert columns[6][1].startswith("[not at a, c] [no ProbeAck] PROBE_INIT collector")


def test_hosts_that_share_a_name_and_an_address(tshark):
    columns = tshark.columns(parse(CLONES).write(tshark.new_capture()), "-2")
    assert [frame for frame, (_, text) in enumerate(columns, 1) if "[another host in frame 2] " in text] == [3, 7]


def test_the_root_of_the_tree(tshark):
    payloads = [probe_init(), probe_ack(), register_ack(), register_ack(False, "m", 1), register_ack(False, "m", 0),
                report_init(), "{"]
    said = tshark.run("-r", tshark.capture(payloads), "-V")
    roots = [line.removeprefix("Cloudless Resource Monitoring, ") for line in said.splitlines()
             if line.startswith("Cloudless Resource Monitoring")]
    assert roots == ["PROBE_INIT", "PROBE_ACK", "REG_ACK registered", "REG_ACK failed", "REG_ACK exhausted",
                     "ReportInit", "no message"]


def _places(tshark, frame, script=SCRIPT):
    """{filter of an expert information: the item at which it hangs}, of one frame."""
    layout = tshark.layout(parse(script).write(tshark.new_capture()), "-2")[frame - 1]
    return {item.name: item.parent for item in layout if item.parent and item.name in EXPERTS} | \
        {item.name: above.parent for item, above in zip(layout[1:], layout) if item.name in EXPERTS
         and above.name == "_ws.expert"}


EXPERTS = {"crm.register_failed", "crm.register_exhausted", "crm.duplicate", "crm.host_silent", "crm.no_response",
           "crm.hostname_conflict", "crm.inet_addr_mismatch", "crm.no_register"}


@pytest.mark.parametrize("frame, right", [
    (2, {"crm.no_register": None}),
    (4, {"crm.register_failed": "crm.register.status"}),
    (5, {"crm.duplicate": "crm.duplicate_of", "crm.register_failed": "crm.register.status"}),
    (6, {"crm.host_silent": "crm.silent_host", "crm.no_response": "crm.acks"}),
    (9, {"crm.inet_addr_mismatch": "crm.inet_addr"}),
    (10, {"crm.hostname_conflict": "crm.hostname"}),
    (12, {"crm.register_exhausted": "crm.register.max_retries"}),
])
def test_findings_hang_on_what_they_are_about(tshark, frame, right):
    assert _places(tshark, frame) == right


ONE_ADDRESS = """
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.11 workerd:10500
    host collector COLLECTOR 10.0.0.2 coordinatord:10100
    1 0.0 worker1 ack collector a
    2 1.0 worker2 ack collector b
"""


@pytest.mark.parametrize("script, frame, item", [(CLONES, 3, "crm.hostname"), (ONE_ADDRESS, 2, "crm.inet_addr")])
def test_a_conflict_hangs_on_what_two_hosts_have_in_common(tshark, script, frame, item):
    """The name, or where that is another one, the address."""
    assert _places(tshark, frame, script)["crm.hostname_conflict"] == item


WORKED_OUT = {f"crm.{name}" for name in (
    "response_in", "response_to", "response_time", "acks", "attempt", "duplicate_of", "announced_in", "worker",
    "collector", "silent_host", "missed_probes", "copy_of", "copy_in", "transit_time")}


def test_what_is_worked_out_has_no_bytes(tshark):
    """It stands at the beginning of the datagram, in which it is not."""
    one_point = [path for path in sorted((ROOT / "pcaps").glob("*.pcapng")) if path.stem != "two-points"]
    found = set()
    for capture in (tshark.joined(one_point, "pcap"), ROOT / "pcaps/two-points.pcapng"):
        items = [item for frame in tshark.layout(capture, "-2") for item in frame if item.name in WORKED_OUT]
        found |= {item.name for item in items}
        assert [item for item in items if (item.start, item.end) != (0, 0)] == []
    assert found == WORKED_OUT


def test_answers_are_folded_with_their_hosts(tshark):
    layout = tshark.layout(parse(SCRIPT).write(tshark.new_capture()), "-2")
    assert [(item.showname, item.parent) for item in layout[0] if item.name in ("crm.acks", "crm.response_in")] == [
        ("Acks: 2", None), ("Response In: 2 (worker1)", "crm.acks"), ("Response In: 3 (worker2)", "crm.acks")]
    assert [item.showname for item in layout[5] if item.name == "crm.acks"] == ["Acks: 0, 2 silent"]
    assert [(item.showname, item.parent) for item in layout[2] if item.name == "crm.response_in"] == [
        ("Response In: 4 (collector)", None)]


def test_a_bound_on_the_answers_that_are_shown(tshark):
    """Of one worker, each with other contents: the tree has an end, and says how many more there are."""
    probe = changed(probe_init(), "id", "x")
    answers = [changed(changed(probe_ack(), "id", "x"), "info.ports.0.port", port) for port in range(1, 2101)]
    capture = tshark.capture([probe, *answers], src=WORKER, dst=COLLECTOR)
    said = tshark.run("-2", "-r", capture, "-Y", "frame.number == 1", "-V")
    assert said.count("[Response In: ") == 2048
    assert "[52 more answers]" in said
