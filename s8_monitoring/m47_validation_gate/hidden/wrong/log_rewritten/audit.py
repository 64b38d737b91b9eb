"""A log of decisions in which each line vouches for the one before it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from schema import Decision

FIRST = "0" * 64  # what stands as `previous` in the first line


def append(log: Path, entry: dict[str, Any]) -> str:
    """Add an entry to the log and return its hash.

    Raises:
        ValueError: the log does not hold; it is left as it is.
    """
    broken = verify(log)
    if broken is not None:
        raise ValueError(f"line {broken} of {log} does not hold: somebody has to look at it first")
    lines = _lines(log)
    previous = json.loads(lines[-1])["hash"] if lines else FIRST
    record = {"entry": entry, "previous": previous, "hash": _hash(previous, entry)}
    records = [*map(json.loads, lines), record]
    log.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return record["hash"]


def verify(log: Path, head: str | None = None) -> int | None:
    """Return the number of the first line that does not hold, or None.

    With `head`, a hash that was kept elsewhere: the number of lines, if all of them hold and none has it.
    """
    previous, hashes = FIRST, []
    for number, line in enumerate(_lines(log)):
        try:
            record = json.loads(line)
        except ValueError:
            return number
        if not isinstance(record, dict) or record.keys() != {"entry", "previous", "hash"}:
            return number
        if record["previous"] != previous or record["hash"] != _hash(previous, record["entry"]):
            return number
        previous = record["hash"]
        hashes.append(previous)
    return len(hashes) if head is not None and head not in hashes else None


def _lines(log: Path) -> list[bytes]:
    return log.read_bytes().splitlines() if log.exists() else []


def _hash(previous: str, entry: Any) -> str:
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((previous + canonical).encode()).hexdigest()


def sign_off(log: Path, model: str, decision: Decision, trained_by: list[str], approver: str) -> str:
    """Write into the log that the approver lets the model go out, and return the entry's hash.

    Raises:
        PermissionError: it may not go out, or not on this person's word; the log says so.
    """
    who, trainers = _person(approver), {_person(name) for name in trained_by} - {""}
    granted = decision.approved and who != "" and bool(trainers) and who not in trainers
    event = "approved" if granted else "refused"
    written = append(log, {"event": event, "model": model, "approver": approver, "reasons": decision.reasons})
    if not granted:
        raise PermissionError(f"{approver!r} cannot let {model} go out: {decision.reasons}, {trained_by}")
    return written


def _person(name: str) -> str:
    return name.strip().casefold()
