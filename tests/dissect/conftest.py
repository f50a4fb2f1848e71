# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every test a tshark that is known to have the plugin."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from plugin_under_test import tshark_with_plugin  # noqa: E402,F401  (it stands in tests/lib)
from sharkd import Sharkd  # noqa: E402


@pytest.fixture(scope="module", name="sharkd")
def one_process_for_many_captures(tshark):
    with Sharkd(tshark) as process:
        yield process
