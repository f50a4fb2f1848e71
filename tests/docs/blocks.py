# SPDX-License-Identifier: GPL-2.0-or-later
"""The console blocks of the documents: commands with what they print.

    ```console
    $ tshark -r pcaps/x.pcapng -Y crm
    what it prints
    ```

A command that ends in a backslash goes on in the next line. In the output, a
line `...` stands for any number of lines, and a line that ends in ` ...` for one
that begins so. A line of its own before a block says more of it, to readers as well:

    *Not run by the tests: the reason.*
    *Layout varies: the reason.*            blanks, rulers and "//" do not count
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

OPEN, CLOSE = "```console", "```"
MARK = re.compile(r"\*(Not run by the tests|Layout varies): (.+)\.\*$")
HIDDEN = re.compile(r"<!-- *(not run|layout varies)", re.IGNORECASE)


@dataclass
class Block:
    document: Path
    line: int
    commands: list = field(default_factory=list)    # of (command, lines that it prints)
    not_run: str = ""       # the reason
    varies: str = ""

    def __str__(self):
        return f"{self.document.name}:{self.line}"

    def add(self, line):
        if self.commands and self.commands[-1][0].endswith("\\"):
            command, output = self.commands[-1]
            self.commands[-1] = (command[:-1].rstrip() + " " + line.strip(), output)
        elif line.startswith("$ "):
            self.commands.append((line[2:], []))
        elif self.commands:
            self.commands[-1][1].append(line)
        else:
            raise ValueError(f"{self}: a block begins with a command: {line}")


def blocks(document):
    """The console blocks of one document."""
    before, block = "", None
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        if block is not None and line.strip() == CLOSE:
            yield block
            block = None
        elif block is not None:
            block.add(line)
        elif line.strip() == OPEN:
            block = Block(document, number)
            mark = MARK.match(before.strip())
            if mark:
                setattr(block, {"Not run by the tests": "not_run", "Layout varies": "varies"}[mark.group(1)], mark.group(2))
            elif HIDDEN.match(before.strip()):
                raise ValueError(f"{block}: readers do not see a comment; write *Layout varies: ….*")
        if line.strip():
            before = line
    if block is not None:
        raise ValueError(f"{block}: the block does not end")


def plain(lines):
    """What is left of a table when its layout does not count."""
    words = (re.sub(r"\s*//?\s*", "/", " ".join(line.split())) for line in lines)
    return [line for line in words if line and not re.fullmatch(r"[=\-]+", line)]


def agree(written, printed):
    """Whether a command printed what is written, line by line."""
    if not written:
        return not printed
    first, rest = written[0], written[1:]
    if first == "...":
        return any(agree(rest, printed[count:]) for count in range(len(printed) + 1))
    if not printed:
        return False
    same = printed[0].startswith(first[:-4]) if first.endswith(" ...") else printed[0] == first
    return same and agree(rest, printed[1:])
