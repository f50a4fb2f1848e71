# SPDX-License-Identifier: GPL-2.0-or-later
"""The version moves with every commit and every change, and Debian takes it for newer (cmake/version.cmake)."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = re.search(r"^project\(wireshark-crm VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"),
                 re.MULTILINE).group(1)
NOON = 1_800_000_000    # 2027-01-15 08:00:00 UTC

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="there is no git")


class Tree:
    """A small tree with what the version is made of, and a clock of its own."""

    def __init__(self, path, heading):
        self.path = path
        self.clock = NOON
        for name in ("cmake", "plugin", "profile", "tests"):
            (path / name).mkdir(parents=True)
            (path / name / "file").write_text("1\n", encoding="ascii")
        for name in ("CMakeLists.txt", "cmake/version.cmake"):
            shutil.copy(ROOT / name, path / name)
        (path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {BASE} - {heading}\n", encoding="ascii")
        self.settle()

    def settle(self):
        for path in self.path.rglob("*"):
            os.utime(path, (self.clock, self.clock))

    def git(self, *words):
        when = f"{self.clock} +0200"    # whatever the zone, the version tells UTC
        environment = {**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_CONFIG_GLOBAL": "/dev/null"}
        subprocess.run(["git", "-C", self.path, "-c", "user.name=n", "-c", "user.email=e@example.invalid", *words],
                       check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def commit(self):
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", "--allow-empty")

    def change(self, name, seconds=60):
        self.clock += seconds
        (self.path / name).write_text(f"{self.clock}\n", encoding="ascii")
        os.utime(self.path / name, (self.clock, self.clock))

    def version(self):
        done = subprocess.run(["cmake", "-P", self.path / "cmake/version.cmake"], stdout=subprocess.PIPE, text=True, check=True,
                              stderr=subprocess.STDOUT)
        return re.fullmatch(r"-- wireshark-crm (\S+)\n", done.stdout).group(1)


@pytest.fixture(name="unreleased")
def _unreleased(tmp_path):
    return Tree(tmp_path / "tree", "Unreleased")


@pytest.fixture(name="released")
def _released(tmp_path):
    return Tree(tmp_path / "tree", "2027-01-15")


def newer(one, other):
    """Whether Debian takes one version for newer than another."""
    if not shutil.which("dpkg"):
        pytest.skip("there is no dpkg")
    return subprocess.run(["dpkg", "--compare-versions", one, "gt", other], check=False).returncode == 0


def test_a_commit_before_the_release(unreleased):
    """And in a clone that is somebody else's, as where root builds."""
    unreleased.commit()
    if os.geteuid() == 0:
        for path in [unreleased.path, *unreleased.path.rglob("*")]:
            os.chown(path, 12345, 12345)
    version = unreleased.version()
    assert re.fullmatch(rf"{re.escape(BASE)}~20270115080000\.[0-9a-f]{{7}}", version), version
    assert newer(BASE, version)


def test_a_commit_after_the_release(released):
    released.commit()
    version = released.version()
    assert re.fullmatch(rf"{re.escape(BASE)}\+20270115080000\.[0-9a-f]{{7}}", version), version
    assert newer(version, BASE)


def test_the_release_itself(released):
    released.commit()
    released.git("tag", f"v{BASE}")
    assert released.version() == BASE
    released.change("tests/file")
    assert released.version() == BASE   # no package holds it
    released.change("plugin/file")
    assert released.version() == f"{BASE}+20270115080200m"


def test_another_tag_is_no_release(released):
    released.commit()
    released.git("tag", "v0.9.0")
    assert released.version().startswith(f"{BASE}+20270115080000.")


def test_every_build_is_newer_than_the_one_before(released):
    """Changed, changed again, a file more, one less, committed."""
    released.commit()
    versions = [released.version()]
    for step in (lambda: released.change("plugin/file"), lambda: released.change("plugin/file"),
                 lambda: released.change("profile/new file")):
        step()
        versions.append(released.version())
    released.clock += 60
    (released.path / "profile/new file").unlink()
    (released.path / "cmake/file").unlink()
    os.utime(released.path / "cmake", (released.clock, released.clock))
    versions.append(released.version())
    released.clock += 60
    released.commit()
    versions.append(released.version())
    assert [version[-1] == "m" for version in versions] == [False, True, True, True, True, False]
    for before, after in zip(versions, versions[1:]):
        assert newer(after, before), versions


def test_a_file_that_is_older_than_the_commit(released):
    """As one that was copied with its time: it is a change all the same."""
    released.commit()
    released.change("plugin/file", seconds=-3600)
    assert re.fullmatch(rf"{re.escape(BASE)}\+20270115080000\.[0-9a-f]{{7}}m", released.version())


def test_the_packages_name_is_not_too_long(released):
    """lintian counts to 80."""
    released.commit()
    released.change("plugin/file")
    assert len(f"wireshark-crm_{released.version()}-1+ws4.10_ppc64el.deb") <= 80


def test_a_tarball_knows_its_version(released):
    released.change("VERSION")
    (released.path / "VERSION").write_text("1.2.3+20270101000000.abcdef0\n", encoding="ascii")
    os.utime(released.path / "VERSION", (released.clock, released.clock))
    assert released.version() == "1.2.3+20270101000000.abcdef0"
    released.change("plugin/file")
    assert released.version() == "1.2.3+20270115080200.abcdef0m"


def test_a_tree_without_git_and_version(unreleased):
    assert unreleased.version() == f"{BASE}~20270115080000m"


def test_a_tree_in_somebody_elses_repository(released, tmp_path):
    """As in Wireshark's own: its commits are not this project's."""
    shutil.move(released.path, tmp_path / "outer/plugins/epan/crm")
    outer = Tree(tmp_path / "outer/unrelated", "2027-01-15")
    outer.path = tmp_path / "outer"
    outer.commit()
    outer.path = tmp_path / "outer/plugins/epan/crm"
    assert outer.version() == f"{BASE}+20270115080000m"


def test_an_empty_repository(released):
    released.git("init", "-q")
    assert released.version() == f"{BASE}+20270115080000m"


def test_the_changelog_has_the_version():
    """What is built as BASE is a heading there, with a date or as unreleased."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(BASE)} - (Unreleased|\d{{4}}-\d\d-\d\d)$", text, re.MULTILINE)


def test_tshark_shows_it(tshark):
    """The plugin under test was built from this tree, at some time."""
    line = next(line for line in tshark.run("-G", "plugins").splitlines() if line.startswith("crm.so"))
    assert re.fullmatch(rf"{re.escape(BASE)}([~+]\S+)?", line.split("\t")[1]), line
