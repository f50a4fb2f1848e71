# SPDX-License-Identifier: GPL-2.0-or-later
"""A HostInfo announces endpoints; from then on what goes to or comes from one is CRM, whatever it holds."""

import itertools
import json
import re

import pytest

from plugin_under_test import ROOT
from content import (UUID, changed, host_info, host_type, packet_type, port_info, probe_ack, probe_init,
                     register_ack, report_init)
from recognition import HOST, HOST6, JUNK, OTHER, OTHER6, PORT, announced, claimed, protocols, write
from tshark import as_bytes

THIRD = "10.9.0.3"
ELSEWHERE = (OTHER, 40009)
OFF = ("-o", "crm.learn_ports:FALSE")


def announce(address=HOST, ports=(PORT,), source=None, message=probe_init, target=("10.9.0.255", 40000)):
    """A datagram that announces ports of an address, by default from that very host."""
    info = host_info("h", address, [(f"d{port}", port) for port in ports])
    return {**message(), "info": info}, source or (HOST, 40001), target


def told(tshark, *datagrams, options=()):
    """crm.announced_in of each, None where it is not CRM; alike in one pass and in two."""
    path = write(tshark, datagrams)
    one, two = announced(tshark, path, *options), announced(tshark, path, "-2", *options)
    assert one == two
    return one


def told_apart(tshark, cases):
    """As `told`, of cases that each have a network of their own in one capture: 10.9.N.0 and fd00:9:N::, written
    in each case as 10.9.0.0 and fd00:9::. A frame's number counts from the first of its case."""
    moved = [[tuple(_moved(part, number) for part in datagram) for datagram in case]
             for number, case in enumerate(cases, 1)]
    everything, starts = told(tshark, *itertools.chain(*moved)), itertools.accumulate(map(len, cases), initial=0)
    return [[frame - start if frame else frame for frame in everything[start:start + len(case)]]
            for start, case in zip(starts, cases)]


def _moved(part, network):
    """A payload or an endpoint in that network."""
    if isinstance(part, tuple):
        return (_moved(part[0], network), part[1])
    if isinstance(part, bytes):
        return part
    text = part if isinstance(part, str) else json.dumps(part)
    text = text.replace("10.9.0.", f"10.9.{network}.")
    return re.sub("(?i)(fd00:0*9:)(0:)?", lambda found: f"{found[1]}{network}:", text)


def test_from_the_announcement_on(tshark):
    """Not before it; to and from; by whatever port the other end has."""
    endpoint = (HOST, PORT)
    before = [(junk, ELSEWHERE, endpoint) for junk in JUNK] + [(junk, endpoint, ELSEWHERE) for junk in JUNK]
    after = before + [(junk, (THIRD, 40100 + n), endpoint) for n, junk in enumerate(JUNK)]
    frame = len(before) + 1
    assert told(tshark, *before, announce(), *after) == [None] * len(before) + [0] + [frame] * len(after)


def test_other_endpoints_are_not(tshark):
    """The same port of another host, another port of the same host."""
    ends = [(ELSEWHERE, (OTHER, PORT)), ((OTHER, PORT), ELSEWHERE), (ELSEWHERE, (THIRD, PORT)),
            (ELSEWHERE, (HOST, PORT + 1)), ((HOST, PORT + 1), ELSEWHERE), ((HOST, 40010), (OTHER, PORT)),
            (ELSEWHERE, ("10.9.0.255", PORT)), (ELSEWHERE, ("255.255.255.255", PORT)), ((HOST6, PORT), (OTHER6, PORT))]
    datagrams = [(junk, *pair) for pair in ends for junk in JUNK]
    assert told(tshark, announce(), *datagrams) == [0] + [None] * len(datagrams)


def test_the_announced_address_counts(tshark):
    """Not the one that the announcement came from."""
    datagrams = announce(THIRD, source=(HOST, 40001)), ("x", ELSEWHERE, (HOST, PORT)), ("x", ELSEWHERE, (THIRD, PORT))
    assert told(tshark, *datagrams) == [0, None, 1]


def test_every_port_of_the_announcement(tshark):
    ports = list(range(20500, 20600))
    told_ = told(tshark, announce(ports=ports), *[("x", ELSEWHERE, (HOST, port)) for port in [*ports, 20499, 20600]])
    assert told_ == [0] + [1] * 100 + [None, None]


def test_ipv6(tshark):
    cases = [[("x", (OTHER6, 40009), (HOST6, PORT)),
              announce(address, source=(HOST6, 40001), target=("ff02::1", 40000)),
              ("x", (OTHER6, 40009), (HOST6, PORT)), (JUNK[0], (HOST6, PORT), (OTHER6, 40009)),
              ("x", (HOST6, 40009), (OTHER6, PORT)), ("x", (OTHER6, 40009), (HOST6, PORT + 1))]
             for address in (HOST6, "FD00:9::1", "fd00:9:0:0:0:0:0:1", "fd00:0009::0.0.0.1", "fd00:9::1%eth0")]
    assert told_apart(tshark, cases) == [[None, 0, 2, 2, None, None]] * len(cases)


def test_one_family_teaches_nothing_of_the_other(tshark):
    datagrams = [announce("0.0.0.1"), ("x", ("::2", 40009), ("::1", PORT)), announce("::1", ports=(PORT + 1,)),
                 ("x", ("0.0.0.2", 40009), ("0.0.0.1", PORT + 1))]
    assert told(tshark, *datagrams) == [0, None, 0, None]


def test_an_ipv4_address_as_ipv6_sockets_write_it(tshark):
    datagrams = [announce("::ffff:10.9.0.1", ports=(PORT + 2,)), ("x", ELSEWHERE, (HOST, PORT + 2)),
                 ("x", ("fd00:9::2", 40009), ("::10.9.0.1", PORT + 2))]
    assert told(tshark, *datagrams) == [0, 1, None]


NO_ADDRESSES = [
    "255.255.255.255", "0.0.0.0", "224.0.0.1", "239.255.255.250", "ff02::1", "ff05::1:3", "::", "", "localhost",
    "10.9.0", "10.9.0.1.", " 10.9.0.1", "10.9.0.1 ", "010.9.0.1", "10.9.0.1/24", "10.9.0.1:20500", "0x0a090001",
    "168361985", "10.9.0.1\0", "fd00:9::1::", "[fd00:9::1]", None, 168361985, ["10.9.0.1"]]


def test_an_address_that_no_host_has_teaches_nothing(tshark):
    """Multicast, broadcast and unspecified ones, and what is no address. One
    that taught would be named by its frame."""
    announcements = [announce(address) for address in NO_ADDRESSES]
    datagrams = [("x", (THIRD, 40009), (target, PORT)) for target in (
        HOST, OTHER, "255.255.255.255", "0.0.0.0", "224.0.0.1", "239.255.255.250", "10.9.0.255")]
    datagrams += [("x", (OTHER6, 40009), (target, PORT)) for target in ("ff02::1", "ff05::1:3", "::", HOST6)]
    assert told(tshark, *announcements, *datagrams) == [0] * len(announcements) + [None] * len(datagrams)


def test_a_port_that_is_none_teaches_nothing(tshark):
    message, *ends = announce()
    ports = [0, -1, PORT + 65536, PORT - 65536, str(PORT), PORT + 0.5, None, [PORT], 2**64 + PORT]
    announcements = [(changed(message, "info.ports.0.port", port), *ends) for port in ports]
    datagrams = [("x", ELSEWHERE, (HOST, port)) for port in (PORT, 65535, 1)] + [("x", (HOST, PORT), ELSEWHERE)]
    assert told(tshark, *announcements, *datagrams) == [0] * len(ports) + [None] * len(datagrams)


def test_first_announcement_is_named(tshark):
    """A later one of the same endpoint, by whomever, changes nothing."""
    datagrams = [announce(), announce(ports=(PORT, PORT + 1)), announce(source=(THIRD, 40001)),
                 ("x", ELSEWHERE, (HOST, PORT)), ("x", ELSEWHERE, (HOST, PORT + 1))]
    assert told(tshark, *datagrams) == [0, 0, 0, 1, 2]


def test_both_ends_announced(tshark):
    """The destination's announcement is the one that is named."""
    datagrams = [announce(HOST), announce(OTHER, source=(OTHER, 40001)), ("x", (HOST, PORT), (OTHER, PORT)),
                 ("x", (OTHER, PORT), (HOST, PORT)), ("x", (THIRD, 1), (OTHER, PORT)), ("x", (HOST, PORT), (THIRD, 1))]
    assert told(tshark, *datagrams) == [0, 0, 2, 1, 2, 1]


def test_an_endpoint_stays_announced(tshark):
    """Datagrams that are under way when a host moves its daemon are still CRM."""
    datagrams = [announce(), announce(ports=(PORT + 1,)), announce(ports=()), ("x", ELSEWHERE, (HOST, PORT)),
                 ("x", ELSEWHERE, (HOST, PORT + 1))]
    assert told(tshark, *datagrams) == [0, 0, 0, 1, 2]


def test_thousandfold_announcement(tshark):
    """By one host, and by two that take turns at one address."""
    datagrams = [announce()] * 1000 + [("x", ELSEWHERE, (HOST, PORT))]
    datagrams += [announce(OTHER, ports=(PORT + n % 2,), source=(OTHER, 40001)) for n in range(1000)]
    datagrams += [("x", (THIRD, 1), (OTHER, PORT)), ("x", (THIRD, 1), (OTHER, PORT + 1)),
                  ("x", ELSEWHERE, (HOST, PORT))]
    told_ = told(tshark, *datagrams)
    assert told_ == [0] * 1000 + [1] + [0] * 1000 + [1002, 1003, 1]


def test_announcing_again_from_the_endpoint_itself(tshark):
    """A host whose daemon sends its own announcements."""
    datagrams = [announce(source=(HOST, PORT)), announce(source=(HOST, PORT)), ("x", (HOST, PORT), ELSEWHERE)]
    assert told(tshark, *datagrams) == [0, 1, 1]


def test_a_message_to_an_announced_endpoint(tshark):
    """It is CRM by itself too, and still says where its endpoint was announced."""
    datagrams = [announce(), (register_ack(), ELSEWHERE, (HOST, PORT)), (report_init(), (HOST, PORT), ELSEWHERE),
                 (register_ack(), ELSEWHERE, (THIRD, PORT))]
    assert told(tshark, *datagrams) == [0, 1, 1, 0]


def test_fragments(tshark):
    """The junk, in fragments; the announcement, in fragments."""
    path = write(tshark, [announce(ports=range(20000, 20200)), (b"\xff" * 5000, ELSEWHERE, (HOST, 20199))], mtu=1500)
    rows = tshark.rows(path, "crm.announced_in", options=("-Y", "crm"))
    first = len([1 for is_crm in claimed(tshark, path) if not is_crm])
    assert len(rows) == 2 and rows[0] == [[]] and int(rows[1][0][0]) > 1 and first > 2


# Which messages announce

STATE = {"py/object": "dtos.probe_ack.ProbeAck", "py/state": {
    "id": UUID, "type": packet_type(2), "info": {"py/object": "dtos.host_info.HostInfo", "py/state": {
        "hostname": "h", "inet_addr": HOST, "ports": [{"py/object": "dtos.port_info.PortInfo", "py/state": {
            "daemon": "d", "port": PORT}}], "type": host_type(1)}}}}
PLAIN = {"id": UUID, "info": {"hostname": "h", "inet_addr": HOST, "ports": [{"daemon": "d", "port": PORT}], "type": {}},
         "type": {"_value_": 1, "_name_": "PROBE_INIT", "__objclass__": {"py/type": "dtos.crm_pkt_type.CrmPktType"}}}
METRIC = {"py/object": "vrmjobs.metric_init.MetricInit", "packet_id": UUID, "type": packet_type(100, "vrmjobs"),
          "info": {"py/object": "vrmjobs.metric_info.MetricInfo", "inet_addr": HOST,
                   "ports": [port_info("d", PORT, "vrmjobs")]}}
FIRST_RELEASE = {"py/object": "vrmjobs.probe_init.ProbeInit", "id": UUID, "type": packet_type(1, "vrmjobs"), "info": {
    "py/object": "vrmjobs.collector_info.CollectorInfo", "ip_addr": HOST, "port": PORT}}


def test_every_host_info_announces(tshark):
    messages = {"ProbeInit": announce()[0], "ProbeAck": announce(message=probe_ack)[0], "py/state": STATE,
                "plain": PLAIN, "MetricInit": METRIC, "first release": FIRST_RELEASE}
    cases = [[(message, (HOST, 40001), ("10.9.0.255", 40000)), ("x", ELSEWHERE, (HOST, PORT))]
             for message in messages.values()]
    assert dict(zip(messages, told_apart(tshark, cases))) == dict.fromkeys(messages, [0, 1])


def test_a_host_info_elsewhere_does_not(tshark):
    """In a message that has none, in a foreign document, in what the receiver would refuse."""
    info = announce()[0]["info"]
    ends = (HOST, 40001), (OTHER, 40000)
    documents = [{**register_ack(), "extra": info}, {"py/object": "other.Class", "info": info}, info,
                 json.dumps(announce()[0])[:-1], json.dumps(announce()[0]) + "x"]
    datagrams = [(document, *ends) for document in documents] + [("x", ELSEWHERE, (HOST, PORT))]
    # Pinned by the first: the rest is dissected, and still teaches nothing.
    assert told(tshark, *datagrams) == [0] * len(documents) + [None]


@pytest.mark.parametrize("ports", [(40001, 9090), (10100, 40000)])
def test_announcements_by_configured_ports(tshark, ports):
    """Whatever brought the announcement here; with the heuristic off there is no other way."""
    message = announce()[0]
    datagrams = (message, (HOST, ports[0]), (OTHER, ports[1])), ("x", ELSEWHERE, (HOST, PORT))
    assert told(tshark, *datagrams) == [0, 1]
    assert told(tshark, *datagrams, options=("--disable-heuristic", "crm_udp")) == [0, 1]


def test_announcements_by_decode_as(tshark):
    datagrams = announce(), ("x", ELSEWHERE, (HOST, PORT))
    options = ("--disable-heuristic", "crm_udp", "-d", "udp.port==40000,crm")
    assert told(tshark, *datagrams, options=options) == [0, 1]


def test_configured_port_needs_no_announcement(tshark):
    """What is CRM by its port was not recognised by an announcement, and does not say so."""
    datagrams = announce(ports=(9090, PORT)), ("x", ELSEWHERE, (HOST, 9090)), ("x", (HOST, 9090), (OTHER, PORT))
    assert told(tshark, *datagrams) == [0, 0, 0]


def test_what_another_heuristic_would_take(tshark):
    """Whatever it holds: after its first datagram a pair of endpoints is asked of no other protocol."""
    stun = bytes.fromhex("00010000 2112a442 000102030405060708090a0b")
    path = write(tshark, [(stun, (THIRD, 41001), (OTHER, PORT)), announce(), (stun, (THIRD, 41002), (OTHER, PORT)),
                          ("x", ELSEWHERE, (HOST, PORT)), (stun, (THIRD, 41003), (OTHER, PORT)),
                          (stun, ELSEWHERE, (HOST, PORT)), (stun, (HOST, PORT), ELSEWHERE)])
    assert protocols(tshark, path) == [[name] for name in ("stun", "crm", "stun", "crm", "stun", "crm", "crm")]


def test_pinned_and_announced(tshark):
    """In a conversation that was recognised, too, a datagram says what announced its endpoint."""
    datagrams = [(register_ack(), ELSEWHERE, (HOST, PORT)), ("x", ELSEWHERE, (HOST, PORT)), announce(),
                 ("x", ELSEWHERE, (HOST, PORT))]
    assert told(tshark, *datagrams) == [0, 0, 0, 3]


# Switched off

DATAGRAMS = [announce(), *[(junk, ELSEWHERE, (HOST, PORT)) for junk in JUNK], (register_ack(), ELSEWHERE, (HOST, PORT)),
             (JUNK[0], (THIRD, 40009), (HOST, PORT))]


def test_preference_off(tshark):
    """Messages are still recognised, and name no announcement."""
    assert told(tshark, *DATAGRAMS, options=OFF) == [0] + [None] * len(JUNK) + [0, None]


GUESSING_OFF = ("--disable-heuristic", "crm_udp")


def test_heuristic_off(tshark):
    """Nothing brings the announcement here."""
    assert told(tshark, *DATAGRAMS, options=GUESSING_OFF) == [None] * len(DATAGRAMS)


def test_heuristic_off_and_announced_by_a_configured_port(tshark):
    """An announcement is no guess: what it says holds with the heuristic off, but not with the preference off."""
    message, source, _ = announce()
    datagrams = [(message, source, (OTHER, 9090)), *DATAGRAMS[1:], (register_ack(), (THIRD, 1), (OTHER, PORT))]
    assert told(tshark, *datagrams) == [0] + [1] * (len(DATAGRAMS) - 1) + [0]
    assert told(tshark, *datagrams, options=GUESSING_OFF) == [0] + [1] * (len(DATAGRAMS) - 1) + [None]
    assert told(tshark, *datagrams, options=(*GUESSING_OFF, *OFF)) == [0] + [None] * len(DATAGRAMS)


def test_protocol_off(tshark):
    assert told(tshark, *DATAGRAMS, options=("--disable-protocol", "crm")) == [None] * len(DATAGRAMS)


# What is shown

def test_malformed_at_an_announced_endpoint(tshark):
    """It says what is wrong, and which frame made it CRM."""
    broken = as_bytes(register_ack())[:-1]
    path = write(tshark, [announce(), (broken, ELSEWHERE, (HOST, PORT)), (broken, ELSEWHERE, (OTHER, PORT))])
    _, message, other = tshark.messages(path)
    assert message.expert("crm.json_error") and message.value("crm.announced_in") == "1"
    assert other.values("crm.id") == [] and not other.expert("crm.json_error")
    assert [protocol for protocol, _ in tshark.columns(path)] == ["CRM", "CRM", "UDP"]


def test_streams_stay_apart(tshark):
    """Learning must not merge the UDP streams of an endpoint into one."""
    path = write(tshark, [announce(), *[("x", (OTHER, 41000 + n), (HOST, PORT)) for n in range(5)]])
    streams = [row[0][0] for row in tshark.rows(path, "udp.stream")]
    assert len(set(streams)) == 6
    assert streams == [row[0][0] for row in tshark.rows(path, "udp.stream", options=("--disable-protocol", "crm"))]


def test_display_filter_gives_the_same(tshark):
    path = write(tshark, DATAGRAMS)
    everything = tshark.rows(path, "frame.number", "crm.announced_in", options=("-Y", "crm"))
    assert everything == tshark.rows(path, "frame.number", "crm.announced_in", options=("-2", "-R", "udp", "-Y", "crm"))
    only = tshark.rows(path, "frame.number", options=("-Y", "crm.announced_in == 1"))
    assert [row[0][0] for row in only] == [str(n) for n in range(2, len(DATAGRAMS) + 1)]


def test_frames_that_a_read_filter_leaves_out(tshark):
    """tshark gives their numbers to the frames behind them, which are not CRM for that."""
    path = write(tshark, [announce(), (JUNK[0], ELSEWHERE, (HOST, PORT)), (JUNK[0], (THIRD, 7777), (OTHER, 8888)),
                          (JUNK[1], (THIRD, 7777), (HOST, PORT))])
    options = ("-2", "-R", f"not (udp.srcport == {ELSEWHERE[1]})")
    assert announced(tshark, path, *options) == [0, None, 1]
    assert announced(tshark, path, "-2", "-R", "crm and not crm.announced_in") == [0]


def test_an_announcement_that_a_read_filter_leaves_out(tshark):
    """What it taught stays known, and no frame is named for it."""
    path = write(tshark, [announce(), (register_ack(), ELSEWHERE, (HOST, PORT)), (JUNK[0], ELSEWHERE, (HOST, PORT))])
    assert announced(tshark, path, "-2", "-R", f"udp.dstport == {PORT}") == [0, 0]
    capture = ROOT / "pcaps/custom-ports.pcapng"
    rows = tshark.rows(capture, "frame.number", "crm.announced_in", options=("-2", "-R", "crm.type == 3"))
    assert rows and all(not frame or int(frame[0]) < int(number[0]) for number, frame in rows)
