"""Facts about models that do not exist, and cards about them."""

from typing import Any

import numpy as np

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
FACT = {name: name.lower().replace(" ", "_") for name in SECTIONS if name not in ("Model Details", NUMBERS)}
"""The section's field in `Facts`."""
WORDS = (
    "photos",
    "of",
    "leaves",
    "taken",
    "by",
    "farmers",
    "in",
    "spring",
    "and",
    "autumn",
    "for",
    "a",
    "study",
    "only",
)


def facts(rng: np.random.Generator) -> dict[str, Any]:
    """Make `Facts` as a dict, in which groups are of very different sizes and no accuracy is halfway between two."""
    results = {}
    for group, (low, high) in {"under-30": (500, 900), "over-60": (40, 90), "north": (13, 30)}.items():
        rows = int(rng.integers(low, high)) | 1
        results[group] = {"right": int(rows * rng.uniform(0.3, 0.95)), "rows": rows}
    results["under-30"]["rows"] += (1 + sum(each["rows"] for each in results.values())) % 2  # an odd sum has no halves
    return {
        "name": f"leaf-{rng.choice(['net', 'forest', 'lens'])}",
        "version": ".".join(str(part) for part in rng.integers(1, 40, 3)),
        "trained_by": [f"{name}{int(rng.integers(100, 999))}" for name in ("Søren", "Ada")],
        **{field: " ".join(rng.choice(WORDS, 12)) + f" {int(rng.integers(1000, 9999))}." for field in FACT.values()},
        "results": results,
    }


def table(known: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return rows and accuracy of each group, and of all, as a card has them."""
    counts = {name: (each["right"], each["rows"]) for name, each in known["results"].items()}
    counts["all"] = (sum(right for right, _ in counts.values()), sum(rows for _, rows in counts.values()))
    return {name: (str(rows), f"{right / rows:.3f}") for name, (right, rows) in counts.items()}


def bodies(known: dict[str, Any]) -> dict[str, str]:
    """Return the text of each section of a good card."""
    rows = [f"| {name} | {count} | {accuracy} |" for name, (count, accuracy) in table(known).items()]
    details = f"{known['name']} {known['version']}, by {' and '.join(known['trained_by'])}."
    return {
        **{name: known[field] for name, field in FACT.items()},
        "Model Details": details,
        NUMBERS: "\n".join(["| group | rows | accuracy |", "| --- | --- | --- |", *rows]),
    }


def card(known: dict[str, Any], written: dict[str, str | None]) -> str:
    """Write a card of these sections; one that is None is left out."""
    parts = [f"# Model card: {known['name']} {known['version']}"]
    parts += [f"## {name}\n\n{written[name]}" for name in SECTIONS if written[name] is not None]
    return "\n\n".join(parts) + "\n"
