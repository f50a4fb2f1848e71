# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogues at random: tshark says of each what a plain model of the rules says.

CRM_SEED=N tries another seed. A failure names the seed and the frame.
"""

import os

import pytest

from dialogue_model import Dialogue

FIELDS = ("crm.response_in", "crm.response_to", "crm.acks", "crm.attempt", "crm.duplicate_of",
          "crm.no_response", "crm.no_register")
SEEDS = [int(os.environ["CRM_SEED"])] if "CRM_SEED" in os.environ else range(1, 13)


def _rows(tshark, dialogue, *options):
    capture = dialogue.scenario.write(tshark.new_capture())
    rows = tshark.rows(capture, *FIELDS, options=options)
    return [[*row[:5], bool(row[5]), bool(row[6])] for row in rows]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_dialogue(tshark, seed):
    dialogue = Dialogue(seed, collectors=1 + seed % 3, workers=4 + seed % 5)
    found = _rows(tshark, dialogue, "-2")
    assert len(found) == len(dialogue.said)
    for one, row, right in zip(dialogue.said, found, dialogue.expected()):
        assert row == right, f"seed {seed}, frame {one.frame}: {one.kind} of {one.sender}"


def test_the_dialogues_have_everything():
    """A generator that never makes a case tests nothing of it."""
    rows = [row for seed in range(1, 13) for row in
            Dialogue(seed, collectors=1 + seed % 3, workers=4 + seed % 5).expected()]
    assert sum(bool(row[4]) for row in rows) > 100              # duplicates
    assert sum(bool(row[1]) for row in rows) > 1000             # answers
    assert sum(row[5] for row in rows) > 20                     # probes without
    assert sum(row[6] for row in rows) > 100                    # ProbeAcks without
    assert max(int(row[3][0]) for row in rows if row[3]) > 3    # attempts
