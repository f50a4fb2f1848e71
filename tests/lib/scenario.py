# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of CRM traffic from a script that says what happens, and what is right.

    host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
    host worker1 WORKER 10.0.0.11 workerd:10500

    1  0.000  collector probe a         | acks=1 in=2
    2  0.005  worker1 ack collector a   | to=1 in=3
    3  0.006  collector ok worker1 a    | to=2

A host line: a key, the type, the announced address, the announced daemons, and

    name=N         announces another name than its key
    from=A@P       sends from this address and port (NAT, a second address)
    dialect=D      how its jsonpickle writes (payloads.DIALECTS)
    vlan=V         its datagrams carry this tag (several: V,W, the outermost first)

A point line names a capture point, an interface of the file; the first is
number 0 ("": without a name):

    point router-left

A datagram line: the frame's number, the seconds since the start ("-": the frame
has no time stamp), the sender, and

    probe [ID]                  a ProbeInit, broadcast
    ack HOST [ID]               a ProbeAck to a host
    ok HOST [ID]                a RegisterAck: registered
    fail HOST [ID] left=N       a RegisterAck: failed
    repeats FRAME               the same bytes again (the sender's name is for the reader)

with the options from=A@P, to=A@P (an address or a host; no port: the usual
one), vlan=V, at=I (the number of the capture's interface), text=T and, for ok,
left=N. An ID is any word, and becomes a UUID;
without one the datagram has an id of its own. ":5" is the id 5, ":" the empty one.

After the bar stands what the dissector must work out when it has read all:
in=FRAMES response_in, to=FRAME response_to (the response time follows from the
times), acks=N (0 if left out), attempt=N (1 if left out), dup=FRAME
duplicate_of, copy=FRAME copy_of (the transit time follows from the times) and
copies=FRAMES copy_in, and !NAME for expert information crm.NAME. What is not said must
not be there; register_failed, register_exhausted and duplicate go without saying.
"""

import shlex
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import pcapng

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import payloads  # noqa: E402  (it stands in tests/bench)

BROADCAST = {4: "255.255.255.255", 6: "ff02::1"}
WORKERD = 10500
SEQUENCE = {"no_response", "no_register", "duplicate", "hostname_conflict", "inet_addr_mismatch",
            "register_failed", "register_exhausted", "lost_datagram"}


def ident(word):
    """The UUID of a word; behind a colon, the word itself."""
    return word[1:] if word.startswith(":") else str(uuid.uuid5(uuid.NAMESPACE_OID, word))


@dataclass
class Host:
    """What a host announces, and where it sends from."""

    name: str
    kind: str
    address: str
    daemons: list
    source: tuple = None
    dialect: str = "object"
    vlan: int = None

    def __post_init__(self):
        self.source = self.source or (self.address, self.daemons[0][1] if self.daemons else WORKERD)

    def probe(self, number):
        return self._announce("probe_init", number)

    def ack(self, number):
        return self._announce("probe_ack", number)

    def _announce(self, message, number):
        encode = getattr(payloads.Encoder(self.dialect), message)
        return encode(number, self.name, self.address, self.daemons)

    def register(self, number, status, left, text=None):
        text = text or (payloads.REGISTERED if status else payloads.FAILED)
        return payloads.Encoder(self.dialect).register_ack(number, status, text, left)

    @property
    def everybody(self):
        return (BROADCAST[6 if ":" in self.source[0] else 4], WORKERD)


@dataclass
class Datagram:
    """One line of the script."""

    time: float
    payload: bytes
    src: tuple
    dst: tuple
    vlan: tuple = None
    interface: int = 0
    sender: Host = None
    kind: str = ""          # probe, ack, ok or fail
    left: int = 0           # of the last two, the retries that remain
    expected: dict = field(default_factory=dict)


class Scenario:
    """Datagrams in the order of the capture. Frame n is datagrams[n - 1]."""

    def __init__(self, interfaces=(pcapng.Interface(),)):
        self.interfaces = interfaces
        self.hosts = {}
        self.datagrams = []

    def host(self, key, kind, address, daemons=(("workerd", WORKERD),), **options):
        self.hosts[key] = Host(options.pop("name", key), kind, address, list(daemons), **options)
        return self.hosts[key]

    def _add(self, time, sender, kind, payload, target, **options):
        """Options: src, dst, vlan, interface. Returns the frame's number."""
        options = {name: value for name, value in options.items() if value is not None}
        self.datagrams.append(Datagram(time, payload, options.get("src", sender.source),
                                       options.get("dst", target), options.get("vlan", sender.vlan),
                                       options.get("interface", 0), sender, kind))
        return len(self.datagrams)

    def _id(self, word):
        return ident(word if word else f"frame {len(self.datagrams) + 1}")

    def probe(self, time, sender, word=None, **options):
        return self._add(time, sender, "probe", sender.probe(self._id(word)), sender.everybody, **options)

    def ack(self, time, sender, target, word=None, **options):
        return self._add(time, sender, "ack", sender.ack(self._id(word)), target.source, **options)

    def register(self, time, sender, target, word=None, status=True, left=0, text=None, **options):
        payload = sender.register(self._id(word), status, left, text)
        frame = self._add(time, sender, "ok" if status else "fail", payload, target.source, **options)
        self.datagrams[-1].left = left
        return frame

    def repeat(self, time, frame, **options):
        first = self.datagrams[frame - 1]
        options = {"src": first.src, "dst": first.dst, "vlan": first.vlan, "interface": first.interface,
                   **{name: value for name, value in options.items() if value is not None}}
        again = self._add(time, first.sender, first.kind, first.payload, first.dst, **options)
        self.datagrams[-1].left = first.left
        return again

    def write(self, path):
        with pcapng.Writer(path, interfaces=self.interfaces) as writer:
            start = writer.time
            for datagram in self.datagrams:
                time = pcapng.NO_TIME if datagram.time is None else start + datagram.time
                writer.udp(datagram.payload, datagram.src, datagram.dst, time, datagram.vlan,
                           interface=datagram.interface)
        Path(path).chmod(0o644)
        return path


def _options(words):
    """(words that are none, name=value pairs, !names) of a line."""
    plain, pairs, flags = [], {}, set()
    for word in words:
        name, is_pair, value = word.partition("=")
        if word.startswith("!"):
            flags.add(word[1:])
        elif is_pair:
            pairs[name] = value
        else:
            plain.append(word)
    return plain, pairs, flags


def _endpoint(scenario, text, usual):
    """A@P, A or a host's key."""
    if text is None:
        return None
    address, has_port, port = text.partition("@")
    if address in scenario.hosts:
        address, usual = scenario.hosts[address].source[0], scenario.hosts[address].source[1]
    return address, int(port) if has_port else usual


def _vlans(text):
    return tuple(int(tag) for tag in text.split(","))


def _parse_host(scenario, words):
    (key, kind, address, *daemons), pairs, _ = _options(words)
    daemons = [(name, int(port)) for name, port in (daemon.rsplit(":", 1) for daemon in daemons)]
    if "from" in pairs:
        pairs["source"] = _endpoint(scenario, pairs.pop("from"), daemons[0][1] if daemons else WORKERD)
    if "vlan" in pairs:
        pairs["vlan"] = _vlans(pairs["vlan"])
    scenario.host(key, kind, address, daemons, **pairs)


def _parse_datagram(scenario, words):
    (number, time, who, verb, *rest), pairs, _ = _options(words)
    sender, time = scenario.hosts[who], None if time == "-" else float(time)
    where = {"src": _endpoint(scenario, pairs.get("from"), sender.source[1]),
             "dst": _endpoint(scenario, pairs.get("to"), WORKERD),
             "vlan": _vlans(pairs["vlan"]) if "vlan" in pairs else None,
             "interface": int(pairs["at"]) if "at" in pairs else None}
    if verb == "probe":
        frame = scenario.probe(time, sender, *rest, **where)
    elif verb == "ack":
        frame = scenario.ack(time, sender, scenario.hosts[rest[0]], *rest[1:], **where)
    elif verb in ("ok", "fail"):
        frame = scenario.register(time, sender, scenario.hosts[rest[0]], *rest[1:], status=verb == "ok",
                                  left=int(pairs.get("left", 0)), text=pairs.get("text"), **where)
    elif verb == "repeats":
        frame = scenario.repeat(time, int(rest[0]), **where)
    else:
        raise ValueError(f"neither probe, ack, ok, fail nor repeats: {verb}")
    if frame != int(number):
        raise ValueError(f"frame {number} is frame {frame}")


def _frames(pairs, name):
    return [int(frame) for frame in pairs[name].split(",")] if name in pairs else []


def _times(scenario, frame):
    """When a datagram was captured at each point, by number; the original's first."""
    first = scenario.datagrams[frame - 1]
    copies = [datagram for datagram in scenario.datagrams if datagram.expected.get("crm.copy_of") == [str(frame)]]
    return {datagram.interface: datagram.time for datagram in (first, *copies)}


def _response_times(scenario, frame):
    """At the first point that has both, beginning with that of what was asked;
    none where one of the two has no time, or the answer was captured before the question."""
    expected = scenario.datagrams[frame - 1].expected
    if not expected["crm.response_to"] or expected["crm.duplicate_of"]:
        return []
    answered = _times(scenario, frame)
    for point, asked in _times(scenario, int(expected["crm.response_to"][0])).items():
        if None not in (asked, answered.get(point)) and answered[point] >= asked:
            return [f"{answered[point] - asked:.9f}"]
    return []


def _parse_expected(scenario, words):
    """Into the field names, each with its values as text."""
    datagram = scenario.datagrams[-1]
    plain, pairs, flags = _options(words)
    unknown = set(pairs) - {"in", "to", "acks", "attempt", "dup", "copy", "copies"} | flags - SEQUENCE | set(plain)
    if unknown:
        raise ValueError(f"unknown: {unknown}")
    duplicate, copy, is_original = _frames(pairs, "dup"), _frames(pairs, "copy"), "copy" not in pairs
    if datagram.kind == "fail" and is_original:
        flags |= {"register_failed" if datagram.left > 0 else "register_exhausted"}
    counts_acks = datagram.kind == "probe" and not duplicate and is_original
    counts_attempt = datagram.kind in ("ok", "fail") and is_original
    numbers = {"crm.response_in": _frames(pairs, "in"), "crm.response_to": _frames(pairs, "to"),
               "crm.duplicate_of": duplicate, "crm.copy_of": copy, "crm.copy_in": _frames(pairs, "copies"),
               "crm.acks": [int(pairs.get("acks", 0))] if counts_acks else [],
               "crm.attempt": [int(pairs.get("attempt", 1))] if counts_attempt else []}
    datagram.expected = {name: [str(number) for number in values] for name, values in numbers.items()}
    firsts = [scenario.datagrams[frame - 1].time for frame in copy]
    datagram.expected["crm.transit_time"] = [
        f"{datagram.time - first:.9f}" for first in firsts if None not in (first, datagram.time)]
    datagram.expected["experts"] = sorted(f"crm.{name}" for name in flags | ({"duplicate"} if duplicate else set()))


def parse(script, interfaces=(pcapng.Interface(),)):
    """The scenario of a script. Each datagram's `expected` has field names with
    their values as text, and "experts"."""
    scenario, points = Scenario(interfaces), []
    for line in script.splitlines():
        said, _, expected = line.partition("|")
        words = shlex.split(said, comments=True)
        if not words:
            continue
        if words[0] == "host":
            _parse_host(scenario, words[1:])
        elif words[0] == "point":
            points.append(pcapng.Interface(words[1]))
            scenario.interfaces = tuple(points)
        else:
            _parse_datagram(scenario, words)
            _parse_expected(scenario, shlex.split(expected, comments=True))
    for frame, datagram in enumerate(scenario.datagrams, 1):
        datagram.expected["crm.response_time"] = _response_times(scenario, frame)
    return scenario

