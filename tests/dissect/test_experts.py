# SPDX-License-Identifier: GPL-2.0-or-later
"""Each expert information about a datagram's content: when it stands, and when not."""

import csv
import json

import pytest

from plugin_under_test import ROOT
from content import (changed, content_experts, content_names, enum, filter_info, host_info, port_info, probe_ack,
                     probe_init, query_ack, register_ack, report_init, without)

PORT = "info.ports.0.port"


def _duplicate(text, key, value):
    """The document with one more member of this name at its end."""
    return text[:-1] + f', "{key}": {value}}}'


INIT, ACK, REPORT = json.dumps(probe_init()), json.dumps(register_ack()), json.dumps(report_init())

# What is wrong, the payload, and every expert information that it must get, in order.
CASES = [
    ("nothing", INIT, []),
    ("nothing", ACK, []),
    ("nothing", REPORT, []),
    ("an unknown class", changed(probe_init(), "py/object", "dtos.probe_init.Other"), ["unknown_class"]),
    ("a class of another module", changed(probe_init(), "py/object", "other.probe_init.ProbeInit"),
     ["unknown_class"]),
    ("a class of both packages", changed(probe_init(), "py/object", "dtos.vrmjobs.probe_init.ProbeInit"),
     ["unknown_class"]),
    ("a class in the wrong module", changed(probe_init(), "py/object", "dtos.probe_ack.ProbeInit"),
     ["unknown_class"]),
    ("a class that is a part", host_info(), ["unknown_class"]),
    ("an unknown class inside", changed(probe_init(), "info.py/object", "a.B"), ["unknown_class"]),
    ("an unknown class in a list", changed(probe_init(), "info.ports.1.py/object", "a.B"), ["unknown_class"]),
    ("no message", {"a": 1}, ["unknown_class"]),
    ("no object", [1], ["unknown_class"]),
    ("an unknown packet type", changed(probe_init(), "type", enum("dtos.crm_pkt_type.CrmPktType", 9)),
     ["unknown_enum"]),
    ("an unknown host type", changed(probe_init(), "info.type", enum("dtos.host_type.HostType", 9)),
     ["unknown_enum"]),
    ("an enum of another class", changed(probe_init(), "info.type", enum("a.B", 2)), ["unknown_enum"]),
    ("an enum name that is not defined", changed(probe_init(), "info.type", "BOSS"), ["unknown_enum"]),
    ("a negative enum", changed(probe_init(), "info.type", -1), ["unknown_enum"]),
    ("an enum past 32 bits", changed(probe_init(), "info.type", 2**32 + 2), ["unknown_enum"]),
    ("an enum past 64 bits", changed(probe_init(), "info.type", 2**64 + 2), ["unknown_enum"]),
    ("an enum as Python's text", changed(probe_init(), "info.type", "<HostType.COLLECTOR: 2>"), ["unknown_enum"]),
    ("an enum as Python's str()", changed(probe_init(), "type", "CrmPktType.PROBE_INIT"), ["unknown_enum"]),
    ("a port info as Python's text", changed(probe_init(), "info.ports.1", "PortInfo(workerd:10500)"), ["wrong_type"]),
    ("a document in a string", json.dumps(INIT), ["unknown_class"]),
    ("type and class that disagree", changed(probe_init(), "type", probe_ack()["type"]), ["type_mismatch"]),
    ("no id", without(probe_init(), "id"), ["missing_member"]),
    ("no type", without(probe_init(), "type"), ["missing_member"]),
    ("no hostname", without(probe_init(), "info.hostname"), ["missing_member"]),
    ("no ports", without(probe_init(), "info.ports"), ["missing_member"]),
    ("no port", without(probe_init(), PORT), ["missing_member"]),
    ("neither port nor daemon", without(without(probe_init(), PORT), "info.ports.0.daemon"),
     ["missing_member", "missing_member"]),
    ("no status", without(register_ack(), "info.status"), ["missing_member"]),
    ("no job", without(query_ack(), "job"), ["missing_member"]),
    ("no regex", without(query_ack(filter_info("c", ("a", "=", "b"))), "filters.0.criteria.0.regex"),
     ["missing_member"]),
    ("no timestamp", without(report_init(), "timestamp"), ["missing_member"]),
    ("an id that is a number", changed(probe_init(), "id", 1), ["wrong_type"]),
    ("an id that is null", changed(probe_init(), "id", None), ["wrong_type"]),
    ("an info that is text", changed(probe_init(), "info", "x"), ["wrong_type"]),
    ("ports that is an object", changed(probe_init(), "info.ports", {"a": 1}), ["wrong_type"]),
    ("a port info that is a number", changed(probe_init(), "info.ports.0", 5), ["wrong_type"]),
    ("a port that is text", changed(probe_init(), PORT, "80"), ["wrong_type"]),
    ("a port that is a float", changed(probe_init(), PORT, 80.0), ["wrong_type"]),
    ("a port that is true", changed(probe_init(), PORT, True), ["wrong_type"]),
    ("a status that is a number", changed(register_ack(), "info.status", 1), ["wrong_type"]),
    ("retries that are text", changed(register_ack(), "info.max_retries", "3"), ["wrong_type"]),
    ("retries past 64 bits", changed(register_ack(), "info.max_retries", 2**63), ["wrong_type"]),
    ("a message that is a number", changed(register_ack(), "info.message", 1), ["wrong_type"]),
    ("a message of two texts", changed(register_ack(), "info.message", ["a", "b"]), ["wrong_type"]),
    ("a type that is a list", changed(probe_init(), "type", [1]), ["wrong_type"]),
    ("a tag that is a number", changed(report_init(), "tags.0", 1), ["wrong_type"]),
    ("port 0", changed(probe_init(), PORT, 0), ["port_out_of_range"]),
    ("port 1", changed(probe_init(), PORT, 1), []),
    ("port 65535", changed(probe_init(), PORT, 65535), []),
    ("port 65536", changed(probe_init(), PORT, 65536), ["port_out_of_range"]),
    ("port 65536 + 80", changed(probe_init(), PORT, 65616), ["port_out_of_range"]),
    ("port 2**32 + 80", changed(probe_init(), PORT, 2**32 + 80), ["port_out_of_range"]),
    ("port 2**64 + 80", changed(probe_init(), PORT, 2**64 + 80), ["port_out_of_range"]),
    ("a negative port", changed(probe_init(), PORT, -1), ["port_out_of_range"]),
    ("no address", changed(probe_init(), "info.inet_addr", ""), ["inet_addr_invalid"]),
    ("a host name for an address", changed(probe_init(), "info.inet_addr", "collector"), ["inet_addr_invalid"]),
    ("an address of five parts", changed(probe_init(), "info.inet_addr", "10.0.0.2.1"), ["inet_addr_invalid"]),
    ("an address with a NUL", changed(probe_init(), "info.inet_addr", "10.0.0.2\0"), ["inet_addr_invalid"]),
    ("an address with a blank", changed(probe_init(), "info.inet_addr", " 10.0.0.2"), ["inet_addr_invalid"]),
    ("an IPv6 address", changed(probe_init(), "info.inet_addr", "fd00::1"), []),
    ("the same name twice", _duplicate(INIT, "id", '"b"'), ["duplicate_member"]),
    ("the same name thrice", _duplicate(_duplicate(INIT, "id", '"b"'), "id", '"c"'), ["duplicate_member"] * 2),
    ("the same name twice, deep", INIT.replace('"port": 9090', '"port": 1, "port": 9090'), ["duplicate_member"]),
    ("the same name twice, one escaped", _duplicate(INIT, r"\u0069d", '"b"'), ["duplicate_member"]),
    ("the same name twice, in what no DTO has", _duplicate(INIT, "x", '{"a": 1, "a": 2}'), ["duplicate_member"]),
    ("the same name in two objects", INIT, []),
    ("a constant", _duplicate(INIT, "x", "NaN"), ["json_nonstandard"]),
    ("three constants", _duplicate(INIT, "x", "[NaN, Infinity, -Infinity]"), ["json_nonstandard"] * 3),
    ("a constant for a port", INIT.replace("10100", "NaN"), ["wrong_type", "json_nonstandard"]),
    ("an end too early", INIT[:-1], ["json_error"]),
    ("text after the end", INIT + "x", ["json_error"]),
    ("too deep", "[" * 995 + "]" * 995, ["json_depth", "json_error"]),
    ("as deep as can be", "[" * 994 + "]" * 994, ["unknown_class"]),
    ("a reference that leads nowhere", changed(probe_init(), "info.ports.1", {"py/id": 77}),
     ["unresolved_reference"]),
]


@pytest.fixture(scope="module")
def dissected(tshark):
    """All cases in one capture: a start of tshark costs more than they do."""
    return dict(zip(range(len(CASES)), tshark.dissect([payload for _, payload, _ in CASES])))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[what.replace(" ", "-") for what, _, _ in CASES])
def test_expert_information(dissected, number):
    what, _, names = CASES[number]
    assert sorted(content_names(dissected[number])) == sorted(f"crm.{name}" for name in names), what


def test_every_kind_is_tested():
    described = {row["filter"] for row in _described() if row["section"] == "expert: content"}
    assert {f"crm.{name}" for _, _, names in CASES for name in names} == described


# What Python calls a host type; in each place but a text of its own it is no member's name or value.
NAMED = "HostType.COLLECTOR"
OF_HOST_TYPE = {"py/type": "dtos.host_type.HostType"}
NOT_DEFINED = "no host type with this name or number is defined"


@pytest.mark.parametrize("value, host_type, reason", [
    (NAMED, "2", "the receiver gets a text, not an enum"),
    ("Host.COLLECTOR", "2", "the enum's class is not HostType"),
    ("HostTypes.COLLECTOR", "2", "the enum's class is not HostType"),
    ({"__objclass__": OF_HOST_TYPE, "_name_": "COLLECTOR", "_value_": NAMED}, None, NOT_DEFINED),
    ({"py/reduce": [OF_HOST_TYPE, {"py/tuple": [NAMED]}]}, None, NOT_DEFINED),
    ({"py/reduce": [{"py/function": "builtins.getattr"}, {"py/tuple": [OF_HOST_TYPE, NAMED]}]}, None, NOT_DEFINED),
], ids=("text", "shorter", "longer", "attributes", "by value", "by name"))
def test_an_enum_by_what_python_calls_it(tshark, value, host_type, reason):
    message, = tshark.dissect([changed(probe_init(), "info.type", value)])
    (text,) = message.expert("crm.unknown_enum")
    assert message.value("crm.host_type") == host_type and text.startswith(f"info.type: {reason}"), text


# Where an object stands in a message, with the classes that belong there.
PLACES = [(probe_init(), "info", {"HostInfo"}), (register_ack(), "info", {"RegisterInfo"}),
          (probe_init(), "info.ports.0", {"PortInfo"}), (query_ack(filter_info("c")), "filters.0", {"FilterInfo"}),
          (query_ack(filter_info("c", ("a", "=", "b"))), "filters.0.criteria.0", set())]
PARTS = [probe_init(), probe_ack(), register_ack(), query_ack(), report_init(), host_info(), port_info("d", 1),
         register_ack()["info"], filter_info("c", ("a", "=", "b"))]


def test_any_class_in_any_place(tshark):
    """A known class where another belongs is told, and each of its attributes shown."""
    cases = [(place, path, classes, part) for place, path, classes in PLACES for part in PARTS]
    messages = tshark.dissect([changed(place, path, part) for place, path, _, part in cases])
    for (_, path, classes, part), message in zip(cases, messages):
        name = part["py/object"].split(".")[-1]
        assert ("crm.wrong_type" in content_names(message)) == (name not in classes), (path, name)
        if name == "PortInfo":
            assert "1" in message.values("crm.port_info.port"), path


def _described():
    with open(ROOT / "docs/fields.in.tsv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_severities_and_groups(dissected):
    expected = {row["filter"]: row["type"] for row in _described() if row["section"].startswith("expert")}
    for message in dissected.values():
        for expert in content_experts(message):
            assert f"{expert.severity}, {expert.group}" == expected[expert.name], expert


def _one(tshark, payload):
    return tshark.dissect([payload])[0]


def test_without_a_tree_those_of_the_first_member_are_told_too(tshark):
    """-z expert has no tree to look at."""
    capture = tshark.capture([{"py/object": "other.Class"}, {"id": 7, **without(probe_init(), "id")}])
    said = tshark.run("-r", tshark.readable(capture), "-q", "-z", "expert")
    assert said.count("this py/object names no known DTO") == 1 and said.count("CRM  id: ") == 1, said


def test_without_a_tree_those_inside_an_object_are_told_too(tshark):
    capture = tshark.capture([changed(probe_init(), PORT, 0)])
    assert "info.ports[0].port: a port is a number from 1 to 65535" in \
        tshark.run("-r", tshark.readable(capture), "-q", "-z", "expert")


def test_texts_name_what_they_are_about(tshark):
    payload = without(without(changed(probe_init(), PORT, 70000), "info.hostname"), "id")
    texts = [expert.text for expert in content_experts(_one(tshark, payload))]
    assert any("info.ports[0].port" in text for text in texts)
    assert any('"hostname"' in text and "HostInfo" in text for text in texts)
    assert any('"id"' in text and "ProbeInit" in text for text in texts)


def test_a_port_that_does_not_fit_is_shown_as_text(tshark):
    """And never as another port: 65536 + 80 is not 80."""
    ports = [65536 + 80, 2**32 + 80, 2**64 + 80, -65456, "80", 80.0, True, None, [80], {}]
    messages = tshark.dissect([changed(probe_init(), PORT, port) for port in ports])
    for port, message in zip(ports, messages, strict=True):
        assert message.values("crm.port_info.port") == ["9090"], port
        assert message.value("crm.invalid_value") == json.dumps(port)
        assert message.values("crm.port_info")[0] == f"coordinatord:{json.dumps(port)}"
        assert json.loads(message.value("crm.dto"))["info"]["ports"][0]["port"] in (port, str(port))


def test_values_of_the_wrong_type_stand_in_place(tshark):
    payload = changed(changed(register_ack(), "info.status", "yes"), "info.max_retries", 2**63)
    message = _one(tshark, payload)
    assert message.values("crm.invalid_value") == [str(2**63), '"yes"']
    assert message.values("crm.register.status") == message.values("crm.register.max_retries") == []


@pytest.mark.parametrize("text", ["<HostType.COLLECTOR: 2>", "HostType.COLLECTOR"])
def test_an_enum_as_text_has_its_number(tshark, text):
    message = _one(tshark, changed(probe_init(), "info.type", text))
    assert message.value("crm.host_type") == "2" and message.values("crm.encoding.enum") == ["0", "4"]
    assert "the receiver gets a text, not an enum" in message.expert("crm.unknown_enum")[0]
    assert json.loads(message.value("crm.dto"))["info"]["type"] == "COLLECTOR"


@pytest.mark.parametrize("text", [
    "PortInfo(workerd:10500)", "HostInfo(WORKER-worker1[10.0.0.11] - ports: [workerd:10500])"])
def test_an_object_as_text_is_told(tshark, text):
    message = _one(tshark, changed(probe_init(), "info.ports.1", text))
    assert message.value("crm.invalid_value") == json.dumps(text)
    told, = message.expert("crm.wrong_type")
    assert "Python's text of an object, as jsonpickle writes it with max_depth or make_refs=False" in told


def test_the_last_of_two_members_counts(tshark):
    payload = _duplicate(_duplicate(ACK, "id", '"second"'), "id", '"third"')
    message = _one(tshark, payload)
    assert message.value("crm.id") == "third"
    assert len([value for value in message.values("crm.member") if value.startswith("id = ")]) == 2
    assert json.loads(message.value("crm.dto"))["id"] == "third"


def test_the_last_of_two_classes_counts(tshark):
    message = _one(tshark, _duplicate(INIT, "py/object", '"dtos.probe_ack.ProbeAck"'))
    assert message.value("crm.object") == "dtos.probe_ack.ProbeAck"
    assert "crm.type_mismatch" in content_names(message)


def test_many_findings_are_counted(tshark):
    ports = [{"daemon": "d", "port": 0}] * 1000
    payload = {"id": "x", "info": {"hostname": "h", "inet_addr": "10.0.0.2", "ports": ports, "type": 1}, "type": 2}
    experts = content_experts(tshark.dissect([payload], mtu=65535)[0])
    assert 500 <= len(experts) <= 520
    assert "more findings are not shown" in experts[-1].text


def test_an_address_that_is_announced_twice_is_told_once(tshark):
    """Under both names that it ever had, of which the first is the receiver's."""
    message = probe_init()
    message["info"].update(inet_addr="10.0.0.8", ip_addr="10.0.0.9")
    items = tshark.layout(tshark.capture([message]))[0]
    addresses = [item.start for item in items if item.name == "crm.inet_addr"]
    assert len(addresses) == 2 and [item.start for item in items if item.name == "_ws.expert"] == addresses[:1]
