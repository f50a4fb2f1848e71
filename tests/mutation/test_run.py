# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole run over a project of two functions, of which a test knows only one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FILES = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.25)
project(sample LANGUAGES C)
enable_testing()
add_executable(check tests/check.c plugin/sample.c)
target_include_directories(check PRIVATE plugin)
add_test(NAME check COMMAND check)
add_test(NAME later COMMAND check)
""",
    "plugin/sample.h": "int larger(int one, int two);\nint smaller(int one, int two);\n",
    "plugin/sample.c": """#include "sample.h"

int larger(int one, int two)
{
    if (one > two) {
        return one;
    }
    return two;
}

int smaller(int one, int two)
{
    while (one < 0 && two < 0) {
        one++;
    }
    return one < two ? one : two;
}
""",
    "tests/check.c": """#include "sample.h"

int main(void)
{
    return !(larger(1, 2) == 2 && larger(2, 1) == 2 && larger(-1, 0) == 0);
}
""",
    "tests/mutation/nearest.tsv": "*\tlater check\n",
    "tests/mutation/equivalent.tsv": "# file, function, as it is, as it becomes, reason\n"
                                     "sample.c\tlarger\tif (one > two) {\tif (one >= two) {\tequal ones are the same\n",
}


@pytest.fixture(scope="module", name="place")
def place_of_all_runs(tmp_path_factory):
    """One for all, so that cmake looks for a compiler once."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(name="project")
def project_of_two_functions(place):
    for name, text in FILES.items():
        path = place / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (place / "work").mkdir(exist_ok=True)
    for path in (place / "work").glob("*.json*"):
        path.unlink()
    return place


def _command(project, *options, jobs=1):
    return [sys.executable, "-B", str(HERE / "run.py"), "--root", str(project / "source"), "--directory", str(project / "work"),
            "--jobs", str(jobs), *map(str, options)]


def _run(project, *options, status=0, files=FILES, jobs=1):
    done = subprocess.run(_command(project, *options, jobs=jobs), input="\0".join(files) + "\0", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == status, done.stdout
    return done.stdout


def _results(project):
    return [json.loads(line) for line in (project / "work/results.jsonl").read_text().splitlines()]


def test_tells_what_is_tested_from_what_is_not(project):
    text = _run(project, "--at-least", "50", status=1)
    verdicts = {name: {entry["verdict"] for entry in _results(project) if entry["function"] == name}
                for name in ("larger", "smaller")}
    assert "survived" not in verdicts["larger"] and "noticed" in verdicts["larger"]
    assert verdicts["smaller"] - {"refused", "same code"} == {"survived"}
    assert {entry["by"] for entry in _results(project) if entry["verdict"] == "noticed"} == {"later"}
    assert "-    while (one < 0 && two < 0) {\n+    while (one <= 0 && two < 0) {" in text
    assert "+    return one <= two ? one : two;" not in text and "1 same code" in text
    assert "if (one >= two)" not in text and "1 equivalent" in text
    assert (project / "source/plugin/sample.c").read_text() == FILES["plugin/sample.c"]


def test_side_by_side(project):
    """Two changes at a time are judged as one at a time is: each by the programs that were built of it."""
    def verdicts(jobs):
        _run(project, "--sample", "10", "--seed", "1", jobs=jobs)
        return {entry["key"]: entry["verdict"] for entry in _results(project)}

    alone = verdicts(1)
    assert {"noticed", "survived"} <= set(alone.values())
    (project / "work/results.jsonl").unlink()
    assert verdicts(2) == alone


def test_goes_on_where_it_was(project):
    """What is known is not tried again; what survived is, when the tests have changed."""
    first = _run(project, "--sample", "6", "--seed", "1")
    tried = _results(project)
    assert {"noticed", "survived"} <= {entry["verdict"] for entry in tried}
    assert _run(project, "--sample", "6", "--seed", "1").splitlines()[-3:] == first.splitlines()[-3:]
    assert _results(project) == tried
    check = project / "source/tests/check.c"
    check.write_text(check.read_text().replace("larger(1, 2) == 2", "larger(1, 2) == 2 && smaller(3, 4) == 3"))
    _run(project, "--sample", "6", "--seed", "1")
    again = _results(project)[len(tried):]
    assert {entry["key"] for entry in again if entry["key"] in {old["key"] for old in tried}} == \
        {entry["key"] for entry in tried if entry["verdict"] == "survived"}


def test_a_test_that_fails_without_a_change(project):
    """Every change would seem to be noticed."""
    check = project / "source/tests/check.c"
    check.write_text(check.read_text().replace("== 0", "== 1"))
    assert "check fails without any change" in _run(project, "--sample", "2", status=2)


def test_what_cannot_be_done_is_said(project):
    assert "no C file below plugin/: tests/check.c" in _run(project, project / "source/tests/check.c", status=2)
    assert "no change was tried" in _run(project, "--only", "0123456789", status=2)
    table = project / "source/tests/mutation/equivalent.tsv"
    table.write_text("sample.c\tlarger\tx\ty\n")
    assert "no reason" in _run(project, "--sample", "1", status=2)


def test_entry_that_is_no_change_any_more(project):
    table = project / "source/tests/mutation/equivalent.tsv"
    table.write_text(table.read_text() + "sample.c\tlarger\tgone\tgone too\tfor no reason\n")
    text = _run(project, "--sample", "1")
    assert "a change that is none any more" in text and "gone too" in text


def test_the_share_that_has_to_be_noticed(project):
    """Of each file, for a good one is no excuse for another; of a sample as a whole."""
    other = project / "source/plugin/other.c"
    other.write_text("int other(int one);\nint other(int one)\n{\n    return one + 1;\n}\n")
    listing = project / "source/CMakeLists.txt"
    listing.write_text(listing.read_text().replace("plugin/sample.c)", "plugin/sample.c plugin/other.c)"))
    files = [*FILES, "plugin/other.c"]
    text = _run(project, "--each", "1", "--seed", "1", "--at-least", "50", status=1, files=files)
    assert "fewer than 50% of the changes were noticed: plugin/other.c\n" in text
    other.unlink()


def test_runs_nothing_that_no_change_touches(project):
    """A program that is made of other code cannot notice, and may take long."""
    (project / "source/tests/apart.c").write_text("""#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *file = fopen(argv[argc - 1], "a");
    return file == NULL || fputs("run\\n", file) < 0 || fclose(file) != 0;
}
""")
    listing = project / "source/CMakeLists.txt"
    listing.write_text(FILES["CMakeLists.txt"] + f"""add_executable(apart tests/apart.c)
add_test(NAME apart COMMAND apart {project / "work/apart.log"})
""")
    text = _run(project, "--tests", "^apart$", files=[*FILES, "tests/apart.c"])
    assert "survived" in {entry["verdict"] for entry in _results(project)}, text
    assert (project / "work/apart.log").read_text() == "run\n"     # the one without a change


def test_a_list_that_nobody_reads_to_its_end(project):
    """As by `| head`."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(_command(project, "--list"), input="\0".join(FILES) + "\0", stdout=write_end, stderr=subprocess.PIPE,
                          text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")


def test_without_end(project):
    """A change that makes a loop endless is noticed: its processor time is limited."""
    check = project / "source/tests/check.c"
    check.write_text(check.read_text().replace("larger(1, 2) == 2", "larger(1, 2) == 2 && smaller(-2, -1) == -1"))
    listed = _run(project, "--list")
    ident = next(line.split("\t")[0] for line in listed.splitlines() if line.endswith("\tone--;"))
    _run(project, "--only", ident)
    assert _results(project)[-1]["verdict"] == "noticed"
