"""`mlops-grade doctor --security`: try to break out of the jail that this machine really gives, and say what held.

A quick selection of the corpus in `tests/attacks`, run in pods, an inspector and a fenced judge, and by a fork. The
programs that try are ours: they say honestly what they managed to do. What they say they read is compared with secrets
planted for the purpose.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mlops_grade.commands import breakout_by_fork
from mlops_grade.errors import GraderError
from mlops_grade.judge.fence import missing_layers
from mlops_grade.student import isolation
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.isolation import Tier
from mlops_grade.student.jail import Limits
from mlops_grade.student.launch import ServerProcess, start_parent
from mlops_grade.verdict import ExitCode


@dataclass(frozen=True)
class Try:
    """One thing that student code may try, and the weakest tier that stops it."""

    name: str
    what: str
    stopped_from: Tier


TRIES = (
    Try("file", "read a file of yours", Tier.LANDLOCK),
    Try("environment", "read your environment from /proc", Tier.LANDLOCK),
    Try("memory", "read the memory of the process above it", Tier.LIMITS),
    Try("ptrace", "trace the process above it", Tier.LIMITS),
    Try("write", "leave a file in your temporary folder", Tier.LANDLOCK),
    Try("devices", "leave a file among the devices", Tier.LANDLOCK),
    Try("disk", "open a disk or the kernel's memory", Tier.LANDLOCK),
    Try("loopback", "call a service on this machine", Tier.NAMESPACES),
    Try("vsock", "open a socket to the host of a virtual machine", Tier.LANDLOCK),
    Try("namespace", "make a namespace in which it is root", Tier.LANDLOCK),
    Try("processes", "see the grader's processes", Tier.NAMESPACES),
    Try("forks", "start processes without end", Tier.LIMITS),
    Try("memory_of_many", "use more memory than allowed, in many processes", Tier.LIMITS),
    Try("daemon", "leave a process behind", Tier.LIMITS),
    Try("inspector_imports", "have a tool in the inspector run what is handed in", Tier.LIMITS),
    Try("inspector_file", "have a tool in the inspector read a file of yours", Tier.LANDLOCK),
    Try("judge_file", "have a parser in the judge read a file of yours", Tier.LIMITS),
    Try("judge_solution", "have a parser in the judge read the reference solution", Tier.LIMITS),
    Try("judge_write", "have a parser in the judge leave a file", Tier.LIMITS),
    Try("judge_program", "have a parser in the judge start a program", Tier.LIMITS),
    Try("judge_call", "have a parser in the judge call a service on this machine", Tier.LIMITS),
    Try("fork_program", "have the git that collects forks run a program of the fork's", Tier.LIMITS),
    Try("fork_parent", "have another student's commit taken for a parent of one's own", Tier.LIMITS),
)

_PROGRAM = """
import ctypes, json, os, socket, sys, time
places = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)

def tried(name, action):
    try:
        result = action()
    except BaseException:
        result = None
    print(json.dumps([name, result]), flush=True)

def contents(path):
    with open(path, "rb") as file:
        return file.read(1 << 20).decode(errors="replace")

def environments():
    found = ""
    for entry in os.listdir("/proc"):
        try:
            found += contents(f"/proc/{entry}/environ") if entry.isdigit() else ""
        except OSError:
            pass
    return places["secret"] in found

def left(path):
    open(path, "w").close()
    os.unlink(path)
    return True

def opened(*paths):
    for path in paths:
        try:
            os.close(os.open(path, os.O_RDONLY))
            return True
        except OSError:
            pass

def others():
    seen = 0
    for entry in os.listdir("/proc"):
        try:
            seen += entry.isdigit() and b"mlops" in contents(f"/proc/{entry}/cmdline").encode()
        except OSError:
            pass
    return seen > 2 or None

def namespace():
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(0x10020000) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0 or None

def daemon():
    if os.fork() == 0:
        libc.prctl(1, 0, 0, 0, 0)
        libc.prctl(15, places["name"].encode(), 0, 0, 0)
        os.setsid()
        time.sleep(60)
    time.sleep(0.2)

tried("file", lambda: places["secret"] in contents(places["file"]) or None)
tried("environment", lambda: environments() or None)
tried("memory", lambda: opened(f"/proc/{os.getppid()}/mem"))
tried("ptrace", lambda: libc.ptrace(0x4206, os.getppid(), 0, 0) == 0 or None)
tried("write", lambda: left(places["folder"] + "/left"))
tried("devices", lambda: left("/dev/mlops-grade-left"))
tried("disk", lambda: opened("/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/mem", "/proc/kcore"))
tried("loopback", lambda: socket.create_connection(("127.0.0.1", places["port"]), 2).recv(1) == b"." or None)
tried("vsock", lambda: socket.socket(40, socket.SOCK_STREAM).fileno())
tried("namespace", namespace)
tried("processes", others)
tried("daemon", daemon)
"""
_FORKS = """
import os, time
for n in range(700):
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError:
        break
else:
    print("free")
time.sleep(2)
"""
_MEMORY = """
import os, time
for n in range(4):
    if os.fork() == 0:
        data = bytearray(os.urandom(1 << 20)) * 200
        time.sleep(20)
        os._exit(0)
time.sleep(4)
print("free")
"""


#: In the place of the module `tokenize`, which a tool in the inspector is: it would say so if it ran.
_SHADOW = b"print('ran what is handed in')\n"

_PARSER = """
import ctypes, json, os, socket, subprocess, sys
from pathlib import Path
from mlops_grade.judge.fence import Fence

places, native = json.loads(sys.argv[1]), json.loads(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
fence = Fence(Path(places["hidden"]), Path(places["private"]))
fence.settle()
fence.put_up()

def tried(name, *actions):
    done = False
    for action in actions:
        try:
            done = bool(action()) or done
        except BaseException:
            pass
    print(json.dumps([name, True if done else None]), flush=True)

def by_the_kernel(action):
    return native and action()

def contents(path):
    with open(path, "rb") as file:
        return places["secret"] in file.read().decode()

def opened(path, flags):
    return libc.open(path.encode(), flags, 0o600) != -1

def forked():
    child = libc.fork()
    if child == 0:
        os._exit(0)
    return child > 0

tried("judge_file", lambda: contents(places["file"]), lambda: by_the_kernel(lambda: opened(places["file"], 0)))
tried("judge_solution", lambda: contents(places["solution"]), lambda: by_the_kernel(lambda: opened(places["solution"], 0)))
left = places["folder"] + "/left"
tried("judge_write", lambda: open(left, "w"), lambda: by_the_kernel(lambda: opened(left, os.O_WRONLY | os.O_CREAT)))
tried("judge_program", lambda: subprocess.run([sys.executable, "-c", ""]), lambda: by_the_kernel(forked))
tried("judge_call", lambda: socket.create_connection(("127.0.0.1", places["port"]), 2),
      lambda: by_the_kernel(lambda: libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0) != -1))
"""  # noqa: E501


def run(console: Console) -> int:
    """Try everything in the tier that this machine gives; 0 when all that the tier promises held, else 1."""
    folder = Path(tempfile.mkdtemp(prefix="mlops-grade-security-"))
    private = isolation.private_folder()
    try:
        tier, server = _best(private)
        if server is None:
            console.print("isolation: none could be started here", style="bold red")
            return ExitCode.GRADER_ERROR
        with _caller() as port:
            worked = _worked(server, folder, port)
        untried = set() if shutil.which("git") else {each.name for each in TRIES if each.name.startswith("fork_")}
        worked |= set() if untried else breakout_by_fork.worked(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(private, ignore_errors=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    broken = 0
    for each in TRIES:
        promised = tier.rank >= each.stopped_from.rank
        broken += each.name in worked and promised
        if each.name in untried:
            state = Text("– not tried", "yellow")
        elif each.name not in worked:
            state = Text("✓ held", "green")
        else:
            state = Text("✗ broke out", "bold red") if promised else Text(f"– open below {each.stopped_from}", "yellow")
        table.add_row(state, each.what)
    console.print(table)
    if untried:
        console.print("git is not installed: nothing is collected on this machine.", style="yellow")
    if lacking := missing_layers():
        console.print(f"The fence around the judge: {lacking}.", style="yellow")
    console.print(
        f"The tier is {tier}; what it promises {'does not hold' if broken else 'holds'}. See docs/security.md."
    )
    return ExitCode.NOT_PASSED if broken else ExitCode.PASSED


def _best(private: str) -> tuple[Tier, ServerProcess | None]:
    for tier in isolation.possible_tiers():
        with contextlib.suppress(GraderError):
            server = start_parent(tier, [], private)
            server.ready()
            return tier, server
    return Tier.LIMITS, None


def _worked(server: ServerProcess, folder: Path, port: int) -> set[str]:
    """The names of the tries that succeeded."""
    secret, name = secrets.token_hex(8), f"mg-{secrets.token_hex(4)}"
    file = folder / "secret"
    file.write_text(secret)
    bystander = subprocess.Popen(["sleep", "120"], env={"SECRET": secret})  # a process of yours, with an environment
    places = {"file": str(file), "folder": str(folder), "secret": secret, "port": port, "name": name}
    worked = set()
    try:
        for line in _printed(server, _PROGRAM, json.dumps(places)).splitlines():
            with contextlib.suppress(ValueError):
                what, result = json.loads(line)
                worked |= {what} if result is not None else set()
        worked |= _worked_in_inspector(server, file, secret) | _worked_in_judge(folder, places)
        worked |= {"forks"} if "free" in _printed(server, _FORKS) else set()
        worked |= {"memory_of_many"} if "free" in _printed(server, _MEMORY) else set()
        time.sleep(0.5)
        worked |= {"daemon"} if _runs(name) else set()
    finally:
        bystander.kill()
        bystander.wait()
        server.close()
    return worked


def _worked_in_inspector(server: ServerProcess, file: Path, secret: str) -> set[str]:
    """Of the tries on a tool that reads what is handed in, those that succeeded."""
    files = {"tokenize.py": _SHADOW, "numbers.py": b"numbers = [3, 1, 4]\n"}
    shadowed = _printed_in_pod(server, files, "tool", ["tokenize", "numbers.py"])
    read = _printed_in_pod(server, files, "command", ["cat", str(file)])
    worked = {"inspector_imports"} if "numbers" not in shadowed or "ran what" in shadowed else set()
    return worked | ({"inspector_file"} if secret in read else set())


def _worked_in_judge(folder: Path, places: dict[str, object]) -> set[str]:
    """Of the tries from behind the judge's fence, those that succeeded; all of them if the fence cannot be put up."""
    hidden, private = folder / "module/hidden", folder / "private"
    solution = hidden / "solution/numbers.py"
    solution.parent.mkdir(parents=True)
    private.mkdir()
    solution.write_text(str(places["secret"]))
    (hidden / "test_numbers.py").touch()
    places |= {"hidden": str(hidden), "private": str(private), "solution": str(solution)}
    command = [sys.executable, "-c", _PARSER, json.dumps(places), json.dumps(not missing_layers())]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    answers = dict(json.loads(line) for line in printed.splitlines())
    return {each.name for each in TRIES if each.name.startswith("judge_") and answers.get(each.name, True)}


def _printed(server: ServerProcess, program: str, *arguments: str) -> str:
    """What a program prints in a pod of its own, however it ends."""
    return _printed_in_pod(server, {"attempt.py": program.encode()}, "python", ["attempt.py", *arguments])


def _printed_in_pod(server: ServerProcess, files: dict[str, bytes], kind: str, words: list[str]) -> str:
    inspects = kind in ("tool", "command")
    pod = Pod(server, files, Limits(memory=512, total=512), Clock(60), seed=1, inspects=inspects)
    try:
        with contextlib.suppress(StudentFailure):
            pod.start(kind, words).wait(30)
        return pod.printed()
    finally:
        pod.close()


@contextlib.contextmanager
def _caller() -> Iterator[int]:
    """A service on loopback that greets whoever calls; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.sendall(b".")

        threading.Thread(target=greet, daemon=True).start()
        yield listening.getsockname()[1]


def _runs(name: str) -> bool:
    for file in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if file.read_text().strip() == name:
                return True
    return False
