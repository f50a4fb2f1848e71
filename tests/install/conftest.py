# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every test a tshark that is known to have the plugin, its release, and places and environments of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from plugin_under_test import tshark_with_plugin  # noqa: E402,F401  (it stands in tests/lib)


@pytest.fixture(name="release")
def _release(tshark):
    """X.Y, the name of the directory that this tshark looks for plugins in."""
    return tshark.release()


@pytest.fixture(name="guarded")
def _guarded(tmp_path):
    """An environment in which whoever installs or builds something is found out."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name in ("apt-get", "sudo", "cmake", "ninja", "tshark", "wireshark", "mmdebstrap"):
        fake = fakes / name
        fake.write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/called"\nexit 1\n', encoding="ascii")
        fake.chmod(0o755)
    yield {**os.environ, "PATH": f"{fakes}:{os.environ['PATH']}", "DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    called = tmp_path / "called"
    # `script/tshark --help` asks tshark for its options; nothing else calls anything.
    lines = called.read_text(encoding="utf-8").splitlines() if called.exists() else []
    assert not [line for line in lines if not line.startswith("tshark -")], lines


@pytest.fixture(name="temporary")
def _temporary(tshark):
    """A directory for temporary files that is open to all: pytest's own is closed to others."""
    directory = tshark.directory / "temporary"
    directory.mkdir()
    directory.chmod(0o777)
    yield directory
    shutil.rmtree(directory)
