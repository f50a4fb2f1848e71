# SPDX-License-Identifier: GPL-2.0-or-later
"""script/release: what it refuses, and the checksums, the signature and the page that it makes."""

import os
import re
import shutil
import subprocess

import pytest

from scripts import ROOT, run

VERSION = re.search(r"^project\(wireshark-crm VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"),
                    re.MULTILINE).group(1)


@pytest.fixture(name="clone")
def _clone(tmp_path):
    """A repository of its own with what a release is made by."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    clone = tmp_path / "clone"
    for name in ("script", "cmake", "plugin", "profile"):
        shutil.copytree(ROOT / name, clone / name)
    shutil.copy(ROOT / "CMakeLists.txt", clone)
    (clone / "CHANGELOG.md").write_text(f"# Changelog\n\n## {VERSION} - 2027-01-15\n\nAll of it.\n\n## 0.9.0 - 2026-01-15\n\nLess.\n",
                                        encoding="utf-8")
    _git(clone, "init", "-q")
    _commit(clone)
    return clone


def _git(clone, *words):
    subprocess.run(["git", "-C", clone, "-c", "user.name=n", "-c", "user.email=e@example.invalid", *words], check=True,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})


def _commit(clone):
    _git(clone, "add", "-A")
    _git(clone, "commit", "-q", "-m", "x")


def _refusal(clone, *options):
    """What it says; with a key that nobody has, for otherwise it would begin to build. Then, it has no place to do so."""
    done = run(clone / "script/release", "--key", "nobody@example.invalid", *options,
                env={**os.environ, "WIRESHARK_CRM_CACHE": "/dev/null/none"})
    assert done.returncode == 1
    return done.stderr


def test_changes_that_are_not_committed(clone):
    (clone / "plugin/new.c").write_text("int x;\n", encoding="ascii")
    assert "not committed:\n?? plugin/new.c" in _refusal(clone)


def test_which_files_are_the_source(clone):
    """Those that are new, too; not those that are gone or ignored."""
    (clone / ".gitignore").write_text("/build/\n", encoding="ascii")
    (clone / "build").mkdir()
    for name in ("new file", "build/made"):
        (clone / name).touch()
    (clone / "CMakeLists.txt").unlink()
    names = set(_call(clone, "source_files").split("\0"))
    assert {".gitignore", "new file", "CHANGELOG.md"} <= names and not {"build/made", "CMakeLists.txt"} & names
    # In a directory of another project, which ignores it, that one's git is not asked.
    shutil.rmtree(clone / ".git")
    (clone.parent / ".gitignore").write_text("/clone/\n", encoding="ascii")
    _git(clone.parent, "init", "-q")
    _commit(clone.parent)
    os.utime(clone / "CHANGELOG.md", (1_700_000_000,) * 2)
    assert {".gitignore", "new file", "CHANGELOG.md"} <= set(_call(clone, "source_files").split("\0"))
    assert _call(clone, "source_date") == "1700000000\n"


def test_no_date(clone):
    log = clone / "CHANGELOG.md"
    log.write_text(log.read_text(encoding="utf-8").replace("2027-01-15", "Unreleased"), encoding="utf-8")
    _commit(clone)
    assert f"CHANGELOG.md has no date for {VERSION}" in _refusal(clone)


def test_no_tag(clone):
    assert f"does not bear the tag v{VERSION}" in _refusal(clone)


def test_no_clone(clone):
    shutil.rmtree(clone / ".git")
    assert "this is none" in _refusal(clone)
    _git(clone.parent, "init", "-q")    # nor is it one for standing in another project's
    assert "this is none" in _refusal(clone)


@pytest.mark.parametrize("draft", [False, True])
def test_it_goes_on(clone, draft):
    """With all in order, or as a draft, the key is the next that it asks for."""
    if not draft:
        _git(clone, "tag", f"v{VERSION}")
    assert "gpg has no secret key nobody@example.invalid" in _refusal(clone, *(["--draft"] if draft else []))


@pytest.fixture(name="files")
def _files(tmp_path):
    """What the chroots would leave: packages and a tarball, by name."""
    out = tmp_path / "dist"
    out.mkdir()
    for name in ("wireshark-crm_1.2.3-1+ws4.0_amd64.deb", "wireshark-crm_1.2.3-1+ws4.4_arm64.deb", "wireshark-crm-1.2.3.tar.xz"):
        (out / name).write_text(name, encoding="ascii")
    (tmp_path / "table").write_text("Debian GNU/Linux 12 (bookworm)\t4.0\twireshark-crm_1.2.3-1+ws4.0_amd64.deb\n"
                                    "Debian GNU/Linux 13 (trixie)\t4.4\twireshark-crm_1.2.3-1+ws4.4_arm64.deb\n", encoding="ascii")
    return out


def _call(clone, code, *words, **options):
    """Runs code with the functions of script/release."""
    done = run("bash", "-c", f'. "$0/script/release"; {code}', clone, *words, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_says_which_file_is_for_whom(clone, files):
    page = _call(clone, 'page "$@"', VERSION, files.parent / "table", "wireshark-crm-1.2.3.tar.xz", "")
    assert "| Debian GNU/Linux 12 (bookworm) (amd64) | 4.0 | `wireshark-crm_1.2.3-1+ws4.0_amd64.deb` |" in page
    assert "| Debian GNU/Linux 13 (trixie) (arm64) | 4.4 | `wireshark-crm_1.2.3-1+ws4.4_arm64.deb` |" in page
    assert "`wireshark-crm-1.2.3.tar.xz`" in page and "gpg" not in page
    assert "All of it." in page and "Less." not in page
    assert "gpg --verify" in _call(clone, 'page "$@"', f"{VERSION}+20270101000000.abcdef0", files.parent / "table", "x.tar.xz", "a key")


def test_no_package_takes_the_place_of_another(clone, files, tmp_path):
    """Two Debian releases with one Wireshark, as testing and sid, have packages of one name."""
    built = tmp_path / "chroot/src/build/release"
    built.mkdir(parents=True)
    (built / "wireshark-crm_1.2.3-1+ws4.0_amd64.deb").write_text("another", encoding="ascii")
    (built / "wireshark-crm-1.2.3.tar.xz").write_text("another", encoding="ascii")
    (tmp_path / "chroot/etc").mkdir()
    (tmp_path / "chroot/etc/os-release").write_text("PRETTY_NAME='Another'\n", encoding="ascii")
    stubs = f"copy_chroot() {{ copy={tmp_path}/chroot; }}; stage() {{ :; }}; inside() {{ :; }}"
    done = run("bash", "-c", f'. "$0/script/release"; {stubs}; out=$1 table=$1/../table; build_for sid', clone, files)
    assert done.returncode == 1 and "sid" in done.stderr and "wireshark-crm_1.2.3-1+ws4.0_amd64.deb" in done.stderr
    assert (files / "wireshark-crm_1.2.3-1+ws4.0_amd64.deb").read_text(encoding="ascii") != "another"


def test_checksums(clone, files):
    _call(clone, 'checksums "$1" ""', files)
    done = run("sha256sum", "-c", "SHA256SUMS", cwd=files)
    assert done.returncode == 0 and done.stdout.count(": OK") == 3 and not (files / "SHA256SUMS.asc").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="script/release wants root, for the chroots")
def test_what_was_made_before_is_gone(clone):
    """A draft made once more has the files of one time."""
    stubs = """open_chroots() { work=$(mktemp -d -p "$root/.."); }
        build_for() { echo >"$out/wireshark-crm_$1.deb"; echo >"$out/wireshark-crm-1.tar.xz"; echo >"$table"; }"""
    for release in ("bookworm", "trixie"):
        _call(clone, f"{stubs}; main --draft {release}")
    made, = (clone / "build/dist").iterdir()
    assert {path.name for path in made.iterdir()} == {"README.md", "SHA256SUMS", "wireshark-crm-1.tar.xz", "wireshark-crm_trixie.deb"}


@pytest.mark.skipif(not shutil.which("gpg") or not shutil.which("gpg-agent"), reason="there is no gpg")
def test_a_signature(clone, files, tmp_path):
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    try:
        made = run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", "one@example.invalid", "default", "default", "never",
                    env=environment)
        assert made.returncode == 0, made.stderr
        _call(clone, 'checksums "$1" one@example.invalid', files, env=environment)
        done = run("gpg", "--verify", files / "SHA256SUMS.asc", files / "SHA256SUMS", env=environment)
        assert done.returncode == 0 and "one@example.invalid" in done.stderr
    finally:
        run("gpgconf", "--kill", "all", env=environment)
