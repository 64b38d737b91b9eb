"""Hidden suite of m07: an untidy file, tidied and typed, that still does what it did."""

import ast
import importlib.util
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlops_grade.suite import Inspector, Student, hint, probe
from plain_code import names_made_for_types, plain_definitions

FILE = "training_log.py"
# What the tools themselves take for an order: right after a #, which may be the second in the line.
SILENCER = re.compile(r"#\s*(noqa|type:\s*ignore|(mypy|ruff|fmt|yapf|isort|pyright|flake8|pylint)\s*:)", re.IGNORECASE)


@dataclass(frozen=True)
class Complaint:
    """What a tool has to say about a line."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def few(complaints: list[Complaint]) -> str:
    """Return the first complaints, one a line, and how many there are."""
    lines = [str(complaint) for complaint in complaints[:5]]
    more = [f"and {len(complaints) - 5} more"] if len(complaints) > 5 else []
    return "\n".join(lines + more)


@pytest.fixture
def source(shared_inspector: Inspector) -> str:
    """The handed-in file; one that is no Python fails every check that asks for it."""
    text = shared_inspector.read(FILE).decode("utf-8")
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise AssertionError(f"line {error.lineno} of {FILE}: {error.msg}") from None
    return text


@pytest.fixture(scope="module")
def mypy(shared_inspector: Inspector, hidden: Path) -> list[Complaint]:
    """What mypy says about the file, and about calls of its functions that are right and wrong.

    About the file alone first: with our calls beside it, the file could have mypy talk about them.
    """
    complaints = run_mypy(shared_inspector, FILE)
    uses = ("bad_uses.py", "good_uses.py")
    for name in uses:
        shared_inspector.write(name, (hidden / name).read_bytes())
    return complaints + [each for each in run_mypy(shared_inspector, FILE, *uses) if each.file in uses]


def run_mypy(inspector: Inspector, *files: str) -> list[Complaint]:
    """Return the errors that mypy finds in files of the workspace."""
    settings = ("--config-file", "mypy.ini", "--no-error-summary", "--output", "json")
    printed = inspector.cli("-m", "mypy", *settings, *files, timeout=80).stdout
    found = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return [
        Complaint(Path(entry["file"]).name, entry["line"], entry["message"])
        for entry in found
        if entry["severity"] == "error"
    ]


def about(complaints: list[Complaint], file: str) -> list[Complaint]:
    """Return the complaints about one file."""
    return [complaint for complaint in complaints if complaint.file == file]


def original(hidden: Path) -> Any:
    """Return the untidy file as a module: the course's own copy."""
    spec = importlib.util.spec_from_file_location("original_training_log", hidden / "original" / FILE)
    assert spec is not None and spec.loader is not None, "the original file cannot be found"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@probe
def use_everything(log, lines, values, words, runs):
    """Call everything in the file; return what comes out."""
    import io
    import json
    import pathlib

    stopping = log.EarlyStopping(2, min_delta=0.1)
    pathlib.Path("runs.json").write_text(json.dumps(runs))
    text = io.StringIO()
    log.report(log.summarise(runs), text)
    timed = log.timed(lambda first, second=0: first - second)
    return {
        "read_log": log.read_log(iter(lines)),
        "moving_average": [log.moving_average(values), log.moving_average(tuple(values), 3)],
        "best": [log.best(words, key=len), log.best([], key=len), log.best([], key=len, default="none")],
        "group_by": log.group_by(words, key=len),
        "batches": list(log.batches(words, 4)),
        "timed": [timed(5)[0], timed(5, second=7)[0], len(timed(1))],
        "EarlyStopping": [(stopping.update(value), stopping.best, stopping.waited) for value in values],
        "load_runs": [log.load_runs("runs.json"), log.load_runs(pathlib.Path("runs.json"))],
        "report": text.getvalue(),
    }


@hint("Import it, and call it. Names that only annotations use must exist while the file is imported, too.")
def test_behaviour_is_unchanged(
    student: Student, hidden: Path, rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything in the file does what it did"""
    losses = [round(float(loss), 3) for loss in rng.uniform(0.1, 2, size=11)]
    lines = [f"epoch={number} loss={loss}" for number, loss in enumerate(losses)] + ["", "epoch=last", "no record"]
    words = [str(word) for word in rng.choice(["a", "bc", "def", "gh", "ijklm", "nop"], size=11)]
    runs = {"short": losses[:3], "long": losses, "empty": []}
    got = student.run(use_everything, student.load("training_log"), lines, losses, words, runs)
    monkeypatch.chdir(tmp_path)
    expected = use_everything.__wrapped__(original(hidden), lines, losses, words, runs)  # type: ignore[attr-defined]
    assert sorted(got) == sorted(expected)
    for name in expected:
        assert got[name] == expected[name], f"{name} does not give what it gave before"


@hint("Only layout, imports, annotations, docstrings and comments may change, and every name stays.")
def test_code_is_unchanged(source: str, hidden: Path) -> None:
    """Without annotations, imports and docstrings, the code is what it was, statement by statement"""
    before = (hidden / "original" / FILE).read_text(encoding="utf-8")
    expected = plain_definitions(before)
    got = plain_definitions(source, names_made_for_types(source, before))
    missing, added = [n for n in expected if n not in got], [n for n in got if n not in expected]
    assert not missing, f"no longer in the file: {', '.join(missing)}"
    assert not added, f"new in the file, and not only for types: {', '.join(added)}"
    changed = [name for name in expected if got[name] != expected[name]]
    assert not changed, f"the code has changed: {', '.join(changed)}"
    assert list(got) == list(expected), "what the file defines, in this order"


@hint("`ruff check training_log.py` shows each place; `--fix` mends some of them by itself.")
def test_linter_has_no_complaint(source: str, shared_inspector: Inspector) -> None:
    """ruff check, with the given ruff.toml, has nothing to complain about"""
    settings = ("--config", "ruff.toml", "--no-cache", "--ignore-noqa", "--output-format", "json")
    found = json.loads(shared_inspector.cli("-m", "ruff", "check", *settings, FILE).stdout)
    complaints = [Complaint(FILE, each["location"]["row"], f"{each['code']} {each['message']}") for each in found]
    assert not complaints, few(complaints)


@hint("`ruff format training_log.py` does it, once the code can be parsed.")
def test_layout_is_the_formatters(source: str, shared_inspector: Inspector) -> None:
    """The file is laid out as ruff format does it"""
    settings = ("--config", "ruff.toml", "--no-cache", "--diff")
    diff = shared_inspector.cli("-m", "ruff", "format", *settings, FILE).stdout
    changed = [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert not changed, "ruff format would change, among others:\n" + "\n".join(changed[:3])


@hint("Every parameter but `self`, and what every function returns, `None` included; inner functions, too.")
def test_everything_is_annotated(source: str) -> None:
    """Every function has types for its parameters and for what it returns"""
    bare = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            names = [each.arg for each in every if each and each.annotation is None and each.arg not in ("self", "cls")]
            bare += [f"{node.name}: {', '.join(names)}"] if names else []
            bare += [f"{node.name}: its result"] if node.returns is None else []
    assert not bare, "no types for " + "; ".join(bare)


@hint("Run `mypy training_log.py` here. What it expects is a type, not a way around it.")
def test_type_checker_has_no_complaint(source: str, mypy: list[Complaint]) -> None:
    """mypy, with the given mypy.ini (strict, no Any), has nothing to complain about"""
    assert not about(mypy, FILE), few(about(mypy, FILE))


@hint("A comment that silences a tool hides the next mistake in that line as well.")
def test_no_tool_is_silenced(source: str) -> None:
    """No comment switches a tool off, and no Any and no cast stands in for a type"""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            silences = SILENCER.search(token.string)
            assert not silences, f"line {token.start[0]} silences a tool: {token.string}"
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    names |= {alias.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom) for alias in n.names}
    for name in ("Any", "cast", "no_type_check"):
        assert name not in names, f"{name} is used in the file"


@hint("Read the docstring again: what may be handed in, and what comes back? `list` and `Sequence` are not the same.")
def test_types_allow_what_the_docstrings_allow(source: str, mypy: list[Complaint], hidden: Path) -> None:
    """Calls that fit the docstrings fit the types"""
    lines = (hidden / "good_uses.py").read_text(encoding="utf-8").splitlines()
    wrong = [f"{lines[each.line - 1].strip()}   [{each.text}]" for each in about(mypy, "good_uses.py")]
    assert not wrong, "refused by mypy, though right:\n" + "\n".join(wrong[:3])


@hint("A type that everything fits (object, for one) says nothing. What goes in, and what comes out of it?")
def test_types_refuse_what_the_docstrings_refuse(source: str, mypy: list[Complaint], hidden: Path) -> None:
    """Calls that go against the docstrings go against the types"""
    lines = (hidden / "bad_uses.py").read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines, start=1) if line.startswith("parse_line"))
    noticed = {each.line for each in about(mypy, "bad_uses.py")}
    missed = [line for number, line in enumerate(lines, start=1) if number >= first and line and number not in noticed]
    assert not missed, "accepted by mypy, though wrong:\n" + "\n".join(missed[:3])


@hint("Docstrings are the only documentation that everybody opens: `help(EarlyStopping)`.")
def test_docstrings_are_kept(source: str, hidden: Path) -> None:
    """The docstrings that were there still are, and the rest has some of its own"""
    before = (hidden / "original" / FILE).read_text(encoding="utf-8")
    kept = {node.name: ast.get_docstring(node) for node in ast.parse(before).body if isinstance(node, ast.FunctionDef)}
    now = {node.name: ast.get_docstring(node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    lost = [
        name
        for name, text in kept.items()
        if text and " ".join(text.split()) != " ".join((now.get(name) or "").split())
    ]
    assert not lost, f"the docstring has changed: {', '.join(lost)}"
    tree = ast.parse(source)
    stopping = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "EarlyStopping"), None)
    assert stopping is not None, "there is no class EarlyStopping"
    documented = {
        "the file": tree,
        "EarlyStopping": stopping,
        **{n.name: n for n in stopping.body if isinstance(n, ast.FunctionDef) and n.name == "update"},
    }
    bare = [name for name, node in documented.items() if not ast.get_docstring(node)]
    assert not bare, f"no docstring: {', '.join(bare)}"
