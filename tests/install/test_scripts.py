# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts: how they are called, what they refuse, and what they say before they install anything."""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path for path in [*ROOT.glob("script/*"), *ROOT.glob("fleet/*"), ROOT / ".ci/run"] if path.is_file() and os.access(path, os.X_OK))
INSTALLING = (ROOT / "docs/installing.md").read_text(encoding="utf-8")


def _name(path):
    return path.name


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


def _run(*command, **options):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=600, **options)


def _sourced(code, *words):
    """Runs a piece of bash with the scripts' libraries."""
    return _run("bash", "-c", f'. "$0/script/lib/common.sh"; . "$0/script/lib/setup.sh"; {code}', ROOT, *words)


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name != "tshark"], ids=_name)
def test_help(guarded, script):
    done = _run(script, "--help", env=guarded)
    assert done.returncode == 0, done.stderr
    assert script.name in done.stdout or "nothing" in done.stdout.lower() or len(done.stdout) > 100


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name not in ("tshark", "wireshark")], ids=_name)
def test_unknown_options_are_refused(guarded, script):
    done = _run(script, "--no-such-option", env=guarded)
    assert done.returncode not in (0, 127)
    assert "--no-such-option" in done.stderr or "argument" in done.stderr


@pytest.mark.parametrize("words", [
    ["--archive"], ["--archive", "uri main"], ["--archive", "uri main", "noble"], ["--keyring", ROOT / "README.md", "noble"],
    ["--archive", "uri", "--keyring", ROOT / "README.md", "noble"], ["--archive", "uri main", "--keyring", "/nonexistent", "noble"],
    ["--archive", "uri main", "--keyring", ROOT / "README.md"], ["--upgrade", "trixie"], ["NOBLE"],
    ["--architecture"], ["--bare", "--as"], ["--bare", "--as", "nobody"], ["--as", "root"],
], ids=str)
def test_the_matrix_refuses_half_of_what_it_needs(guarded, words):
    done = _run(ROOT / "script/matrix", *words, env=guarded)
    assert done.returncode == 1 and done.stderr.startswith("script/matrix: ") and not done.stdout
    assert "unknown option" not in done.stderr


@pytest.mark.parametrize("release, suites", [
    ("bookworm", ["bookworm", "bookworm-security"]), ("testing", ["testing", "testing-security"]),
    ("sid", ["sid"]), ("unstable", ["unstable"]),
])
def test_unstable_has_no_security_updates(release, suites):
    """Its mirror has no such suite, and apt gives up on the whole release when it asks for one."""
    mirrors = "debian_mirrors() { printf '%s\\n' 'Debian http://a/ f' 'Debian-Security http://b/ f'; }"
    done = _sourced(f'. "$0/script/lib/debian.sh"; {mirrors}; sources_for deb "" "$1"', release)
    assert [line.split()[2] for line in done.stdout.splitlines()] == suites, done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
def test_by_sh_and_by_a_link(guarded, tmp_path, script):
    """`sh script/x`, whichever shell sh is, and a link to the script are the script."""
    if script.name == "tshark":
        pytest.skip("the same by test_tshark_by_sh_and_by_a_link, with the plugin")
    link = tmp_path / "a link"
    link.symlink_to(script)
    plain = _run(script, "--help", env=guarded).stdout
    for command in (["sh", script], ["bash", "--posix", script], [link]):
        done = _run(*command, "--help", env=guarded, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, plain), done.stderr


def test_tshark_by_sh_and_by_a_link(tmp_path):
    link = tmp_path / "crm tshark"
    link.symlink_to(ROOT / "script/tshark")
    for command in ([ROOT / "script/tshark"], ["sh", ROOT / "script/tshark"], [link]):
        done = _run(*command, "-G", "plugins", cwd=tmp_path)
        assert done.returncode == 0 and re.search(r"^crm\.so\s", done.stdout, re.MULTILINE), done.stderr


def test_tshark_has_what_came_with_wireshark():
    """Its own plugins too: Packet Lengths is one's."""
    theirs, ours = (set(re.findall(r"^(\S+\.so)\s", _run(*command, "-G", "plugins").stdout, re.MULTILINE))
                    for command in (["env", "-u", "WIRESHARK_PLUGIN_DIR", "tshark"], [ROOT / "script/tshark"]))
    assert "stats_tree.so" in theirs and ours == theirs | {"crm.so"}


def test_tshark_help_has_both():
    text = _run(ROOT / "script/tshark", "--help").stdout
    assert "CRM_PLUGIN" in text and "-Y <display filter>" in text


def test_tshark_has_the_profile():
    done = _run(ROOT / "script/tshark", "-C", "CRM", "-r", ROOT / "pcaps/register-retry.pcapng", "-T", "psml", "-c", "1")
    titles = re.findall(r'"([^"]+)", *"%', (ROOT / "profile/CRM/preferences").read_text(encoding="utf-8"))
    assert done.returncode == 0 and len(titles) > 7, done.stderr
    assert re.findall(r"<section>(.*?)</section>", done.stdout)[:len(titles)] == titles


@pytest.fixture(name="temporary")
def _temporary(tshark):
    """A directory for temporary files that is open to all: pytest's own is closed to others."""
    directory = tshark.directory / "temporary"
    directory.mkdir()
    directory.chmod(0o777)
    yield directory
    shutil.rmtree(directory)


def test_tshark_leaves_nothing(temporary):
    done = _run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-c", "1",
                env={**os.environ, "TMPDIR": str(temporary)})
    assert done.returncode == 0 and not list(temporary.iterdir()), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a directory that the tshark of script/tshark cannot reach")
def test_tshark_has_the_plugin_whatever_tmpdir_is(temporary):
    temporary.chmod(0o700)
    done = _run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-c", "1",
                env={**os.environ, "TMPDIR": str(temporary)})
    assert done.returncode == 0 and " CRM " in done.stdout and not list(temporary.iterdir()), done


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_tshark_ends_with_the_script(temporary, number):
    """A CI job starts it in the background, and kills what it has started. Its output ends when tshark has ended."""
    script = subprocess.Popen([ROOT / "script/tshark", "-l", "-i", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(temporary)}, start_new_session=True)
    try:
        script.stdin.write((ROOT / "pcaps/nat.pcapng").read_bytes())
        script.stdin.flush()
        assert b" CRM " in script.stdout.readline()
        # A terminal's Ctrl+C is sent to all of them.
        (os.killpg if number == signal.SIGINT else os.kill)(script.pid, number)
        script.wait(60)
        while select.select([script.stdout], [], [], 10)[0] and script.stdout.readline():
            pass
        assert select.select([script.stdout], [], [], 0)[0], "tshark is still there"
        assert not list(temporary.iterdir())
    finally:
        subprocess.run(["kill", "-s", "KILL", "--", f"-{script.pid}"], stderr=subprocess.DEVNULL, check=False)
        script.stdin.close()


def test_tshark_tells_of_a_plugin_that_is_older_than_its_sources(tshark, tmp_path):
    """As after `git pull`: what runs is what was built before."""
    for name in ("script", "profile"):
        shutil.copytree(ROOT / name, tmp_path / name)
    built, source = tmp_path / "build/release/plugin/crm.so", tmp_path / "plugin/message/json.c"
    for path in (built, source):
        path.parent.mkdir(parents=True)
    shutil.copy(tshark.plugin, built)
    source.write_text("", encoding="ascii")
    environment = {name: value for name, value in os.environ.items() if name != "CRM_PLUGIN"}
    for seconds, told in ((-60, False), (60, True)):
        os.utime(source, (built.stat().st_mtime + seconds,) * 2)
        done = _run(tmp_path / "script/tshark", "-v", env=environment)
        assert done.returncode == 0 and ("built before plugin/message/json.c was changed" in done.stderr) == told, done.stderr


def test_tshark_keeps_its_status(tshark):
    words = ["-r", tshark.readable(ROOT / "pcaps/register-retry.pcapng"), "-Y", "no.such.field"]
    status = _run(*tshark.command("tshark", *words)).returncode
    assert status and _run(ROOT / "script/tshark", *words).returncode == status


@pytest.mark.skipif(os.geteuid() != 0, reason="only where this is root does tshark run as another user")
def test_tshark_as_root_says_where_it_cannot_write(tmp_path):
    tmp_path.chmod(0o700)
    target = tmp_path / "out.pcapng"
    for words in (["-w", target], [f"-w{target}"], ["-qw", target]):
        done = _run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", *words)
        assert done.returncode == 1 and "may not write there" in done.stderr and f"-w - >{target}" in done.stderr
    with open(target, "wb") as file:
        subprocess.run([ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-w", "-"], stdout=file, check=True)
    assert target.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that nobody else may read")
@pytest.mark.parametrize("words", [["-2", "-Vr"], ["--read-file"]], ids=str)
def test_tshark_as_root_reads_what_only_root_may(tmp_path, words):
    """However the option is written: several of one letter may stand in one word."""
    tmp_path.chmod(0o700)
    capture = shutil.copy(ROOT / "pcaps/register-retry.pcapng", tmp_path)
    for last in ([*words, capture], [*words[:-1], words[-1] + ("=" if words[-1][1] == "-" else "") + str(capture)]):
        done = _run(ROOT / "script/tshark", "-c", "1", "-q", *last)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root calls sudo's name its own")
def test_tshark_under_sudo_is_the_user_who_called_it(tshark):
    place = tshark.directory / "somebody's"     # which others can reach
    place.mkdir()
    os.chown(place, 12345, 12345)
    for caller, owner in (("12345", 12345), ("0", None)):
        target = place / f"{caller}.pcapng"
        done = _run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-w", target,
                    env={**os.environ, "SUDO_UID": caller, "SUDO_GID": caller})
        if owner:
            assert done.returncode == 0 and target.stat().st_uid == owner, done.stderr
        else:
            assert done.returncode == 1 and "user 65534" in done.stderr


def _capturing():
    """Why nothing can be captured on this machine, or None."""
    done = _run("unshare", "--net", "sh", "-c", "ip link set lo up && dumpcap -L -i lo")
    return None if done.returncode == 0 else f"no capture in a network namespace here: {done.stderr.strip()[:200]}"


@pytest.mark.skipif(os.geteuid() != 0, reason="a user's tshark captures with that user's rights")
def test_tshark_as_root_captures():
    """As root it drops all rights but those to capture."""
    obstacle = _capturing()
    if obstacle:
        pytest.skip(obstacle)
    done = _run("unshare", "--net", sys.executable, "-B", __file__, ROOT / "script/tshark")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["9090", "CRM"], done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lack")
def test_tshark_as_a_root_that_may_not_capture():
    """As in a container: it says so, and reads files and pipes all the same."""
    without = ["setpriv", "--bounding-set=-net_raw,-net_admin", ROOT / "script/tshark"]
    done = _run(*without, "-i", "lo", "-c", "1")
    assert done.returncode == 1 and "has not got the rights to capture" in done.stderr
    for words in (["-nr"], ["--read-file"]):
        assert _run(*without, *words, ROOT / "pcaps/register-retry.pcapng", "-c", "1").returncode == 0, words
    for words in (["-D"], ["-z", "help"]):
        assert "rights to capture" not in _run(*without, *words).stderr, words
    with open(ROOT / "pcaps/register-retry.pcapng", "rb") as pipe:
        done = subprocess.run([*map(str, without), "-i", "-", "-c", "3"], stdin=pipe, stdout=subprocess.PIPE, check=True)
    assert done.stdout.count(b" CRM ") == 3


def _capture_one(tshark):
    """In a namespace of its own: captures the first datagram, which is sent until tshark has it."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    running = subprocess.Popen([tshark, "-i", "lo", "-f", "udp port 9090", "-c", "1", "-l", "-T", "fields", "-e", "udp.dstport",
                                "-e", "_ws.col.Protocol"], stdin=subprocess.DEVNULL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(600):
            sender.sendto(b"{}", ("127.0.0.1", 9090))
            try:
                return running.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    running.kill()
    return 1


def test_wireshark_without_a_display(guarded):
    done = _run(ROOT / "script/wireshark", env=guarded)
    assert done.returncode == 1 and "no display" in done.stderr and "script/tshark" in done.stderr


def _with_plugin(script):
    """Waits until a child of a script has the plugin in its memory: that child's number, or None if it never has."""
    for _ in range(600):
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
                if parent == script.pid and "/epan/crm.so" in (status.parent / "maps").read_text(encoding="utf-8"):
                    return int(status.parent.name)
            except OSError:     # it has ended meanwhile
                pass
        try:
            script.wait(0.1)
            return None
        except subprocess.TimeoutExpired:
            pass
    return None


def _home_of(process):
    words = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    return Path(next(word for word in words if word.startswith(b"HOME=")).decode()[5:])


@pytest.mark.skipif(not shutil.which("wireshark"), reason="Wireshark's windows are not installed: script/matrix --bare tries them")
def test_wireshark_has_the_plugin():
    """And a window in which each column of the profile has room."""
    script = subprocess.Popen([ROOT / "script/wireshark", ROOT / "pcaps/register-retry.pcapng"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    wireshark = _with_plugin(script)
    recent = _home_of(wireshark) / ".config/wireshark/recent_common" if wireshark else None
    maximized = recent and recent.exists() and "gui.geometry_main_maximized: TRUE" in recent.read_text(encoding="utf-8")
    (os.kill(wireshark, signal.SIGTERM) if wireshark else script.kill())
    said = script.communicate(timeout=600)[1]
    assert wireshark, said
    assert maximized


def test_the_demo_names_the_worker(tshark):
    """Which registrations failed, of whom: the collector's address tells nobody anything."""
    text = (ROOT / "script/demo").read_text(encoding="utf-8")
    command = re.search(r"show -r \"\$retry\" (-Y 'crm\.register\.status == 0'.*?)\n\n", text, re.DOTALL).group(1)
    fields = re.findall(r"-e (\S+)", command)
    rows = tshark.rows(ROOT / "pcaps/register-retry.pcapng", *fields, options=("-Y", "crm.register.status == 0"))
    assert {cell[0] for row in rows for cell in row if cell and cell[0].startswith("10.0.0.")} == {"10.0.0.12", "10.0.0.13"}


def test_quick_needs_no_fuzzers(tmp_path):
    """What script/test --quick would install on a system that has nothing."""
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (("dpkg-query", "exit 1"), ("apt-cache", "exit 1"), ("apt-get", "exit 1"), ("sudo", "exit 1")):
        (fakes / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (fakes / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{fakes}:{os.environ['PATH']}"}
    quick = _run(ROOT / "script/test", "--quick", env=environment)
    full = _run(ROOT / "script/test", env=environment)
    assert quick.returncode and full.returncode
    assert "valgrind" in quick.stdout.split() and "clang" not in quick.stdout.split()
    assert "clang" in full.stdout.split()
    # The line to paste: to be found alone, and with nothing behind the last name.
    assert re.search(r"^  apt-get install --no-install-recommends [a-z0-9 .+-]+[a-z0-9]$", quick.stderr, re.MULTILINE), quick.stderr


def test_ctrl_c_while_packages_come(tmp_path):
    """It ends then, and notes what came: apt answers a Ctrl+C in its own way, which bash does not take for one."""
    shutil.copytree(ROOT / "script", tmp_path / "script")
    shutil.copy(ROOT / "CMakeLists.txt", tmp_path)
    fakes = tmp_path / "fakes"
    fakes.mkdir()
    for name, text in (
            ("dpkg-query", f'case $* in *Package*) cat "{tmp_path}/packages" ;; *) exit 1 ;; esac'),
            ("apt-cache", "exit 0"),
            ("sudo", 'exec "$@"'),
            ("apt-get", f'echo "$*" >>"{tmp_path}/called"; printf "tshark\\tunpacked\\n" >>"{tmp_path}/packages"; kill -INT "$PPID"; exit 100')):
        (fakes / name).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (fakes / name).chmod(0o755)
    (tmp_path / "packages").write_text("dash\tinstalled\n", encoding="ascii")
    done = _run(tmp_path / "script/demo", env={**os.environ, "PATH": f"{fakes}:/usr/bin:/bin"})
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
        done = _run(*tshark.command("bash", "-c", '. "$0/script/lib/common.sh"; check_ours "$0/build/release"', clone))
        assert done.returncode == 1 and complaint in done.stderr, done
    finally:
        for path in [clone, *clone.rglob("*")]:
            path.chmod(0o755)
        shutil.rmtree(clone)


@pytest.mark.parametrize("code, status", [
    ('echo "apt-get install this"; printf "[sudo] password for me: "; read -r word; test "$word" = secret', 0),
    ('printf "[sudo] password for me: "; read -r word; echo "apt-get install this"', 4),
    ('echo "apt-get install this"', 3),
    ('echo "apt-get install this"; printf "[sudo] password for me: "; read -r word; exit 7', 7),
])
def test_who_types_passwords(code, status):
    """The one that script/matrix --bare has: it knows a question that comes too early, or not at all."""
    done = _run(sys.executable, "-B", ROOT / "tests/install/typed.py", "--password", "secret", "--after", "apt-get install",
                "bash", "-c", code)
    assert done.returncode == status, done.stdout + done.stderr
    assert ("<password typed>" in done.stdout) == (status != 3)


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
    done = _sourced('advice_for "$1" demo', file)
    command = next(line for line in done.stdout.splitlines() if line.startswith("  ")).strip()
    assert command.startswith(begins) and not command.endswith(".")
    assert f"`{command}`" in INSTALLING
    more = _sourced('advice_for "$1" test', file).stdout
    assert "python3-pytest" in more and "libwireshark-dev" not in more


def test_sample_captures_need_a_directory(tmp_path):
    done = _run(ROOT / "script/sample-captures", tmp_path / "no such")
    assert done.returncode == 2 and "there is no directory" in done.stderr and "Traceback" not in done.stderr


def test_macos_is_told_its_names():
    command = _sourced("install_command macos").stdout.strip()
    assert command.startswith("brew install ") and f"`{command}`" in INSTALLING


def test_an_unknown_system_is_told_debians_names(tmp_path):
    file = tmp_path / "os-release"
    file.write_text("ID=void\n", encoding="ascii")
    done = _sourced('advice_for "$1" demo', file)
    assert "elsewhere their names differ" in done.stdout and "libwireshark-dev" in done.stdout


@pytest.mark.parametrize("cmake, wireshark, complaints", [
    ("3.22.1", "4.0.17", ["cmake 3.22.1"]), ("3.25.1", "3.6.2", ["wireshark 3.6.2"]), ("3.18.4", "3.4.16", ["cmake", "wireshark"]),
    ("3.25", "4.0.0", []), ("4.1.2", "4.10.0", []), ("", "", []),
])
def test_what_is_too_old(cmake, wireshark, complaints):
    code = f'versions() {{ [[ $1 == cmake ]] && echo "{cmake}" || echo "{wireshark}"; }}; too_old versions'
    lines = _sourced(code).stdout.splitlines()
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
    done = _run(ROOT / "script/demo", env={**os.environ, "PATH": f"{fakes}:/usr/bin:/bin"})
    assert done.returncode == 1 and "cmake 3.18.4 is too old: it has to be 3.25 or later" in done.stderr
    assert "Nothing was installed" in done.stderr and not (tmp_path / "called").exists()


def test_cmake_refuses_an_old_wireshark(tmp_path):
    """The limit that the scripts read in CMakeLists.txt is CMake's own."""
    assert _sourced("minimum_of cmake; minimum_of wireshark").stdout.split() == ["3.25", "4.0"]
    (tmp_path / "WiresharkConfig.cmake").write_text('set(Wireshark_VERSION "3.6.2")\n', encoding="ascii")
    done = _run("cmake", "-S", ROOT, "-B", tmp_path / "build", f"-DWireshark_DIR={tmp_path}")
    assert done.returncode != 0 and "Wireshark 3.6.2 is too old" in done.stderr


if __name__ == "__main__":
    sys.exit(_capture_one(sys.argv[1]))
