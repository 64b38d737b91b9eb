"""The wire: what may cross arrives as it was, to the bit and the exact type; nothing else gets out of the decoder."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_strategies import DAMAGE, VALUES, damaged, frame_of, same

from mlops_grade.student import wire
from mlops_grade.student.deadline import OnTheWall

quickly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@quickly
@given(VALUES)
def test_what_crosses_arrives_as_it_was(value: Any) -> None:
    assert same(wire.decode(*frame_of(value)), value)


@quickly
@given(VALUES, DAMAGE)
def test_a_damaged_frame_gives_a_value_or_a_wire_error(value: Any, damage: list[tuple[int, int, bytes]]) -> None:
    try:
        got = wire.decode(*damaged(*frame_of(value), damage), lambda reference: reference)
    except wire.WireError:
        return
    assert only_exact_types(got)


@quickly
@given(st.binary(max_size=300), st.binary(max_size=50))
def test_bytes_that_are_no_frame_give_a_wire_error(header: bytes, body: bytes) -> None:
    try:
        assert only_exact_types(wire.decode(header, body))
    except wire.WireError:
        return


def only_exact_types(value: Any) -> bool:
    if type(value) in (list, tuple, set):
        return all(map(only_exact_types, value))
    if type(value) is dict:
        return all(only_exact_types(item) for pair in value.items() for item in pair)
    plain = (type(None), bool, int, float, str, bytes, np.ndarray, torch.Tensor, wire.Reference, type(Path()))
    return type(value) in plain


@pytest.mark.parametrize(
    ("given_value", "arrives"),
    [
        (frozenset({1, 2}), {1, 2}),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
        (np.float64(1.5), 1.5),
        (np.int8(-3), -3),
        (torch.Size([2, 3]), (2, 3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_near_relatives_arrive_as_the_plain_type(given_value: Any, arrives: Any) -> None:
    got = wire.decode(*frame_of(given_value))
    assert type(got) is type(arrives)
    assert got == arrives


def test_tensors_arrive_dense_detached_and_of_the_plain_type() -> None:
    class Mine(torch.Tensor):
        pass

    gradient = torch.ones(2, 3, requires_grad=True)
    sparse = torch.eye(3).to_sparse()
    for tensor in (gradient, gradient * 2, sparse, torch.ones(2).as_subclass(Mine), torch.nn.Parameter(torch.ones(2))):
        got = wire.decode(*frame_of(tensor))
        assert type(got) is torch.Tensor
        assert not got.requires_grad
        assert torch.equal(
            got, tensor.detach().to_dense() if tensor.is_sparse else tensor.detach().as_subclass(torch.Tensor)
        )


def test_an_array_that_arrived_can_be_written_to() -> None:
    got = wire.decode(*frame_of({"array": np.arange(3), "tensor": torch.arange(3)}))
    got["array"][0] = got["tensor"][0] = 7
    assert got["array"].tolist() == got["tensor"].tolist() == [7, 1, 2]


@pytest.mark.parametrize(
    "value", [object(), lambda: 0, 1j, Ellipsis, np.array(["a"]), np.array([object()]), type], ids=repr
)
def test_what_is_not_plain_data_does_not_cross(value: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.encode(value)
    reference = wire.Reference(3, ("a.B",), "B")
    got = wire.decode(
        *_encoded(wire.encode(value, lambda _: reference)), lambda r: (r.number, r.classes, r.description)
    )
    assert got == (3, ("a.B",), "B")


def _encoded(frame: list[wire.Buffer]) -> tuple[bytes, bytes]:
    return bytes(frame[1]), b"".join(map(bytes, frame[2:]))


def _tuples_of_one_hash(count: int, size: int) -> bytes:
    """A set of tuples, each of equal bytes and three floats that hash to 1: no two are equal, and all are compared."""
    ones = [repr(2.0 ** (61 * power)).encode() for power in range(-17, 17)]
    every = (b'{"T":[{"B":%d},%s,%s,%s]}' % (size, a, b, c) for a in ones for b in ones for c in ones)
    return b'{"S":[' + b",".join(itertools.islice(every, count)) + b"]}"


def _pairs_of_one_hash() -> list[tuple[int, int]]:
    return list(itertools.product((1, 2**61), (5, 5 + 2**61 - 1))) * 5


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"[" * 100_000, b""),
        (b"[" * 50 + b"]" * 50, b""),
        (b"[" + b"[]," * 300_000 + b"[]]", b""),
        (b"[" + b"[]," * 10_000_000 + b"[]]", b""),
        (b"9" * 100_000, b""),
        (b'{"I":"0x' + b"f" * 4_000 + b'"}', b""),
        (b"NaN", b""),
        (b"[Infinity]", b""),
        (b'{"F":"1"}', b""),
        (b'{"X":["float32",[2,2],15]}', bytes(15)),
        (b'{"X":["float32",[-1,4],16]}', bytes(16)),
        (b'{"X":["qint8",[1],1]}', bytes(1)),
        (b'{"X":["float32",[1073741824,1073741824,1073741824,0],0]}', b""),
        (b'{"N":["object",[1],8]}', bytes(8)),
        (b'{"N":["float64",[true],8]}', bytes(8)),
        (b'{"S":[[1]]}', b""),
        (b'{"S":[' + b",".join(b'{"I":"%s"}' % hex(n * (2**61 - 1)).encode() for n in range(1, 18)) + b"]}", b""),
        (_tuples_of_one_hash(20_000, 10_000), bytes(20_000 * 10_000)),
        (b'{"D":[' + b",".join(b'[{"T":[%d,%d]},1]' % pair for pair in _pairs_of_one_hash()) + b"]}", b""),
        (b'{"S":[{"H":[1,["a"],"b"]}]}', b""),
        (b"[" * 30 + b"1" * 1_000_000 + b".5" + b"]" * 31, b""),
        (b'{"D":[[1,2],[3]]}', b""),
        (b'{"D":{"a":1}}', b""),
        (b'{"H":[1,["a"],"b"]}', b""),
        (b'{"_take":5}', b"12345"),
        (b'{"T":[1],"S":[2]}', b""),
        (b'{"B":5}', b"1234"),
        (b'{"B":4}', b"12345"),
        (b'{"B":-1}', b""),
        (b'{"P":5}', b""),
        (b"\xff", b""),
        (b"", b""),
        (b"1 2", b""),
    ],
    ids=lambda part: repr(part[:24]),
)
def test_hostile_frames_are_refused_soon(header: bytes, body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(wire.WireError):
        wire.decode(header, body)
    assert time.process_time() - began < 3


def test_a_frame_crosses_a_socket_and_a_length_that_lies_does_not_cost_memory() -> None:
    left, right = socket.socketpair()
    with left, right:
        value = {"weights": torch.rand(100, 1000), "names": ["a"] * 1000}
        thread = threading.Thread(target=wire.send, args=(left, wire.encode(value)))
        thread.start()
        assert same(wire.receive(right, None, OnTheWall(20)), value)
        thread.join()
        left.sendall(b"\xff\xff\xff\xff\xff\xff\xff\xff")
        with pytest.raises(wire.WireError):
            wire.receive(right, None, OnTheWall(5))
        left.sendall(b"\x00\x00\x00\x01\x00\x00\x00\x00[")
        with pytest.raises(TimeoutError):
            wire.receive(right, None, OnTheWall(0.05))
        left.close()
        with pytest.raises(EOFError):
            wire.receive(right, None, OnTheWall(5))
