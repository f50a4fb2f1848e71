# SPDX-License-Identifier: GPL-2.0-or-later
"""What is right of each frame, in the notation of a scenario's right half, and what tshark says.

    1   acks=1 in=2
    2   to=1 in=3 !no_register ?hostname_conflict

A frame that has no line must have none of it. `?name` is expert information
that may be there or not. Values of several datagrams in one frame are joined
by commas, in their order.
"""

import functools
from pathlib import Path

CASES = Path(__file__).parent / "cases"
NUMBERS = {"in": "crm.response_in", "to": "crm.response_to", "acks": "crm.acks", "attempt": "crm.attempt",
           "dup": "crm.duplicate_of"}
FLAGS = ("no_response", "no_register", "duplicate", "hostname_conflict", "inet_addr_mismatch",
         "register_failed", "register_exhausted")


def _right(words):
    """({number: values}, flags that must be there, flags that may)."""
    numbers = dict(word.split("=") for word in words if "=" in word)
    must = {word[1:] for word in words if word[0] == "!"} | ({"duplicate"} if "dup" in numbers else set())
    return numbers, must, {word[1:] for word in words if word[0] == "?"}


def expectations(text):
    lines = (line.split() for line in text.splitlines())
    return {int(words[0]): _right(words[1:]) for words in lines if words}


@functools.lru_cache(maxsize=None)
def deinterlacing(tshark, value):
    """-o for Wireshark's own preference, or ours where it has none."""
    known = tshark.run("-G", "defaultprefs")
    names = [name for name in ("protocols", "crm") if f"#{name}.conversation_deinterlacing_key: NONE" in known]
    assert len(names) == 1
    return "-o", f"{names[0]}.conversation_deinterlacing_key:{value}"


def dialogue(tshark, capture, *options):
    """{frame: ({number: values}, flags)} of what two passes work out."""
    names = [*NUMBERS.values(), *(f"crm.{flag}" for flag in FLAGS)]
    rows = tshark.rows(capture, "frame.number", *names, options=("-2", *options))
    found = {}
    for (frame,), *cells in rows:
        numbers = {name: ",".join(values) for name, values in zip(NUMBERS, cells) if values}
        flags = {flag for flag, values in zip(FLAGS, cells[len(NUMBERS):]) if values}
        found[int(frame)] = numbers, flags
    return found


def dialogue_in(messages):
    """The same of all messages of a capture."""
    return {frame: ({name: ",".join(message.values(field)) for name, field in NUMBERS.items()
                     if message.values(field)},
                    {flag for flag in FLAGS if message.expert(f"crm.{flag}")})
            for frame, message in enumerate(messages, 1)}


def differences(found, text):
    """A line for each frame that is not as the text says."""
    right = expectations(text)
    assert right.keys() <= found.keys(), f"no frame {right.keys() - found.keys()}"
    lines = []
    for frame, (numbers, flags) in found.items():
        wanted, must, may = right.get(frame, ({}, set(), set()))
        if numbers != wanted or flags - may != must - may or not must <= flags:
            lines.append(f"frame {frame}: {numbers} {sorted(flags)}, right is {wanted} {sorted(must)}")
    return lines


def told(tshark, capture, *options):
    """The texts of all expert information, one list a frame."""
    return [row[0] for row in tshark.rows(capture, "_ws.expert.message", options=("-2", *options))]
