"""Read back what a wandb run wrote, without wandb's service: its `run-*.wandb` file.

The file is a LevelDB log: a 7-byte file header, then blocks of 32 KiB; in a block records of a 7-byte header (checksum,
length, type) and data; a record that its block cannot hold is split into a first, middle and last piece. Each whole
record is a protocol-buffer message.
"""

from dataclasses import dataclass
from typing import Any

from mlops_grade.suite import Inspector, probe


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

    config: dict[str, Any]
    history: list[dict[str, Any]]
    artifacts: list[Artifact]
    exit_code: int | None


@probe
def recorded(path):
    """What is in the file of a run, as plain data. Raises ValueError when it is no such file."""
    import json
    from pathlib import Path

    from wandb.proto.wandb_internal_pb2 import Record

    file_header, record_header, block = 7, 7, 32 * 1024
    whole, first, last = 1, 2, 4

    def messages(data):
        if data[1:4] != b"W&B" and data[:4] != b":W&B":
            raise ValueError("this is not the file of a wandb run")
        position, pieces = file_header, b""
        while position + record_header <= len(data):
            left = block - position % block
            if left < record_header:
                position += left
                continue
            length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
            piece = data[position + record_header : position + record_header + length]
            position += record_header + length
            if kind == 0:
                return
            pieces = piece if kind in (whole, first) else pieces + piece
            if kind in (whole, last):
                yield pieces

    def items(found):
        return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in found}

    def artifact(found):
        metadata = json.loads(found.metadata) if found.metadata else {}
        return found.name, found.type, metadata, {entry.path: entry.digest for entry in found.manifest.contents}

    config, history, artifacts, exit_code = {}, [], [], None
    for message in messages(Path(path).read_bytes()):
        record = Record.FromString(message)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            config |= items(record.run.config.update)
        elif kind == "config":
            config |= items(record.config.update)
        elif kind == "history":
            history.append(items(record.history.item))
        elif kind == "artifact":
            artifacts.append(artifact(record.artifact))
        elif kind == "exit":
            exit_code = record.exit.exit_code
    return config, history, artifacts, exit_code


def read_run(inspector: Inspector, path: str) -> Run:
    """The run whose file lies at a path of the inspector's workspace."""
    config, history, artifacts, exit_code = inspector.run(recorded, path)
    return Run(config, history, [Artifact(*artifact) for artifact in artifacts], exit_code)
