# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's dissection for other programs: one process that reads many captures, each when all of the last is done.

    with Sharkd(tshark) as sharkd:
        for capture in captures:
            sharkd.messages(capture)

Where a test has many small captures, the start of a tshark for each costs far more than what it reads. What a frame
shows here is what a window shows of it: everything before and behind it was read.
"""

import json
import subprocess
import tempfile

from tshark import Expert, Message

GROUPS = {"response": "response code"}      # the name here of what is another elsewhere


class Sharkd:
    """One process, of which each answer is waited for."""

    def __init__(self, tshark):
        self._tshark = tshark
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(tshark.command("sharkd", "-"), cwd=tshark.directory, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=self._said)
        self._requests = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._said.close()

    def ask(self, method, **parameters):
        """The result of one request."""
        self._requests += 1
        request = {"jsonrpc": "2.0", "id": self._requests, "method": method, "params": parameters}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass                                            # it has ended, and what it said is told below
        line = self._process.stdout.readline()
        while line and not line.startswith(b"{"):
            line = self._process.stdout.readline()
        answer = json.loads(line or b"{}")
        self._said.seek(0)
        assert answer.get("id") == self._requests and "result" in answer, \
            f"sharkd: {request}: {answer}, stderr: {self._said.read().decode(errors='replace')}"
        return answer["result"]

    def load(self, capture):
        """Reads a capture, and forgets the one before."""
        self.ask("load", file=str(self._tshark.readable(capture)))

    def messages(self, capture):
        """A Message for each frame of a capture, of its values those that a filter can name."""
        self.load(capture)
        return [_message(self.ask("frame", frame=number, proto=True)["tree"])
                for number in range(1, self.ask("status")["frames"] + 1)]


def _message(tree):
    message = Message([])
    for node in _find(tree, "crm"):
        _add(message, node.get("n", []))
    return message


def _find(tree, name):
    """The nodes of a protocol, at whatever depth: some releases put what an A-MSDU has into its own tree."""
    for node in tree:
        if node.get("f") == name:
            yield node
        else:
            yield from _find(node.get("n", []), name)


def _add(message, nodes):
    """The nodes of a frame's tree, each with the filter that Apply as Filter makes of it."""
    for node in nodes:
        name, has_value, value = node.get("f", "").partition(" == ")
        if name == "_ws.expert":
            message.experts.append(_expert(node["n"]))
        else:
            if has_value:
                message.fields.append((name, json.loads(value) if value.startswith('"') else value))
            _add(message, node.get("n", []))


def _expert(nodes):
    values = dict(node["f"].partition(" == ")[::2] for node in nodes)
    name, text = next((node["f"], node["l"]) for node in nodes if node["f"].startswith("crm."))
    severity, group = (json.loads(values[f"_ws.expert.{of}"]).lower() for of in ("severity", "group"))
    return Expert(name, severity, GROUPS.get(group, group), text)
