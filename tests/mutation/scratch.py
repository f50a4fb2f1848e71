# SPDX-License-Identifier: GPL-2.0-or-later
"""A copy of the source tree with a build of its own, in which a file can be changed, compiled and tested.

    scratch = Scratch(root, directory)
    scratch.prepare(files)
    with scratch.changed("plugin/json.c", new_bytes):
        if scratch.build(test) and scratch.affects(test):
            scratch.run(test, limit)

What a test runs is built when the test is asked, and not before: most changes are noticed by the first.

Nothing outside its directory is written. A test runs as ctest would run it, and stops at its first failure;
processor time and memory are limited, so that a change that never ends, or fills the memory, is told as failed.
"""

import contextlib
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

# The developer's warnings are errors here too, but for -Wconversion: it turns down "one more" for being an int.
FLAGS = "-Wall -Wextra -Wshadow -Werror"
MEMORY = 6 << 30            # bytes of address space; tshark takes under one, valgrind under four
WALL = 600                  # seconds, for what waits for ever; nothing else is measured by the clock
EVERYTHING = ("all",)       # ninja's name for it
PYTEST_FAILED = 1           # tests ran and failed; a test that is not found ends with another status


@dataclass(frozen=True)
class Test:
    """One of ctest's tests, or a single case of one: the command line, and what it adds to the environment."""

    name: str
    command: tuple
    environment: tuple = ()
    single: bool = False

    def case(self, name):
        """The same test, of which only one pytest case runs."""
        return Test(f"{self.name}::{name}", (*self.command[:-1], f"{self.command[-1]}::{name}"),
                    self.environment, True)

    @property
    def is_pytest(self):
        return "pytest" in self.command


@dataclass(frozen=True)
class Outcome:
    """How a test ended: whether it failed, at which case, and the processor's seconds that it took."""

    failed: bool
    case: str
    seconds: float
    output: str


class Scratch:
    """One copy of the tree. Two may work at the same time."""

    def __init__(self, root, directory):
        self.root, self.directory = Path(root), Path(directory)
        self.tree, self.binary = self.directory / "tree", self.directory / "build"
        self.tests = {}         # by name, in ctest's order: those that are asked
        self.targets = set()    # what ninja can build
        self.unchanged = {}     # what digest() says of the source as it is, by the programs asked about

    def prepare(self, files, asked=lambda name: True):
        """Makes the copy the same as the source tree, configures it and builds it. Of its tests, those count that
        are asked."""
        self.tree.mkdir(parents=True, exist_ok=True)
        self._copy(files)
        done = self._run_tool("cmake", "-S", self.tree, "-B", self.binary, "-G", "Ninja",
                              "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_C_FLAGS={FLAGS}",
                              "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
        if done.returncode == 0:
            done = self._ninja(EVERYTHING)
        if done.returncode:
            raise RuntimeError(f"the unchanged source does not build in {self.directory}:\n{done.stdout}")
        self.tests = {name: test for name, test in self._tests().items() if asked(name)}
        told = self._run_tool("ninja", "-C", self.binary, "-t", "targets", "all").stdout
        self.targets = {line.rpartition(": ")[0] for line in told.splitlines()}
        for programs in {EVERYTHING, *map(self.programs, self.tests.values())}:
            self.unchanged[programs] = self._digest(programs)

    def _copy(self, files):
        wanted = {Path(file) for file in files}
        for path in [path for path in self.tree.rglob("*") if not path.is_dir() or path.is_symlink()]:
            if path.relative_to(self.tree) not in wanted:
                path.unlink()
        for file in wanted:
            source, copy = self.root / file, self.tree / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink():
                copy.unlink(missing_ok=True)
                copy.symlink_to(os.readlink(source))
            elif not copy.exists() or copy.read_bytes() != source.read_bytes():
                shutil.copy(source, copy)       # with a new time, so that ninja sees it

    def _run_tool(self, *command):
        return subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", check=False)

    def _tests(self):
        told = subprocess.run(["ctest", "--show-only=json-v1"], cwd=self.binary, stdout=subprocess.PIPE, check=True)
        tests = {}
        for test in json.loads(told.stdout)["tests"]:
            properties = {item["name"]: item["value"] for item in test.get("properties", [])}
            tests[test["name"]] = Test(test["name"], tuple(test["command"]), tuple(properties.get("ENVIRONMENT", ())))
        return tests

    @contextlib.contextmanager
    def changed(self, file, content):
        """The file is another one until the end of the block."""
        path = self.tree / file
        original = path.read_bytes()
        path.write_bytes(content)
        try:
            yield
        finally:
            path.write_bytes(original)

    def programs(self, test):
        """What of the build a test names; everything where it names nothing, or the build itself."""
        words = {*test.command, *(pair.partition("=")[2] for pair in test.environment)}
        below = {os.path.relpath(word, self.binary) for word in words if word.startswith(f"{self.binary}/")}
        return EVERYTHING if str(self.binary) in words else tuple(sorted(below & self.targets)) or EVERYTHING

    def _ninja(self, programs):
        return self._run_tool("ninja", "-C", self.binary, *programs)

    def build(self, test=None):
        """Whether what a test runs compiles; without one, whether everything does."""
        return self._ninja(self.programs(test) if test else EVERYTHING).returncode == 0

    def affects(self, test=None):
        """Whether a change, after such a build, made anything else of what was built. A test cannot notice one
        that did not."""
        programs = self.programs(test) if test else EVERYTHING
        return self._digest(programs) != self.unchanged[programs]

    def _digest(self, programs):
        """What the compiler made of the source."""
        digest = hashlib.sha256()
        named = [self.binary / name for name in programs] if programs != EVERYTHING else self.binary.rglob("*.o")
        for path in sorted(named):
            digest.update(str(path.relative_to(self.binary)).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def run(self, test, limit):
        """Runs a test in which no process may take more than `limit` seconds of a processor."""
        environment = {**os.environ, "CRM_SEED": "1"}
        environment.update(pair.split("=", 1) for pair in test.environment)
        command = [*test.command, "-x", "-rfE"] if test.is_pytest else list(test.command)
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, cwd=self.binary, env=environment, start_new_session=True,
                                       stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                       preexec_fn=lambda: _limit(limit))
            watch = threading.Timer(WALL, os.killpg, (process.pid, signal.SIGKILL))
            watch.start()
            _, status, usage = os.wait4(process.pid, 0)
            watch.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)      # what a test left running
            output.seek(0)
            text = output.read().decode(errors="replace")
        failed = process.returncode == PYTEST_FAILED if test.single else process.returncode != 0
        case = re.search(r"^(?:FAILED|ERROR) \S+?::(.*?)(?: - .*)?$", text, re.MULTILINE)
        return Outcome(failed, case[1] if case else "", usage.ru_utime + usage.ru_stime, text)


def _limit(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
