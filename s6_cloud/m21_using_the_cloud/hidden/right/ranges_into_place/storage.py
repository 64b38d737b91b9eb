"""Files to a bucket and back, with the means of the library's file objects (`Blob.open`) and CRC32C."""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import google_crc32c
from google.api_core import exceptions as gexc
from google.cloud.storage import Blob, Bucket

MIB = 1 << 20
LIMIT = 8 * MIB


def _pieces(path: str | os.PathLike[str], size: int = MIB) -> Iterator[bytes]:
    with open(path, "rb") as stream:
        yield from iter(lambda: stream.read(size), b"")


def _crc32c(path: str | os.PathLike[str]) -> str:
    """The CRC32C of a file in the way that the service writes it: big-endian, base64."""
    total = google_crc32c.Checksum()
    for piece in _pieces(path):
        total.update(piece)
    return base64.b64encode(total.digest()).decode("ascii")


def upload(bucket: Bucket, path: str | Path, name: str, part_size: int = 2 * MIB) -> bool:
    """Store the file at `path` under `name` unless that content is there. True when it was sent."""
    mine, size = _crc32c(path), os.path.getsize(path)
    there = bucket.get_blob(name)
    if there is not None and (there.size, there.crc32c) == (size, mine):
        return False

    blob: Blob = bucket.blob(name)
    if size > LIMIT:
        # The writer keeps one part in memory, and sends it (again, if need be) whenever it is full.
        with blob.open("wb", chunk_size=part_size, content_type="application/octet-stream") as sink:
            for piece in _pieces(path, part_size):
                sink.write(piece)
    else:
        blob.upload_from_string(Path(path).read_bytes(), content_type="application/octet-stream", checksum="crc32c")

    blob.reload()
    if blob.crc32c != mine or blob.size != size:
        raise OSError(f"{name}: what arrived is not what was sent")
    return True


def list_files(bucket: Bucket, prefix: str = "") -> dict[str, int]:
    """Names and sizes in bytes of the objects whose names begin with `prefix`."""
    found: dict[str, int] = {}
    for page in bucket.list_blobs(prefix=prefix or None).pages:
        found.update((blob.name, int(blob.size)) for blob in page)
    return found


def download(bucket: Bucket, name: str, path: str | Path, part_size: int = 2 * MIB) -> None:
    """Fetch an object into the file `path`, in parts, after what an earlier attempt has left in `<path>.part`."""
    part = Path(os.fspath(path) + ".part")
    blob = bucket.blob(name)
    try:
        blob.reload()
        part.parent.mkdir(exist_ok=True, parents=True)
        with part.open("ab") as sink:
            # Straight into the file: what has come before the line breaks is kept.
            while (done := sink.tell()) < blob.size:
                last = min(done + part_size, blob.size) - 1
                blob.download_to_file(sink, start=done, end=last, raw_download=True, checksum=None)
                if sink.tell() == done:
                    raise ConnectionError(f"{name}: no byte after the first {done}")
    except gexc.NotFound as gone:
        with suppress(FileNotFoundError):
            part.unlink()
        raise FileNotFoundError(f"no object {name!r} in the bucket {bucket.name!r}") from gone

    if _crc32c(part) != blob.crc32c:
        part.unlink()
        raise ValueError(f"{name}: the checksum of what arrived is wrong")
    shutil.move(part, path)
