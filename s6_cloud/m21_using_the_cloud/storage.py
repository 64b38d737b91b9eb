"""Files to a bucket and back, whatever their size and however bad the line."""

from pathlib import Path

from google.cloud.storage import Bucket

MIB = 1024 * 1024


def upload(bucket: Bucket, path: str | Path, name: str, part_size: int = 2 * MIB) -> bool:
    """Store the file at `path` under `name`, unless the bucket has the same content there already.

    Args:
        bucket: where to.
        path: the file.
        name: the object's name.
        part_size: files over 8 MiB travel in parts of this many bytes (a multiple of 256 KiB).

    Returns:
        True when the file was sent, False when there was no need to.

    Raises:
        Exception: what arrived is not what was sent.
    """
    raise NotImplementedError("TODO: upload the file")


def list_files(bucket: Bucket, prefix: str = "") -> dict[str, int]:
    """Names and sizes in bytes of the objects whose names begin with `prefix`."""
    raise NotImplementedError("TODO: list the objects")


def download(bucket: Bucket, name: str, path: str | Path, part_size: int = 2 * MIB) -> None:
    """Fetch an object into the file `path`, in parts; go on where an earlier attempt was interrupted.

    What has arrived so far lies in `<path>.part`, and becomes `path` when it is complete and right.

    Raises:
        FileNotFoundError: there is no such object.
        ValueError: what arrived does not have the object's checksum; `<path>.part` is removed.
    """
    raise NotImplementedError("TODO: download the object")
