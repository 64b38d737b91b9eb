"""What the syntax tree of a test file says about its assertions."""

import ast
from collections import Counter
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
ASSERTING_CALLS = ("raises", "warns", "deprecated_call", "fail")  # of pytest


def asserts_nothing(trees: dict[str, ast.Module]) -> list[str]:
    """The tests that hold no assertion and call no function of these files that does, as `file: name`."""
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, Function)]
    asserting = {function.name for function in functions if _asserts(function, set())}
    while more := {function.name for function in functions if _asserts(function, asserting)} - asserting:
        asserting |= more
    return [
        f"{path}: {test.name}"
        for path, tree in trees.items()
        for test in ast.walk(tree)
        if isinstance(test, Function) and test.name.startswith("test") and not _asserts(test, asserting)
    ]


def _asserts(function: Function, asserting: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Raise) and node.exc is not None and "AssertionError" in ast.dump(node.exc):
            return True
        if isinstance(node, ast.Call):
            name = _called(node)
            if name.startswith("assert") or name in ASSERTING_CALLS or name in asserting:
                return True
    return False


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def shadowed(trees: dict[str, ast.Module]) -> list[str]:
    """The tests defined twice in one file or class, as `file: name`."""
    found = []
    for path, tree in trees.items():
        for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]:
            names = Counter(node.name for node in scope.body if isinstance(node, Function | ast.ClassDef))
            twice = [name for name, times in names.items() if times > 1 and name.lower().startswith("test")]
            found += [f"{path}: {name}" for name in twice]
    return found


def always_true(trees: dict[str, ast.Module]) -> list[str]:
    """The assertions that cannot fail, as `file, line: source`."""
    return [
        f"{path}, line {node.lineno}: {ast.unparse(node)}"
        for path, tree in trees.items()
        for node in _assertions(tree)
        if _true(node.test if isinstance(node, ast.Assert) else node.args[0])
    ]


def _assertions(tree: ast.Module) -> Iterator[ast.Assert | ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and node.args and _called(node) == "assertTrue"):
            yield node


def _true(test: ast.expr) -> bool:
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return bool(elements)
        case ast.JoinedStr() | ast.Lambda():
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_true(value) for value in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_true(value) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            # A call made twice may well give two answers: that is how one tests what a seed does.
            calls = any(isinstance(node, ast.Call) for node in ast.walk(test))
            return (ast.dump(left) == ast.dump(right) and not calls) or _length_of_anything(test)
    return False


def _length_of_anything(test: ast.Compare) -> bool:
    """len(x) >= 0"""
    match test:
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.GtE()], comparators=[ast.Constant(value=0)]):
            return True
    return False
