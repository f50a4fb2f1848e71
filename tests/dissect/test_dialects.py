# SPDX-License-Identifier: GPL-2.0-or-later
"""The same message in every form that jsonpickle has for it gives the same fields.

dialects.tsv holds payloads that the real encoder wrote: one of each DTO for nine
pairs of a Python and a jsonpickle release, with the default and with
unpicklable=False. The live tests encode with the jsonpickle that is installed.
"""

import itertools
import json

import pytest

import dtos_modules
from content import (SPELLINGS, UUID, changed, content_names, host_info, in_state, packet_type, port_info, probe_init,
                     register_ack)
from recognition import dialects

# What tells the dialect itself, and not the message.
OF_THE_DIALECT = {"crm.object", "crm.encoding", "crm.encoding.enum"}

ROWS = dialects()
DTOS = sorted({row["dto"] for row in ROWS})


def _spellings(payload):
    """The same document as sent, and as other backends of jsonpickle write it."""
    document = json.loads(payload)
    return {"as sent": payload.encode(), **{name: spell(document).encode() for name, spell in SPELLINGS.items()}}


def _meaning(message):
    """The fields without what belongs to the dialect; in no order, as the
    members of a document have none. Lists keep theirs: they share a name."""
    names = {name for name, _ in message.fields if name.startswith("crm.")} - OF_THE_DIALECT
    return {name: message.values(name) for name in names}


@pytest.mark.parametrize("dto", DTOS)
def test_every_dialect_has_the_same_meaning(tshark, dto):
    rows = [row for row in ROWS if row["dto"] == dto]
    variants = [(f"Python {row['python']}, jsonpickle {row['jsonpickle']}, {row['encode']}, {name}", payload)
                for row in rows for name, payload in _spellings(row["payload"]).items()]
    messages = tshark.dissect([payload for _, payload in variants], "-o", "gui.column.format:\"P\",\"%p\"")
    first = _meaning(messages[0])
    json.loads(first["crm.dto"][0])
    assert first["crm.dto"] and "crm.member" not in first
    for (name, _), message in zip(variants, messages):
        assert _strip_traffic(_meaning(message)) == _strip_traffic(first), name
        assert content_names(message) == [], name


def _strip_traffic(meaning):
    """The same datagram over and over is a duplicate, which is not its meaning."""
    of_traffic = ("crm.response", "crm.acks", "crm.attempt", "crm.duplicate_of", "crm.announced_in")
    return {name: value for name, value in meaning.items() if not name.startswith(of_traffic)}


def test_encoding_of_each_dialect(tshark):
    rows = [row for row in ROWS if row["dto"] == "ProbeInit"]
    for row, message in zip(rows, tshark.dissect([row["payload"] for row in rows])):
        payload = row["payload"]
        encoding = "2" if "py/object" not in payload else "1" if "py/state" in payload else "0"
        form = "1" if "builtins.getattr" in payload else "0" if "py/reduce" in payload else "2"
        assert (message.value("crm.encoding"), message.value("crm.encoding.enum")) == (encoding, form), row
        assert message.value("crm.object") == json.loads(payload).get("py/object")


def test_table_has_every_form():
    """So that the tests above test what they say."""
    everything = "".join(row["payload"] for row in ROWS)
    for form in ("py/state", "builtins.getattr", "null, null, null", "_value_", "_sort_order_", "py/tuple"):
        assert form in everything
    assert any(row["payload"].rindex('"py/object": "dtos.probe_init') > 100 for row in ROWS
               if row["dto"] == "ProbeInit" and "py/object" in row["payload"])


def test_text_in_each_spelling(tshark):
    cases = [(text, spelling) for text in ("Échec → 😀", "\u0000", "a\"b\\c/d\b\f\n\r\t", "雲", "\U0010ffff", " ", "")
             for spelling in _spellings(json.dumps(register_ack(text=text))).values()]
    for (text, _), message in zip(cases, tshark.dissect([spelling for _, spelling in cases]), strict=True):
        shown = message.value("crm.register.message")
        assert shown == text.replace("\0", "\\u0000").replace("\b", "\\u0008").replace("\f", "\\u000c")
        assert json.loads(message.value("crm.dto"))["info"]["message"] in (text, shown)


ESCAPES = [
    (r"a\ud83d\ude00b", "a😀b"), (r"a\ud83db", r"a\ud83db"), (r"a\ude00b", r"a\ude00b"),
    (r"\ude00\ud83d", r"\ude00\ud83d"), (r"a\u0000b", r"a\u0000b"), (r"\ud83d\ud83d\ude00", "\\ud83d😀"),
    (r"\uD83D\uDE00", "😀"), (r"\/", "/")]


def test_escapes_are_decoded_and_never_cut(tshark):
    payloads = [json.dumps(register_ack(text="HERE")).replace("HERE", escape) for escape, _ in ESCAPES]
    for (_, shown), message in zip(ESCAPES, tshark.dissect(payloads), strict=True):
        assert message.value("crm.register.message") == shown
        assert content_names(message) == [], shown


# References: {"py/id": N}


def _with_reference(n, **extra):
    ports = [port_info("p", 1), {"py/id": n}]
    return changed({**probe_init(), **extra}, "info.ports", ports)


def test_reference_before_jsonpickle_2(tshark):
    """0 message, 1 info, 2 the list?, then its entries: arrays count."""
    message = tshark.dissect([_with_reference(3)])[0]
    assert message.value("crm.reference") == "3"
    assert message.values("crm.port_info") == ["p:1", "p:1"]
    assert content_names(message) == []
    ports = json.loads(message.value("crm.dto"))["info"]["ports"]
    assert ports == [{"daemon": "p", "port": 1}] * 2


def _in_state(n):
    """From jsonpickle 2.0 on, the dict in py/state counts."""
    return in_state(_with_reference(n))


def _target_number(document, dicts):
    """The number that the first PortInfo has, counted as jsonpickle counts."""
    count = itertools.count()

    def walk(value):
        if isinstance(value, dict):
            if "py/object" in value or (dicts and not any(key.startswith("py/") for key in value)):
                number = next(count)
                if str(value.get("py/object", "")).endswith("PortInfo"):
                    return number
            elif any(key in value for key in ("py/reduce", "py/tuple", "py/id", "py/type")):
                return None
            return next((found for item in value.values() if (found := walk(item)) is not None), None)
        if isinstance(value, list):
            next(count)
            return next((found for item in value if (found := walk(item)) is not None), None)
        return None
    return walk(document)


@pytest.mark.parametrize("is_sorted", [False, True])
def test_one_object_in_state_tells_the_encoding(tshark, is_sorted):
    """Before the message's own class or behind it."""
    info = probe_init()["info"]
    document = changed(probe_init(), "info", {"py/object": info.pop("py/object"), "py/state": info})
    assert tshark.dissect([json.dumps(document, sort_keys=is_sorted)])[0].value("crm.encoding") == "1"


@pytest.mark.parametrize("dicts", [False, True])
def test_reference_in_state_in_either_numbering(tshark, dicts):
    number = _target_number(_in_state(0), dicts)
    message = tshark.dissect([_in_state(number)])[0]
    assert message.values("crm.port_info") == ["p:1", "p:1"]
    assert content_names(message) == []


def test_references_behind_enums(tshark):
    """As the real encoder writes and reads them: an enum counts, too. No published class has one before its ports."""
    jsonpickle = pytest.importorskip("jsonpickle")
    shared = dtos_modules.make("PortInfo", daemon="workerd", port=10500)
    ports = [shared, *(dtos_modules.make("PortInfo", daemon=name, port=number) for number, name in enumerate("bcd", 1)), shared]
    info = dtos_modules.make("HostInfo", type=dtos_modules.enum("HostType").WORKER, hostname="h", inet_addr="10.0.0.2",
                             ports=ports)
    payload = jsonpickle.encode(dtos_modules.make("ProbeInit", type=dtos_modules.enum("CrmPktType").PROBE_INIT, id="1",
                                                  info=info))
    assert "py/id" in payload
    right = [f"{port.daemon}:{port.port}" for port in jsonpickle.decode(payload).info.ports]
    assert right[0] == right[-1] and len(set(right)) == 4
    (message,) = tshark.dissect([payload])
    assert message.values("crm.port_info") == right
    assert content_names(message) == []


def test_reference_that_leads_nowhere(tshark):
    numbers = [0, 1, 2, 4, 99, -1, 2**40, 1.5, "3", None]
    for number, message in zip(numbers, tshark.dissect([_with_reference(number) for number in numbers]), strict=True):
        assert message.values("crm.port_info") == ["p:1"], number
        assert content_names(message) == ["crm.unresolved_reference"], number
        assert json.loads(message.value("crm.dto"))["info"]["ports"][1] == {"py/id": number}


def test_ambiguous_reference(tshark):
    """Both countings hit a PortInfo, and not the same one: neither is claimed."""
    document = _in_state(0)
    ports = document["info"]["py/state"]["ports"] if "info" in document else \
        document["py/state"]["info"]["py/state"]["ports"]
    ports[:] = [{"py/object": "dtos.port_info.PortInfo", "py/state": {"daemon": f"d{i}", "port": i + 1}}
                for i in range(6)]
    without = _target_number(document, False) + 5
    with_dicts = _target_number(document, True)
    number = next(n for n in range(with_dicts, without + 1) if (n - with_dicts) % 2 == 0
                  and n - _target_number(document, False) != (n - with_dicts) // 2)
    ports.append({"py/id": number})
    message = tshark.dissect([document])[0]
    assert "crm.unresolved_reference" in content_names(message)
    assert len(message.values("crm.port_info")) == 6


def test_a_name_that_stands_twice_beside_a_reference_that_another_decides(tshark):
    """Only with dictionaries counted is 5 a PortInfo, and so 4 is the first."""
    ports = [port_info("first", 1), port_info("second", 2), {"py/id": 4}, {"py/id": 5}]
    document = {"x": {"a": 1, "b": 2}, **changed(probe_init(), "info.ports", ports)}
    (message,) = tshark.dissect([json.dumps(document).replace('"b": 2', '"a": 2')])
    assert message.values("crm.port_info") == ["first:1", "second:2"] * 2
    assert content_names(message) == ["crm.duplicate_member"]


def test_references_multiply_nothing(tshark):
    """Thousands of references to one long object: shown up to a limit."""
    ports = [port_info("x" * 1000, 1)] + [{"py/id": 3}] * 4000
    message = tshark.dissect([changed(probe_init(), "info.ports", ports)], mtu=65535)[0]
    assert 1 < len(message.values("crm.port_info")) < 100
    assert "crm.unresolved_reference" in content_names(message)


# Encoded now, by the jsonpickle of this system


@pytest.fixture(scope="module")
def live():
    """Messages by the real encoder, and what they were made of."""
    pytest.importorskip("jsonpickle")
    return dtos_modules.samples(UUID)


@pytest.mark.parametrize("options", [{}, {"unpicklable": False}], ids=["default", "unpicklable=False"])
def test_live_encoder(tshark, live, options):
    import jsonpickle
    names = list(live)
    payloads = [jsonpickle.encode(live[name][0], **options) for name in names]
    for name, payload, message in zip(names, payloads, tshark.dissect(payloads)):
        assert content_names(message) == [], name
        assert json.loads(message.value("crm.dto")) == live[name][1], name
        for field, values in live[name][2].items():
            assert message.values(field) == values, (name, field)


def test_live_encoder_writes_references(tshark, live):
    import jsonpickle
    port = dtos_modules.make("PortInfo", daemon="workerd", port=10500)
    info = dtos_modules.make("HostInfo", hostname="w", inet_addr="10.0.0.11", ports=[port, port],
                             type=dtos_modules.enum("HostType").WORKER)
    ack = dtos_modules.make("ProbeAck", id=UUID, info=info, type=dtos_modules.enum("CrmPktType").PROBE_ACK)
    payload = jsonpickle.encode(ack)
    assert "py/id" in payload
    message = tshark.dissect([payload])[0]
    assert message.values("crm.port_info") == ["workerd:10500"] * 2
    assert content_names(message) == []


def test_host_info_alone_is_no_message(tshark):
    message = tshark.dissect([host_info()])[0]
    assert content_names(message) == ["crm.unknown_class"]


def test_vrmjobs_enum_in_dtos_message(tshark):
    """A class of the other package is still an enum of these numbers."""
    message = tshark.dissect([changed(probe_init(), "type", packet_type(1, "vrmjobs"))])[0]
    assert message.value("crm.type") == "1" and content_names(message) == []
