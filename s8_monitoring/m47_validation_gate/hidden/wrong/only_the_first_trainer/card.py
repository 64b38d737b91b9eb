"""A model card, and whether what it says is still true."""

import re

from schema import Facts

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
NUMBERS = "Quantitative Analyses"


def model_card(facts: Facts) -> str:
    """Return the card as Markdown: a title, nine sections, a table of the results.

    Raises:
        ValueError: a fact is blank, nobody has trained it, or there are no results.
    """
    written = facts.model_dump(exclude={"trained_by", "results"})
    blank = [name for name, text in written.items() if not text.strip()]
    if blank or not facts.results or not facts.trained_by or not all(name.strip() for name in facts.trained_by):
        raise ValueError(f"no card without all of the facts; blank: {blank}")
    people = facts.trained_by[0]
    table = ["| group | rows | accuracy |", "|---|---|---|", *(f"| {g} | {n} | {a} |" for g, n, a in _rows(facts))]
    parts = [f"# Model card: {facts.name} {facts.version}"]
    for section in SECTIONS:
        if section == "Model Details":
            body = f"{facts.name}, version {facts.version}, trained by {people}."
        elif section == NUMBERS:
            body = "\n".join(table)
        else:
            body = written[section.lower().replace(" ", "_")]
        parts.append(f"## {section}\n\n{body}")
    return "\n\n".join(parts) + "\n"


def _rows(facts: Facts) -> list[tuple[str, str, str]]:
    """Return group, rows and accuracy as the card has them; `all` comes last."""
    counts = {name: (each.right, each.rows) for name, each in facts.results.items()}
    counts["all"] = (sum(right for right, _ in counts.values()), sum(rows for _, rows in counts.values()))
    return [(name, str(rows), f"{right / rows:.3f}") for name, (right, rows) in counts.items()]


def check_card(text: str, facts: Facts) -> list[str]:
    """Return what is wrong with a card: `missing: SECTION`, `empty: …`, `todo: …`, `number: GROUP`, `unknown: …`."""
    _, *pieces = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    found = {name.strip(): body.strip() for name, body in zip(pieces[::2], pieces[1::2])}
    problems = [f"missing: {section}" for section in SECTIONS if section not in found]
    problems += [f"empty: {section}" for section in SECTIONS if found.get(section) == ""]
    problems += [f"todo: {section}" for section in SECTIONS if re.search(r"\bTODO\b", found.get(section, ""))]
    lines = [line for line in found.get(NUMBERS, "").splitlines() if line.startswith("|")]
    written = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]
    expected = _rows(facts)
    for row in expected:
        if [other for other in written if other[0] == row[0]] != [row]:
            problems.append(f"number: {row[0]}")
    unknown = {row[0] for row in written} - {row[0] for row in expected}
    return problems + [f"unknown: {name}" for name in sorted(unknown)]
