# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every test a tshark that is known to have the plugin."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))

from tshark import Tshark  # noqa: E402  (it stands in tests/lib)


def _plugin():
    """The plugin under test: ctest's, or for a run by hand the newest build."""
    if "CRM_PLUGIN" in os.environ:
        return Path(os.environ["CRM_PLUGIN"])
    builds = sorted((ROOT / "build").glob("*/plugin/crm.so"), key=lambda path: path.stat().st_mtime)
    if not builds:
        pytest.exit("there is no plugin: build one, or name one in CRM_PLUGIN", returncode=1)
    return builds[-1]


@pytest.fixture(scope="session", autouse=True)
def tshark():
    """Fails all tests when tshark does not load the plugin."""
    with Tshark(_plugin(), sanitize=os.environ.get("CRM_SANITIZE") == "1") as runner:
        runner.require_plugin()
        yield runner
