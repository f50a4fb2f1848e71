# SPDX-License-Identifier: GPL-2.0-or-later
"""Two shards of ClickHouse on loopback, and fleet/'s own commands at work on them.

    with Cluster(tshark, directory) as cluster:
        cluster.load("host1", capture)
        cluster.ask("SELECT count() FROM crm.datagrams") == [[8]]
"""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path

FLEET = Path(__file__).resolve().parents[2] / "fleet"
SHARDS = (1, 2)
TABLES = ("rows_local", "loads_local", "names_local")


def obstacle():
    """Why there can be no cluster here; None when there can."""
    missing = [tool for tool in ("clickhouse-server", "clickhouse-client", "parallel") if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)} (docs/fleet.md says where they come from)" if missing else None


def _free_ports():
    """A first port with what fleet/shards uses above it free: 10 a shard."""
    for first in range(21000 + os.getpid() % 100 * 100, 60000, 100):
        sockets = [socket.socket() for _ in range(6)]
        try:
            for number, listener in enumerate(sockets):
                listener.bind(("127.0.0.1", first + 10 * (1 + number // 3) + number % 3))
            return first
        except OSError:
            continue
        finally:
            for listener in sockets:
                listener.close()
    raise AssertionError("no free ports")


class Cluster:
    """The shards, and a tshark that the commands use."""

    def __init__(self, tshark, directory):
        self.directory = Path(directory)
        self.tshark = shlex.join(tshark.command("tshark"))
        self._port = str(_free_ports())

    def __enter__(self):
        try:
            self.start()
            for shard in SHARDS:
                for script in ("schema.sql", "questions.sql"):
                    self._client(shard, "--multiquery", text=(FLEET / script).read_text(encoding="utf-8"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._shards("stop")

    def _shards(self, what, *arguments):
        subprocess.run([FLEET / "shards", what, self.directory, *arguments], check=True, stdin=subprocess.DEVNULL)

    def start(self):
        """Brings up the shards that do not run."""
        self._shards("start", str(len(SHARDS)), self._port)

    def kill(self, shard):
        """As a crash does it."""
        os.kill(self.process(shard), signal.SIGKILL)

    def process(self, shard):
        return int((self.directory / str(shard) / "pid").read_text(encoding="ascii"))

    def _client(self, shard, *arguments, text=""):
        done = subprocess.run([self.directory / f"client-{shard}", *arguments], input=text.encode(),
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode(errors="surrogateescape")

    def ask(self, query, shard=1):
        """The rows of an answer, with values as JSON has them."""
        settings = ["--output_format_json_quote_64bit_integers=0"]
        answer = self._client(shard, *settings, "--query", query, "--format", "JSONCompact")
        return json.loads(answer)["data"]

    def run(self, statement):
        """A statement that has no answer, on shard 1."""
        self._client(1, "--query", statement)

    def clear(self):
        """Empties the tables."""
        for shard in SHARDS:
            for table in TABLES:
                self._client(shard, "--query", f"TRUNCATE TABLE crm.{table}")

    def environment(self, **changes):
        return {**os.environ, "TSHARK": self.tshark, "CLICKHOUSE_CLIENT": str(self.directory / "client"), **changes}

    def try_to_load(self, point, *arguments, **environment):
        """crm-load's exit status, and what it said."""
        done = subprocess.run([FLEET / "crm-load", "--point", point, *map(str, arguments)], capture_output=True, text=True,
                              env=self.environment(**environment), stdin=subprocess.DEVNULL, check=False)
        assert not done.stdout
        return done.returncode, done.stderr

    def load(self, point, *arguments):
        status, said = self.try_to_load(point, *arguments)
        assert status == 0, said
        return said
