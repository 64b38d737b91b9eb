"""Files to a bucket and back, whatever their size and however bad the line."""

import base64
import hashlib
from pathlib import Path

from google.cloud.storage import Bucket

MIB = 1024 * 1024


def checksum(path: str | Path) -> str:
    """The MD5 of a file, written as the bucket writes it."""
    with Path(path).open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "md5").digest()).decode()


def upload(bucket: Bucket, path: str | Path, name: str, part_size: int = 2 * MIB) -> bool:
    """Store the file at `path` under `name`, unless the bucket has the same content there already."""
    present = bucket.get_blob(name)
    if present is not None and present.md5_hash == checksum(path):
        return False
    bucket.blob(name, chunk_size=part_size).upload_from_filename(path, checksum="md5")
    return True


def list_files(bucket: Bucket, prefix: str = "") -> dict[str, int]:
    """Names and sizes in bytes of the objects whose names begin with `prefix`."""
    return {blob.name: blob.size for blob in bucket.list_blobs(prefix=prefix)}


def download(bucket: Bucket, name: str, path: str | Path, part_size: int = 2 * MIB) -> None:
    """Fetch an object into the file `path`, in parts; go on where an earlier attempt was interrupted."""
    blob = bucket.get_blob(name)
    if blob is None:
        raise FileNotFoundError(f"there is no object {name} in {bucket.name}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path
    part.unlink(missing_ok=True)
    with part.open("ab") as file:
        while file.tell() < blob.size:
            start = file.tell()
            file.write(blob.download_as_bytes(start=start, end=start + part_size - 1))
    if checksum(part) != blob.md5_hash:
        part.unlink()
        raise ValueError(f"{name} arrived damaged: its checksum is wrong")
    part.replace(path)
