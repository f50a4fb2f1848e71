# SPDX-License-Identifier: GPL-2.0-or-later
"""Two shards of ClickHouse on loopback, and fleet/'s own commands at work on them.

    with Cluster(tshark, directory) as cluster:
        cluster.load("host1", capture)
        cluster.ask("SELECT count() FROM crm.datagrams") == [[8]]
"""

import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import rows

FLEET = Path(__file__).resolve().parents[2] / "fleet"
SHARDS = (1, 2)
TABLES = ("names_of_rows", "rows_local", "loads_local", "names_local")


def obstacle():
    """Why there can be no cluster here; None when there can."""
    missing = [tool for tool in ("clickhouse-server", "clickhouse-client", "parallel") if not shutil.which(tool)]
    return f"not installed: {', '.join(missing)} (docs/fleet.md says where they come from)" if missing else None


def free_ports():
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
        self._runner = tshark
        self._port = free_ports()

    def __enter__(self):
        try:
            self.start()
            self._create("schema.sql", "questions.sql")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([FLEET / "shards", "remove", self.directory], check=True, stdin=subprocess.DEVNULL)

    def start(self):
        """Brings up the shards that do not run. They end with this process, whatever ends it."""
        subprocess.run([FLEET / "shards", "start", self.directory, str(len(SHARDS)), str(self._port), str(os.getpid())],
                       check=True, stdin=subprocess.DEVNULL)

    def kill(self, shard):
        """As a crash does it."""
        os.kill(self.process(shard), signal.SIGKILL)

    def process(self, shard):
        return int((self.directory / str(shard) / "pid").read_text(encoding="ascii"))

    def _tell(self, shard, statement, **settings):
        """A shard's answer by HTTP: a client takes longer to start than most answers take."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port + 10 * shard + 1)
        try:
            connection.request("POST", "/?" + urlencode(settings), statement)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        assert response.status == 200, answer.decode(errors="replace")
        return answer

    def ask(self, query, shard=1):
        """The rows of an answer, with values as JSON has them."""
        answer = self._tell(shard, f"{query} FORMAT JSONCompact".encode(), output_format_json_quote_64bit_integers=0)
        return json.loads(answer.decode(errors="surrogateescape"))["data"]

    def run(self, statement, shard=1):
        """A statement that has no answer."""
        self._tell(shard, statement.encode())

    def _create(self, *scripts):
        for script in scripts:
            for shard in SHARDS:
                subprocess.run([self.directory / f"client-{shard}", "--multiquery"], check=True,
                               input=(FLEET / script).read_bytes())

    def clear(self):
        """Empties the tables. (What TRUNCATE takes away comes back when the server is killed soon after.)"""
        for shard in SHARDS:
            for table in TABLES:
                self.run(f"DROP TABLE crm.{table}", shard)
        self._create("schema.sql")

    def insert(self, *files):
        """What crm-load does with files, each a point and its capture, without the programs that it starts for each:
        for what is asked of their rows."""
        read = [rows.read(self._runner, point, path) for point, path in files]
        for table, contents in zip((f"rows ({','.join(rows.CRM_ROWS.COLUMNS)})", "loads"), zip(*read)):
            self._tell(1, f"INSERT INTO crm.{table} FORMAT TabSeparated\n".encode() + b"".join(contents),
                       insert_distributed_sync=1)

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
