# SPDX-License-Identifier: GPL-2.0-or-later
"""How the tests here call the scripts."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=600, **options)


def sourced(code, *words):
    """Runs a piece of bash with the scripts' libraries."""
    return run("bash", "-c", f'. "$0/script/lib/common.sh"; . "$0/script/lib/setup.sh"; {code}', ROOT, *words)
