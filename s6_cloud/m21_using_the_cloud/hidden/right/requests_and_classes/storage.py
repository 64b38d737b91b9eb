"""One class for a transfer; MD5 kept while the bytes come in."""

import base64
import hashlib
from contextlib import suppress
from pathlib import Path

from google.api_core.exceptions import NotFound
from google.cloud.storage import Bucket


def digest_of(path: Path) -> str:
    state = hashlib.md5()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 16), b""):
            state.update(block)
    return base64.standard_b64encode(state.digest()).decode()


def upload(bucket: Bucket, path: str | Path, name: str, part_size: int = 1 << 21) -> bool:
    path = Path(path)
    blob = bucket.blob(name, chunk_size=part_size)
    with suppress(NotFound):
        blob.reload()
        if blob.size == path.stat().st_size and blob.md5_hash == digest_of(path):
            return False
    fresh = bucket.blob(name, chunk_size=part_size)
    fresh.upload_from_filename(str(path), checksum="crc32c", timeout=60)
    return True


def list_files(bucket: Bucket, prefix: str = "") -> dict[str, int]:
    blobs = bucket.list_blobs(prefix=prefix, fields="items(name,size),nextPageToken")
    return dict(map(lambda blob: (blob.name, blob.size), blobs))


class Transfer:
    def __init__(self, bucket: Bucket, name: str, path: Path, part_size: int) -> None:
        self.blob = bucket.blob(name)
        try:
            self.blob.reload()
        except NotFound as error:
            raise FileNotFoundError(f"gs://{bucket.name}/{name}") from error
        self.path, self.part_size = path, part_size
        self.part = Path(str(path) + ".part")

    def run(self) -> None:
        self.path.parent.mkdir(exist_ok=True, parents=True)
        self.part.touch()
        while (size := self.part.stat().st_size) < self.blob.size:
            data = self.blob.download_as_bytes(start=size, end=size + self.part_size - 1, checksum=None)
            with self.part.open("ab") as stream:
                stream.write(data)
        self.finish()

    def finish(self) -> None:
        if digest_of(self.part) == self.blob.md5_hash:
            self.part.rename(self.path)
        else:
            self.part.unlink()
            raise ValueError(f"{self.blob.name}: the content is not what its checksum says")


def download(bucket: Bucket, name: str, path: str | Path, part_size: int = 1 << 21) -> None:
    Transfer(bucket, name, Path(path), part_size).run()
