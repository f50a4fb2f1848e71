# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shown of a datagram that breaks off: all that stood complete, and nothing else."""

import json

import pytest

import pcapng
from content import content_experts, content_names, filter_info, probe_init, query_ack, register_ack
from plugin_under_test import ROOT
from test_dialects import ROWS, _spellings
from tshark import COLLECTOR, WORKER, as_bytes

# Not on the wire, so that a break says nothing of them.
DERIVED = {"crm.dto", "crm.encoding", "crm.encoding.enum", "crm.response_in", "crm.response_to",
           "crm.response_time", "crm.acks", "crm.attempt", "crm.duplicate_of", "crm.announced_in", "crm.worker",
           "crm.collector", "crm.silent_host", "crm.missed_probes"}


def _sent(message):
    return [(name, value) for name, value in message.fields
            if name.startswith("crm.") and name not in DERIVED and value]


def _grows(payload, messages):
    """Fields come one after another, each with its final value."""
    whole = _sent(messages[-1])
    before = []
    for length, message in enumerate(messages[:-1], 1):
        fields = _sent(message)
        remaining = list(whole)
        for field in fields:
            assert field in remaining, f"cut at byte {length}: {field} is not in the whole message"
            remaining.remove(field)
        for field in before:
            assert fields.count(field) >= before.count(field), f"cut at byte {length}: {field} is gone"
        before = fields
    assert len(before) > len(whole) // 2, payload


def _payloads():
    rows = {(row["python"], row["jsonpickle"], row["encode"]): row["payload"] for row in ROWS
            if row["dto"] == "ProbeInit"}
    yield "by value", json.dumps(probe_init())
    yield "py/state", next(payload for payload in rows.values() if "py/state" in payload)
    yield "by name", next(payload for payload in rows.values() if "getattr" in payload)
    yield "attributes", next(payload for payload in rows.values() if "_value_" in payload)
    yield "register", json.dumps(register_ack(False, "é😀\"\\", 12))
    yield "members", json.dumps({**probe_init(), "extra": {"a": [1, "é"], "b": {}}, "more": "é"}, ensure_ascii=False)
    yield "query", json.dumps(query_ack(filter_info("disk", ("a", "=", "b"), ("c", "=~", "d"))))


@pytest.mark.parametrize("name, payload", list(_payloads()), ids=lambda value: value if len(value) < 12 else "")
def test_cut_at_every_byte(tshark, name, payload):
    data = payload.encode()
    messages = tshark.dissect([data[:length] for length in range(1, len(data) + 1)])
    for message in messages[:-1]:
        assert "crm.json_error" in content_names(message)
        assert set(content_names(message)) == {"crm.json_error"}, "the sender's end is no other mistake"
        assert message.values("crm.dto") == []
    assert content_names(messages[-1]) == []
    _grows(name, messages)


def test_each_value_appears_when_it_is_complete(tshark):
    """A string with its closing quote, an object with its bracket, and a number
    with the byte after it: before that it may go on."""
    data = as_bytes(probe_init())
    messages = tshark.dissect([data[:length] for length in range(1, len(data) + 1)])
    for name, value, end in [("crm.hostname", "collector", data.index(b'"collector"') + 11),
                             ("crm.port_info.port", "10100", data.index(b"10100") + 6),
                             ("crm.port_info", "coordinatord:10100", data.index(b"10100}") + 6)]:
        first = next(length for length, message in enumerate(messages, 1) if value in message.values(name))
        assert first == end, name


def test_an_object_that_breaks_off_is_labelled_so(tshark):
    text = json.dumps(probe_init())
    message = tshark.dissect([text[:text.index('"inet_addr"')]])[0]
    assert "Host Info: breaks off" in message.labels()


def test_error_in_the_middle_shows_what_stood_before(tshark):
    text = json.dumps(probe_init())
    at = text.index('"inet_addr"')
    message = tshark.dissect([text[:at] + "!" + text[at:]])[0]
    assert message.value("crm.hostname") == "collector" and message.values("crm.inet_addr") == []
    assert f"at byte {at}:" in message.expert("crm.json_error")[0]


def test_snaplen_is_no_error(tshark):
    """The capture cut it, not the sender."""
    payloads = [spelling for spelling in _spellings(json.dumps(probe_init())).values()]
    for snaplen in (43, 60, 150, 300, 420):
        capture = tshark.capture(payloads, snaplen=snaplen)
        for message in tshark.messages(capture):
            assert not content_experts(message), (snaplen, content_experts(message))
        text = tshark.run("-r", capture, "-V")
        cut = sum(len(payload) + 42 > snaplen for payload in payloads)
        assert text.count("Packet size limited during capture") == cut
        assert "Malformed" not in text


def test_error_before_the_snaplen_is_one(tshark):
    text = json.dumps(probe_init())
    message = tshark.messages(tshark.capture(["{'" + text], snaplen=200))[0]
    assert content_names(message) == ["crm.json_error"]


def _fragments(tshark, payload, leave_out=(), mtu=300):
    whole, kept = tshark.new_capture(), tshark.new_capture()
    with pcapng.Writer(whole) as writer:
        last = writer.udp(payload, COLLECTOR, WORKER, mtu=mtu)
    with pcapng.Writer(kept) as writer:
        for frame, time, _, data in pcapng.frames(whole):
            if frame not in leave_out and frame - last - 1 not in leave_out:
                writer.frame(data, time)
    return kept


def test_all_fragments(tshark):
    messages = tshark.messages(_fragments(tshark, as_bytes(probe_init())))
    assert len(messages) == 2
    assert _sent(messages[0]) == []
    assert messages[1].values("crm.port_info") == ["coordinatord:10100", "collectord:9090"]
    assert content_names(messages[1]) == []


@pytest.mark.parametrize("leave_out", [(1,), (2,), (-1,), (1, -1)])
def test_missing_fragments(tshark, leave_out):
    """Reassembly waits for them: no frame is CRM, none is malformed."""
    capture = _fragments(tshark, as_bytes(probe_init()) + b" " * 400, leave_out)
    for message in tshark.messages(capture):
        assert not message.experts and not message.values("crm.type")


@pytest.mark.parametrize("leave_out", [(), (2,), (-1,)])
def test_fragments_one_by_one(tshark, leave_out):
    """Without reassembly the first one is read as far as it goes."""
    capture = _fragments(tshark, as_bytes(probe_init()), leave_out)
    messages = tshark.messages(capture, "-o", "ip.defragment:FALSE")
    assert messages[0].value("crm.hostname") == "collector"
    for message in messages:
        assert not content_experts(message), content_experts(message)
    assert all(not message.values("crm.hostname") for message in messages[1:])


def test_the_fragmented_capture_without_reassembly(tshark):
    messages = tshark.messages(ROOT / "pcaps/fragmented.pcapng", "-o", "ip.defragment:FALSE")
    assert messages[0].value("crm.hostname") == "bigworker"
    assert not content_experts(messages[0])
