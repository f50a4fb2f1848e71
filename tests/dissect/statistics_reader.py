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


def hosts(text):
    """One dict a host, in order, with the table's own column names."""
    lines = text.splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("Host |"))
    names = [name.strip() for name in lines[header].split("|")][:-1]
    rows = []
    for line in lines[header + 1:]:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == len(names) + 1:
            rows.append(dict(zip(names, map(_value, names, cells))))
    return rows


def _value(name, text):
    if name in ("First seen", "Last seen"):
        return float(text)
    if name in ("Host", "Type", "Address", "Daemons") or not text:
        return text
    return int(text)


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
