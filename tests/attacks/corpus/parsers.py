"""Files that tools and parsers read: what they point at, unpack to, say about themselves, or have executed."""

# ruff: noqa: E501 - payloads are files in strings

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from corpus import PROOF, TARGETS, Attack
from corpus import formats as made

RUNS = f"print('{PROOF}: code in a file was run', flush=True)"
HONEST = {"files/numbers.json": (TARGETS / "m04_files/hidden/wrong/honest/files/numbers.json").read_bytes()}
LINK = 0o120777


class _Runs:
    """Pickled, it is a call."""

    def __reduce__(self) -> Any:
        return exec, (RUNS,)


Places = Mapping[str, str]
Data = str | bytes | Callable[[Places], bytes]


def handed_in(name: str, tries: str, kind: str, data: Data, **more: str | bytes) -> Attack:
    """One hostile file, made on the spot where it is to name a place; `more` are others beside it, by name."""
    path, checks = f"files/numbers.{kind}", ("test_numbers[json]", f"test_numbers[{kind}]")
    files = {**HONEST, **{f"files/{other}": content for other, content in more.items()}}
    if not callable(data):
        return Attack(name, tries, "m04_files", {**files, path: data}, checks=checks)
    make = data

    def build(root: Path, places: Places) -> None:
        (root / "s1_targets/m04_files" / path).write_bytes(make(places))

    return Attack(name, tries, "m04_files", files, build=build, checks=checks)


def _suite(places: Places) -> str:
    return f"{places['@hidden@']}/test_plain.py"


def _external(location: str) -> bytes:
    """A model whose constant lies in another file."""
    from onnx import TensorProto, helper

    tensor = TensorProto(name="secret", data_type=TensorProto.UINT8, data_location=TensorProto.EXTERNAL)
    tensor.dims.extend([400])
    for key, value in (("location", location), ("offset", "0"), ("length", "400")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    nodes = [
        helper.make_node("Constant", [], ["raw"], value=tensor),
        helper.make_node("Cast", ["raw"], ["y"], to=TensorProto.FLOAT),
    ]
    return made.onnx_of(*nodes)


def _huge_constant() -> bytes:
    import numpy
    from onnx import helper, numpy_helper

    shape = numpy_helper.from_array(numpy.array([1 << 20, 1 << 20], dtype=numpy.int64), "shape")
    return made.onnx_of(helper.make_node("ConstantOfShape", ["shape"], ["y"]), initializers=(shape,))


def _endless_loop() -> bytes:
    import numpy
    from onnx import TensorProto, helper, numpy_helper

    inputs = [
        helper.make_tensor_value_info(name, kind, [])
        for name, kind in (("i", TensorProto.INT64), ("c", TensorProto.BOOL))
    ]
    kept = [helper.make_tensor_value_info("d", TensorProto.BOOL, [])]
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "body", inputs, kept)
    trips = numpy_helper.from_array(numpy.array(1 << 40, dtype=numpy.int64), "trips")
    yes = numpy_helper.from_array(numpy.array(True), "yes")
    nodes = [helper.make_node("Loop", ["trips", "yes"], [], body=body), helper.make_node("Identity", ["x"], ["y"])]
    return made.onnx_of(*nodes, initializers=(trips, yes))


def _zip_bomb() -> bytes:
    buffer = io.BytesIO()
    archive = zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with archive, archive.open("numbers.txt", "w", force_zip64=True) as file:
        for _ in range(400):
            file.write(bytes(1 << 20))
    return buffer.getvalue()


def _npz_bomb() -> bytes:
    return made.zip_of({"numbers.npy": made.npy_header("(1125899906842624,)")})


# The start of a picture, a frame of three colours, a scan of no data.
JPEG = (
    b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65_500, 65_500, 3) + bytes.fromhex("011100021100031100")
    + bytes.fromhex("ffda000c03010002000300003f00") + bytes(64) + b"\xff\xd9"
)  # fmt: skip


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    head = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = zlib.compress(bytes((width + 1) * height)) if width * height < 1 << 20 else zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _png_chunk(b"IDAT", pixels) + _png_chunk(b"IEND", b"")


def _text_bomb() -> bytes:
    return _png(3, 1, *(_png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(64 << 20))) for _ in range(4)))


POSTSCRIPT = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 3 1\n(%pipe%touch /tmp/@trace@) (w) file\n%%EOF\n"
BOMB_OF_ENTITIES = (
    "<!DOCTYPE a [<!ENTITY a0 'lol'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><all><one>&a11;</one></all>"
)
ALIASES = "numbers: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
MERGES = "numbers: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)
PLUGIN = f"def plugin(version):\n    {RUNS}\n"
SHADOWS = {
    f"{name}.py": RUNS for name in ("numpy", "onnx", "zipfile", "yaml", "mypy", "sitecustomize", "usercustomize")
}

ATTACKS = [
    handed_in("onnx_beside", "has ONNX load a constant from the solution, by a path beside the working directory", "onnx", _external("solution/plain.py")),
    handed_in("onnx_above", "has ONNX load a constant from above the folder", "onnx", _external("../../../../m01_plain/hidden/test_plain.py")),
    handed_in("onnx_absolute", "has ONNX load a constant from the hidden suite by its whole path", "onnx", lambda places: _external(_suite(places))),
    handed_in("onnx_huge_constant", "asks ONNX for a constant of eight terabytes", "onnx", _huge_constant()),
    handed_in("onnx_endless_loop", "has ONNX go round a loop for ever", "onnx", _endless_loop()),
    handed_in("onnx_garbage", "is no protocol buffer, though it begins as one", "onnx", b"\x08\x09\x3a\xff\xff\xff\xff\x0f" + os.urandom(64)),
    handed_in("npz_pickled", "has NumPy unpickle an array of objects", "npz", made.npz([_Runs(), 1, 4], pickled=True)),
    handed_in("npz_of_a_petabyte", "says of an array that it has 2**50 numbers", "npz", _npz_bomb()),
    handed_in("npz_evaluated", "has code where an array's header names its type", "npz", made.zip_of({"numbers.npy": made.npy_header("(3,)", f"exec({RUNS!r})")})),
    handed_in("torch_pickled", "has torch unpickle a call", "pt", made.pt(_Runs())),
    handed_in("torch_old_format", "is a bare pickle, as torch wrote files once", "pt", pickle.dumps(_Runs(), 2)),
    handed_in("torch_links", "is torch's zip with links for its parts", "pt", lambda places: made.zip_of({"a/data.pkl": _suite(places).encode(), "a/version": b"3\n"}, {"a/data.pkl": LINK})),
    handed_in("zip_links", "unpacks to a link to the hidden suite", "zip", lambda places: made.zip_of({"numbers.txt": _suite(places).encode()}, {"numbers.txt": LINK})),
    handed_in("zip_climbs", "unpacks into the temporary folder, and over the given files", "zip", lambda places: made.zip_of({f"../../../../../../tmp/{places['@trace@']}": b"x", f"/tmp/{places['@trace@']}": b"x", "../mypy.ini": b"x"})),
    handed_in("zip_bomb", "unpacks to 400 MiB", "zip", _zip_bomb()),
    handed_in("zip_of_many_names", "holds thousands of entries of one name", "zip", made.zip_of({f"numbers.txt/{'d/' * 90}{n}": b"" for n in range(500)})),
    handed_in("tar_links", "is a tar of a link to the hidden suite", "tar", lambda places: made.tar_of({}, made.tar_entry("numbers.txt", tarfile.SYMTYPE, _suite(places)))),
    handed_in("tar_through_a_link", "is a tar of a link to /tmp, and a file below it", "tar", lambda places: made.tar_of({f"out/{places['@trace@']}": b"x"}, made.tar_entry("out", tarfile.SYMTYPE, "/tmp"))),
    handed_in("tar_hard_link", "is a tar of a hard link to the hidden suite", "tar", lambda places: made.tar_of({}, made.tar_entry("numbers.txt", tarfile.LNKTYPE, _suite(places)))),
    handed_in("tar_of_devices", "is a tar of a FIFO and a device", "tar", made.tar_of({}, made.tar_entry("numbers.txt", tarfile.FIFOTYPE), made.tar_entry("disk", tarfile.BLKTYPE))),
    handed_in("png_of_gigapixels", "says that it has 100000 by 100000 pixels", "png", _png(100_000, 100_000)),
    handed_in("png_of_text", "has 256 MiB of text in its chunks", "png", _text_bomb()),
    handed_in("jpeg_of_gigapixels", "is a JPEG that says it has 65500 by 65500 pixels", "png", JPEG),
    handed_in("png_is_postscript", "is PostScript, which another program is started for", "png", POSTSCRIPT),
    handed_in("notebook_nested", "is a notebook nested a hundred thousand lists deep", "ipynb", made.notebook("[" * 100_000)),
    handed_in("notebook_of_lies", "has cells that are no cells, and links for attachments", "ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["@hidden@"] * 3, "attachments": {"a": "file://@hidden@/test_plain.py"}}], "nbformat": 4, "nbformat_minor": 999, "metadata": {"kernelspec": {"name": "../../../../tmp"}}})),
    handed_in("sqlite_loads_code", "has a view that loads a library, and reads a file", "sqlite", lambda places: made.sqlite(f"CREATE VIEW numbers AS SELECT 0 AS place, load_extension('{_suite(places)}') AS number UNION SELECT 1, readfile('{_suite(places)}');")),
    handed_in("sqlite_endless", "has a view that counts for ever", "sqlite", made.sqlite("CREATE VIEW numbers AS WITH RECURSIVE n(number, place) AS (SELECT 1, 1 UNION ALL SELECT number + 1, place FROM n) SELECT * FROM n;")),
    handed_in("parquet_of_lies", "has a footer that says two gigabytes", "parquet", b"PAR1" + bytes(64) + struct.pack("<I", 0x7FFF_FFF0) + b"PAR1"),
    handed_in("events_of_lies", "has an event of 2**60 bytes", "tfevents", struct.pack("<Q", 1 << 60) + bytes(64)),
    handed_in("wandb_of_lies", "is a wandb run whose record says more bytes than there are", "wandb", made.wandb_of(b"\x0a\xff", says=65_535)),
    handed_in("wandb_nested", "is a wandb run that logged JSON nested a hundred thousand lists deep", "wandb", made.wandb_of(made.history("[" * 100_000))),
    handed_in("wandb_numbers", "is a wandb run that logged a number of a million digits", "wandb", made.wandb_of(made.history("9" * 1_000_000))),
    handed_in("wandb_garbage", "is a wandb run of megabytes whose pieces are no protocol buffer", "wandb", made.wandb_of(os.urandom(4 << 20))),
    handed_in("yaml_aliases", "is YAML whose aliases stand for a billion values", "yaml", ALIASES),
    handed_in("yaml_merges", "is YAML that merges itself exponentially", "yaml", MERGES),
    handed_in("yaml_calls", "is YAML with the tag of a call", "yaml", f"numbers: !!python/object/apply:builtins.exec [\"{RUNS}\"]"),
    handed_in("yaml_nested", "is YAML nested a hundred thousand lists deep", "yaml", "numbers: " + "[" * 100_000),
    handed_in("yaml_in_itself", "is YAML that holds itself", "yaml", "numbers: &a [*a, *a, *a]"),
    handed_in("yaml_collides", "is YAML with keys of one hash", "yaml", "numbers:\n" + "".join(f"  ? {n * (2**61 - 1)}\n" for n in range(5_000))),
    handed_in("toml_nested", "is TOML nested a hundred thousand lists deep", "toml", "numbers = " + "[" * 100_000),
    handed_in("toml_dotted", "is TOML with a key of fifty thousand parts", "toml", "a" + ".a" * 50_000 + " = 1"),
    handed_in("json_nested", "is JSON nested a hundred thousand lists deep", "json", "[" * 100_000),
    handed_in("json_numbers", "is JSON with a number of a million digits, NaN and 1e999", "json", f"[NaN, 1e999, {'9' * 1_000_000}]"),
    handed_in("csv_field", "is CSV with a field of megabytes and a NUL", "csv", '"' + "a\0" * 2_000_000),
    handed_in("xml_entities", "is XML whose entities stand for a hundred billion laughs", "xml", BOMB_OF_ENTITIES),
    handed_in("xml_outside", "is XML with an entity of the hidden suite", "xml", "<!DOCTYPE a [<!ENTITY s SYSTEM 'file://@hidden@/test_plain.py'>]><all><one>&s;</one></all>"),
    handed_in("mypy_imports_what_is_hidden", "has mypy say what is in the suite and its solution", "py", "import test_plain, plain, solution.plain\nreveal_type(solution.plain.__doc__)\nreveal_type(test_plain.PATIENCE)\n"),
    handed_in("mypy_plugin", "brings a plugin and a configuration for mypy", "py", "x: int = ''\n", **{"plugin.py": PLUGIN, "mypy.ini": "[mypy]\nplugins = files/plugin.py\n", "pyproject.toml": "[tool.mypy]\nplugins = ['plugin']\n"}),
    handed_in("mypy_path", "leads mypy to the hidden folder by a comment and by its configuration", "py", "# mypy: mypy_path=@hidden@\nimport test_plain\nreveal_type(test_plain.PATIENCE)\n", **{"mypy.ini": "[mypy]\nmypy_path = @hidden@\n"}),
    handed_in("ruff_extends", "has ruff take its configuration from a hidden file, and say what is wrong with it", "pyi", "import os\n", **{"ruff.toml": "extend = '@hidden@/test_plain.py'\n"}),
    handed_in("python_nested", "is Python nested deeper than a parser's stack", "py", "x = " + "-" * 1_000_000 + "1\n"),
    handed_in("shadows", "brings files called as the modules that parsers import", "npz", b"", **SHADOWS),
]  # fmt: skip
