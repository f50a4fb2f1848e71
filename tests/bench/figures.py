# SPDX-License-Identifier: GPL-2.0-or-later
"""What script/bench makes of its measurements: medians, ratios, verdicts,
tables. Arithmetic only, so that the tests can check it without a clock."""

from collections import namedtuple
from statistics import median, quantiles

# One run of a process: user CPU in seconds, peak resident memory in bytes.
Usage = namedtuple("Usage", "cpu rss")

# The runs of one contender on one capture. start is the median CPU of its runs
# on a capture of one packet.
Series = namedtuple("Series", "usages start")


class TooShort(Exception):
    """The work is lost in the start-up's noise: no ratio of it means anything."""


def net(series):
    """Median user CPU in seconds, without the start-up."""
    return median(usage.cpu for usage in series.usages) - series.start


def least(series):
    """The same of the fastest run: what else the machine does can only add to it."""
    return min(usage.cpu for usage in series.usages) - series.start


def cpu(series):
    """net(), of work that is long enough to be divided by."""
    if net(series) <= 0:
        raise TooShort("the runs are no longer than the start-up: more datagrams are needed")
    return net(series)


def rss(series):
    """Median peak memory in bytes, the start-up's included."""
    return median(usage.rss for usage in series.usages)


def spread(series):
    """How far the runs lie apart, relative to their median: the noise."""
    values = [usage.cpu for usage in series.usages]
    return (max(values) - min(values)) / cpu(series)


def ratios(series, other):
    """The ratio of the two, less their start-up, round by round: two runs that
    follow each other have more in common than the first and the last of a
    series on a machine whose speed drifts."""
    below = [usage.cpu - other.start for usage in other.usages]
    if min(below) <= 0:
        raise TooShort("the runs are no longer than the start-up: more datagrams are needed")
    return [(usage.cpu - series.start) / seconds for usage, seconds in zip(series.usages, below, strict=True)]


def relative(series, other):
    """How many times as long one takes as the other: the median of the rounds' ratios."""
    return median(ratios(series, other))


def middle_half(series, other):
    """Between which two ratios half of the rounds lie."""
    first, _, third = quantiles(ratios(series, other), n=4)
    return first, third


class Target:
    """A figure and the bound that it is held to."""

    def __init__(self, name, figure, at_most=None, at_least=None):
        self.name, self.figure = name, figure
        self.at_most, self.at_least = at_most, at_least

    @property
    def met(self):
        if self.at_most is not None:
            return self.figure <= self.at_most
        return self.figure >= self.at_least

    def row(self):
        bound = f"at most {self.at_most:g}" if self.at_most is not None else f"at least {self.at_least:g}"
        return [self.name, f"{self.figure:.2f}", bound, "met" if self.met else "MISSED"]


# Two runs of one process differ by as much: less is not told from nothing.
MEMORY_GRAIN = 2**20


def scaling(small, large, small_floor, large_floor, one, count, factor):
    """How cost grows from count datagrams to factor times as many.

    The dissector's own memory is what its process takes beyond the floor's on
    the same capture; `one`, that difference on a capture of one packet, is
    code and fixed tables, not file-scope memory."""
    own = [rss(plugin) - rss(floor) - one for plugin, floor in ((small, small_floor), (large, large_floor))]
    return {"time": cpu(large) / cpu(small), "memory": max(own[1], MEMORY_GRAIN) / max(own[0], MEMORY_GRAIN),
            "bytes": [own[0] / count, own[1] / (count * factor)],
            "bytes more": (own[1] - own[0]) / (count * (factor - 1))}


Reading = namedtuple("Reading", "nanoseconds bytes tokens taken")


def parse_readings(text):
    """json-speed's output as {reader: {file name without suffix: Reading}}."""
    readings = {}
    for line in text.splitlines():
        reader, path, nanoseconds, size, tokens, taken = line.split("\t")
        name = path.rsplit("/", 1)[-1].removesuffix(".json")
        readings.setdefault(reader, {})[name] = Reading(float(nanoseconds), int(size), int(tokens), taken == "1")
    return readings


def speed(reading):
    """MB/s; a byte a nanosecond is 1000 of them."""
    return 1000 * reading.bytes / reading.nanoseconds


def costs(reading, reference):
    """What a document costs in units of the reference: a byte, and a token."""
    times = reading.nanoseconds / reference.nanoseconds
    return times * reference.bytes / reading.bytes, times * reference.tokens / max(reading.tokens, 1)


def table(heading, columns, rows, note=""):
    """A Markdown table that reads well as plain text too."""
    cells = [columns, *rows]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(columns))]

    def line(row):
        first, *rest = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
        return "| " + " | ".join([first, *rest]) + " |"

    rule = "| " + " | ".join("-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths)) + " |"
    return "\n".join([f"### {heading}", "", line(columns), rule, *map(line, rows), "", *([note, ""] if note else [])])
