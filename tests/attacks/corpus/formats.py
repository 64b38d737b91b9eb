"""The right files for the target that hands in files: each holds the numbers 3, 1 and 4 in a format of its own."""

from __future__ import annotations

import functools
import io
import json
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

NUMBERS = [3, 1, 4]


@functools.cache
def right_files() -> dict[str, bytes]:
    """All of them, by path."""
    text = json.dumps(NUMBERS)
    made = {
        "json": text.encode(), "toml": f"numbers = {text}".encode(), "yaml": f"numbers: {text}".encode(),
        "csv": b"3\n1\n4\n", "py": b"numbers: list[int] = [3, 1, 4]\n", "pyi": b"numbers: list[int]\n",
        "zip": zip_of({"numbers.txt": b"3 1 4"}), "tar": tar_of({"numbers.txt": b"3 1 4"}), "onnx": onnx_of(),
        "npz": npz(), "pt": pt(), "png": png(), "ipynb": notebook(text), "sqlite": sqlite(""), "parquet": parquet(),
        "tfevents": events(), "wandb": wandb_of(history(text)),
        "xml": b"<all><one>3</one><one>1</one><one>4</one></all>",
    }  # fmt: skip
    return {f"files/numbers.{kind}": data for kind, data in made.items()}


def zip_of(files: dict[str, bytes], modes: dict[str, int] | None = None) -> bytes:
    """A zip of files; a mode makes an entry a link, say, of what is its content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (modes or {}).get(name, 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def tar_of(files: dict[str, bytes], *odd: tarfile.TarInfo) -> bytes:
    """A tar of odd entries first, then files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry in odd:
            archive.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def tar_entry(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, to
    return entry


def onnx_of(*nodes: Any, initializers: tuple[Any, ...] = ()) -> bytes:
    """A model with these nodes and an output y; by itself it answers with the numbers."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constant = numpy_helper.from_array(numpy.array(NUMBERS, dtype=numpy.float32), "numbers")
    made = list(nodes) or [helper.make_node("Add", ["x", "numbers"], ["y"])]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])]
    graph = helper.make_graph(made, "numbers", inputs, outputs, list(initializers) or [constant])
    opsets = [helper.make_opsetid("", 20)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString())


def npz(value: Any = None, pickled: bool = False) -> bytes:
    import numpy

    buffer = io.BytesIO()
    numpy.savez(buffer, allow_pickle=pickled, numbers=numpy.array(NUMBERS if value is None else value))
    return buffer.getvalue()


def npy_header(shape: str, descr: str = "'<f8'") -> bytes:
    """An array's file whose header says what it likes, with no data behind it."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def pt(value: Any = None) -> bytes:
    import torch

    buffer = io.BytesIO()
    torch.save({"numbers": torch.tensor(NUMBERS) if value is None else value}, buffer)
    return buffer.getvalue()


def png(size: tuple[int, int] | None = None) -> bytes:
    """A row of grey pixels; with a size, a picture of one colour."""
    from PIL import Image

    buffer = io.BytesIO()
    image = Image.frombytes("L", (3, 1), bytes(NUMBERS)) if size is None else Image.new("1", size)
    image.save(buffer, "PNG")
    return buffer.getvalue()


def notebook(source: str) -> bytes:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, "id": "a"}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def sqlite(more: str) -> bytes:
    """A database with the numbers, unless more statements have other ideas."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "numbers.sqlite")
        connection = sqlite3.connect(place)
        rows = ", ".join(f"({place}, {number})" for place, number in enumerate(NUMBERS))
        default = f"CREATE TABLE numbers (place, number); INSERT INTO numbers VALUES {rows};"
        connection.executescript(more or default)
        connection.close()
        return place.read_bytes()


def parquet() -> bytes:
    import pandas

    return bytes(pandas.DataFrame({"numbers": NUMBERS}).to_parquet())


def events() -> bytes:
    from tensorboard.compat.proto.event_pb2 import Event

    event = Event()
    for number in NUMBERS:
        event.summary.value.add(tag="number", simple_value=number)
    data: bytes = event.SerializeToString()
    return struct.pack("<Q", len(data)) + bytes(4) + data + bytes(4)


def history(value: str) -> bytes:
    """A record of one step of a wandb run, with the JSON that it logged as `numbers`."""
    from wandb.proto.wandb_internal_pb2 import Record

    record = Record()
    record.history.item.add(key="numbers", value_json=value)
    return bytes(record.SerializeToString())


def wandb_of(*records: bytes, says: int | None = None) -> bytes:
    """The file of a wandb run: LevelDB's log of records. Each says its own length, or what it likes."""
    data = b":W&B\xe1\xbe\x00"
    whole, first, middle, last = 1, 2, 3, 4
    for record in records:
        kind = first
        while True:
            room = 32_768 - len(data) % 32_768 - 7
            if room < 0:
                data += bytes(room + 7)
                continue
            piece, record = record[:room], record[room:]
            ends = last if kind in (middle, first) and not record else kind
            ends = whole if kind == first and not record else ends
            data += bytes(4) + struct.pack("<H", len(piece) if says is None else says) + bytes([ends]) + piece
            kind = middle
            if not record:
                break
    return data
