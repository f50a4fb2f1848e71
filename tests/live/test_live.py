# SPDX-License-Identifier: GPL-2.0-or-later
"""Real hosts, real UDP, the real encoder, and tshark watching as it happens.

What the hosts themselves report is what tshark must have shown.
"""

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tshark import is_true

TYPES = {"1": "PROBE_INIT", "2": "PROBE_ACK", "3": "REG_ACK"}

SESSIONS = {
    "as it should be": [],
    # All that a host may do otherwise, on ports that nobody knows beforehand.
    "troubled": ["--rounds", "5", "--workers", "4", "--fail", "worker2=3", "--retries", "3",
                 "--silent", "worker3", "--twice", "worker1", "--forget", "worker4", "--broadcast-from", "none",
                 "--collector-ports", "collectord:20090,coordinatord:20100",
                 "--answer-to", "coordinatord", "--worker-ports", "workerd:20500,node_exporter:9100"],
    "ids of their own": ["--fresh-ids", "--rounds", "2"],
}


@pytest.fixture(scope="module", params=SESSIONS.values(), ids=SESSIONS.keys())
def watched(request, watch):
    return watch(*request.param)


@pytest.fixture(scope="module")
def troubled(watch):
    return watch(*SESSIONS["troubled"])


def test_all_arrives_while_the_capture_runs(watched):
    assert watched.alive
    shown = Counter((TYPES[row.crm_type], row.crm_id, row.ip_dst) for row in watched.rows)
    assert shown == Counter((event["type"], event["id"], event["to"]) for event in watched.sent())


def test_it_is_dissected(watched):
    """Fields and crm.dto say what the sender wanted to say."""
    sent = {(event["type"], event["id"], event["to"], event.get("hostname")): event for event in watched.sent()}
    for row in watched.rows:
        event = sent[TYPES[row.crm_type], row.crm_id, row.ip_dst, row.crm_hostname or None]
        dto = json.loads(row.crm_dto)
        assert (dto["type"], dto["id"]) == (event["type"], event["id"])
        if event["type"] == "REG_ACK":
            assert (is_true(row.crm_register_status), row.crm_register_message,
                    row.crm_register_max_retries) == (event["status"], event["message"], str(event["max_retries"]))
            assert dto["info"] == {name: event[name] for name in ("status", "message", "max_retries")}
        else:
            assert row.crm_port_info.split(",") == event["ports"]
            assert [f"{port['daemon']}:{port['port']}" for port in dto["info"]["ports"]] == event["ports"]


def test_it_is_paired(watched):
    """A ProbeAck with the probe before it, a RegisterAck with its ProbeAck: of
    one that came twice, the first, which alone has a response time."""
    probe, acks = None, {}
    for row in watched.rows:
        if row.crm_type == "1":
            probe, acks = row, {}
            continue
        asked = probe if row.crm_type == "2" else acks[row.ip_dst]
        assert row.crm_response_to == asked.frame_number, row
        assert bool(row.crm_response_time) != bool(row.crm_duplicate_of), row
        if row.crm_type == "2":
            acks.setdefault(row.ip_src, row)


def test_it_is_counted(watched):
    """The statistics of the same run."""
    for name in ("PROBE_INIT", "PROBE_ACK", "REG_ACK"):
        assert watched.packets(name) == len(watched.sent(name))
    answered = {(event["host"], event["id"]) for event in watched.sent("PROBE_ACK")}
    registered = Counter((event["to"], event["status"]) for event in watched.sent("REG_ACK"))
    for name in {host for host, _ in answered}:
        host = watched.host(name)
        assert int(host["Answered by itself"]) == sum(1 for other, _ in answered if other == name)
        assert int(host["Registered"]) == registered[host["Address"], True]
        assert int(host["Failed"]) + int(host["Exhausted"]) == registered[host["Address"], False]
    assert int(watched.host("collector")["Probes sent"]) == len(watched.sent("PROBE_INIT"))
    assert watched.response_times("ProbeAck") == len(answered)
    assert watched.response_times("RegisterAck") == sum(registered.values())


def test_attempts_and_outcomes(troubled):
    """worker2 fails three times, until no retries are left, and then registers."""
    rows = [row for row in troubled.rows if row.crm_type == "3" and row.ip_dst == "10.0.0.12"]
    assert [(row.crm_attempt, row.crm_register_max_retries, is_true(row.crm_register_status)) for row in rows] \
        == [("1", "2", False), ("2", "1", False), ("3", "0", False), ("4", "0", True), ("1", "0", True)]
    assert troubled.packets("crm.register_failed") == 2
    assert troubled.packets("crm.register_exhausted") == 1
    assert troubled.host("worker2")["Exhausted"] == "1"


def test_duplicates(troubled):
    """worker1's second copies name its first ones; nobody else's datagram is one."""
    first = {row.crm_id: row.frame_number for row in reversed(troubled.rows)
             if row.crm_type == "2" and row.ip_src == "10.0.0.11"}
    copies = [row for row in troubled.rows if row.crm_duplicate_of]
    assert len(copies) == len(troubled.sent("PROBE_INIT")) == len(first)
    assert all(row.crm_duplicate_of == first[row.crm_id] for row in copies)


def test_a_silent_worker_is_seen_nowhere(troubled):
    assert not [row for row in troubled.rows if "10.0.0.13" in (row.ip_src, row.ip_dst)]
    assert "worker3" not in troubled.statistics


def test_a_forgotten_worker(troubled):
    """worker4 answers each probe and never hears whether it is registered."""
    assert not [row for row in troubled.rows if row.crm_type == "3" and row.ip_dst == "10.0.0.14"]
    assert troubled.host("worker4")["Registered"] == troubled.host("worker4")["Failed"] == "0"


def test_nothing_is_left_behind(watched):
    """Interfaces end with the session, and none was ever made outside of it."""
    names = [name for _, name in socket.if_nameindex()]
    assert not [name for name in names if name == "br0" or name.startswith("port")]


@pytest.mark.usefixtures("watch")
def test_script_capture(tshark):
    """What writes a session into a file: the last message of the last round is
    in it, fragments of long ones too, and its comment says how it was made."""
    out = tshark.new_capture()
    daemons = ",".join(f"daemon{number}:{10500 + number}" for number in range(40))
    done = subprocess.run([sys.executable, Path(__file__).with_name("capture.py"), out, "--rounds", "2",
                           "--worker-ports", daemons], stdout=subprocess.PIPE, text=True, check=True)
    assert re.search(r": 14 datagrams in ", done.stdout)
    out.chmod(0o644)
    messages = tshark.messages(out, "-Y", "crm")
    assert Counter(message.value("crm.type") for message in messages) == {"1": 2, "2": 6, "3": 6}
    assert len(messages[1].values("crm.port_info")) == 40
    text = tshark.run("-r", out, "-T", "fields", "-e", "ip.fragment", "-Y", "crm.type == 2")
    assert all("," in line for line in text.splitlines())
    header = out.read_bytes()[:1000]
    assert re.search(rb"jsonpickle [\d.]+[^,]*, Python 3[\d.]+; script/capture --rounds 2 ", header)
