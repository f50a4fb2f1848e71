# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command on a terminal of its own and types the password when sudo asks for it there.

    typed.py --password WORD COMMAND …

What the command prints goes to stdout, and "<password typed>" stands where that
was. The exit status is the command's, or 3 where nobody asked for a password.
"""

import argparse
import os
import pty
import re
import sys

# sudo's question, and no more than that: a script's own words must not be taken for it.
QUESTION = re.compile(rb"\[sudo\] password for \w+: $")


class Typist:
    """Reads what the command prints, and answers."""

    def __init__(self, password):
        self.password = password
        self.asked = 0
        self.tail = b""

    def read(self, terminal):
        """pty.spawn's master_read."""
        data = os.read(terminal, 4096)
        self.tail = (self.tail + data)[-200:]
        if QUESTION.search(self.tail):
            self.asked += 1
            self.tail = b""
            os.write(terminal, self.password.encode() + b"\n")
            data += b"<password typed>"
        return data


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--password", required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    typist = Typist(arguments.password)
    # Nothing is typed that is not the password.
    status = pty.spawn(arguments.command, typist.read, lambda stdin: b"")
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code or typist.asked else 3)


if __name__ == "__main__":
    main()
