# SPDX-License-Identifier: GPL-2.0-or-later
"""What crm-rows prints, read as ClickHouse reads it."""

import io
import re
import shlex
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from unittest import mock

PROGRAM = Path(__file__).resolve().parents[2] / "fleet/crm-rows"
ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"0": b"\0"}


def module():
    """crm-rows as a module."""
    sys.dont_write_bytecode = True
    loader = SourceFileLoader("crm_rows", str(PROGRAM))
    made = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(made)
    return made


CRM_ROWS = module()
LISTS = {"vlan_id", *(name.replace(".", "_") for name in CRM_ROWS.FINDINGS),
         *(name.replace(".", "_") for name, kind in CRM_ROWS.FIELDS if kind in ("texts", "numbers"))}


def run(tshark, *arguments):
    """Exit status, lines, and what was said."""
    command = tshark if isinstance(tshark, str) else shlex.join(tshark.command("tshark"))
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, check=False, env={"TSHARK": command,
                          "PATH": "/usr/local/bin:/usr/bin:/bin"}, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.splitlines(), done.stderr.decode()


def read(tshark, point, path):
    """What crm-rows prints of a capture, and the row of its tally, without a start of either program."""
    capture = CRM_ROWS.Capture(str(path), point)

    def answer(_, *arguments):
        return io.BytesIO(tshark.run("-2", "-r", path, *arguments).encode())

    with mock.patch.object(CRM_ROWS, "tshark", answer):
        return b"".join(CRM_ROWS.rows_of(capture)), capture.tally()


def parse(line):
    """A row as {column: value}: None, bytes, or a list of bytes."""
    cells = line.split(b"\t")
    assert len(cells) == len(CRM_ROWS.COLUMNS), line
    return {column: _list(cell) if column in LISTS else None if cell == b"\\N" else _plain(cell)
            for column, cell in zip(CRM_ROWS.COLUMNS, cells)}


def of(tshark, *arguments):
    """All rows of a run that succeeds, in the order of the frames."""
    status, lines, said = run(tshark, *arguments)
    assert status == 0 and not said, said
    return sorted(map(parse, lines),
                  key=lambda row: (row["file"], int(row["frame_number"]), int(row["datagram"])))


def _list(cell):
    if cell.startswith(b"['"):
        assert re.fullmatch(rb"\['(?:[^'\\]|\\.)*'(?:,'(?:[^'\\]|\\.)*')*\]", cell, re.DOTALL), cell
        return [_plain(text) for text in re.findall(rb"'((?:[^'\\]|\\.)*)'", cell, re.DOTALL)]
    assert re.fullmatch(rb"\[[0-9,]*\]", cell), cell
    return [number for number in cell[1:-1].split(b",") if number]


def _plain(text):
    return re.sub(rb"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)
