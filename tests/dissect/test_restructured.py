# SPDX-License-Identifier: GPL-2.0-or-later
"""Valid JSON whose values stand where no sender puts them.

Damaged bytes mostly end as malformed JSON, which is told early. Here whole
values change places between all messages there are, so that each attribute
meets every kind of value, class and reference.

    CRM_SEED        repeats a run; without it each run has a new one, printed
    CRM_MUTATIONS   how many documents, 3000 unless told
"""

import copy
import json
import os
import random

import pytest

import pcapng
from plugin_under_test import ROOT
from tshark import COLLECTOR, WORKER

SEED = int(os.environ.get("CRM_SEED") or random.SystemRandom().randrange(1 << 32))
MUTATIONS = int(os.environ.get("CRM_MUTATIONS") or 3000)
LARGEST = 60000
MOST_BRACKETS = 100     # what recurses here is not to meet the samples of deep nesting

# Both directions, a probe to everyone, and ports that nobody configured.
ENDS = [(COLLECTOR, WORKER), (WORKER, COLLECTOR), (COLLECTOR, ("10.0.0.255", 10500)),
        (("10.0.0.12", 40000), ("10.0.0.3", 40001))]

CLASSES = ["dtos.host_info.HostInfo", "vrmjobs.worker_info.WorkerInfo", "dtos.port_info.PortInfo",
           "dtos.register_info.RegisterInfo", "vrmjobs.query_info.QueryInfo", "vrmjobs.filter_info.FilterInfo",
           "vrmjobs.collector_info.CollectorInfo", "dtos.probe_ack.ProbeAck"]
NAMES = ["id", "packet_id", "type", "info", "hostname", "inet_addr", "ip_addr", "ports", "port", "daemon", "status",
         "message", "max_retries", "queries", "job", "filters", "criteria", "exporter_info", "tags", "timestamp",
         "_value_", "x",
         "py/object", "py/state", "py/id", "py/tuple", "py/reduce"]
VALUES = [None, True, 0, -1, 2**31, 2**32, 2**63, 2**64, 1.5, 4e53, float("nan"),
          "", "<HostType.WORKER: 1>", "PortInfo(workerd:10500)", "{\"id\": 1}", "\0", "\ud800", "\u202e", "x" * 500,
          [], {}, [[]], {"py/tuple": []}, {"py/state": {}}, *({"py/id": number} for number in range(8))]

STATISTICS = ("-q", "-z", "crm,tree", "-z", "crm,hosts", "-z", "crm,srt", "-z", "expert")


def _documents():
    """Every message of the sample captures, and of the tables of dialects and versions."""
    for capture in sorted((ROOT / "pcaps").glob("*.pcapng")):
        for datagram in pcapng.datagrams(capture):
            try:
                document = json.loads(datagram.payload)
            except (ValueError, RecursionError):
                continue
            if isinstance(document, dict) and sum(map(datagram.payload.count, (b"[", b"{"))) < MOST_BRACKETS:
                yield document
    rows = (ROOT / "tests/dissect/dialects.tsv").read_text(encoding="utf-8").splitlines()[1:]
    yield from (json.loads(row.split("\t")[-1]) for row in rows)
    rows = (ROOT / "tests/dissect/versions.tsv").read_text(encoding="utf-8").splitlines()
    yield from (json.loads(row.split("\t")[-2]) for row in rows)


def _paths(value, path=()):
    """The paths of all values inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _at(value, path):
    for key in path:
        value = value[key]
    return value


class Mutator:
    """Makes new documents out of old ones."""

    def __init__(self, documents, seed):
        self.documents, self.random = documents, random.Random(seed)
        self.values = VALUES + [_at(document, path) for document in documents for path in _paths(document)]

    def document(self):
        document = copy.deepcopy(self.random.choice(self.documents))
        for _ in range(self.random.randint(1, 4)):
            paths = list(_paths(document))
            if paths:
                path = self.random.choice(paths)
                self._change(_at(document, path[:-1]), path[-1])
        return document

    def _change(self, parent, key):
        what = self.random.choice(["replace", "replace", "replace", "delete", "rename", "state", "class"])
        if what == "replace":
            parent[key] = copy.deepcopy(self.random.choice(self.values))
        elif what == "delete":
            del parent[key]
        elif what == "rename" and isinstance(parent, dict):
            parent[self.random.choice(NAMES)] = parent.pop(key)
        elif what == "state":
            parent[key] = {"py/state": parent[key]}
        else:
            parent[key] = {"py/object": self.random.choice(CLASSES), "py/state": parent[key]}


@pytest.fixture(scope="module")
def capture(tshark):
    print(f"CRM_SEED={SEED}")
    mutator = Mutator(list(_documents()), SEED)
    path = tshark.new_capture()
    with pcapng.Writer(path) as writer:
        written = 0
        while written < MUTATIONS:
            payload = json.dumps(mutator.document()).encode()
            if len(payload) <= LARGEST:
                writer.udp(payload, *mutator.random.choice(ENDS))
                written += 1
    return path


def test_each_is_read(tshark, capture):
    """All are JSON that Python takes: none is malformed, each has its plain form."""
    messages = [message for message in tshark.messages(capture) if message.values("crm.dto")]
    assert len(messages) > MUTATIONS / 2
    for message in messages:
        assert not message.malformed and not message.expert("crm.json_error"), SEED
        for text in message.values("crm.dto"):
            json.loads(text)


@pytest.mark.parametrize("options", [("-2", "-V"), ("-2", "-T", "pdml"), STATISTICS], ids=" ".join)
def test_nothing_breaks(tshark, capture, options):
    """A bug of the dissector ends tshark, which `run` asserts not to be."""
    assert "CRM" in tshark.run("-r", capture, *options).replace("Cloudless Resource Monitoring", "CRM")
