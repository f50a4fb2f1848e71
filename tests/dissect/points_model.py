# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues at random, captured at two or three points of the way, with their truth.

    collector ---- point 0 ---- point 1 [---- point 2] ---- workers

A datagram comes by each point unless it was lost on the way there. Each point
has a clock of its own. The truth is which datagram each frame is; the wire
loses and repeats, a point tags, translates an address, or sees one direction.
"""

import random
from dataclasses import dataclass, field, replace

from pcapng import Interface
from scenario import Datagram, Scenario

INTERVAL = 5.0
LOSS = 0.07
NAMES = ("collector-side", "router", "worker-side")
NAT = "203.0.113.9"


@dataclass
class Sent:
    """One datagram that was sent, and where it came by."""

    number: int
    kind: str                   # probe, ack, register
    flow: tuple                 # (sender, receiver), by name; "" for everybody
    time: float
    datagram: Datagram
    answers: object = None      # the Sent that this one answers
    status: bool = True
    captured: dict = field(default_factory=dict)    # {point: [Frame, ...]}: the second is the wire's repetition
    frames: list = field(default_factory=list)      # in the file's order, the wire's repetitions not among them

    @property
    def original(self):
        return self.frames[0] if self.frames else None


@dataclass
class Frame:
    """One frame of the file."""

    sent: Sent
    point: int
    stamp: float
    order: float                # by which the file is sorted
    is_repetition: bool = False
    number: int = None


class PointsDialogue:
    """`scenario`, `frames` in the file's order, `sent`.

    By seed: 2 or 3 points; unique or constant ids, the latter without loss, as
    nobody could tell then; NAT, a VLAN tag or one direction at one point; and
    a file in the order of time stamps or of what happened, so that transit
    times are negative where clocks are behind."""

    def __init__(self, seed, rounds=25, points=None, ids=None, loss=None, same_names=None):
        self._random = random.Random(seed)
        self.points = points or 2 + seed % 2
        self.ids = ids or ("constant" if seed % 4 == 3 else "unique")
        self._loss = (LOSS if self.ids == "unique" else 0) if loss is None else loss
        self._rounds = rounds
        self.nat = seed % 4 == 2
        self.tagged = self._random.choice((None, 0, self.points - 1))
        self.one_way = self.points - 1 if seed % 5 == 4 and self.points == 3 else None
        self._by_stamp = self._random.random() < 0.7
        self.skews = [self._random.uniform(-2, 2) for _ in range(self.points)]
        same_names = seed % 6 == 5 if same_names is None else same_names
        self.names = ["eth0" if same_names else NAMES[i] for i in range(self.points)]
        self.scenario = Scenario(tuple(Interface(name) for name in self.names))
        self.sent = []
        self._plan()
        self._write()

    # What happens

    def _plan(self):
        self._collector = self.scenario.host("collector", "COLLECTOR", "10.0.0.2")
        self._workers = {f"worker{i}": self.scenario.host(f"worker{i}", "WORKER", f"10.0.1.{i + 1}")
                         for i in range(self._random.randrange(3, 7))}
        left = dict.fromkeys(self._workers, 3)
        for round_ in range(self._rounds):
            self._round(round_, round_ * INTERVAL, left)

    def _round(self, round_, start, left):
        probe, arrives = self._send("probe", ("collector", ""), start, round_)
        if not arrives:
            return
        for name in self._workers:
            time = start + self._random.uniform(0.01, 0.4)
            ack, arrives = self._send("ack", (name, "collector"), time, round_, probe)
            if not arrives:
                continue
            status = self._random.random() < 0.5
            left[name] = 3 if status else (left[name] or 4) - 1
            self._send("register", ("collector", name), ack.time + self._random.uniform(0.01, 0.05), round_, ack,
                       (status, 0 if status else left[name]))

    def _send(self, kind, flow, time, round_, answers=None, outcome=(True, 0)):
        """Returns what was sent, and whether it arrived."""
        scratch = Scenario()
        word = ":same" if self.ids == "constant" else f"{flow} {round_}"
        if kind == "probe":
            scratch.probe(0, self._collector, word)
        elif kind == "ack":
            scratch.ack(0, self._workers[flow[0]], self._collector, word)
        else:
            scratch.register(0, self._collector, self._workers[flow[1]], word, *outcome)
        sent = Sent(len(self.sent), kind, flow, time, scratch.datagrams[0], answers, outcome[0])
        self.sent.append(sent)
        return sent, self._travel(sent)

    def _travel(self, sent):
        """By each point on its way, until it is lost."""
        way = range(self.points) if sent.flow[0] == "collector" else reversed(range(self.points))
        time = sent.time
        for point in way:
            time += self._random.uniform(0.0001, 0.003)
            if point == self.one_way and sent.flow[0] != "collector":
                continue
            self._capture(sent, point, time)
            if self._random.random() < self._loss:
                return False
        return True

    def _capture(self, sent, point, time):
        stamp = round(time + self.skews[point], 6)
        order = stamp if self._by_stamp else time
        sent.captured[point] = [Frame(sent, point, stamp, order)]
        if self._random.random() < 0.03:
            sent.captured[point].append(Frame(sent, point, stamp + 0.00003, order + 0.00003, is_repetition=True))

    # How it is written

    def _seen_as(self, frame):
        """The datagram as it looks at a point: tagged, or with the outer address of a NAT."""
        datagram = replace(frame.sent.datagram, time=frame.stamp + 10, interface=frame.point,
                           vlan=(20,) if frame.point == self.tagged else None)
        worker = {"ack": frame.sent.flow[0], "register": frame.sent.flow[1]}.get(frame.sent.kind)
        if self.nat and frame.point == 0 and worker:
            outer = NAT, 61000 + list(self._workers).index(worker)
            datagram = replace(datagram, **({"src": outer} if frame.sent.kind == "ack" else {"dst": outer}))
        return datagram

    def _write(self):
        frames = [frame for sent in self.sent for frames in sent.captured.values() for frame in frames]
        self.frames = sorted(frames, key=lambda frame: frame.order)
        for number, frame in enumerate(self.frames, 1):
            frame.number = number
            self.scenario.datagrams.append(self._seen_as(frame))
            if not frame.is_repetition:
                frame.sent.frames.append(frame)

    # What is right

    def acks(self, probe):
        """How many workers' answers were captured anywhere."""
        return len({sent.flow[0] for sent in self.sent if sent.answers is probe and sent.frames})

    def attempt(self, register):
        """One more than the failures that were captured since the last success, in the file's order."""
        count = 1
        before = [sent for sent in self.sent if sent.kind == "register" and sent.flow == register.flow
                  and sent.frames and sent.time < register.time]
        for sent in reversed(before):
            if sent.status:
                break
            count += 1
        return count

    def response_times(self, sent):
        """At each point that has both, by that point's clock."""
        return [frames[0].stamp - sent.answers.captured[point][0].stamp for point, frames in sent.captured.items()
                if sent.answers is not None and point in sent.answers.captured]

    def lost_at(self, sent, narrow):
        """The points at which it is missing though the same flow came by there before
        and after. narrow: and was captured elsewhere too, so that there can be no doubt."""
        def counts(other, point):
            return (other.flow == sent.flow and point in other.captured
                    and (not narrow or other.kind == sent.kind and len(other.captured) > 1))
        missing = set()
        for point in set(range(self.points)) - set(sent.captured):
            times = [other.time for other in self.sent if counts(other, point)]
            if sent.frames and times and min(times) < sent.time < max(times):
                missing.add(point)
        return missing
