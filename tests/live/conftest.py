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
from tshark import Tshark  # noqa: E402  (it stands in tests/lib)
from watch import Watch  # noqa: E402


def _plugin():
    """The plugin under test: ctest's, or for a run by hand the newest build."""
    if "CRM_PLUGIN" in os.environ:
        return Path(os.environ["CRM_PLUGIN"])
    builds = sorted((ROOT / "build").glob("*/plugin/crm.so"), key=lambda path: path.stat().st_mtime)
    if not builds:
        pytest.exit("there is no plugin: build one, or name one in CRM_PLUGIN", returncode=1)
    return builds[-1]


@pytest.fixture(scope="session")
def tshark():
    """Fails all tests when tshark does not load the plugin."""
    with Tshark(_plugin(), sanitize=os.environ.get("CRM_SANITIZE") == "1") as runner:
        runner.require_plugin()
        yield runner


@pytest.fixture(scope="session")
def watch(tshark):
    """watch(option, …): a session with these options, watched to its end.
    CRM_REQUIRE_LIVE=1 makes a failure of what would be a skip."""
    obstacle = session.obstacle()
    if obstacle:
        (pytest.fail if os.environ.get("CRM_REQUIRE_LIVE") == "1" else pytest.skip)(obstacle)
    return lambda *options: Watch(tshark, *options)
