"""The solutions that lie beside a hidden suite: the reference, other right ones, wrong ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mlops_grade.course.allowlist import matches
from mlops_grade.course.discovery import Module
from mlops_grade.course.submission import Submission, from_folder
from mlops_grade.errors import UsageError


class Note(BaseModel):
    """`wrong.toml` or `right.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mistake: str = ""
    caught_by: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class WrongNote(Note):
    """`wrong.toml`: what the student did, and which checks must catch it."""

    mistake: str = Field(min_length=10)
    caught_by: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Variant:
    """A solution that differs from the reference in some files."""

    name: str
    submission: Submission
    note: Note


def skeleton(module: Module) -> Submission:
    """What a student has before the first edit."""
    return from_folder(module.path, module.settings.submit)


def solution(module: Module) -> Submission:
    """The reference solution. Raises UsageError when it lacks a file."""
    folder = module.hidden / "solution"
    found = from_folder(folder, module.settings.submit)
    if found.problems:
        raise UsageError(f"{folder}: {found.problems[0]}. The reference solution holds every file of `submit`.")
    return found


def right(module: Module) -> list[Variant]:
    return list(_variants(module, "right", Note))


def wrong(module: Module) -> list[Variant]:
    return list(_variants(module, "wrong", WrongNote))


def _variants(module: Module, kind: str, model: type[Note]) -> Iterator[Variant]:
    place = module.hidden / kind
    if not place.is_dir():
        return
    reference = solution(module)
    for folder in sorted(path for path in place.iterdir() if path.is_dir()):
        note = _note(folder / f"{kind}.toml", model)
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != f"{kind}.toml" and "__pycache__" not in path.parts
        }
        stray = [path for path in files if not matches(path, module.settings.submit)]
        if stray:
            raise UsageError(f"{folder / stray[0]}: is not on the `submit` list of {module.path / 'module.toml'}")
        yield Variant(folder.name, reference.overlaid(files, note.remove), note)


def _note(file: Path, model: type[Note]) -> Note:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() or model is WrongNote else {}
        return model.model_validate(table)
    except FileNotFoundError:
        raise UsageError(f"{file} is missing: it says `mistake` and `caught_by`") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}") from None
    except ValidationError as error:
        details = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"{file}: {details}") from None


def write_solutions(modules: tuple[Module, ...], out: Path) -> None:
    """Write the reference solutions of modules as a checkout. Raises UsageError when the folder is in use."""
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is there already and not empty: name a new folder")
    for module in modules:
        for path, data in solution(module).files.items():
            place = out / module.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
