"""Read settings, from YAML or from TOML."""

from pathlib import Path
from typing import Any

import yaml

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib


def read_settings(path: str | Path) -> dict[str, Any]:
    """Settings from a file that ends in `.yaml` or `.toml`."""
    text = Path(path).read_text(encoding="utf-8")
    return tomllib.loads(text) if Path(path).suffix == ".toml" else yaml.safe_load(text)
