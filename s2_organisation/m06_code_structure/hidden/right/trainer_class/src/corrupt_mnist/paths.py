"""Small things that several programs need."""

from pathlib import Path


def ready(path: Path) -> Path:
    """Return the path, once its folder is there."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return Path(path)
