# SPDX-License-Identifier: GPL-2.0-or-later
"""No order of dissection, no damage and no memory error makes a difference."""

import shutil
import subprocess

import pytest

from plugin_under_test import ROOT, not_sanitized

PCAPS = sorted((ROOT / "pcaps").glob("*.pcapng"))
SEEDS = range(42, 46)


# Known only when a later frame was read, so in one pass not yet there; host_silent stands elsewhere then.
LATER = {"crm.response_in", "crm.acks", "crm.silent_host", "crm.host_silent", "crm.no_response", "crm.no_register",
         "crm.copy_in", "crm.lost_datagram"}


SEVERAL_POINTS = {"two-points", "lossy-network"}


def _items(tshark, capture, *options):
    """The items of all CRM frames. Expert items are told by what they hold."""
    return [[item for item in items if not item.name.startswith("_ws.")] for items in
            tshark.layout(capture, *options) if items]


def _known_at_once(frames, later):
    return [[item for item in items if item.name not in later] for items in frames]


@pytest.fixture(scope="module")
def samples(tshark):
    """All captures of the project in one."""
    return tshark.joined(PCAPS)


def _same_in_each_order(tshark, capture, later):
    two = _items(tshark, capture, "-2")
    assert two == _items(tshark, capture, "-2", "-R", "frame", "-Y", "crm")
    assert _known_at_once(two, later) == _known_at_once(_items(tshark, capture, "-Y", "crm"), later)
    return len(two)


def test_one_pass_two_passes_and_filtered(tshark):
    one_point = [capture for capture in PCAPS if capture.stem not in SEVERAL_POINTS]
    assert _same_in_each_order(tshark, tshark.joined(one_point, "pcap"), LATER) > len(one_point)


@pytest.mark.parametrize("stem", sorted(SEVERAL_POINTS))
def test_one_pass_and_two_at_several_points(tshark, stem):
    """A response time is told at one point, and the question's copy there may come after the answer."""
    assert _same_in_each_order(tshark, ROOT / f"pcaps/{stem}.pcapng", LATER | {"crm.response_time"})


def test_filter_without_a_tree(tshark, samples):
    """Columns are the same whether a tree is built or not."""
    assert tshark.columns(samples) == tshark.columns(samples, "-Y", "frame")


@pytest.fixture(scope="module")
def corrupted(tshark):
    """One capture with all samples damaged: payload bytes only, so that each
    datagram still reaches the dissector."""
    if not shutil.which("editcap"):
        pytest.skip("editcap is not installed")
    parts = []
    for seed in SEEDS:
        for capture in PCAPS:
            part = tshark.new_capture()
            subprocess.run(["editcap", "-F", "pcap", "-E", "0.02", "-o", "42", "--seed", str(seed), str(capture),
                            str(part)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            parts.append(part)
    return tshark.joined(parts)


@pytest.mark.parametrize("options", [("-V",), ("-2", "-T", "json", "-J", "crm"), ("-T", "pdml", "-J", "crm")],
                         ids=lambda options: "".join(options))
def test_corrupted_captures(tshark, corrupted, options):
    text = tshark.run("-r", corrupted, "-d", "udp.port==10500,crm", *options)
    assert "Dissector bug" not in text and "Exception occurred" not in text


def test_corrupted_captures_raise_no_exception(tshark, corrupted):
    """Wireshark's own Malformed Packet would be a read past the datagram; ours
    carries a reason. The cut frames of a snapshot length are the only exception."""
    for message in tshark.messages(corrupted):
        malformed = [expert for expert in message.experts if expert.name.startswith("_ws.malformed")]
        assert not malformed
        if message.malformed:
            assert message.expert("crm.json_error")


@not_sanitized("valgrind does not run what the sanitizers instrumented; they look themselves")
def test_memcheck_on_a_session(tshark):
    if not shutil.which("valgrind"):
        pytest.skip("valgrind is not installed")
    capture = tshark.readable(ROOT / "pcaps/session-jsonpickle1.4-py3.8.pcapng")
    done = subprocess.run(tshark.command(
        "valgrind", "--error-exitcode=9", "--leak-check=no", "-q", "tshark", "-2", "-r", capture, "-V",
        G_SLICE="always-malloc", WIRESHARK_DEBUG_WMEM_OVERRIDE="simple"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "PROBE_INIT" in done.stdout
