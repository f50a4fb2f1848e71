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

_HEADER = (Path(__file__).parents[2] / "plugin/message/json.h").read_text()
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


class _Written(str):
    """What stands in the shown value as it is; a plain str is a JSON string."""


class _Object(list):
    """An object's members in order, those that are repeated among them."""


def _string(text):
    shown = _NOT_SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f'"{shown.encode().hex()}"'


def _object_parts(members):
    last = {key: number for number, (key, _) in enumerate(members)}
    for number, (key, value) in enumerate(members):
        yield _Written("," if number else "{")
        yield _Written(f"{_string(key)}{'' if last[key] == number else '*'}:")
        yield value
    yield _Written("}" if members else "{}")


def _array_parts(entries):
    for number, entry in enumerate(entries):
        yield _Written("," if number else "[")
        yield entry
    yield _Written("]" if entries else "[]")


def _show(value):
    """Without recursion, which Python 3.12 allows less than json.loads."""
    shown, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Written):
            shown.append(item)
        elif isinstance(item, str):
            shown.append(_string(item))
        elif isinstance(item, list):
            parts = _object_parts(item) if isinstance(item, _Object) else _array_parts(item)
            waiting.extend(reversed(list(parts)))
        else:
            shown.append({True: "true", False: "false", None: "null"}[item])
    return "".join(shown)


def _kept(kind):
    return lambda text: _Written(kind + text)


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
    sys.setrecursionlimit(limit + 2 * MAX_DEPTH)
    try:
        json.loads(data.decode())
        value = json.loads(data.decode(), **_WRITTEN)
    except (ValueError, RecursionError):
        return None
    finally:
        sys.setrecursionlimit(limit)
    return _show(value)


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
