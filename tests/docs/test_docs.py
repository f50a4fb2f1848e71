# SPDX-License-Identifier: GPL-2.0-or-later
"""Each console block of README.md and docs/ is run, and prints what it says.

Commands run in a copy of the tree that has pcaps/, script/log2pcap and a script/tshark; `tshark`
and `script/tshark` are the one with the plugin under test. tests/docs/blocks.py
has the notation. Blocks that are not run are skipped with the reason they give.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from blocks import agree, blocks, plain

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if path.exists()]
LINKED = [*DOCUMENTS, *sorted(ROOT.glob("C*.md")), ROOT / "pcaps/README.md"]
MARK = "--- command"
BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]


@pytest.fixture(scope="module")
def tree(tshark):
    """Where tshark may read."""
    copy = tshark.directory / "tree"
    (copy / "script").mkdir(parents=True)
    shutil.copytree(ROOT / "pcaps", copy / "pcaps")
    (copy / "script/tshark").write_text('#!/bin/sh\nexec tshark "$@"\n', encoding="utf-8")
    shutil.copy(ROOT / "script/log2pcap", copy / "script")
    (copy / "tests/lib").mkdir(parents=True)
    shutil.copy(ROOT / "tests/lib/pcapng.py", copy / "tests/lib")
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755)
    copy.chmod(0o777)   # commands may write files
    return copy


def _session(commands):
    """One shell for a block: variables and the exit status pass from command
    to command, and a line that no command prints stands before each."""
    yield "status=0"
    for number, command in enumerate(commands):
        yield f"status=$?; printf '\\n{MARK} {number}\\n'; (exit $status)"
        yield command


def printed_by(tshark, tree, commands):
    """The lines that each of the commands prints."""
    done = subprocess.run(tshark.command("bash", "-c", "\n".join(_session(commands))), cwd=tree, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    assert not done.stderr, done.stderr
    outputs = re.split(rf"\n{MARK} \d+\n", done.stdout)[1:]
    assert len(outputs) == len(commands), done.stdout
    return [[line.rstrip() for line in output.rstrip("\n").split("\n")] if output.strip() else []
            for output in outputs]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(tshark, tree, block):
    if block.not_run:
        pytest.skip(f"{block}: not run: {block.not_run}")
    outputs = printed_by(tshark, tree, [command for command, _ in block.commands])
    for (command, written), printed in zip(block.commands, outputs):
        if block.varies:
            written, printed = plain(written), plain(printed)
        assert agree([line.rstrip() for line in written], printed), \
            f"{block}: $ {command}\nwritten:\n" + "\n".join(written) + "\nprinted:\n" + "\n".join(printed)


def _anchors(document):
    """The names by which a document's headings are linked to."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", LINKED, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", document.read_text(encoding="utf-8")):
        path = document.parent / target if target else document
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path), f"{target}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_dumpcap_as_root_is_given_no_file(document):
    """It gives up root's right to write into a user's directory, and then cannot: the user's shell has to write."""
    commands = re.findall(r"^(?:\$ )?sudo dumpcap .*", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert not [command for command in commands if not re.search(r" -w - *[>|]", command)]


def test_capture_filters_leave_nothing_out():
    """All name a worker's port, for nobody knows from which one a broadcast leaves; and fragments have no ports, as the README says."""
    filters = [found for document in DOCUMENTS for found in re.findall(r"-f '(udp port [^']*)'", document.read_text(encoding="utf-8"))]
    assert len(filters) > 3 and all("udp port 10500" in text for text in filters), filters
    fragments = "or ip[6:2] & 0x1fff != 0 or ip6 proto 44"
    assert all(fragments in (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/fleet.md"))


def test_there_is_something_to_run():
    assert sum(not block.not_run for block in BLOCKS if block.document.name == "troubleshooting.md") >= 10


@pytest.mark.parametrize("written, printed, right", [
    (["a", "b"], ["a", "b"], True), (["a"], ["a", "b"], False), (["a", "b"], ["a"], False), ([], [], True),
    (["a", "..."], ["a", "b", "c"], True), (["...", "c"], ["a", "b", "c"], True), (["...", "d"], ["a"], False),
    (["a ..."], ["a bc"], True), (["a ..."], ["b"], False),
])
def test_what_agrees(written, printed, right):
    assert agree(written, printed) is right


def test_what_layout_is():
    assert plain(["===", "CRM // Hosts:", "a   |b", ""]) == plain(["-----", "CRM/Hosts:", "a |b"])
