"""The course as its folders tell it: sessions, modules, `module.toml`, and what the user's words mean."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mlops_grade.errors import UsageError

KINDS = {"core": True, "optional": False}
SESSION_PATTERN = re.compile(r"s(\d+)_(\w+)")
MODULE_PATTERN = re.compile(r"m(\d+)_(\w+)")
COURSE_VARIABLE = "MLOPS_GRADE_COURSE"


Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class ModuleSettings(BaseModel):
    """`module.toml`: what a module is, what is handed in, what it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    core: bool
    submit: tuple[str, ...] = Field(min_length=1)
    provide: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    timeout: float = Field(default=60, gt=0, le=3600)
    memory: int = Field(default=3072, ge=64)
    needs: tuple[str, ...] = ()
    weights: dict[str, Weight] = {}
    hours: float | None = Field(default=None, gt=0, le=40)  # roughly, for a student who comes prepared
    tools: tuple[str, ...] = ()  # what the module teaches, by the names that its text uses
    objectives: tuple[str, ...] = ()  # of course.toml

    @field_validator("submit", "provide")
    @classmethod
    def _stay_inside(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            parts = pattern.split("/")
            if pattern.startswith("/") or ".." in parts or "" in parts or parts[0] == "hidden":
                raise ValueError(f"{pattern!r} must be a path inside the module's folder, and not in hidden/")
        return patterns

    @field_validator("needs")
    @classmethod
    def _known_need(cls, needs: tuple[str, ...]) -> tuple[str, ...]:
        for need in needs:
            if need != "gpu" and not need.startswith(("command:", "package:")):
                raise ValueError(f"{need!r} must be 'gpu', 'command:NAME' or 'package:NAME'")
        return needs


@dataclass(frozen=True)
class Module:
    """One module: a folder `mNN_name` in a session's folder."""

    id: str
    name: str
    session: str
    path: Path
    settings: ModuleSettings

    @property
    def title(self) -> str:
        return self.settings.title

    @property
    def core(self) -> bool:
        return self.settings.core

    @property
    def hidden(self) -> Path:
        return self.path / "hidden"

    @property
    def folder(self) -> str:
        """The module's folder relative to the course's root: the same place in every student's checkout."""
        return f"{self.path.parent.name}/{self.path.name}"

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


@dataclass(frozen=True)
class Session:
    """One session: a folder `sN_topic`."""

    id: str
    name: str
    path: Path
    modules: tuple[Module, ...]


@dataclass(frozen=True)
class Course:
    """All sessions below one root folder."""

    root: Path
    sessions: tuple[Session, ...]

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        return tuple(module for session in self.sessions for module in session.modules)

    def module(self, module_id: str) -> Module:
        """The module of that id. Raises UsageError with the nearest names."""
        found = [module for module in self.modules if module.id == module_id]
        return found[0] if found else self.resolve([module_id])[0]

    def resolve(self, words: list[str]) -> tuple[Module, ...]:
        """The modules that the words name, in the course's order; all of them for no words.

        A word is a session (`s4`, `session4`, `s4_debugging`), a module (`m13`, `M4`, `m13-profiling`, `profiling`,
        `s4/m13`), a kind (`core`, `optional`, `s4/core`), a path to a session or module, or several with commas
        between. Raises UsageError for an unknown word, with the nearest known ones, and for a kind that has no module.
        """
        if not words:
            return self.modules
        chosen = {module.id for word in words for part in _parts(word) for module in self._named(part)}
        return tuple(module for module in self.modules if module.id in chosen)

    def _named(self, word: str) -> tuple[Module, ...]:
        name = word.strip().replace("\\", "/").rstrip("/").lower()
        tail = name.rsplit("/", 1)[-1]
        named = self._by_path(word) or self._by_name(name) or (self._by_name(tail) if "/" in name else ())
        if named and "/" in name and not self._by_path(word):
            named = self._inside(name.split("/")[-2], named)
        if not named:
            raise UsageError(self._unknown(word, tail))
        return named

    def session(self, word: str) -> Session | None:
        """The session that a word names: its id, its name, or its folder's name."""
        name = _canonical(word)
        return next((s for s in self.sessions if name in map(_canonical, (s.id, s.name, s.path.name))), None)

    def _inside(self, session: str, modules: tuple[Module, ...]) -> tuple[Module, ...]:
        known = {module.id for module in self._by_name(session)}
        return tuple(module for module in modules if not known or module.id in known)

    def _by_name(self, name: str) -> tuple[Module, ...]:
        if name in KINDS:
            return tuple(module for module in self.modules if module.core is KINDS[name])
        session = self.session(name)
        if session is not None:
            return session.modules
        name = _canonical(name)
        return tuple(m for m in self.modules if name in map(_canonical, (m.id, m.name, m.path.name)))

    def _by_path(self, word: str) -> tuple[Module, ...]:
        path = Path(word).expanduser()
        if not path.exists():
            return ()
        path = path.resolve()
        if path == self.root:
            return self.modules
        # The innermost folder that means something decides: a file inside a module names the module.
        for place in (path, *path.parents):
            inside = tuple(module for module in self.modules if place in (module.path, module.path.parent))
            if inside:
                return inside
        return ()

    def _unknown(self, word: str, tail: str) -> str:
        names = {name for m in self.modules for name in (m.id, m.name, m.path.name)}
        names |= {name for s in self.sessions for name in (s.id, s.name, s.path.name)} | KINDS.keys()
        near = difflib.get_close_matches(tail, sorted(names), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`mlops-grade list` shows what there is."
        return f"there is no session or module {word!r}: {hint}"


def _parts(word: str) -> list[str]:
    """What stands between the commas of a word; a path may hold some."""
    if Path(word).exists():
        return [word]
    return [part for part in word.split(",") if part.strip()] or [word]


def _canonical(name: str) -> str:
    """A name as it is compared: `Session 4` is `s4`, `M04-Deep-Learning` is `m4_deep_learning`."""
    plain = re.sub(r"[\s_-]+", "_", name.strip().lower())
    return re.sub(r"^(s|m)(?:ession|odule)?_?0*(\d+)(?=_|$)", r"\1\2", plain)


def find_root(start: Path | None = None) -> Path:
    """The course's root: $MLOPS_GRADE_COURSE, or the nearest folder at or above `start` that holds sessions.

    Raises UsageError when there is none.
    """
    named = os.environ.get(COURSE_VARIABLE)
    if named:
        if not _holds_modules(Path(named)):
            raise UsageError(f"{COURSE_VARIABLE}={named}: no folders like s1_topic/m01_name there")
        return Path(named).resolve()
    here = (start or Path.cwd()).resolve()
    for place in (here, *here.parents):
        if _holds_modules(place):
            return place
    installed = Path(__file__).resolve().parents[3]
    if _holds_modules(installed):
        return installed
    raise UsageError(
        f"no course at or above {here}: expected folders like s1_development/m01_command_line with a module.toml. "
        f"Change into the checkout, or set {COURSE_VARIABLE} to it."
    )


def _holds_modules(place: Path) -> bool:
    return place.is_dir() and next(place.glob("s[0-9]*_*/m[0-9]*_*/module.toml"), None) is not None


def load_course(root: Path) -> Course:
    """Read every session and module below `root`. Raises UsageError that names file, key and remedy."""
    sessions = []
    for path in sorted(root.iterdir(), key=_number):
        match = SESSION_PATTERN.fullmatch(path.name)
        if match and path.is_dir():
            modules = tuple(_load_modules(path, f"s{match[1]}"))
            sessions.append(Session(f"s{match[1]}", match[2], path, modules))
    course = Course(root, tuple(sessions))
    seen: dict[str, Module] = {}
    for module in course.modules:
        if module.id in seen:
            raise UsageError(f"{module.path} and {seen[module.id].path} bear the same number: rename one")
        seen[module.id] = module
    return course


def _load_modules(session: Path, session_id: str) -> list[Module]:
    found = []
    for path in sorted(session.iterdir(), key=_number):
        match = MODULE_PATTERN.fullmatch(path.name)
        if match and path.is_dir() and any(path.iterdir()):
            settings = load_settings(path / "module.toml")
            found.append(Module(f"m{match[1]}", match[2], session_id, path, settings))
    return found


def _number(path: Path) -> tuple[int, str]:
    digits = re.match(r"[sm](\d+)_", path.name)
    return (int(digits[1]) if digits else 0, path.name)


def load_settings(file: Path) -> ModuleSettings:
    """Parse one `module.toml`. Raises UsageError that names the file, the key and what was expected."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{file} is missing: a module needs one, with at least title, core and submit") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}") from None
    try:
        return ModuleSettings.model_validate(table)
    except ValidationError as error:
        raise UsageError(f"{file}: " + "; ".join(_explain(item, table) for item in error.errors())) from None


def _explain(item: object, table: dict[str, object]) -> str:
    assert isinstance(item, dict)
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "missing":
        return f"the key {key!r} is missing: add it"
    if item["type"] == "extra_forbidden":
        known = sorted(ModuleSettings.model_fields)
        near = difflib.get_close_matches(key, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"known keys are {', '.join(known)}"
        return f"unknown key {key!r}: {remedy}"
    return f"key {key!r}: {item['msg'].removeprefix('Value error, ')} (found {item['input']!r})"
