"""A model card, by a template, and whether what it says is still true."""

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from schema import Facts

FIELD_OF = {
    "Model Details": None,
    "Intended Use": "intended_use",
    "Factors": "factors",
    "Metrics": "metrics",
    "Evaluation Data": "evaluation_data",
    "Training Data": "training_data",
    "Quantitative Analyses": None,
    "Ethical Considerations": "ethical_considerations",
    "Caveats and Recommendations": "caveats_and_recommendations",
}
SECTIONS = tuple(FIELD_OF)
HEADING = re.compile(r"^## +(" + "|".join(map(re.escape, SECTIONS)) + r")[ \t\r]*$", re.MULTILINE)


def _lines(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Group, rows, accuracy: all that the table says, each as a text."""
    right = rows = 0
    for group, counts in sorted(facts.results.items()):
        right, rows = right + counts.right, rows + counts.rows
        yield group, str(counts.rows), _share(counts.right, counts.rows)
    yield "all", str(rows), _share(right, rows) if rows else ""


def _share(right: int, rows: int) -> str:
    return str((Decimal(right) / Decimal(rows)).quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN))


def model_card(facts: Facts) -> str:
    texts = [facts.name, facts.version, *facts.trained_by, *(getattr(facts, f) for f in FIELD_OF.values() if f)]
    if "" in map(str.strip, texts):
        raise ValueError("a blank fact")
    if len(facts.trained_by) == 0 or len(facts.results) == 0:
        raise ValueError("nobody trained it, or nothing came out")

    out = io.StringIO()
    print(f"# Model card: {facts.name} {facts.version}", file=out)
    for section, field in FIELD_OF.items():
        print(f"\n## {section}\n", file=out)
        if field:
            print(getattr(facts, field), file=out)
        elif section == "Model Details":
            print(f"{facts.name} in version {facts.version}, trained by {'; '.join(facts.trained_by)}", file=out)
        else:
            print("| group | rows | accuracy |\n|---|---|---|", file=out)
            for line in _lines(facts):
                print("|", " | ".join(line), "|", file=out)
    return out.getvalue()


def check_card(text: str, facts: Facts) -> list[str]:
    pieces = HEADING.split(text)  # what is above, then heading, body, heading, body, ...
    bodies: dict[str, str] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        bodies[name] = bodies.get(name, "") + body

    complaints: set[str] = set()
    for section in SECTIONS:
        body = bodies.get(section)
        if body is None:
            complaints.add("missing: " + section)
        elif body.isspace() or not body:
            complaints.add("empty: " + section)
        elif "TODO" in re.findall(r"\w+", body):
            complaints.add("todo: " + section)

    said: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    header_seen = False
    for line in bodies.get("Quantitative Analyses", "").split("\n"):
        if not (match := re.fullmatch(r"\s*\|(.*)\|\s*", line)):
            continue
        group, *numbers = (cell.strip() for cell in match[1].split("|"))
        if not header_seen and (group, *numbers) == ("group", "rows", "accuracy"):
            header_seen = True
        elif set("".join((group, *numbers))) <= set(":-"):
            pass
        else:
            said[group].append(tuple(numbers))

    for group, *numbers in _lines(facts):
        if said.pop(group, []) != [tuple(numbers)]:
            complaints.add("number: " + group)
    complaints.update("unknown: " + group for group in said)
    return list(complaints)
