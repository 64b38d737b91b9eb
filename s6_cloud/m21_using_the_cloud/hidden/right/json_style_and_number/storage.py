# Files to a bucket and back, whatever their size and however bad the line.
import base64
import hashlib
from pathlib import Path

import google_crc32c
from google.api_core.exceptions import NotFound
from google.cloud.storage import Bucket
from google.cloud.storage.retry import DEFAULT_RETRY

MIB = 1024 * 1024
PATIENCE = DEFAULT_RETRY.with_delay(initial=0.2, maximum=2.0).with_timeout(20.0)


class _Digests:
    """Both checksums of a file: objects that were composed of others have no MD5, so that CRC32C must do."""

    def __init__(self, path):
        md5, crc = hashlib.md5(usedforsecurity=False), google_crc32c.Checksum()
        with Path(path).open("rb") as file:
            while block := file.read(256 * 1024):
                md5.update(block)
                crc.update(block)
        self.md5 = base64.b64encode(md5.digest()).decode()
        self.crc32c = base64.b64encode(crc.digest()).decode()

    def __eq__(self, blob):
        if blob.md5_hash:
            return blob.md5_hash == self.md5
        return bool(blob.crc32c) and blob.crc32c == self.crc32c

    __hash__ = None


def upload(bucket: Bucket, path: str | Path, name: str, part_size: int = 2 * MIB) -> bool:
    path = Path(path)
    mine = _Digests(path)
    existing = bucket.get_blob(name)
    if existing is not None and mine == existing:
        return False
    blob = bucket.blob(name, chunk_size=part_size if path.stat().st_size > 8 * MIB else None)
    # The library compares with its own sum of what it read; 8 MiB is also where it changes to a resumable upload.
    blob.upload_from_filename(str(path), checksum="md5", retry=PATIENCE)
    if mine != blob:
        raise RuntimeError(f"{path} was damaged on its way to {name}")
    return True


def list_files(bucket: Bucket, prefix: str = "") -> dict[str, int]:
    return {b.name: b.size for b in bucket.client.list_blobs(bucket, prefix=prefix, page_size=100)}


def download(bucket: Bucket, name: str, path: str | Path, part_size: int = 2 * MIB) -> None:
    target = Path(path)
    part = target.parent / (target.name + ".part")
    blob = bucket.get_blob(name)
    if blob is None:
        part.unlink(missing_ok=True)
        raise FileNotFoundError(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.touch()
    while (start := part.stat().st_size) < blob.size:
        end = min(start + part_size, blob.size) - 1  # both ends are included
        try:
            data = blob.download_as_bytes(start=start, end=end, raw_download=True, checksum=None, retry=PATIENCE)
        except NotFound:
            part.unlink()
            raise FileNotFoundError(name) from None
        if not data:
            raise ConnectionError(f"{name}: nothing arrives")
        with part.open("ab") as file:
            file.write(data)
    if _Digests(part) != blob:
        part.unlink()
        raise ValueError(f"{name}: wrong checksum")
    part.replace(target)
