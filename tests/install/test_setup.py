# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scripts ask a system for before they build, and what they say before they install anything."""

import os
import re
import shutil

import pytest

from scripts import ROOT, run, sourced


INSTALLING = (ROOT / "docs/installing.md").read_text(encoding="utf-8")


def test_what_fails_quietly_is_shown(tmp_path):
    done = sourced('quietly "$1" bash -c "echo the reason; exit 7"', tmp_path / "log")
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "the reason\n")


def test_apt_asks_nothing_and_says_why_it_failed(tmp_path):
    for name, text in (("apt-get", 'echo "$DEBIAN_FRONTEND: the reason"; exit 100'), ("sudo", 'shift; exec "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (tmp_path / name).chmod(0o755)
    done = sourced('unset DEBIAN_FRONTEND; PATH=$1:$PATH; apt_get update', tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (100, "", "noninteractive: the reason\n")


def test_which_versions_apt_would_give(tmp_path):
    """Of the package that is asked for; but a cmake of the user's own comes before Debian's."""
    (tmp_path / "cmake").write_text("#!/bin/sh\necho cmake version 3.20.1\n", encoding="ascii")
    (tmp_path / "cmake").chmod(0o755)
    code = """apt-cache() { [[ $2 != wireshark ]] || return 1; echo "  Candidate: 1:3.${#2}.2-2~deb1"; }
        PATH=/usr/bin:/bin; version_of_apt wireshark; version_of_apt cmake; PATH=$1:$PATH; version_of_apt cmake"""
    assert sourced(code, tmp_path).stdout.split() == [f"3.{len('wireshark-dev')}.2", f"3.{len('cmake')}.2", "3.20.1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a directory somebody else's")
def test_a_cache_of_somebody_elses_is_not_trusted(tmp_path):
    for owner, status in ((0, 0), (12345, 1)):
        os.chown(tmp_path, owner, owner)
        done = sourced('WIRESHARK_CRM_CACHE=$1; cache_dir', tmp_path)
        assert done.returncode == status and (done.stdout == f"{tmp_path}\n") == (status == 0), done


def test_quick_needs_no_fuzzers(tmp_path):
    """What script/test --quick would install on a system that has nothing."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (("dpkg-query", "exit 1"), ("apt-cache", "exit 1"), ("apt-get", "exit 1"), ("sudo", "exit 1")):
        (fakes / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (fakes / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{fakes}:{os.environ['PATH']}"}
    quick = run(ROOT / "script/test", "--quick", env=environment)
    full = run(ROOT / "script/test", env=environment)
    assert quick.returncode and full.returncode
    assert "valgrind" in quick.stdout.split() and "clang" not in quick.stdout.split()
    assert "clang" in full.stdout.split()
    # The line to paste: to be found alone, and with nothing behind the last name.
    assert re.search(r"^  apt-get install --no-install-recommends [a-z0-9 .+-]+[a-z0-9]$", quick.stderr, re.MULTILINE), quick.stderr


def test_a_package_that_was_removed_is_missing():
    """dpkg knows it still, by its settings."""
    code = 'dpkg-query() { case $4 in gone) printf config-files ;; here) printf installed ;; *) return 1 ;; esac; }; missing_packages "$@"'
    assert sourced(code, "here", "gone", "unknown").stdout.split() == ["gone", "unknown"]


@pytest.mark.parametrize("lists, status, calls", [
    ("new", 0, ["install"]), ("old", 0, ["install", "update", "install"]), ("unreachable", 1, ["install", "update", "install"]),
])
def test_old_package_lists(lists, status, calls):
    """What fails with them is tried once more with fresh ones."""
    code = """lists=$1; known_packages() { :; }; too_old() { :; }; note_new_packages() { :; }
        apt_get() { echo "called $1"; case $1 in update) [[ $lists == unreachable ]] || lists=new ;; *) [[ $lists == new ]] ;; esac; }
        install_packages cmake"""
    done = sourced(code, lists)
    assert done.returncode == status and re.findall(r"^called (\w+)", done.stdout, re.MULTILINE) == calls, done
    assert ("could not be installed" in done.stderr) == (status != 0)


def test_without_the_tools_it_goes_no_further():
    code = 'missing_tools() { echo ninja; }; too_old() { :; }; carry_on_without "this system has no apt" "advice" demo; echo it goes on'
    done = sourced(code)
    assert done.returncode == 1 and not done.stdout and "Not found: ninja\nadvice" in done.stderr


def test_another_wireshark_or_cmake_is_built_for_afresh(tmp_path):
    """As after an upgrade: what CMake found before is gone."""
    shutil.copytree(ROOT / "script/lib", tmp_path / "script/lib")
    code = """. "$0/script/lib/common.sh"; calls=$0/calls
        cmake() { if [[ $1 == --version ]]; then echo "$version"; else echo "$*" >>"$calls"; fi; }; pkg-config() { echo "$wireshark"; }
        version=1 wireshark=1; build release; build release; version=2; build release; wireshark=2; build release"""
    done = run("bash", "-c", code, tmp_path)
    fresh, again = ["--fresh --preset release", "--build --preset release"], ["--preset release", "--build --preset release"]
    assert (tmp_path / "calls").read_text(encoding="ascii").splitlines() == [*fresh, *again, *fresh, *fresh], done


@pytest.mark.parametrize("said, complaint", [
    ("", None), ("Running as user root and group root. This could be dangerous.", None),
    ("The plugin 'crm.so' was found in multiple directories", "but complains"), (None, "does not load the plugin")])
def test_what_tshark_says_of_the_plugin_is_heard(said, complaint):
    code = """. "$0/script/lib/plugin.sh"; fake() { echo "$1" >&2; [[ -z $2 ]] || printf 'crm.so\\t1.0\\tdissector\\t/x/crm.so\\n'; }
        require_plugin fake "$@" """
    # `-G plugins` follows what is given.
    done = sourced(code.replace("fake()", "with() { fake \"$1\" \"$2\"; }; fake()").replace("require_plugin fake", "require_plugin with"),
                    said or "", "" if said is None else "loaded")
    assert done.returncode == (1 if complaint else 0) and (complaint or "") in done.stderr, done
    assert ("loads the plugin: crm.so 1.0" in done.stdout) == (complaint is None)


def test_ctrl_c_while_packages_come(tmp_path):
    """It ends then, and notes what came: apt answers a Ctrl+C in its own way, which bash does not take for one."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    shutil.copy(ROOT / "CMakeLists.txt", tmp_path)
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (
            ("dpkg-query", f'case $* in *Package*) cat "{tmp_path}/packages" ;; *) exit 1 ;; esac'),
            ("apt-cache", "exit 0"),
            ("sudo", '[ "$1" != -n ] || shift; exec "$@"'),
            ("apt-get", f'echo "$*" >>"{tmp_path}/called"; printf "tshark\\tunpacked\\n" >>"{tmp_path}/packages"; kill -INT "$PPID"; exit 100')):
        (fakes / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (fakes / name).chmod(0o755)
    (tmp_path / "packages").write_text("dash\tinstalled\n", encoding="ascii")
    done = run(tmp_path / "script/demo", env={**os.environ, "PATH": f"{fakes}:/usr/bin:/bin"})
    assert done.returncode == 1 and "interrupted" in done.stderr and "once more" not in done.stdout, done
    assert (tmp_path / "called").read_text(encoding="ascii").count("\n") == 1
    assert (tmp_path / "build/installed-packages").read_text(encoding="ascii") == "tshark\n"


@pytest.mark.parametrize("built, mode, complaint", [
    (False, 0o555, "cannot be written by this user, and this builds in it"),
    (True, 0o555, "cannot be written by this user, and this builds in it"),
    (True, 0o777, "build cannot be written by this user: a run as root may have left it. To start afresh:\n  sudo rm -r '"),
])
def test_where_nothing_can_be_built(tshark, built, mode, complaint):
    """In a clone that is somebody else's or read-only, and in one where somebody else has built: it says so."""
    clone = tshark.directory / "a clone"
    shutil.copytree(ROOT / "script/lib", clone / "script/lib")
    if built:
        (clone / "build/release").mkdir(parents=True)
    for path in [*clone.rglob("*"), clone]:
        path.chmod(mode if path == clone else 0o555)
    try:
        done = run(*tshark.command("bash", "-c", '. "$0/script/lib/common.sh"; check_ours "$0/build/release"', clone))
        assert done.returncode == 1 and complaint in done.stderr, done
    finally:
        for path in [clone, *clone.rglob("*")]:
            path.chmod(0o755)
        shutil.rmtree(clone)


def test_what_root_installed_is_not_in_the_way(tshark):
    """The lists that `sudo cmake --install` leaves in a build directory are nothing that a build would write over."""
    clone = tshark.directory / "a clone"
    shutil.copytree(ROOT / "script/lib", clone / "script/lib")
    (clone / "build/release").mkdir(parents=True)
    for path in [clone, *clone.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o644)
    try:
        for name, status in (("install_manifest.txt", 0), ("installed.txt", 0), ("build.ninja", 1)):
            (clone / "build/release" / name).touch(0o444)
            done = run(*tshark.command("bash", "-c", '. "$0/script/lib/common.sh"; check_ours "$0/build/release"', clone))
            assert done.returncode == status, (name, done)
    finally:
        shutil.rmtree(clone)


@pytest.mark.parametrize("release, begins", [
    ("ID=fedora\nVERSION_ID=42\n", "sudo dnf install "),
    ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install "),
    ("ID=arch\n", "sudo pacman -S --needed "),
    ("ID=manjaro\nID_LIKE=arch\n", "sudo pacman -S --needed "),
    ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "sudo zypper install "),
    ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install "),
])
def test_other_systems_are_told_their_names(tmp_path, release, begins):
    """The command to paste is the one that docs/installing.md has."""
    file = tmp_path / "os-release"
    file.write_text(release, encoding="ascii")
    done = sourced('advice_for "$1" demo', file)
    command = next(line for line in done.stdout.splitlines() if line.startswith("  ")).strip()
    assert command.startswith(begins) and not command.endswith(".")
    assert f"`{command}`" in INSTALLING
    more = sourced('advice_for "$1" test', file).stdout
    assert "python3-pytest" in more and "libwireshark-dev" not in more


def test_macos_is_told_its_names():
    command = sourced("install_command macos").stdout.strip()
    assert command.startswith("brew install ") and f"`{command}`" in INSTALLING


def test_an_unknown_system_is_told_debians_names(tmp_path):
    file = tmp_path / "os-release"
    file.write_text("ID=void\n", encoding="ascii")
    done = sourced('advice_for "$1" demo', file)
    assert "elsewhere their names differ" in done.stdout and "libwireshark-dev" in done.stdout


@pytest.mark.parametrize("cmake, wireshark, complaints", [
    ("3.22.1", "4.0.17", ["cmake 3.22.1"]), ("3.25.1", "3.6.2", ["wireshark 3.6.2"]), ("3.18.4", "3.4.16", ["cmake", "wireshark"]),
    ("3.9.6", "4.0.0", ["cmake 3.9.6"]), ("3.25", "4.0.0", []), ("4.1.2", "4.10.0", []), ("", "", []),
])
def test_what_is_too_old(cmake, wireshark, complaints):
    code = f'versions() {{ [[ $1 == cmake ]] && echo "{cmake}" || echo "{wireshark}"; }}; too_old versions'
    lines = sourced(code).stdout.splitlines()
    assert len(lines) == len(complaints) and all(text in line for text, line in zip(complaints, lines)), lines


def test_too_old_is_said_before_anything_is_installed(tmp_path):
    """A Debian whose apt offers CMake 3.18."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (("dpkg-query", "exit 1"), ("apt-cache", 'echo "  Candidate: 3.18.4-2+deb11u1"'),
                       ("apt-get", f'echo "$*" >>"{tmp_path}/called"'), ("sudo", f'echo "$*" >>"{tmp_path}/called"')):
        (fakes / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (fakes / name).chmod(0o755)
    # A cmake elsewhere in PATH would count instead.
    done = run(ROOT / "script/demo", env={**os.environ, "PATH": f"{fakes}:/usr/bin:/bin"})
    assert done.returncode == 1 and "cmake 3.18.4 is too old: it has to be 3.25 or later" in done.stderr
    assert "Nothing was installed" in done.stderr and not (tmp_path / "called").exists()


def test_cmake_refuses_an_old_wireshark(tmp_path):
    """The limit that the scripts read in CMakeLists.txt is CMake's own."""
    assert sourced("minimum_of cmake; minimum_of wireshark").stdout.split() == ["3.25", "4.0"]
    (tmp_path / "WiresharkConfig.cmake").write_text('set(Wireshark_VERSION "3.6.2")\n', encoding="ascii")
    done = run("cmake", "-S", ROOT, "-B", tmp_path / "build", f"-DWireshark_DIR={tmp_path}")
    assert done.returncode != 0 and "Wireshark 3.6.2 is too old" in done.stderr
