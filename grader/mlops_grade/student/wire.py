"""The wire: plain data as a JSON tree plus raw buffers. Never pickles, never evaluates.

One frame is `<header length><body length>` (two little-endian u32), the JSON header, then the raw bytes of all buffers.
The decoder trusts nothing: it knows a fixed list of tags and dtypes, bounds size, nodes and depth, and builds exact
built-in types, arrays and tensors only. Whatever goes wrong in it is a WireError.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from mlops_grade.student.deadline import Deadline, within

MAX_HEADER = 32 << 20
MAX_BODY = 256 << 20
MAX_NODES = 200_000
MAX_DEPTH = 40
MAX_HASHED = 20_000  # keys and set members in one frame: the decoder's time grows with their square at worst
MAX_OF_ONE_HASH = 16
MAX_BRACKETS = 3  # that one node opens: {"N":["float32",[2,2],16]}
MAX_INT_DIGITS = 3_500  # hexadecimal; str() of larger ones raises in Python
TENSOR_DTYPES = frozenset(
    [
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "bool",
        "complex64",
        "complex128",
    ]
)
ARRAY_DTYPES = frozenset(
    [
        "float64",
        "float32",
        "float16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint64",
        "uint32",
        "uint16",
        "uint8",
        "bool",
        "complex64",
        "complex128",
    ]
)
_LENGTHS = struct.Struct("<II")

Buffer = bytes | bytearray | memoryview
Substitute = Callable[[Any], Any]


class WireError(Exception):
    """A value that cannot cross, or bytes that are no frame."""


class Reference:
    """An object that stays in the worker, by number; with what the worker says of its classes and its look."""

    __slots__ = ("classes", "description", "number")

    def __init__(self, number: int, classes: tuple[str, ...] = (), description: str = "") -> None:
        self.number = number
        self.classes = classes
        self.description = description


# --------------------------------------------------------------------------------------------------------- encoding


def encode(value: object, substitute: Substitute | None = None) -> list[Buffer]:
    """The frame of a value, as buffers to be sent one after the other.

    `substitute` turns an object of another type into one that can cross (a Reference, say). Raises WireError.
    """
    encoder = _Encoder(substitute)
    try:
        header = json.dumps(encoder.node(value, 0), separators=(",", ":"), allow_nan=False).encode("ascii")
    except (RecursionError, ValueError, TypeError) as error:
        raise WireError(f"cannot cross: {error}") from None
    body = sum(len(buffer) for buffer in encoder.buffers)
    if len(header) > MAX_HEADER or body > MAX_BODY:
        raise WireError(f"too large to cross: {(len(header) + body) >> 20} MiB")
    return [_LENGTHS.pack(len(header), body), header, *encoder.buffers]


class _Encoder:
    def __init__(self, substitute: Substitute | None) -> None:
        self.buffers: list[Buffer] = []
        self._substitute = substitute
        self._nodes = 0

    def node(self, value: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("too many values, or nested too deeply, to cross")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if -(1 << 62) < value < 1 << 62 else {"I": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"F": repr(value)}
        if kind is list:
            return [self.node(item, depth + 1) for item in value]
        if kind is dict:
            return {"D": [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in value.items()]}
        if kind is tuple:
            return {"T": [self.node(item, depth + 1) for item in value]}
        if kind in (set, frozenset):
            return {"S": [self.node(item, depth + 1) for item in value]}
        if kind in (bytes, bytearray, memoryview):
            return {"B": self._buffer(bytes(value))}
        if kind is Reference:
            return {"H": [value.number, list(value.classes), value.description]}
        if isinstance(value, PurePath):
            return {"P": str(value)}
        return self._numeric(value, depth)

    def _numeric(self, value: Any, depth: int) -> Any:
        # Neither library is imported for this: a value of theirs cannot exist before it is.
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            plain = _plain_tensor(torch, value)
            if plain is not None:
                return {"X": [str(plain.dtype).removeprefix("torch."), list(plain.shape), self._raw_tensor(plain)]}
        elif torch is not None and isinstance(value, torch.Size):
            return {"T": [int(size) for size in value]}
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.name in ARRAY_DTYPES:
            plain = numpy.asarray(value, order="C")
            return {"N": [plain.dtype.name, list(plain.shape), self._buffer(plain.tobytes())]}
        if numpy is not None and isinstance(value, numpy.generic) and value.dtype.name in ARRAY_DTYPES:
            return self.node(value.item(), depth)
        if self._substitute is None:
            raise WireError(f"a {type(value).__qualname__} cannot cross to the student's process: only plain data can")
        return self.node(self._substitute(value), depth)

    def _raw_tensor(self, tensor: Any) -> int:
        torch = sys.modules["torch"]
        return self._buffer(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b"")

    def _buffer(self, data: Buffer) -> int:
        self.buffers.append(data)
        return len(data)


def _plain_tensor(torch: Any, value: Any) -> Any:
    """The tensor as a dense, contiguous one on the CPU; None where it has no such form (meta, quantised)."""
    if value.is_meta or value.is_quantized:
        return None
    tensor = value.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if type(tensor) is not torch.Tensor:
        tensor = tensor.as_subclass(torch.Tensor)
    tensor = tensor.cpu().resolve_conj().resolve_neg().contiguous()
    return tensor if str(tensor.dtype).removeprefix("torch.") in TENSOR_DTYPES else None


# --------------------------------------------------------------------------------------------------------- decoding


def decode(header: Buffer, body: Buffer, resolve: Callable[[Reference], Any] | None = None) -> Any:
    """The value of a frame. `resolve` makes something of each Reference. Raises WireError and nothing else."""
    try:
        text = bytes(header)
        _refuse_too_many(text)
        tree = json.loads(text, parse_constant=_no_constant)
        decoder = _Decoder(memoryview(body), resolve)
        value = decoder.value(tree, 0)
    except WireError:
        raise
    except RecursionError:
        raise WireError("nested too deeply") from None
    except Exception as error:  # every malformed frame ends here, whatever it trips over
        raise WireError(f"malformed frame: {type(error).__name__}") from None
    if decoder.taken != len(decoder.body):
        raise WireError("bytes left over")
    return value


def decode_frame(data: bytes) -> Any:
    """The value of a whole frame, as `encode` made it. Raises WireError."""
    if len(data) < _LENGTHS.size:
        raise WireError("bytes missing")
    header, _ = _LENGTHS.unpack_from(data)
    return decode(data[_LENGTHS.size : _LENGTHS.size + header], data[_LENGTHS.size + header :])


_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def _refuse_too_many(header: bytes) -> None:
    """Raises WireError for more lists and objects than the nodes that are allowed can have: to make them takes long."""
    most = MAX_BRACKETS * MAX_NODES
    if header.count(b"[") + header.count(b"{") > most:
        bare = _TEXTS.sub(b"", header)
        if bare.count(b"[") + bare.count(b"{") > most:
            raise WireError("too many values")


def _no_constant(name: str) -> None:
    raise WireError(f"{name} is no number here")


class _Decoder:
    def __init__(self, body: memoryview, resolve: Callable[[Reference], Any] | None) -> None:
        self.body = body
        self.taken = 0
        self._resolve = resolve
        self._nodes = 0
        self._hashed = 0

    def value(self, tree: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise WireError("too many values, or nested too deeply")
        if tree is None or type(tree) in (bool, str, int, float):
            return tree
        if type(tree) is list:
            return [self.value(item, depth + 1) for item in tree]
        if type(tree) is not dict or len(tree) != 1:
            raise WireError("unknown node")
        ((tag, content),) = tree.items()
        method = getattr(self, f"_tag_{tag}", None) if tag in _TAGS else None
        if method is None:
            raise WireError("unknown tag")
        return method(content, depth + 1)

    def _items(self, content: Any, depth: int) -> list[Any]:
        if type(content) is not list:
            raise WireError("expected a list")
        return [self.value(item, depth) for item in content]

    def _hash_room(self, content: Any) -> None:
        self._hashed += len(content)
        if type(content) is not list or self._hashed > MAX_HASHED:
            raise WireError("too many keys")

    def _tag_T(self, content: Any, depth: int) -> tuple[Any, ...]:
        return tuple(self._items(content, depth))

    def _tag_S(self, content: Any, depth: int) -> set[Any]:
        self._hash_room(content)
        return set(self._keys(self._items(content, depth)))

    def _tag_D(self, content: Any, depth: int) -> dict[Any, Any]:
        self._hash_room(content)
        pairs = [(self.value(key, depth), self.value(item, depth)) for key, item in content]
        self._keys([key for key, _ in pairs])
        return dict(pairs)

    def _keys(self, keys: list[Any]) -> list[Any]:
        """The keys as they are, if they can be looked up in bounded time.

        Numbers hash by their value, tuples by what is in them: whoever picks them can have all of one hash, and each is
        then compared with each. No real program's are: of one hash are an int and its twin beyond 2**61, -1 and -2.
        """
        try:
            often = Counter(map(hash, keys)).most_common(1)
        except TypeError:
            raise WireError("a key that cannot be hashed, or is an object that stayed behind") from None
        if often and often[0][1] > MAX_OF_ONE_HASH:
            raise WireError("too many keys of one hash")
        return keys

    def _tag_I(self, content: Any, depth: int) -> int:
        if type(content) is not str or len(content) > MAX_INT_DIGITS:
            raise WireError("integer too large")
        return int(content, 16)

    def _tag_F(self, content: Any, depth: int) -> float:
        if content not in ("nan", "inf", "-inf"):
            raise WireError("unknown float")
        return float(content)

    def _tag_P(self, content: Any, depth: int) -> Path:
        if type(content) is not str or len(content) > 4096:
            raise WireError("unknown path")
        return Path(content)

    def _tag_B(self, content: Any, depth: int) -> bytes:
        return bytes(self._take(content))

    def _tag_X(self, content: Any, depth: int) -> Any:
        name, shape, length = content
        if type(name) is not str or name not in TENSOR_DTYPES:
            raise WireError("unknown dtype")
        import torch

        dtype = getattr(torch, name)
        raw = self._take_array(shape, dtype.itemsize, length)
        if not raw:
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:  # a bool that is neither 0 nor 1 is undefined behaviour further on
            return (torch.frombuffer(raw, dtype=torch.uint8) != 0).reshape(shape)
        return torch.frombuffer(raw, dtype=dtype).reshape(shape)

    def _tag_N(self, content: Any, depth: int) -> Any:
        name, shape, length = content
        if type(name) is not str or name not in ARRAY_DTYPES:
            raise WireError("unknown dtype")
        import numpy

        dtype = numpy.dtype(name)
        raw = self._take_array(shape, dtype.itemsize, length)
        if name == "bool":
            return (numpy.frombuffer(raw, dtype=numpy.uint8) != 0).reshape(shape)
        return numpy.frombuffer(raw, dtype=dtype).reshape(shape)

    def _tag_H(self, content: Any, depth: int) -> Any:
        number, classes, description = content
        plain = type(number) is int and type(description) is str and type(classes) is list
        if not plain or len(classes) > 32 or not all(type(name) is str for name in classes) or self._resolve is None:
            raise WireError("unknown handle")
        return self._resolve(Reference(number, tuple(name[:200] for name in classes), description[:300]))

    def _take(self, length: Any) -> memoryview:
        if type(length) is not int or length < 0 or self.taken + length > len(self.body):
            raise WireError("bytes missing")
        self.taken += length
        return self.body[self.taken - length : self.taken]

    def _take_array(self, shape: Any, itemsize: int, length: Any) -> bytearray:
        if type(shape) is not list or len(shape) > 16 or not all(type(n) is int and 0 <= n < 1 << 31 for n in shape):
            raise WireError("unknown shape")
        if math.prod(n for n in shape if n) > 1 << 48 or type(length) is not int:
            raise WireError("unknown shape")
        if math.prod(shape) * itemsize != length:
            raise WireError("shape and bytes disagree")
        return bytearray(self._take(length))


_TAGS = frozenset(name.removeprefix("_tag_") for name in vars(_Decoder) if name.startswith("_tag_"))


# ---------------------------------------------------------------------------------------------------------- sockets


def send(sock: socket.socket, frame: list[Buffer], deadline: Deadline | None = None) -> None:
    """Send a frame. Raises TimeoutError past the deadline and OSError when the peer is gone."""
    parts = [memoryview(buffer).cast("B") for buffer in frame if len(buffer)]
    while parts:
        sent = within(deadline, sock, sock.sendmsg, parts[:64])
        while parts and sent >= len(parts[0]):
            sent -= len(parts.pop(0))
        if sent:
            parts[0] = parts[0][sent:]


def receive(sock: socket.socket, resolve: Callable[[Reference], Any] | None, deadline: Deadline | None = None) -> Any:
    """Receive a frame's value. Raises TimeoutError, EOFError when the peer is gone, WireError."""
    return decode(*receive_frame(sock, deadline), resolve)


def receive_frame(sock: socket.socket, deadline: Deadline | None = None) -> tuple[bytearray, bytearray]:
    """Receive a frame's header and body. Raises TimeoutError, EOFError when the peer is gone, WireError."""
    header_length, body_length = _LENGTHS.unpack(_receive_exactly(sock, _LENGTHS.size, deadline))
    if header_length > MAX_HEADER or body_length > MAX_BODY:
        raise WireError("frame too large")
    header = _receive_exactly(sock, header_length, deadline)
    return header, _receive_exactly(sock, body_length, deadline)


def _receive_exactly(sock: socket.socket, length: int, deadline: Deadline | None) -> bytearray:
    # Grown as bytes arrive: a frame that only claims to be large costs nothing.
    data = bytearray()
    while len(data) < length:
        part = within(deadline, sock, sock.recv, min(length - len(data), 1 << 20))
        if not part:
            raise EOFError("the other side is gone")
        data += part
    return data
