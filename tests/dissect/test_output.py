# SPDX-License-Identifier: GPL-2.0-or-later
"""What a sender writes never acts on the terminal of the person who reads it.

Control characters, terminal escapes and bidirectional overrides must reach
neither the packet list nor the text of -V, -T fields, JSON or PDML as they are.
"""

import json
import re
import unicodedata
import xml.etree.ElementTree as xml

import pytest

from content import changed, filter_info, probe_init, query_ack, register_ack, report_init, without
from scenario import parse
from tshark import as_bytes

NASTY = "".join(map(chr, [*range(1, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A),
                          0x200E, 0x200F, 0x061C, 0xFEFF, 0x2028, 0x2029]))
# TAB, LF and CR: what tshark's own output is made of, and escapes inside a field.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _attack(text):
    """Every place in which a sender can put a text."""
    name = f"n{text}n"
    yield changed(probe_init(), "info.hostname", name)
    yield changed(probe_init(), "info.inet_addr", name)
    yield changed(probe_init(), "id", name)
    yield changed(probe_init(), "info.ports.0.daemon", name)
    yield changed(probe_init(), "info.ports.0.port", name)
    yield changed(probe_init(), "py/object", name)
    yield changed(probe_init(), "info.type", name)
    yield changed(probe_init(), "info", name)
    yield changed(probe_init(), f"x{name}".replace(".", ""), {name: [name]})
    yield changed(probe_init(), "info.py/object", name)
    yield register_ack(False, name, 3)
    yield changed(register_ack(), "info.message", [name, name])
    yield query_ack(filter_info(name, (name, name, name)))
    yield changed(query_ack(), "job", name)
    yield changed(changed(report_init(), "tags.0", name), "measurement", name)
    yield [name]
    yield name
    yield without({name: name, "py/object": name}, "py/object")


def _payloads():
    for text in (NASTY, "\x1b[2J\x1b]0;owned\x07", "\u202egpj.exe", "\x9b31m"):
        for payload in _attack(text):
            yield json.dumps(payload)
            yield json.dumps(payload, ensure_ascii=False).replace("\x7f", "\\u007f")
    duplicate = json.dumps(probe_init())[:-1] + ', "a\x9b": 1, "a\x9b": 2}'
    yield duplicate
    yield '{"a\u202e": 1,}'
    yield "\u202e\x9b"
    yield b"\x1b[2J"
    yield b'{"id": "\x1b[2J"}'
    yield b'{"id": \x9b\x1b}'


@pytest.fixture(scope="module")
def capture(tshark):
    return tshark.capture(list(_payloads()))


@pytest.mark.parametrize("options", [
    (), ("-V",), ("-T", "json"), ("-T", "pdml"), ("-T", "ek"), ("-T", "psml"),
    ("-T", "fields", "-e", "crm.hostname", "-e", "crm.inet_addr", "-e", "crm.id", "-e", "crm.port_info",
     "-e", "crm.port_info.daemon", "-e", "crm.register.message", "-e", "crm.member", "-e", "crm.object",
     "-e", "crm.dto", "-e", "_ws.expert", "-e", "crm.filter.criterion", "-e", "crm.filter.category",
     "-e", "crm.query.job", "-e", "crm.report.tag", "-e", "crm.report.measurement", "-e", "crm.filter.field_name"),
], ids=lambda options: "".join(options)[:12] or "list")
def test_nothing_raw_in_the_output(tshark, capture, options):
    text = tshark.run("-r", capture, *options)
    found = FORBIDDEN.search(text)
    assert not found, (f"U+{ord(found.group()):04X} ({unicodedata.category(found.group())})",
                       text[max(0, found.start() - 120):found.end() + 20])


@pytest.mark.parametrize("form", ["pdml", "psml"])
def test_no_sender_spoils_xml(tshark, form):
    """It may not hold U+FFFE and U+FFFF."""
    attacks = [json.dumps(payload, ensure_ascii=False) for payload in _attack("\ufffe\uffff")]
    said = tshark.run("-r", tshark.capture(attacks), "-T", form)
    assert len(xml.fromstring(said).findall("packet")) == len(attacks) and r"\ufffe\uffff" in said


@pytest.mark.parametrize("options", [("-V",), ("-T", "json"), ("-T", "pdml"), ("-T", "ek"), ("-q", "-z", "expert")], ids="".join)
def test_no_half_of_a_character(tshark, options):
    """Wireshark ends messages and labels at a byte, wherever that is; all that is printed is UTF-8."""
    names = ["x" * before + character * 70 for character in "é雲😀" for before in range(4)]
    script, numbers = "host collector COLLECTOR 10.0.0.2 coordinatord:10100\n", range(len(names))
    for number, name in enumerate(names):
        script += f"host w{number} WORKER 10.0.1.{number + 1} workerd:10500 name={name}\n"
    said = ["0 collector probe a", *(f"1 w{number} ack collector a" for number in numbers),
            *(f"2 collector fail w{number} a left=1" for number in numbers), "5 collector probe b", "10 collector probe c"]
    script += "\n".join(f"{frame} {line}" for frame, line in enumerate(said, 1))
    assert tshark.run("-r", parse(script).write(tshark.new_capture()), "-2", *options).count("is not registered") >= len(names)


@pytest.mark.parametrize("form", ["json", "pdml"])
def test_no_half_of_a_character_of_a_finding(tshark, form):
    """One that names a member has all of its name, and Wireshark has no room for it."""
    names = ["x" * before + character * 120 for character in "é雲😀" for before in range(4)]
    twice = [json.dumps(probe_init(), ensure_ascii=False)[:-1] + f', "{name}": 1, "{name}": 2}}' for name in names]
    assert tshark.run("-r", tshark.capture(twice), "-T", form).count("crm.duplicate_member") >= len(names)


def test_one_line_a_packet(tshark, capture):
    """No sender can add a line to the packet list."""
    assert len(tshark.columns(capture)) == len(list(_payloads()))
    for line in tshark.run("-r", capture).splitlines():
        assert re.match(r"\s*\d+ ", line), line
    assert "\u2028" not in tshark.run("-r", capture)


def test_what_is_hidden_is_shown_as_an_escape(tshark):
    message = tshark.dissect([changed(probe_init(), "info.hostname", "a\x1b[2J\u202eb\x9b")])[0]
    assert message.value("crm.hostname") == "a\\u001b[2J\\u202eb\\u009b"


def test_percent_signs_are_text(tshark):
    text = "%s%n%d%%"
    payloads = [register_ack(False, text, 1), changed(probe_init(), "info.hostname", text), text]
    capture = tshark.capture([as_bytes(payload) for payload in payloads[:2]] + [json.dumps(text)])
    infos = [info for _, info in tshark.columns(capture)]
    assert text in infos[0] and text in infos[1]
    assert tshark.messages(capture)[0].value("crm.register.message") == text


def test_long_texts(tshark):
    """Longer than any label; the field has all of it."""
    for length in (200, 1000, 60000):
        text = "é" * (length // 2)
        message = tshark.dissect([json.dumps(register_ack(False, text, 1), ensure_ascii=False)])[0]
        assert message.value("crm.register.message") == text
    assert all(len(info) < 2000 for _, info in tshark.columns(tshark.capture([register_ack(False, "x" * 60000, 1)])))
