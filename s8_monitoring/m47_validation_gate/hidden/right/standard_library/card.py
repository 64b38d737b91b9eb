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


def model_card(facts: Facts) -> str:
    for field in Facts.model_fields:
        value = getattr(facts, field)
        if not value or (isinstance(value, str) and value.isspace()):
            raise ValueError(f"{field} is blank")
    lines = [f"# Model card: {facts.name} {facts.version}", ""]
    lines += ["## Model Details", f"- name: {facts.name}", f"- version: {facts.version}"]
    lines += [f"- trained by: {person}" for person in facts.trained_by]
    lines += ["", "## Intended Use", facts.intended_use]
    lines += ["", "## Factors", facts.factors]
    lines += ["", "## Metrics", facts.metrics]
    lines += ["", "## Evaluation Data", facts.evaluation_data]
    lines += ["", "## Training Data", facts.training_data]
    lines += ["", "## Quantitative Analyses", "|group|rows|accuracy|", "|:--|--:|--:|"]
    lines += [f"|{name}|{rows}|{accuracy}|" for name, (rows, accuracy) in numbers(facts).items()]
    lines += ["", "## Ethical Considerations", facts.ethical_considerations]
    lines += ["", "## Caveats and Recommendations", facts.caveats_and_recommendations]
    return "\n".join(lines)


def numbers(facts: Facts) -> dict[str, tuple[int, str]]:
    right = rows = 0
    result = {}
    for name, counts in facts.results.items():
        right, rows = right + counts.right, rows + counts.rows
        result[name] = (counts.rows, "%.3f" % (counts.right / counts.rows))
    return {"all": (rows, "%.3f" % (right / rows)), **result}


def check_card(text: str, facts: Facts) -> list[str]:
    # A small machine: which section are we in, and what did we see there?
    seen: dict[str, list[str]] = {}
    current = None
    for line in text.splitlines():
        if line.startswith("## "):
            current = seen.setdefault(line[3:].strip(), [])
        elif current is not None:
            current.append(line)
    problems = []
    for section in SECTIONS:
        if section not in seen:
            problems.append(f"missing: {section}")
        elif not "".join(seen[section]).strip():
            problems.append(f"empty: {section}")
        elif any("TODO" in line for line in seen[section]):
            problems.append(f"todo: {section}")
    rows: dict[str, list[list[str]]] = {}
    for line in seen.get("Quantitative Analyses", []):
        if not line.strip().startswith("|") or set(line) <= set("|-: "):
            continue
        name, *values = [cell.strip() for cell in line.strip()[1:-1].split("|")]
        if name != "group":
            rows.setdefault(name, []).append(values)
    wanted = numbers(facts)
    for name, (count, accuracy) in wanted.items():
        if rows.pop(name, None) != [[str(count), accuracy]]:
            problems.append(f"number: {name}")
    problems.extend(f"unknown: {name}" for name in rows)
    return problems
