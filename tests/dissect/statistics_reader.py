# SPDX-License-Identifier: GPL-2.0-or-later
"""The values of -z crm,tree, crm,hosts and crm,srt, without their layout.

Releases of tshark differ in titles ("CRM/Hosts", "CRM // Hosts"), in the width
of columns and in the order of the three.
"""

import re


def tree(text):
    """{(): {"Messages": 28, ...}, "Messages": {"PROBE_INIT": 4, ...}}: counts."""
    _, _, text = text.partition("Topic / Item")
    counts, top = {(): {}}, None
    for line in text.splitlines()[2:]:
        match = re.match(r"( *)(\S.*?) {2,}(\d+) ", line)
        if not match:
            break
        indent, name, count = match.groups()
        if not indent:
            top = name
        counts.setdefault(top if indent else (), {})[name] = int(count)
    return counts


def all_hosts(text):
    """The tables in a text, in order: (filter, one dict a host with the table's own column names)."""
    tables, filter_ = [], ""
    for line in text.splitlines():
        cells = line.split("|")[:-1]
        if line.startswith("Filter for statistics:"):
            filter_ = line.partition(":")[2].strip()
        elif line.startswith("Host |"):
            names, rows = [cell.strip() for cell in cells], []
            tables.append((filter_, rows))
        elif cells:
            assert len(cells) == len(names), f"a row of {len(cells)} cells: {line}"
            rows.append({name: _value(name, cell) for name, cell in zip(names, cells)})
    return tables


def hosts(text):
    """The rows of the only table in a text."""
    (_, rows), = all_hosts(text)
    return rows


TEXTS = ("Host", "Type", "Address", "Last outcome", "Daemons")
TIMES = ("Mean response time", "First seen", "Last seen")


def _value(name, text):
    """A text as it stands there; a number where there is one, None where none is."""
    if name in TEXTS:
        return text.rstrip()
    text = text.strip()
    return None if not text else float(text) if name in TIMES else int(text)


def srt(text):
    """{"ProbeAck": {"Calls": 12, "Min SRT": 0.0048, ...}, ...}"""
    lines = iter(text.splitlines())
    names = next(re.split(r"\s{2,}", line.strip()) for line in lines if line.startswith("Index"))
    rows = {}
    for line in lines:
        cells = line.split()
        if not cells or not cells[0].isdigit():
            break
        rows[cells[1]] = {name: float(cell) for name, cell in zip(names[2:], cells[2:])}
    return rows


def points(text):
    """{(from, to): {"Datagrams": 7, ...}}; what is not known as it stands there, what is missing left out."""
    lines = text.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("From |"))
    names = [name.strip() for name in lines[header].split("|")][2:-1]
    rows = {}
    for line in lines[header + 1:]:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == len(names) + 3:
            values = {name: float(cell) if "." in cell else int(cell) if cell.isdigit() else cell
                      for name, cell in zip(names, cells[2:]) if cell}
            rows[cells[0], cells[1]] = values
    return rows
