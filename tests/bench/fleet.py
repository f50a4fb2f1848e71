# SPDX-License-Identifier: GPL-2.0-or-later
"""The sections `fleet` and `fleet-size` of script/bench: rows a second into two shards of ClickHouse, and what many
rows take there: bytes on disk, and seconds and memory for each question.

A job is what loads one file: tshark, crm-rows and the client. It is bound to a processor of its own, so that "one
process" and "two processes" are one processor's work and two's, whatever else the machine has; the servers are bound
to none. Time is that of a clock on the wall, as rows a second are what is asked for, and the contenders take turns.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from figures import Target, table
from measure import BenchError, NOBODY

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/fleet"), str(ROOT / "tests/lib")]

import cluster as clickhouse  # noqa: E402  (it stands in tests/fleet)
import rows  # noqa: E402  (likewise)

FILES = 4
SITE, PIECE = 100_000, 25_000   # datagrams of a site, a collector and its workers, and of a file of its ring buffer
QUESTIONS = ["conflicts", "encodings", "gave_up", "losses", "malformed", "pairs_across_files", "response_times",
             "silences", "unanswered_probes"]
# How -T ek's lists of texts become the columns of the table. It has no texts of findings, and one row a frame.
EK = {"key": "{0}[1]", "text": "if(empty({0}), NULL, {0}[-1])", "number": "toInt64OrNull({0}[-1])",
      "flag": "if(empty({0}), NULL, {0}[-1] IN ('1', 'True'))", "texts": "{0}",
      "time": "if(empty({0}), NULL, toInt64(toFloat64OrZero({0}[-1]) * 1e9))",
      "numbers": "arrayMap(x -> toUInt32OrZero(x), {0})", None: "{0}"}
EK_HEAD = {"load": "toUInt64(1)", "point": "'ek'", "file": "'ek'", "file_start": "toInt64(0)",
           "frame_number": "toUInt32OrZero(ek_frame_number[1])", "datagram": "toUInt16(1)",
           "frame_time_epoch": "toInt64(toFloat64OrZero(ek_frame_time_epoch[1]) * 1e9)", "ip_src": "ek_ip_src[-1]",
           "ip_dst": "ek_ip_dst[-1]", "udp_srcport": "toUInt16OrZero(ek_udp_srcport[-1])",
           "udp_dstport": "toUInt16OrZero(ek_udp_dstport[-1])", "vlan_id": "arrayMap(x -> toUInt16OrZero(x), ek_vlan_id)",
           "udp_payload": "''"}


class Runner:
    """As the tests' Tshark, with the benchmark's plugin."""

    def __init__(self, environment):
        self._environment = environment

    def command(self, *program):
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        pairs = [f"{name}={value}" for name, value in self._environment.items()]
        return [*(drop if os.geteuid() == 0 else []), "env", "-i", *pairs, *program]


@contextmanager
def shards(bench, environment):
    obstacle = clickhouse.obstacle()
    if obstacle:
        raise BenchError(obstacle)
    directory = Path(bench.directory, "shards")
    directory.mkdir()
    with clickhouse.Cluster(Runner(environment), directory) as running:
        yield running


def on_processors(processors, command, **options):
    """Seconds that a command takes on these processors."""
    start = time.monotonic()
    done = subprocess.run(["taskset", "-c", processors, *map(str, command)], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, **options)
    if done.returncode:
        raise BenchError(f"{command[0]}: {done.stderr.decode(errors='replace')[:400]}")
    return time.monotonic() - start


def load(running, files, jobs, processors):
    """crm-load, and that all rows are there."""
    running.clear()
    seconds = on_processors(processors, [ROOT / "fleet/crm-load", "--point", "here", "--jobs", jobs, *files],
                            env=running.environment())
    return seconds


def ek_tables(running):
    """A table in memory that takes -T ek's objects. Returns the statement that turns them into rows."""
    names = sorted({*(name.replace(".", "_") for name in rows.CRM_ROWS.NAMES), "frame_number", "frame_time_epoch",
                    "ip_src", "ip_dst", "udp_srcport", "udp_dstport", "vlan_id"})
    running.run(f"CREATE TABLE crm.ek ({', '.join(f'{name} Array(String)' for name in names)}) ENGINE = Memory")
    kinds = {**dict(rows.CRM_ROWS.FIELDS), **dict.fromkeys(rows.CRM_ROWS.FINDINGS)}
    made = {**EK_HEAD, **{name.replace(".", "_"): EK[kind].format("ek_" + name.replace(".", "_")) for name, kind in kinds.items()}}
    kind_of = {column: kind for column, kind, *_ in running.ask("DESCRIBE TABLE crm.rows")}
    columns = [f"CAST({made[column]} AS {kind_of[column]}) AS {column}" for column in rows.CRM_ROWS.COLUMNS]
    renamed = ", ".join(f"{name} AS ek_{name}" for name in names)   # or an alias would stand for the column
    return (f"INSERT INTO crm.rows ({', '.join(rows.CRM_ROWS.COLUMNS)}) SELECT {', '.join(columns)}"
            f" FROM (SELECT {renamed} FROM crm.ek)")


def load_ek(running, files, turn, processors):
    """-T ek, the frame around its objects cut away, into the same table."""
    running.clear()
    wanted = [word for name in ["frame.number", "frame.time_epoch", "ip.src", "ip.dst", "udp.srcport", "udp.dstport",
                                "vlan.id", *rows.CRM_ROWS.NAMES] for word in ("-e", name)]
    insert = [str(running.directory / "client"), "--insert_distributed_sync=1", "--input_format_skip_unknown_fields=1",
              "--query", "INSERT INTO crm.ek FORMAT JSONEachRow"]
    cut = r"/^{\"index\"/d; s/^.*\"layers\"://; s/}$//"
    script = "; ".join(f"{running.tshark} -2 -r {shlex.quote(str(path))} -Y crm -T ek {shlex.join(wanted)}"
                       f" | sed '{cut}' | {shlex.join(insert)}" for path in files)
    client = [running.directory / "client", "--insert_distributed_sync=1", "--query"]
    running.run("TRUNCATE TABLE crm.ek")
    return (on_processors(processors, ["bash", "-e", "-o", "pipefail", "-c", script])
            + on_processors(processors, [*client, turn]))


def read(running, files, processors):
    """tshark alone, with the fields of a row."""
    return sum(on_processors(processors, [*shlex.split(running.tshark), "-2", "-r", path,
                                          *rows.CRM_ROWS.flat_arguments()]) for path in files)


def measure_fleet(bench):
    """Rows a second, by one process and two, by -T ek, and what tshark alone takes to read the files."""
    args = bench.args
    crm, = bench.pick(["crm"])
    each = args.datagrams // FILES
    files = [Path(bench.capture("crm", datagrams=each, seed=seed)) for seed in range(1, FILES + 1)]
    with shards(bench, bench.tshark.environment(crm)) as running:
        turn = ek_tables(running)
        runs = {"one process": lambda: load(running, files, 1, "0"), "two processes": lambda: load(running, files, 2, "0,1"),
                "-T ek, one process": lambda: load_ek(running, files, turn, "0"),
                "tshark alone, one process": lambda: read(running, files, "0")}
        seconds = {name: [] for name in runs}
        for number in range(args.rounds):
            for name, run in runs.items() if number % 2 else reversed(runs.items()):
                bench.say(f"fleet, {name}")
                seconds[name].append(run())
                if "tshark alone" not in name and running.ask("SELECT count() FROM crm.rows") != [[FILES * each]]:
                    there, = running.ask("SELECT count() FROM crm.rows")
                    raise BenchError(f"{name}: {there[0]} rows of {FILES * each}")
    _report(bench, seconds, FILES * each)


def ratio(seconds, name, other):
    """How many times as long one takes: the median of the rounds' ratios."""
    return median(a / b for a, b in zip(seconds[name], seconds[other], strict=True))


def _report(bench, seconds, count):
    listed = [[name, f"{median(taken):.1f}", f"{count / median(taken):,.0f}", f"{ratio(seconds, name, 'one process'):.2f}"]
              for name, taken in seconds.items()]
    bench.tables.append(table(f"Fleet: {count:,} datagrams in {FILES} files, into two shards",
                              ["", "s", "rows a second", "of one process"], listed,
                              "Wall time. A process: tshark, crm-rows and the client, all on one processor."))
    bench.targets.append(Target("rows a second, two processes / one", ratio(seconds, "one process", "two processes"),
                                at_least=1.7))


def ring(bench, site):
    """What a site says, in the files of a ring buffer."""
    whole = Path(bench.capture("crm", datagrams=SITE, seed=site, site=f"-{site}"))
    directory = Path(bench.directory, f"ring-{site}")
    directory.mkdir()
    subprocess.run(["editcap", "-c", str(PIECE), whole, directory / "ring.pcapng"], check=True)
    whole.unlink()
    files = sorted(directory.iterdir())
    for path in files:
        path.chmod(0o644)
    directory.chmod(0o755)
    return files


def load_site(running, files, site):
    """Seconds to load a site's files as two points have them."""
    start = time.monotonic()
    for point in ("here", "there"):
        done = subprocess.run([ROOT / "fleet/crm-load", "--point", f"{point}-{site}", *files], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False, env=running.environment())
        if done.returncode:
            raise BenchError(f"crm-load: {done.stderr.decode(errors='replace')[:400]}")
    return time.monotonic() - start


class Memory:
    """The servers' memory, in bytes."""

    def __init__(self, running):
        self._processes = [Path(f"/proc/{running.process(shard)}") for shard in clickhouse.SHARDS]

    def forget(self):
        for process in self._processes:
            (process / "clear_refs").write_text("5", encoding="ascii")

    def peak(self):
        return sum(1024 * int(re.search(r"^VmHWM:\s*(\d+)", (process / "status").read_text(encoding="ascii"), re.MULTILINE)[1])
                   for process in self._processes)


def put(running, question, memory):
    """Rows of an answer, seconds, and the servers' peak memory."""
    memory.forget()
    start = time.monotonic()
    answer = running.ask(question)
    return len(answer), time.monotonic() - start, memory.peak()


def measure_fleet_size(bench):
    """Many rows: how long they take to come in, their space, and what a question costs over all of them."""
    crm, = bench.pick(["crm"])
    sites = max(bench.args.rows // (2 * SITE), 1)
    count = 2 * SITE * sites
    with shards(bench, bench.tshark.environment(crm)) as running:
        seconds = 0
        for site in range(1, sites + 1):
            bench.say(f"fleet-size, site {site} of {sites}")
            files = ring(bench, site)
            seconds += load_site(running, files, site)
            shutil.rmtree(files[0].parent)
        there, = running.ask("SELECT count() FROM crm.datagrams")
        if there != [count]:
            raise BenchError(f"fleet-size: {there[0]} rows of {count}")
        size = sum(running.ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'crm'", shard)[0][0]
                   for shard in clickhouse.SHARDS)
        memory, found = Memory(running), {}
        for name in QUESTIONS:
            bench.say(f"fleet-size, {name}")
            found[name] = put(running, f"SELECT * FROM crm.{name}", memory)
    _report_size(bench, count, seconds, size, found)


def _report_size(bench, count, seconds, size, found):
    note = (f"Loaded in {seconds:,.0f} s by {os.cpu_count()} processes, {count / seconds:,.0f} rows a second; on disk"
            f" {size / count:.0f} bytes a row. Wall time, once. Peak: memory of both servers together.")
    listed = [[f"crm.{name}", f"{rows_found:,}", f"{taken:.1f}", f"{peak / 2**20:,.0f}"]
              for name, (rows_found, taken, peak) in found.items()]
    bench.tables.append(table(f"Fleet: {count:,} rows of {2 * SITE // PIECE * (count // (2 * SITE)):,} files in two shards",
                              ["question", "rows of its answer", "s", "peak MiB"], listed, note))
