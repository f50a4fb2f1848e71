# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of pairing once more, as plainly as they can be put, and dialogues at random.

The model looks through all that came before, at every datagram, and keeps
nothing: slow, and easy to hold against what docs/protocol.md says.
"""

import random
from dataclasses import dataclass, field

from scenario import Scenario


@dataclass
class Said:
    """One datagram, as the model sees it: who, to whom, and what was found."""

    frame: int
    kind: str               # probe, ack or register
    sender: str
    receiver: str           # "" for everybody
    id: str
    content: str
    status: bool = False
    answers: object = None  # the Said that this one answers
    first: object = None    # of a duplicate, the first
    repeats: bool = False   # it is an answer, and something had its id
    attempt: int = None
    answered_by: list = field(default_factory=list)


SOON = 0.5      # seconds, within which the wire repeats what it carried
STEP = 0.05     # seconds between two datagrams


def _earlier(said, kind, **attributes):
    """The latest first; duplicates are none of them."""
    return [other for other in reversed(said) if other.kind == kind and other.first is None
            and all(getattr(other, name) == value for name, value in attributes.items())]


def _first(candidates):
    return next(iter(candidates), None)


def _shares_ids(said, collector):
    """Another collector has given a probe the id of one of its probes: so may the next that is not in the file."""
    probes = _earlier(said, "probe")
    ours = {probe.id for probe in probes if probe.sender == collector}
    return any(probe.id in ours for probe in probes if probe.sender != collector)


def _probe_with_id(said, new):
    own = _first(_earlier(said, "probe", id=new.id, sender=new.receiver))
    return own or (None if _shares_ids(said, new.receiver) else _first(_earlier(said, "probe", id=new.id)))


def _ack_with_id(said, new):
    """The one to this collector, if the worker sent the id to several."""
    own = _first(_earlier(said, "ack", id=new.id, sender=new.receiver, receiver=new.sender))
    return own or (None if _shares_ids(said, new.sender) else _first(_earlier(said, "ack", id=new.id, sender=new.receiver)))


def _is_answered_by(one, new):
    """Whether it waits no more for an answer from the new one's sender."""
    return any(answer.sender == new.sender for answer in one.answered_by)


def _waiting(said, new):
    """The latest that the new one could answer."""
    asked = (_earlier(said, "probe", sender=new.receiver) if new.kind == "ack" else
             _earlier(said, "ack", sender=new.receiver, receiver=new.sender))
    return _first(one for one in asked if not _is_answered_by(one, new))


def _is_later(one, than):
    return one is not None and (than is None or one.frame > than.frame)


def _duplicate_of(said, new, waiting):
    """The same bytes again: soon after it was last there, or, of an answer, when
    there is nothing that it could answer and the first one could not."""
    same = _first(_earlier(said, new.kind, sender=new.sender, receiver=new.receiver, id=new.id, content=new.content))
    if same is None:
        return None
    latest = max(other.frame for other in said if other is same or other.first is same)
    is_soon = (new.frame - latest) * STEP <= SOON
    return same if is_soon or new.kind != "probe" and not _is_later(waiting, same) else None


def _is_question_missing(said, new, by_id):
    """Of the earlier answers between the two, at least three more had an id that was asked than had none; no more than
    eight are remembered."""
    matches = 0
    for other in reversed(_earlier(said, new.kind, sender=new.sender, receiver=new.receiver)):
        matches = min(matches + 1, 8) if other.repeats else max(matches - 1, 0)
    return by_id is None and matches >= 3


def _what_is_answered(said, new, by_id, waiting):
    """What has its id, unless that has its answer and something later waits."""
    if _is_question_missing(said, new, by_id):
        return None
    if by_id is None or _is_later(waiting, by_id) and _is_answered_by(by_id, new):
        return waiting
    return by_id


def _attempt(said, new):
    """One more than the failures since the last success."""
    count = 1
    for other in _earlier(said, "register", sender=new.sender, receiver=new.receiver):
        if other.status:
            break
        count += 1
    return count


def hear(said, new):
    """Works one datagram out and adds it to those that were said."""
    by_id = waiting = None
    if new.kind == "ack":
        by_id = _probe_with_id(said, new)
        new.receiver = by_id.sender if by_id else new.receiver
    elif new.kind == "register":
        by_id = _ack_with_id(said, new)
        new.sender = by_id.receiver if by_id else new.sender
    if new.kind != "probe":
        waiting = _waiting(said, new)
    new.first = _duplicate_of(said, new, waiting)
    new.answers = new.first.answers if new.first else _what_is_answered(said, new, by_id, waiting)
    new.repeats = by_id is not None
    if new.first is None and new.answers is not None:
        new.answers.answered_by.append(new)
    if new.kind == "register":
        new.attempt = new.first.attempt if new.first else _attempt(said, new)
    said.append(new)


def _next(said, one, **attributes):
    return _first(other for other in said if other.frame > one.frame and other.kind == one.kind and
                  other.sender == one.sender and other.first is None
                  and all(getattr(other, name) == value for name, value in attributes.items()))


def _unanswered(said, one):
    """Whether no answer came before the sender's next of the kind. Probes that
    are sent in one go are answered after the last of them."""
    following = _next(said, one, **({"receiver": one.receiver} if one.kind == "ack" else {}))
    if one.kind == "register" or one.first is not None or following is None:
        return False
    in_one_go = one.kind == "probe" and (following.frame - one.frame) * STEP <= SOON
    return not any(in_one_go or answer.frame < following.frame for answer in one.answered_by)


def expected(said, one):
    """A row: response_in, response_to, acks, attempt, duplicate_of, no_response, no_register."""
    acks = [str(len({ack.sender for ack in one.answered_by}))] if one.kind == "probe" and not one.first else []
    unanswered = _unanswered(said, one)
    return [[str(answer.frame) for answer in one.answered_by], [str(one.answers.frame)] if one.answers else [], acks,
            [str(one.attempt)] if one.kind == "register" else [], [str(one.first.frame)] if one.first else [],
            unanswered and one.kind == "probe", unanswered and one.kind == "ack"]


class Dialogue:
    """A scenario at random, and what the model says of it."""

    def __init__(self, seed, count=400, collectors=2, workers=6):
        self._random = random.Random(seed)
        self.scenario, self.said = Scenario(), []
        self._collectors = [self._host("collector", "COLLECTOR", i) for i in range(collectors)]
        self._workers = [self._host("worker", "WORKER", i + 10) for i in range(workers)]
        self._rounds = {key: 0 for key in self._collectors}
        self._fresh_acks = set(self._random.sample(self._workers, workers // 2))
        self._fresh_registers = set(self._random.sample(self._workers, workers // 2))
        self._heard = []    # (worker, collector, id) of acks that a collector may answer
        while len(self.said) < count:
            self._step()

    def _host(self, kind, host_type, index):
        """Every third is behind the same NAT, with a port of its own."""
        key = f"{kind}{index}"
        source = ("203.0.113.9", 61000 + index) if index % 3 == 2 else None
        self.scenario.host(key, host_type, f"10.0.{index}.1", source=source)
        return key

    def _time(self):
        return len(self.said) * STEP

    def _hear(self, frame, kind, sender, receiver, word, content, status=False):
        hear(self.said, Said(frame, kind, sender, receiver, word or f"frame {frame}", content, status))

    def _probe(self, collector):
        """Ids come again after a restart: sooner for some than for others."""
        self._rounds[collector] += 1
        word = f"{collector} {self._rounds[collector]}" if collector.endswith("0") else f"{self._rounds[collector]}"
        frame = self.scenario.probe(self._time(), self.scenario.hosts[collector], word)
        self._hear(frame, "probe", collector, "", word, "")

    def _ack(self, worker, collector):
        back = self._random.choice((0, 0, 0, 0, 1, 2))
        word = f"{max(self._rounds[collector] - back, 1)}"
        word = f"{collector} {word}" if collector.endswith("0") else word
        word = None if worker in self._fresh_acks else word
        hosts = self.scenario.hosts
        frame = self.scenario.ack(self._time(), hosts[worker], hosts[collector], word)
        self._hear(frame, "ack", worker, collector, word, "")
        self._heard.append((worker, collector, word or f"frame {frame}"))

    def _register(self, worker, collector, word):
        word = None if worker in self._fresh_registers else word
        status, left = self._random.random() < 0.5, self._random.randrange(4)
        hosts = self.scenario.hosts
        frame = self.scenario.register(self._time(), hosts[collector], hosts[worker], word, status, left)
        self._hear(frame, "register", collector, worker, word, f"{status} {left}", status)

    def _repeat(self):
        """One of the last twenty; a probe only while it is its sender's latest,
        as after that the same bytes are a new probe."""
        one = self._random.choice(self.said[-20:])
        original = self.scenario.datagrams[one.frame - 1]
        receiver = {host.source: key for key, host in self.scenario.hosts.items()}.get(original.dst, "")
        frame = self.scenario.repeat(self._time(), one.frame)
        sender = next(key for key, host in self.scenario.hosts.items() if host is original.sender)
        self._hear(frame, one.kind, sender, receiver, one.id, one.content, one.status)

    def _is_known(self, key):
        """Who a datagram is for that goes to a NAT's address is not to be told
        before the host behind it was heard."""
        host = self.scenario.hosts[key]
        return host.source[0] == host.address or any(
            one.sender == key and one.kind != "register" for one in self.said)

    def _step(self):
        choice = self._random.random()
        collector, worker = self._random.choice(self._collectors), self._random.choice(self._workers)
        if choice < 0.10 or not self.said:
            self._probe(collector)
        elif choice < 0.50 and self._is_known(collector):
            self._ack(worker, collector)
        elif choice < 0.80 and self._heard:
            self._register(*self._heard.pop(self._random.randrange(len(self._heard))))
        elif choice < 0.82 and self._is_known(worker) and self._is_known(collector):
            self._register(worker, collector, f"of nothing {self._time()}")
        elif choice < 0.84:
            self._rounds[collector] = 0
        elif choice < 0.95:
            self._repeat()

    def expected(self):
        return [expected(self.said, one) for one in self.said]
