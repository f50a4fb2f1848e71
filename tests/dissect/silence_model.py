# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues at random whose workers fall silent, come back, vanish or move, with their truth.

The truth is that of what happens: each datagram is made for a reason, and the
reason is written down beside it. Nothing here works out who answers whom.

What nobody could know is not made: where ids do not tell what an answer is for,
none comes after the next probe. Where two readings are right, the truth is ANY.
"""

import random
from dataclasses import dataclass, field

from scenario import Scenario

ANY = object()      # both readings are right, so none is compared
INTERVAL = 5.0      # seconds from a collector's probe to its next
IDS = ("repeated", "fresh", "counted", "constant")


@dataclass
class Worker:
    """One machine: its name, where it is, and whom it answers."""

    name: str
    host: object
    vanishes: int = None            # the round from which on it is gone
    moves: int = None               # the round from which on it has the other address
    moved_host: object = None
    muted: set = field(default_factory=set)     # (collector, round)

    def at(self, round_):
        return self.moved_host if self.moves is not None and round_ >= self.moves else self.host


@dataclass
class Event:
    """A datagram that will be captured, and why it is sent."""

    time: float
    kind: str               # probe, ack, register
    collector: str
    round: int
    worker: Worker = None
    host: object = None     # the worker's, as it announces itself in this round
    status: bool = True
    left: int = 0
    frame: int = None
    twice: bool = False     # a mirror shows it again


@dataclass
class Truth:
    """Of one frame, by field name; ANY where it is not compared."""

    kind: str
    values: dict


class SilentDialogue:
    """`scenario`, and `truths`, one a frame in the capture's order. begins_late: the capture began after each
    collector's first probe."""

    def __init__(self, seed, begins_late=False, rounds=12):
        self._random = random.Random(seed)
        self._begins_late = begins_late
        self.ids = IDS[seed % len(IDS)]
        self.scenario, self._rounds = Scenario(), rounds
        self._collectors = [f"collector{i}" for i in range(1 + seed % 3)]
        for index, name in enumerate(self._collectors):
            self.scenario.host(name, "COLLECTOR", f"10.0.0.{index + 2}")
        self._workers = [self._worker(index) for index in range(4 + seed % 5)]
        self._counters = {}
        self.events = sorted(self._plan(), key=lambda event: event.time)
        self.truths = []
        self._emit()

    def _worker(self, index):
        name, chance = f"worker{index}", self._random.random()
        worker = Worker(name, self.scenario.host(name, "WORKER", f"10.0.1.{index + 1}"))
        middle = self._random.randrange(3, self._rounds - 2)
        if chance < 0.2:
            worker.vanishes = middle
        elif chance < 0.4:
            worker.moves = middle
            worker.moved_host = self.scenario.host(f"{name} moved", "WORKER", f"10.0.2.{index + 1}", name=name)
        for collector in self._collectors:
            for _ in range(self._random.randrange(3)):
                first = self._random.randrange(self._rounds)
                worker.muted |= {(collector, first + i) for i in range(self._random.choice((1, 1, 2, 4)))}
        return worker

    # What happens

    def _plan(self):
        """All datagrams, each on its own time."""
        for index, collector in enumerate(self._collectors):
            left = {worker.name: 3 for worker in self._workers}
            for round_ in range(self._rounds):
                start = round_ * INTERVAL + index * 1.37
                probe = Event(start, "probe", collector, round_, twice=self._random.random() < 0.1)
                if not self._is_before_capture(probe):
                    yield probe
                for worker in self._workers:
                    yield from self._answer(worker, collector, round_, start, left)

    def _is_before_capture(self, probe):
        return self._begins_late and probe.round == 0

    def _answer(self, worker, collector, round_, start, left):
        if (collector, round_) in worker.muted or (worker.vanishes is not None and round_ >= worker.vanishes):
            return
        late = self.ids == "repeated" and round_ + 1 < self._rounds and self._random.random() < 0.08 and not (
            self._begins_late and round_ == 0)      # only its id would tell that it answers no later one
        # A late one comes before its sender's answer to the next probe.
        delay = INTERVAL + self._random.uniform(0.001, 0.015) if late else self._random.uniform(0.02, 0.3)
        twice = self._random.random() < 0.05
        yield Event(start + delay, "ack", collector, round_, worker, worker.at(round_), twice=twice)
        if self._random.random() < 0.1:
            return                                  # the RegisterAck is lost
        status = self._random.random() < 0.5
        left[worker.name] = 3 if status else (left[worker.name] or 4) - 1
        yield Event(start + delay + self._random.uniform(0.0005, 0.003), "register", collector, round_, worker,
                    worker.at(round_), status, 0 if status else left[worker.name])

    # How it is written

    def _word(self, sender, event):
        if self.ids == "repeated":
            return f"{event.collector} {event.round}"
        if self.ids == "constant":
            return ":same"
        if self.ids == "fresh":
            return None
        # Each sender's numbers are its own: where they met, nobody could tell.
        first = 1000 * (1 + list(self.scenario.hosts).index(sender))
        self._counters[sender] = self._counters.get(sender, first) + 1
        return f":{self._counters[sender]}"

    def _emit(self):
        hosts = self.scenario.hosts
        keys = {id(host): key for key, host in hosts.items()}
        for event in self.events:
            collector = hosts[event.collector]
            if event.kind == "probe":
                event.frame = self.scenario.probe(event.time, collector, self._word(event.collector, event))
            elif event.kind == "ack":
                word = self._word(keys[id(event.host)], event)
                event.frame = self.scenario.ack(event.time, event.host, collector, word)
            else:
                event.frame = self.scenario.register(event.time, collector, event.host,
                                                     self._word(event.collector, event), event.status, event.left)
            self.truths.append(self._truth(event))
            if event.twice:
                self.scenario.repeat(event.time + 0.00002, event.frame)
                self.truths.append(self._truth_of_duplicate(event))
        self._complete()

    # What is right

    @staticmethod
    def _whom(event):
        return {"crm.collector": [event.collector], "crm.worker": [event.worker.name] if event.worker else []}

    def _truth(self, event):
        return Truth(event.kind, {**self._whom(event), "crm.duplicate_of": []})

    def _truth_of_duplicate(self, event):
        return Truth(event.kind, {**self._whom(event), "crm.duplicate_of": [str(event.frame)],
                                  "crm.silent_host": [], "crm.missed_probes": []})

    def _complete(self):
        """What is only known once every frame has its number."""
        asked = {(event.collector, event.round): event for event in self.events if event.kind == "probe"}
        acks = [event for event in self.events if event.kind == "ack"]
        answers = {(ack.collector, ack.round, ack.worker.name): ack for ack in acks}
        self._attempts = {}
        for event in self.events:
            values = self.truths[event.frame - 1].values
            if event.kind == "probe":
                names = {name for *asker, name in answers if asker == [event.collector, event.round]}
                values.update({"crm.acks": [str(len(names))], "crm.silent_host": self.silent(event, asked, acks)})
            elif event.kind == "ack":
                probe = asked.get((event.collector, event.round))
                values.update({"crm.response_to": [str(probe.frame)] if probe else [],
                               "crm.missed_probes": self._missed(event, acks)})
            else:
                ack = answers[event.collector, event.round, event.worker.name]
                values.update({"crm.response_to": [str(ack.frame)], "crm.attempt": self._attempt(event)})

    def silent(self, probe, asked, acks, known_by=float("inf")):
        """Who had answered this collector before, and did not answer this: each as it
        was known then. Nobody before the collector's next probe. Who has shown
        itself at another address by then is not silent at the old one. known_by:
        answers after that time are not known yet."""
        following = asked.get((probe.collector, probe.round + 1))
        if following is None:
            return []
        silent = set()
        for ack in acks:
            if ack.collector == probe.collector and ack.time < probe.time:
                answered = any(other.host is ack.host and (other.collector, other.round) == (
                    probe.collector, probe.round) and other.time < known_by for other in acks)
                anew = any(other.worker is ack.worker and other.host is not ack.host and
                           other.worker.moved_host is other.host and other.time < following.time for other in acks)
                if not answered and not anew:
                    silent.add(f"{ack.worker.name} ({ack.host.address})")
        return sorted(silent)

    @staticmethod
    def _missed(event, acks):
        """Rounds since the latest round that it answered; of a host's first answer at
        a new address both none and all are right."""
        before = [ack for ack in acks if ack.collector == event.collector and ack.worker is event.worker
                  and ack.time < event.time]
        if not before:
            return []
        latest = max(before, key=lambda ack: ack.time)
        if latest.host is not event.host:
            return ANY
        missed = event.round - latest.round - 1
        return [str(missed)] if missed > 0 else []

    def _attempt(self, event):
        """Of a worker that moved with failures behind it, both readings are right."""
        key = event.collector, event.worker.name
        count, host = self._attempts.get(key, (0, event.host))
        if count != 0 and host is not event.host:
            count = None
        number = None if count is None else count + 1
        self._attempts[key] = 0 if event.status else number, event.host
        return ANY if number is None else [str(number)]

    def silent_when_next_came(self):
        """{frame of a probe: [(name, frame that it did not answer)]}, as a single pass
        tells it at the collector's next probe: late answers are still to come."""
        asked = {(event.collector, event.round): event for event in self.events if event.kind == "probe"}
        acks = [event for event in self.events if event.kind == "ack"]
        told = {}
        for (collector, round_), probe in asked.items():
            following = asked.get((collector, round_ + 1))
            if following is not None:
                told[following.frame] = [(host.split(" (")[0], probe.frame) for host in
                                         self.silent(probe, asked, acks, known_by=following.time)]
        return told
