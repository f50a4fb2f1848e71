# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether dialogues of any shape cost more for each datagram the more there are, in instructions.

Seconds of captures that are short enough for 27 shapes and three orders of reading vary by as much as a start of
tshark takes; instructions do not. Those of a run on a few datagrams are taken off.
"""

import re
import subprocess
import sys
from pathlib import Path

import generate
import measure
from dialogues import AT_MOST, RUNS, TIMES

FEW = 6         # datagrams, enough for each shape to have one
CRM = measure.contenders("", "")["crm"]
TOTAL = re.compile(r"I\s+refs:\s+([\d,]+)")


def instructions(tshark, capture, options):
    """Those of one run, without name resolution, as in script/bench."""
    done = subprocess.run(tshark.command("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                                         "tshark", "-n", "-r", tshark.readable(capture), *options,
                                         WIRESHARK_DEBUG_WMEM_OVERRIDE="block"),
                          cwd=tshark.directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(TOTAL.search(done.stderr)[1].replace(",", ""))


def growth(tshark, captures, options):
    """What a datagram costs in the smaller and in the larger capture, and how many times as much the larger costs.

    The captures: by their numbers of datagrams, FEW among them."""
    numbers = sorted(captures)
    few, small, large = (instructions(tshark, captures[number], options) for number in numbers)
    each = [(total - few) / (number - FEW) for total, number in ((small, numbers[1]), (large, numbers[2]))]
    return *each, (large - few) / (small - few)


def captured(directory, shape, datagrams, points):
    """The captures of a shape, by their numbers of datagrams."""
    captures = {}
    for number in (FEW, datagrams, TIMES * datagrams):
        place = Path(directory) / str(number)
        subprocess.run([sys.executable, generate.__file__, "dialogues", str(place), "--datagrams", str(number),
                        "--points", str(points), "--only", shape], check=True)
        captures[number] = place / f"{generate.file_name(shape)}.pcapng"
    return captures


def report_growth(tshark, directory, args):
    """Prints each shape's as a row. Returns whether all keep the limit."""
    worst = 0
    print("| shape | order | instructions a datagram | of four times as many | times in all |\n"
          "| --- | --- | ---: | ---: | ---: |")
    for shape in args.shapes or generate.DIALOGUES:
        captures = captured(directory, shape, args.datagrams, args.points)
        for run, order in RUNS.items():
            small, large, times = growth(tshark, captures, measure.run_arguments(run, CRM))
            worst = max(worst, times)
            print(f"| {shape} | {order} | {small:,.0f} | {large:,.0f} | {times:.2f} |", flush=True)
    print(f"\nAt most {worst:.2f} times as much for {TIMES} times the datagrams; wanted: at most {AT_MOST}.")
    return worst <= AT_MOST
