"""Settings of a training run, from the environment and from a `.env` file."""

import dataclasses
import os
import re
from collections import ChainMap
from pathlib import Path

SPACE = r"[ \t\r\f\v]*"
SKIPPED = re.compile(rf"{SPACE}(\#.*)?", re.DOTALL)
ASSIGNMENT = re.compile(
    rf"""
    {SPACE} (?: export [ \t]+ )?
    (?P<name> [A-Za-z_] [A-Za-z0-9_]* ) =
    (?:
        (?P<quote> ["'] ) (?P<quoted> (?: (?!(?P=quote)) . )* ) (?P=quote) {SPACE} (?: \# .* )?
      | {SPACE} (?P<plain> (?! ["'] ) .*? ) {SPACE} (?: (?<= [ \t\r\f\v] ) \# .* )?
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def flag(text):
    """1 true yes on, or 0 false no off."""
    position = "1 true yes on 0 false no off".split().index(text.lower())
    return position < 4


def setting(variable, convert, **options):
    return dataclasses.field(metadata={"variable": variable, "convert": convert}, **options)


@dataclasses.dataclass(kw_only=True)
class Settings:
    api_key: str = setting("API_KEY", str, repr=False)
    data_dir: Path = setting("DATA_DIR", Path, default=Path("data"))
    epochs: int = setting("EPOCHS", int, default=10)
    learning_rate: float = setting("LEARNING_RATE", float, default=1e-3)
    debug: bool = setting("DEBUG", flag, default=False)


def read_env(path):
    found = {}
    for number, line in enumerate(Path(path).read_bytes().decode().split("\n"), 1):
        if SKIPPED.fullmatch(line):
            continue
        match = ASSIGNMENT.fullmatch(line)
        if match is None:
            raise ValueError(f"{path}, line {number}: not NAME=value")
        found[match["name"]] = match["plain"] if match["quote"] is None else match["quoted"]
    return found


def load_settings(path=".env", environ=None):
    try:
        file = read_env(path)
    except FileNotFoundError:
        file = {}
    sources = ChainMap(dict(os.environ if environ is None else environ), file)
    values = {}
    for field in dataclasses.fields(Settings):
        variable = field.metadata["variable"]
        if variable in sources:
            try:
                values[field.name] = field.metadata["convert"](sources[variable])
            except ValueError:
                raise ValueError(f"{variable} is set to something else than {field.type}") from None
        elif field.default is dataclasses.MISSING:
            raise ValueError(f"{variable} is missing")
    return Settings(**values)
