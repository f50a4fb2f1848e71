# SPDX-License-Identifier: GPL-2.0-or-later
"""An unprivileged tshark with the plugin, and what it says as Python values.

    with Tshark(plugin) as tshark:
        tshark.require_plugin()
        for message in tshark.messages("some.pcapng"):
            message.values("crm.id"), message.experts
        for item in tshark.layout("some.pcapng")[0]:
            item.name, item.start, item.end, item.show

To root, Wireshark denies every plugin directory but the system's, without a
word, so tshark runs as user 65534 where this is root. It has a home directory
of its own, and reads captures from there: a tree below /root is closed to it.
A run fails when its exit status is not 0 or it says anything on stderr.
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as xml
from collections import namedtuple
from pathlib import Path

import pcapng
from forkserver import ForkServer

NOBODY = 65534
SEVERITIES = {2097152: "chat", 4194304: "note", 6291456: "warning", 8388608: "error"}
GROUPS = {
    0x02000000: "sequence", 0x03000000: "response code", 0x05000000: "undecoded",
    0x07000000: "malformed", 0x09000000: "protocol",
}

# Who makes network cards, who registered a port, and the dictionaries of protocols that can be extended. Other releases
# have some of them compiled in.
LARGE_TABLES = {"manuf", "services", "enterprises.tsv", "diameter", "dtds", "radius", "tpncp"}

# The two daemons of a collector and a worker's: the ends of synthetic datagrams.
COLLECTOR, WORKER = ("10.0.0.2", 9090), ("10.0.0.11", 10500)

Expert = namedtuple("Expert", "name severity group text")
Item = namedtuple("Item", "name show start end parent showname")


def is_a_time(seconds):
    """Whether this system's time_t, and with it tshark's, holds so many seconds since 1970: one of 32 bits ends in 2038."""
    try:
        time.gmtime(seconds)
    except OverflowError:
        return False
    return True


def is_true(text):
    """A boolean's text, which releases of tshark write differently."""
    return text in ("1", "True")


class Message:
    """The fields of one packet, in the order of the tree."""

    def __init__(self, layers):
        self.fields = []
        self.experts = []
        self.malformed = False
        self._walk(layers)

    def _walk(self, pairs):
        """Objects come as lists of pairs, because a name may stand twice."""
        for name, value in pairs:
            if name == "_ws.expert" and isinstance(value, list):
                self._add_expert(value)
            elif name == "_ws.malformed":
                self.malformed = True
            elif isinstance(value, list):
                if not name.endswith("_tree"):
                    self.fields.append((name, ""))
                self._walk([pair for pair in value if isinstance(pair, tuple)])
            else:
                self.fields.append((name, value))

    def _add_expert(self, pairs):
        values = dict(pairs)
        name = next((key for key in values if not key.startswith("_ws.")), "_ws.expert")
        self.experts.append(Expert(name, SEVERITIES.get(int(values["_ws.expert.severity"])),
                                   GROUPS.get(int(values["_ws.expert.group"])),
                                   values["_ws.expert.message"]))

    def values(self, name):
        """All values of a field, as text."""
        return [value for field, value in self.fields if field == name]

    def value(self, name):
        """The one value of a field; None without it."""
        found = self.values(name)
        assert len(found) <= 1, f"{name} stands {len(found)} times: {found}"
        return found[0] if found else None

    def labels(self):
        """Items that are no field: values that do not fit theirs, as text."""
        return [name for name, _ in self.fields if ": " in name or " = " in name]

    def expert(self, name):
        """The texts of all expert information of one kind."""
        return [expert.text for expert in self.experts if expert.name == name]


class Tshark:
    """Owns a directory that tshark may read: its home, plugin and captures."""

    def __init__(self, plugin, sanitize=False, forkserver=None, tell_leaks=False):
        """`plugin`: None for a tshark as it is. `forkserver` is what tests/lib/forkserver.c was built to; without it,
        every run is a start. tell_leaks: with sanitizers, a fork says on stderr what nobody can free any more, of Wireshark's too."""
        self.plugin = plugin and Path(plugin)
        self.sanitize = sanitize
        self._tell_leaks = tell_leaks
        self._forkserver = forkserver
        self._server = None
        self.directory = Path(tempfile.mkdtemp(prefix="crm-tshark-"))
        self._captures = 0

    def __enter__(self):
        for name in ("home", "extcap", "captures", "write"):
            (self.directory / name).mkdir()
        # X.Y, the release's, names the directory that it looks for plugins in.
        plugins = self.directory / "plugins" / self.release() / "epan"
        plugins.mkdir(parents=True)
        if self.plugin:
            shutil.copy(self.plugin, plugins / "crm.so")
        self._link_data()
        self._open_for_all()
        return self

    def __exit__(self, *_):
        if self._server:
            self._server.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _open_for_all(self):
        for path in [self.directory, *self.directory.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)
        if os.geteuid() == 0:
            for name in ("home", "write"):
                os.chown(self.directory / name, NOBODY, NOBODY)

    @staticmethod
    @functools.lru_cache(maxsize=None)
    def _packaged(variable):
        """What the package of the Wireshark that is installed says of it. `tshark -G folders` says more, and takes as
        long as ten runs of a fork."""
        return Path(subprocess.run(["pkg-config", f"--variable={variable}", "wireshark"], stdout=subprocess.PIPE, text=True,
                                   check=True).stdout.strip())

    @classmethod
    def release(cls):
        """X.Y, as the directories of plugins have it."""
        return cls._packaged("plugindir").name

    def _link_data(self):
        """Wireshark's own data without its tables: to read them takes tshark half of its start, and nothing here
        depends on what they say."""
        directory = self.directory / "data"
        directory.mkdir()
        for path in (self._packaged("prefix") / "share/wireshark").iterdir():
            if path.name not in LARGE_TABLES:
                (directory / path.name).symlink_to(path)

    def _environment(self):
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        kept.update(
            HOME=str(self.directory / "home"), TZ="UTC", LC_ALL="C.UTF-8",
            TMPDIR=str(self.directory / "write"),
            WIRESHARK_PLUGIN_DIR=str(self.directory / "plugins"),
            WIRESHARK_DATA_DIR=str(self.directory / "data"),
            # -G starts every extcap program, and they are no business of ours.
            WIRESHARK_EXTCAP_DIR=str(self.directory / "extcap"),
            # Memory in large steps: a start asks the system for it thousands of times otherwise.
            MALLOC_TOP_PAD_=str(64 * 2**20),
            WIRESHARK_DEBUG_WMEM_OVERRIDE="strict", WIRESHARK_ABORT_ON_DISSECTOR_BUG="1")
        if self.sanitize:
            kept.update(LD_PRELOAD=self._sanitizer(), ASAN_OPTIONS="detect_leaks=0",
                        UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
        if self._tell_leaks:
            # Stacks go through GLib, which has no frame pointers; slices would hide what was theirs.
            kept.update(ASAN_OPTIONS="detect_leaks=1:fast_unwind_on_malloc=0", G_SLICE="always-malloc")
        return kept

    @staticmethod
    @functools.lru_cache(maxsize=None)
    def _sanitizer():
        return subprocess.run(["gcc", "-print-file-name=libasan.so"], text=True, stdout=subprocess.PIPE,
                              check=True).stdout.strip()

    def command(self, *program, **environment):
        """A command line that runs a program as tshark runs here."""
        pairs = [f"{name}={value}" for name, value in {**self._environment(), **environment}.items()]
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        return [*(drop if os.geteuid() == 0 else []), "env", "-i", *pairs, *map(str, program)]

    def run(self, *arguments):
        """stdout of one run."""
        arguments = list(map(str, arguments))
        status, out, err = self.fork(arguments) if self._may_fork(arguments) else self.start(arguments)
        said = err.decode(errors="replace")
        assert status == 0 and not said, f"tshark {' '.join(arguments)}: exit status {status}, stderr: {said}"
        return out.decode("utf-8")

    def start(self, arguments):
        """Exit status, stdout and stderr of a run of its own."""
        done = subprocess.run(self.command("tshark", *arguments), cwd=self.directory, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def fork(self, arguments):
        """The same of a fork of a tshark that has started, in a fraction of the time."""
        if not self._server:
            preload = filter(None, [self._environment().get("LD_PRELOAD"), str(self._copied(self._forkserver))])
            self._server = ForkServer(self.command("tshark", LD_PRELOAD=" ".join(preload)), self.directory / "write")
        return self._server.run(arguments)

    def _may_fork(self, arguments):
        return self._forkserver and ForkServer.answers(arguments)

    def _copied(self, library):
        """Where tshark may load it."""
        copy = Path(shutil.copy(library, self.directory))
        copy.chmod(0o755)
        return copy

    def require_plugin(self):
        """A plugin that tshark cannot load leaves its exit status at 0 and the
        traffic shown as plain UDP: nothing may pass before this has."""
        try:
            self.run("-r", self.capture([]), "-Y", "crm")
        except AssertionError as error:
            raise AssertionError(f"tshark does not load the plugin; it has {self.glossary('plugins')}") from error

    @functools.lru_cache(maxsize=None)
    def glossary(self, name):
        """What `tshark -G name` prints: a row a line, of its columns."""
        return [line.split("\t") for line in self.run("-G", name).splitlines()]

    def readable(self, capture):
        """A copy of a capture where tshark may read it."""
        capture = Path(capture).resolve()
        if self.directory in capture.parents:
            return capture
        tag = hashlib.sha256(str(capture).encode()).hexdigest()[:8]
        copy = self.directory / "captures" / f"{tag}-{capture.name}"
        shutil.copy(capture, copy)
        copy.chmod(0o644)
        return copy

    def new_capture(self):
        """A path for a capture that a test is about to write."""
        self._captures += 1
        return self.directory / "captures" / f"{self._captures}.pcapng"

    def joined(self, captures, form="pcapng"):
        """One capture of several, for one start of tshark. Each goes on where the one before it ends. As pcapng it
        has the interfaces of all, as pcap none."""
        whole = self.new_capture()
        subprocess.run(["mergecap", "-a", "-F", form, "-w", str(whole), *map(str, captures)], check=True)
        whole.chmod(0o644)
        return whole

    def capture(self, payloads, src=COLLECTOR, dst=WORKER, **options):
        """A capture of these payloads, one frame each unless `mtu` is given."""
        path = self.new_capture()
        with pcapng.Writer(path, **{k: options.pop(k) for k in ("snaplen",) if k in options}) as writer:
            for payload in payloads:
                writer.udp(as_bytes(payload), src, dst, **options)
        return path

    def messages(self, capture, *options):
        """A Message for each frame, from -T json: there, text is exact."""
        text = self.run("-r", self.readable(capture), "-T", "json", "-J", "crm", *options)
        packets = json.loads(text, object_pairs_hook=list)
        return [Message(_member(_member(packet, "_source"), "layers")) for packet in packets]

    def dissect(self, payloads, *options, **writing):
        """A Message for each payload."""
        messages = self.messages(self.capture(payloads, **writing), *options)
        assert "mtu" in writing or len(messages) == len(payloads)
        return messages

    def rows(self, capture, *names, options=()):
        """One list a frame, with a list of values for each name, from -T fields."""
        wanted = [argument for name in names for argument in ("-e", name)]
        text = self.run("-r", self.readable(capture), "-T", "fields", "-E", "separator=/t",
                        "-E", "aggregator=|", *wanted, *options)
        return [[cell.split("|") if cell else [] for cell in line.split("\t")]
                for line in text.splitlines()]

    def columns(self, capture, *options):
        """(Protocol, Info) of each frame, as the packet list shows them."""
        text = self.run("-o", 'gui.column.format:"P","%p","I","%i"', "-r", self.readable(capture), *options)
        return [tuple((line.split(None, 1) + [""])[:2]) for line in text.splitlines()]

    def layout(self, capture, *options):
        """The items of each frame's CRM tree with their bytes, counted from the
        datagram's first, from PDML. Frames without CRM have none."""
        text = self.run("-r", self.readable(capture), "-T", "pdml", "-J", "crm", *options)
        return [list(_items(packet)) for packet in xml.fromstring(text).iter("packet")]


def _member(pairs, name):
    return next(value for key, value in pairs if key == name)


def _items(packet):
    for protocol in packet.findall("proto"):
        if protocol.get("name") == "crm":
            start = int(protocol.get("pos"))
            yield from _children(protocol, start, start, None)


def _children(element, base, parent_start, parent):
    """PDML adds its parent's position to that of an item that stands before
    its parent, as what a reference brings back does: taken off again here."""
    for field in element.findall("field"):
        start, size = int(field.get("pos", base)), int(field.get("size", 0))
        if parent and parent.startswith("crm.reference") and start >= parent_start:
            start -= parent_start
        item = Item(field.get("name"), field.get("show"), start - base, start - base + size, parent,
                    field.get("showname") or field.get("show"))
        yield item
        yield from _children(field, base, start, item.name or parent)


def as_bytes(payload):
    """A payload: bytes, text, or a value to write as JSON."""
    if isinstance(payload, bytes):
        return payload
    return (payload if isinstance(payload, str) else json.dumps(payload)).encode()
