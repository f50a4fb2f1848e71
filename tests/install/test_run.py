# SPDX-License-Identifier: GPL-2.0-or-later
"""script/tshark and script/wireshark: with the plugin and the profile of this tree, and as root."""

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

from scripts import ROOT, run, sourced


def test_tshark_by_sh_and_by_a_link(tmp_path):
    link = tmp_path / "crm tshark"
    link.symlink_to(ROOT / "script/tshark")
    for command in ([ROOT / "script/tshark"], ["sh", ROOT / "script/tshark"], [link]):
        done = run(*command, "-G", "plugins", cwd=tmp_path)
        assert done.returncode == 0 and re.search(r"^crm\.so\s", done.stdout, re.MULTILINE), done.stderr


def test_tshark_has_what_came_with_wireshark():
    """Its own plugins too: Packet Lengths is one's."""
    theirs, ours = (set(re.findall(r"^(\S+\.so)\s", run(*command, "-G", "plugins").stdout, re.MULTILINE))
                    for command in (["env", "-u", "WIRESHARK_PLUGIN_DIR", "tshark"], [ROOT / "script/tshark"]))
    assert "stats_tree.so" in theirs and ours == theirs | {"crm.so"}


@pytest.mark.parametrize("answer", ("echo >&2 'pkg-config: not found'; exit 127",
                                    "echo >&2 'Package wireshark was not found'; exit 1", 'echo "$0.d/1.0"'),
                         ids=("no pkg-config", "no development files", "those of another release"))
def test_tshark_says_nothing_where_nobody_tells_of_its_own_plugins(tmp_path, answer):
    """Who has a plugin from elsewhere needs no development files; a plugin of another release would be refused, aloud."""
    for name, text in (("pkg-config", f"#!/bin/sh\n{answer}\n"), ("pkg-config.d/1.0/epan/other.so", "")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pkg-config").chmod(0o755)
    tmp_path.chmod(0o755)
    done = run(ROOT / "script/tshark", "-G", "plugins", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert re.findall(r"^(\S+)\s", done.stdout, re.MULTILINE) == ["crm.so"]


def test_an_installed_plugin_is_left_as_it_is(tmp_path, release):
    """The tree's own takes its place for this run alone."""
    installed = tmp_path / release / "epan/crm.so"
    installed.parent.mkdir(parents=True)
    installed.write_text("installed", encoding="ascii")
    (tmp_path / "pkg-config").write_text(f"#!/bin/sh\necho '{tmp_path}/{release}'\n", encoding="ascii")
    (tmp_path / "pkg-config").chmod(0o755)
    done = run(ROOT / "script/tshark", "-G", "plugins", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert re.findall(r"^(\S+)\s", done.stdout, re.MULTILINE) == ["crm.so"], done.stderr
    assert installed.read_text(encoding="ascii") == "installed"


def test_tshark_help_has_both():
    text = run(ROOT / "script/tshark", "--help").stdout
    assert "CRM_PLUGIN" in text and "-Y <display filter>" in text


def test_tshark_has_the_profile():
    """Wherever its user keeps settings."""
    elsewhere = {"XDG_CONFIG_HOME": "/nonexistent", "WIRESHARK_CONFIG_DIR": "/nonexistent"}
    done = run(ROOT / "script/tshark", "-C", "CRM", "-r", ROOT / "pcaps/register-retry.pcapng", "-T", "psml", "-c", "1",
                env={**os.environ, **elsewhere})
    titles = re.findall(r'"([^"]+)", *"%', (ROOT / "profile/CRM/preferences").read_text(encoding="utf-8"))
    assert done.returncode == 0 and len(titles) > 7, done.stderr
    assert re.findall(r"<section>(.*?)</section>", done.stdout)[:len(titles)] == titles


def test_tshark_leaves_nothing(temporary):
    done = run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-c", "1",
                env={**os.environ, "TMPDIR": str(temporary)})
    assert done.returncode == 0 and not list(temporary.iterdir()), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a directory that the tshark of script/tshark cannot reach")
def test_tshark_has_the_plugin_whatever_tmpdir_is(temporary):
    temporary.chmod(0o700)
    done = run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-c", "1",
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
        done = run(tmp_path / "script/tshark", "-v", env=environment)
        assert done.returncode == 0 and ("built before plugin/message/json.c was changed" in done.stderr) == told, done.stderr


def test_tshark_keeps_its_status(tshark):
    words = ["-r", tshark.readable(ROOT / "pcaps/register-retry.pcapng"), "-Y", "no.such.field"]
    status = run(*tshark.command("tshark", *words)).returncode
    assert status and run(ROOT / "script/tshark", *words).returncode == status


@pytest.mark.skipif(os.geteuid() != 0, reason="only where this is root does tshark run as another user")
def test_tshark_as_root_says_where_it_cannot_write(tmp_path):
    tmp_path.chmod(0o700)
    target = tmp_path / "out.pcapng"
    for words in (["-w", target], [f"-w{target}"], ["-qw", target]):
        done = run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", *words)
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
        done = run(ROOT / "script/tshark", "-c", "1", "-q", *last)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root calls sudo's name its own")
def test_tshark_under_sudo_is_the_user_who_called_it(tshark):
    place = tshark.directory / "somebody's"     # which others can reach
    place.mkdir()
    os.chown(place, 12345, 12345)
    # To Wireshark, who is of group 0 is root, too.
    for caller, group, owner in (("12345", "12345", 12345), ("0", "12345", None), ("12345", "0", None)):
        target = place / f"{caller}-{group}.pcapng"
        done = run(ROOT / "script/tshark", "-r", ROOT / "pcaps/register-retry.pcapng", "-w", target,
                    env={**os.environ, "SUDO_UID": caller, "SUDO_GID": group})
        if owner:
            assert done.returncode == 0 and target.stat().st_uid == owner, done.stderr
        else:
            assert done.returncode == 1 and "user 65534" in done.stderr


def _capturing():
    """Why nothing can be captured on this machine, or None."""
    done = run("unshare", "--net", "sh", "-c", "ip link set lo up && dumpcap -L -i lo")
    return None if done.returncode == 0 else f"no capture in a network namespace here: {done.stderr.strip()[:200]}"


@pytest.mark.skipif(os.geteuid() != 0, reason="a user's tshark captures with that user's rights")
def test_tshark_as_root_captures():
    """As root it drops all rights but those to capture."""
    obstacle = _capturing()
    if obstacle:
        pytest.skip(obstacle)
    done = run("unshare", "--net", sys.executable, "-B", __file__, ROOT / "script/tshark")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["9090", "CRM"], done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lack")
def test_tshark_as_a_root_that_may_not_capture():
    """As in a container: it says so, and reads files and pipes all the same."""
    without = ["setpriv", "--bounding-set=-net_raw,-net_admin", ROOT / "script/tshark"]
    done = run(*without, "-i", "lo", "-c", "1")
    assert done.returncode == 1 and "has not got the rights to capture" in done.stderr
    for words in (["-nr"], ["--read-file"]):
        assert run(*without, *words, ROOT / "pcaps/register-retry.pcapng", "-c", "1").returncode == 0, words
    for words in (["-D"], ["-z", "help"]):
        assert "rights to capture" not in run(*without, *words).stderr, words
    with open(ROOT / "pcaps/register-retry.pcapng", "rb") as pipe:
        done = subprocess.run([*map(str, without), "-i", "-", "-c", "3"], stdin=pipe, stdout=subprocess.PIPE, check=True)
    assert done.stdout.count(b" CRM ") == 3


@pytest.mark.parametrize("words, rights", [
    ("-i eth0", "must"), ("-i eth0 -w -", "must"), ("", "must"), ("-D", "may"), ("-i eth0 -L", "may"), ("--list-time-stamp-types", "may"),
    ("-G plugins", ""), ("-v", ""), ("--version", ""), ("-h", ""), ("--help", ""), ("-2nVr a", ""), ("-ra", ""), ("--read-file=a", ""),
    ("-i - -c 1", ""), ("-z help", ""),
])
def test_what_needs_the_rights_to_capture(words, rights):
    """As root in a container that has none, the rest works all the same."""
    assert sourced('. "$0/script/lib/run.sh"; rights_for "$@"', *words.split()).stdout.strip() == rights


def test_the_newest_plugin_is_taken(tmp_path):
    shutil.copytree(ROOT / "script/lib", tmp_path / "script/lib")
    for number, name in enumerate(("release", "developer", "release")):
        plugin = tmp_path / "build" / name / "plugin/crm.so"
        plugin.parent.mkdir(parents=True, exist_ok=True)
        plugin.touch()
        os.utime(plugin, (1_700_000_000 + number,) * 2)
        done = run("bash", "-c", '. "$0/script/lib/common.sh"; . "$0/script/lib/run.sh"; echo "$(find_plugin)"', tmp_path,
                    env={name: value for name, value in os.environ.items() if name != "CRM_PLUGIN"})
        assert done.stdout == f"{plugin}\n", done


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
    done = run(ROOT / "script/wireshark", env=guarded)
    assert done.returncode == 1 and "no display" in done.stderr and "script/tshark" in done.stderr


def test_what_wireshark_is_started_with(tshark, temporary, tmp_path):
    """The profile, and as root what only root may read: the capture, and the key to the display, here Wayland's."""
    fakes = temporary / "fakes"
    fakes.mkdir()
    (fakes / "wireshark").write_text("""#!/bin/sh
[ "$1" != --version ] || { echo "Wireshark 4.0.17"; exit; }
printf '%s\\n' "$@"
for last do :; done
cmp "$last" "$CAPTURE" && cat "$XAUTHORITY"
""", encoding="ascii")
    (fakes / "dpkg-query").write_text("#!/bin/sh\nprintf installed\n", encoding="ascii")
    for path in (fakes, *fakes.iterdir()):
        path.chmod(0o755)
    tmp_path.chmod(0o700)
    capture, key = tmp_path / "a capture.pcapng", tmp_path / "key"
    for path in (capture, key):
        path.write_text(path.name, encoding="ascii")
        path.chmod(0o600)
    (temporary / "same").write_text(capture.name, encoding="ascii")
    environment = {**os.environ, "PATH": f"{fakes}:{os.environ['PATH']}", "TMPDIR": str(temporary), "CRM_PLUGIN": str(tshark.plugin),
                   "CAPTURE": str(temporary / "same"), "XAUTHORITY": str(key), "DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0",
                   "QT_QPA_PLATFORM": ""}
    for words, profile in ((["-k"], ["-C", "CRM", "-k"]), (["-C", "Mine"], ["-C", "Mine"])):
        done = run(ROOT / "script/wireshark", *words, capture, env=environment)
        *told, file, said = done.stdout.splitlines()
        assert done.returncode == 0 and told[-len(profile):] == profile and told.count("-C") == 1, done
        assert Path(file).name == capture.name and said == "key"


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


if __name__ == "__main__":
    sys.exit(_capture_one(sys.argv[1]))
