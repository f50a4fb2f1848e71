# SPDX-License-Identifier: GPL-2.0-or-later
"""A session captured at each end, while a firewall between the hosts drops datagrams: where was each lost?"""

import json
import os
import subprocess

import pytest

import ends
import pcapng


@pytest.fixture(scope="module", name="recorded")
def recorded_at_the_ends(tmp_path_factory):
    """(the capture, how many datagrams the firewall dropped)"""
    obstacle = ends.obstacle()
    if obstacle:
        (pytest.fail if os.environ.get("CRM_REQUIRE_LIVE") == "1" else pytest.skip)(obstacle)
    out = tmp_path_factory.mktemp("ends") / "ends.pcapng"
    done = subprocess.run(ends.command(out, "--rounds", "8", "--workers", "2"), check=True, stdout=subprocess.PIPE, text=True)
    return out, json.loads(done.stdout)["dropped"]


def _kind(datagram):
    return json.loads(datagram.payload)["py/object"], datagram.src, datagram.dst


def _places(capture):
    """Of each datagram, its frames by the interface at which they were captured."""
    places = {}
    for datagram in (one for one in pcapng.datagrams(capture) if one.payload.startswith(b"{")):
        places.setdefault((*_kind(datagram), datagram.payload), {})[datagram.interface] = datagram
    return places


def _right(places, dropped):
    """The frames of what is missing at its receiver's end, where others of its kind came before it and after it."""
    lost = set()
    missing = [(key, next(iter(there.values()))) for key, there in places.items() if len(there) == 1]
    assert len(missing) == dropped > 0
    for key, datagram in missing:
        times = [one.time for other, there in places.items() if other[:3] == key[:3]
                 for interface, one in there.items() if interface != datagram.interface]
        if times and min(times) < datagram.time < max(times):
            lost.add(datagram.frame)
    return lost


def test_what_the_firewall_drops_is_named_and_nothing_else(recorded, tshark):
    capture, dropped = recorded
    rows = tshark.rows(capture, "frame.number", "crm.lost_datagram", options=("-2", "-Y", "crm"))
    assert {int(frame[0]) for frame, lost in rows if lost} == _right(_places(capture), dropped)


def test_each_copy_is_tied(recorded, tshark):
    capture, _ = recorded
    rows = tshark.rows(capture, "frame.number", "crm.copy_of", options=("-2", "-Y", "crm.copy_of"))
    right = {(one.frame, min(other.frame for other in there.values()))
             for there in _places(capture).values() for one in there.values()}
    assert {(int(frame[0]), int(first[0])) for frame, first in rows} == {(a, b) for a, b in right if a != b}
