"""Where things lie, unless somebody says otherwise."""

from pathlib import Path

PROCESSED = Path("data") / "processed"
MODEL = Path("models") / "model.pth"
FIGURES = Path("reports") / "figures"


def with_folder(path):
    """The path, after its folder was made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
