# SPDX-License-Identifier: GPL-2.0-or-later
"""A fork of a tshark that has started says what a start of it says: the other tests rest on this."""

import os
import re

import pytest

from plugin_under_test import ROOT

CAPTURES = sorted((ROOT / "pcaps").glob("*.pcapng"))[::20]
RUNS = [
    (), ("-2", "-V", "-x"), ("-T", "json", "-J", "crm"), ("-2", "-R", "crm.type == 3", "-T", "pdml"),
    ("-q", "-z", "crm,hosts", "-z", "crm,srt"), ("-T", "fields", "-e", "crm.id", "-o", "crm.udp.port:20100"),
    ("-d", "udp.port==9090,data", "-T", "fields", "-e", "frame.protocols"), ("--disable-protocol", "crm"),
    ("-Y", "crm.no_such_field"), ("-o", "crm.no_such_preference:1"), ("--no-such-option",), ("-T", "no_such_form")]


@pytest.mark.skipif("CRM_FORKSERVER" not in os.environ, reason="no fork server was built")
@pytest.mark.parametrize("options", RUNS, ids=" ".join)
def test_a_fork_says_what_a_start_says(tshark, options):
    """Exit status, stdout and stderr; also of what fails, and of what is asked after it."""
    for capture in CAPTURES:
        arguments = ["-r", str(tshark.readable(capture)), *options]
        assert _timeless(tshark.fork(arguments)) == _timeless(tshark.start(arguments))


def _timeless(said):
    """Without the time of day that PDML has."""
    status, out, err = said
    return status, re.sub(b' time="[^"]*"', b"", out), err


@pytest.mark.skipif("CRM_FORKSERVER" not in os.environ, reason="no fork server was built")
def test_a_capture_that_is_not_there(tshark):
    status, out, err = tshark.fork(["-r", "/no/such/file"])
    assert (status, out, err) == tshark.start(["-r", "/no/such/file"])
    assert status and b"/no/such/file" in err


def test_what_a_fork_cannot_answer_is_a_start(tshark):
    """A profile is chosen, and a Lua script loaded, before a fork reads its command line."""
    script = tshark.directory / "write" / "told.lua"
    script.write_text('print("loaded")\n')
    script.chmod(0o644)
    assert tshark.run("-r", tshark.readable(CAPTURES[0]), "-X", f"lua_script:{script}").startswith("loaded")
