"""What lies in the checkout is no plain file: links, pipes, devices, sockets, odd names, bombs."""

# ruff: noqa: E501 - payloads are code in strings

import gzip
import os
import pickle
import shutil
import socket
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from corpus import plain

MODULE = "s1_targets/m01_plain"


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, ("touch @home@/@trace@",))


def _replaced(name: str, how: str) -> Callable[[Path, Mapping[str, str]], None]:
    def build(root: Path, places: Mapping[str, str]) -> None:
        place = root / MODULE / name
        place.unlink()
        if how == "fifo":
            os.mkfifo(place)
        elif how == "folder":
            place.mkdir()
        elif how == "device":
            place.symlink_to("/dev/zero")
        elif how == "sparse":
            with place.open("wb") as file:
                file.truncate(1 << 40)
        elif how == "socket":
            here = Path.cwd()
            os.chdir(place.parent)
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(place.name)
            os.chdir(here)

    return build


def _linked(link: Callable[[Path, Path], None]) -> Callable[[Path, Mapping[str, str]], None]:
    def build(root: Path, places: Mapping[str, str]) -> None:
        for name in ("plain.py", "program.py"):
            (root / MODULE / name).unlink()
            link(Path(places["@hidden@"], "solution", name), root / MODULE / name)

    return build


def _folder_link(root: Path, places: Mapping[str, str]) -> None:
    shutil.rmtree(root / MODULE)
    (root / MODULE).symlink_to(Path(places["@hidden@"], "solution"))


def _session_link(root: Path, places: Mapping[str, str]) -> None:
    stolen = Path(places["@neighbour@"])  # the neighbour's work is right
    shutil.rmtree(root / "s1_targets")
    (root / "s1_targets").symlink_to(stolen.parent)


def _inner_link(root: Path, places: Mapping[str, str]) -> None:
    (root / MODULE / "more").symlink_to(places["@hidden@"])


def _odd_names(root: Path, places: Mapping[str, str]) -> None:
    more = root / MODULE / "more"
    more.mkdir()
    for name in (b"a\nb", b"x" * 255, b"\xff\xfe", b"-rf", b" ", b"\x1b[31m", "e\u0301\u202e".encode(), b"..."):
        (Path(os.fsdecode(os.fsencode(more) + b"/" + name))).write_bytes(b"x")


def _deep(root: Path, places: Mapping[str, str]) -> None:
    place = root / MODULE / "more"
    for _ in range(200):
        place /= "d"
    place.mkdir(parents=True)
    (place / "x").write_text("x")


def _many(root: Path, places: Mapping[str, str]) -> None:
    more = root / MODULE / "more"
    more.mkdir()
    for number in range(1200):
        (more / str(number)).touch()


def _bombs(root: Path, places: Mapping[str, str]) -> None:
    more = root / MODULE / "more"
    more.mkdir()
    with zipfile.ZipFile(more / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../../tmp/out", bytes(10 << 20))
    (more / "bomb.gz").write_bytes(gzip.compress(bytes(10 << 20)))
    for name in ("model.pt", "checkpoint.ckpt", "data.pkl", "data.npy"):
        data = pickle.dumps(_Bomb()).replace(b"@home@", places["@home@"].encode())
        (more / name).write_bytes(data)


ATTACKS = [
    plain("link_to_solution", "hands in a symbolic link to the reference solution", build=_linked(os.symlink)),
    plain("hard_link_to_solution", "hands in a hard link to the reference solution", build=_linked(os.link)),
    plain("module_folder_is_a_link", "makes the module's folder a link to the solution's", build=_folder_link),
    plain("session_folder_is_a_link", "makes the session's folder a link to a neighbour's right work", build=_session_link),
    plain("inner_folder_is_a_link", "makes a folder below a link to the hidden suite", build=_inner_link,
          payload="import glob\nfor f in glob.glob('more/**', recursive=True):\n    if os.path.isfile(f): print(open(f).read())\n"),
    plain("fifo", "hands in a pipe that never gives a byte", build=_replaced("plain.py", "fifo")),
    plain("folder_for_file", "hands in a folder", build=_replaced("program.py", "folder")),
    plain("endless_device", "hands in a link to /dev/zero", build=_replaced("plain.py", "device")),
    plain("socket", "hands in a socket", build=_replaced("plain.py", "socket")),
    plain("terabyte", "hands in a sparse file of a terabyte", build=_replaced("plain.py", "sparse")),
    plain("odd_names", "has names with newlines, escapes, 255 bytes, no encoding", build=_odd_names),
    plain("deep_folders", "nests two hundred folders", build=_deep),
    plain("many_files", "hands in twelve hundred files", build=_many),
    plain("bombs", "hands in archives that grow and pickles that run programs", build=_bombs),
    plain("null_bytes", "hands in source that is no text", instead="", payload="\0\0\0"),
    plain("broken_source", "hands in source that the compiler chokes on", instead="", payload="x = " + "(" * 5000 + ")" * 5000),
]  # fmt: skip
