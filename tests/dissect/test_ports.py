# SPDX-License-Identifier: GPL-2.0-or-later
"""By which ports a datagram is CRM; every payload here is one that no heuristic takes."""

import pytest

import pcapng
from content import probe_init
from sharkd import Sharkd
from tshark import as_bytes

WHATEVER = b'{"neither": "a message"}'


def _protocols(tshark, ports, *options, payload=WHATEVER):
    """The protocol of one datagram for each (source, destination) port."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for source, destination in ports:
            writer.udp(payload, ("10.0.0.2", source), ("10.0.0.3", destination))
    return [protocol for protocol, _ in tshark.columns(path, *options)]


@pytest.mark.parametrize("port", [9090, 10100])
def test_default_ports(tshark, port):
    assert _protocols(tshark, [(40000, port), (port, 40000), (port, port), (40000, port + 1)]) == \
        ["CRM", "CRM", "CRM", "UDP"]


def test_preference_names_ports(tshark):
    assert _protocols(tshark, [(40000, 20100), (40000, 20205), (40000, 20300)],
                      "-o", "crm.udp.port:20100,20200-20210") == ["CRM", "CRM", "UDP"]


def test_preference_given_on_the_command_line(tshark):
    """The ports that it names are CRM's, and the default ones are not any more."""
    ports = [(40000, 20100), (40000, 9090)]
    assert _protocols(tshark, ports, "-o", "crm.udp.port:20100") == ["CRM", "UDP"]


def test_preference_set_in_sharkd(tshark):
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for port in (20100, 9090):
            writer.udp(WHATEVER, ("10.0.0.2", 40000), ("10.0.0.3", port))
    with Sharkd(tshark) as sharkd:
        sharkd.ask("setconf", name="crm.udp.port", value="20100")
        assert [bool(message.values("crm.member")) for message in sharkd.messages(path)] == [True, False]


def test_decode_as(tshark):
    assert _protocols(tshark, [(40000, 20100), (40000, 20101)], "-d", "udp.port==20100,crm") == ["CRM", "UDP"]


def test_other_traffic_is_left_alone(tshark):
    """Nothing that is not a message beyond doubt is claimed elsewhere."""
    for payload in (WHATEVER, b"[]", b'{"id": 1, "type": 1}', b"\x00" * 20, b'{"py/object": "a.B"}',
                    as_bytes(probe_init())[:-1]):
        assert _protocols(tshark, [(40000, 20100)], payload=payload) == ["UDP"], payload


def test_vlan_and_ipv6(tshark):
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        writer.udp(as_bytes(probe_init()), ("10.0.0.2", 9090), ("10.0.0.3", 10500), vlan=7)
        writer.udp(as_bytes(probe_init(inet_addr="fd00::2")), ("fd00::2", 9090), ("ff02::1", 10500))
    assert [message.value("crm.type") for message in tshark.messages(path)] == ["1", "1"]
