# SPDX-License-Identifier: GPL-2.0-or-later
"""What the receiver of a datagram makes of it, and what our reader does.

The receiver is CPython's json.loads(data.decode()). Both sides show a value in
the notation of tests/unit/json_dump.c, so that a test compares two strings.
"""

import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

_HEADER = (Path(__file__).parents[2] / "plugin/json.h").read_text()
MAX_DEPTH = int(re.search(r"#define CRM_JSON_MAX_DEPTH (\d+)", _HEADER).group(1))

# An integer has no limit on the wire; Python's own, against slow conversion,
# came with 3.11 and can be switched off, as a receiver may.
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_SHOWN = re.compile("[\0\ud800-\udfff]")


def nesting(data):
    """How many containers stand inside each other; exact for a document that
    is valid, as only there every quote has its other half."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", data):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


class _Text(str):
    """A number or constant as it is written, marked with its kind."""


class _Object(list):
    """An object's members in order, those that are repeated among them."""


def _string(text):
    shown = _NOT_SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f'"{shown.encode().hex()}"'


def _show_object(members):
    last = {key: number for number, (key, _) in enumerate(members)}
    shown = (f"{_string(key)}{'' if last[key] == number else '*'}:{_show(value)}"
             for number, (key, value) in enumerate(members))
    return "{" + ",".join(shown) + "}"


def _show(value):
    if isinstance(value, _Text):
        return str(value)
    if isinstance(value, _Object):
        return _show_object(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_show, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    return {True: "true", False: "false", None: "null"}[value]


def _kept(kind):
    return lambda text: _Text(kind + text)


_WRITTEN = {"parse_int": _kept("i"), "parse_float": _kept("f"), "parse_constant": _kept("c"),
            "object_pairs_hook": _Object}


def receive(data):
    """The value that the receiver reads, shown; None where it refuses.

    Its limit of nesting is that of the releases that read least, MAX_DEPTH
    (tests/receiver_depth.py): the running Python may take more, or, so deep in
    a test's calls, less. Hence it is asked with room to spare, and the depth
    is counted. Where a document is broken, the count may be wrong, and cannot
    change that it is refused.
    """
    if nesting(data) > MAX_DEPTH:
        return None
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 5 * MAX_DEPTH)
    try:
        json.loads(data.decode())
        return _show(json.loads(data.decode(), **_WRITTEN))
    except (ValueError, RecursionError):
        return None
    finally:
        sys.setrecursionlimit(limit)


def read_all(documents):
    """What our reader makes of each document: its value, shown, or None, and
    what it says where it refuses."""
    program = os.environ.get("CRM_JSON_DUMP")
    if not program:
        pytest.fail("CRM_JSON_DUMP must name the program json_dump; ctest sets it")
    given = b"".join(struct.pack("<I", len(data)) + data for data in documents)
    done = subprocess.run([program], input=given, stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(documents)
    for data, line in zip(documents, lines):
        verdict, at, rest = line.split(" ", 2)
        assert 0 <= int(at) <= len(data)
        yield (rest, None) if verdict == "valid" else (None, rest)
