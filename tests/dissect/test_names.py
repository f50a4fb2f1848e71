# SPDX-License-Identifier: GPL-2.0-or-later
"""Announced host names are names for Wireshark's own resolution, as those of DNS answers are."""

import re
import subprocess

import pytest

from plugin_under_test import ROOT
from content import host_info, probe_ack, probe_init, register_ack
from recognition import HOST, HOST6, OTHER, OTHER6, PORT, write

# Names from captured packets and from nowhere else: no resolver is asked.
NAMES = ("-N", "nd")
BROADCAST = ("10.9.0.255", 40000)
COLUMNS = 'gui.column.format:"S","%s","D","%d"'


def ends(tshark, path, *options):
    """(source, destination) of each frame, as the packet list shows them."""
    text = tshark.run("-o", COLUMNS, "-r", tshark.readable(path), *options)
    return [tuple(re.split(r"\s+(?:→\s+)?", line.strip())) for line in text.splitlines()]


def announce(name, address, source=None):
    return {**probe_init(), "info": host_info(name, address, [])}, (source or address, 40001), BROADCAST


def _named(tshark, *datagrams, options=NAMES):
    """How the last frame, from HOST to OTHER, is shown."""
    return ends(tshark, write(tshark, [*datagrams, ("x", (HOST, 1), (OTHER, 2))]), *options)[-1]


@pytest.mark.parametrize("capture", ["custom-ports", "session-jsonpickle1.4-py3.8", "unpicklable-false",
                                     "pystate-jsonpickle2.2-py3.12"])
@pytest.mark.parametrize("options", [("-N", "n"), NAMES, ("-N", "n", "-2")], ids=" ".join)
def test_packet_list_has_names(tshark, capture, options):
    """Once announced: the collector in the first frame, its workers in the frames after."""
    shown = ends(tshark, ROOT / f"pcaps/{capture}.pcapng", *options)
    assert ("collector", "worker1") in shown and ("worker1", "collector") in shown
    assert {source for source, _ in shown} <= {"collector", "worker1", "worker2", "worker3"}
    assert ("10.0.0.2", "10.0.0.11") not in shown


@pytest.mark.parametrize("options", [(), ("-n",), ("-2",), ("-N", "m"), ("-N", "t"), ("-N", "d"), ("-n", "-2"),
                                     ("-o", "crm.resolve_hosts:FALSE", "-N", "n"),
                                     ("-o", "crm.resolve_hosts:FALSE", *NAMES),
                                     ("--disable-protocol", "crm", *NAMES)], ids=" ".join)
def test_packet_list_has_addresses(tshark, options):
    """Who asked for no names gets none; not from here, either, when that is off."""
    shown = ends(tshark, ROOT / "pcaps/custom-ports.pcapng", *options)
    assert ("10.0.0.2", "10.0.0.11") in shown
    assert {source for source, _ in shown} == {"10.0.0.2", "10.0.0.11", "10.0.0.12"}


@pytest.mark.parametrize("wanted", ["n", "d"])
def test_the_list_of_hosts_has_names(tshark, wanted):
    """Whoever asks for names from packets alone sees none in the packet list, and all here."""
    text = tshark.run("-r", tshark.readable(ROOT / "pcaps/custom-ports.pcapng"), "-N", wanted, "-q", "-z", "hosts")
    assert set(re.findall(r"^(10\.\S+)\t(\S+)$", text, re.M)) == {
        ("10.0.0.2", "collector"), ("10.0.0.11", "worker1"), ("10.0.0.12", "worker2")}


def test_the_same_with_a_filter_or_a_tree(tshark):
    capture = ROOT / "pcaps/custom-ports.pcapng"
    assert ends(tshark, capture, *NAMES, "-Y", "crm") == ends(tshark, capture, *NAMES)
    text = tshark.run("-r", tshark.readable(capture), *NAMES, "-V")
    assert "Src: collector, Dst: worker1" in text or re.search(r"Src: collector.*Dst: worker1", text)


def test_before_and_after(tshark):
    path = write(tshark, [("x", (HOST, 1), (OTHER, 2)), announce("alpha", HOST), ("x", (HOST, 1), (OTHER, 2)),
                          announce("beta", OTHER), ("x", (HOST, 1), (OTHER, 2))])
    shown = ends(tshark, path, *NAMES)
    assert shown[0] == (HOST, OTHER) and shown[2] == ("alpha", OTHER) and shown[4] == ("alpha", "beta")


def test_the_name_that_came_last(tshark):
    """Also where it is no news, as that of a host that has named the address before."""
    assert _named(tshark, *[announce(name, HOST) for name in ("alpha", "beta", "alpha")]) == ("alpha", OTHER)


def test_the_announced_address_has_the_name(tshark):
    """Not the one that it was sent from, which may be a router's."""
    assert _named(tshark, announce("alpha", OTHER, source=HOST)) == (HOST, "alpha")


def test_ipv6(tshark):
    datagrams = [({**probe_init(), "info": host_info("six", HOST6, [])}, (HOST6, 40001), ("ff02::1", 40000)),
                 ({**probe_ack(), "info": host_info("seven", "FD00:9:0::2", [])}, (OTHER6, 40001), (HOST6, PORT)),
                 ("x", (HOST6, 1), (OTHER6, 2))]
    path = write(tshark, datagrams)
    assert ends(tshark, path, *NAMES)[-1] == ("six", "seven")
    assert ends(tshark, path, "-n")[-1] == (HOST6, OTHER6)


def test_no_name_for_what_no_host_has(tshark):
    addresses = ["255.255.255.255", "10.9.0", "0.0.0.0", "224.0.0.1", "::", "ff02::1", ""]
    path = write(tshark, [*[announce("alpha", address, source=HOST) for address in addresses],
                          ("x", (HOST, 1), ("224.0.0.1", 2)), ("x", (HOST, 1), ("255.255.255.255", 2)),
                          ("x", (HOST6, 1), ("ff02::1", 2))])
    assert "alpha" not in sum(ends(tshark, path, *NAMES), ())


def test_no_name_from_what_is_not_an_announcement(tshark):
    datagrams = [({**register_ack(), "extra": host_info("alpha", HOST, [])}, (HOST, 1), (OTHER, 2)),
                 ({"py/object": "other.Class", "info": host_info("alpha", HOST, [])}, (HOST, 1), (OTHER, 2)),
                 ({**probe_init(), "info": {**host_info("x", HOST, []), "hostname": ["alpha"]}}, (HOST, 1), (OTHER, 2)),
                 announce("", HOST)]
    assert _named(tshark, *datagrams) == (HOST, OTHER)


@pytest.mark.parametrize("name, shown", [
    ("n" * 60, "n" * 60), ("n" * 61, "n" * 60 + "…"), ("n" * 59 + "é", "n" * 59 + "…"), ("n" * 58 + "é", "n" * 58 + "é"),
    ("雲" * 20, "雲" * 20), ("n" + "雲" * 21, "n" + "雲" * 19 + "…"), ("😀" * 16, "😀" * 15 + "…")], ids=range(7))
def test_no_character_of_a_name_is_cut(tshark, name, shown):
    """Wireshark has room for 63 bytes; half a character would make all that tshark prints unreadable."""
    for host, other in ((HOST, OTHER), (HOST6, OTHER6)):
        path = write(tshark, [announce(name, host, HOST), ("x", (host, 1), (other, 2))])
        assert ends(tshark, path, *NAMES)[-1] == (shown, other)


# TAB and line feed: what tshark's own output is made of.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NASTY = ["a\x1b[2Jb", "a\nb", "a\rb", "a\tb", "a\0b", "a\x7fb", "a\x9bb", "a\u202eb", "\ud83d", "a" * 5000, "雲" * 500,
         "%s%n", " ", "a b", "..", "1.2.3.4", "::1"]


@pytest.mark.parametrize("view", [(), ("-V",), ("-T", "json"), ("-q", "-z", "hosts"), ("-q", "-z", "endpoints,ip"),
                                  ("-q", "-z", "conv,udp")], ids=" ".join)
def test_a_name_does_no_harm(tshark, view):
    """Neither to the terminal nor to the lines of the list; long names are cut by Wireshark."""
    datagrams = []
    for number, name in enumerate(NASTY):
        datagrams += [announce(name, f"10.9.1.{number}"), ("x", (f"10.9.1.{number}", 1), (OTHER, 2)),
                      announce(name, f"fd00:9:1::{number}", HOST), ("x", (f"fd00:9:1::{number}", 1), (OTHER6, 2))]
    path = write(tshark, datagrams)
    text = tshark.run("-r", path, *NAMES, *view)
    assert not FORBIDDEN.search(text), view
    if not view:
        assert len(text.splitlines()) == len(datagrams)


def test_no_file_is_written(tshark):
    """-W n, which writes names into a capture, takes only those that were resolved."""
    path = write(tshark, [announce("alpha", HOST), ("x", (HOST, 1), (OTHER, 2))])
    target = tshark.directory / "write" / "named.pcapng"
    subprocess.run(tshark.command("tshark", "-r", path, *NAMES, "-W", "n", "-w", target), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert target.exists()
