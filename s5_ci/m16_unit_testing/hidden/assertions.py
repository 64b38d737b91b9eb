"""What the syntax tree of a test file says about its assertions."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

Function = ast.FunctionDef | ast.AsyncFunctionDef
ASSERTING_CALLS = ("raises", "warns", "deprecated_call", "fail")  # of pytest


def asserts_nothing(trees: dict[str, ast.Module]) -> list[str]:
    """The tests that hold no assertion and reach nothing of these files that does, as `file: name`."""
    asserting = _asserting_names(trees)
    return [
        f"{path}: {test.name}"
        for path, tree in trees.items()
        for test in _tests(path, tree)
        if not _asserts(test, asserting)
    ]


def _tests(path: str, tree: ast.Module) -> Iterator[Function]:
    """What pytest would collect: no fixture, nothing inside of a function, nothing of a file of helpers."""
    file = PurePath(path).name
    if not (file.startswith("test_") or file.endswith("_test.py")):
        return
    scopes: list[ast.Module | ast.ClassDef] = [
        tree,
        *(each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)),
    ]
    for node in (node for scope in scopes for node in scope.body):
        if isinstance(node, Function) and node.name.startswith("test") and not _is_fixture(node):
            yield node


def _is_fixture(function: Function) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list)


def _asserting_names(trees: dict[str, ast.Module]) -> set[str]:
    """Under which names these files know something that asserts: functions, imports, what was made of either."""
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    found = {
        alias.asname
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and (alias.name.startswith("assert") or alias.name in ASSERTING_CALLS)
    }
    while True:
        more = {node.name for node in nodes if isinstance(node, Function) and _asserts(node, found)}
        for node in nodes:  # close = functools.partial(torch.testing.assert_close, rtol=0)
            if isinstance(node, ast.Assign) and _names_one(node.value, found):
                more |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if more <= found:
            return found
        found |= more


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
    # A function that asserts may come in by another name: as a parameter, in a list to loop over.
    return any(_names_one(node, asserting) for node in [*function.body, *function.decorator_list])


def _names_one(tree: ast.AST, asserting: set[str]) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                if name in asserting or name.startswith("assert_"):
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
    classes = _test_cases(trees)
    return [
        f"{path}, line {node.lineno}: {ast.unparse(node)}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Assert) and _true(node.test)) or (isinstance(node, ast.Call) and _idle(node, classes))
    ]


def _test_cases(trees: dict[str, ast.Module]) -> set[str]:
    """The names of classes: an assertion that is called on one, not on an instance, takes its condition for `self`."""
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    imported = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "TestCase"
    }
    return {"TestCase", *imported, *(node.name for node in nodes if isinstance(node, ast.ClassDef))}


def _idle(call: ast.Call, classes: set[str]) -> bool:
    """Whether a call of one of unittest's assertions cannot fail."""
    name, arguments = _called(call), list(call.args)
    match call.func:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner)) if owner in classes:
            arguments = arguments[1:]
    match name, arguments:
        case "assertTrue" | "assert_", [condition, *_]:
            return _true(condition)
        case "assertFalse", [condition, *_]:
            return _true(ast.UnaryOp(ast.Not(), condition))
        case "assertIsNotNone", [ast.Constant(value=value), *_]:
            return value is not None
        case "assertEqual" | "assertIs" | "assertLessEqual" | "assertGreaterEqual", [left, right, *_]:
            return _true(ast.Compare(left, [ast.Eq()], [right]))
    return False


def _true(test: ast.expr) -> bool:
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements) | ast.Dict(keys=elements):
            return bool(elements)
        case ast.JoinedStr() | ast.Lambda() | ast.GeneratorExp():
            return True
        case ast.ListComp(elt=ast.Compare(), generators=[ast.comprehension(ifs=[])]):
            return True  # a list of answers, which all() would look at
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
