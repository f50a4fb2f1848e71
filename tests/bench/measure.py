# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark for script/bench, one contender at a time, and says what it cost.

A benchmark's worst mistake is to take a failure for speed: a plugin that does
not load leaves tshark's exit status at 0, and its traffic listed as plain UDP.
So each contender's plugin directory is asserted to be in use, the first run of
each kind is checked line by line for being that contender's work, and a run
that fails or says anything on stderr ends the benchmark.
"""

import os
import re
import shutil
import subprocess
from collections import namedtuple

from figures import Usage

NOBODY = 65534


class BenchError(Exception):
    """Something that makes the figures worthless."""


# plugin: the file to load, or None. label: a pattern for the protocol column.
# heading: how the tree's line begins. fields, filter: what `-T fields` prints,
# and a filter that finds worker7's ProbeAcks. arguments: for every run.
Contender = namedtuple("Contender", "name title plugin label heading fields filter arguments")

DECODE_AS_JSON = ("-d", "udp.port==9090,json", "-d", "udp.port==10100,json")


def contenders(build, lua):
    """All contenders by name, in the order in which they take turns."""
    floor, plugin = f"{build}/tests/bench/crm_floor.so", f"{build}/plugin/crm.so"
    listed = [
        Contender("floor", "floor", floor, "FLOOR", "The floor of the CRM benchmark",
                  ("ip.src", "ip.dst", "udp.srcport", "udp.dstport"), "ip.src == 10.0.0.17", ()),
        Contender("crm", "this plugin", plugin, "CRM", "Cloudless Resource Monitoring",
                  ("crm.type", "crm.id", "crm.hostname", "crm.port_info"), 'crm.hostname == "worker7"', ()),
        Contender("json", "JSON dissector", None, "(UDP/)?JSON", "JavaScript Object Notation",
                  ("json.value.string", "json.value.number", "json.key", "json.value.true"),
                  'json.value.string == "worker7"', DECODE_AS_JSON),
        Contender("lua", "Lua", None, "CRMLUA", "CRM in Lua",
                  ("crm_lua.type", "crm_lua.id", "crm_lua.hostname", "crm_lua.port_info"),
                  'crm_lua.hostname == "worker7"', ("-X", f"lua_script:{lua}")),
        Contender("none", "no plugin", None, "UDP", "User Datagram Protocol", (), "", ()),
    ]
    return {contender.name: contender for contender in listed}


def run_arguments(run, contender):
    """What tshark is told beyond the capture's name."""
    if run == "fields":
        return ["-T", "fields", *(word for field in contender.fields for word in ("-e", field))]
    return {"list": [], "unresolved": ["-n"], "verbose": ["-V"], "filter": ["-Y", contender.filter], "two-pass": ["-2"],
            "two-verbose": ["-2", "-V"], "left-out": ["-2", "-R", "crm.register_failed"]}[run]


class Tshark:
    """tshark with a home, and for each contender a plugin directory, of its own."""

    def __init__(self, directory):
        self._directory = directory
        self.version = self._banner()
        self._series = re.search(r"(\d+\.\d+)\.\d+", self.version)[1]

    @staticmethod
    def _banner():
        shown = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True)
        return shown.stdout.splitlines()[0].strip().rstrip(".")

    def prepare(self, contender):
        """Gives a contender its directory, the plugin copied so that a build
        going on at the same time cannot change it, and asserts that it loads."""
        plugins = os.path.join(self._directory, contender.name, self._series, "epan")
        home = os.path.join(self._directory, contender.name, "home")
        os.makedirs(plugins)
        os.makedirs(home)
        if _must_drop():
            os.chown(home, NOBODY, NOBODY)
        if contender.plugin:
            if not os.path.exists(contender.plugin):
                raise BenchError(f"{contender.plugin} has not been built")
            shutil.copy(contender.plugin, plugins)
        self._assert_loaded(contender, plugins)

    def _assert_loaded(self, contender, plugins):
        listed = subprocess.run(["tshark", "-G", "plugins"], env=self.environment(contender), text=True,
                                capture_output=True, check=True, **_unprivileged())
        loaded = [line.split("\t")[0].strip() for line in listed.stdout.splitlines() if plugins in line]
        wanted = [os.path.basename(contender.plugin)] if contender.plugin else []
        if loaded != wanted or listed.stderr:
            raise BenchError(f"{contender.name}: tshark loaded {loaded}, not {wanted}\n{listed.stderr}")

    def environment(self, contender):
        """What a run of a contender finds in its environment."""
        base = os.path.join(self._directory, contender.name)
        return {"PATH": os.environ["PATH"], "HOME": os.path.join(base, "home"), "TZ": "UTC", "LC_ALL": "C.UTF-8",
                "WIRESHARK_PLUGIN_DIR": base}

    def _start(self, contender, run, capture, stdout):
        command = ["tshark", *contender.arguments, "-r", capture, *run_arguments(run, contender)]
        return subprocess.Popen(command, env=self.environment(contender), stdin=subprocess.DEVNULL,
                                stdout=stdout, stderr=subprocess.PIPE, **_unprivileged())

    def measure(self, contender, run, capture):
        """The Usage of one run, its output thrown away.

        wait4 also counts what the child was before it became tshark, a copy of
        this process; so this process must stay smaller than tshark is."""
        process = self._start(contender, run, capture, subprocess.DEVNULL)
        complaint = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        _assert_clean(contender, run, process.returncode, complaint)
        return Usage(usage.ru_utime, usage.ru_maxrss * 1024)

    def count(self, contender, run, capture):
        """The lines of one run that is not measured, and those of them that
        show the contender's work. It fills the caches, too."""
        process = self._start(contender, run, capture, subprocess.PIPE)
        lines, hits = count_output(run, contender, process.stdout)
        complaint = process.stderr.read()
        process.stdout.close()
        process.stderr.close()
        _assert_clean(contender, run, process.wait(), complaint)
        return lines, hits

    def check(self, contender, run, capture, count):
        """Asserts that the contender does its work on a capture of count
        datagrams. Returns how many lines it prints."""
        lines, hits = self.count(contender, run, capture)
        assert_work(run, contender, lines, hits, count)
        return lines


def count_output(run, contender, output):
    """The lines of a run's output, and how many of them show the contender's work."""
    if run == "fields":
        shows = re.compile(rb"[^\t\n]").match
    elif run == "verbose":
        shows = re.compile(re.escape(contender.heading.encode())).match
    else:
        shows = re.compile(rb"\s*(\S+\s+){5}" + contender.label.encode() + rb"\s").match
    lines = hits = 0
    for line in output:
        lines += 1
        hits += shows(line) is not None
    return lines, hits


def assert_work(run, contender, lines, hits, count):
    """That a run printed what it should for a capture of count datagrams."""
    if run == "filter":
        done = 0 < lines < count and hits == lines
    else:
        done = hits == count and (lines == count or run == "verbose")
    if not done:
        raise BenchError(f"{contender.name}, {run}: {lines} lines, {hits} of them {contender.title}'s,"
                         f" for {count} datagrams")


def _assert_clean(contender, run, status, complaint):
    if status != 0 or complaint:
        raise BenchError(f"{contender.name}, {run}: exit status {status}\n{complaint.decode(errors='replace')}")


def _must_drop():
    return os.geteuid() == 0 or os.getegid() == 0


def _unprivileged():
    """As root, tshark ignores WIRESHARK_PLUGIN_DIR without a word."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if _must_drop() else {}
