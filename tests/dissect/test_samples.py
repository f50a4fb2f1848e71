# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample captures that are made are what their scripts say."""

import subprocess
import sys

import pytest

from plugin_under_test import ROOT
from scenario import parse
from test_dialogue import found_in

SCENARIOS = sorted((ROOT / "pcaps").glob("*.scenario"))


def test_they_are_current(tmp_path):
    subprocess.run([sys.executable, ROOT / "script/sample-captures", tmp_path], check=True)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert len(made) == 2 * len(SCENARIOS) > 0
    for name in made:
        assert (tmp_path / name).read_bytes() == (ROOT / "pcaps" / name).read_bytes(), \
            f"{name}: run script/sample-captures"


@pytest.mark.parametrize("source", SCENARIOS, ids=lambda path: path.stem)
def test_they_are_dissected_as_they_say(tshark, source):
    messages = tshark.messages(source.with_suffix(".pcapng"), "-2")
    expected = [datagram.expected for datagram in parse(source.read_text()).datagrams]
    assert [found_in(message) for message in messages] == expected
