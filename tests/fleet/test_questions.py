# SPDX-License-Identifier: GPL-2.0-or-later
"""The views of questions.sql say of one file what tshark says of it."""

from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import pytest
from content import CONTENT_EXPERTS

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
SAMPLES = ["session-jsonpickle1.4-py3.8", "register-retry", "malformed", "silent-worker", "vanishing-worker",
           "never-registered", "mirrored", "one-name-twice", "nat"]
FIELDS = ["frame.number", "frame.time_epoch", "ip.src", "ip.dst", "crm.type", "crm.id", "crm.worker", "crm.collector", "crm.hostname",
          "crm.inet_addr", "crm.response_to", "crm.response_time", "crm.duplicate_of", "crm.register.message",
          "crm.register_exhausted", "crm.no_response", "crm.acks", "crm.encoding", "crm.encoding.enum", "crm.missed_probes"]


# One asking answers for all samples, each of which is a point. What a question has no point for is asked of all together.
ASKED = {
    "frames": "SELECT point, frame_number FROM crm.datagrams ORDER BY frame_number",
    "response times": "SELECT point, worker, exchange, answers, seconds[1], longest_seconds FROM crm.response_times"
                      " ORDER BY worker, exchange",
    "unanswered": "SELECT point, frame_number FROM crm.unanswered_probes ORDER BY frame_number",
    "silences": "SELECT point, worker, collector, missed_probes, until IS NOT NULL FROM crm.silences",
    "malformed": "SELECT point, finding, sum(times), sum(datagrams), min(example_frame) FROM crm.malformed"
                 " GROUP BY point, finding ORDER BY finding",
    "encodings": "SELECT point, ip_src, crm_encoding, enums, datagrams FROM crm.encodings",
}


class Told:
    """What tshark says of a file, a dictionary a frame; "" is a field that is not there. And what the cluster says."""

    def __init__(self, tshark, capture, answers):
        self.answers = answers
        lines = tshark.rows(capture, *FIELDS, options=["-2", "-Y", "crm"])
        self.frames = [{name: values[-1] if values else "" for name, values in zip(FIELDS, line)} for line in lines]
        self.lists = [dict(zip(FIELDS, line)) for line in lines]
        self.messages = tshark.messages(capture, "-2")

    def where(self, **wanted):
        """The frames with these values, those that the wire carried again left out."""
        return [frame for frame in self.frames if not frame["crm.duplicate_of"]
                and all(frame[f"crm.{name}"] == value for name, value in wanted.items())]


@pytest.fixture(scope="module", name="samples")
def all_samples(tshark, shards):
    """What is told of each sample. The cluster has all of them and nothing else."""
    shards.clear()
    captures = {name: tshark.readable(PCAPS / f"{name}.pcapng") for name in SAMPLES}
    shards.insert(*captures.items())
    found = {name: defaultdict(list) for name in SAMPLES}
    for question, query in ASKED.items():
        for point, *row in shards.ask(query):
            found[point][question].append(row)
    return {name: Told(tshark, capture, found[name]) for name, capture in captures.items()}


@pytest.fixture(params=SAMPLES)
def told(request, samples):
    return samples[request.param]


def test_every_datagram_is_there_once(told):
    assert told.frames
    assert told.answers["frames"] == [[int(frame["frame.number"])] for frame in told.frames]


def test_response_times(told):
    times = defaultdict(list)
    for kind, exchange in (("2", "probe"), ("3", "registration")):
        for frame in told.where(type=kind):
            if frame["crm.response_time"]:
                times[frame["crm.worker"], exchange].append(float(frame["crm.response_time"]))
    answer = told.answers["response times"]
    assert [row[:3] for row in answer] == [[*who, len(found)] for who, found in sorted(times.items())]
    for row, (_, found) in zip(answer, sorted(times.items())):
        assert row[3:] == pytest.approx([median(found), max(found)], abs=1e-9)


def test_who_gave_up(samples, shards):
    """Several points may have seen the same: the one that saw most counts."""
    gave_up = Counter()
    for told in samples.values():
        gave_up |= Counter((frame["crm.worker"], frame["crm.collector"]) for frame in told.where(register_exhausted="1"))
    assert gave_up
    assert shards.ask("SELECT worker, collector, times FROM crm.gave_up ORDER BY worker") == [
        [*who, times] for who, times in sorted(gave_up.items())]


def test_which_probes_went_unanswered(told):
    assert told.answers["unanswered"] == [[int(frame["frame.number"])] for frame in told.where(no_response="1")]


def test_who_fell_silent(told):
    """A host misses the probes between two that it answers, and those after; the collector's last is still open."""
    probes = defaultdict(list)
    answered = defaultdict(set)
    for frame in filter(lambda frame: frame["crm.acks"], told.where()):
        probes[frame["crm.collector"]].append(frame["frame.number"])
    for frame in told.where(type="2"):
        if frame["crm.response_to"]:
            answered[frame["crm.worker"], frame["crm.collector"]].add(frame["crm.response_to"])
    expected = []
    for (worker, collector), frames in answered.items():
        ordinals = sorted(probes[collector].index(frame) for frame in frames)
        ends = [*ordinals[1:], len(probes[collector]) - 1]
        gaps = [end - start - 1 for start, end in zip(ordinals, ends)]
        expected += [[worker, collector, gap, int(number < len(gaps) - 1)] for number, gap in enumerate(gaps) if gap > 0]
    assert sorted(told.answers["silences"]) == sorted(expected)


def test_missed_probes_are_those_of_the_dissector(told):
    missed, answer = Counter(), Counter()
    for frame in told.where(type="2"):
        missed[frame["crm.worker"]] += int(frame["crm.missed_probes"] or 0)
    for worker, _, number, returned in told.answers["silences"]:
        answer[worker] += returned * number
    assert +answer == +missed


def test_what_is_malformed(told):
    times = Counter(expert.name for message in told.messages for expert in message.experts if expert.name in CONTENT_EXPERTS)
    datagrams = Counter(name for message in told.messages for name in {expert.name for expert in message.experts}
                        if name in CONTENT_EXPERTS)
    first = {}
    for frame, message in enumerate(told.messages, 1):
        for expert in message.experts:
            first.setdefault(expert.name, frame)
    assert told.answers["malformed"] == [[name, times[name], datagrams[name], first[name]] for name in sorted(times)]


def test_which_encodings_are_in_use(told):
    found = Counter((frame["ip.src"], int(frame["crm.encoding"]), tuple(sorted(set(map(int, lists["crm.encoding.enum"])))))
                    for frame, lists in zip(told.frames, told.lists) if frame["crm.encoding"])
    assert sorted(told.answers["encodings"]) == sorted([source, encoding, list(enums), number]
                                    for (source, encoding, enums), number in found.items())


def test_names_and_addresses(samples, shards):
    addresses, names = defaultdict(set), defaultdict(set)
    for frame, lists in [pair for told in samples.values() for pair in zip(told.frames, told.lists)]:
        if lists["crm.hostname"] and lists["crm.inet_addr"]:
            addresses[frame["crm.hostname"]].add(frame["crm.inet_addr"])
            names[frame["crm.inet_addr"]].add(frame["crm.hostname"])
    answer = shards.ask("SELECT what, arraySort(has) FROM crm.conflicts")
    assert sorted(answer) == sorted([what, sorted(has)] for found in (addresses, names)
                                    for what, has in found.items() if len(has) > 1)
