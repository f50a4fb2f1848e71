#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the captures that script/bench measures on.

    generate.py crm FILE --datagrams 200000 --workers 30
    generate.py foreign FILE --datagrams 200000
    generate.py unlike FILE --datagrams 200000
    generate.py mixed FILE --datagrams 200000
    generate.py session FILE --datagrams 200000
    generate.py shapes DIRECTORY --bytes 16000000
    generate.py payloads DIRECTORY
    generate.py dialogues DIRECTORY --datagrams 200000 --points 2
    generate.py big DIRECTORY --bytes 16000000

The same arguments give the same bytes: the captures are seeded, so that two
machines, or two releases of the dissector, are measured on the same work.
"""

import argparse
import collections
import pathlib
import random
import re
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))

import pcapng
from pcapng import Interface, Writer
import payloads
from shapes import BIG, DIALOGUES

COLLECTOR = "10.0.0.2"
BROADCAST = "255.255.255.255"
COLLECTORD, COORDINATORD, WORKERD = 9090, 10100, 10500

# Of twenty hosts, how each writes: most run a current jsonpickle, the rest is
# what a fleet looks like that was installed over some years.
HOST_DIALECTS = (["object"] * 10 + ["state"] * 3 + ["name"] * 2 + ["state-name"]
                 + ["sorted", "nulls", "plain", "plain-old"])

EXPORTERS = [[], [("node_exporter", 9100)], [("node_exporter", 9100), ("cadvisor", 8080)]]

SLOT = "00000000-0000-4000-8000-000000000000"   # where a template takes its id
RETRIES = 3
FAILING = 0.05      # of the registrations that are tried for the first time
FAILING_AGAIN = 0.5
SILENT_ROUNDS = 10  # how long a worker is away that gave up
LOST = 0.01         # of the ProbeAcks

LATER = 500     # datagrams that one point has captured before the next one has the first of them


class Template:
    """A payload whose id is filled in; encoding each datagram would take minutes."""

    def __init__(self, payload):
        self._head, self._tail = payload.split(SLOT.encode())

    def fill(self, ident):
        return self._head + ident + self._tail


class Idents:
    """UUID4s from the seed."""

    def __init__(self, source):
        self._source = source

    def __next__(self):
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4)).encode()


class Worker:
    """One worker and where it is in registering with the collector."""

    def __init__(self, index, site=""):
        high, low = divmod(index + 10, 250)     # 10.0.0.11 is the first
        self.hostname, self.address = f"worker{index + 1}{site}", f"10.0.{high}.{low + 1}"
        self.daemon = COORDINATORD if index % 2 else COLLECTORD
        self.fresh_ids = index % 4 == 3         # it answers with an id of its own
        self.retries = RETRIES
        self.silent = 0
        encoder = payloads.Encoder(HOST_DIALECTS[index * 7 % 20])
        ports = [("workerd", WORKERD), *EXPORTERS[index % 3]]
        self.ack = Template(encoder.probe_ack(SLOT, self.hostname, self.address, ports))

    def is_silent(self):
        self.silent = max(self.silent - 1, 0)
        return self.silent > 0

    def register(self, source):
        """The outcome of one registration: whether it succeeds, and the retries that remain."""
        first = self.retries == RETRIES
        if source.random() >= (FAILING if first else FAILING_AGAIN):
            self.retries = RETRIES
            return True, 0
        self.retries -= 1
        left = self.retries
        if left == 0:
            self.retries, self.silent = RETRIES, SILENT_ROUNDS
        return False, left


def _outcomes(encoder):
    texts = {(True, 0): payloads.REGISTERED, **{(False, left): payloads.FAILED for left in range(RETRIES)}}
    return {outcome: Template(encoder.register_ack(SLOT, outcome[0], text, outcome[1]))
            for outcome, text in texts.items()}


def crm(count, workers=30, seed=1, site=""):
    """count datagrams of CRM traffic as (payload, source, target), round by
    round: a probe, the workers' answers, and to each the collector's. All
    hosts' names end in the site's."""
    source = random.Random(seed)
    idents = Idents(source)
    hosts = [Worker(index, site) for index in range(workers)]
    encoder = payloads.Encoder("object")
    probe = Template(encoder.probe_init(SLOT, f"collector{site}", COLLECTOR, payloads.COLLECTOR_PORTS))
    outcomes = _outcomes(encoder)
    written = 0
    while written < count:
        for datagram in _round(hosts, probe, outcomes, idents, source):
            yield datagram
            written += 1
            if written == count:
                return


def _round(hosts, probe, outcomes, idents, source):
    ident = next(idents)
    yield probe.fill(ident), (COLLECTOR, COLLECTORD), (BROADCAST, WORKERD)
    answering = [host for host in hosts if not host.is_silent() and source.random() >= LOST]
    source.shuffle(answering)
    waiting = []
    for host in answering:
        own = next(idents) if host.fresh_ids else ident
        yield host.ack.fill(own), (host.address, WORKERD), (COLLECTOR, host.daemon)
        waiting.append((host, own))
        if len(waiting) > source.randrange(6):      # the collector lags behind by a few
            yield _registered(*waiting.pop(0), outcomes, source)
    for host, own in waiting:
        yield _registered(host, own, outcomes, source)


def _registered(host, ident, outcomes, source):
    payload = outcomes[host.register(source)].fill(ident)
    return payload, (COLLECTOR, host.daemon), (host.address, WORKERD)


def foreign(count, seed=2):
    """count datagrams of other applications, of the sizes that CRM's have, in
    60 flows between ports that no dissector has a claim to."""
    source = random.Random(seed)
    sizes = [len(payload) for payload, _, _ in crm(1000)]
    flows = [((f"10.1.0.{i + 1}", 40000 + i), (f"10.1.1.{i % 7 + 1}", 20101 + i % 7)) for i in range(60)]
    for _ in range(count):
        yield (payloads.foreign(source, source.choice(sizes)), *source.choice(flows))


def unlike(count, workers=30):
    """The same as crm(), but no two datagrams are alike: each has a host name,
    or a message's text, of its own."""
    text = re.compile(rb'"(worker\d+|collector|(?:Success|Fail)[^"]*)"')
    for number, (payload, source, target) in enumerate(crm(count, workers)):
        own = text.sub(rb'"\1-%06d"' % number, payload)
        if own == payload:
            raise ValueError(f"nothing to tell this datagram by: {payload}")
        yield own, source, target


def mixed(count):
    """What a capture of a whole network has: one datagram in ten is CRM."""
    ours, others = crm(-(-count // 10)), foreign(count - -(-count // 10))
    for number in range(count):
        yield next(others if number % 10 else ours)


def session(count, capture=ROOT / "pcaps/register-retry.pcapng", seed=4):
    """A recorded session again and again, each time with ids of its own."""
    uuids = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    recorded = [(d.payload, d.src, d.dst) for d in pcapng.datagrams(capture)]
    idents = Idents(random.Random(seed))
    for first in range(0, count, len(recorded)):
        own = collections.defaultdict(lambda: next(idents))
        for payload, source, target in recorded[:count - first]:
            yield uuids.sub(lambda match: own[match[0]], payload), source, target


def repeated(make, size, seed=3):
    """One shape again and again, each with an id of its own, until `size` bytes are written."""
    idents = Idents(random.Random(seed))
    template = Template(make(SLOT))
    written = 0
    while written < size:
        payload = template.fill(next(idents))
        yield payload, (COLLECTOR, COLLECTORD), (BROADCAST, WORKERD)
        written += len(payload)


def shapes():
    """All shapes by name, the reference first."""
    return {"ProbeInit": payloads.probe_init, **payloads.SHAPES}


def file_name(shape):
    return "".join(c if c.isalnum() else "-" for c in shape)


def write(path, datagrams, points=1):
    """Writes one capture; the time between two frames is the writer's 1 ms. Where there are several points, each
    captures all datagrams, LATER than the one before, as its clock is ahead."""
    seen = ((number + point * LATER, point, datagram)
            for number, datagram in enumerate(datagrams) for point in range(points))
    with Writer(path, interfaces=[Interface()] * points) as capture:
        for _, point, datagram in sorted(seen, key=lambda one: one[:2]) if points > 1 else seen:
            capture.udp(*datagram, interface=point)
        return capture.frames


def _sized(make, size):
    """As many datagrams of a shape of traffic as have `size` bytes."""
    return make(max(size // len(next(make(1))[0]), 1))


def _write_each(directory, datagrams, points=1):
    """A capture for each name."""
    for name, some in datagrams.items():
        write(directory / f"{file_name(name)}.pcapng", some, points)


STREAMS = {"crm": crm, "foreign": foreign, "unlike": unlike, "mixed": mixed, "session": session}


def _arguments():
    parser = argparse.ArgumentParser(description="Writes the captures that script/bench measures on.")
    parser.add_argument("what", choices=[*STREAMS, "shapes", "payloads", "dialogues", "big"])
    parser.add_argument("path", type=pathlib.Path, help="a file; a directory for several captures")
    parser.add_argument("--datagrams", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day's traffic; for crm")
    parser.add_argument("--site", default="", metavar="NAME", help="what all hosts' names end in; for crm")
    parser.add_argument("--bytes", type=int, default=16_000_000, help="of payload, for each shape")
    parser.add_argument("--points", type=int, default=1, help="that capture all of it; for dialogues")
    parser.add_argument("--only", action="append", metavar="NAME", choices=[*DIALOGUES, *BIG],
                        help="of dialogues or big, this one; may be repeated")
    return parser.parse_args()


def main():
    args = _arguments()
    if args.what == "crm":
        write(args.path, crm(args.datagrams, args.workers, args.seed, args.site))
    elif args.what in STREAMS:
        write(args.path, STREAMS[args.what](args.datagrams))
    else:
        args.path.mkdir(parents=True, exist_ok=True)
        if args.what == "payloads":
            for name, make in shapes().items():
                (args.path / f"{file_name(name)}.json").write_bytes(make(SLOT))
        elif args.what == "shapes":
            _write_each(args.path, {name: repeated(make, args.bytes) for name, make in shapes().items()})
        elif args.what == "dialogues":
            _write_each(args.path, {name: DIALOGUES[name](args.datagrams) for name in args.only or DIALOGUES},
                        args.points)
        else:
            _write_each(args.path, {name: _sized(BIG[name], args.bytes) for name in args.only or BIG})


if __name__ == "__main__":
    main()
