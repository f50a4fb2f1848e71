# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to install and to uninstall, in a directory that stands for the system or for a home; what tshark says when
the plugin does not show up; and that the documents say the same. script/matrix --bare does it on a real system."""

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CRM_BUILD", ROOT / "build/developer"))
INSTALLING = (ROOT / "docs/installing.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROFILE = ROOT / "profile/CRM"


def _cmake(*words, check=True, **environment):
    kept = {name: value for name, value in os.environ.items()
            if name not in ("WIRESHARK_CONFIG_DIR", "XDG_CONFIG_HOME", "DESTDIR")}
    return subprocess.run(["cmake", *map(str, words)], env={**kept, **environment}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=check)


def _files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir())


@pytest.fixture(name="system")
def _system(tmp_path):
    """A place that stands for /, with something of somebody else's in it; this build's notes as they were before."""
    notes = BUILD / "installed.txt"
    kept = notes.read_bytes() if notes.exists() else None
    notes.unlink(missing_ok=True)
    system = tmp_path / "system"
    (system / "usr/share/wireshark/profiles/Other").mkdir(parents=True)
    (system / "usr/share/wireshark/profiles/Other/preferences").write_text("x", encoding="ascii")
    yield system
    notes.unlink(missing_ok=True)
    if kept is not None:
        notes.write_bytes(kept)


def test_all_users(system, release):
    before = sorted(system.rglob("*"))
    _cmake("--install", BUILD, DESTDIR=str(system))
    files = _files(system)
    assert [name for name in files if re.fullmatch(rf"usr/lib/.*wireshark/plugins/{re.escape(release)}/epan/crm\.so", name)]
    assert {f"usr/share/wireshark/profiles/CRM/{path.name}" for path in PROFILE.iterdir()} <= set(files)
    text = _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system)).stdout
    assert "removed: " in text and sorted(system.rglob("*")) == before and not (BUILD / "installed.txt").exists()
    assert "nothing was there" in _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system)).stdout


def test_all_users_may_read_it(system):
    """Whatever the umask of who installs: sudo keeps it where it is the stricter one."""
    before = set(system.rglob("*"))
    mask = os.umask(0o077)
    try:
        _cmake("--install", BUILD, DESTDIR=str(system))
    finally:
        os.umask(mask)
    made = set(system.rglob("*")) - before
    assert made and not [path for path in made if path.stat().st_mode & (0o055 if path.is_dir() else 0o044)
                         != (0o055 if path.is_dir() else 0o044)]


def test_what_an_older_wireshark_left(system):
    """The plugin of the release before an upgrade was noted, and goes too."""
    before = _files(system)
    _cmake("--install", BUILD, DESTDIR=str(system))
    plugin = next(system.rglob("crm.so"))
    old = plugin.parents[2] / "3.9/epan/crm.so"
    old.parent.mkdir(parents=True)
    shutil.move(plugin, old)
    notes = BUILD / "installed.txt"
    notes.write_text(notes.read_text(encoding="utf-8").replace(str(plugin), str(old)), encoding="utf-8")
    _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system))
    assert _files(system) == before


def test_what_cannot_be_removed(system):
    """As without root's rights; here because a directory stands in its place. It says so, and has the command to paste."""
    _cmake("--install", BUILD, DESTDIR=str(system))
    plugin = next(system.rglob("crm.so"))
    plugin.unlink()
    (plugin / "inside").mkdir(parents=True)
    done = _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system), check=False)
    assert done.returncode and f"removed: {plugin}" not in done.stdout and (plugin / "inside").exists()
    assert "cannot be removed by this user" in done.stdout and f"\n    sudo cmake -P '{BUILD}/uninstall.cmake'\n" in done.stdout


def test_what_the_package_has_beside(system):
    """The scripts of fleet/ can be started, and nothing else."""
    _cmake("--install", BUILD, DESTDIR=str(system))
    _cmake("-D", f"CPACK_TEMPORARY_DIRECTORY={system}", "-P", BUILD / "debian/stage.cmake")
    assert {"usr/share/doc/wireshark-crm/copyright", "usr/share/doc/wireshark-crm/changelog.Debian.gz",
            "usr/share/doc/wireshark-crm/changelog.gz", "usr/share/lintian/overrides/wireshark-crm"} <= set(_files(system))
    modes = {path.name: path.stat().st_mode & 0o777 for path in system.rglob("*") if path.is_file()}
    assert {name for name, mode in modes.items() if mode == 0o755} == {"crm-load", "crm-rows"}
    assert {mode for mode in modes.values() if mode != 0o755} == {0o644}


def test_with_another_build_directory(system):
    before = sorted(system.rglob("*"))
    _cmake("--install", BUILD, DESTDIR=str(system))
    (BUILD / "installed.txt").unlink()
    _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system))
    assert sorted(system.rglob("*")) == before


def test_a_list_that_root_left_is_not_in_the_way(system):
    """CMake's own list, which it could not write over."""
    manifest = BUILD / "install_manifest.txt"
    manifest.unlink(missing_ok=True)
    manifest.symlink_to("/proc/version")    # nobody can write that, not even root
    try:
        assert "Error" not in _cmake("--install", BUILD, DESTDIR=str(system)).stdout
        assert not manifest.is_symlink()
    finally:
        manifest.unlink(missing_ok=True)


def test_a_package_is_not_written_over(system, tmp_path):
    """Where dpkg says that the file is a package's, nothing is installed, and nothing removed."""
    _cmake("--install", BUILD, DESTDIR=str(system))
    plugin = next(system.rglob("crm.so"))
    plugin.write_text("the package's", encoding="ascii")
    dpkg = tmp_path / "fakes/dpkg-query"
    dpkg.parent.mkdir()
    dpkg.write_text('#!/bin/sh\ncase $2 in *.so) echo "wireshark-crm: $2" ;; *) exit 1 ;; esac\n', encoding="ascii")
    dpkg.chmod(0o755)
    path = f"{dpkg.parent}:{os.environ['PATH']}"
    done = _cmake("--install", BUILD, DESTDIR=str(system), PATH=path, check=False)
    assert done.returncode and "belongs to the package wireshark-crm" in " ".join(done.stdout.split())
    text = _cmake("-P", BUILD / "uninstall.cmake", DESTDIR=str(system), PATH=path).stdout
    assert plugin.read_text(encoding="ascii") == "the package's" and "sudo apt-get remove wireshark-crm" in text


def test_personal(tshark, release, tmp_path):
    script = ROOT / "cmake/installing/personal.cmake"
    for name in ("3.9", release):
        _cmake("-D", "action=install", "-D", f"plugin={tshark.plugin}", "-D", f"release={name}", "-P", script, HOME=str(tmp_path))
        assert (tmp_path / f".local/lib/wireshark/plugins/{name}/epan/crm.so").read_bytes() == tshark.plugin.read_bytes()
    install = ["-D", "action=install", "-D", f"plugin={tshark.plugin}", "-D", f"release={release}"]
    for system, warned in ((tshark.plugin, True), (tmp_path / "no.so", False)):     # the one that is loaded before it, if any
        text = _cmake(*install, "-D", f"system={system}", "-P", script, HOME=str(tmp_path)).stdout
        assert ("Wireshark loads that one" in " ".join(text.split())) == warned
    other = tmp_path / ".local/lib/wireshark/plugins/3.9/epan/other.so"
    other.write_text("somebody's", encoding="ascii")
    text = _cmake("-D", "action=uninstall", "-P", script, HOME=str(tmp_path)).stdout
    assert text.count("removed: ") == 2 and _files(tmp_path) == [str(other.relative_to(tmp_path))]
    other.unlink()
    shutil.rmtree(tmp_path / ".local/lib/wireshark")
    assert "there is no crm.so" in _cmake("-D", "action=uninstall", "-P", script, HOME=str(tmp_path)).stdout


def test_profile(tmp_path):
    install = ["-D", f"from={PROFILE}", "-P", ROOT / "profile/install.cmake"]
    uninstall = ["-D", f"from={PROFILE}", "-P", ROOT / "profile/uninstall.cmake"]
    profile = tmp_path / ".config/wireshark/profiles/CRM"
    _cmake(*install, HOME=str(tmp_path), XDG_CONFIG_HOME="")    # to Wireshark, as if it were not set
    assert _files(profile) == sorted(path.name for path in PROFILE.iterdir())
    (profile / "recent").write_text("Wireshark's", encoding="ascii")
    assert "the same" in _cmake(*install, HOME=str(tmp_path)).stdout
    (profile / "preferences").write_text("an earlier version's", encoding="ascii")
    done = _cmake(*install, HOME=str(tmp_path), check=False)
    assert done.returncode and "an earlier version's, or changed since" in " ".join(done.stdout.split())
    assert f"\n    rm -r '{profile}'\n" in done.stdout
    shutil.copy(PROFILE / "preferences", profile)
    _cmake(*uninstall, HOME=str(tmp_path))
    assert not profile.exists()
    _cmake(*install, HOME=str(tmp_path))
    (profile / "dfilter_macros").write_text("the user's", encoding="ascii")
    done = _cmake(*uninstall, HOME=str(tmp_path), check=False)
    assert done.returncode and f"\n    rm -r '{profile}'\n" in done.stdout and (profile / "preferences").exists()
    # Where Wireshark's older place is, and the newer one is not, it keeps to that.
    (tmp_path / ".config/wireshark").rename(tmp_path / ".wireshark")
    (tmp_path / ".wireshark/profiles/CRM/dfilter_macros").unlink()
    assert "removed: " in _cmake(*uninstall, HOME=str(tmp_path)).stdout and not (tmp_path / ".wireshark/profiles/CRM").exists()


def test_targets():
    """The names that the documents give."""
    text = _cmake("--build", BUILD, "--target", "help").stdout
    for name in ("uninstall", "install-personal", "uninstall-personal", "install-profile", "uninstall-profile"):
        assert re.search(rf"^{name}: ", text, re.MULTILINE) or re.search(rf"\b{name}\b", text), name


def test_the_package_goes_with_its_wireshark(release):
    """apt has to take it away with the Wireshark that can load it."""
    if not shutil.which("dpkg"):
        pytest.skip("no Debian")
    config = (BUILD / "CPackConfig.cmake").read_text(encoding="utf-8")
    depends = re.search(r'CPACK_DEBIAN_PACKAGE_DEPENDS "(.*)"', config).group(1)
    major, minor = map(int, release.split("."))
    assert f"wireshark-common (>= {major}.{minor}~), wireshark-common (<< {major}.{minor + 1}~)" in depends


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_the_source_of_a_clone_anywhere(tmp_path):
    """Whatever characters its path has, what was built there is not in the tarball, and the tarball knows its version.
    What is installed comes below Wireshark's own prefix. After a commit, the next build has another version."""
    clone = tmp_path / "c++ (1)"
    clone.mkdir()
    for name in ("CMakeLists.txt", "CMakePresets.json", "CHANGELOG.md", "cmake", "plugin", "profile", "fleet"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, clone / name)
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=n", "-c", "user.email=e@example.invalid", "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=clone, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})
    said = _cmake("-S", clone, "--preset", "release").stdout
    assert "/.git/logs/HEAD" in (clone / "build/release/build.ninja").read_text(encoding="utf-8")
    cache = (clone / "build/release/CMakeCache.txt").read_text(encoding="utf-8")
    assert "CMAKE_INSTALL_PREFIX:PATH=/usr\n" in cache and "BUILD_TESTING:BOOL=OFF" in cache
    _cmake("--build", clone / "build/release", "--target", "dist")
    with tarfile.open(next((clone / "build/release").glob("wireshark-crm-*.tar.xz"))) as tarball:
        names = {name.partition("/")[2] for name in tarball.getnames()}
        version = next(member for member in tarball.getmembers() if member.name.endswith("/VERSION"))
        assert f"-- wireshark-crm {tarball.extractfile(version).read().decode()}" in said
    assert {"CMakeLists.txt", "plugin/CMakeLists.txt"} <= names and not [name for name in names if name.startswith(("build", ".git/"))]


# What tshark says when the plugin does not show up, and the documents' words for it.

MODULE = """
const char plugin_version[] = "1";
const int plugin_want_major = %s, plugin_want_minor = %s;
void plugin_register(void) {}
"""


@pytest.fixture(name="home")
def _home(tshark, release):
    """home(): a home with an empty personal directory for plugins; returns the two."""
    made = []

    def make():
        home = tshark.directory / f"home-{len(made)}"
        made.append(home)
        plugins = home / ".local/lib/wireshark/plugins" / release / "epan"
        plugins.mkdir(parents=True)
        return home, plugins
    yield make
    for home in made:
        shutil.rmtree(home, ignore_errors=True)


def _listed(tshark, home, *words, **environment):
    """(whether crm.so is in the list, its path, what tshark says) of a tshark with this home."""
    for path in [home, *home.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    words = tshark.command("env", "-u", "WIRESHARK_PLUGIN_DIR", *[f"{name}={value}" for name, value in environment.items()],
                           "tshark", *(words or ("-G", "plugins")), HOME=str(home))
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    line = re.search(r"^crm\.so\s.*", done.stdout, re.MULTILINE)
    return line and line.group(0).split("\t")[-1], done.stderr


def _compile(plugins, major, minor, *libraries):
    source = plugins / "module.c"
    source.write_text(MODULE % (major, minor), encoding="ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", plugins / "crm.so", source, "-Wl,--no-as-needed", *libraries], check=True)
    source.unlink()


def _documented(message):
    """Whether the table has it, whatever release or file it speaks of."""
    table = INSTALLING[INSTALLING.index("## When the plugin does not show up"):INSTALLING.index("## Which file of a release")]
    assert message in table, message


@pytest.mark.skipif(bool(shutil.which("dpkg")) and subprocess.run(
    ["dpkg", "-s", "wireshark-crm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0,
    reason="the plugin is installed on this system")
class TestItDoesNotShowUp:
    def test_it_shows_up(self, tshark, home):
        where, plugins = home()
        shutil.copy(tshark.plugin, plugins / "crm.so")
        path, said = _listed(tshark, where)
        assert path == str(plugins / "crm.so") and not said

    def test_another_release(self, tshark, home):
        where, plugins = home()
        _compile(plugins, 3, 9)
        path, said = _listed(tshark, where)
        assert not path and "The plugin 'crm.so' was compiled for Wireshark version 3.9" in said
        _documented("The plugin 'crm.so' was compiled for Wireshark version")

    def test_a_library_that_is_gone(self, tshark, release, home):
        where, plugins = home()
        library = plugins / "libgone.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, "-Wl,-soname,libwireshark.so.1", "-x", "c", "/dev/null"], check=True)
        _compile(plugins, *release.split("."), library)
        library.unlink()
        path, said = _listed(tshark, where)
        assert not path
        assert "Couldn't load plugin 'crm.so': libwireshark.so.1: cannot open shared object file: No such file or directory" in said
        _documented("Couldn't load plugin 'crm.so': libwireshark.so.16: cannot open shared object file: No such file or directory")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a file away from the user who reads it here")
    def test_a_file_that_may_not_be_read(self, tshark, home):
        where, plugins = home()
        shutil.copy(tshark.plugin, plugins / "crm.so")
        (plugins / "crm.so").chmod(0o600)
        path, said = _listed(tshark, where)
        assert not path and "Couldn't load plugin 'crm.so'" in said and "Permission denied" in said
        _documented("Permission denied")

    def test_two_copies(self, tshark, release, home):
        """That of the system's directory, for which another stands here, is the one that is loaded."""
        where, plugins = home()
        shutil.copy(tshark.plugin, plugins / "crm.so")
        path, said = _listed(tshark, where, WIRESHARK_PLUGIN_DIR=tshark.directory / "plugins")
        assert path == str(tshark.directory / "plugins" / release / "epan/crm.so")
        assert "The plugin 'crm.so' was found in multiple directories" in said
        _documented("The plugin 'crm.so' was found in multiple directories")

    @pytest.mark.parametrize("place", ["the directory above", "another release's directory"])
    def test_a_wrong_directory(self, tshark, home, place):
        where, plugins = home()
        target = plugins.parent if place == "the directory above" else plugins.parents[1] / "3.9/epan"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(tshark.plugin, target / "crm.so")
        assert _listed(tshark, where) == (None, "")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root has this trap")
    def test_root(self, tshark, home):
        where, plugins = home()
        shutil.copy(tshark.plugin, plugins / "crm.so")
        done = subprocess.run(["tshark", "-G", "plugins"], env={"PATH": os.environ["PATH"], "HOME": str(where)}, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = [line for line in done.stderr.splitlines() if line and not line.startswith("Running as user")]
        assert "crm.so" not in done.stdout and not said

    def test_what_is_left_behind(self, tshark, home):
        """Filters, preferences and the profile's colors without the plugin."""
        where, plugins = home()
        profiles = where / ".config/wireshark/profiles"
        shutil.copytree(PROFILE, profiles / "CRM")
        (where / ".config/wireshark/preferences").write_text("crm.learn_ports: FALSE\n", encoding="ascii")
        capture = tshark.readable(ROOT / "pcaps/register-retry.pcapng")
        for words, message in (
                (("-r", capture, "-Y", "crm"), "is neither a field nor a protocol name"),
                (("-r", capture), 'No such preference "crm'),
                (("-C", "CRM", "--color", "-r", capture), 'Could not compile "CRM ')):
            said = _listed(tshark, where, *words)[1]
            # 4.4 and later speak of filters in other words.
            assert message in said or "not a valid protocol or protocol field" in said, said
            _documented(message)
        assert plugins.exists()


# The documents.


def _commands(text):
    """The commands of a text's blocks, and of the cells of its tables."""
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL)
    return {line.strip() for block in blocks for line in block.splitlines() if line.strip()}


def test_the_readme_has_the_same_commands():
    """What README.md says of installing stands in docs/installing.md too, where script/matrix --bare runs it."""
    section = README[README.index("\n## Installing"):]
    section = section[:section.index("\n## ", 5)]
    commands = _commands(section)
    assert len(commands) >= 4
    assert commands <= _commands(INSTALLING), commands - _commands(INSTALLING)


def test_each_way_in_has_its_way_out():
    """Two blocks in each section: script/lib/bare-test takes them by their number."""
    for title in ("As a Debian package", "For all users, without a package", "For yourself", "The profile"):
        start = INSTALLING.index(f"\n## {title}\n")
        section = INSTALLING[start:INSTALLING.index("\n## ", start + 5)]
        assert section.count("```sh\n") == 2, title


def test_one_place_for_what_does_not_show_up():
    assert INSTALLING.count("## When the plugin does not show up") == 1
    assert "was compiled for Wireshark version" not in README
