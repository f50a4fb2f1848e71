# SPDX-License-Identifier: GPL-2.0-or-later
"""script/matrix: what it refuses, where its chroots come from, and which are used again."""

import sys

import pytest

from scripts import ROOT, run, sourced


@pytest.mark.parametrize("words", [
    ["--archive"], ["--archive", "uri main"], ["--archive", "uri main", "noble"], ["--keyring", ROOT / "README.md", "noble"],
    ["--archive", "uri", "--keyring", ROOT / "README.md", "noble"], ["--archive", "uri main", "--keyring", "/nonexistent", "noble"],
    ["--archive", "uri main", "--keyring", ROOT / "README.md"], ["--upgrade", "trixie"], ["NOBLE"],
    ["--architecture"], ["--bare", "--as"], ["--bare", "--as", "nobody"], ["--as", "root"],
], ids=str)
def test_the_matrix_refuses_half_of_what_it_needs(guarded, words):
    done = run(ROOT / "script/matrix", *words, env=guarded)
    assert done.returncode == 1 and done.stderr.startswith("script/matrix: ") and not done.stdout
    assert "unknown option" not in done.stderr


@pytest.mark.parametrize("entry", [
    "deb [arch=amd64 signed-by=KEY] http://a/ bookworm main\n", "Types: deb\nURIs: http://a/\nSigned-By: KEY\n"], ids=["line", "deb822"])
def test_the_mirrors_own_keyring_is_taken(tmp_path, entry):
    """In either form of apt's sources."""
    key, file = tmp_path / "key.gpg", tmp_path / "sources"
    key.touch()
    file.write_text(entry.replace("KEY", str(key)), encoding="ascii")
    done = sourced('. "$0/script/lib/debian.sh"; known_mirrors() { echo "Debian http://a/ $entries"; }; entries=$1; mirror_keyring', file)
    assert done.stdout == f"{key}\n", done


def test_mirrors_and_proxies_are_the_machines():
    """Those of security updates among them."""
    code = """. "$0/script/lib/debian.sh"; apt-get() { printf '%s|http://%s/|/etc/x.sources:1\\n' Debian a Debian-Security b Other c Debian d; }
        apt-config() { printf '%s\\n' 'Acquire::http::Proxy "http://p/";' 'Acquire::Check-Date "false";' 'APT::Architecture "amd64";'; }
        debian_mirrors; fetch_options"""
    assert sourced(code).stdout.splitlines() == [
        "Debian http://a/ /etc/x.sources", "Debian-Security http://b/ /etc/x.sources", 'Acquire::http::Proxy "http://p/";',
        'Acquire::Check-Date "false";']


def test_chroots_are_kept_only_where_that_is_asked_for(tmp_path):
    code = '. "$0/script/lib/chroot.sh"; work=$1/work cache=$1/cache; mkdir "$work"; keep=$2; close_chroots; [[ ! -d $work ]] || echo there'
    assert sourced(code, tmp_path, "").stdout == "" and sourced(code, tmp_path, "1").stdout.endswith("there\n")


def test_which_chroots_are_used_again(tmp_path):
    """Those with the packages of today, unless a fresh one is wanted."""
    code = """. "$0/script/lib/chroot.sh"; chroot_packages build >"$1/.wireshark-crm-packages"
        told() { if usable_chroot "$@"; then echo yes; else echo no; fi; }
        told build "$1"; told user "$1"; told build "$1/none"; fresh=1; told build "$1"; fresh=""
        touch -d '8 days ago' "$1/.wireshark-crm-packages"; told build "$1" """
    assert sourced(code, tmp_path).stdout.split() == ["yes", "no", "no", "no", "no"]


@pytest.mark.parametrize("release, suites", [
    ("bookworm", ["bookworm", "bookworm-security"]), ("testing", ["testing", "testing-security"]),
    ("sid", ["sid"]), ("unstable", ["unstable"]),
])
def test_unstable_has_no_security_updates(release, suites):
    """Its mirror has no such suite, and apt gives up on the whole release when it asks for one."""
    mirrors = "debian_mirrors() { printf '%s\\n' 'Debian http://a/ f' 'Debian-Security http://b/ f'; }"
    done = sourced(f'. "$0/script/lib/debian.sh"; {mirrors}; sources_for deb "" "$1"', release)
    assert [line.split()[2] for line in done.stdout.splitlines()] == suites, done.stderr


@pytest.mark.parametrize("code, status", [
    ('echo "apt-get install this"; printf "[sudo] password for me: "; read -r word; test "$word" = secret', 0),
    ('printf "[sudo] password for me: "; read -r word; echo "apt-get install this"', 4),
    ('echo "apt-get install this"', 3),
    ('echo "apt-get install this"; printf "[sudo] password for me: "; read -r word; exit 7', 7),
])
def test_who_types_passwords(code, status):
    """The one that script/matrix --bare has: it knows a question that comes too early, or not at all."""
    done = run(sys.executable, "-B", ROOT / "tests/install/typed.py", "--password", "secret", "--after", "apt-get install",
                "bash", "-c", code)
    assert done.returncode == status, done.stdout + done.stderr
    assert ("<password typed>" in done.stdout) == (status != 3)
