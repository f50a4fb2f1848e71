# SPDX-License-Identifier: GPL-2.0-or-later
"""No answer depends on where a file was cut, nor on which point saw a probe."""

import subprocess

import generate
import pcapng
import pytest
import scenario

# What is asked, without the names of files and numbers of frames.
QUESTIONS = [
    "SELECT worker, collector, exchange, hour, answers, seconds, longest_seconds FROM crm.response_times",
    "SELECT worker, collector, address, since, until, missed_probes FROM crm.silences",
    "SELECT collector, id, time FROM crm.unanswered_probes",
    "SELECT worker, collector, times, first, last, last_message, registered_since FROM crm.gave_up",
    "SELECT finding, ip_src, times, datagrams, first, last, example FROM crm.malformed",
    "SELECT ip_src, crm_encoding, enums, datagrams, first, last FROM crm.encodings",
    "SELECT conflict, what, arraySort(has), first, last FROM crm.conflicts",
    "SELECT type, worker, collector, seen_at, missed_at, datagrams FROM crm.losses",
]

# Copies of a mirror port, a worker that falls silent and returns, another that does not, one that gives up, an answer
# that comes after the next probe, a worker that numbers its answers itself, and a probe that nobody answers.
DIALOGUE = """
host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
host worker1 WORKER 10.0.0.11 workerd:10500
host worker2 WORKER 10.0.0.12 workerd:10500

1   0.000000  collector probe 1
2   0.000010  collector repeats 1
3   0.005000  worker1 ack collector 1
4   0.005012  worker1 repeats 3
5   0.006000  worker2 ack collector
6   0.007000  collector ok worker1 1
7   0.007011  collector repeats 6
8   5.000000  collector probe 2
9   10.000000 collector probe 3
10  10.005000 worker1 ack collector 2
11  10.006000 worker1 ack collector 3
12  10.007000 collector fail worker1 3 left=0
13  15.000000 collector probe 4
14  20.000000 collector probe 5
15  20.005000 worker1 ack collector 5
16  20.006000 collector fail worker1 5 left=1
17  25.000000 collector probe 6
"""


def answers(cluster):
    return {question: sorted(cluster.ask(question), key=str) for question in QUESTIONS}


def cut(capture, directory, frames):
    """The capture in files of so many frames, named as a ring buffer names them."""
    subprocess.run(["editcap", "-c", str(frames), capture, directory / "ring.pcapng"], check=True)
    pieces = sorted(directory.glob("ring*.pcapng"))
    for piece in pieces:
        piece.chmod(0o644)
    return pieces


def told(directory):
    """The dialogue above, cut after each frame."""
    return scenario.parse(DIALOGUE).write(directory / "whole.pcapng"), 1


def generated(directory):
    """Traffic of the benchmark."""
    path = directory / "whole.pcapng"
    generate.write(path, generate.crm(240, workers=7))
    path.chmod(0o644)
    return path, 31


@pytest.mark.parametrize("make", [told, generated])
def test_no_answer_depends_on_where_a_file_was_cut(cluster, directory, make):
    whole, frames = make(directory)
    cluster.insert(("here", whole))
    expected = answers(cluster)
    cluster.clear()
    pieces = cut(whole, directory, frames)
    cluster.insert(*(("here", piece) for piece in reversed(pieces)))
    assert len(pieces) > 5 and answers(cluster) == expected


def test_the_dialogue_is_told_as_it_was(cluster, directory):
    """So that the test above compares more than two empty answers."""
    cluster.insert(("here", told(directory)[0]))
    assert cluster.ask("SELECT worker, missed_probes, until IS NOT NULL FROM crm.silences ORDER BY worker, since") == [
        ["worker1", 1, 1], ["worker2", 4, 0]]
    assert cluster.ask("SELECT id FROM crm.unanswered_probes") == [[scenario.ident("4")]]
    assert cluster.ask("SELECT worker, times, registered_since FROM crm.gave_up") == [["worker1", 1, 0]]
    assert cluster.ask("SELECT worker, exchange, answers, round(longest_seconds, 6) FROM crm.response_times"
                       " ORDER BY worker, exchange") == [
        ["worker1", "probe", 4, 5.005], ["worker1", "registration", 3, 0.002], ["worker2", "probe", 1, 0.006]]


HOSTS = """
host collector COLLECTOR 10.0.0.2 coordinatord:10100 collectord:9090
host worker1 WORKER 10.0.0.11 workerd:10500 vlan=10
host worker2 WORKER 10.0.0.11 workerd:10500 vlan=20
host clone4 WORKER 127.0.1.1 workerd:10500 from=10.0.0.13
host clone6 WORKER ::1 workerd:10500 from=10.0.0.14
"""


def test_what_another_file_may_tell(cluster, directory):
    """An answer to what it answers, for two hours; and a name to an address, in the VLAN where that name was heard, though
    another was heard there later. So the address has two. Who announces the loopback's is where it sends from."""
    files = ("1 0 collector probe near vlan=10\n2 1 collector probe far vlan=10",
             "1 7199 worker1 ack collector near\n2 7202 worker1 ack collector far\n3 7210 worker2 ack collector other\n"
             "4 7210 clone4 ack collector other\n5 7210 clone6 ack collector other\n6 7198 worker1 ack collector near",
             "1 7211 collector ok worker1 near vlan=10\n2 7212 collector fail worker1 far left=0 text=first vlan=10")
    scenarios = [scenario.parse(HOSTS + said) for said in files]
    scenarios[1].datagrams[5].payload += b"}"      # no receiver takes it for an answer
    cluster.insert(*(("here", said.write(directory / f"{number}.pcapng")) for number, said in enumerate(scenarios)))
    assert cluster.ask("SELECT id FROM crm.pairs_across_files WHERE role = 2") == [[scenario.ident("near")]]
    assert cluster.ask("SELECT DISTINCT worker FROM crm.messages WHERE type = 3") == [["worker1"]]
    assert cluster.ask("SELECT what, arraySort(has) FROM crm.conflicts") == [["10.0.0.11", ["worker1", "worker2"]]]
    assert cluster.ask("SELECT crm_hostname, home FROM crm.datagrams WHERE crm_hostname LIKE 'clone%' ORDER BY home") == [
        ["clone4", "10.0.0.13"], ["clone6", "10.0.0.14"]]
    # What a worker heard last may have been seen at another point; and a clock may go wrong.
    last = scenario.parse(HOSTS + "1 7212.5 worker1 ack collector last\n2 7213 collector fail worker1 last left=0 text=second\n"
                          "3 9000000000 clone6 ack collector last")
    cluster.insert(("there", last.write(directory / "last.pcapng")))
    assert cluster.ask("SELECT worker, last_message FROM crm.gave_up") == [["worker1", "second"]]
    assert cluster.ask("SELECT max(toUInt32(time)) FROM crm.datagrams") == [[2**32 - 1]]


# Two points

def seen_at(point, directory, missing=(), shift=0):
    """The dialogue of two hosts as one point saw it: without some frames, by a clock of its own."""
    said = scenario.Scenario()
    collector = said.host("collector", "COLLECTOR", "10.0.0.2", [("collectord", 9090)])
    worker = said.host("worker1", "WORKER", "10.0.0.11")
    for second in range(8):
        said.probe(second, collector, f"probe {second}")
        said.ack(second + 0.01, worker, collector, f"probe {second}")
        said.register(second + 0.02, collector, worker, f"probe {second}")
    path = directory / f"{point}.pcapng"
    with pcapng.Writer(path) as writer:
        start = writer.time + shift
        for frame, datagram in enumerate(said.datagrams, 1):
            if frame not in missing:
                writer.udp(datagram.payload, datagram.src, datagram.dst, start + datagram.time)
    path.chmod(0o644)
    return path


def test_losses_between_points_are_named(cluster, directory):
    """An answer lost on its way to the collector, a word on registration on its way to the worker; and at the ends,
    where one point was switched off earlier, nothing is claimed."""
    cluster.insert(("at the collector", seen_at("collector", directory, missing={8})),
                   ("at the worker", seen_at("worker", directory, missing={15, 22, 23, 24}, shift=2.5)))
    losses = cluster.ask("SELECT type, worker, collector, seen_at, missed_at, datagrams, ids FROM crm.losses ORDER BY type")
    assert losses == [
        [2, "worker1", "collector", "at the worker", "at the collector", 1, [scenario.ident("probe 2")]],
        [3, "worker1", "collector", "at the collector", "at the worker", 1, [scenario.ident("probe 4")]]]


def test_an_answer_finds_its_probe_at_another_point(cluster, directory):
    """Where a point sees one direction only. Times are those of one clock, and here there is none."""
    probes = {frame for frame in range(1, 25) if frame % 3 == 1}
    cluster.insert(("out", seen_at("out", directory, missing=set(range(1, 25)) - probes)),
                   ("back", seen_at("back", directory, missing=probes, shift=-1.5)))
    assert cluster.ask("SELECT request_point, point, id FROM crm.pairs_across_files WHERE role = 2 ORDER BY frame_number") == [
        ["out", "back", scenario.ident(f"probe {second}")] for second in range(8)]
    assert cluster.ask("SELECT * FROM crm.unanswered_probes") == []
    assert cluster.ask("SELECT DISTINCT exchange FROM crm.response_times") == [["registration"]]
