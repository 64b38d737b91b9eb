"""A log of decisions in which each line vouches for the one before it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from schema import Decision

FIRST = "0" * 64  # what stands as `previous` in the first line


def _digest(previous: str, entry: dict[str, Any]) -> str:
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{previous}{canonical}".encode()).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands there twice")
    return dict(pairs)


def _read(log: Path) -> list[bytes]:
    """The lines. Only a line feed ends one: an entry may hold other characters that Python takes for line ends."""
    if not log.exists():
        return []
    lines = log.read_bytes().split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def _hash_of(line: bytes, previous: str) -> str | None:
    """The hash of a line that holds; None if it does not."""
    try:
        record = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
        if not isinstance(record, dict) or set(record) != {"entry", "previous", "hash"}:
            return None
        if not isinstance(record["entry"], dict) or record["previous"] != previous:
            return None
        digest = _digest(previous, record["entry"])
    except (ValueError, RecursionError):
        return None
    return digest if record["hash"] == digest else None


def _follow(log: Path) -> tuple[list[str], int | None]:
    """All hashes up to the first line that does not hold, and its number."""
    hashes: list[str] = []
    for number, line in enumerate(_read(log)):
        digest = _hash_of(line, hashes[-1] if hashes else FIRST)
        if digest is None:
            return hashes, number
        hashes.append(digest)
    return hashes, None


def append(log: Path, entry: dict[str, Any]) -> str:
    log = Path(log)
    hashes, broken = _follow(log)
    if broken is not None:
        raise ValueError(f"line {broken} of {log} does not hold")
    entry = json.loads(json.dumps(entry))  # as it will be read: keys are texts, tuples are lists
    previous = hashes[-1] if hashes else FIRST
    digest = _digest(previous, entry)
    line = json.dumps({"hash": digest, "previous": previous, "entry": entry})
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(line.encode() + b"\n")
    return digest


def verify(log: Path, head: str | None = None) -> int | None:
    hashes, broken = _follow(Path(log))
    if broken is None and head is not None and head not in hashes:
        return len(hashes)
    return broken


def sign_off(log: Path, model: str, decision: Decision, trained_by: list[str], approver: str) -> str:
    def same(name: str) -> str:
        return name.strip().casefold()

    trainers = [same(name) for name in trained_by]
    if not decision.approved:
        objection = "the gate has not approved it"
    elif not same(approver):
        objection = "nobody has signed"
    elif not trainers or "" in trainers:
        objection = "it is not known who trained it"
    elif same(approver) in trainers:
        objection = f"{approver.strip()} has trained it"
    else:
        objection = ""

    entry = {
        "model": model,
        "event": "refused" if objection else "approved",
        "approver": approver,
        "reasons": decision.reasons,
        "trained_by": trained_by,
        "objection": objection or None,
    }
    digest = append(log, entry)
    if objection:
        raise PermissionError(f"{model}: {objection}")
    return digest
