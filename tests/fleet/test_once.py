# SPDX-License-Identifier: GPL-2.0-or-later
"""Every datagram is there once, whatever happens to a load, and what a sender wrote comes back as it was."""

import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import cluster as clickhouse
import generate
import pytest
import rows
from content import register_ack
from test_rows import HOSTILE

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
SAMPLES = {"session-jsonpickle1.4-py3.8": 21, "register-retry": 28, "ipv6": 2}
KEYS = "SELECT point, file, frame_number, datagram FROM crm.datagrams"


def samples(directory):
    for name in SAMPLES:
        shutil.copyfile(PCAPS / f"{name}.pcapng", directory / f"{name}.pcapng")
    return [directory / f"{name}.pcapng" for name in SAMPLES]


EVERY_FRAME = sorted(["here", f"{name}.pcapng", frame, 1] for name, number in SAMPLES.items() for frame in range(1, number + 1))


def everything(cluster):
    return sorted(cluster.ask(KEYS))


def test_what_a_sender_wrote_comes_back(cluster, tshark, directory):
    capture = tshark.capture([register_ack(text=text) for text in HOSTILE])
    expected = rows.of(tshark, "--point", "a\tb\\c'", capture)
    cluster.load("a\tb\\c'", capture)
    columns = [column for column in rows.CRM_ROWS.COLUMNS if column != "load"]
    found = cluster.ask(f"SELECT {', '.join(columns)} FROM crm.datagrams ORDER BY frame_number")
    for row, values in zip(expected, found, strict=True):
        for column, value in zip(columns, values):
            assert as_text(value) == as_text(row[column]), column


def as_text(value):
    """A value of ClickHouse's JSON and one of a row in one form."""
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else None if value is None else str(value)


def test_why_a_table_takes_no_rows(cluster, directory):
    """As one does that an older schema.sql made. The client ends before the first row comes."""
    client = directory / "client"
    client.write_text("#!/bin/sh\ncase $* in *INSERT*) echo 'Code: 16. DB::Exception: No such column crm_x' >&2; exit 16;; esac\n",
                      encoding="utf-8")
    client.chmod(0o755)
    status, said = cluster.try_to_load("here", *samples(directory), CLICKHOUSE_CLIENT=str(client))
    assert status == 1 and said.count("No such column crm_x") == len(SAMPLES), said


def test_loading_twice_doubles_nothing(cluster, directory):
    paths = samples(directory)
    cluster.load("here", *paths)
    assert everything(cluster) == EVERY_FRAME
    assert "0 files loaded, 3 were there before" in cluster.load("here", *paths)
    assert "3 files loaded" in cluster.load("here", "--again", *paths)
    assert everything(cluster) == EVERY_FRAME
    assert cluster.ask("SELECT count(), sum(rows) FROM crm.dead_loads") == [[3, len(EVERY_FRAME)]]
    for question in ("SELECT sum(answers) FROM crm.response_times", "SELECT sum(datagrams) FROM crm.encodings"):
        assert cluster.ask(question) == cluster.ask(question, shard=2)
    # What a server has lost comes back; and the same file of another point is another one.
    cluster.run("TRUNCATE TABLE crm.rows_local", shard=2)
    kept = cluster.ask(f"SELECT count() FROM crm.datagrams WHERE file = '{paths[1].name}'")
    assert "1 files loaded" in cluster.load("here", paths[1])
    assert [[0]] < kept < cluster.ask(f"SELECT count() FROM crm.datagrams WHERE file = '{paths[1].name}'") == [[28]]
    assert "1 files loaded" in cluster.load("it's there", paths[1])


def test_all_rows_of_a_dead_load_are_counted(cluster, tshark):
    """Those of each interface of a file, though each is a point of its own."""
    capture = tshark.readable(PCAPS / "two-points.pcapng")
    cluster.insert(("here", capture), ("here", capture))
    assert cluster.ask("SELECT uniqExact(point) FROM crm.datagrams") == [[2]]
    assert cluster.ask("SELECT rows FROM crm.dead_loads") == cluster.ask("SELECT count() FROM crm.datagrams")


def test_a_name_that_a_ring_buffer_uses_again_is_another_file(cluster, directory):
    path = directory / "ring_00001.pcapng"
    for name in ("session-jsonpickle1.4-py3.8", "register-retry"):
        shutil.copyfile(PCAPS / f"{name}.pcapng", path)
        cluster.load("here", path)
    assert cluster.ask("SELECT count() FROM crm.datagrams") == [[49]]


def test_a_file_that_grew_is_the_same_file(cluster, directory):
    """As one that dumpcap was still writing when it was loaded first."""
    path = directory / "ring_00001.pcapng"
    generate.write(path, generate.crm(20, workers=5))
    cluster.load("here", path)
    generate.write(path, generate.crm(50, workers=5))
    cluster.load("here", path)
    assert [row[2] for row in everything(cluster)] == list(range(1, 51))


def test_a_file_that_fails_is_named_and_not_half_there(cluster, directory):
    """The rest is loaded. What was cut is loaded when it is whole, and then once."""
    paths = samples(directory)
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[:5000])
    status, said = cluster.try_to_load("here", *paths, directory / "none.pcapng")
    assert status == 1 and said.rstrip().endswith(
        f"2 FAILED, for the reasons above:\n  {paths[1]}\n  {directory}/none.pcapng") and "cut short" in said
    assert {row[1] for row in everything(cluster)} == {paths[0].name, paths[2].name}
    assert cluster.ask(f"SELECT count() > 0 FROM crm.rows WHERE file = '{paths[1].name}'") == [[1]]
    paths[1].write_bytes(whole)
    assert "1 files loaded, 2 were there before" in cluster.load("here", *paths)
    assert everything(cluster) == EVERY_FRAME


def test_a_file_without_crm_is_loaded_as_such(cluster, directory):
    path = directory / "foreign.pcapng"
    generate.write(path, generate.foreign(3))
    cluster.load("here", path)
    assert cluster.ask("SELECT file, rows, present FROM crm.files") == [["foreign.pcapng", 0, 0]]
    assert "1 were there before" in cluster.load("here", path)


SSH = """#!/bin/sh
# In place of ssh: the host's shell begins in a directory of its own, and takes the command as one text.
while [ "$1" != reader1 ]; do shift; done
shift
[ "$1" != -- ] || shift
cd / && SHELL=%s exec sh -c "$*"
"""


def test_where_the_scripts_lie_does_not_matter(cluster, directory):
    """As in a clone whose directory has a space in its name: GNU parallel gives each job to a shell."""
    place = directory / "it's a clone"
    place.mkdir()
    for name in ("crm-load", "crm-rows"):
        shutil.copy(clickhouse.FLEET / name, place)
    done = subprocess.run([place / "crm-load", "--point", "p", *samples(directory)], stdin=subprocess.DEVNULL, check=False,
                          stderr=subprocess.PIPE, text=True, env=cluster.environment())
    assert done.returncode == 0 and done.stderr == "crm-load: 3 files loaded\n"


def load_through(ssh, cluster, directory):
    """crm-load's status, and what it said."""
    path = directory / "ssh"
    path.write_text(ssh, encoding="ascii")
    path.chmod(0o755)
    names = [path.name for path in samples(directory)]
    done = subprocess.run([clickhouse.FLEET / "crm-load", "--point", "it's rack 7", *names], cwd=directory, check=False,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          env=cluster.environment(PARALLEL=f"--ssh {path} --sshlogin reader1"))
    return done.returncode, done.stderr


def test_files_are_read_on_another_machine(cluster, directory):
    """As GNU parallel does it with --sshlogin: what is named from here is found there."""
    status, said = load_through(SSH % "/bin/sh", cluster, directory)
    assert status == 0 and said == "crm-load: 3 files loaded\n"
    assert everything(cluster) == sorted(["it's rack 7", *row[1:]] for row in EVERY_FRAME)


def test_a_machine_that_runs_nothing_has_loaded_nothing(cluster, directory):
    """Though GNU parallel says that all went well, as it does of a machine whose login names no shell."""
    status, said = load_through(SSH % "''", cluster, directory)
    assert status == 1 and said.count("did not run") == 3
    assert said.endswith("3 FAILED, for the reasons above:\n" + "".join(f"  {name}.pcapng\n" for name in SAMPLES))


BIT_BY_BIT = ["--max_insert_block_size=10", "--min_insert_block_size_rows=10", "--min_insert_block_size_bytes=0"]


def killer(cluster, directory, shard, after):
    """A tshark that kills a shard, as a crash does, in the middle of the first file that it prints: when so many of its
    lines are out, and some have become rows of that shard. It leaves in `landed` how many."""
    script = directory / "tshark"
    script.write_text(f"""#!/bin/bash
count() {{
    {cluster.directory}/client-{shard} --query 'SELECT count() FROM crm.rows_local' </dev/null
}}
{cluster.tshark} "$@" | {{
    if mkdir {directory}/killed 2>/dev/null; then
        for ((line = 0; line < {after}; line++)); do
            IFS= read -r row && printf '%s\\n' "$row"
        done
        until landed=$(count) && ((landed > 0)); do
            :
        done
        kill -KILL {cluster.process(shard)}
        echo "$landed" >{directory}/landed
    fi
    cat
}}
exit "${{PIPESTATUS[0]}}"
""", encoding="utf-8")
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("shard", [1, 2])
def test_a_shard_dies_during_a_load(cluster, directory, shard):
    """It had rows by then, and others never came. It is started again, the load is repeated: all rows are there, once."""
    paths = []
    for number in range(2):
        paths.append(directory / f"{number}.pcapng")
        generate.write(paths[-1], generate.crm(150, workers=9, seed=number))
    directory.chmod(0o777)      # what stands in for tshark leaves files here
    client = shlex.join([str(cluster.directory / "client"), *BIT_BY_BIT])
    try:
        status, said = cluster.try_to_load("here", "--jobs", "1", *paths, CLICKHOUSE_CLIENT=client,
                                           TSHARK=killer(cluster, directory, shard, after=120))
        assert status == 1 and "2 FAILED" in said, said
    finally:
        cluster.start()
    landed = int((directory / "landed").read_text(encoding="ascii"))
    there, = cluster.ask("SELECT count() FROM crm.rows_local", shard)[0]
    everywhere, = cluster.ask("SELECT count() FROM crm.rows WHERE file = '0.pcapng'")[0]
    assert 0 < landed <= there <= everywhere < 150
    assert everything(cluster) == []
    cluster.load("here", *paths)
    assert everything(cluster) == [["here", f"{number}.pcapng", frame, 1] for number in range(2) for frame in range(1, 151)]
    assert cluster.ask("SELECT count() FROM crm.files WHERE rows = present") == [[2]]


def test_started_while_it_ends(cluster):
    """What was killed just now may still be there when it is to be started; or it has ended, and nobody was told."""
    server = os.pidfd_open(cluster.process(2))
    cluster.kill(2)
    select.select([server], [], [])
    os.close(server)
    with subprocess.Popen(["sleep", "1"]) as ending:
        (cluster.directory / "2/pid").write_text(f"{ending.pid}\n", encoding="ascii")
        cluster.start()
    assert cluster.ask("SELECT 1", shard=2) == [[1]]


def test_nobody_else_reaches_a_shard(shards):
    """There is no password. To who listens on all addresses, 127.0.0.2 is another way."""
    ports = re.findall(r"_port>(\d+)<", (shards.directory / "1/config.xml").read_text(encoding="utf-8"))
    assert len(ports) == 3
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", int(port)))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_its_owner(shards, directory, end):
    """Whatever ends it: nobody else knows of them."""
    with subprocess.Popen(["sleep", "infinity"]) as owner:
        subprocess.run([clickhouse.FLEET / "shards", "start", directory / "own", "1", str(clickhouse.free_ports()),
                        str(owner.pid)], check=True, stdin=subprocess.DEVNULL)
        server = os.pidfd_open(int((directory / "own/1/pid").read_text(encoding="ascii")))
        try:
            assert select.select([server], [], [], 0)[0] == []
            owner.send_signal(end)
            owner.wait()
            select.select([server], [], [])
        finally:
            os.close(server)
