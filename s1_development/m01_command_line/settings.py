"""Settings of a training run, from the environment and from a `.env` file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """What a training run needs to know. Any class with these attributes will do."""

    api_key: str
    data_dir: Path
    epochs: int
    learning_rate: float
    debug: bool


def read_env(path: str | Path) -> dict[str, str]:
    """Read the variables of a `.env` file, in the format that the exercise describes.

    Raises:
        ValueError: a line is a mistake; the message holds its number, counted from 1.
    """
    raise NotImplementedError("TODO: read the variables of the file")


def load_settings(path: str | Path = ".env", environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (`os.environ` when None), else from the file, else the defaults.

    Raises:
        ValueError: a variable is missing or does not fit its type; the message holds its name.
    """
    raise NotImplementedError("TODO: combine environment, file and defaults")
