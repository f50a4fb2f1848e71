# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that are watched by tshark while they are captured."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests/lib"), str(HERE)]

import session  # noqa: E402  (it stands beside this file)
from plugin_under_test import tshark_with_plugin  # noqa: E402,F401  (it stands in tests/lib)
from watch import Watch  # noqa: E402


@pytest.fixture(scope="session")
def watch(tshark):
    """watch(option, …): a session with these options, watched to its end.
    CRM_REQUIRE_LIVE=1 makes a failure of what would be a skip."""
    obstacle = session.obstacle()
    if obstacle:
        (pytest.fail if os.environ.get("CRM_REQUIRE_LIVE") == "1" else pytest.skip)(obstacle)
    return lambda *options: Watch(tshark, *options)
