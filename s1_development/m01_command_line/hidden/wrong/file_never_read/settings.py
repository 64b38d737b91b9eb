"""Settings of a training run, from the environment and from a `.env` file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ASSIGNMENT = re.compile(
    r"""\s* (?:export\s+)? (?P<name>[A-Za-z_][A-Za-z0-9_]*) =
    (?: "(?P<double>[^"]*)" \s* (?:\#.*)?
      | '(?P<single>[^']*)' \s* (?:\#.*)?
      | (?P<bare>(?!["']).*?) (?:\s+\#.*)? )""",
    re.VERBOSE,
)
TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Settings:
    """What a training run needs to know."""

    api_key: str = field(repr=False)
    data_dir: Path
    epochs: int
    learning_rate: float
    debug: bool


def read_env(path: str | Path) -> dict[str, str]:
    """Read the variables of a `.env` file, in the format that the exercise describes.

    Raises:
        ValueError: a line is a mistake; the message holds its number, counted from 1.
    """
    variables = {}
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = ASSIGNMENT.fullmatch(line)
        if match is None:
            raise ValueError(f"{path}, line {number}: not NAME=value: {line}")
        variables[match["name"]] = match[str(match.lastgroup)]
    return variables


def load_settings(path: str | Path = ".env", environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (`os.environ` when None), else from the file, else the defaults.

    Raises:
        ValueError: a variable is missing or does not fit its type; the message holds its name.
    """
    given = dict(os.environ if environ is None else environ)
    if "API_KEY" not in given:
        raise ValueError("API_KEY is missing: set it in the environment or in the .env file")
    try:
        name = "EPOCHS"
        epochs = int(given.get(name, "10"))
        name = "LEARNING_RATE"
        learning_rate = float(given.get(name, "0.001"))
        name = "DEBUG"
        debug = TRUTH[given.get(name, "no").lower()]
    except (ValueError, KeyError) as error:
        raise ValueError(f"{name} has a value of the wrong type: {given[name]}") from error
    return Settings(given["API_KEY"], Path(given.get("DATA_DIR", "data")), epochs, learning_rate, debug)
