# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of verdicts, against Python's json and against our reader.

The first makes sure that the table itself is right. For rows about depth the
table follows the Python that reads least, whichever one runs this test: see
json_reference.receive(). What the running one takes by itself is measured by
tests/receiver_depth.py, and compared below.
"""

import collections
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "lib"))
from json_reference import MAX_DEPTH, read_all, receive  # noqa: E402

Row = collections.namedtuple("Row", "line rule verdict data")


def unfold(document):
    """The bytes that a document of the table stands for; see its head."""
    def replace(found):
        inside = found[1]
        times = re.fullmatch(rb"(\d+)\*(.+)", inside)
        return times[2] * int(times[1]) if times else bytes.fromhex(inside.decode())
    return re.sub(rb"<([^<>]*)>", replace, document)


def read_table():
    lines = (TESTS / "unit/verdicts.tsv").read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if line and not line.startswith(b"#"):
            rule, verdict, document = line.split(b"\t")
            yield Row(number, rule.decode(), verdict.decode(), unfold(document))


ROWS = list(read_table())


@pytest.fixture(scope="module")
def read():
    """What our reader makes of each row, by its line in the table."""
    return dict(zip((row.line for row in ROWS), read_all([row.data for row in ROWS])))


def test_table():
    assert len(ROWS) >= 260
    assert {row.verdict for row in ROWS} == {"valid", "invalid"}
    assert len({row.data for row in ROWS}) == len(ROWS), "a document stands twice"
    assert unfold(b'<C3 A9><3*[a>"<>\\<3C>') == b'\xc3\xa9[a[a[a"\\<'


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.line}-{row.rule.replace(' ', '-')}")
def test_verdict(row, read):
    expected = receive(row.data)
    value, error = read[row.line]

    assert ("invalid" if expected is None else "valid") == row.verdict, "the receiver disagrees with the table"
    assert ("invalid" if value is None else "valid") == row.verdict, f"our reader: {error}"
    assert value == expected


def test_receiver_depth():
    """Our limit is that of the releases up to 3.11, and no release's is lower."""
    done = subprocess.run([sys.executable, str(TESTS / "receiver_depth.py")], stdout=subprocess.PIPE, check=True)
    measured = {int(line.split()[0]) for line in done.stdout.decode().splitlines()}

    assert len(measured) == 1, "arrays and objects differ"
    if sys.version_info < (3, 12):
        assert measured == {MAX_DEPTH}
    else:
        assert min(measured) >= MAX_DEPTH
