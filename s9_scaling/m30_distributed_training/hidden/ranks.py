"""Several processes as torchrun would start them, but forked, which spares them the import of torch.

The suite runs this beside the student's code; nothing in it is secret.
"""

import contextlib
import io
import os
import pickle
import re
import runpy
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path

import torch

NOISE = re.compile(rb"^(\[rank\d+\]:)?\[[IW]\d{4} [^\n]*\n?|^\[Gloo\][^\n]*\n?", re.MULTILINE)
"""What c10d and gloo say of host names and connections, as if it were trouble."""


def run(world, function, *arguments, patience=25.0):
    """Call function(rank, *arguments) in `world` processes; return what each one returned, by rank."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    results = Path(tempfile.mkdtemp())
    running = {_fork(rank, world, port, results, function, arguments): rank for rank in range(world)}
    _wait(running, results, patience)
    for rank in range(world):
        with contextlib.suppress(OSError):
            sys.stderr.write(NOISE.sub(b"", (results / f"{rank}.printed").read_bytes()).decode(errors="replace"))
    sys.stderr.flush()
    outcomes = {}
    for rank in range(world):
        if (results / str(rank)).exists():
            outcomes[rank] = pickle.loads((results / str(rank)).read_bytes())
    for rank in sorted(outcomes, key=lambda rank: outcomes[rank]["when"]):
        if "error" in outcomes[rank]:
            raise outcomes[rank]["error"]
    missing = [rank for rank in range(world) if rank not in outcomes]
    if missing:
        raise RuntimeError(f"of {world} processes, rank {missing} did not finish: it waited for the others, or ended")
    return [outcomes[rank]["value"] for rank in range(world)]


def script(rank, path, arguments):
    """Run a program as torchrun would; return what it printed."""
    printed = io.StringIO()
    sys.argv = [path, *arguments]
    with contextlib.redirect_stdout(printed):
        runpy.run_path(path, run_name="__main__")
    return printed.getvalue()


def _fork(rank, world, port, results, function, arguments):
    process = os.fork()
    if process:
        return process
    try:
        with (results / f"{rank}.printed").open("wb", buffering=0) as printed:
            os.dup2(printed.fileno(), 2)
        os.environ.update(
            RANK=str(rank),
            LOCAL_RANK=str(rank),
            WORLD_SIZE=str(world),
            LOCAL_WORLD_SIZE=str(world),
            MASTER_ADDR="127.0.0.1",
            MASTER_PORT=str(port),
            GLOO_SOCKET_IFNAME="lo",
        )
        (results / f"process_{rank}").write_text(str(os.getpid()))
        os.environ["RANKS_FOLDER"] = str(results)
        torch.seed()  # new processes have unlike generators; forked ones would share the parent's
        try:
            outcome = {"value": function(rank, *arguments)}
        except BaseException as error:
            text = f"{error} (rank {rank})"
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "train_ddp" in frame.filename]
            if frames:
                text += f", at train_ddp.py line {frames[-1].lineno}: {frames[-1].line}"
            plain = isinstance(error, Exception) and type(error).__module__ == "builtins"
            outcome = {"error": type(error)(text) if plain else RuntimeError(f"{type(error).__name__}: {text}")}
        outcome["when"] = time.monotonic()
        (results / f"{rank}.part").write_bytes(pickle.dumps(outcome))
        (results / f"{rank}.part").rename(results / str(rank))
        if "value" in outcome:
            _linger(results, world)
    finally:
        os._exit(0)


def stalled(process):
    """Seconds for which a process was ready and had no core (Linux)."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def process_of(rank):
    """The process of another rank of this run."""
    file = Path(os.environ["RANKS_FOLDER"], f"process_{rank}")
    while not file.exists() or not file.read_text():
        time.sleep(0.01)
    return int(file.read_text())


def sleep(seconds, process):
    """Sleep until another process had that many seconds."""
    began = time.monotonic() - stalled(process)
    while time.monotonic() - stalled(process) - began < seconds:
        time.sleep(0.01)


def _linger(results, world):
    """Leave together: a process that ends while another is still joining the group would break the group for it."""
    while not all((results / str(rank)).exists() for rank in range(world)):  # whoever waits for all ends this one, too
        time.sleep(0.01)


def _wait(running, results, patience):
    """Wait for all; once one is done, the others get a few seconds, since they may wait for it for ever.

    Time in which one of them was ready and had no core is nobody's: the others may have waited for that one.
    """
    began, last, stood_still = time.monotonic(), dict.fromkeys(running, 0.0), 0.0
    started = len(running)
    while running and time.monotonic() - began - stood_still < patience:
        now = {process: stalled(process) for process in running}
        stood_still += max(now[process] - last[process] for process in running)
        last = now
        process, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(process, None)
        elapsed = time.monotonic() - began - stood_still
        if len(running) < started:
            patience = min(patience, elapsed + 6)
        elif any(results.glob("[0-9]")):  # it lingers for the others
            patience = min(patience, elapsed + 11)
        if not process:
            time.sleep(0.01)
    for process in running:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
