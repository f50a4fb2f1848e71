# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every test a tshark that is known to have the plugin, and its release."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from plugin_under_test import tshark_with_plugin  # noqa: E402,F401  (it stands in tests/lib)


@pytest.fixture(name="release")
def _release(tshark):
    """X.Y, the name of the directory that this tshark looks for plugins in."""
    return tshark.release()
