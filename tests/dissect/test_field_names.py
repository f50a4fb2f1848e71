# SPDX-License-Identifier: GPL-2.0-or-later
"""The project's public interface: filter names and their types, as documented.

docs/fields.in.tsv is the hand-written side; the plugin must have all of it.
"""

import csv
import ctypes
import os
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from plugin_under_test import ROOT, not_sanitized


def _described(*sections):
    with open(ROOT / "docs/fields.in.tsv", encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row["section"] in sections]


@pytest.fixture(scope="module")
def registered(tshark):
    """name: type of all that the plugin registered."""
    return {row[2]: row[3] for row in tshark.glossary("fields") if row[0] == "F" and row[2].startswith("crm.")}


@pytest.mark.parametrize("row", _described("wire", "derived"), ids=lambda row: row["filter"])
def test_field_exists_with_its_type(registered, row):
    assert registered.get(row["filter"]) == row["type"]


@pytest.mark.parametrize("row", _described("expert: content", "expert: traffic"), ids=lambda row: row["filter"])
def test_expert_information_exists(registered, row):
    assert registered.get(row["filter"]) == "FT_NONE"


def test_every_name_is_described(registered):
    """A new field needs a line of its own in docs/fields.in.tsv."""
    described = {row["filter"] for row in _described("wire", "derived", "expert: content", "expert: traffic")}
    assert set(registered) - described == set()


def test_every_finding_has_expert_information(registered):
    """A finding without is still counted by -z crm,tree, under a name that is no filter."""
    lists = [re.search(rf"#define {name}\(X\)((?:.*\\\n)*.*)", (ROOT / "plugin" / header).read_text(encoding="utf-8"))[1]
             for name, header in [("CRM_FINDINGS", "message/types.h"), ("CRM_TRAFFIC_FINDINGS", "dissector/traffic.h")]]
    named = {f"crm.{name}" for entries in lists for name in re.findall(r"X\(\w+, (\w+)", entries)}
    assert len(named) > 20 and named - set(registered) == set()
    assert {row["filter"] for row in _described("expert: content", "expert: traffic")} == named


def test_the_protocol(tshark):
    assert [row[:3] for row in tshark.glossary("protocols") if row[2] == "crm"] == [["Cloudless Resource Monitoring", "CRM", "crm"]]


def _default_preferences(tshark):
    """name: value, of lines as `#name: value`."""
    lines = ["".join(row) for row in tshark.glossary("defaultprefs")]
    return dict(line[1:].split(": ", 1) for line in lines if line.startswith("#") and ": " in line)


# Preferences that newer releases of Wireshark have themselves, for all protocols; ours is not there then.
WIRESHARKS_OWN = {"crm.conversation_deinterlacing_key": "protocols.conversation_deinterlacing_key"}


@pytest.mark.parametrize("row", _described("preference"), ids=lambda row: row["filter"])
def test_preference_is_taken(tshark, row):
    """tshark refuses a preference that it does not know."""
    known, own = _default_preferences(tshark), WIRESHARKS_OWN.get(row["filter"])
    ours = own not in known
    assert (row["filter"] in known) == ours
    tshark.run("-o", f"{row['filter'] if ours else own}:{row['type']}", "-r", tshark.capture(["{}"]))


@pytest.mark.parametrize("row", [row for row in _described("preference") if row["type"] in ("TRUE", "FALSE")],
                         ids=lambda row: row["filter"])
def test_default_of_a_preference(tshark, row):
    assert _default_preferences(tshark)[row["filter"]] == row["type"]


@pytest.mark.parametrize("row", _described("heuristic"), ids=lambda row: row["filter"])
def test_default_of_the_heuristic(tshark, row):
    assert ["udp", "crm", row["type"]] in [line[:3] for line in tshark.glossary("heuristic-decodes")]


@pytest.mark.parametrize("row", _described("statistic"), ids=lambda row: row["filter"])
def test_statistic_exists(tshark, row):
    assert tshark.run("-q", "-z", row["filter"], "-r", tshark.capture(["{}"]))


@not_sanitized("the document is the same with any build")
def test_document_is_current(tshark):
    done = subprocess.run([sys.executable, str(ROOT / "script/fields-doc"), "--check"], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "CRM_PLUGIN": str(tshark.plugin)})
    assert done.returncode == 0, done.stdout


@not_sanitized("Python has no sanitizer that the plugin could use")
def test_a_document_that_is_not_current(monkeypatch, capsys):
    """A CI job goes by the status. What stands between bars does not end a cell."""
    loader = SourceFileLoader("fields_doc", str(ROOT / "script/fields-doc"))
    script = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(script)
    monkeypatch.setattr(script, "document", lambda: "another")
    monkeypatch.setattr(sys, "argv", ["fields-doc", "--check"])
    assert script.main() == 1 and "run script/fields-doc" in capsys.readouterr().err
    row = {"section": "statistic", "filter": "a", "type": "", "description": "b | c"}
    assert list(script.rows_of("statistic", [row], {}, {})) == [["`-z a`", "b \\| c"]]


@not_sanitized("Python has no sanitizer that the plugin could use")
def test_what_kind_of_plugin_it_says_it_is(tshark):
    """A dissector: WS_PLUGIN_DESC_DISSECTOR. The window About Wireshark shows it, since 4.2."""
    assert ctypes.CDLL(str(tshark.plugin)).plugin_describe() == 1


def test_what_has_no_bytes_is_shown_as_generated(tshark):
    """In brackets."""
    labels = {row[2]: row[1] for row in tshark.glossary("fields") if row[0] == "F"}
    generated = {labels[row["filter"]] for row in _described("wire", "derived") if "*(g)*" in row["description"]}
    seen = set()
    for capture in sorted((ROOT / "pcaps").glob("*.pcapng")):
        for line in tshark.run("-r", tshark.readable(capture), "-2", "-O", "crm").splitlines():
            bracket, label = re.match(r" *(\[?)([^:\]]*)", line).groups()
            assert bracket or label not in generated, (capture.name, line)
            seen.add(label)
    assert len(generated & seen) >= 20
