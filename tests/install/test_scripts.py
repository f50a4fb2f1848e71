# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts: how they are called, what they refuse, and what those do that have no file of their own here."""

import os
import re
import shutil

import pytest

from scripts import ROOT, run, sourced

SCRIPTS = sorted(path for path in [*ROOT.glob("script/*"), *ROOT.glob("fleet/*"), ROOT / ".ci/run"] if path.is_file() and os.access(path, os.X_OK))


def _name(path):
    return path.name


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name != "tshark"], ids=_name)
def test_help(guarded, script):
    done = run(script, "--help", env=guarded)
    assert done.returncode == 0, done.stderr
    assert script.name in done.stdout or "nothing" in done.stdout.lower() or len(done.stdout) > 100


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name not in ("tshark", "wireshark")], ids=_name)
def test_unknown_options_are_refused(guarded, script):
    done = run(script, "--no-such-option", env=guarded)
    assert done.returncode not in (0, 127)
    assert "--no-such-option" in done.stderr or "argument" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
def test_by_sh_and_by_a_link(guarded, tmp_path, script):
    """`sh script/x`, whichever shell sh is, and a link to the script are the script."""
    if script.name == "tshark":
        pytest.skip("the same by test_tshark_by_sh_and_by_a_link, with the plugin")
    link = tmp_path / "a link"
    link.symlink_to(script)
    plain = run(script, "--help", env=guarded).stdout
    for command in (["sh", script], ["bash", "--posix", script], [link]):
        done = run(*command, "--help", env=guarded, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, plain), done.stderr


def test_the_demo_names_the_worker(tshark):
    """Which registrations failed, of whom: the collector's address tells nobody anything."""
    text = (ROOT / "script/demo").read_text(encoding="utf-8")
    command = re.search(r"show -r \"\$retry\" (-Y 'crm\.register\.status == 0'.*?)\n\n", text, re.DOTALL).group(1)
    fields = re.findall(r"-e (\S+)", command)
    rows = tshark.rows(ROOT / "pcaps/register-retry.pcapng", *fields, options=("-Y", "crm.register.status == 0"))
    assert {cell[0] for row in rows for cell in row if cell and cell[0].startswith("10.0.0.")} == {"10.0.0.12", "10.0.0.13"}


def test_what_the_demo_shows_can_be_pasted(tmp_path):
    """The words of the command, as a shell reads them again."""
    (tmp_path / "script").mkdir()
    (tmp_path / "script/tshark").touch(0o755)
    code = """eval "$(sed -n '/^show() {/,/^}/p' "$0/script/demo")"; root=$1; shift
        tshark() { printf '%s\\n' "$@"; }; shown=$(show "$@"); eval "${shown#"$ "}" """
    words = ["-r", "pcaps/a.pcapng", "-Y", "crm.register.status == 0 && ip.dst == 10.0.0.1", "-E", "header=y"]
    assert sourced(code, tmp_path, *words).stdout.splitlines() == words


def test_capture_by_another_python(guarded, tmp_path):
    fake = tmp_path / "fakes/another python"
    fake.write_text("#!/bin/sh\necho another: \"$@\"\n", encoding="ascii")
    fake.chmod(0o755)
    done = run(ROOT / "script/capture", "out.pcapng", env={**guarded, "CRM_PYTHON": str(fake)})
    assert done.returncode == 0 and done.stdout.startswith("another: ") and done.stdout.endswith(" out.pcapng\n"), done


@pytest.mark.parametrize("option, steps", [
    ("--no-lintian", ["setup package", "build release", "build_package", "check_depends", "build_tarball", "check_tarball"]),
    ("", ["setup package lintian", "build release", "build_package", "check_depends", "run_lintian", "build_tarball", "check_tarball"]),
])
def test_what_script_package_does(option, steps):
    """All after the first of one time, that of the source."""
    code = """. "$0/script/package"; source_date() { echo 12345; }
        for step in setup build build_package check_depends run_lintian build_tarball check_tarball; do
            eval "$step() { echo $step \\$* \\$(printenv SOURCE_DATE_EPOCH); }"
        done; main "$@" """
    first, *others = sourced(code, *([option] if option else [])).stdout.splitlines()
    assert [first.strip(), *others] == [steps[0], *(f"{step} 12345" for step in steps[1:])]


@pytest.mark.parametrize("same", [True, False])
def test_a_tarball_that_builds_another_module(same):
    code = """. "$0/script/package"; tar() { :; }; quietly() { :; }; bare_module() { echo "${same:-$1}" >"$2"; }
        same=$1 tarball=x; check_tarball"""
    done = sourced(code, "1" if same else "")
    assert done.returncode == (0 if same else 1) and ("builds another module" in done.stderr) != same, done


def test_one_package_is_left(tmp_path):
    """What docs/installing.md gives to apt is a pattern."""
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/wireshark-crm_1.deb").touch()
    code = """. "$0/script/package"; dpkg-deb() { :; }; cpack() { touch build/release/wireshark-crm_2.deb; }; cd "$1"; build_package"""
    assert "package: build/release/wireshark-crm_2.deb" in sourced(code, tmp_path).stdout


def test_a_test_that_fails_is_a_failure(tmp_path):
    shutil.copytree(ROOT / "script", tmp_path / "script")
    (tmp_path / "build/developer").mkdir(parents=True)
    code = """. "$0/script/test"; obtainable() { :; }; setup() { :; }; build() { :; }
        ctest() { echo "50% tests passed, $wrong tests failed out of 2"; return "$wrong"; }; wrong=$1; main --quick"""
    for failed in (0, 1):
        done = run("bash", "-c", code, tmp_path, str(failed))
        assert done.returncode == failed and ("FAILED: developer: 2 tests, 1 failed" in done.stderr) == bool(failed), done


def test_a_step_that_fails_is_a_failure(tmp_path):
    """And the others are taken all the same."""
    for directory in (".ci", "script/lib"):
        shutil.copytree(ROOT / directory, tmp_path / directory)
    for name, status in (("test", 0), ("lint", 1), ("mutate", 0), ("matrix", 0)):
        (tmp_path / "script" / name).write_text(f"#!/bin/sh\nexit {status}\n", encoding="ascii")
        (tmp_path / "script" / name).chmod(0o755)
    done = run(tmp_path / ".ci/run")
    verdicts = re.findall(r"^script/(\w+).* (passed|FAILED) \(", done.stdout, re.MULTILINE)
    assert done.returncode == 1 and verdicts == [("test", "passed"), ("lint", "FAILED"), ("mutate", "passed"), ("matrix", "passed")]


@pytest.mark.parametrize("depends, complaint", [
    ("libjson-glib-1.0-0, libwireshark16, wireshark-common (>= 4.0~), wireshark-common (<< 4.1~)", None),
    ("libjson-glib-1.0-0, libwireshark16, wireshark-common (>= 4.0~)", "not tied to one release"),
    ("libjson-glib-1.0-0, libwireshark16, wireshark-common (<< 4.1~)", "not tied to one release"),
    ("libjson-glib-1.0-0, wireshark-common (>= 4.0~), wireshark-common (<< 4.1~)", "libwireshark"),
    ("libwireshark16, wireshark-common (>= 4.0~), wireshark-common (<< 4.1~)", "libjson-glib"),
])
def test_what_a_package_has_to_depend_on(depends, complaint):
    done = sourced('. "$0/script/package"; dpkg-deb() { echo "$told"; }; deb=x.deb told=$1; check_depends', depends)
    assert done.returncode == (1 if complaint else 0) and (complaint or "") in done.stderr, done


@pytest.mark.parametrize("option", ["", "--keep"])
def test_the_demo_of_the_fleet_keeps_its_shards(tmp_path, option):
    """Only where that is asked for. What it hands on are words of a shell's, wherever the clone is."""
    clone = tmp_path / "it's a clone"
    shutil.copytree(ROOT / "script/lib", clone / "script/lib")
    shutil.copytree(ROOT / "fleet", clone / "fleet")
    (clone / "fleet/shards").write_text("""#!/bin/sh
echo "shards $1 ${5:-nobody}"
[ "$1" != start ] || for name in client client-1; do printf '#!/bin/sh\\n' >"$2/$name"; chmod +x "$2/$name"; done
""", encoding="ascii")
    code = """clone=$0; . "$clone/fleet/demo"; for step in obtainable setup build require_plugin; do eval "$step() { :; }"; done
        parallel() { eval "printf '%s\\n' $TSHARK $CLICKHOUSE_CLIENT"; }; main "$@"; echo "was $$" """
    done = run("bash", "-c", code, clone, *([option] if option else []), env={**os.environ, "TMPDIR": str(tmp_path)})
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and str(clone / "script/tshark") in lines and [line for line in lines if line.endswith("/client")], done
    owner = next(line for line in lines if line.startswith("was ")).split()[1]
    assert [line for line in lines if line.startswith("shards ")] == \
        (["shards start nobody"] if option else [f"shards start {owner}", "shards remove nobody"])
    assert ("the shards go on: " in done.stdout) == bool(option)


@pytest.mark.parametrize("mine", ("mine", ".mine", "client/main.c", "owner/main.c", "3.csv", "1 of 2/mine", "client-x"))
@pytest.mark.parametrize("among", (False, True), ids=("alone", "among shards"))
def test_shards_are_removed_and_nothing_else(tmp_path, mine, among):
    """A directory that has other things in it is none of theirs, whatever these are called."""
    place, mine = tmp_path / "shards", tmp_path / "shards" / mine
    for name in ("1", "2", mine.parent) if among else (mine.parent,):
        (place / name).mkdir(parents=True, exist_ok=True)
    if among:
        for name in ("owner", "client", "client-1"):
            if not (place / name).exists():
                (place / name).touch()
    mine.touch()
    for words in (["remove", place], ["start", place]):
        done = run(ROOT / "fleet/shards", *words)
        assert done.returncode == 1 and "not a directory of shards" in done.stderr and mine.exists(), done


@pytest.mark.parametrize("there", ((), ("1",), ("1", "12", "client", "client-1", "client-12", "owner")),
                         ids=("nothing", "what an interrupted start leaves", "all"))
def test_shards_are_removed(tmp_path, there):
    place = tmp_path / "my shards"
    place.mkdir()
    for name in there:
        (place / name).mkdir() if name.isdigit() else (place / name).touch()
    done = run(ROOT / "fleet/shards", "remove", place)
    assert done.returncode == 0 and not place.exists(), done


def test_sample_captures_need_a_directory(tmp_path):
    done = run(ROOT / "script/sample-captures", tmp_path / "no such")
    assert done.returncode == 2 and "there is no directory" in done.stderr and "Traceback" not in done.stderr
