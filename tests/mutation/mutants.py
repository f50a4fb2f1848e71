# SPDX-License-Identifier: GPL-2.0-or-later
"""Small changes to C code, made where clang's view of the code says that they mean something.

    for mutant in mutants_of(["plugin/json.c"], compile_commands):
        mutant.function, mutant.kind, mutant.diff(text)

Each is one that a programmer makes by mistake. What a macro expands to is not changed, but what a row of a
table says is, and so are the numbers that macros and enumerators name.
"""

import concurrent.futures
import difflib
import hashlib
import itertools
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from clang.cindex import CursorKind as Kind
from clang.cindex import Index, TranslationUnit, TypeKind

RELATIONAL = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|",
              "+=": "-=", "-=": "+=", "|=": "=", "&=": "=", "<<=": ">>=", ">>=": "<<="}
LOGICAL = {"&&": "||", "||": "&&"}
SYMMETRIC = ("memcmp", "strcmp", "g_strcmp0")   # of two values, where only whether they are equal is asked
CHAINED = ("&&", "||", "|")     # of which one side may have been forgotten
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)")
CHARACTER = re.compile(r"'([^'\\])'")
NAME = re.compile(r"[A-Za-z_]\w*")
ROW = re.compile(r"(\w+)\s*\((.*)\)", re.DOTALL)
STATEMENTS = (Kind.CALL_EXPR, Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.UNARY_OPERATOR)
LOOPS = (Kind.FOR_STMT, Kind.WHILE_STMT, Kind.DO_STMT)
INTEGERS = (TypeKind.INT, TypeKind.UINT, TypeKind.LONG, TypeKind.ULONG, TypeKind.SHORT, TypeKind.USHORT,
            TypeKind.SCHAR, TypeKind.UCHAR, TypeKind.CHAR_S, TypeKind.LONGLONG, TypeKind.ULONGLONG)


@dataclass(frozen=True)
class Mutant:
    """One change: the bytes of a file from start to end become `new`."""

    file: str           # from the top of the source tree
    function: str       # or the table or macro that the place is in
    kind: str
    start: int
    end: int
    new: str
    lines: tuple = field(compare=False)     # the lines that change: as they are, as they become

    @property
    def identity(self):
        """Stays the same while the function's other lines, and all above it, change. Two changes of one
        function that read the same have one identity, and `distinct` keeps both apart."""
        told = "\0".join((Path(self.file).name, self.function, self.kind, *self.lines))
        return hashlib.sha256(told.encode()).hexdigest()[:10]

    def apply(self, source):
        return source[:self.start] + self.new.encode() + source[self.end:]

    def diff(self, source):
        before, after = (text.decode().splitlines() for text in (source, self.apply(source)))
        lines = list(difflib.unified_diff(before, after, f"a/{self.file}", f"b/{self.file}", n=2, lineterm=""))
        return "\n".join(f"{line} {self.function}" if line.startswith("@@") else line for line in lines)


class _Finder:
    """Collects the mutants of one file from the cursors of a translation unit."""

    def __init__(self, file, source, project):
        self.file, self.source, self.project = file, source, project
        self.found = {}
        self.function = ""
        self.macros = []        # the bytes of each use of a macro that takes arguments
        self.variables = {}     # type: names, of the function's and the file's own variables
        self.symmetric = set()  # where calls begin whose first two arguments may change places

    # What the code reads

    def text(self, start, end):
        return self.source[start:end].decode()

    def of(self, cursor):
        return self.text(*_range(cursor))

    def between(self, left, right):
        """The operator between two operands; empty where a macro hides it."""
        return COMMENT.sub("", self.text(_range(left)[1], _range(right)[0])).strip()

    def hidden(self, cursor):
        """Whether a macro's expansion is the whole of it, or more than that."""
        start, end = _range(cursor)
        return any(first <= start and end <= last for first, last in self.macros)

    def inside_macro(self, cursor):
        start, end = _range(cursor)
        return any(first <= start and end <= last and (first, last) != (start, end) for first, last in self.macros)

    # What becomes of it

    def add(self, kind, start, end, new):
        old = self.text(start, end)
        new += "\n" * (old.count("\n") - new.count("\n"))       # so that no line after it moves
        if new == old or start >= end:
            return
        head = self.source.rfind(b"\n", 0, start) + 1
        tail = self.source.find(b"\n", end)
        tail = tail if tail >= 0 else len(self.source)
        before, after = self.text(head, tail), self.text(head, start) + new + self.text(end, tail)
        lines = tuple(" ".join(COMMENT.sub("", text).split()) for text in (before, after))
        self.found.setdefault((start, end, new.strip()),
                              Mutant(self.file, self.function, kind, start, end, new, lines))

    def replace(self, kind, cursor, new):
        if not self.inside_macro(cursor):
            self.add(kind, *_range(cursor), new)

    # The kinds of changes

    def condition(self, cursor):
        text = self.of(cursor)
        self.replace("condition turned", cursor, f"!({text})")
        self.replace("condition dropped", cursor, f"1 || ({text})")
        self.replace("condition dropped", cursor, f"0 && ({text})")

    def operator(self, cursor, whole_condition):
        left, right = list(cursor.get_children())
        sign = self.between(left, right)
        start, end = _range(left)[1], _range(right)[0]
        if self.inside_macro(cursor) or start > end:
            return
        gap = self.text(start, end)
        if sign in ("==", "!="):
            self.symmetric.update(_range(item)[0] for item in (left, right) if item.spelling in SYMMETRIC)
        if sign in RELATIONAL and not (whole_condition and sign in ("==", "!=")):
            self.add("boundary moved", start, end, gap.replace(sign, RELATIONAL[sign], 1))
        if sign in ARITHMETIC:
            self.add("arithmetic", start, end, gap.replace(sign, ARITHMETIC[sign], 1))
        one, other = self.of(left), self.of(right)
        if sign in LOGICAL:
            self.replace("logic swapped", cursor, f"(({one}) {LOGICAL[sign]} ({other}))")
        if sign in CHAINED:
            kind = "flag dropped" if sign == "|" else "condition dropped"
            self.replace(kind, cursor, f"({one})")
            self.replace(kind, cursor, f"({other})")

    def unary(self, cursor):
        operand = _range(next(cursor.get_children()))
        start, end = _range(cursor)
        sign = COMMENT.sub("", self.text(start, operand[0]) + self.text(operand[1], end)).strip()
        if self.inside_macro(cursor):
            return
        if sign in ("++", "--"):
            other = "--" if sign == "++" else "++"
            self.add("arithmetic", start, end, self.text(start, end).replace(sign, other, 1))
        elif sign in ("!", "-", "~"):
            self.add("sign dropped", start, end, f"({self.text(*operand)})")

    def constant(self, start, end):
        text = self.text(start, end)
        if text in ("true", "false"):
            self.add("constant", start, end, "false" if text == "true" else "true")
        elif number := INTEGER.fullmatch(text):
            value = int(number[1], 0) if not re.fullmatch(r"0[0-7]+", number[1]) else int(number[1], 8)
            for other in (value + 1, value - 1):
                if other >= 0:
                    self.add("constant", start, end, f"{other}{number[2]}")
        elif CHARACTER.fullmatch(text) and text[1] not in "&[":
            self.add("constant", start, end, f"'{chr(ord(text[1]) + 1)}'")

    def statement(self, cursor):
        if cursor.kind in STATEMENTS:
            self.replace("statement dropped", cursor, f"while (0) {self.of(cursor)}")

    def leave(self, cursor, around):
        loop = next((kind for kind in reversed(around) if kind in LOOPS or kind == Kind.SWITCH_STMT), None)
        if cursor.kind == Kind.CONTINUE_STMT:
            self.replace("jump", cursor, "(void)0")
            self.replace("jump", cursor, "break")
        elif loop == Kind.SWITCH_STMT:
            self.replace("jump", cursor, "__attribute__((fallthrough))")
        else:
            self.replace("jump", cursor, "(void)0")

    def result(self, cursor):
        value = next(cursor.get_children(), None)
        if value is None:
            self.replace("jump", cursor, "(void)0")
            return
        text, kind = self.of(value), value.type.get_canonical().kind
        if self.hidden(value) and self.inside_macro(value) or text in ("true", "false"):
            return
        if kind == TypeKind.BOOL or _is_truth(value):
            self.replace("result", value, f"!({text})")
        elif kind == TypeKind.POINTER and text != "NULL":
            self.replace("result", value, "NULL")
        elif kind in INTEGERS and not INTEGER.fullmatch(text):
            self.replace("result", value, f"({text}) + 1")

    def arguments(self, cursor):
        given = list(cursor.get_arguments())
        if _range(cursor)[0] in self.symmetric:
            del given[0]
        for one, other in itertools.pairwise(given):
            if one is None or other is None or self.inside_macro(one) or self.inside_macro(other):
                continue
            texts = self.of(one), self.of(other)
            if one.type.get_canonical() == other.type.get_canonical() and texts[0] != texts[1]:
                start, middle, after, end = *_range(one), *_range(other)
                if start < middle <= after < end:
                    self.add("swapped", start, end, texts[1] + self.text(middle, after) + texts[0])

    def member(self, cursor):
        declaration = cursor.referenced
        if declaration is None or declaration.kind != Kind.FIELD_DECL or not self._ours(declaration):
            return
        fields = [item for item in declaration.semantic_parent.get_children() if item.kind == Kind.FIELD_DECL
                  and item.type.get_canonical() == declaration.type.get_canonical()]
        self.rename("other field", cursor, declaration.spelling, [item.spelling for item in fields])

    def name(self, cursor):
        declaration = cursor.referenced
        if declaration is None or not self._ours(declaration):
            return
        if declaration.kind == Kind.ENUM_CONSTANT_DECL:
            names = [item.spelling for item in declaration.semantic_parent.get_children()]
            self.rename("other constant", cursor, declaration.spelling, names)
        elif declaration.kind in (Kind.VAR_DECL, Kind.PARM_DECL):
            names = self.variables.get(declaration.type.get_canonical().spelling, [])
            self.rename("other variable", cursor, declaration.spelling, names)

    def rename(self, kind, cursor, name, names):
        """The name that ends the cursor becomes the next of its kind."""
        end = _range(cursor)[1]
        start = end - len(name)
        if len(names) > 1 and name in names and self.text(start, end) == name and not self.hidden(cursor):
            self.add(kind, start, end, names[(names.index(name) + 1) % len(names)])

    def table(self, cursor):
        """An entry forgotten; an entry that has a value of the next."""
        entries = list(cursor.get_children())
        if len(entries) < 2 or self.inside_macro(cursor):
            return
        for entry, follower in itertools.pairwise(entries):
            (start, end), (after, last) = _range(entry), _range(follower)
            if start < end <= after < last and cursor.type.get_canonical().kind == TypeKind.CONSTANTARRAY:
                self.add("row dropped", start, after, "")
            rows = ROW.fullmatch(self.text(start, end)), ROW.fullmatch(self.text(after, last))
            if all(rows) and rows[0][1] == rows[1][1]:
                self._swap_values(start + rows[0].start(2), rows[0][2], rows[1][2])

    def _swap_values(self, start, row, other):
        values, others = row.split(","), other.split(",")
        if len(values) == len(others) and "(" not in row:
            for value, another in zip(values, others):
                if value.strip() != another.strip():
                    self.add("swapped", start, start + len(value), another)
                start += len(value.encode()) + 1

    def _ours(self, declaration):
        return declaration.location.file is not None and \
            Path(declaration.location.file.name).is_relative_to(self.project)

    # The way through the tree

    def top(self, cursor, file_variables):
        """One declaration of the file."""
        self.function = cursor.spelling or next((item.spelling for item in cursor.get_children()), "")
        self.variables = {kind: list(names) for kind, names in file_variables.items()}
        if cursor.kind == Kind.MACRO_DEFINITION:
            self.macro_definition(cursor)
            return
        for item in cursor.walk_preorder() if cursor.kind == Kind.FUNCTION_DECL else ():
            if item.kind in (Kind.VAR_DECL, Kind.PARM_DECL):
                names = self.variables.setdefault(item.type.get_canonical().spelling, [])
                names[:] = [name for name in names if name != item.spelling] + [item.spelling]
        self.visit(cursor, ())

    def macro_definition(self, cursor):
        tokens = [token for token in cursor.get_tokens()][1:]
        if len(tokens) == 1:
            self.constant(tokens[0].extent.start.offset, tokens[0].extent.end.offset)

    def visit(self, cursor, around, condition=False):
        children = list(cursor.get_children())
        kind = cursor.kind
        if kind in (Kind.IF_STMT, Kind.CONDITIONAL_OPERATOR, Kind.WHILE_STMT, Kind.DO_STMT):
            self.condition(children[-1 if kind == Kind.DO_STMT else 0])
        elif kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
            self.operator(cursor, condition)
        elif kind == Kind.UNARY_OPERATOR and children:
            self.unary(cursor)
        elif kind in (Kind.INTEGER_LITERAL, Kind.CHARACTER_LITERAL):
            if not self.inside_macro(cursor):
                self.constant(*_range(cursor))
        elif kind == Kind.CALL_EXPR:
            self.arguments(cursor)
        elif kind in (Kind.BREAK_STMT, Kind.CONTINUE_STMT):
            self.leave(cursor, around)
        elif kind == Kind.RETURN_STMT:
            self.result(cursor)
        elif kind == Kind.MEMBER_REF_EXPR:
            self.member(cursor)
        elif kind == Kind.DECL_REF_EXPR:
            self.name(cursor)
        elif kind == Kind.INIT_LIST_EXPR:
            self.table(cursor)
        for position, child in enumerate(children):
            if kind == Kind.COMPOUND_STMT or kind in (Kind.IF_STMT, Kind.CASE_STMT, Kind.DEFAULT_STMT) and position:
                self.statement(child)
            decides = position == 0 and kind in (Kind.IF_STMT, Kind.CONDITIONAL_OPERATOR, Kind.WHILE_STMT)
            passed_on = condition and kind == Kind.UNEXPOSED_EXPR
            self.visit(child, (*around, kind), decides or passed_on)


def _range(cursor):
    return cursor.extent.start.offset, cursor.extent.end.offset


def _is_truth(cursor):
    """A comparison is an int to C, and a truth to whoever wrote it."""
    while cursor.kind in (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR):
        cursor = next(cursor.get_children())
        if cursor.type.get_canonical().kind == TypeKind.BOOL:
            return True
    return False


def _arguments_of(entry):
    """The compiler's arguments without those that name the input and the output, or ask for warnings."""
    words = shlex.split(entry["command"])[1:]
    output = words.index("-o")
    del words[output:output + 2]
    return [word for word in words if word != "-c" and word != entry["file"] and not word.startswith("-W")]


def _of_unit(entry, files, project):
    """The mutants of all the files that one translation unit reads."""
    unit = Index.create().parse(entry["file"], args=_arguments_of(entry),
                                options=TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)
    errors = [str(item) for item in unit.diagnostics if item.severity >= 3]
    if errors:
        raise ValueError(f"clang cannot read {entry['file']}: {errors[0]}")
    cursors = {}
    for cursor in unit.cursor.get_children():
        if cursor.location.file is not None:
            cursors.setdefault(cursor.location.file.name, []).append(cursor)
    return {file: _of_file(file, cursors[str(project / file)], project) for file in files
            if str(project / file) in cursors}


def _of_file(file, cursors, project):
    finder = _Finder(file, (project / file).read_bytes(), project)
    for cursor in cursors:
        if cursor.kind == Kind.MACRO_INSTANTIATION and finder.of(cursor) != cursor.spelling:
            finder.macros.append(_range(cursor))
    variables = {}
    for cursor in cursors:
        if cursor.kind == Kind.VAR_DECL:
            names = variables.setdefault(cursor.type.get_canonical().spelling, [])
            if cursor.spelling not in names:
                names.append(cursor.spelling)
    for cursor in cursors:
        if cursor.kind in (Kind.FUNCTION_DECL, Kind.VAR_DECL, Kind.ENUM_DECL, Kind.MACRO_DEFINITION):
            finder.top(cursor, variables)
    return sorted(finder.found.values(), key=lambda mutant: (mutant.start, mutant.end, mutant.new))


def _unit_task(task):
    return _of_unit(*task)


def mutants_of(files, compile_commands, project, jobs=1):
    """{file: its mutants in the order of the text}. A header's are found in the first unit that includes it."""
    project = Path(project).resolve()
    entries = {entry["file"]: entry for entry in json.loads(Path(compile_commands).read_text(encoding="utf-8"))
               if Path(entry["file"]).is_relative_to(project)}
    headers = any(file.endswith(".h") for file in files)
    tasks = [(entry, files, project) for path, entry in sorted(entries.items())
             if headers or str(Path(path).relative_to(project)) in files]
    found = {}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(_unit_task, tasks):
            for file, mutants in part.items():
                found.setdefault(file, mutants)
    missing = set(files) - set(found)
    if missing:
        raise ValueError(f"no file of the build, so that nothing compiles it: {', '.join(sorted(missing))}")
    return {file: found[file] for file in files}
