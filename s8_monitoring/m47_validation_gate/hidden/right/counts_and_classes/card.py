from __future__ import annotations

import dataclasses
import itertools

from schema import Counts, Facts

FIELDS = {
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


@dataclasses.dataclass(frozen=True, order=True)
class Row:
    group: str
    rows: str
    accuracy: str

    @classmethod
    def from_counts(cls, group: str, counts: Counts) -> Row:
        return cls(group, str(counts.rows), f"{counts.right / counts.rows:.3f}")

    def __str__(self) -> str:
        return f"| {self.group} | {self.rows} | {self.accuracy} |"


@dataclasses.dataclass
class Section:
    title: str
    lines: list[str]

    def table(self) -> list[Row]:
        rows = [line.split("|") for line in self.lines if line.count("|") == 4]
        rows = [[cell.strip() for cell in row[1:4]] for row in rows]
        return [Row(*row) for row in rows if row[0] != "group" and not row[0].startswith("---")]


def rows_of(facts: Facts) -> list[Row]:
    every = facts.results.values()
    total = Counts(right=sum(each.right for each in every), rows=sum(each.rows for each in every))
    return [Row.from_counts(*item) for item in [("all", total), *facts.results.items()]]


def model_card(facts: Facts) -> str:
    blank = [field for field in FIELDS.values() if field and not getattr(facts, field).strip()]
    blank += [field for field in ("name", "version") if getattr(facts, field).strip() == ""]
    if blank or [] == facts.trained_by or {} == facts.results:
        raise ValueError("a card needs all of the facts")
    text = f"# Model card: {facts.name} {facts.version}\n"
    for title, field in FIELDS.items():
        text += f"\n## {title}\n"
        if title == "Model Details":
            text += "\n| name | version | trained by |\n|---|---|---|\n"
            text += f"| {facts.name} | {facts.version} | {', '.join(facts.trained_by)} |\n"
        elif field is None:
            text += "\n| group | rows | accuracy |\n| --- | ---: | ---: |\n"
            text += "".join(f"{row}\n" for row in rows_of(facts))
        else:
            text += f"\n{getattr(facts, field)}\n"
    return text


def sections_of(text: str) -> dict[str, Section]:
    result: dict[str, Section] = {}
    for line in text.split("\n"):
        if line[:3] == "## ":
            title = line[3:].rstrip()
            result[title] = Section(title, [])
        elif result:
            next(reversed(result.values())).lines.append(line)
    return result


def check_card(text: str, facts: Facts) -> list[str]:
    sections = sections_of(text)
    problems = {f"missing: {title}" for title in FIELDS if title not in sections}
    for title, section in sections.items():
        words = set(itertools.chain.from_iterable(line.replace(":", " ").split() for line in section.lines))
        if title in FIELDS and not words:
            problems.add(f"empty: {title}")
        if title in FIELDS and "TODO" in words:
            problems.add(f"todo: {title}")
    analyses = sections.get("Quantitative Analyses")
    written, expected = (analyses.table() if analyses else []), rows_of(facts)
    known = {row.group for row in expected}
    problems |= {f"unknown: {row.group}" for row in written if row.group not in known}
    surplus = sorted(row for row in written if row.group in known)
    for row in expected:
        if row in surplus:
            surplus.remove(row)
        else:
            problems.add(f"number: {row.group}")
    problems |= {f"number: {row.group}" for row in surplus}
    return sorted(problems)
