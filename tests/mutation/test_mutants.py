# SPDX-License-Identifier: GPL-2.0-or-later
"""Which changes are found in a piece of code, and that each is what it says."""

import json

import pytest

from mutants import mutants_of

CODE = """
#include "sample.h"
enum { LOW = 1, HIGH = 7 };
typedef struct { int first, second; long other; } pair_t;
#define ROW(name, kind) {name, kind}
#define TWICE(x) ((x) + (x))
typedef struct { const char *name; int kind; } row_t;
static const row_t rows[] = {
    ROW("a", 1),
    ROW("b", 2),
};
static int total;
int strcmp(const char *one, const char *two);
int distance(int one, int two);
int distance(int one, int two) { return one - two; }
_Bool sample(pair_t *pair, int count) {
    if (count < LIMIT && pair->first == 3) {
        pair->second = TWICE(count + 1) | 8;
        total += distance(count, total);
    }
    for (int i = 0; i < count; i++) {
        if (i == HIGH) { break; }
        if (i & 1) { continue; }
        total++;
    }
    if (strcmp(rows[0].name, rows[1].name) == 0) { total = strcmp(rows[1].name, rows[0].name); }
    return !total;
}
"""


@pytest.fixture(scope="module", name="found")
def found_in_the_sample(tmp_path_factory):
    """{(kind, lines before, lines after)} of CODE and its header, by file."""
    project = tmp_path_factory.mktemp("project")
    (project / "sample.h").write_text("#define LIMIT 10\n")
    (project / "sample.c").write_text(CODE)
    entry = {"directory": str(project), "file": str(project / "sample.c"),
             "command": f"cc -Wall -I{project} -o sample.o -c {project}/sample.c"}
    (project / "compile_commands.json").write_text(json.dumps([entry]))
    found = mutants_of(["sample.c", "sample.h"], project / "compile_commands.json", project)
    for file, items in found.items():
        source = (project / file).read_bytes()
        for item in items:
            assert item.apply(source).count(b"\n") == source.count(b"\n"), "lines moved"
            assert item.apply(source) != source
    return {file: {(item.kind, *item.lines) for item in items} for file, items in found.items()}


@pytest.mark.parametrize("kind, before, after", [
    ("condition turned", "if (i == HIGH) { break; }", "if (!(i == HIGH)) { break; }"),
    ("condition dropped", "if (i == HIGH) { break; }", "if (1 || (i == HIGH)) { break; }"),
    ("condition dropped", "if (i == HIGH) { break; }", "if (0 && (i == HIGH)) { break; }"),
    ("condition dropped", "if (count < LIMIT && pair->first == 3) {", "if ((count < LIMIT)) {"),
    ("condition dropped", "if (count < LIMIT && pair->first == 3) {", "if ((pair->first == 3)) {"),
    ("logic swapped", "if (count < LIMIT && pair->first == 3) {", "if (((count < LIMIT) || (pair->first == 3))) {"),
    ("boundary moved", "if (count < LIMIT && pair->first == 3) {", "if (count <= LIMIT && pair->first == 3) {"),
    ("boundary moved", "for (int i = 0; i < count; i++) {", "for (int i = 0; i <= count; i++) {"),
    ("constant", "if (count < LIMIT && pair->first == 3) {", "if (count < LIMIT && pair->first == 4) {"),
    ("constant", "if (count < LIMIT && pair->first == 3) {", "if (count < LIMIT && pair->first == 2) {"),
    ("constant", "enum { LOW = 1, HIGH = 7 };", "enum { LOW = 1, HIGH = 8 };"),
    ("other constant", "if (i == HIGH) { break; }", "if (i == LOW) { break; }"),
    ("other field", "if (count < LIMIT && pair->first == 3) {", "if (count < LIMIT && pair->second == 3) {"),
    ("other variable", "if (i & 1) { continue; }", "if (total & 1) { continue; }"),
    ("flag dropped", "pair->second = TWICE(count + 1) | 8;", "pair->second = (TWICE(count + 1));"),
    ("flag dropped", "pair->second = TWICE(count + 1) | 8;", "pair->second = (8);"),
    ("statement dropped", "pair->second = TWICE(count + 1) | 8;", "while (0) pair->second = TWICE(count + 1) | 8;"),
    ("statement dropped", "total++;", "while (0) total++;"),
    ("arithmetic", "total++;", "total--;"),
    ("arithmetic", "total += distance(count, total);", "total -= distance(count, total);"),
    ("arithmetic", "int distance(int one, int two) { return one - two; }",
     "int distance(int one, int two) { return one + two; }"),
    ("swapped", "total += distance(count, total);", "total += distance(total, count);"),
    ("jump", "if (i == HIGH) { break; }", "if (i == HIGH) { (void)0; }"),
    ("jump", "if (i & 1) { continue; }", "if (i & 1) { break; }"),
    ("result", "return !total;", "return !(!total);"),
    ("sign dropped", "return !total;", "return (total);"),
    ("result", "int distance(int one, int two) { return one - two; }",
     "int distance(int one, int two) { return (one - two) + 1; }"),
    ("row dropped", 'ROW("a", 1), ROW("b", 2),', 'ROW("b", 2),'),
    ("swapped", 'ROW("a", 1),', 'ROW("b", 1),'),
    ("swapped", 'ROW("a", 1),', 'ROW("a", 2),')])
def test_is_found(found, kind, before, after):
    assert (kind, before, after) in found["sample.c"], sorted(item for item in found["sample.c"] if item[0] == kind)


def test_number_in_a_header(found):
    assert found["sample.h"] == {("constant", "#define LIMIT 10", f"#define LIMIT {other}") for other in (9, 11)}


def test_what_a_macro_hides_stays(found):
    """Neither its own text nor what is inside its parentheses; a use of it is an operand like others."""
    changed = {before for _, before, _ in found["sample.c"]}
    assert not any("#define" in before for before in changed)
    assert not any("TWICE(count + 2)" in after or "TWICE(count - 1)" in after for *_, after in found["sample.c"])


def test_what_is_the_same_both_ways_stays(found):
    """Whether two texts are equal does not depend on which comes first; which of them is less does."""
    swapped = [after for kind, before, after in found["sample.c"] if kind == "swapped" and "strcmp" in before]
    assert swapped == ["if (strcmp(rows[0].name, rows[1].name) == 0) { total = strcmp(rows[0].name, rows[1].name); }"]


def test_code_that_clang_cannot_read(tmp_path):
    (tmp_path / "broken.c").write_text("int f(void) { return missing; }\n")
    entry = {"directory": str(tmp_path), "file": str(tmp_path / "broken.c"),
             "command": f"cc -o b.o -c {tmp_path}/broken.c"}
    (tmp_path / "compile_commands.json").write_text(json.dumps([entry]))
    with pytest.raises(ValueError, match="broken.c.*missing"):
        mutants_of(["broken.c"], tmp_path / "compile_commands.json", tmp_path)
    with pytest.raises(ValueError, match="nothing compiles it: other.c"):
        mutants_of(["other.c"], tmp_path / "compile_commands.json", tmp_path)
