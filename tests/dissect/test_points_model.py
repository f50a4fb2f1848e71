# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues at random, captured at several points: copies, transit times, what was lost, and that each counts once.

CRM_SEEDS=N tries the seeds 1 to N, CRM_SEED=N that one alone. A failure names the seed and the frame.
"""

import os

import pytest

from points_model import PointsDialogue

FIELDS = ("crm.copy_of", "crm.copy_in", "crm.transit_time", "crm.lost_datagram", "crm.duplicate_of", "crm.response_to",
          "crm.response_time", "crm.acks", "crm.attempt", "_ws.expert.message")
SEEDS = [int(os.environ["CRM_SEED"])] if "CRM_SEED" in os.environ else \
    range(1, int(os.environ["CRM_SEEDS"]) + 1) if "CRM_SEEDS" in os.environ else (1, 2, 3, 5, 6, 9)
NEAR = 2e-6     # time stamps are microseconds


class Found:
    """What tshark says of a dialogue, by frame."""

    def __init__(self, tshark, dialogue):
        rows = tshark.rows(dialogue.scenario.write(tshark.new_capture()), *FIELDS, options=("-2",))
        assert len(rows) == len(dialogue.frames)
        self.dialogue = dialogue
        self.rows = [dict(zip(FIELDS, row)) for row in rows]

    def __getitem__(self, frame):
        return self.rows[frame.number - 1]

    def datagrams(self, frames):
        """Which datagrams the frames of these numbers are."""
        return [self.dialogue.frames[int(number) - 1].sent.number for number in frames]


def _copies(found):
    """A line for each copy that is not tied to its original, or to another."""
    for sent in found.dialogue.sent:
        for position, frame in enumerate(sent.frames):
            first = position == 0
            right = {"crm.copy_of": [] if first else [str(sent.original.number)],
                     "crm.copy_in": [str(other.number) for other in sent.frames[1:]] if first else []}
            said = {name: found[frame][name] for name in right}
            if said != right:
                yield f"frame {frame.number}, {sent.kind}: {said}, right is {right}"


def _transit(found):
    for sent in found.dialogue.sent:
        for frame in sent.frames:
            right = [] if frame is sent.original else [frame.stamp - sent.original.stamp]
            said = [float(time) for time in found[frame]["crm.transit_time"]]
            if said != pytest.approx(right, abs=NEAR):
                yield f"frame {frame.number}, {sent.kind}: transit time {said}, right is {right}"


def _repetitions(found):
    """What the wire repeats at one point is a duplicate, of the datagram's first
    frame or of that at its point; nothing else is."""
    for frame in found.dialogue.frames:
        said = found[frame]["crm.duplicate_of"]
        first = {str(frame.sent.original.number), str(frame.sent.captured[frame.point][0].number)}
        if frame.is_repetition and (len(said) != 1 or said[0] not in first or found[frame]["crm.copy_of"]):
            yield f"frame {frame.number}: duplicate of {said}, copy of {found[frame]['crm.copy_of']}, right is {first}"
        if not frame.is_repetition and said:
            yield f"frame {frame.number}: duplicate of {said}, and is none"


def _once(found):
    """Who answered whom, how many, the how-manieth: as if there were one point."""
    dialogue = found.dialogue
    for sent in dialogue.sent:
        if not sent.frames:
            continue
        row = found[sent.original]
        answered = sent.answers is not None and sent.answers.frames
        right = {"crm.response_to": [sent.answers.number] if answered else [],
                 "crm.acks": [str(dialogue.acks(sent))] if sent.kind == "probe" else [],
                 "crm.attempt": [str(dialogue.attempt(sent))] if sent.kind == "register" else []}
        said = {name: row[name] for name in right}
        said["crm.response_to"] = found.datagrams(said["crm.response_to"])
        if said != right:
            yield f"frame {sent.original.number}, {sent.kind}: {said}, right is {right}"


def _response_times(found):
    """One of those by one clock; none where no point has both."""
    for sent in found.dialogue.sent:
        right = found.dialogue.response_times(sent)
        said = [float(time) for frame in sent.frames for time in found[frame]["crm.response_time"]]
        is_wrong = any(min((abs(time - one) for one in right), default=1) > NEAR for time in said)
        if sent.frames and (is_wrong or bool(found[sent.original]["crm.response_time"]) != bool(right)):
            yield f"frame {sent.original.number}, {sent.kind}: response time {said}, right is one of {right}"


def _named_lost(found):
    """{number of the datagram: all that is said where it is named lost}."""
    named = {}
    for frame in found.dialogue.frames:
        if found[frame]["crm.lost_datagram"]:
            named.setdefault(frame.sent.number, []).extend(found[frame]["_ws.expert.message"])
    return named


def _lost_wrongly(found):
    """The message names a point at which it is missing and one at which it is not."""
    dialogue = found.dialogue
    for number, texts in _named_lost(found).items():
        sent, said = dialogue.sent[number], " ".join(texts)
        missing = dialogue.lost_at(sent, narrow=False)
        by_name = [point for point, name in enumerate(dialogue.names) if name in said]
        if not missing or not missing & set(by_name) or not set(sent.captured) & set(by_name):
            yield f"frame {sent.original.number}, {sent.kind}: {said!r}, missing at {missing}"


@pytest.fixture(scope="module", params=SEEDS, name="found")
def found_in_dialogue(request, tshark):
    return Found(tshark, PointsDialogue(request.param))


@pytest.mark.parametrize("differences", [_copies, _transit, _repetitions, _once, _response_times, _lost_wrongly],
                         ids=lambda function: function.__name__.strip("_"))
def test_random_points(found, differences):
    assert not list(differences(found))


def test_at_least_8_of_10_lost_are_named(found):
    dialogue = found.dialogue
    lost = {sent.number for sent in dialogue.sent if dialogue.lost_at(sent, narrow=True)}
    named = lost & _named_lost(found).keys()
    assert len(named) >= 0.8 * len(lost), f"{len(named)} of {len(lost)}"


def test_nothing_is_claimed_where_nobody_could_tell(tshark):
    """Constant ids, equal messages, and loss: what is claimed has to be right all the same."""
    found = Found(tshark, PointsDialogue(7, points=2, ids="constant", loss=0.07, same_names=False))
    for frame in found.dialogue.frames:
        for name in ("crm.copy_of", "crm.copy_in"):
            assert set(found.datagrams(found[frame][name])) <= {frame.sent.number}, f"frame {frame.number}"
    assert not list(_lost_wrongly(found))


def test_one_point_is_as_ever(tshark):
    """A file with one interface has no copies and no lost datagrams."""
    found = Found(tshark, PointsDialogue(1, points=1, loss=0.07))
    assert not [row for row in found.rows if any(row[name] for name in FIELDS[:4])]
    assert not list(_once(found)) and not list(_repetitions(found))


def test_the_dialogues_have_everything():
    """A generator that never makes a case tests nothing of it."""
    dialogues = [PointsDialogue(seed) for seed in range(1, 7)]
    frames = [frame for dialogue in dialogues for frame in dialogue.frames]
    assert {dialogue.points for dialogue in dialogues} == {2, 3}
    assert {dialogue.ids for dialogue in dialogues} == {"unique", "constant"}
    assert any(dialogue.nat for dialogue in dialogues) and any(dialogue.tagged is not None for dialogue in dialogues)
    assert any(dialogue.one_way is not None for dialogue in [*dialogues, PointsDialogue(9)])
    assert sum(frame.is_repetition for frame in frames) > 30
    assert sum(len(d.lost_at(s, narrow=True)) for d in dialogues for s in d.sent) > 80
    assert any(frame.stamp < frame.sent.original.stamp for frame in frames)
    assert any(frame.point != 0 and frame is frame.sent.original and frame.sent.kind == "probe" for frame in frames)
