"""The same settings, with pydantic to convert and to complain."""

import os
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True)

    api_key: str = Field(alias="API_KEY", repr=False)
    data_dir: Path = Field(Path("data"), alias="DATA_DIR")
    epochs: int = Field(10, alias="EPOCHS")
    learning_rate: float = Field(1e-3, alias="LEARNING_RATE")
    debug: bool = Field(False, alias="DEBUG")


def parse(line: str) -> tuple[str, str] | None:
    """Name and value of a line; None where there is nothing to read."""
    line = line.strip()
    if line == "" or line[0] == "#":
        return None
    name, equals, rest = re.sub(r"^export\s+", "", line).partition("=")
    if not equals or not re.match(r"[A-Za-z_]\w*$", name, re.ASCII):
        raise ValueError("not NAME=value")
    if rest[:1] in ("'", '"') and rest:
        value, closed, after = rest[1:].partition(rest[0])
        after = after.strip()
        if not closed or (after and after[0] != "#"):
            raise ValueError("the quotes are not closed")
        return name, value
    return name, re.split(r"\s+#", rest, maxsplit=1)[0].strip()


def read_env(path: str | Path) -> dict[str, str]:
    found: dict[str, str] = {}
    with Path(path).open(encoding="utf-8") as file:
        for index, line in enumerate(file):
            try:
                pair = parse(line)
            except ValueError as error:
                raise ValueError(f"line {index + 1} of {path}: {error}") from None
            if pair:
                found[pair[0]] = pair[1]
    return found


def load_settings(path: str | Path = ".env", environ=None) -> Settings:
    try:
        from_file = read_env(path)
    except FileNotFoundError:
        from_file = {}
    return Settings.model_validate(from_file | dict(os.environ if environ is None else environ))
