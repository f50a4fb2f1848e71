# SPDX-License-Identifier: GPL-2.0-or-later
"""A tshark with the plugin, and where it can be had a cluster of ClickHouse."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests/lib"), str(ROOT / "tests/bench"), str(ROOT / "tests/dissect"), str(HERE)]

import cluster as clickhouse  # noqa: E402  (it stands beside this file)
from plugin_under_test import tshark_with_plugin  # noqa: E402,F401  (it stands in tests/lib)


def _new_directory(tshark, prefix):
    """Below tshark's own, which the user that it runs as may read: so may the servers."""
    made = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=tshark.directory / "captures"))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session", name="shards")
def two_shards(tshark):
    """CRM_REQUIRE_FLEET=1 makes a failure of what would be a skip."""
    obstacle = clickhouse.obstacle()
    if obstacle:
        (pytest.fail if os.environ.get("CRM_REQUIRE_FLEET") == "1" else pytest.skip)(obstacle)
    with clickhouse.Cluster(tshark, _new_directory(tshark, "shards")) as running:
        yield running


@pytest.fixture
def cluster(shards):
    """The cluster, with nothing loaded."""
    shards.clear()
    return shards


@pytest.fixture
def directory(tshark):
    """A directory whose captures tshark may read, and that keeps their names."""
    return _new_directory(tshark, "named")
