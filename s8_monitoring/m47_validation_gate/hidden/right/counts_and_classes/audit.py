from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from schema import Decision

NOTHING = "0" * 64
KEYS = {"entry", "previous", "hash"}


class Log:
    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.hashes: list[str] = []
        self.broken_at: int | None = None
        if self.path.exists():
            self._follow(self.path.read_bytes())

    @property
    def tip(self) -> str:
        return self.hashes[-1] if self.hashes else NOTHING

    def _follow(self, data: bytes) -> None:
        for number, line in enumerate(filter(None, data.split(b"\n"))):
            if not self._holds(line):
                self.broken_at = number
                break

    def _holds(self, line: bytes) -> bool:
        try:
            record = json.loads(line.decode())
        except ValueError:
            return False
        match record:
            case {"entry": entry, "previous": self.tip, "hash": claimed} if record.keys() == KEYS:
                pass
            case _:
                return False
        if claimed != self.hash_after(entry):
            return False
        self.hashes.append(claimed)
        return True

    def hash_after(self, entry: Any) -> str:
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(self.tip.encode() + canonical.encode()).hexdigest()

    def add(self, entry: dict[str, Any]) -> str:
        if self.broken_at is not None:
            raise ValueError(f"line {self.broken_at} does not hold")
        record = {"hash": self.hash_after(entry), "previous": self.tip, "entry": entry}
        with self.path.open("ab") as file:
            file.write(json.dumps(record, sort_keys=True).encode() + b"\n")
        self.hashes.append(record["hash"])
        return self.tip


def append(log: Path, entry: dict[str, Any]) -> str:
    return Log(log).add(entry)


def verify(log: Path, head: str | None = None) -> int | None:
    followed = Log(log)
    if followed.broken_at is not None:
        return followed.broken_at
    if head is not None and head not in followed.hashes:
        return len(followed.hashes)
    return None


def sign_off(log: Path, model: str, decision: Decision, trained_by: list[str], approver: str) -> str:
    entry = {"model": model, "approver": approver, "reasons": decision.reasons}
    try:
        _check(decision, [name.strip().lower() for name in trained_by], approver.strip().lower())
    except PermissionError as error:
        append(log, {**entry, "event": "refused", "because": str(error)})
        raise
    return append(log, {**entry, "event": "approved"})


def _check(decision: Decision, trainers: list[str], approver: str) -> None:
    if not decision.approved:
        raise PermissionError(f"the gate says no: {', '.join(decision.reasons)}")
    if not approver or not trainers:
        raise PermissionError("it takes two: who trained, and who approves")
    if approver in trainers:
        raise PermissionError("it takes four eyes")
