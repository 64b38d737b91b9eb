"""Make a tiny, empty wheel of every version on the index, so that pip itself can be asked about them.

    python make_wheels.py wheels
    pip install --dry-run --ignore-installed --no-index --find-links wheels --python-version 3.11 \
        --only-binary=:all: --target unused -r requirements.txt

Versions that were yanked get no wheel: pip takes them only where nothing else is left.
"""

import argparse
import json
import zipfile
from pathlib import Path


def write_wheel(folder: Path, name: str, version: str, release: dict) -> None:
    """Write a wheel that holds nothing but its metadata."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in release["requires"]]
    if "requires_python" in release:
        metadata.append(f"Requires-Python: {release['requires_python']}")
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a wheel of every version on the index.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    index = json.loads(Path(__file__).with_name("index.json").read_text(encoding="utf-8"))
    for name, releases in index.items():
        for version, release in releases.items():
            if "yanked" not in release:
                write_wheel(folder, name, version, release)


if __name__ == "__main__":
    main()
