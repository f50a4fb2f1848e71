# SPDX-License-Identifier: GPL-2.0-or-later
"""Decode As beats everything; a configured port beats the heuristic; off is off."""

import itertools
import json

import pytest

from plugin_under_test import ROOT
from content import probe_init, register_ack
from recognition import HOST, JUNK, OTHER, PORT, apart, claimed, protocols, write

A, B = (HOST, 40001), (OTHER, PORT)
ANNOUNCEMENT = (probe_init(inet_addr=OTHER, ports=[("d", PORT)]), (OTHER, 40002), ("10.9.0.255", 40000))
NO_HEURISTICS = ("--disable-heuristic", "crm_udp", "-o", "crm.learn_ports:FALSE")


def _to_ports(tshark, *ports, payload=JUNK[0]):
    """The payload once to each port."""
    return write(tshark, [(payload, (HOST, 40001), (OTHER, port)) for port in ports])


# Decode As

def test_decode_as_beats_content_and_announcement(tshark):
    """A message, junk to an announced endpoint, junk after a message: for each dissector that the user may name,
    and by the port of either end."""
    named = list(itertools.product(["data", "json", "syslog"], ["source", "destination"]))
    datagrams, decode_as = [], []
    for number, (dissector, end) in enumerate(named):
        source, target = (HOST, 41001 + number), (OTHER, PORT + number)
        announcement = probe_init(inet_addr=OTHER, ports=[("d", target[1])]), (OTHER, 42002 + number), ANNOUNCEMENT[2]
        datagrams += [announcement, (register_ack(), source, target), (JUNK[1], source, target),
                      (JUNK[1], target, source), (register_ack(), target, source)]
        decode_as += ["-d", f"udp.port=={(source if end == 'source' else target)[1]},{dissector}"]
    path = write(tshark, datagrams)
    assert claimed(tshark, path) == [True] * 5 * len(named)
    for options in ((), ("-2",), ("-o", "udp.try_heuristic_first:TRUE")):
        assert claimed(tshark, path, *options, *decode_as) == ([True] + [False] * 4) * len(named), options


@pytest.mark.parametrize("end", ["source", "destination"])
def test_decode_as_beats_a_dissector_that_declines(tshark, end):
    """What the user named is asked first, and its "no" is not taken for "CRM"."""
    named = {PORT + number: dissector for number, dissector in enumerate(["rtp", "stun", "quic", "dns"])}
    path = write(tshark, [(payload, *(((OTHER, port), A) if end == "source" else (A, (OTHER, port))))
                          for port in named for payload in (register_ack(), JUNK[0])])
    decode_as = [word for port, dissector in named.items() for word in ("-d", f"udp.port=={port},{dissector}")]
    assert not any(claimed(tshark, path, *decode_as))


def test_decode_as_beats_the_configured_port(tshark):
    path = _to_ports(tshark, 9090, 10100, payload=register_ack())
    assert protocols(tshark, path, "-d", "udp.port==9090,data")[0] == ["data"]
    assert claimed(tshark, path, "-d", "udp.port==9090,data") == [False, True]


def test_decode_as_crm(tshark):
    """Whatever it holds, whatever is switched off."""
    path = _to_ports(tshark, PORT, PORT + 1)
    assert claimed(tshark, path, "-d", f"udp.port=={PORT},crm", *NO_HEURISTICS) == [True, False]
    assert claimed(tshark, path, "-d", f"udp.port=={PORT}-{PORT + 1},crm") == [True, True]


def test_decode_as_of_another_port_changes_nothing(tshark):
    path = write(tshark, [ANNOUNCEMENT, (register_ack(), A, B), (JUNK[0], A, B)])
    assert claimed(tshark, path, "-d", "udp.port==20999,data") == [True] * 3


# Configured ports

def test_configured_ports_without_heuristics(tshark):
    path = _to_ports(tshark, 9090, 10100, PORT)
    for options in ((), NO_HEURISTICS, ("-o", "crm.learn_ports:FALSE")):
        assert claimed(tshark, path, *options) == [True, True, False]
    assert claimed(tshark, path, "--disable-protocol", "crm") == [False] * 3


def test_preference_moves_the_registration(tshark):
    path = _to_ports(tshark, 9090, 10100, 20100, 20205)
    assert claimed(tshark, path, "-o", "crm.udp.port:20100") == [False, False, True, False]
    assert claimed(tshark, path, "-o", "crm.udp.port:20100,20200-20210") == [False, False, True, True]
    assert claimed(tshark, path, "-o", "crm.udp.port:9090,20205") == [True, False, False, True]


def test_ports_of_other_protocols(tshark):
    """Wireshark asks those first, unless the user says otherwise."""
    payload = register_ack()
    path = write(tshark, [(payload, (HOST, 40001), (OTHER, 5353)), (payload, (HOST, 40002), (OTHER, 1900))])
    assert claimed(tshark, path) == [False, False]
    assert claimed(tshark, path, "-o", "crm.udp.port:5353") == [True, False]
    assert claimed(tshark, path, "-d", "udp.port==1900,crm") == [False, True]
    assert claimed(tshark, path, "-o", "udp.try_heuristic_first:TRUE") == [True, True]


def test_empty_range(tshark):
    """No port by configuration; content and announcements still do."""
    assert claimed(tshark, _to_ports(tshark, 9090, 10100), "-o", "crm.udp.port:") == [False, False]
    path = write(tshark, [(JUNK[0], A, (OTHER, 9090)), (register_ack(), A, (OTHER, 9090)), (JUNK[0], A, (OTHER, 9090))])
    assert claimed(tshark, path, "-o", "crm.udp.port:") == [False, True, True]
    session = ROOT / "pcaps/session-jsonpickle1.4-py3.8.pcapng"
    assert all(claimed(tshark, session, "-o", "crm.udp.port:"))


def test_decode_as_beats_the_preference(tshark):
    options = ("-o", "crm.udp.port:20100", "-d", "udp.port==20100,data")
    assert claimed(tshark, _to_ports(tshark, 9090, 20100), *options) == [False, False]
    options = ("-o", "crm.udp.port:20100", "-d", "udp.port==20200,crm")
    assert claimed(tshark, _to_ports(tshark, 9090, 20200), *options) == [False, True]


@pytest.mark.parametrize("option", ["crm.show_json:TRUE", "crm.learn_ports:FALSE", "crm.resolve_hosts:FALSE",
                                    "crm.udp.port:9090", "crm.udp.port:20600", "crm.udp.port:9090-9099,20600"])
def test_decode_as_outlasts_every_preference(tshark, option):
    """tshark puts Decode As into the table before it tells a dissector of its preferences."""
    path = _to_ports(tshark, 9090, 10100, payload=register_ack())
    decode_as = ("-d", "udp.port==9090,data", "-d", "udp.port==10100,syslog")
    assert protocols(tshark, path, *decode_as, "-o", option) == [["data"], ["syslog"]]


@pytest.mark.parametrize("option", ["crm.show_json:FALSE", "crm.learn_ports:FALSE", "crm.udp.port:20600"])
def test_a_port_that_is_given_to_another_protocol(tshark, option):
    """Whichever of the two is told of its preferences first."""
    path = _to_ports(tshark, 9090, payload="<13>hello")
    syslog = ("-o", "syslog.udp.port:514,9090")
    assert protocols(tshark, path, *syslog) == protocols(tshark, path, *syslog, "-o", option) == [["syslog"]]


def test_a_port_that_a_script_has_given_to_another_protocol(tshark):
    script = tshark.directory / "write" / "given.lua"
    script.write_text('DissectorTable.get("udp.port"):add(9090, Dissector.get("syslog"))')
    path = _to_ports(tshark, 9090, payload="<13>hello")
    assert protocols(tshark, path, "-X", f"lua_script:{script}", "-o", "crm.udp.port:20600") == [["syslog"]]


def _profile(tshark, name, **files):
    """A profile with the files that the GUI writes."""
    profile = tshark.directory / "home/.config/wireshark/profiles" / name
    profile.mkdir(parents=True)
    for file, text in files.items():
        (profile / file).write_text(text)
    for path in [profile, *profile.parents]:
        if path == tshark.directory / "home":
            break
        path.chmod(0o755)
    return "-C", name


IN_SESSION = """
local steps, frame = {%s}, 0
local tap = Listener.new()
function tap.packet()
    frame = frame + 1
    if steps[frame] then set_preference("crm.udp.port", steps[frame]); apply_preferences() end
end
"""


def test_preference_changed_in_a_session(tshark):
    """As a user of the GUI changes it: behind the first frame and behind the second."""
    options = _profile(tshark, "session", preferences="")     # apply_preferences() writes there
    for path in (tshark.directory / "home").rglob("session"):
        path.chmod(0o777)
        (path / "preferences").chmod(0o666)
    script = tshark.directory / "write" / "session.lua"
    script.write_text(IN_SESSION % '"20600,5353", "20600"')
    ports = [5353, 5353, 5353, 9090, 20600]
    path = write(tshark, [(JUNK[0], (HOST, 40001 + n), (OTHER, port)) for n, port in enumerate(ports)])
    told = protocols(tshark, path, *options, "-X", f"lua_script:{script}")
    assert [names[:1] for names in told] == [["mdns"], ["crm"], ["mdns"], ["data"], ["crm"]]


def test_preference_in_a_profile(tshark):
    """From the file that the GUI writes, as from -o."""
    moved = _profile(tshark, "moved", preferences="crm.udp.port: 20100\ncrm.learn_ports: FALSE\n")
    path = _to_ports(tshark, 9090, 20100)
    assert claimed(tshark, path, *moved) == [False, True]
    path = write(tshark, [ANNOUNCEMENT, (JUNK[0], A, B)])
    assert claimed(tshark, path, *moved) == [True, False]


def test_a_valid_message_on_a_port_that_was_taken_away(tshark):
    """Moving the ports does not hide messages: they are recognised by content."""
    path = _to_ports(tshark, 9090, payload=register_ack())
    assert claimed(tshark, path, "-o", "crm.udp.port:20100") == [True]
    assert claimed(tshark, path, "-o", "crm.udp.port:20100", *NO_HEURISTICS) == [False]


# Heuristics

def test_heuristics_as_installed(tshark):
    """One, so that other applications' datagrams are asked about once."""
    lines = [line.split("\t") for line in tshark.run("-G", "heuristic-decodes").splitlines()]
    # later releases print more columns
    assert sorted(line[:3] for line in lines if line[1] == "crm") == [["udp", "crm", "T"]]


def test_heuristics_switched_off(tshark):
    path = write(tshark, [(register_ack(), A, B), ANNOUNCEMENT, (JUNK[0], A, B), (JUNK[0], A, (OTHER, 9090))])
    assert claimed(tshark, path) == [True, True, True, True]
    assert claimed(tshark, path, *NO_HEURISTICS) == [False, False, False, True]
    assert claimed(tshark, path, "--disable-heuristic", "crm_udp") == [False, False, False, True]
    assert claimed(tshark, path, "--disable-protocol", "crm") == [False] * 4


def test_heuristic_switched_off_in_a_profile(tshark):
    """As the GUI does it; what was announced at a configured port still counts."""
    off = _profile(tshark, "no-guessing", heuristic_protos="crm_udp,0\n")
    message, *_ = ANNOUNCEMENT
    path = write(tshark, [(register_ack(), A, B), (message, A, (HOST, 9090)), (JUNK[0], A, B), (JUNK[0], B, (HOST, 1))])
    assert claimed(tshark, path) == [True] * 4
    assert claimed(tshark, path, *off) == [False, True, True, True]
    assert claimed(tshark, path, *off, "-o", "crm.learn_ports:FALSE") == [False, True, False, False]
    assert claimed(tshark, path, *off, "--enable-heuristic", "crm_udp") == [True] * 4


# The built-in JSON tree

JSON = ("-o", "crm.show_json:TRUE")


def test_json_below_crm(tshark):
    """By port, by content, in a conversation, at an announced endpoint."""
    path = write(tshark, [(register_ack(), A, (OTHER, 9090)), (register_ack(), A, B), (register_ack(), B, A),
                          ANNOUNCEMENT])
    assert protocols(tshark, path) == [["crm"]] * 4
    assert protocols(tshark, path, *JSON) == [["crm", "json"]] * 4
    assert tshark.columns(path, *JSON) == tshark.columns(path)
    assert tshark.columns(path, *JSON, "-2", "-Y", "json") == tshark.columns(path)


def test_json_tree_has_the_document(tshark):
    path = _to_ports(tshark, PORT, payload=probe_init())
    assert tshark.rows(path, "json.key", options=JSON)[0][0].count("daemon") == 2
    assert tshark.rows(path, "json.key") == [[[]]]


def test_json_of_malformed_datagrams(tshark):
    """What Wireshark's own reader makes of them is its affair; CRM's columns,
    fields and expert information stay as they are."""
    whole = json.dumps(probe_init())
    payloads = [*JUNK, whole[:-1], whole[:200], whole + "x", "\ufeff" + whole, '{"a": NaN}', "[" * 5000,
                '{"a":1 "b":2}', b"\x00" * 40, whole.replace("collector", "c\t"), "{'a': 1}", "nul", '"', '{"\\u12']
    path = write(tshark, apart(payloads, port=9090))
    assert claimed(tshark, path, *JSON) == [True] * len(payloads)
    assert tshark.columns(path, *JSON) == tshark.columns(path)
    fields = ("crm.id", "crm.hostname", "crm.json_error", "crm.unknown_class", "crm.member")
    assert tshark.rows(path, *fields, options=JSON) == tshark.rows(path, *fields)
    assert "Dissector bug" not in tshark.run("-r", path, "-V", *JSON)


def test_json_of_the_captures(tshark):
    """The malformed and the cut among them."""
    capture = tshark.joined([ROOT / f"pcaps/{name}.pcapng" for name in (
        "malformed", "snaplen", "custom-ports", "fragmented", "unicode")], "pcap")
    assert tshark.columns(capture, *JSON) == tshark.columns(capture)
    assert claimed(tshark, capture, *JSON) == claimed(tshark, capture)


def test_json_switched_off_itself(tshark):
    """A user may have switched Wireshark's JSON dissector off."""
    path = _to_ports(tshark, PORT, payload=probe_init())
    assert protocols(tshark, path, *JSON, "--disable-protocol", "json")[0] in (["crm"], ["crm", "data"])
