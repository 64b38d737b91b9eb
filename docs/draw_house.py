"""Draw the grader's wings and who imports whom, from the imports themselves: `python docs/draw_house.py`.

Writes docs/house.svg. A test draws it again, so that it cannot go stale.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "grader" / "mlops_grade"
PICTURE = DOCS / "house.svg"
WIDTH, ROW, BOX = 720, 84, 36  # pixels
EVERYWHERE = {"errors", "machine", "verdict"}  # at the bottom: an arrow from every wing would hide the others


def imports() -> dict[str, set[str]]:
    """Each wing (a folder, or a file at the top) with the wings that it imports."""
    wings: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        wing = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if wing in ("__init__", "__main__"):
            continue
        wings.setdefault(wing, set()).update(_imported(ast.parse(path.read_text(encoding="utf-8"))))
    return {wing: {other for other in others if other != wing and other in wings} for wing, others in wings.items()}


def floors(wings: dict[str, set[str]]) -> list[str]:
    """The wings from top to bottom. Raises graphlib.CycleError where two import each other."""
    ordered = {wing: sorted(wings[wing]) for wing in sorted(wings)}  # a set's own order is another in every process
    return list(TopologicalSorter(ordered).static_order())[::-1]


def picture(wings: dict[str, set[str]]) -> str:
    """An SVG: each wing stands above all that it imports. The same imports give the same text."""
    levels = _levels({wing: others - EVERYWHERE for wing, others in wings.items() if wing not in EVERYWHERE})
    rows = [sorted(wing for wing, level in levels.items() if level == row) for row in range(max(levels.values()) + 1)]
    place = {
        wing: _place(row, column, len(names)) for row, names in enumerate(rows) for column, wing in enumerate(names)
    }
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {ROW * len(rows)}" role="img" '
        'aria-label="The wings of the grader, each above those that it imports">',
        "<style>rect{fill:#1d4e79}text{fill:#fff;font:16px system-ui,sans-serif;text-anchor:middle}"
        "path{fill:none;stroke:#7a8794;stroke-width:1.5}</style>",
    ]
    for wing in sorted(place):
        for other in sorted(wings[wing] - EVERYWHERE):
            (x, y), (to_x, to_y) = place[wing], place[other]
            lines.append(f'<path d="M{x} {y + BOX // 2}C{x} {y + ROW} {to_x} {to_y - ROW} {to_x} {to_y - BOX // 2}"/>')
    for wing, (x, y) in sorted(place.items()):
        name = f"{wing}/" if (PACKAGE / wing).is_dir() else f"{wing}.py"
        lines.append(f'<rect x="{x - 60}" y="{y - BOX // 2}" width="120" height="{BOX}" rx="6"/>')
        lines.append(f'<text x="{x}" y="{y + 5}">{name}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def _levels(wings: dict[str, set[str]]) -> dict[str, int]:
    """How far down each wing stands: one floor below the lowest that imports it."""
    levels: dict[str, int] = {}
    for wing in floors(wings):
        levels[wing] = max((levels[above] + 1 for above, others in wings.items() if wing in others), default=0)
    return levels


def _place(row: int, column: int, columns: int) -> tuple[int, int]:
    return round(WIDTH * (column + 0.5) / columns), ROW * row + ROW // 2


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlops_grade"):
            inside = (node.module or "").split(".")[1:]
            yield from inside[:1] or [alias.name for alias in node.names]


def main() -> None:
    PICTURE.write_text(picture(imports()), encoding="utf-8")


if __name__ == "__main__":
    main()
