"""Where attacks are shot off: a course with secrets planted around it, services that note who calls, and what is seen.

Some attacks at a time for each tier: most wait more than they work. What each one does bears its own name, so that
nothing is blamed on another.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import os
import re
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from corpus import PROOF, TARGETS, Attack, every_attack
from corpus.formats import right_files
from mlops_grade.course.discovery import Course, Module, load_course
from mlops_grade.course.submission import from_checkout, from_folder
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.judge.run import WHOLE, Part
from mlops_grade.student.isolation import Tier
from mlops_grade.verdict import ModuleVerdict, Outcome

ENVIRONMENT_SECRET = "MLOPS_ATTACKS_SECRET"
SWEEP_SECONDS = 6.0
AT_A_TIME = 4
THOSE_THAT_WAIT = ("clock", "waiting", "resources", "parsers")
ENOUGH = Part(("test_counter", "test_program"))  # of the plain target, to see that its processes are well
PLAIN, COSTLY = "m01_plain", ("m04_files", "m05_tools")
WATCHED_FOLDERS = ("/dev/shm", "/tmp", "/var/tmp", "/dev", "/run")


def secret(place: str) -> str:
    return f"SECRET-{place}-{secrets.token_hex(4)}"


class Canary:
    """Services of the machine, on loopback and on sockets with names: they note every message's first line."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str] = []
        self.path = folder / "canary.sock"
        self.abstract = f"mlops-canary-{secrets.token_hex(4)}"
        stream = socket.socket()
        stream.bind(("127.0.0.1", 0))
        self.port = stream.getsockname()[1]
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagram.bind(("127.0.0.1", self.port))
        named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        named.bind(str(self.path))
        self.path.chmod(0o666)
        abstract.bind(f"\0{self.abstract}")
        self._sockets = (stream, named, abstract, datagram)
        for listening in self._sockets[:3]:
            listening.listen(64)
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        threading.Thread(target=self._receive, args=(datagram,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(2)
                    with contextlib.suppress(OSError):
                        self.heard.append(connection.recv(100).decode(errors="replace").strip())
                        connection.sendall(b".")

    def _receive(self, datagram: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.heard.append(datagram.recv(100).decode(errors="replace").strip())

    def close(self) -> None:
        for sock in self._sockets:
            sock.close()


@dataclass(frozen=True)
class Shot:
    """What became of an attack: the verdict, and every harm that was seen."""

    attack: Attack
    verdict: ModuleVerdict
    harms: tuple[str, ...]


class FiringRange:
    """A planted machine, and one tier's grader on it, warm for these attacks."""

    def __init__(
        self, folder: Path, tier: Tier, attacks: Iterable[Attack], pool: ThreadPoolExecutor | None = None
    ) -> None:
        """With a pool, several ranges share it: one tier's attacks begin when the last of another still wait."""
        self.tier = tier
        self.secrets = {place: secret(place) for place in ("suite", "solution", "environment", "home", "neighbour")}
        self._folder = folder
        self.course = self._planted_course()
        self.home = folder / "home"
        self.home.mkdir()
        (self.home / ".netrc").write_text(f"machine example.com password {self.secrets['home']}\n")
        self.canary = Canary(self.home)
        self.secrets["environment"] = os.environ.setdefault(ENVIRONMENT_SECRET, self.secrets["environment"])
        self._bystander = subprocess.Popen(["sleep", "900"])  # a process of the user's own, with that environment
        self.neighbour = folder / "neighbour"
        for module in self.course.modules:
            shutil.copytree(module.hidden / "solution", self.neighbour / module.folder)
        file = self.neighbour / "s1_targets/m01_plain/plain.py"
        file.write_text(file.read_text().replace(self.secrets["solution"], self.secrets["neighbour"]))
        targets = {PLAIN, *(attack.target for attack in attacks)}
        modules = [module for module in self.course.modules if module.path.name in targets]
        self.grader = Grader(modules, RunOptions(isolation=tier), AT_A_TIME)
        self._pool = pool or ThreadPoolExecutor(AT_A_TIME)
        self._shots: dict[str, Future[Shot]] = {}

    def close(self) -> None:
        for future in self._shots.values():
            future.cancel()
        concurrent.futures.wait(self._shots.values())
        self.grader.close()
        self.canary.close()
        self._bystander.kill()
        self._bystander.wait()
        os.environ.pop(ENVIRONMENT_SECRET, None)

    def _planted_course(self) -> Course:
        root = self._folder / "course"
        shutil.copytree(TARGETS.parent, root)
        for path in root.rglob("*.py"):
            text = path.read_text()
            path.write_text(re.sub(r"@secret (\w+)@", lambda match: self.secrets[match[1]], text))
        for name, data in right_files().items():
            file = root / "s1_targets/m04_files/hidden/solution" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return load_course(root)

    # -------------------------------------------------------------------------------------------------- shooting

    def shoot_all(self, attacks: Iterable[Attack]) -> None:
        """Begin with all of these, some at a time, those that wait first; `shot` waits for one."""
        for attack in sorted(attacks, key=lambda attack: attack.family not in THOSE_THAT_WAIT):
            self._shots[attack.name] = self._pool.submit(self._shoot, attack)

    def shot(self, attack: Attack) -> Shot:
        if attack.name not in self._shots:
            self._shots[attack.name] = self._pool.submit(self._shoot, attack)
        return self._shots[attack.name].result()

    def _shoot(self, attack: Attack) -> Shot:
        module = next(module for module in self.course.modules if module.path.name == attack.target)
        trace = f"{len(attack.name)}{attack.name}"[:11] + secrets.token_hex(2)  # a process's name has 15 letters
        places = self._places(trace)
        verdict = self._grade(module, attack.files, places, attack)
        harms = [*self._harms_of(verdict), *self._traces(trace)]
        if attack.follow_up:
            later = self._grade(module, attack.follow_up, places)
            harms += [f"the next student: {harm}" for harm in self._harms_of(later)]
        if module.path.name in COSTLY:  # all of its checks take seconds; the warm processes are the same
            module = self.course.modules[0]
        whole = attack.depends_on_the_tier or module.path.name != PLAIN
        honest = self.grader.grade(
            module, from_folder(module.hidden / "solution", module.settings.submit), part=WHOLE if whole else ENOUGH
        )
        if honest.outcome is not Outcome.PASSED:
            harms.append(f"the same right solution is then {honest.outcome}: {honest.reason} {_messages(honest)}")
        harms += self._lasting(trace)
        return Shot(attack, verdict, tuple(harms))

    def _grade(
        self, module: Module, files: Mapping[str, str | bytes], places: Mapping[str, str], attack: Attack | None = None
    ) -> ModuleVerdict:
        root = self._folder / "checkouts" / secrets.token_hex(4)
        for path, data in files.items():
            file = Path(os.path.normpath(root / module.folder / path))
            file.parent.mkdir(parents=True, exist_ok=True)
            for place, value in places.items():
                data = data.replace(place, value) if isinstance(data, str) else data
            file.write_bytes(data if isinstance(data, bytes) else data.encode())
        if attack is not None and attack.build is not None:
            attack.build(root, places)
        part = Part(attack.checks if attack is not None else ())
        return self.grader.grade(module, from_checkout(root, module), part=part)

    def _places(self, trace: str) -> dict[str, str]:
        return {
            "@course@": str(self.course.root), "@hidden@": str(self.course.modules[0].hidden), "@home@": str(self.home),
            "@neighbour@": str(self.neighbour / "s1_targets/m01_plain"), "@port@": str(self.canary.port),
            "@socket@": str(self.canary.path), "@abstract@": self.canary.abstract, "@trace@": trace,
        }  # fmt: skip

    # ---------------------------------------------------------------------------------------------------- looking

    def _harms_of(self, verdict: ModuleVerdict) -> list[str]:
        """What the verdict itself gives away."""
        text = verdict.model_dump_json()
        harms = []
        if verdict.outcome is not Outcome.NOT_PASSED:
            harms.append(f"the verdict is {verdict.outcome}: {verdict.reason}")
        harms += [f"a secret got out: {place}" for place, value in self.secrets.items() if value in text]
        harms += sorted({f"broken: {what}" for what in re.findall(PROOF + r": ([^\"\\]{1,80})", text)})
        for check in verdict.checks:
            if check.outcome is Outcome.NOT_PASSED and not (check.message or (check.expected and check.got)):
                harms.append(f"{check.name} is not passed without a reason")
            if "Traceback (most recent" in check.message or "mlops_grade/" in check.message:
                harms.append(f"{check.name} shows the grader's own insides: {check.message[:200]}")
        return harms

    def _traces(self, trace: str) -> list[str]:
        """Files with the attack's name, and calls under it."""
        folders = [*map(Path, WATCHED_FOLDERS), self.home, self.neighbour, self.course.root]
        found = [str(folder / trace) for folder in folders if (folder / trace).exists()]
        for path in found:
            with contextlib.suppress(OSError):
                Path(path).unlink()
        return [f"left {path}" for path in found] + [f"called: {line}" for line in self.canary.heard if trace in line]

    def _lasting(self, trace: str) -> list[str]:
        """Processes of the attack that still run when those of its pod should have been swept."""
        end = time.monotonic() + SWEEP_SECONDS
        while names := [pid for pid, name in _names_of_processes() if name == trace[:15]]:
            if time.monotonic() > end:
                for pid in names:
                    with contextlib.suppress(OSError):
                        os.kill(pid, 9)
                return [f"{len(names)} processes still run"]
            time.sleep(0.05)
        return []


def _names_of_processes() -> list[tuple[int, str]]:
    found = []
    for file in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            found.append((int(file.parent.name), file.read_text().strip()))
    return found


def _messages(verdict: ModuleVerdict) -> str:
    return "; ".join(f"{check.name}: {check.message}" for check in verdict.failed)


@functools.cache
def available(tier: Tier) -> bool:
    """Whether this machine has a tier."""
    with Grader((), RunOptions(isolation=tier), 1) as grader:
        try:
            return grader.judge.tier is tier
        except (GraderError, UsageError):
            return False


def turns(attacks: Iterable[Attack]) -> dict[str, Tier]:
    """One of this machine's tiers for each attack that is the same in all, by name."""
    tiers = [tier for tier in reversed(Tier) if available(tier)]
    alike = [attack for attack in attacks if not attack.depends_on_the_tier]
    return {attack.name: tiers[number % len(tiers)] for number, attack in enumerate(alike)}


ATTACKS = every_attack()
