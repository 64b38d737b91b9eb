"""A program under test: a Python file or module as `__main__`, a bash script, or uvicorn with the student's app.

A Python program runs in a fork of the warm parent, so that it does not spend seconds importing torch; it sees what a
fresh interpreter would show it: `__main__`, `sys.argv`, `sys.path`, and the way an interpreter ends.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib.machinery
import os
import random
import runpy
import sys
import threading
import types
from dataclasses import dataclass
from typing import Any, NoReturn

LISTENING_DESCRIPTOR = 3


@dataclass(frozen=True)
class Program:
    """A role: run one program in this process, as its last."""

    kind: str
    argv: list[str]
    cwd: str
    environment: dict[str, str]

    def run(self) -> None:
        os.chdir(self.cwd)
        os.environ.update(self.environment)
        added = [entry for entry in self.environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
        sys.path[:] = [*map(os.path.abspath, added), *(e for e in sys.path if e not in ("", os.getcwd()))]
        _forget_random_state()
        known = frozenset(sys.modules)
        status = 0
        try:
            {
                "python": self._python, "bash": self._bash, "serve": self._serve,
                "tool": self._tool, "command": self._command,
            }[self.kind]()  # fmt: skip
        except SystemExit as end:
            status = _exit_status(end)
        except BaseException as error:
            # As the interpreter does it, without our own frames above the student's.
            sys.excepthook(type(error), error, _below_this_file(error))
            status = 1
        _finish(status, known)

    def _bash(self) -> None:
        os.execvp("bash", ["bash", *self.argv])

    def _python(self) -> None:
        name, *arguments = self.argv
        if name == "-m":
            name, *arguments = arguments
            sys.path.insert(0, os.getcwd())
            sys.argv = ["-m", *arguments]
            runpy.run_module(name, run_name="__main__", alter_sys=True)
            return
        sys.argv = [name, *arguments]
        sys.orig_argv = [sys.executable, *sys.argv]
        sys.path.insert(0, os.path.dirname(os.path.abspath(name)))
        try:
            with open(name, "rb") as file:
                source = file.read()
        except OSError as error:
            sys.stderr.write(f"python: can't open file {name!r}: [Errno {error.errno}] {error.strerror}\n")
            sys.exit(2)
        module = main_module(os.path.abspath(name))
        exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)

    def _tool(self) -> None:
        """`python -P -m`: nothing that lies in the folder can take a module's place."""
        name, *arguments = self.argv
        sys.argv = ["-m", *arguments]
        runpy.run_module(name, run_name="__main__", alter_sys=True)

    def _command(self) -> None:
        os.execvp(self.argv[0], self.argv)

    def _serve(self) -> None:
        import uvicorn

        sys.path.insert(0, os.getcwd())
        sys.argv = ["uvicorn", *self.argv]
        main_module(None)
        uvicorn.run(self.argv[0], fd=LISTENING_DESCRIPTOR, log_level="warning", access_log=False, lifespan="auto")


def _forget_random_state() -> None:
    """Draw anew, as a new interpreter does: two runs that set no seed must not be alike because they were forked."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


def _exit_status(end: SystemExit) -> int:
    """The status of an interpreter that ends by this; what is no number goes to standard error, as there."""
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code & 0xFF
    print(end.code, file=sys.stderr)
    return 1


def _finish(status: int, known: frozenset[str]) -> NoReturn:
    """End as an interpreter does, but leave what was `known` before standing: to take torch down costs 0.2 s.

    Threads are waited for, exit handlers run, and what the student's modules still hold is let go, so that a file that
    was never closed is written all the same.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    here = os.getcwd()
    for name, module in list(sys.modules.items()):
        with contextlib.suppress(Exception):  # whatever is found there: some are no modules at all
            if name == "__main__" or (name not in known and str(getattr(module, "__file__", "")).startswith(here)):
                vars(module).clear()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)


def main_module(file: str | None) -> Any:
    """A fresh `__main__`: what the warm parent's own held is nobody's business."""
    module: Any = types.ModuleType("__main__")
    module.__builtins__ = __builtins__
    module.__spec__ = None
    if file is not None:
        module.__file__ = file
        module.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
    sys.modules["__main__"] = module
    return module


def _below_this_file(error: BaseException) -> types.TracebackType | None:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in (__file__, runpy.__file__, "<frozen runpy>"):
        trace = trace.tb_next
    error.__traceback__ = trace
    return trace
