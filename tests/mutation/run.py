#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes the code in small ways, one at a time, and says which changes no test notices; see script/mutate.

Exit status: 0 the share asked for was noticed, 1 it was not, 2 the run itself failed.
"""

import argparse
import contextlib
import fnmatch
import hashlib
import itertools
import json
import os
import queue
import random
import re
import signal
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scratch import Scratch

# One needs network namespaces and waits for the clock, one reads the workflow file, one is the benchmark's, and one is this.
LEFT_OUT = ("live", "ci", "bench", "mutation")
NO_PART = ("script/", ".ci/", "tests/mutation/", "tests/bench/")     # of the source: no test's verdict depends on it
WHOLE = 900     # seconds of a processor that no test takes
NOTICED, SURVIVED, REFUSED, SAME, LISTED = "noticed", "survived", "refused", "same code", "equivalent"


def rows(path):
    """The cells of each line of a table that is no comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


class Nearest:
    """The order in which tests are asked about a file."""

    def __init__(self, table):
        self.table = [(pattern, names.split()) for pattern, names in table]

    def order(self, file, tests):
        """All tests, the nearest first."""
        patterns = next(names for pattern, names in self.table if fnmatch.fnmatch(Path(file).name, pattern))
        order = [test for pattern in patterns for test in tests if fnmatch.fnmatch(test.name, pattern)]
        return list(dict.fromkeys([*order, *tests]))


class Equivalents:
    """Changes that are known to change nothing."""

    def __init__(self, table):
        self.entries = {tuple(row[:4]) for row in table}
        for row in table:
            if len(row) != 5 or not row[4].strip():
                raise ValueError(f"equivalent.tsv: not five cells, or no reason: {row}")

    @staticmethod
    def key(mutant):
        return (Path(mutant.file).name, mutant.function, *mutant.lines)

    def has(self, mutant):
        return self.key(mutant) in self.entries

    def stale(self, found):
        """The entries of these files that are no change any more."""
        names = {Path(file).name for file in found}
        return sorted(entry for entry in self.entries - {self.key(item) for item in itertools.chain(*found.values())}
                      if entry[0] in names)


class Results:
    """What is known of each change, kept as lines of JSON so that a run that is broken off goes on.

    That a test noticed a change holds while the file and the headers stay as they are; that none did, while
    nothing at all has changed."""

    def __init__(self, path, tree, source, asked=""):
        self.path = path
        self.unchanged = digest(tree, [file for file in source if not file.startswith(NO_PART)])
        self.everything = self.unchanged + asked
        headers = [file for file in source if file.startswith("plugin/") and file.endswith(".h")]
        self.sources = {file: digest(tree, {file, *headers}) for file in source if file.startswith("plugin/")}
        self.known = {}
        self.lock = threading.Lock()
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            entry = json.loads(line)
            self.known[entry["key"]] = entry

    @staticmethod
    def key(mutant, ordinal):
        return f"{mutant.identity}.{ordinal}"

    def verdict(self, key):
        """A verdict that still holds; None without one."""
        entry = self.known.get(key)
        if entry is None or entry["source"] != self.sources.get(entry["file"]):
            return None
        return None if entry["verdict"] == SURVIVED and entry["everything"] != self.everything else entry["verdict"]

    def add(self, key, mutant, verdict, by):
        entry = {"key": key, "file": mutant.file, "function": mutant.function, "kind": mutant.kind,
                 "verdict": verdict, "by": by, "source": self.sources[mutant.file],
                 "everything": self.everything}
        with self.lock:
            self.known[key] = entry
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def noticed_by(self, mutant):
        """What noticed other changes of this function, then of this file: the likeliest first."""
        counts = Counter()
        with self.lock:
            for entry in self.known.values():
                if entry["verdict"] == NOTICED and entry["file"] == mutant.file and "::" in entry["by"]:
                    counts[entry["by"]] += 100 if entry["function"] == mutant.function else 1
        return [name for name, _ in counts.most_common(3)]


class Run:
    """Tries changes, each in whichever copy of the tree is free."""

    def __init__(self, scratches, nearest, results):
        self.nearest, self.results = nearest, results
        self.free = queue.SimpleQueue()
        for scratch in scratches:
            self.free.put(scratch)
        self.workers, self.tree = len(scratches), scratches[0].tree
        self.names = list(scratches[0].tests)       # of the tests, in ctest's order
        self.limits = {}        # the seconds of a processor that one process of a test may take

    def baseline(self, path):
        """Every test passes without a change, or its failing with one says nothing. Its cost sets the limits,
        and is kept at the path."""
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

        def one(name):
            with self._scratch() as scratch:
                return name, scratch.run(scratch.tests[name], WHOLE)

        with ThreadPoolExecutor(self.workers) as pool:
            for name, outcome in pool.map(one, [name for name in self.names if name not in known]):
                if outcome.failed:
                    raise RuntimeError(f"{name} fails without any change:\n{outcome.output[-3000:]}")
                known[name] = outcome.seconds
                path.write_text(json.dumps(known), encoding="utf-8")
                print(f"without a change: {name} passes, {outcome.seconds:.1f} s of a processor", flush=True)
        self.limits = {name: int(2 + 2 * known[name]) for name in self.names}

    @contextlib.contextmanager
    def _scratch(self):
        """A copy of the tree that nobody else works in."""
        scratch = self.free.get()
        try:
            yield scratch
        finally:
            self.free.put(scratch)

    def attempt(self, mutant, key):
        """The verdict on one change, which is kept."""
        with self._scratch() as scratch:
            source = (scratch.tree / mutant.file).read_bytes()
            with scratch.changed(mutant.file, mutant.apply(source)):
                verdict, by = self._judge(scratch, mutant)
        self.results.add(key, mutant, verdict, by)
        return verdict

    def _judge(self, scratch, mutant):
        # That no file at all compiles with a warning is only known when all were.
        if mutant.file.endswith(".h") and not scratch.build():
            return REFUSED, ""
        for test in self._likeliest(mutant, scratch.tests):
            if not scratch.build(test):
                return REFUSED, ""
            if not scratch.affects(test):
                continue
            outcome = scratch.run(test, self.limits[test.name.partition("::")[0]])
            if outcome.failed:
                return NOTICED, f"{test.name}::{outcome.case}" if outcome.case and not test.single else test.name
        if not scratch.build():
            return REFUSED, ""
        return (SURVIVED if scratch.affects() else SAME), ""

    def _likeliest(self, mutant, tests):
        """All tests of a copy, which name its own programs; those before the rest that may notice a change
        soonest."""
        for name in self.results.noticed_by(mutant):
            name, _, case = name.partition("::")
            if name in tests:
                yield tests[name].case(case)
        yield from self.nearest.order(mutant.file, tests.values())


def digest(tree, files):
    """Of the contents of some files of a tree."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.encode() + b"\0" + hashlib.sha256((tree / file).read_bytes()).digest())
    return total.hexdigest()[:16]


def choose(found, options):
    """The changes to try: for a sample a list of all files', else one of each file's. In each every kind has its
    turn, in an order that the seed gives. An entry is the mutant and how many before it have its identity."""
    numbered = []
    for items in found.values():
        seen = Counter()
        for item in items:
            numbered.append((item, seen[item.identity]))
            seen[item.identity] += 1
    chance = random.Random(options.seed)
    groups = [numbered] if options.sample else \
        [[pair for pair in numbered if pair[0].file == file] for file in found]
    order = []
    for group in groups:
        chance.shuffle(group)
        kinds = {}
        for pair in group:
            kinds.setdefault(pair[0].kind, []).append(pair)
        turns = itertools.zip_longest(*(kinds[kind] for kind in sorted(kinds, key=lambda kind: chance.random())))
        order.append([pair for turn in turns for pair in turn if pair is not None])
    return order


class Report:
    """Counts by file, and the changes that nothing noticed."""

    def __init__(self, tree):
        self.tree, self.counts, self.survivors = tree, {}, []

    def add(self, mutant, verdict):
        self.counts.setdefault(mutant.file, Counter())[verdict] += 1
        if verdict == SURVIVED:
            self.survivors.append(mutant)

    @staticmethod
    def share(counts):
        tried = counts[NOTICED] + counts[SURVIVED]
        return 100 * counts[NOTICED] / tried if tried else 100.0

    def write(self):
        for mutant in sorted(self.survivors, key=lambda item: (item.file, item.start)):
            print(f"\n{mutant.identity} {mutant.kind}, in {mutant.function}: no test noticed")
            print(mutant.diff((self.tree / mutant.file).read_bytes()))
        print(f"\n{'file':32} {'noticed':>8} {'survived':>9} {'share':>7}   not counted")
        total = Counter()
        for file, counts in sorted(self.counts.items()):
            total.update(counts)
            self._line(file, counts)
        self._line("all", total)
        if not total[NOTICED] + total[SURVIVED]:
            raise RuntimeError("no change was tried")

    def short_of(self, percent, each):
        """The files of which fewer changes were noticed; all of them as one unless each counts by itself."""
        groups = self.counts if each else {"all": sum(self.counts.values(), Counter())}
        return [name for name, counts in sorted(groups.items()) if self.share(counts) < percent]

    def _line(self, name, counts):
        rest = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (REFUSED, SAME, LISTED) if counts[verdict])
        print(f"{name:32} {counts[NOTICED]:8} {counts[SURVIVED]:9} {self.share(counts):6.1f}%   {rest}")


class Trial:
    """Tries the changes of a list in turn, several at a time, until as many as asked for were judged."""

    def __init__(self, run, equivalents, report, wanted):
        self.run, self.equivalents, self.report, self.wanted = run, equivalents, report, wanted
        self.lock = threading.Lock()
        self.waiting, self.open, self.judged = iter(()), 0, 0

    def try_in_turn(self, pairs):
        self.waiting, self.open, self.judged = iter(pairs), 0, 0
        with ThreadPoolExecutor(self.run.workers) as pool:
            for done in [pool.submit(self._work) for _ in range(self.run.workers)]:
                done.result()

    def _next(self):
        with self.lock:
            if self.wanted and self.judged + self.open >= self.wanted:
                return None
            pair = next(self.waiting, None)
            self.open += pair is not None
            return pair

    def _work(self):
        while (pair := self._next()) is not None:
            mutant, ordinal = pair
            verdict = self._verdict(mutant, self.run.results.key(mutant, ordinal))
            with self.lock:
                self.open -= 1
                self.judged += verdict in (NOTICED, SURVIVED)
                self.report.add(mutant, verdict)
                told = f"{self.judged} of {self.wanted}" if self.wanted else f"{self.judged}"
                print(f"{told}: {mutant.file}, {mutant.function}: {mutant.kind}: {verdict}", flush=True)

    def _verdict(self, mutant, key):
        if self.equivalents.has(mutant):
            return LISTED
        return self.run.results.verdict(key) or self.run.attempt(mutant, key)


def try_all(run, groups, equivalents, options):
    """The report of what became of each group's changes."""
    report = Report(run.tree)
    for pairs in groups:
        Trial(run, equivalents, report, options.sample or options.each).try_in_turn(pairs)
    return report


def arguments():
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="below plugin/; without one, all of them")
    parser.add_argument("--sample", type=int, metavar="N", help="N changes of all the files together")
    parser.add_argument("--each", type=int, metavar="N", help="N changes of each file")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which changes a sample has (1)")
    parser.add_argument("--at-least", type=float, default=0, metavar="PERCENT",
                        help="fail if fewer are noticed, of a sample, or else of any file")
    parser.add_argument("--tests", default="", metavar="REGEX", help="ask only the tests whose names match")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="changes tried side by side")
    parser.add_argument("--only", metavar="ID", help="the change of that id alone")
    parser.add_argument("--list", action="store_true", help="print the changes as they stand in equivalent.tsv")
    # For script/mutate, before it installs what this needs.
    parser.add_argument("--only-parse", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen_files(options, source):
    code = [file for file in source if file.startswith("plugin/") and file.endswith((".c", ".h"))]
    wanted = [os.path.relpath(Path(file).resolve(), options.root) for file in options.files] or code
    unknown = [file for file in wanted if file not in code]
    if unknown:
        raise ValueError(f"no C file below plugin/: {', '.join(unknown)}")
    return wanted


def prepared(options, source):
    """The copies of the tree, built, as many as changes are tried side by side."""
    def asked(name):
        return name not in LEFT_OUT and re.search(options.tests, name)

    scratches = [Scratch(options.root, options.directory / f"copy-{number}") for number in range(options.jobs)]
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda scratch: scratch.prepare(source, asked), scratches))
    if not scratches[0].tests:
        raise RuntimeError(f"no test has a name like {options.tests}")
    return scratches


def main():
    options = arguments()
    if options.only_parse:
        return 0
    import mutants   # whose clang.cindex may not be there yet when arguments are only parsed

    source = [name for name in sys.stdin.read().split("\0") if name]
    files = chosen_files(options, source)
    scratches = prepared(options, source)
    tree = scratches[0].tree
    found = mutants.mutants_of(files, scratches[0].binary / "compile_commands.json", tree, options.jobs)
    if options.only:
        found = {file: [item for item in items if item.identity == options.only] for file, items in found.items()}
    found = {file: items for file, items in found.items() if items}
    equivalents = Equivalents(rows(tree / "tests/mutation/equivalent.tsv"))
    if options.list:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)   # `| head` has had enough
        for item in itertools.chain(*found.values()):
            print(item.identity, *Equivalents.key(item), sep="\t")
        return 0
    results = Results(options.directory / "results.jsonl", tree, source, options.tests)
    run = Run(scratches, Nearest(rows(tree / "tests/mutation/nearest.tsv")), results)
    run.baseline(options.directory / f"passing-{results.unchanged}.json")
    report = try_all(run, choose(found, options), equivalents, options)
    report.write()
    for entry in () if options.only else equivalents.stale(found):
        print("equivalent.tsv has a change that is none any more:", *entry, sep="\n    ")
    short = report.short_of(options.at_least, not options.sample)
    if short:
        print(f"fewer than {options.at_least:g}% of the changes were noticed: {', '.join(short)}")
    return 1 if short else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, ValueError) as error:
        print(f"script/mutate: {error}", file=sys.stderr)
        sys.exit(2)
