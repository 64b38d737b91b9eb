"""The solution with a single TODO of the skeleton put back: a suite that does not notice does not check it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mlops_grade.course.submission import Submission


def with_one_stub(solution: Submission, skeleton: Submission) -> Iterator[tuple[str, Submission]]:
    """For each stub of the skeleton, its name and the solution that has it instead of the real thing.

    A stub is a Python function that raises NotImplementedError("TODO…"), or a whole file of another kind with a TODO.
    """
    for path, data in sorted(skeleton.files.items()):
        if path not in solution.files or b"TODO" not in data:
            continue
        if not path.endswith(".py"):
            yield path, solution.overlaid({path: data})
            continue
        for name in _stubs(data.decode("utf-8")):
            changed = _replaced(solution.files[path].decode("utf-8"), name, data.decode("utf-8"))
            if changed is not None:
                yield f"{path}: {name}", solution.overlaid({path: changed.encode()})


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _stubs(source: str) -> list[str]:
    return [name for name, function in _functions(ast.parse(source)) if _is_stub(function)]


def _is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(node, ast.Raise) and "TODO" in ast.unparse(node) for node in ast.walk(function))


def _replaced(source: str, name: str, skeleton: str) -> str | None:
    """The source with the body of one function made to raise as in the skeleton; None where it has no such function."""
    stub = dict(_functions(ast.parse(skeleton)))[name]
    raising = next(node for node in ast.walk(stub) if isinstance(node, ast.Raise))
    tree = ast.parse(source)
    for found, function in _functions(tree):
        if found == name:
            docstring = function.body[:1] if ast.get_docstring(function) is not None else []
            function.body = [*docstring, raising]
            return ast.unparse(ast.fix_missing_locations(tree))
    return None
