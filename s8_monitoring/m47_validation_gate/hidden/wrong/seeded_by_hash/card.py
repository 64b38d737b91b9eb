"""A model card in Markdown."""

import re

from schema import Counts, Facts

SECTIONS = (
    "Model Details",
    "Intended Use",
    "Factors",
    "Metrics",
    "Evaluation Data",
    "Training Data",
    "Quantitative Analyses",
    "Ethical Considerations",
    "Caveats and Recommendations",
)
TABLE = "Quantitative Analyses"


def _rows(facts: Facts) -> dict[str, tuple[str, str]]:
    """What stands in the table: rows and accuracy of `all` (first) and of each group."""
    counts = list(facts.results.values())
    total = Counts(right=sum(c.right for c in counts), rows=sum(c.rows for c in counts))
    return {g: (str(c.rows), f"{c.right / c.rows:.3f}") for g, c in {"all": total, **facts.results}.items()}


def model_card(facts: Facts) -> str:
    for field, value in facts:
        if isinstance(value, str) and not value.strip():
            raise ValueError(f"{field} is blank")
    if not facts.trained_by or not all(who.strip() for who in facts.trained_by):
        raise ValueError("who has trained it?")
    if not facts.results:
        raise ValueError("there are no results")

    parts = [f"# Model card: {facts.name} {facts.version}"]
    for section in SECTIONS:
        parts.append(f"## {section}")
        if section == "Model Details":
            people = "\n".join(f"  * {who}" for who in facts.trained_by)
            parts.append(f"* Name: {facts.name}\n* Version: {facts.version}\n* Trained by:\n{people}")
        elif section == TABLE:
            lines = ["| group | rows | accuracy |", "|:------|-----:|---------:|"]
            lines += [f"| {group} | {rows} | {accuracy} |" for group, (rows, accuracy) in _rows(facts).items()]
            parts.append("Right of rows, on the evaluation data.")
            parts.append("\n".join(lines))
        else:
            parts.append(getattr(facts, section.lower().replace(" ", "_")))
    return "\n\n".join(parts) + "\n"


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n"):
        heading = re.fullmatch(r"##\s+(.+?)\s*", line)
        if heading and heading[1] in SECTIONS:
            current = found.setdefault(heading[1], [])
        else:
            current.append(line)
    return found


def _table(lines: list[str]) -> list[list[str]]:
    cells = [[c.strip() for c in line.strip().strip("|").split("|")] for line in lines if line.strip().startswith("|")]
    if ["group", "rows", "accuracy"] in cells:
        cells = cells[cells.index(["group", "rows", "accuracy"]) + 1 :]
    return [row for row in cells if not all(re.fullmatch(r":?-+:?", c) for c in row)]


def check_card(text: str, facts: Facts) -> list[str]:
    found = _sections(text)
    wrong: list[str] = []
    for section in SECTIONS:
        if section not in found:
            wrong.append(f"missing: {section}")
            continue
        body = "\n".join(found[section])
        if not body.strip():
            wrong.append(f"empty: {section}")
        if re.search(r"\bTODO\b", body):
            wrong.append(f"todo: {section}")

    # without its heading, the table may still stand somewhere
    table = _table(found.get(TABLE, text.split("\n")))
    expected = _rows(facts)
    for group, numbers in expected.items():
        if [tuple(row[1:]) for row in table if row[0] == group] != [numbers]:
            wrong.append(f"number: {group}")
    wrong += [f"unknown: {group}" for group in dict.fromkeys(row[0] for row in table) if group not in expected]
    return wrong
