# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues at random: who fell silent at which probe, for how long, and whom each datagram is about.

CRM_SEEDS=N tries the seeds 1 to N, CRM_SEED=N that one alone. A failure names the seed and the frame.
"""

import os
import re

import pytest

from silence_model import ANY, IDS, SilentDialogue

FIELDS = ("crm.silent_host", "crm.missed_probes", "crm.worker", "crm.collector", "crm.acks", "crm.response_to",
          "crm.attempt", "crm.duplicate_of")
SEEDS = [int(os.environ["CRM_SEED"])] if "CRM_SEED" in os.environ else \
    range(1, int(os.environ.get("CRM_SEEDS", "8")) + 1)


def _differences(dialogue, rows):
    """A line for each value that is not as it was made to be."""
    for frame, (truth, row) in enumerate(zip(dialogue.truths, rows), 1):
        found = dict(zip(FIELDS, row))
        found["crm.silent_host"].sort()
        for name, right in truth.values.items():
            if right is not ANY and found[name] != right:
                yield f"frame {frame}, {truth.kind}: {name} is {found[name]}, right is {right}"


@pytest.mark.parametrize("begins_late", (False, True))
@pytest.mark.parametrize("seed", SEEDS)
def test_random_silence(tshark, seed, begins_late):
    dialogue = SilentDialogue(seed, begins_late)
    rows = tshark.rows(dialogue.scenario.write(tshark.new_capture()), *FIELDS, options=("-2",))
    assert len(rows) == len(dialogue.truths)
    assert not list(_differences(dialogue, rows)), f"seed {seed}, ids {dialogue.ids}"


@pytest.mark.parametrize("seed", list(SEEDS)[:4])
def test_a_single_pass_tells_at_the_next_probe(tshark, seed):
    """By then, late answers have not come. Nothing else is told of silence."""
    dialogue = SilentDialogue(seed)
    rows = tshark.rows(dialogue.scenario.write(tshark.new_capture()), "frame.number", "crm.host_silent",
                       "_ws.expert.message")
    right = dialogue.silent_when_next_came()
    for (frame,), flags, texts in rows:
        wanted = right.get(int(frame), [])
        said = "|".join(texts)
        missing = [(name, asked) for name, asked in wanted
                   if not re.search(rf"{name}\b[^|]*\bframe {asked}\b", said)]
        assert not missing and bool(flags) == bool(wanted), f"seed {seed}, frame {frame}: {said!r}, right is {wanted}"


def test_the_dialogues_have_everything():
    """A generator that never makes a case tests nothing of it."""
    dialogues = [SilentDialogue(seed) for seed in range(1, 9)]
    values = [truth.values for dialogue in dialogues for truth in dialogue.truths]

    def count(name, least=1):
        return sum(1 for row in values if row.get(name, ANY) is not ANY and len(row.get(name, ())) >= least)
    assert {dialogue.ids for dialogue in dialogues} == set(IDS)
    assert count("crm.silent_host") > 100 and count("crm.silent_host", 2) > 30
    assert count("crm.missed_probes") > 30
    assert count("crm.duplicate_of") > 20
    assert {row["crm.attempt"][0] for row in values if row.get("crm.attempt", ANY) is not ANY} >= {"1", "2", "3"}
    moved = sum(worker.moves is not None for dialogue in dialogues for worker in dialogue._workers)
    gone = sum(worker.vanishes is not None for dialogue in dialogues for worker in dialogue._workers)
    late = sum(event.kind == "ack" and event.time % 5 and event.round + 1 < 12 and
               event.time > (event.round + 1) * 5.0 + dialogue._collectors.index(event.collector) * 1.37
               for dialogue in dialogues for event in dialogue.events)
    assert moved > 3 and gone > 3 and late > 3
