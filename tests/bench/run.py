#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the plugin beside what a user would otherwise pick; see script/bench.

Every figure is the median of several runs, the contenders taking turns so that
what else the machine does hits all of them alike; a ratio of two contenders is
the median of what each round has for it. CPU is the user CPU of the
whole process less that of a run on one packet; it does not depend on the disk,
nor on where the output goes. Exit status: 0 every target met, 1 some missed,
2 the measuring itself failed.
"""

import argparse
import datetime
import math
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from statistics import median

import figures
import generate
from dialogues import measure_big, measure_dialogues
from figures import Series, Target, cpu, relative, rss, spread, table
from fleet import measure_fleet, measure_fleet_size
from measure import BenchError, Tshark, contenders

HERE = pathlib.Path(__file__).resolve().parent
RUNS = {"list": "packet list", "fields": "-T fields", "verbose": "-V", "filter": "display filter",
        "two-pass": "two passes"}
SCALE = 5       # how many times as many datagrams the large capture of `scale` has
WITHIN = 1.15   # cost is to grow with the datagrams within 15%

# run: (contender, what it must take at least, in units of this plugin's time)
TIMES_FASTER = {"list": [("json", 6), ("lua", 4.2)], "fields": [("json", 3)], "verbose": [("json", 2)]}

# run: what it may take at most, in units of the floor's time
OF_THE_FLOOR = {"list": 1.2, "fields": 1.2, "two-pass": 1.25, "filter": 1.12}

# what generate.py writes -> what that is
TRAFFIC = {"session": "a recorded session, again and again", "unlike": "no two datagrams alike",
           "mixed": "one datagram in ten, the others of other applications"}


class Bench:
    """The captures, tshark, and what was found so far."""

    def __init__(self, args, directory):
        self.args, self.directory = args, directory
        lua = shutil.copy(HERE / "crm.lua", directory)
        self.tshark = Tshark(directory)
        self.contenders = contenders(args.build, lua)
        self.prepared = set()
        self.tables, self.targets = [], []
        self.one = self.capture("crm", datagrams=1)

    def capture(self, what, **options):
        """The path of a capture, or of a directory of them, written by a
        process of its own so that this one stays small."""
        name = "-".join([what, *(str(value) for value in options.values())])
        path = os.path.join(self.directory, name)
        if not os.path.exists(path):
            words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
            subprocess.run([sys.executable, "-B", HERE / "generate.py", what, path, *words], check=True)
        return path

    def pick(self, names):
        """The contenders of these names that were asked for, ready to run."""
        picked = [self.contenders[name] for name in names if name in self.args.contenders or name == "none"]
        for contender in picked:
            if contender.name not in self.prepared:
                self.tshark.prepare(contender)
                self.prepared.add(contender.name)
        return picked

    def series(self, jobs, rounds):
        """Measures {key: (contender, run, capture)}, taking turns, as {key: Series}."""
        starts = {(contender.name, run): (contender, run, self.one) for contender, run, _ in jobs.values()}
        usages = {key: [] for key in [*jobs, *starts]}
        for number in range(rounds):
            order = [*starts.items(), *jobs.items()]
            for key, job in order if number % 2 else reversed(order):
                usages[key].append(self.tshark.measure(*job))
        start = {key: median(usage.cpu for usage in usages[key]) for key in starts}
        return {key: Series(usages[key], start[job[0].name, job[1]]) for key, job in jobs.items()}

    def has(self, *names):
        return all(name in self.args.contenders for name in names)

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)


def measure_contenders(bench):
    """Every contender, every run, the same capture."""
    args = bench.args
    capture = bench.capture("crm", datagrams=args.datagrams, workers=args.workers)
    picked = bench.pick(["floor", "crm", "json", "lua"])
    for run in args.runs_of:
        bench.say(RUNS[run])
        found = {c.name: bench.tshark.check(c, run, capture, args.datagrams) for c in picked}
        if run == "filter" and len(set(found.values())) != 1:
            raise BenchError(f"the display filters do not find the same: {found}")
        series = bench.series({c.name: (c, run, capture) for c in picked}, args.rounds)
        _report_run(bench, run, picked, series)


def _report_run(bench, run, picked, series):
    args = bench.args

    def ratio(name, other):
        return f"{relative(series[name], series[other]):.2f}" if other in series else ""

    rows = [[c.title, f"{cpu(series[c.name]):.2f}", f"{1e6 * cpu(series[c.name]) / args.datagrams:.2f}",
             ratio(c.name, "floor"), ratio(c.name, "crm"), f"{spread(series[c.name]):.0%}",
             f"{rss(series[c.name]) / 2**20:.0f}"] for c in picked]
    columns = ["", "s", "µs a datagram", "of the floor", "of this plugin", "spread", "peak MiB"]
    bench.tables.append(table(f"{RUNS[run]}: {args.datagrams:,} datagrams, {args.workers:,} workers", columns, rows))
    if bench.has("floor", "crm"):
        floor, plugin = series["floor"], series["crm"]
        if run in OF_THE_FLOOR:
            bench.targets.append(Target(f"{RUNS[run]}, this plugin / floor", relative(plugin, floor),
                                        at_most=OF_THE_FLOOR[run]))
        if run == "list":
            bench.targets.append(Target("peak memory, this plugin / floor", rss(plugin) / rss(floor), at_most=1.16))
    for name, wanted in TIMES_FASTER.get(run, []):
        if bench.has(name, "crm"):
            title = f"{RUNS[run]}, {bench.contenders[name].title} / this plugin"
            bench.targets.append(Target(title, relative(series[name], series["crm"]), at_least=wanted))


def measure_traffic(bench):
    """The packet list of other traffic than the usual, beside the floor's."""
    picked = bench.pick(["floor", "crm"])
    if len(picked) < 2:
        return
    rows = []
    for what, words in TRAFFIC.items():
        bench.say(words)
        capture = bench.capture(what, datagrams=bench.args.datagrams)
        series = bench.series({c.name: (c, "list", capture) for c in picked}, bench.args.rounds)
        floor, plugin = series["floor"], series["crm"]
        rows.append([words, f"{cpu(floor):.2f}", f"{cpu(plugin):.2f}", f"{relative(plugin, floor):.2f}",
                     f"{rss(plugin) / rss(floor):.2f}"])
    bench.tables.append(table(f"Other traffic of CRM: {bench.args.datagrams:,} datagrams, packet list",
                              ["", "floor, s", "this plugin, s", "of the floor", "peak memory, of the floor"], rows))


def measure_shapes(bench):
    """What a byte of each shape costs, in bytes of a ProbeInit."""
    picked = bench.pick(["crm"])
    if not picked:
        return
    args, plugin = bench.args, picked[0]
    directory = bench.capture("shapes", bytes=args.bytes)
    shapes = {name: len(make(generate.SLOT)) for name, make in generate.shapes().items()}
    found = {}
    for run in ("list", "verbose"):
        bench.say(f"shapes, {RUNS[run]}")
        captures = {name: f"{directory}/{generate.file_name(name)}.pcapng" for name in shapes}
        for name, size in shapes.items():
            bench.tshark.check(plugin, run, captures[name], math.ceil(args.bytes / size))
        found[run] = bench.series({name: (plugin, run, captures[name]) for name in shapes}, args.rounds)
    _report_shapes(bench, shapes, found)


def _report_shapes(bench, shapes, found):
    rows, times = [], {run: {} for run in found}
    reference = {run: _a_byte(bench, cpu(series["ProbeInit"]), shapes["ProbeInit"]) for run, series in found.items()}
    for name, size in shapes.items():
        row = [name, f"{size:,}"]
        for run, series in found.items():
            cost = _a_byte(bench, max(figures.net(series[name]), 0), size)   # refused at once, some take no time
            times[run][name] = cost / reference[run]
            row += [f"{1e9 * cost:.2f}", f"{times[run][name]:.2f}", f"{rss(series[name]) / 2**20:.0f}"]
        rows.append(row)
    columns = ["shape", "bytes"]
    for run in found:
        columns += [f"{RUNS[run]}: ns a byte", "of a ProbeInit", "peak MiB"]
        worst = _worst(times[run])
        bench.targets.append(Target(f"{RUNS[run]}, a byte of the worst shape ({worst}) / of a ProbeInit",
                                    times[run][worst], at_most=10))
    bench.tables.append(table(f"Shapes: {bench.args.bytes:,} bytes of each", columns, rows))


def _worst(times):
    """The name of the shape that costs most."""
    return max((name for name in times if name != "ProbeInit"), key=times.get)


def _a_byte(bench, seconds, size):
    """What a byte of a shape costs, in seconds, when its datagrams have size bytes each."""
    return seconds / (size * math.ceil(bench.args.bytes / size))


def measure_foreign(bench):
    """What the plugin costs on traffic that is none of its business."""
    picked = bench.pick(["none", "crm"])
    if len(picked) < 2:
        return
    count = bench.args.datagrams
    capture = bench.capture("foreign", datagrams=count)
    bench.say("foreign datagrams")
    claimed = {c.name: bench.tshark.count(c, "list", capture) for c in picked}
    if claimed["crm"] != (count, 0) or claimed["none"][0] != count:
        raise BenchError(f"lines, and lines claimed, of {count} foreign datagrams: {claimed}")
    rounds = 8 * bench.args.rounds  # three percent is little beside what two runs differ by
    series = bench.series({c.name: (c, "list", capture) for c in picked}, rounds)
    without, plugin = series["none"], series["crm"]
    first, third = figures.middle_half(plugin, without)
    rows = [[c.title, f"{cpu(series[c.name]):.2f}", f"{spread(series[c.name]):.0%}"] for c in picked]
    rows.append(["times", f"{relative(plugin, without):.3f}", ""])
    bench.tables.append(table(f"{count:,} datagrams of other applications, packet list", ["", "s", "spread"], rows,
                              f"Of {rounds} pairs of runs, half lie between {first:.3f} and {third:.3f} times."))
    bench.targets.append(Target("other applications' datagrams, with / without the plugin",
                                relative(plugin, without), at_most=1.03))


def measure_scale(bench):
    """Whether cost grows with the datagrams and no faster, with thousands of workers."""
    picked = bench.pick(["floor", "crm"])
    if len(picked) < 2:
        return
    args = bench.args
    counts = (args.datagrams, SCALE * args.datagrams)
    captures = {count: bench.capture("crm", datagrams=count, workers=args.many_workers) for count in counts}
    bench.say(f"{counts[0]:,} and {counts[1]:,} datagrams, {args.many_workers:,} workers")
    for contender in picked:
        for count in counts:
            bench.tshark.check(contender, "list", captures[count], count)
    jobs = {(c.name, count): (c, "list", captures[count]) for c in picked for count in counts}
    jobs.update({(c.name, 1): (c, "list", bench.one) for c in picked})
    series = bench.series(jobs, args.rounds)
    one = rss(series["crm", 1]) - rss(series["floor", 1])
    growth = figures.scaling(series["crm", counts[0]], series["crm", counts[1]], series["floor", counts[0]],
                             series["floor", counts[1]], one, counts[0], SCALE)
    _report_scale(bench, counts, series, growth)


def _report_scale(bench, counts, series, growth):
    rows = []
    for count, own in zip(counts, growth["bytes"]):
        plugin, floor = series["crm", count], series["floor", count]
        rows.append([f"{count:,}", f"{cpu(floor):.2f}", f"{cpu(plugin):.2f}", f"{rss(floor) / 2**20:.0f}",
                     f"{rss(plugin) / 2**20:.0f}", f"{own:.0f}"])
    floor = cpu(series["floor", counts[1]]) / cpu(series["floor", counts[0]])
    rows.append(["times, or a datagram more", f"{floor:.2f}", f"{growth['time']:.2f}", "", f"{growth['memory']:.2f}",
                 f"{growth['bytes more']:.0f}"])
    columns = ["datagrams", "floor, s", "this plugin, s", "floor, MiB", "this plugin, MiB", "own bytes a datagram"]
    note = ("Own bytes: what tshark's peak memory is beyond the floor's on the same capture, less what it is beyond"
            " the floor's on one packet, divided by the datagrams.")
    bench.tables.append(table(f"Growth: {bench.args.many_workers:,} workers, packet list", columns, rows, note))
    bench.targets += [
        Target(f"time of {SCALE} times the datagrams", growth["time"], at_most=SCALE * WITHIN),
        Target(f"own memory of {SCALE} times the datagrams", growth["memory"], at_most=SCALE * WITHIN),
        Target("own memory, bytes a datagram", max(*growth["bytes"], growth["bytes more"]), at_most=200),
    ]


def measure_json(bench):
    """The JSON reader alone, beside wsutil's and json-glib."""
    bench.say("the JSON reader alone")
    directory = bench.capture("payloads")
    files = {generate.file_name(name): name for name in generate.shapes()}
    command = [f"{bench.args.build}/tests/bench/json-speed", str(bench.args.rounds),
               *(f"{directory}/{file}.json" for file in files)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    _report_json(bench, files, figures.parse_readings(shown.stdout))


def _report_json(bench, files, readings):
    """A document that is little but tokens may cost more a byte than a
    ProbeInit does, but then no more a token: writing the tokens is the work."""
    columns = ["document", *(f"{reader}, MB/s" for reader in readings), "tokens", "a byte", "a token"]
    ours, reference = readings["json"], readings["json"]["ProbeInit"]
    rows, times = [], {}
    for file, name in files.items():
        a_byte, a_token = figures.costs(ours[file], reference)
        found = [documents[file] for documents in readings.values()]
        speeds = [f"{figures.speed(reading):.1f}" + ("" if reading.taken else " *") for reading in found]
        rows.append([name, *speeds, f"{ours[file].tokens:,}", f"{a_byte:.2f}", f"{a_token:.2f}"])
        times[name] = min(a_byte, a_token)
    note = "\\* = refuses the document. A byte, a token: what json takes for one, in units of a ProbeInit's."
    bench.tables.append(table("The JSON reader alone", columns, rows, note))
    worst = _worst(times)
    title = f"json alone, a byte (or token, if less) of the worst shape ({worst}) / of a ProbeInit"
    bench.targets.append(Target(title, times[worst], at_most=2))
    bench.targets.append(Target("json alone, a ProbeInit: its speed / json_parse's",
                                figures.speed(reference) / figures.speed(readings["json_parse"]["ProbeInit"]),
                                at_least=1))


SECTIONS = {"contenders": measure_contenders, "traffic": measure_traffic, "shapes": measure_shapes,
            "foreign": measure_foreign, "scale": measure_scale, "dialogues": measure_dialogues, "big": measure_big, "json": measure_json,
            "fleet": measure_fleet, "fleet-size": measure_fleet_size}
# What needs servers is measured when it is asked for.
USUAL = [name for name in SECTIONS if not name.startswith("fleet")]


def _processor():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def report(bench):
    """All that was found, in the form that docs/performance.md includes."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    command = shlex.join(["script/bench", *bench.args.words])
    head = [f"- Machine: {_processor()}, {os.cpu_count()} processors, {system}, Linux {platform.release()}",
            f"- Wireshark: {bench.tshark.version}",
            f"- Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}",
            f"- Command: `{command}`",
            f"- Each figure, unless its table says otherwise: the median of {bench.args.rounds} interleaved runs, user CPU of"
            " the whole process less that of a run on one packet; a ratio of two contenders: the median of what each round"
            " has for it", ""]
    rows = [target.row() for target in bench.targets]
    targets = [table("Targets", ["", "measured", "wanted", "verdict"], rows)] if rows else []
    return "\n".join([*head, *bench.tables, *targets])


def _subset(choices):
    def parse(text):
        names = text.split(",")
        unknown = set(names) - set(choices)
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not one of {', '.join(choices)}")
        return names
    return parse


def arguments(words):
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["floor", "crm", "json", "lua"]
    parser.add_argument("--datagrams", type=int, default=200_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="runs of each; below 5 nothing is certain")
    parser.add_argument("--workers", type=int, default=30, metavar="N")
    parser.add_argument("--many-workers", type=int, default=5000, metavar="N", help="for the section scale")
    parser.add_argument("--bytes", type=int, default=16_000_000, metavar="N", help="of each shape")
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N", help="for the section fleet-size")
    parser.add_argument("--sections", type=_subset(SECTIONS), default=USUAL,
                        help=f"{', '.join(SECTIONS)} (all but the last two)")
    parser.add_argument("--runs", dest="runs_of", metavar="RUNS", type=_subset(RUNS), default=list(RUNS),
                        help=", ".join(RUNS))
    parser.add_argument("--contenders", type=_subset(names), default=names, help=", ".join(names))
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the tables there too")
    # For script/bench, before it builds what is measured.
    parser.add_argument("--only-parse", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--build", default="build/bench", help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    args.words = words
    return args


def main(words):
    args = arguments(words)
    if args.only_parse:
        return 0
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as directory:
        os.chmod(directory, 0o755)
        try:
            bench = Bench(args, directory)
            for section in args.sections:
                SECTIONS[section](bench)
            text = report(bench)
        except (BenchError, figures.TooShort, subprocess.CalledProcessError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
    print(text)
    if args.markdown:
        args.markdown.write_text(text, encoding="utf-8")
    return 0 if all(target.met for target in bench.targets) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
