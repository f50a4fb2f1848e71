# SPDX-License-Identifier: GPL-2.0-or-later
"""The fixture of all tests that run tshark: one that is known to have the plugin."""

import os
from pathlib import Path

import pytest

from tshark import Tshark

ROOT = Path(__file__).resolve().parents[2]
SANITIZED = os.environ.get("CRM_SANITIZE") == "1"


def not_sanitized(reason):
    """A mark for what sanitizers cannot run, or where they would see nothing that they do not see elsewhere."""
    return pytest.mark.skipif(SANITIZED, reason=reason)


def _plugin():
    """The plugin under test: ctest's, or for a run by hand the newest build."""
    if "CRM_PLUGIN" in os.environ:
        return Path(os.environ["CRM_PLUGIN"])
    builds = sorted((ROOT / "build").glob("*/plugin/crm.so"), key=lambda path: path.stat().st_mtime)
    if not builds:
        pytest.exit("there is no plugin: build one, or name one in CRM_PLUGIN", returncode=1)
    return builds[-1]


@pytest.fixture(scope="session", autouse=True, name="tshark")
def tshark_with_plugin():
    """Fails all tests when tshark does not load the plugin."""
    with Tshark(_plugin(), sanitize=SANITIZED,
                forkserver=os.environ.get("CRM_FORKSERVER")) as runner:
        runner.require_plugin()
        yield runner
