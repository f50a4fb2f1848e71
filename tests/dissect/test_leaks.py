# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin has allocated, somebody can still free: LeakSanitizer asks while the plugin is loaded."""

import os

import pytest

from plugin_under_test import ROOT
from tshark import Tshark

# Hosts that contradict each other, broken documents, several points, and messages of which most have lists.
CAPTURES = ["one-name-twice", "malformed", "lossy-network", "vrmjobs-query-ack", "register-retry"]
RUNS = [(), ("-2", "-V"), ("-T", "json"), ("-2", "-q", "-z", "crm,tree", "-z", "crm,hosts", "-z", "crm,srt", "-z", "crm,points"),
        ("-Y", "crm.member || crm.dto", "-T", "fields", "-e", "crm.dto")]


@pytest.fixture(scope="module")
def leaky(tshark):
    if not tshark.sanitize:
        pytest.skip("this build has no LeakSanitizer")
    with Tshark(tshark.plugin, True, os.environ["CRM_FORKSERVER"], tell_leaks=True) as runner:
        yield runner


@pytest.mark.parametrize("options", RUNS, ids=" ".join)
def test_nothing_leaks(leaky, options):
    capture = leaky.joined([ROOT / f"pcaps/{name}.pcapng" for name in CAPTURES])
    _, out, err = leaky.fork(["-r", str(capture), *options])
    leaks = [block for block in err.decode(errors="replace").split("\n\n") if " leak of " in block]
    assert out and any("forkserver" in block for block in leaks), "the fork server's own are not told of either"
    assert not [block for block in leaks if "/plugin/" in block]
