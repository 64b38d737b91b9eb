"""A log of decisions in which each line vouches for the one before it."""

import datetime
import hashlib
import json
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schema import Decision

FIRST = "0" * 64  # what stands as `previous` in the first line


class Broken(ValueError):
    """A line that does not hold."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"line {number}: {why}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Link:
    entry: dict[str, Any]
    previous: str
    hash: str

    @classmethod
    def forge(cls, entry: dict[str, Any], previous: str) -> "Link":
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        h = hashlib.new("sha256")
        h.update(previous.encode("ascii"))
        h.update(text.encode("utf-8"))
        return cls(entry, previous, h.hexdigest())


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise KeyError(key)
        result[key] = value
    return result


def _links(log: Path) -> Iterator[Link]:
    """Yield the links as long as they hold; the first that does not raises Broken."""
    try:
        file = open(log, "rb")
    except FileNotFoundError:
        return
    previous = FIRST
    with file:
        for number, line in enumerate(file):  # in binary mode only b"\n" ends a line
            try:
                found = Link(**json.loads(line.decode("utf-8"), object_pairs_hook=_unique))
                if type(found.entry) is not dict:
                    raise TypeError("the entry is no object")
                if found != Link.forge(found.entry, previous):
                    raise ValueError("hashes do not fit")
            except Exception as error:  # for whatever reason
                raise Broken(number, str(error)) from error
            yield found
            previous = found.hash


def append(log: Path, entry: dict[str, Any]) -> str:
    previous = FIRST
    for link in _links(log):
        previous = link.hash
    new = Link.forge(json.loads(json.dumps(entry)), previous)
    line = (json.dumps(asdict(new), ensure_ascii=False) + "\n").encode("utf-8")
    if os.path.exists(log) and os.path.getsize(log):
        with open(log, "rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                line = b"\n" + line
    with open(log, "ab") as file:
        file.write(line)
    return new.hash


def verify(log: Path, head: str | None = None) -> int | None:
    lines, seen = 0, head is None
    try:
        for lines, link in enumerate(_links(log), start=1):
            seen = seen or link.hash == head
    except Broken as broken:
        return broken.number
    return None if seen else lines


def _person(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def sign_off(log: Path, model: str, decision: Decision, trained_by: list[str], approver: str) -> str:
    signer, trainers = _person(approver), set(map(_person, trained_by))
    granted = decision.approved and signer != "" and len(trainers) > 0 and "" not in trainers and signer not in trainers
    entry = dict(
        time=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        event=("refused", "approved")[granted],
        model=model,
        approver=approver,
        reasons=list(decision.reasons),
    )
    written = append(log, entry)
    if granted:
        return written
    raise PermissionError(f"{approver!r} may not let {model} go out")
