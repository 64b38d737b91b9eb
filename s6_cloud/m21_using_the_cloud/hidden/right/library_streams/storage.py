"""With the library's streams, and checksums by google-crc32c."""

import base64
import os
import shutil

import google_crc32c

MIB = 1024 * 1024


def crc(path):
    total = google_crc32c.Checksum()
    with open(path, "rb") as f:
        while block := f.read(MIB):
            total.update(block)
    return base64.b64encode(total.digest()).decode("ascii")


def upload(bucket, path, name, part_size=2 * MIB):
    blob = bucket.blob(name)
    if blob.exists():
        blob.reload()
        if blob.crc32c == crc(path):
            return False
    blob = bucket.blob(name)
    if os.path.getsize(path) > 8 * MIB:
        with open(path, "rb") as source, blob.open("wb", chunk_size=part_size) as target:
            shutil.copyfileobj(source, target, part_size)
    else:
        with open(path, "rb") as source:
            blob.upload_from_file(source, rewind=True)
    stored = bucket.get_blob(name)
    if stored.crc32c != crc(path):
        raise RuntimeError(f"upload of {name} was damaged")
    return True


def list_files(bucket, prefix=""):
    found = {}
    for page in bucket.client.list_blobs(bucket, prefix=prefix or None).pages:
        for blob in page:
            found[blob.name] = int(blob.size)
    return found


def download(bucket, name, path, part_size=2 * MIB):
    matching = [blob for blob in bucket.list_blobs(prefix=name) if blob.name == name]
    if not matching:
        raise FileNotFoundError(name)
    blob = matching[0]
    folder = os.path.dirname(str(path))
    if folder:
        os.makedirs(folder, exist_ok=True)
    part = f"{path}.part"
    have = os.path.getsize(part) if os.path.exists(part) else 0
    with open(part, "r+b" if have else "wb") as f:
        f.seek(have)
        while have < blob.size:
            end = min(have + part_size, blob.size) - 1
            blob.download_to_file(f, start=have, end=end)
            f.flush()
            have = end + 1
    if have != blob.size or crc(part) != blob.crc32c:
        os.remove(part)
        raise ValueError("checksum mismatch: " + name)
    os.rename(part, path)
