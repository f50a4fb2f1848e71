# SPDX-License-Identifier: GPL-2.0-or-later
"""Which bytes each field highlights: PDML's positions against the payload itself.

A string's are the characters between the quotes; a number's or a literal's, its
digits or letters; an enum's, its whole JSON value; an object's, brackets included.
"""

import json

import pytest

from content import changed, filter_info, probe_init, query_ack, register_ack
from test_dialects import ROWS, _spellings
from tshark import as_bytes

# Fields whose bytes are the JSON text of a string's inside, of a number or literal.
STRINGS = {"crm.object", "crm.id", "crm.hostname", "crm.inet_addr", "crm.port_info.daemon",
           "crm.register.message", "crm.query.job", "crm.filter.category", "crm.filter.field_name",
           "crm.filter.field_value", "crm.filter.regex", "crm.report.type", "crm.report.measurement",
           "crm.report.tag", "crm.report.field"}
NUMBERS = {"crm.port_info.port", "crm.register.max_retries", "crm.report.timestamp", "crm.reference"}
ENUMS = {"crm.type", "crm.host_type"}
OBJECTS = {"crm.host_info", "crm.register_info", "crm.port_info", "crm.query_info", "crm.filter_info",
           "crm.filter.criterion"}
ENUM_NUMBERS = {"PROBE_INIT": 1, "PROBE_ACK": 2, "REG_ACK": 3, "QUERY_ACK": 4, "METRIC_INIT": 100,
                "COLLECTOR": 2, "WORKER": 1}


def _number_of(value):
    """An enum's number, wherever its form has it."""
    text = json.dumps(value)
    return next((number for name, number in ENUM_NUMBERS.items() if f'"{name}"' in text),
                None) or int("".join(c for c in text if c.isdigit()))


def _check_item(payload, item):
    """The bytes of one item are what the item shows, read by Python's json."""
    data = payload[item.start:item.end]
    if item.name in STRINGS:
        assert payload[item.start - 1:item.start] == b'"' == payload[item.end:item.end + 1], item
        assert json.loads(b'"' + data + b'"') == item.show, item
    elif item.name in NUMBERS:
        assert data.decode() == item.show, item
        assert not payload[item.end:item.end + 1].isdigit() and not payload[item.start - 1:item.start].isdigit()
    elif item.name in ENUMS:
        assert _number_of(json.loads(data)) == int(item.show), item
        assert data[:1] + data[-1:] in (b"{}", b'""') or data.isdigit(), item
    elif item.name in OBJECTS:
        assert isinstance(json.loads(data), dict) and data[:1] + data[-1:] == b"{}", item
    elif item.name == "crm.exporter":
        [(name, value)] = json.loads(b"{" + data + b"}").items()
        assert item.show.startswith(f"{name}: ") and json.loads(item.show[len(name) + 2:]) == value, item
    elif item.name == "crm.invalid_value":
        assert data.decode() == item.show, item
    elif item.name == "crm.register.status":
        assert json.loads(data) is (item.show in ("1", "True")), item
    elif item.name in ("crm.inet_addr.ipv4", "crm.inet_addr.ipv6", "crm.report.time"):
        assert data, item
    else:
        return False
    return True


def _check(payload, items, names):
    checked = [item.name for item in items if _check_item(as_bytes(payload), item)]
    assert names <= set(checked), names - set(checked)


@pytest.mark.parametrize("dto, names", [
    ("ProbeInit", {"crm.id", "crm.type", "crm.host_info", "crm.hostname", "crm.inet_addr", "crm.inet_addr.ipv4",
                   "crm.host_type", "crm.port_info", "crm.port_info.daemon", "crm.port_info.port"}),
    ("RegisterAck fail", {"crm.register_info", "crm.register.status", "crm.register.message",
                          "crm.register.max_retries", "crm.id", "crm.type"}),
    ("ReportInit", {"crm.report.type", "crm.report.measurement", "crm.report.tag", "crm.report.field",
                    "crm.report.timestamp", "crm.report.time"})])
def test_bytes_in_every_dialect(tshark, dto, names):
    payloads = [spelling for row in ROWS if row["dto"] == dto
                for name, spelling in _spellings(row["payload"]).items() if name != "padded"]
    for payload, items in zip(payloads, tshark.layout(tshark.capture(payloads)), strict=True):
        _check(payload, items, names)


def test_bytes_of_a_query(tshark):
    payload = query_ack(filter_info("disk", ("mounpoint", "=", "/rootfs"), ("device", "=~", "^.*/dev/sda.*$")))
    items = tshark.layout(tshark.capture([payload]))[0]
    _check(payload, items, {"crm.query.job", "crm.filter_info", "crm.filter.category", "crm.filter.criterion",
                            "crm.filter.field_name", "crm.filter.field_value", "crm.filter.regex", "crm.object"})


def test_bytes_of_beyond_ascii(tshark):
    payloads = list(_spellings(json.dumps(register_ack(text='é"雲\\😀\n'))).values())
    for payload, items in zip(payloads, tshark.layout(tshark.capture(payloads)), strict=True):
        item = next(item for item in items if item.name == "crm.register.message")
        assert json.loads(b'"' + payload[item.start:item.end] + b'"') == 'é"雲\\😀\n'


def test_bytes_of_bare_enums(tshark):
    payload = {"id": "x", "info": {"hostname": "h", "inet_addr": "10.0.0.2", "ports": [], "type": "COLLECTOR"},
               "type": 1}
    items = {item.name: item for item in tshark.layout(tshark.capture([payload]))[0]}
    data = as_bytes(payload)
    assert data[items["crm.type"].start:items["crm.type"].end] == b"1"
    assert data[items["crm.host_type"].start:items["crm.host_type"].end] == b'"COLLECTOR"'


def test_bytes_of_what_a_reference_brings_back(tshark):
    payload = changed(probe_init(), "info.ports.1", {"py/id": 3})
    items = tshark.layout(tshark.capture([payload]))[0]
    _check(payload, items, {"crm.reference", "crm.port_info"})
    first, second = [item for item in items if item.name == "crm.port_info"]
    assert (first.start, first.end, first.parent) == (second.start, second.end, "crm.host_info")
    assert second.parent == "crm.reference"


def test_what_a_reference_brings_back_is_generated(tshark):
    shown = tshark.run("-r", tshark.capture([changed(probe_init(), "info.ports.1", {"py/id": 3})]), "-V")
    assert [line.strip() for line in shown.splitlines() if "Port Info: " in line] == \
        ["Port Info: coordinatord:10100", "[Port Info: coordinatord:10100]"]


def test_bytes_of_members_of_no_dto(tshark):
    payload = as_bytes(changed(changed(probe_init(), "info.extra", {"a": [1]}), "more", "text"))
    items = [item for item in tshark.layout(tshark.capture([payload]))[0] if item.name == "crm.member"]
    assert [payload[item.start:item.end] for item in items] == [b'"extra": {"a": [1]}', b'"more": "text"']


def test_bytes_of_values_that_do_not_fit(tshark):
    """They stand in the place of the field, labeled as it is, over the value's bytes."""
    payload = changed(changed(changed(probe_init(), "info.ports.0.port", 65616), "id", 17), "info.hostname", ["\x7f"])
    items = tshark.layout(tshark.capture([payload]))[0]
    _check(payload, items, {"crm.invalid_value"})
    found = {item.showname: item.parent for item in items if item.name == "crm.invalid_value"}
    assert found == {"Port: 65616": "crm.port_info", "ID: 17": None, 'Host Name: ["\\u007f"]': "crm.host_info"}


def test_a_value_that_does_not_fit_is_labelled_in_full(tshark):
    items = tshark.layout(tshark.capture([changed(probe_init(), "id", ["x" * 100])]))[0]
    assert [item.showname for item in items if item.name == "crm.invalid_value"] == [f'ID: ["{"x" * 100}"]']


def test_bytes_of_short_criteria(tshark):
    """One alone is the object; of several, each is its member."""
    filters = {"py/object": "vrmjobs.filter_info.FilterInfo", "category": "disk",
               "criteria": [{"mounpoint": "/rootfs"}, {"device": "sda", "mode": "idle"}]}
    payload = as_bytes(query_ack(filters))
    items = [item for item in tshark.layout(tshark.capture([payload]))[0] if (item.name or "").startswith("crm.filter.")]
    found = [(item.name[11:], item.show, payload[item.start:item.end].decode()) for item in items]
    assert found == [
        ("category", "disk", "disk"),
        ("criterion", "mounpoint = /rootfs", '{"mounpoint": "/rootfs"}'),
        ("field_name", "mounpoint", "mounpoint"), ("field_value", "/rootfs", "/rootfs"),
        ("criterion", "device = sda", '"device": "sda"'),
        ("field_name", "device", "device"), ("field_value", "sda", "sda"),
        ("criterion", "mode = idle", '"mode": "idle"'),
        ("field_name", "mode", "mode"), ("field_value", "idle", "idle")]


def test_byte_of_an_error(tshark):
    """The byte at which the receiver stops reading, and no other."""
    cases = [(b'{"id": 1,}', 9), (b'{"id" 1}', 6), (b'{"id": tru}', 7), (b'["\x01"]', 2),
             (b'{"id": "\xff"}', 8), (b"{'id': 1}", 1), (b'{} x', 3), (b"\xef\xbb\xbf{}", 0)]
    frames = tshark.layout(tshark.capture([payload for payload, _ in cases]))
    for (payload, at), items in zip(cases, frames, strict=True):
        error = next(item for item in items if item.name == "_ws.expert" and item.parent
                     or item.name == "crm.json_error")
        spot = next(item for item in items if item.showname.startswith(f"at byte {at}:")
                    or f"at byte {at}:" in item.showname)
        assert error is not None
        assert (spot.start, spot.end) == (at, at + 1), payload


def test_what_the_limit_leaves_out_is_highlighted_as_a_whole(tshark):
    """From the first entry that is not shown to the end of the list."""
    payload = as_bytes({"id": "i", "info": {"hostname": "h", "inet_addr": "10.0.0.2", "type": 1,
                                            "ports": [{"port": 7}] * 2048 + [{"port": 8}, {"port": 9}]}, "type": 2})
    (items,) = tshark.layout(tshark.capture([payload], mtu=65535))
    (rest,) = [item for item in items if "2 more entries" in item.showname]
    assert payload[rest.start:rest.end] == b'{"port": 8}, {"port": 9}]'
