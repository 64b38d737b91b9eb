"""Where hidden suites come from: a module's `hidden/` folder, or a sealed archive in a student's repository.

A sealed suite is a file `suite.sealed` beside `module.toml`: one line of JSON that says what it is and which key it
needs, then the suite's files, encrypted and authenticated with AES-SIV (RFC 5297), which gives the same bytes for the
same input. The default key is public: it keeps a casual reader from stumbling over the suite and no more. A course's
own key, from $MLOPS_GRADE_KEY or a key file, really closes it, as long as it stays where students cannot run anything.

Where the course's key is at hand, only what it sealed is opened: whoever can write into the folder could otherwise
put a suite of their own there, open or sealed with the public key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mlops_grade.course.discovery import Module
from mlops_grade.course.extras import installing
from mlops_grade.course.submission import digest_files, provided_files
from mlops_grade.errors import UsageError
from mlops_grade.student import wire

SEALED = "suite.sealed"
FORMAT = "mlops-grade sealed suite 1"
KEY_VARIABLE = "MLOPS_GRADE_KEY"
KEY_FILE_VARIABLE = "MLOPS_GRADE_KEY_FILE"
PUBLIC_SECRET = b"mlops-grade: a courtesy, not a lock"
BESIDE_THE_SUITE = ("solution", "right", "wrong", "__pycache__", "mutants.toml")


class SuiteLocked(Exception):
    """A suite that is sealed with a key that is not at hand: graded where the key is."""


@dataclass(frozen=True)
class Key:
    """A key for sealing: 64 bytes for AES-SIV, and a name that tells keys apart without telling them."""

    material: bytes
    public: bool

    @property
    def name(self) -> str:
        return "public" if self.public else hashlib.sha256(b"name:" + self.material).hexdigest()[:12]


@lru_cache(maxsize=8)
def key_from(secret: bytes) -> Key:
    """A key from a secret. scrypt makes guessing a weak one slow."""
    material = hashlib.scrypt(secret.strip(), salt=FORMAT.encode(), n=1 << 14, r=8, p=1, dklen=64)
    return Key(material, secret == PUBLIC_SECRET)


def key_at_hand(file: Path | None = None) -> Key | None:
    """The course's key: a file, $MLOPS_GRADE_KEY or the file in $MLOPS_GRADE_KEY_FILE. None where there is none.

    Raises UsageError for a key file that cannot be read or a key too short to be one.
    """
    named = file or (Path(os.environ[KEY_FILE_VARIABLE]) if os.environ.get(KEY_FILE_VARIABLE) else None)
    if named is not None:
        try:
            secret = named.read_bytes()
        except OSError as error:
            raise UsageError(f"the key file {named} cannot be read: {error.strerror}") from None
    elif os.environ.get(KEY_VARIABLE):
        secret = os.environ[KEY_VARIABLE].encode()
    else:
        return None
    if len(secret.strip()) < 16:
        raise UsageError("the key is too short: 16 characters at least, say from `openssl rand -hex 32`")
    return key_from(secret)


# ------------------------------------------------------------------------------------------------------ open folders


def is_open(module: Module) -> bool:
    """Whether the suite lies in the module's own `hidden/` folder."""
    return next(module.hidden.glob("test_*.py"), None) is not None if module.hidden.is_dir() else False


def open_files(module: Module) -> dict[str, bytes]:
    """The files of the hidden suite: what is beside the solutions in `hidden/`."""
    files = {}
    for path in sorted(module.hidden.rglob("*")):
        relative = path.relative_to(module.hidden)
        if path.is_file() and relative.parts[0] not in BESIDE_THE_SUITE and "__pycache__" not in relative.parts:
            files[relative.as_posix()] = path.read_bytes()
    return files


# ------------------------------------------------------------------------------------------------------------ sealing


def seal(module_id: str, files: dict[str, bytes], key: Key, author: Key | None = None) -> bytes:
    """One sealed archive. The same files and keys give the same bytes.

    `author` is the course's key: it marks a suite that is sealed with the public key as the course's all the same.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    content = b"".join(bytes(part) for part in wire.encode(dict(sorted(files.items()))))
    told = {"format": FORMAT, "module": module_id, "key": key.name}
    if author is not None and not author.public:
        told["mark"] = _mark(author, module_id, content)
    header = json.dumps(told).encode()
    return header + b"\n" + AESSIV(key.material).encrypt(content, [header])


def _mark(author: Key, module_id: str, content: bytes) -> str:
    return hmac.new(author.material, f"mark:{module_id}:".encode() + content, "sha256").hexdigest()


def unseal(data: bytes, module_id: str, key: Key | None, name: str) -> dict[str, bytes]:
    """The files of a sealed archive. Raises SuiteLocked without the key, UsageError for what is no such archive."""
    header, separator, sealed = data.partition(b"\n")
    try:
        told = json.loads(header)
        right = separator and told["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise UsageError(f"{name} is no sealed suite of this version: take the file from the course's repository again")
    if told.get("module") != module_id:
        raise UsageError(f"{name} is the suite of {told.get('module')}, not of {module_id}: take the right file again")
    chosen = key_from(PUBLIC_SECRET) if told.get("key") == "public" else key
    if chosen is None:
        raise SuiteLocked("graded by the course's team: this suite is sealed with the course's key")
    content = _decrypted(sealed, header, chosen, name, told.get("key"))
    if key is not None and chosen.public and not key.public:
        mark = told.get("mark")
        if not isinstance(mark, str) or not hmac.compare_digest(mark.encode(), _mark(key, module_id, content).encode()):
            raise UsageError(
                f"{name} was not sealed by this course: a key is set, so only what it sealed is opened. Release again "
                f"with --key, or unset {KEY_VARIABLE}."
            )
    files: dict[str, bytes] = wire.decode_frame(content)
    return files


def _decrypted(sealed: bytes, header: bytes, key: Key, name: str, wanted: object) -> bytes:
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    except ImportError:
        raise UsageError(f"sealed suites need cryptography: {installing()}") from None
    try:
        return AESSIV(key.material).decrypt(sealed, [header])
    except (InvalidTag, ValueError):
        reason = "it is damaged" if wanted == key.name else "it was sealed with another key"
        raise UsageError(f"{name} cannot be opened: {reason}. Take the file again, or set the right key.") from None


# -------------------------------------------------------------------------------------------------------------- both


def suite_files(module: Module, key: Key | None = None) -> dict[str, bytes]:
    """The files of a module's suite, wherever they come from. Raises SuiteLocked and UsageError."""
    key = key or key_at_hand()
    if is_open(module):
        if key is not None and not key.public:
            raise UsageError(
                f"{module.hidden} lies open, and a key is set: only what that key sealed is opened then. Unset "
                f"{KEY_VARIABLE} and {KEY_FILE_VARIABLE} to grade with a course whose suites lie open."
            )
        return open_files(module)
    archive = module.path / SEALED
    try:
        data = archive.read_bytes()
    except OSError:
        expected = f"{module.hidden} with test_*.py, or {archive.name}"
        raise UsageError(f"{module.path} has no suite: expected {expected}") from None
    return unseal(data, module.id, key, str(archive))


def suite_digest(module: Module) -> str:
    """SHA-256 of everything on the course's side that a verdict depends on; the same for a suite open or sealed."""
    files = {f"hidden/{path}": data for path, data in suite_files(module).items()}
    files |= {f"given/{path}": data for path, data in provided_files(module).items()}
    told = {"title", "core", "hours", "tools", "objectives"}  # what is only told about a module changes no verdict
    return digest_files(files, [module.settings.model_dump_json(exclude=told)])


def opened_folder(module: Module, private: Path) -> Path:
    """A copy of a sealed suite for pytest, below a folder that only the judge can read.

    It lies as in the course: the module's given files are in the folder above it. What students write is not there:
    a suite that needs the skeleton as it was keeps a copy in `hidden/`.
    """
    place = private / "suites" / module.path.name
    files = {f"hidden/{path}": data for path, data in suite_files(module).items()}
    for path, data in {**provided_files(module), **files}.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(file, data)
    return place / "hidden"


def _put(file: Path, data: bytes) -> None:
    """Have a file hold the data, at no moment a part of them: another thread's suite may be reading it."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as new:
        new.write(data)
    Path(new.name).replace(file)
