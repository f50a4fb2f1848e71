# SPDX-License-Identifier: GPL-2.0-or-later
"""CRM on ports that nobody configured: every message in every form, and what its conversation says after.

Endpoints are not learned here, and each datagram has ports of its own, so that
it is recognised by its content or not at all.
"""

import itertools
import json
import re

import pytest

import pcapng
from plugin_under_test import ROOT
from content import (SPELLINGS, UUID, filter_info, host_type, in_state, packet_type, probe_ack, probe_init,
                     query_ack, register_ack, report_init)
from recognition import HOST, HOST6, JUNK, OTHER, OTHER6, PORT, announced, apart, claimed, dialects, protocols, write
from tshark import as_bytes

BY_CONTENT = ("-o", "crm.learn_ports:FALSE")
ROWS = dialects()


def _vrmjobs():
    """The messages that dialects.tsv, which is crm-dtos', is without."""
    info = {"py/object": "vrmjobs.metric_info.MetricInfo", "inet_addr": "10.0.0.11", "ports": []}
    metric = {"py/object": "vrmjobs.metric_init.MetricInit", "packet_id": UUID, "info": info,
              "type": packet_type(100, "vrmjobs")}
    query = query_ack(filter_info("disk", ("device", "=~", "^.*/dev/sda.*$")))
    return [probe_init("vrmjobs"), probe_ack("vrmjobs"), register_ack(module="vrmjobs"), query, metric,
            {**report_init(), "py/object": "vrmjobs.report_init.ReportInit"}]


def _plain(value):
    """What unpicklable=False makes of a value: no py/ key but the enum's class."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "py/reduce" in value:
        (kind, arguments) = value["py/reduce"]
        return {"_value_": arguments["py/tuple"][0], "_name_": "X", "__objclass__": kind}
    if "py/tuple" in value:
        return _plain(value["py/tuple"])
    return {key: _plain(item) for key, item in value.items() if key != "py/object"}


MESSAGES = [json.loads(row["payload"]) for row in ROWS] + \
    [form(message) for message in _vrmjobs() for form in (lambda value: value, _plain, in_state)]

OTHER_TEXTS = {
    "raw UTF-8 beyond ASCII": lambda message: json.dumps(message).replace("worker1", "wörker雲😀"),
    "surrogates": lambda message: json.dumps(message).replace("worker1", r"\ud83d\ude00\ud83d"),
}
WRITTEN = {**SPELLINGS, **OTHER_TEXTS}


def _not_claimed(tshark, payloads, *options, hosts=(HOST, OTHER)):
    """The payloads that are not CRM."""
    verdicts = claimed(tshark, write(tshark, apart(payloads, hosts)), *BY_CONTENT, *options)
    return [payload for payload, is_crm in zip(payloads, verdicts, strict=True) if not is_crm]


@pytest.mark.parametrize("spelling", WRITTEN)
def test_every_message_in_every_dialect(tshark, spelling):
    assert _not_claimed(tshark, [WRITTEN[spelling](message) for message in MESSAGES]) == []


@pytest.mark.parametrize("options", [("-2",), ("-o", "udp.try_heuristic_first:TRUE")], ids=" ".join)
def test_however_tshark_runs(tshark, options):
    assert _not_claimed(tshark, [row["payload"] for row in ROWS], *options) == []


def test_ipv6(tshark):
    assert _not_claimed(tshark, [row["payload"] for row in ROWS], hosts=(HOST6, OTHER6)) == []


def test_dissected_as_on_a_known_port(tshark):
    """Recognised or configured, the fields are the same."""
    payloads = [row["payload"] for row in ROWS]
    here = tshark.messages(write(tshark, apart(payloads)), *BY_CONTENT)
    there = tshark.messages(write(tshark, apart(payloads, port=9090)), *BY_CONTENT)
    assert [message.fields for message in here] == [message.fields for message in there]
    columns = [tshark.columns(write(tshark, apart(payloads, port=port)), *BY_CONTENT) for port in (PORT, 9090)]
    assert columns[0] == columns[1]


def test_plain_message_in_every_order(tshark):
    """Its members, and those of its enum, may stand in any order."""
    report = next(message for message in MESSAGES
                  if message.get("type") == "influx_report" and "py/object" not in message)
    probe = next(message for message, row in zip(MESSAGES, ROWS) if row["encode"] != "default")
    query = next(_plain(message) for message in _vrmjobs() if "filters" in message)
    payloads = [json.dumps(dict(order)) for message in (probe, report, query)
                for order in itertools.permutations(message.items())]
    payloads += [json.dumps({**probe, "type": dict(order)}) for order in itertools.permutations(probe["type"].items())]
    assert len(payloads) >= 6 + 120 + 120 + 6
    assert _not_claimed(tshark, payloads) == []


def _with_foreign_members(message):
    """A later release may have more attributes; the class still says what it is."""
    yield {"zzz": 1, **message}
    yield {"": None, **message, "later": {"py/object": "other.Class"}}
    yield {"a": [{"py/object": "other.Class"}] * 50, **message}
    yield {"py/state_of_things": "a/b/c", **message}
    yield {"http://x/y": "/\"py/object\"/", **message}


def test_members_that_no_dto_has(tshark):
    messages = [message for message in MESSAGES if "py/object" in message]
    payloads = [json.dumps(more) for message in messages[::4] for more in _with_foreign_members(message)]
    assert len(payloads) > 60
    assert _not_claimed(tshark, payloads) == []


def test_the_class_alone_is_enough(tshark):
    """What else is wrong with a message of a known class is for its reader to see."""
    payloads = ['{"py/object":"dtos.probe_ack.ProbeAck"}', '{"py/object":"dtos.probe_init.ProbeInit","info":[]}',
                '{"py/object":"vrmjobs.query_ack.QueryAck","py/state":null}',
                '{"x":NaN,"py/object":"dtos.probe_init.ProbeInit"}',
                r'{"py/object":"dtos\u002eprobe_init.ProbeInit"}', r'{"py\/object":"dtos.probe_init.ProbeInit"}',
                r'{"p\u0079/object" : "dtos.probe_init.ProbeInit"}',
                '{"py/object"\t\n: \r "dtos.probe_init.ProbeInit"}',
                r'{"x":"\\","py/object":"dtos.probe_init.ProbeInit"}',
                '{"x":{"py/object":"other.Class"},"py/object":"dtos.probe_init.ProbeInit"}',
                '{"py/object":"other.Class","py/object":"dtos.probe_init.ProbeInit"}',
                json.dumps({**probe_init(), "type": packet_type(2)}),
                json.dumps({**probe_init(), "info": {"type": host_type(9)}})]
    assert _not_claimed(tshark, payloads) == []


def test_reports_without_entries(tshark):
    report = {"type": "", "measurement": "", "tags": [], "fields": [], "timestamp": -1}
    assert _not_claimed(tshark, [json.dumps(report), json.dumps({**report, "timestamp": 10**30})]) == []


def test_fragments(tshark):
    """A datagram of 64 KiB, and one cut in two, in IP fragments."""
    large = json.dumps(probe_init(ports=[("daemon", 10500)] * 800))
    small = json.dumps(probe_init())
    assert 60000 < len(large) < 65500
    path = write(tshark, apart([large, small]), mtu=576)
    told = tshark.rows(path, "crm.type", "crm.hostname", options=(*BY_CONTENT, "-Y", "crm"))
    assert told == [[["1"], ["collector"]]] * 2


def test_vlan_and_broadcast(tshark):
    path = write(tshark, [(probe_init(), (HOST, 40001), ("255.255.255.255", PORT)),
                          (probe_init(), (HOST6, 40001), ("ff02::1", PORT))], vlan=7)
    assert claimed(tshark, path, *BY_CONTENT) == [True, True]


# The captures of the project

@pytest.mark.parametrize("options", [BY_CONTENT, ()], ids=" ".join)
def test_capture_on_custom_ports(tshark, options):
    """All of it, with nothing configured; its ports are 20100, 19090, 20500 and ephemeral ones."""
    capture = ROOT / "pcaps/custom-ports.pcapng"
    truth = json.loads(capture.with_suffix(".truth.json").read_text())
    told = tshark.rows(capture, "frame.number", "crm.type", "crm.id", options=(*options, "-Y", "crm"))
    assert told == [[[str(entry["frame"])], [str(entry["type"])], [entry["id"]]] for entry in truth]
    assert all(claimed(tshark, capture, *options))


def test_captures_moved_to_other_ports(tshark):
    """What is CRM in a capture on the default ports, and valid, is CRM anywhere."""
    captures = [[datagram.payload for datagram in pcapng.datagrams(ROOT / f"pcaps/{name}.pcapng")] for name in (
        "session-jsonpickle1.4-py3.8", "pystate-jsonpickle2.2-py3.12", "enum-by-name-py3.11", "ipv6", "unicode",
        "unpicklable-false", "register-retry", "report-init", "vrmjobs-query-ack", "vrmjobs-py-id", "py-id",
        "fragmented")]
    assert all(captures)
    assert _not_claimed(tshark, [payload for payloads in captures for payload in payloads]) == []


# Pinning: what two endpoints say after they were heard to speak CRM

A, B = (HOST, 40001), (OTHER, PORT)


def _after(tshark, *datagrams, options=()):
    return claimed(tshark, write(tshark, datagrams), *BY_CONTENT, *options)


@pytest.mark.parametrize("message", [register_ack(), _plain(register_ack()), _plain(report_init()), probe_ack()],
                         ids=["RegisterAck", "plain RegisterAck", "plain ReportInit", "ProbeAck"])
def test_conversation_is_pinned(tshark, message):
    """Both directions, from the recognised datagram on."""
    datagrams = [(junk, A, B) for junk in JUNK] + [(message, A, B)] + \
        [(junk, *ends) for junk in JUNK for ends in ((A, B), (B, A))]
    expected = [False] * len(JUNK) + [True] + [True] * 2 * len(JUNK)
    assert _after(tshark, *datagrams) == expected


def test_a_second_pass_is_no_wiser(tshark):
    """What stood before the recognised datagram stays what it was."""
    datagrams = [(JUNK[1], A, B), (register_ack(), A, B), (JUNK[1], B, A)]
    assert _after(tshark, *datagrams, options=("-2",)) == [False, True, True]


@pytest.mark.parametrize("ends", [((HOST, 40002), B), (A, (OTHER, PORT + 1)), (("10.9.0.3", 40001), B),
                                  (A, ("10.9.0.3", PORT)), ((HOST, PORT), (OTHER, 40001)),
                                  ((OTHER, 40001), (HOST, PORT)), ((HOST6, 40001), (OTHER6, PORT))], ids=str)
def test_other_conversations_are_not(tshark, ends):
    assert _after(tshark, (register_ack(), A, B), (JUNK[0], *ends), (JUNK[3], *ends), (JUNK[0], A, B)) == \
        [True, False, False, True]


def test_foreign_datagrams_pin_nothing(tshark):
    near = json.dumps({**register_ack(), "py/object": "other.Class"})
    assert _after(tshark, (near, A, B), (near, A, B), (JUNK[2], A, B)) == [False] * 3


def test_pinned_ipv6(tshark):
    a, b = (HOST6, 40001), (OTHER6, PORT)
    assert _after(tshark, (JUNK[0], a, b), (register_ack(), a, b), (JUNK[0], b, a)) == [False, True, True]


def test_malformed_in_a_pinned_conversation(tshark):
    """It says what is wrong, as on a configured port."""
    broken = as_bytes(register_ack())[:-1]
    path = write(tshark, [(register_ack(), A, B), (broken, A, B), ("{}", A, B), ("[]", B, A)])
    messages = tshark.messages(path, *BY_CONTENT)
    assert [message.expert("crm.json_error") != [] for message in messages] == [False, True, False, False]
    assert [message.expert("crm.unknown_class") != [] for message in messages] == [False, False, True, True]
    assert [protocol for protocol, _ in tshark.columns(path, *BY_CONTENT)] == ["CRM"] * 4
    assert announced(tshark, path, *BY_CONTENT) == [0] * 4


def test_pinning_needs_no_learned_endpoints(tshark):
    datagrams = [(probe_init(inet_addr=HOST, ports=[("d", 40001)]), A, B), (JUNK[0], A, B),
                 (JUNK[0], A, (OTHER, 40009))]
    path = write(tshark, datagrams)
    assert claimed(tshark, path, *BY_CONTENT) == [True, True, False]
    assert claimed(tshark, path) == [True, True, True]


def test_heuristic_switched_off_pins_nothing(tshark):
    datagrams = [(register_ack(), A, B), (JUNK[0], A, B)]
    path = write(tshark, datagrams)
    for options in (("--disable-heuristic", "crm_udp"), ("--disable-protocol", "crm")):
        assert protocols(tshark, path, *BY_CONTENT, *options)[0] in ([], ["data"])
        assert claimed(tshark, path, *BY_CONTENT, *options) == [False, False]


def test_what_a_pinned_conversation_exports(tshark):
    """File > Export PDUs writes for which dissector each datagram is, by name, and that is CRM again."""
    capture, exported = tshark.readable(ROOT / "pcaps/custom-ports.pcapng"), tshark.directory / "write/exported.pcapng"
    tshark.run("-r", capture, *BY_CONTENT, "-U", "OSI layer 4", "-w", exported)
    assert tshark.columns(exported, *BY_CONTENT) == tshark.columns(capture, *BY_CONTENT)


# What ICMP quotes

class _Refusing(pcapng.Writer):
    """Writes behind each frame the one that refuses it."""

    def frame(self, data, time=None, interface=0):
        super().frame(data, time, interface)
        return super().frame(pcapng.port_unreachable(data), interface=interface)


def test_a_quoted_datagram_is_no_second_one(tshark):
    """It is shown as what it is, and takes no part in the dialogue, nor in the statistics."""
    sent = [(probe_init(inet_addr=HOST, ports=[("d", 40001)]), A, B), (probe_ack(), B, A), (JUNK[0], B, (HOST, 40001))]
    path = tshark.new_capture()
    with _Refusing(path) as writer:
        for payload, source, target in sent:
            writer.udp(as_bytes(payload), source, target)
    assert [protocol for protocol, _ in tshark.columns(path)] == ["CRM", "ICMP"] * 3
    for passes in ((), ("-2",)):
        told = tshark.rows(path, "crm.type", "crm.duplicate_of", "crm.response_to", options=passes)
        assert [row[0] for row in told] == [["1"], ["1"], ["2"], ["2"], [], []]
        assert [row[1] for row in told] == [[]] * 6
        assert [row[2] for row in told] == [[], [], ["1"], [], [], []]
    statistics = tshark.run("-q", "-z", "crm,tree", "-r", path)
    assert re.search(r"PROBE_ACK +1\b", statistics) and not re.search(r"PROBE_ACK +2\b", statistics)


def test_a_quoted_datagram_is_not_known_by_its_endpoint(tshark):
    """An announced endpoint makes CRM of what is sent to it; what is only quoted has to say so itself."""
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        writer.udp(as_bytes(probe_init(inet_addr=HOST, ports=[("d", 40001)])), A, B)
        writer.udp(JUNK[0], B, (HOST, 40001))
        for payload, source in ((JUNK[0], ("10.9.0.7", 40007)), (as_bytes(probe_ack()), ("10.9.0.8", 40008))):
            for frame in pcapng.frames_of_datagram(payload, source, (HOST, 40001)):
                writer.frame(pcapng.port_unreachable(frame))
    for passes in ((), ("-2",)):
        assert claimed(tshark, path, *passes) == [True, True, False, True]


@pytest.mark.parametrize("snaplen, right", [(262144, True), (0, False)])
def test_a_part_proves_nothing(tshark, snaplen, right):
    """Not even one with a whole document: what was cut off may be more than white space."""
    payload = as_bytes(register_ack())
    path = tshark.new_capture()
    with pcapng.Writer(path, snaplen=snaplen or 42 + len(payload)) as writer:
        writer.udp(payload + 9 * b" ", (HOST, 40001), (OTHER, PORT))
    assert claimed(tshark, path) == [right]
