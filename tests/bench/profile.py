# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the instructions that a datagram costs, by function, in a packet list or
another of the benchmark's runs (--run).

Counts, unlike seconds, are the same on a busy machine. Those of a run on one
datagram are taken off, as they are Wireshark's start. The floor (floor.c)
stands for what any dissector costs. --traffic names what is dissected: the
usual, unlike (no two datagrams are alike) or a recorded session. --foreign counts
what datagrams of other applications cost with the plugin and with the floor,
which does not see them: several runs, as Wireshark's tables have another seed in
each. --contenders counts what each of the benchmark's contenders costs in all.
--misses counts what the first-level caches of a usual processor have not.
--growth is growth.py's: whether dialogues of any shape cost more the longer they are,
with --points also where several points capture them, whose clocks are apart.
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parents[1]
sys.path[:0] = [str(BENCH.parent / "lib"), str(BENCH)]

import generate  # noqa: E402
import measure  # noqa: E402
from growth import report_growth  # noqa: E402
from run import RUNS  # noqa: E402
from tshark import Tshark  # noqa: E402

LINE = re.compile(r"\s*([\d,]+) \([^)]*\)\s+(\S+)")


# Two caches of 32 KiB, and one MiB behind them.
CACHES = ["--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64"]


def callgrind(tshark, capture, arguments, *options):
    """What callgrind writes of one run of tshark with these arguments: a path."""
    out = tshark.directory / "write" / "callgrind.out"
    out.unlink(missing_ok=True)
    # strict would also count Wireshark's checks of its own memory
    subprocess.run(tshark.command("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *options, "tshark", "-r",
                                  tshark.readable(capture), *arguments, WIRESHARK_DEBUG_WMEM_OVERRIDE="block_fast"),
                   cwd=tshark.directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out


def count(tshark, capture, arguments):
    """Instructions of one run, by function as callgrind_annotate prints them."""
    out = callgrind(tshark, capture, arguments)
    text = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", str(out)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    functions = collections.Counter()
    for number, name in LINE.findall(text):
        if name != "PROGRAM":
            functions[name.rsplit(":", 1)[-1].split("'")[0]] += int(number.replace(",", ""))
    return functions


def count_misses(tshark, capture, arguments):
    """What the caches have not in one run, by kind."""
    lines = dict(line.split(":", 1) for line in callgrind(tshark, capture, arguments, *CACHES).read_text().splitlines()
                 if line.startswith(("events:", "totals:")))
    events = dict(zip(lines["events"].split(), map(int, lines["totals"].split())))
    return collections.Counter({"instructions": events["I1mr"], "data": events["D1mr"] + events["D1mw"]})


def per_datagram(build, name, directory, args, counted=count):
    """The same, for each datagram: of the benchmark's contender of this name."""
    plugin = measure.contenders(build, "")[name].plugin
    with Tshark(plugin) as tshark:
        contender = measure.contenders(build, tshark.readable(BENCH / "crm.lua"))[name]
        arguments = [*contender.arguments, *measure.run_arguments(args.run, contender)]
        many, one = (counted(tshark, directory / f"{name}.pcapng", arguments) for name in ("many", "one"))
    many.subtract(one)
    return {name: number / (args.datagrams - 1) for name, number in many.items()}


def own(functions, floor):
    """What the plugin adds to the floor, the costliest first."""
    added = {name: number - floor.get(name, 0) for name, number in functions.items()}
    return sorted(added.items(), key=lambda item: -item[1])


def report_functions(build, directory, args):
    floor, crm = (per_datagram(build, name, directory, args) for name in ("floor", "crm"))
    print("| function | instructions a datagram, beyond the floor |\n| --- | ---: |")
    for name, number in own(crm, floor)[:args.functions]:
        print(f"| `{name}` | {number:,.0f} |")
    print(f"| all, of {sum(crm.values()):,.0f}; the floor has {sum(floor.values()):,.0f} "
          f"| {sum(crm.values()) - sum(floor.values()):,.0f} |")


def report_contenders(build, directory, args):
    found = {name: sum(per_datagram(build, name, directory, args).values()) for name in ("floor", "crm", "json", "lua")}
    titles = measure.contenders(build, "")
    print("| | instructions a datagram | of the floor | of this plugin |\n| --- | ---: | ---: | ---: |")
    for name, number in found.items():
        print(f"| {titles[name].title} | {number:,.0f} | {number / found['floor']:.2f} | {number / found['crm']:.2f} |")


def report_foreign(build, directory, args):
    print("| run | with the floor | with the plugin | times |\n| --- | ---: | ---: | ---: |")
    for run in range(1, args.runs + 1):
        floor, crm = (sum(per_datagram(build, name, directory, args).values()) for name in ("floor", "crm"))
        print(f"| {run} | {floor:,.0f} | {crm:,.0f} | {crm / floor:.3f} |")


def report_misses(build, directory, args):
    floor, crm = (per_datagram(build, name, directory, args, count_misses) for name in ("floor", "crm"))
    print("| lines that were not there, a datagram | floor | plugin |\n| --- | ---: | ---: |")
    for kind in ("instructions", "data"):
        print(f"| {kind} | {floor[kind]:,.0f} | {crm[kind]:,.0f} |")
    both = sum(floor.values()), sum(crm.values())
    print(f"| both, the plugin {both[1] / both[0]:.2f} times the floor | {both[0]:,.0f} | {both[1]:,.0f} |")


def main():
    parser = argparse.ArgumentParser(prog="script/profile", description=__doc__)
    parser.add_argument("--datagrams", type=int, default=5000)
    parser.add_argument("--functions", type=int, default=20)
    parser.add_argument("--traffic", choices=["crm", "unlike", "session"], default="crm")
    parser.add_argument("--run", choices=list(RUNS), default="list")
    parser.add_argument("--foreign", dest="report", action="store_const", const=report_foreign)
    parser.add_argument("--contenders", dest="report", action="store_const", const=report_contenders)
    parser.add_argument("--misses", dest="report", action="store_const", const=report_misses)
    parser.set_defaults(report=report_functions)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--points", type=int, default=1, help="of --growth: at how many points all is captured")
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of --growth: {', '.join(generate.DIALOGUES)}")
    parser.add_argument("--runs", type=int, default=3, help="of --foreign")
    # For script/profile, before it builds what is measured.
    parser.add_argument("--only-parse", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = [shape for shape in args.shapes if not args.growth or shape not in generate.DIALOGUES]
    if unknown:
        parser.error(f"no shape of --growth: {', '.join(unknown)}")
    if args.only_parse:
        return 0
    build = ROOT / "build/bench"
    if args.growth:
        with Tshark(build / "plugin/crm.so") as tshark:
            return 0 if report_growth(tshark, build / "profile/growth", args) else 1
    what = "foreign" if args.report is report_foreign else args.traffic
    directory = build / "profile" / what
    directory.mkdir(parents=True, exist_ok=True)
    for name, number in (("many", args.datagrams), ("one", 1)):
        subprocess.run([sys.executable, str(BENCH / "generate.py"), what, str(directory / f"{name}.pcapng"),
                        "--datagrams", str(number)], check=True)
    args.report(build, directory, args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
