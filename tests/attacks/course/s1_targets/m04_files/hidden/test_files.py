"""Hidden suite of the target that hands in files. @secret suite@"""

import csv
import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from mlops_grade.suite import Inspector, Probe, hint, probe, read_yaml

NUMBERS = [3, 1, 4]
PATIENCE = 3.0


@probe
def archive(path):
    import shutil
    from pathlib import Path

    shutil.unpack_archive(path, "unpacked", filter="data")
    return [int(word) for word in Path("unpacked/numbers.txt").read_text().split()]


@probe
def zipped(path):
    import zipfile
    from pathlib import Path

    zipfile.ZipFile(path).extractall("unpacked")
    return [int(word) for word in Path("unpacked/numbers.txt").read_text().split()]


@probe
def onnx_model(path):
    import numpy
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    onnx.checker.check_model(model)
    return ReferenceEvaluator(model).run(None, {"x": numpy.zeros(1, dtype=numpy.float32)})[0]


@probe
def arrays(path):
    import numpy

    return numpy.load(path)["numbers"]


@probe
def tensors(path):
    import torch

    return torch.load(path)["numbers"]


@probe
def image(path):
    import numpy
    from PIL import Image

    return numpy.array(Image.open(path))[0]


@probe
def notebook(path):
    import json

    import nbformat

    return json.loads(nbformat.read(path, as_version=4).cells[0].source)


@probe
def database(path):
    import sqlite3

    return [row[0] for row in sqlite3.connect(path).execute("SELECT number FROM numbers ORDER BY place")]


@probe
def table(path):
    import pandas

    return pandas.read_parquet(path)["numbers"].to_numpy()


@probe
def events(path):
    import struct
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event

    data, found = Path(path).read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found += [value.simple_value for value in Event.FromString(data[12 : 12 + length]).summary.value]
        data = data[16 + length :]
    return found


@probe
def workbook(path):
    import xml.etree.ElementTree as ElementTree

    return [int(node.text) for node in ElementTree.parse(path).getroot()]


@probe
def run_of_wandb(path):
    import json
    from pathlib import Path

    from wandb.proto.wandb_internal_pb2 import Record

    data, position, pieces = Path(path).read_bytes(), 7, b""
    while position + 7 <= len(data):
        if 32_768 - position % 32_768 < 7:
            position += 32_768 - position % 32_768
        length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
        pieces = b"" if kind in (1, 2) else pieces
        pieces += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):
            (item,) = Record.FromString(pieces).history.item
            return json.loads(item.value_json)


def by_mypy(inspector: Inspector, path: str) -> Any:
    run = inspector.cli("-m", "mypy", "--config-file", "mypy.ini", "--no-incremental", path, timeout=PATIENCE)
    assert run.exit_code == 0, f"mypy complains: {run.stdout}{run.stderr}"
    return NUMBERS


def by_ruff(inspector: Inspector, path: str) -> Any:
    run = inspector.cli("-m", "ruff", "check", "--isolated", path, timeout=PATIENCE)
    assert run.exit_code == 0, f"ruff complains: {run.stdout}{run.stderr}"
    return NUMBERS


def in_judge(read: Callable[[bytes], Any]) -> Callable[[Inspector, str], Any]:
    return lambda inspector, path: read(inspector.read(path))


Reader = Probe | Callable[[Inspector, str], Any]
READERS: dict[str, Reader] = {
    "json": in_judge(json.loads),
    "toml": in_judge(lambda data: tomllib.loads(data.decode())["numbers"]),
    "yaml": in_judge(lambda data: read_yaml(data)["numbers"]),
    "csv": in_judge(lambda data: [int(row[0]) for row in csv.reader(data.decode().splitlines())]),
    "py": by_mypy, "pyi": by_ruff, "zip": zipped, "tar": archive, "onnx": onnx_model, "npz": arrays, "pt": tensors,
    "png": image, "ipynb": notebook, "sqlite": database, "parquet": table, "tfevents": events, "wandb": run_of_wandb,
    "xml": workbook,
}  # fmt: skip


@hint("Three, one, four.")
@pytest.mark.parametrize("kind", READERS)
def test_numbers(inspector: Inspector, kind: str) -> None:
    """The file holds the numbers"""
    inspector.patience = PATIENCE
    path, read = f"files/numbers.{kind}", READERS[kind]
    inspector.read(path)
    got = inspector.run(read, path) if isinstance(read, Probe) else read(inspector, path)
    assert [float(number) for number in got] == NUMBERS, "the numbers in the file"
