# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a session (session.py) into `dumpcap -w - | tshark -r -`, with an
unprivileged tshark, and keeps what both said.

Everything waits for events: the session goes on until tshark has shown each
datagram that the hosts say they sent, and only then the capture ends.
"""

import json
import os
import queue
import subprocess
import threading
from collections import namedtuple

import session

FIELDS = ("frame.number", "crm.type", "crm.id", "ip.src", "ip.dst", "crm.hostname", "crm.port_info",
          "crm.register.status", "crm.register.max_retries", "crm.register.message", "crm.response_to",
          "crm.response_time", "crm.attempt", "crm.duplicate_of", "_ws.expert", "crm.dto")
# Ends a run that hangs; nothing is measured by it.
PATIENCE = 60

Row = namedtuple("Row", [name.lstrip("_").replace(".", "_") for name in FIELDS])


class Watch:
    """events: what the session said. rows: what tshark showed of each CRM frame
    while the capture was running, in order. statistics: what it printed at the
    end of the same run. alive: whether the capture still ran when the last row
    had come."""

    def __init__(self, tshark, *options):
        self.events, self.rows, self.statistics = [], [], ""
        self._lines = queue.Queue()
        capture, output = os.pipe()
        self._session = subprocess.Popen(session.command(output, *options), pass_fds=[output], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(output)
        self._tshark = subprocess.Popen(self._command(tshark), stdin=capture, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, cwd=tshark.directory)
        os.close(capture)
        try:
            self._run()
        finally:
            for process in (self._session, self._tshark):
                process.kill()
                process.communicate()

    @staticmethod
    def _command(tshark):
        fields = [word for name in FIELDS for word in ("-e", name)]
        return tshark.command("tshark", "-r", "-", "-l", "-n", "-Y", "crm", "-T", "fields", *fields,
                              "-z", "crm,hosts", "-z", "crm,tree", "-z", "crm,srt")

    def _run(self):
        for name, process in (("session", self._session), ("tshark", self._tshark)):
            threading.Thread(target=self._read, args=(name, process), daemon=True).start()
        over = False
        while not over or len(self.rows) < len(self.sent()):
            name, line = self._next()
            if name == "tshark":
                self.rows.append(Row(*line.split("\t")))
            else:
                self.events.append(json.loads(line))
                over = self.events[-1]["event"] == "over"
        self.alive = self._session.poll() is None and self._tshark.poll() is None
        self._session.stdin.close()
        self._session.stdin = None
        self._finish()

    def _read(self, name, process):
        for line in process.stdout:
            self._lines.put((name, line.rstrip("\n")))
        self._lines.put((name, None))

    def _next(self):
        """The next line of either; both must still be there."""
        try:
            name, line = self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"tshark showed {len(self.rows)} of {len(self.sent())} datagrams, "
                                 f"and then nothing more came") from None
        if line is None:
            process = {"session": self._session, "tshark": self._tshark}[name]
            raise AssertionError(f"{name} ended too early: {process.stderr.read()}")
        return name, line

    def _finish(self):
        """Both end by themselves; what tshark still prints are its statistics."""
        lines, open_ = [], {"session", "tshark"}
        while open_:
            name, line = self._lines.get(timeout=PATIENCE)
            if line is None:
                open_.remove(name)
            elif name == "tshark":
                lines.append(line)
        self.statistics = "\n".join(lines)
        for name, process in (("session", self._session), ("tshark", self._tshark)):
            status, said = process.wait(PATIENCE), process.stderr.read()
            assert status == 0 and not said, f"{name}: exit status {status}, stderr: {said}"

    def sent(self, kind=None):
        """The hosts' own reports of what they sent."""
        return [event for event in self.events
                if event["event"] == "sent" and (kind is None or event["type"] == kind)]

    def host(self, name):
        """A row of -z crm,hosts, by column."""
        table = [[cell.strip() for cell in line.split("|")] for line in self.statistics.splitlines() if "|" in line]
        header = next(row for row in table if row[0] == "Host")
        return dict(zip(header, next(row for row in table if row[0] == name)))

    def packets(self, name):
        """A count of -z crm,tree."""
        return next(int(line.strip()[len(name):].split()[0]) for line in self.statistics.splitlines()
                    if line.strip().startswith(name + " "))

    def response_times(self, name):
        """How many response times of one kind -z crm,srt has."""
        return next(int(line.split()[2]) for line in self.statistics.splitlines()
                    if line.split()[1:2] == [name])
