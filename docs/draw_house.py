"""Draw the grader's wings and who imports whom, from the imports themselves: `python docs/draw_house.py`.

Rewrites the picture in docs/house.md. A test draws it again, so that it cannot go stale.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "grader" / "mlops_grade"
PAGE = DOCS / "house.md"
BEGIN, END = "```mermaid\n", "```\n"
EVERYWHERE = {"errors", "verdict"}  # the plain data at the bottom: an arrow from every wing would hide the others


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
    """A Mermaid flowchart. The same imports give the same text."""
    order = [wing for wing in floors(wings) if wing not in EVERYWHERE]
    lines = ["flowchart TD"]
    lines += [f'    {wing}["{wing}{"/" if (PACKAGE / wing).is_dir() else ".py"}"]' for wing in order]
    lines += [f"    {wing} --> {other}" for wing in order for other in order if other in wings[wing]]
    return "\n".join(lines) + "\n"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlops_grade"):
            inside = (node.module or "").split(".")[1:]
            yield from inside[:1] or [alias.name for alias in node.names]


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    block = f"{BEGIN}{picture(imports())}{END}"
    PAGE.write_text(
        re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
