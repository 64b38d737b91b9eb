"""The worker: imports the student's modules and works on their objects as the judge asks. Its answers are claims.

Requests and answers are wire frames on descriptor 3: `(number, operation, *arguments)` and `(number, True, value)`, or
`(number, False, what was raised)`.
"""

from __future__ import annotations

import collections.abc
import importlib
import itertools
import linecache
import os
import socket
import sys
import types
from dataclasses import dataclass
from typing import Any

from mlops_grade.student import wire
from mlops_grade.student.program import main_module

MAX_ITERATED = 10_000
MAX_MESSAGE = 4_000
MAX_FRAMES = 12


@dataclass(frozen=True)
class Worker:
    """A role: serve objects of the student's modules to the judge."""

    workspace: str
    seed: int
    imports: bool  # whether what lies in the workspace can be imported: not by an inspector's worker

    def run(self) -> None:
        main_module(None)
        sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
        if self.imports:
            sys.path.insert(0, self.workspace)
        _seed_everything(self.seed)
        Bench(self.workspace, socket.socket(fileno=3)).serve()


def _seed_everything(seed: int) -> None:
    import random

    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


class Bench:
    """Holds the objects that the judge has handles on, and answers one request after the other."""

    def __init__(self, workspace: str, sock: socket.socket) -> None:
        self._workspace = workspace
        self._sock = sock
        self._objects: dict[int, Any] = {}
        self._numbers = itertools.count(1)

    def serve(self) -> None:
        while True:
            try:
                number, operation, *arguments = wire.receive(self._sock, self._object)
            except EOFError:
                os._exit(0)
            try:
                value = getattr(self, f"_do_{operation}")(*arguments)
                answer = wire.encode((number, True, value), self._substitute)
            except BaseException as error:
                answer = wire.encode((number, False, self._described(error)))
            wire.send(self._sock, answer)

    def _object(self, reference: wire.Reference) -> Any:
        return self._objects[reference.number]

    def _substitute(self, value: Any) -> Any:
        """Something that can cross in place of a value: its plain base type, or a handle."""
        for base in (str, int, float, dict, tuple, list):
            if isinstance(value, base):
                return _plain(value, base)
        if isinstance(value, types.GeneratorType | map | filter | zip):
            return list(itertools.islice(value, MAX_ITERATED))
        if isinstance(value, collections.abc.KeysView | collections.abc.ValuesView | collections.abc.ItemsView):
            return list(value)
        number = next(self._numbers)
        self._objects[number] = value
        kind = value if isinstance(value, type) else type(value)
        classes = tuple(f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__)[:20]
        return wire.Reference(number, classes, f"{'class ' if value is kind else ''}{kind.__qualname__}")

    # ----------------------------------------------------------------------------------------------- operations

    def _do_load(self, name: str, path: str) -> Any:
        place = os.path.normpath(os.path.join(self._workspace, path))
        if place not in sys.path:
            sys.path.insert(0, place)
        return importlib.import_module(name)

    def _do_get(self, thing: Any, name: str) -> Any:
        return getattr(thing, name)

    def _do_set(self, thing: Any, name: str, value: Any) -> None:
        setattr(thing, name, value)

    def _do_call(self, thing: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return thing(*arguments, **named)

    def _do_item(self, thing: Any, key: Any) -> Any:
        return thing[key]

    def _do_length(self, thing: Any) -> int:
        return len(thing)

    def _do_iterate(self, thing: Any) -> list[Any]:
        return list(itertools.islice(iter(thing), MAX_ITERATED))

    def _do_look(self, thing: Any) -> str:
        return str(thing)[:MAX_MESSAGE]

    def _do_probe(self, source: str, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        namespace: dict[str, Any] = {"__name__": "probe", "__builtins__": __builtins__}
        exec(compile(source, "<probe>", "exec", dont_inherit=True), namespace)
        return namespace[name](*arguments, **named)

    # ----------------------------------------------------------------------------------------------- exceptions

    def _described(self, error: BaseException) -> dict[str, Any]:
        described: dict[str, Any] = {
            "classes": [base.__name__ for base in type(error).__mro__][:20],
            "message": _message(error),
            "frames": [],
        }
        try:
            described["frames"] = self._frames(error)
        except BaseException:  # a hostile frame or file: the message alone has to do
            described["frames"] = []
        return described

    def _frames(self, error: BaseException) -> list[tuple[str, int, str, str]]:
        frames = []
        trace = error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            inside = self._inside(file)
            if inside:
                line = linecache.getline(file, trace.tb_lineno).strip()[:300]
                frames.append((inside, trace.tb_lineno, trace.tb_frame.f_code.co_qualname, line))
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.filename and self._inside(error.filename):
            text = (error.text or "").strip()[:300]
            frames.append((self._inside(error.filename), error.lineno or 0, "", text))
        return frames[:4] + frames[4:][-MAX_FRAMES + 4 :]

    def _inside(self, file: str) -> str:
        """A file's path relative to the workspace; empty for anything else, code without a file (a probe) included."""
        if file.startswith("<"):
            return ""
        place = os.path.normpath(os.path.join(self._workspace, file))
        return os.path.relpath(place, self._workspace) if place.startswith(self._workspace + os.sep) else ""


def _plain(value: Any, base: type) -> Any:
    """A subclass's instance as the built-in type itself, by the built-in's own methods."""
    if base is str:
        return "".join(str.__iter__(value))
    if base is int:
        return int.__int__(value) if not isinstance(value, bool) else bool(value)
    if base is float:
        return float.__float__(value)
    if base is dict:
        return dict(dict.items(value))
    return base(base.__iter__(value))  # type: ignore[attr-defined]


def _message(error: BaseException) -> str:
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)[:MAX_MESSAGE]
        if isinstance(error, KeyError) and error.args:
            return repr(error.args[0])[:MAX_MESSAGE]
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return "(its message could not be read)"
