# SPDX-License-Identifier: GPL-2.0-or-later
"""What dialogues of any shape cost, in whatever order they are read: whether cost grows with the datagrams and
no faster, what one leaves in memory, and what a byte of the longest datagrams takes."""

import math

import figures
import generate
from figures import Target, rss, table

TIMES = 4           # how many times as many datagrams the larger capture of a shape has
AT_MOST = 5         # ... and how many times as long that may take
DATAGRAMS = 20_000
A_DATAGRAM = 400    # bytes that one may leave in memory
A_BYTE = 2          # of a long datagram, in units of a ProbeInit's

RUNS = {"list": "one pass", "left-out": "-2 -R", "two-verbose": "-2 -V"}

# A run as short as the start-up's noise has no ratio.
NOISE = 0.15

# Of some eighty pairs of runs, noise alone takes a few beyond AT_MOST: those are measured again, as often as this, and
# the fastest run of each counts. What grows too fast does so each time.
AGAIN = 4


def growth(series, shape, run):
    """How many times as long the larger capture takes, and how long, less the start-up's."""
    small, large = (max(figures.least(series["crm", shape, count, run]), NOISE) for count in (1, TIMES))
    return large / small, large


def measure_again(bench, jobs, series):
    """More runs of what seems to grow too fast, added to its series."""
    for _ in range(AGAIN):
        odd = {(shape, run) for contender, shape, _, run in jobs
               if contender == "crm" and run in RUNS and growth(series, shape, run)[0] > AT_MOST}
        if not odd:
            return
        bench.say("again: " + "; ".join(f"{shape}, {RUNS[run]}" for shape, run in sorted(odd)))
        again = {key: job for key, job in jobs.items() if (key[1], key[3]) in odd}
        for key, more in bench.series(again, bench.args.rounds).items():
            series[key] = figures.Series(series[key].usages + more.usages, series[key].start)


def _left(series, shape):
    """Bytes that a datagram more leaves in memory, beyond what it leaves without CRM.

    Without name resolution: what Wireshark's resolver keeps of a name that it is told is its own, and outlives the file."""
    own = [rss(series["crm", shape, count, "unresolved"]) - rss(series["floor", shape, count, "unresolved"])
           for count in (1, TIMES)]
    return (own[1] - own[0]) / (DATAGRAMS * (TIMES - 1))


def measure_dialogues(bench):
    """Each shape, and TIMES as many datagrams of it."""
    picked = bench.pick(["floor", "crm"])
    if len(picked) < 2:
        return
    captures = {count: bench.capture("dialogues", datagrams=DATAGRAMS * count) for count in (1, TIMES)}
    jobs = {}
    for shape in generate.DIALOGUES:
        for count, directory in captures.items():
            path = f"{directory}/{generate.file_name(shape)}.pcapng"
            jobs.update({(c.name, shape, count, "unresolved"): (c, "unresolved", path) for c in picked})
            jobs.update({("crm", shape, count, run): (picked[-1], run, path) for run in RUNS})
    bench.say(f"{len(generate.DIALOGUES)} shapes of dialogues")
    series = bench.series(jobs, bench.args.rounds)
    measure_again(bench, jobs, series)
    _report(bench, series)


def _report(bench, series):
    rows, worst = [], {run: (0, "") for run in RUNS}
    left = {shape: _left(series, shape) for shape in generate.DIALOGUES}
    for shape in generate.DIALOGUES:
        row = [shape]
        for run in RUNS:
            times, seconds = growth(series, shape, run)
            worst[run] = max(worst[run], (times, shape))
            row += [f"{seconds:.2f}", f"{times:.2f}"]
        rows.append([*row, f"{left[shape]:.0f}"])
    columns = ["shape", *(word for run in RUNS.values() for word in (f"{run}, s", "times")), "bytes a datagram"]
    bench.tables.append(table(f"Dialogues: {TIMES} times {DATAGRAMS:,} datagrams of each", columns, rows))
    bench.targets += [Target(f"{RUNS[run]}, time of {TIMES} times the datagrams, worst ({shape})", times,
                             at_most=AT_MOST) for run, (times, shape) in worst.items()]
    most = max(left, key=left.get)
    bench.targets.append(Target(f"bytes that a datagram leaves, worst ({most})", left[most], at_most=A_DATAGRAM))


def measure_big(bench):
    """A byte of the longest datagrams, in units of a ProbeInit's."""
    picked = bench.pick(["crm"])
    if not picked:
        return
    size = bench.args.bytes
    big, shapes = bench.capture("big", bytes=size), bench.capture("shapes", bytes=size)
    names = ["ProbeInit", *generate.BIG]
    jobs = {(name, run): (picked[0], run, f"{shapes if name == 'ProbeInit' else big}/{generate.file_name(name)}.pcapng")
            for name in names for run in ("list", "verbose")}
    bench.say("the longest datagrams")
    series = bench.series(jobs, bench.args.rounds)
    rows = []
    for run in ("list", "verbose"):
        cost = {name: max(figures.net(series[name, run]), 0) for name in names}
        worst = max(generate.BIG, key=cost.get)
        times = cost[worst] / cost["ProbeInit"] if cost["ProbeInit"] else math.inf
        rows.append([run, *(f"{cost[name] / cost['ProbeInit']:.2f}" for name in generate.BIG)])
        bench.targets.append(Target(f"{run}, a byte of the longest datagrams ({worst}) / of a ProbeInit", times,
                                    at_most=A_BYTE))
    bench.tables.append(table(f"The longest datagrams: {size:,} bytes of each, in units of a ProbeInit's",
                              ["", *generate.BIG], rows))
