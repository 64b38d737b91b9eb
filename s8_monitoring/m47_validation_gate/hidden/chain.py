"""The log's format, and logs that were tampered with."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np

FIRST = "0" * 64
Record = dict[str, Any]


def hash_of(previous: str, entry: Any) -> str:
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((str(previous) + canonical).encode("utf-8", "replace")).hexdigest()


def record(entry: Any, previous: str) -> Record:
    return {"entry": entry, "previous": previous, "hash": hash_of(previous, entry)}


def entries(rng: np.random.Generator, count: int) -> list[dict[str, Any]]:
    """Make entries with nested values, numbers, keys in no order, and letters that are not ASCII."""
    return [
        {
            "when": f"2027-01-{number + 1:02d}",
            "approver": f"Jørgen {int(rng.integers(100, 999))}",
            "model": {"version": int(rng.integers(1, 90)), "name": "leaf-net"},
            "difference": round(float(rng.normal()), 4),
            "reasons": ["latency", "größe"][: int(rng.integers(3))],
        }
        for number in range(count)
    ]


def chained(made: list[dict[str, Any]]) -> list[Record]:
    log: list[Record] = []
    for entry in made:
        log.append(record(entry, log[-1]["hash"] if log else FIRST))
    return log


def text_of(log: list[Any]) -> str:
    """Write a log; what is a text already stays as it is. Spaces and the order of keys mean nothing."""
    lines = [
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=bool(n % 2)) for n, each in enumerate(log)
    ]
    return "".join(f"{line}\n" for line in lines)


def tampered(rng: np.random.Generator, count: int = 7) -> list[tuple[str, list[Any], int]]:
    """Return what was done to a log, the log, and the number of the first line that does not hold."""
    at = int(rng.integers(2, count - 2))
    forged = {"approver": "Mallory", "model": {"name": "leaf-net", "version": 99}, "reasons": []}

    def changed(change: Callable[[list[Any]], Any]) -> list[Any]:
        log: list[Any] = chained(entries(rng, count))
        change(log)
        return log

    def set_entry(log: list[Any]) -> None:
        log[at]["entry"]["approver"] = "Mallory"

    def set_entry_and_hash(log: list[Any]) -> None:
        log[at] = record(forged, log[at]["previous"])

    def set_previous(log: list[Any]) -> None:
        log[at] = {**log[at], "previous": hash_of(FIRST, forged)}

    def set_previous_and_hash(log: list[Any]) -> None:
        log[at] = record(log[at]["entry"], hash_of(FIRST, forged))

    def set_last_entry(log: list[Any]) -> None:
        log[-1]["entry"]["difference"] += 0.5

    def swap(log: list[Any]) -> None:
        log[at], log[at + 1] = log[at + 1], log[at]

    def put_in(log: list[Any]) -> None:
        log.insert(at, record(forged, log[at - 1]["hash"]))

    def add_key(log: list[Any]) -> None:
        log[at] = {**log[at], "comment": "approved by the board"}

    def cut(log: list[Any]) -> None:
        log[-1] = json.dumps(log[-1])[:90]

    def without_entry(log: list[Any]) -> None:
        del log[at]["entry"]

    return [
        ("an entry changed", changed(set_entry), at),
        ("the last entry changed", changed(set_last_entry), count - 1),
        ("an entry and its own hash changed", changed(set_entry_and_hash), at + 1),
        ("a line's `previous` changed", changed(set_previous), at),
        ("a line's `previous` and its own hash changed", changed(set_previous_and_hash), at),
        ("a line removed", changed(lambda log: log.pop(at)), at),
        ("the first line removed", changed(lambda log: log.pop(0)), 0),
        ("two lines swapped", changed(swap), at),
        ("a line repeated", changed(lambda log: log.insert(at, log[at])), at + 1),
        ("a line put in, with a hash that fits the line before", changed(put_in), at + 1),
        ("a key added to a line", changed(add_key), at),
        ("a line without its entry", changed(without_entry), at),
        ("the last line cut short", changed(cut), count - 1),
        ("a line that is JSON, but no record", changed(lambda log: log.__setitem__(at, [1, 2])), at),
        ("a line of other text", changed(lambda log: log.__setitem__(at, "approved!")), at),
    ]
