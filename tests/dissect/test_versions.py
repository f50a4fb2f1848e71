# SPDX-License-Identifier: GPL-2.0-or-later
"""Every DTO that was ever published, as the real classes encode it.

versions.tsv: Python, jsonpickle, package and version, class, option, payload,
and what it means: the message as plain JSON, made from the Python objects and
not from the payload. Each is read in full: crm.dto equals the meaning, no member
is one that no DTO defines, nothing is wrong, and each field has its bytes.
"""

import json
from collections import namedtuple

import pytest

import pcapng
from content import SPELLINGS, content_names
from plugin_under_test import ROOT
from test_bytes import _check
from tshark import as_bytes

Row = namedtuple("Row", "python jsonpickle package dto option payload meaning")
ROWS = [Row(*line.split("\t")) for line in
        (ROOT / "tests/dissect/versions.tsv").read_text(encoding="utf-8").splitlines()]

# Those that keep the members' order, by which references count.
SPELLED = ("as json writes it", "compact", "indented, CRLF", "escaped slashes", "all escaped")

# A class, and the fields that only it has.
FIELDS = [("queries", {"crm.query_info", "crm.query.job", "crm.filter_info", "crm.filter.criterion"}),
          ("exporter_info", {"crm.exporter"}), ("filters", {"crm.filter.category", "crm.filter.regex"}),
          ("ip_addr", {"crm.host_info", "crm.inet_addr.ipv4"}), ("status", {"crm.register_info"}),
          ("measurement", {"crm.report.tag"})]


def test_the_table_has_every_class():
    assert {row.dto for row in ROWS} == {"ProbeInit", "ProbeAck", "RegisterAck", "QueryAck", "MetricInit", "ReportInit"}
    assert {row.option for row in ROWS} == {"default", "plain", "shared"}
    assert all(any(f'"{member}"' in row.payload for row in ROWS) for member, _ in FIELDS)


@pytest.mark.parametrize("spelling", SPELLED)
def test_each_is_read_in_full(tshark, spelling):
    payloads = [SPELLINGS[spelling](json.loads(row.payload)) for row in ROWS]
    messages = tshark.dissect(payloads)
    assert len(messages) == len(ROWS)
    for row, message in zip(ROWS, messages):
        assert json.loads(message.value("crm.dto")) == json.loads(row.meaning), row
        assert message.values("crm.member") == message.values("crm.invalid_value") == [], row
        assert content_names(message) == [], row


def test_each_field_has_its_bytes(tshark):
    payloads = [row.payload for row in ROWS]
    for row, items in zip(ROWS, tshark.layout(tshark.capture(payloads)), strict=True):
        names = set().union(*(fields for member, fields in FIELDS if f'"{member}"' in row.payload))
        _check(row.payload, items, names)


def test_no_register_ack_is_missed_before_there_were_any(tshark):
    """Which the worker's class tells, as long as it has one of its own. Each twice, from a worker of its own."""
    rows = [row for row in ROWS if row.dto == "ProbeAck" and row.option == "default"]
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        for number, row in enumerate(rows):
            for again in range(2):
                payload = row.payload.replace("78f6ac6d-", f"{2 * number + again:08x}-")
                writer.udp(as_bytes(payload), (f"10.9.{number}.1", 10500), ("10.0.0.2", 9090))
    told = [bool(message.expert("crm.no_register")) for message in tshark.messages(path, "-2")]
    old = [row.package.startswith("vrmjobs-1.") for row in rows]
    assert any(old) and not all(old)
    assert told[0::2] == [not is_old for is_old in old] and not any(told[1::2])
