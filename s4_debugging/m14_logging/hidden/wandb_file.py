"""Read back what a wandb run wrote, without wandb's service: its `run-*.wandb` file.

The file is a LevelDB log: a 7-byte file header, then blocks of 32 KiB; in a block records of a 7-byte header (checksum,
length, type) and data; a record that its block cannot hold is split into a first, middle and last piece. Each whole
record is a protocol-buffer message.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record

FILE_HEADER, RECORD_HEADER, BLOCK = 7, 7, 32 * 1024
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@dataclass
class Artifact:
    """An artifact that a run logged."""

    name: str
    type: str
    metadata: dict[str, Any]
    digests: dict[str, str]
    """From file name to the MD5 of its bytes, in base64."""


@dataclass
class Run:
    """What a run recorded."""

    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    exit_code: int | None = None


def read_run(data: bytes) -> Run:
    """The run whose file holds these bytes. Raises ValueError when it is no such file."""
    run = Run()
    for message in _messages(data):
        record = Record.FromString(message)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run.config |= _items(record.run.config.update)
        elif kind == "config":
            run.config |= _items(record.config.update)
        elif kind == "history":
            run.history.append(_items(record.history.item))
        elif kind == "artifact":
            run.artifacts.append(_artifact(record.artifact))
        elif kind == "exit":
            run.exit_code = record.exit.exit_code
    return run


def _messages(data: bytes) -> Iterator[bytes]:
    if data[1:4] != b"W&B" and data[:4] != b":W&B":
        raise ValueError("this is not the file of a wandb run")
    position, pieces = FILE_HEADER, b""
    while position + RECORD_HEADER <= len(data):
        left = BLOCK - position % BLOCK
        if left < RECORD_HEADER:
            position += left
            continue
        length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
        piece = data[position + RECORD_HEADER : position + RECORD_HEADER + length]
        position += RECORD_HEADER + length
        if kind == 0:
            return
        pieces = piece if kind in (WHOLE, FIRST) else pieces + piece
        if kind in (WHOLE, LAST):
            yield pieces


def _items(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def _artifact(record: Any) -> Artifact:
    metadata = json.loads(record.metadata) if record.metadata else {}
    digests = {entry.path: entry.digest for entry in record.manifest.contents}
    return Artifact(record.name, record.type, metadata, digests)
