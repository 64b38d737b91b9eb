"""Values that may cross the wire, and frames that somebody has damaged; for tests and for the longer run by hand."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from mlops_grade.student import wire

PATH_LETTERS = st.characters(exclude_characters="/\0", codec="utf-8")
PATHS = st.lists(st.text(PATH_LETTERS, min_size=1, max_size=9), min_size=1, max_size=4).map("/".join).map(Path)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 4000), 1 << 4000),
    st.integers(-(1 << 63) - 2, (1 << 63) + 2),
    st.floats(),
    st.text(st.characters(), max_size=40),  # lone surrogates are texts as well
    st.binary(max_size=40),
    PATHS,
)
KEYS = st.one_of(st.text(max_size=9), st.integers(-(1 << 61), 1 << 61), st.booleans(), st.none(), st.binary(max_size=9))


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Tensors of every kind that crosses; some of them views that are not contiguous."""
    dtype = getattr(torch, draw(st.sampled_from(sorted(wire.TENSOR_DTYPES))))
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    count = math.prod(shape)
    raw = bytearray(draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize)))
    if dtype is torch.bool:
        raw = bytearray(byte & 1 for byte in raw)
    tensor = torch.frombuffer(raw, dtype=dtype).reshape(shape) if raw else torch.empty(shape, dtype=dtype)
    return tensor.mT if tensor.ndim > 1 and draw(st.booleans()) else tensor


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Arrays of every kind that crosses; some of them views that are not contiguous."""
    dtype = np.dtype(draw(st.sampled_from(sorted(wire.ARRAY_DTYPES))))
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    count = math.prod(shape) * dtype.itemsize
    raw = draw(st.binary(min_size=count, max_size=count))
    if dtype.kind == "b":
        raw = bytes(byte & 1 for byte in raw)
    array = np.frombuffer(raw, dtype=dtype).reshape(shape)
    return array.T if draw(st.booleans()) else array


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(KEYS, inner, max_size=5),
        st.sets(KEYS, max_size=5),
    )


VALUES = st.recursive(SCALARS | tensors() | arrays(), _containers, max_leaves=12)


def frame_of(value: object) -> tuple[bytes, bytes]:
    """Header and body of a value's frame."""
    lengths, header, *buffers = wire.encode(value)
    body = b"".join(bytes(buffer) for buffer in buffers)
    assert struct.unpack("<II", lengths) == (len(header), len(body))
    return bytes(header), body


def same(left: Any, right: Any) -> bool:
    """Whether two values are of the same exact types all through, and equal to the bit."""
    if type(left) is not type(right):
        return isinstance(left, Path) and isinstance(right, Path) and str(left) == str(right)
    if isinstance(left, torch.Tensor):
        return (left.dtype, left.shape) == (right.dtype, right.shape) and _bits(left) == _bits(right)
    if isinstance(left, np.ndarray):
        return (left.dtype, left.shape) == (right.dtype, right.shape) and left.tobytes() == right.tobytes()
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left), list(right)) and all(map(same, left.values(), right.values()))
    if isinstance(left, float):
        return struct.pack("<d", left) == struct.pack("<d", right) or (math.isnan(left) and math.isnan(right))
    return bool(left == right)


def _bits(tensor: torch.Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def damaged(header: bytes, body: bytes, damage: Iterable[tuple[int, int, bytes]]) -> tuple[bytes, bytes]:
    """A frame with some of its bytes replaced, removed or doubled: (place, kind of damage, what to put there)."""
    parts = [bytearray(header), bytearray(body)]
    for place, kind, data in damage:
        part = parts[1] if kind & 8 and body else parts[0]
        at = place % (len(part) + 1)
        match kind & 3:
            case 0:
                part[at : at + len(data)] = data
            case 1:
                del part[at : at + len(data)]
            case 2:
                part[at:at] = data
            case 3:
                part[at:at] = part[at : at + 9]
    return bytes(parts[0]), bytes(parts[1])


TEXTS = (
    '{"T":[', '{"I":"', "]}", "[[", "1e999", "NaN", "-1", "9" * 30, "{}", "null,", '"', "\\ud800", '{"H":[1,[],""]}',
    '{"N":["float64",[2],16]}', '{"X":["bool",[],1]}', '{"F":"nan"}', '{"P":""}', '{"B":', '{"D":[[', '{"S":[',
)  # fmt: skip
FRAGMENTS = st.one_of(
    st.binary(max_size=5),
    st.sampled_from([fragment.encode() for fragment in TEXTS]),
)
DAMAGE = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 15), FRAGMENTS), min_size=1, max_size=4)
