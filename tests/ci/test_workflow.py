# SPDX-License-Identifier: GPL-2.0-or-later
"""The ready workflow file: it can be read, its commands are there, and its
checks fail on the captures on which they should, and on no other."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="there is no python3-yaml")

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "docs/ci/github-actions.yml"

JOB = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["crm"]
RUNS = {step["name"]: step["run"] for step in JOB["steps"] if "run" in step}
CHECKS = {step["id"]: step for step in JOB["steps"] if "id" in step}
# The words of the shell itself that begin a command there.
SHELL = {"for", "do", "done", "test", "echo", "kill", "wait", "exit", "sleep", "break", "bash"}


@pytest.fixture(scope="module")
def job(tshark):
    """A directory with a `tshark` that is this one, and room for crm.pcapng."""
    directory = tshark.directory / "job"
    directory.mkdir()
    wrapper = directory / "tshark"
    words = " ".join(f"'{word}'" for word in tshark.command("tshark"))
    wrapper.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="ascii")
    for path in (directory, wrapper):
        path.chmod(0o755)
    return directory


def _run(job, name, capture, workers):
    """A check's exit status, as the service would run it, and what it printed."""
    if capture:
        shutil.copy(ROOT / "pcaps" / f"{capture}.pcapng", job / "crm.pcapng")
        (job / "crm.pcapng").chmod(0o644)
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", CHECKS[name]["run"]], cwd=job,
                          env={"PATH": f"{job}:{os.environ['PATH']}", "CRM_WORKERS": str(workers)},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_file_can_be_read():
    assert JOB["defaults"]["run"]["shell"] == "bash"
    assert len(RUNS) >= 8 and all("name" in step or "uses" in step for step in JOB["steps"])


@pytest.mark.parametrize("name", RUNS)
def test_commands_exist(name):
    """Each run is correct shell, and its commands are on this system."""
    script = RUNS[name]
    subprocess.run(["bash", "-n", "-c", script], check=True)
    quoteless = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", " X ", script.replace("\\\n", " "))
    for word in re.findall(r"(?:^|[|;&(]|\bdo\b)\s*([a-z][\w-]*)\b(?!=)", quoteless, re.MULTILINE):
        assert word in SHELL or shutil.which(word), word


@pytest.mark.parametrize("check, capture, workers, passes", [
    ("plugin", None, 3, True),
    ("traffic", "session-jsonpickle1.4-py3.8", 3, True),
    ("registrations", "session-jsonpickle1.4-py3.8", 3, True),
    ("told", "session-jsonpickle1.4-py3.8", 3, True),
    ("told", "register-retry", 3, True),
    ("told", "never-registered", 2, False),
    ("answers", "session-jsonpickle1.4-py3.8", 3, True),
    ("messages", "session-jsonpickle1.4-py3.8", 3, True),
    ("registrations", "register-retry", 3, False),
    ("answers", "session-jsonpickle1.4-py3.8", 4, False),
    ("messages", "malformed", 3, False),
])
def test_checks(job, check, capture, workers, passes):
    status, out, err = _run(job, check, capture, workers)
    assert (status == 0) == passes, (status, out, err)
    assert not err and (check in ("plugin", "traffic") or bool(out.strip()) != passes)


def test_every_finding_fails_the_job():
    """Of what is wrong in a datagram, a warning or an error: a job that passes in spite of it tells nobody."""
    findings = re.findall(r"^\| `(crm\.\w+)` \| (?:error|warning), (?!sequence|response)",
                          (ROOT / "docs/fields.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(findings) > 5
    asked = set(re.findall(r"crm\.\w+", CHECKS["messages"]["run"]))
    assert set(findings) - asked == {"crm.duplicate_member"}     # the receiver takes the last


@pytest.mark.parametrize("check", [name for name in CHECKS if name != "plugin"])
def test_no_capture_is_a_failure(job, check):
    """A check never passes because tshark could not read anything."""
    (job / "crm.pcapng").unlink(missing_ok=True)
    assert _run(job, check, None, 1)[0] != 0


def test_no_traffic_is_a_failure(tshark, job):
    capture = tshark.capture([b"\0" * 20], ("10.0.0.1", 1), ("10.0.0.2", 2))
    shutil.copy(capture, job / "crm.pcapng")
    assert _run(job, "traffic", None, 1)[0] != 0
