# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command on a terminal of its own and types the password when sudo asks for it there.

    typed.py --password WORD --after TEXT COMMAND …

What the command prints goes to stdout, and "<password typed>" stands where that
was. The exit status is the command's; or 3 where nobody asked for a password, and
4 where it was asked for before the command had printed TEXT: nobody should have to
give a password before they know what for.
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

    def __init__(self, password, reason):
        self.password = password
        self.reason = reason
        self.asked = self.asked_early = False
        self.printed = b""

    def read(self, terminal):
        """pty.spawn's master_read."""
        data = os.read(terminal, 4096)
        self.printed += data
        if QUESTION.search(self.printed):
            self.asked = True
            self.asked_early |= self.reason not in self.printed
            self.printed += b"\n"
            os.write(terminal, self.password.encode() + b"\n")
            data += b"<password typed>"
        return data


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--password", required=True)
    parser.add_argument("--after", required=True, metavar="TEXT")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    typist = Typist(arguments.password, arguments.after.encode())
    # Nothing is typed that is not the password.
    status = pty.spawn(arguments.command, typist.read, lambda stdin: b"")
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code or (3 if not typist.asked else 4 if typist.asked_early else 0))


if __name__ == "__main__":
    main()
