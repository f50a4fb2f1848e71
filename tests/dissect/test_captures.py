# SPDX-License-Identifier: GPL-2.0-or-later
"""Walks pcaps/: a capture with an expectation beside it is a test.

NAME.truth.json   what the real decoder (jsonpickle) read from the datagrams, one
                  entry a CRM frame: each value must agree
NAME.expect.json  for other captures: for each frame number, filter names with
                  their values in order, "protocol", "info" (how the Info column
                  begins), "experts" (the names, of those that say something of
                  a datagram's content)
"""

import functools
import json

import pytest

from plugin_under_test import ROOT
from content import content_experts
from tshark import is_true

PCAPS = sorted((ROOT / "pcaps").glob("*.pcapng"))
TRUTHS = sorted((ROOT / "pcaps").glob("*.truth.json"))
EXPECTATIONS = sorted((ROOT / "pcaps").glob("*.expect.json"))


def _name(path):
    return path.name.split(".truth")[0].split(".expect")[0]


def _capture(path):
    return path.with_name(_name(path) + ".pcapng")


def _read_as_truth(message):
    """A message in the terms of a truth file."""
    read = {"id": message.value("crm.id"), "type": int(message.value("crm.type"))}
    if message.values("crm.register_info"):
        read["status"] = is_true(message.value("crm.register.status"))
        read["message"] = message.value("crm.register.message")
        read["max_retries"] = int(message.value("crm.register.max_retries"))
    else:
        read["hostname"] = message.value("crm.hostname")
        read["inet_addr"] = message.value("crm.inet_addr")
        read["host_type"] = int(message.value("crm.host_type"))
        read["ports"] = [[daemon, int(port)] for daemon, port in zip(
            message.values("crm.port_info.daemon"), message.values("crm.port_info.port"), strict=True)]
    return read


@pytest.fixture(scope="module", name="dissected")
def each_capture_once(tshark):
    """The messages and the columns of a capture. Some have both, a truth and an expectation."""
    return functools.lru_cache(maxsize=None)(lambda capture: (tshark.messages(capture), tshark.columns(capture)))


@pytest.mark.parametrize("truth", TRUTHS, ids=_name)
def test_agrees_with_the_real_decoder(dissected, truth):
    expected = json.loads(truth.read_text())
    messages, columns = dissected(_capture(truth))
    assert [i + 1 for i, message in enumerate(messages) if message.values("crm.type")] == \
        [entry["frame"] for entry in expected]
    for entry in expected:
        message, (protocol, info) = messages[entry["frame"] - 1], columns[entry["frame"] - 1]
        read = _read_as_truth(message)
        assert read == {name: entry[name] for name in read}, f"frame {entry['frame']}"
        assert set(entry) - set(read) == {"frame", "type_name"}
        assert protocol == "CRM" and entry["type_name"] in info.split()
        assert not message.malformed and not content_experts(message)


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=_name)
def test_agrees_with_the_expectation(dissected, expectation):
    messages, columns = dissected(_capture(expectation))
    for frame, expected in json.loads(expectation.read_text()).items():
        message, (protocol, info) = messages[int(frame) - 1], columns[int(frame) - 1]
        for name, value in expected.items():
            if name == "protocol":
                read = protocol
            elif name == "info":
                read = info[:len(value)]
            elif name == "experts":
                read = [expert.name for expert in content_experts(message)]
            else:
                read = message.values(name)
            assert read == value, f"frame {frame}: {name}"


@pytest.mark.parametrize("capture", PCAPS, ids=lambda path: path.stem)
def test_every_capture_is_documented(capture):
    assert f"`{capture.name}`" in (ROOT / "pcaps/README.md").read_text()
    assert [path for path in TRUTHS + EXPECTATIONS if _capture(path) == capture], \
        "no expectation stands beside this capture"
