# SPDX-License-Identifier: GPL-2.0-or-later
"""A tshark that starts once and answers many command lines; how it does stands in forkserver.c.

    server = ForkServer(command, directory)
    status, out, err = server.run(["-r", "some.pcapng"])
    server.close()
"""

import os
import subprocess
import tempfile
from pathlib import Path

# Lua scripts are loaded with the other protocols, and a profile is chosen, before the server reads a command line; -G is
# looked for in main()'s own arguments.
OF_THE_START = ("-X", "-C", "-G")


class ForkServer:
    """One process, of which each answer is waited for."""

    def __init__(self, command, directory):
        """A tshark's command line without its own arguments, and where it may write."""
        self._out, self._err = (Path(directory) / name for name in ("stdout", "stderr"))
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
                                         cwd=directory)

    def close(self):
        """Ends the server."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._said.close()

    @staticmethod
    def answers(arguments):
        """Whether a fork says what a start of tshark would."""
        return not any(argument.startswith(OF_THE_START) for argument in arguments)

    def run(self, arguments):
        """Exit status, stdout and stderr of one command line."""
        request = [str(len(arguments)), str(self._out), str(self._err), *arguments]
        try:
            self._process.stdin.write(b"".join(text.encode() + b"\0" for text in request))
            self._process.stdin.flush()
        except BrokenPipeError:
            pass                                            # it has ended, and what it said is told below
        answer = self._process.stdout.readline()
        if not answer:
            self._said.seek(0)
            raise ChildProcessError(f"the fork server has ended: {self._said.read().decode(errors='replace')}")
        return os.waitstatus_to_exitcode(int(answer)), self._out.read_bytes(), self._err.read_bytes()
