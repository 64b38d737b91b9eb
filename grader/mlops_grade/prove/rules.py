"""What a suite may not do in the judge, seen in its source: start, connect, unpickle, or parse what is complicated.

The judge's fence stops most of it when it happens; this says so before, names the line, and says what to do instead.
Probes are left out: they run in pods.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mlops_grade.course.discovery import Module

_PROGRAMS = "the judge starts no program: student.cli and student.shell run the student's, inspector.cli runs tools"
_NETWORK = "the judge reaches no network: student.host and student.listen are reached from the student's"
_PICKLES = "the judge unpickles nothing: open it in a probe"
_YAML = "read_yaml of mlops_grade.suite reads YAML with bounds on its size, depth and aliases"
_PARSERS = "complicated parsers read a student's file in the inspector, in a probe, and give plain data back"
_CODE = "the judge runs no text as code: run it in a probe"

MADE_HERE = "# made here"  # at the end of a line that reads what the suite has made itself
#: Prefixes of qualified names, and what to do instead.
RULES: dict[str, str] = {
    **dict.fromkeys(("subprocess", "multiprocessing", "pty", "os.system", "os.popen", "os.fork*"), _PROGRAMS),
    **dict.fromkeys(("os.exec*", "os.spawn*", "os.posix_spawn*", "mypy.api", "asyncio.create_subprocess*"), _PROGRAMS),
    **dict.fromkeys(("socket.create_connection", "socket.create_server", "socketserver", "http.server"), _NETWORK),
    **dict.fromkeys(("urllib.request", "http.client", "requests", "ftplib", "httpx.get", "httpx.post"), _NETWORK),
    **dict.fromkeys(("pickle.load*", "pickle.Unpickler", "shelve", "marshal.load*", "dill", "cloudpickle"), _PICKLES),
    **dict.fromkeys(("joblib.load", "torch.load", "numpy.load", "torch.jit.load"), _PICKLES),
    **dict.fromkeys(("yaml.load*", "yaml.safe_load*", "yaml.full_load*", "yaml.unsafe_load*"), _YAML),
    **dict.fromkeys(("onnx.load*", "onnx.checker", "onnx.reference", "onnxruntime", "h5py", "zlib"), _PARSERS),
    **dict.fromkeys(("zipfile", "tarfile", "lzma", "bz2", "gzip", "shutil.unpack_archive"), _PARSERS),
    **dict.fromkeys(("PIL.Image.open", "sqlite3", "xml", "lxml", "html5lib", "bs4", "plistlib"), _PARSERS),
    **dict.fromkeys(("dulwich", "git", "dvc", "nbformat", "nbconvert", "jinja2", "cookiecutter", "hydra"), _PARSERS),
    **dict.fromkeys(("pandas.read_*", "pyarrow", "polars", "tensorboard", "wandb", "evidently", "mlflow"), _PARSERS),
    **dict.fromkeys(("google.protobuf", "opentelemetry.proto", "hadolint", "email.parser"), _PARSERS),
    **dict.fromkeys(("eval", "exec", "runpy"), _CODE),
}  # fmt: skip


def broken_rules(module: Module) -> list[str]:
    """Each place of the suite that does in the judge what belongs into a pod, in words; the first of each kind."""
    found: dict[str, str] = {}
    for file in _judges_files(module.hidden):
        source = file.read_text(encoding="utf-8")
        own = {number for number, line in enumerate(source.splitlines(), start=1) if line.endswith(MADE_HERE)}
        for name, line in _names(ast.parse(source)):
            if line not in own and (rule := _rule(name)) is not None:
                found.setdefault(rule, f"{file.name}, line {line}: {name} in the judge. Instead: {RULES[rule]}")
    return list(found.values())


def _judges_files(hidden: Path) -> list[Path]:
    """The suite's files and what they import from beside them: other files there are for pods."""
    waiting, files = sorted(hidden.glob("test_*.py")), []
    while waiting:
        file = waiting.pop(0)
        if file in files:
            continue
        files.append(file)
        for node in ast.walk(ast.parse(file.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            beside = (hidden / f"{name.partition('.')[0]}.py" for name in names)
            waiting += [path for path in beside if path.is_file()]
    return files


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Qualified names that are imported or used outside of probes, each with its line."""
    known: dict[str, str] = {}
    nodes = list(_outside_of_probes(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield f"{node.module}.{alias.name}", node.lineno
    for node in nodes:
        if isinstance(node, ast.Attribute) and (name := _dotted(node, known)):
            yield name, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in known:
            yield node.func.id, node.lineno


def _outside_of_probes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and any(ast.unparse(each) == "probe" for each in child.decorator_list):
            continue
        yield child
        yield from _outside_of_probes(child)


def _dotted(node: ast.Attribute, known: dict[str, str]) -> str:
    parts = [node.attr]
    value: ast.expr = node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name) or value.id not in known:
        return ""
    return ".".join([known[value.id], *reversed(parts)])


def _rule(name: str) -> str | None:
    for rule in RULES:
        if name == rule or name.startswith(f"{rule}.") or (rule.endswith("*") and name.startswith(rule[:-1])):
            return rule
    return None
