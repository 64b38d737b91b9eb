from decimal import ROUND_HALF_EVEN, Decimal
from io import StringIO

SECTIONS = [
    ("Model Details", lambda f: f"* {f.name}\n* {f.version}\n* by {' & '.join(f.trained_by)}"),
    ("Intended Use", lambda f: f"Intended: {f.intended_use}"),
    ("Factors", lambda f: f.factors + "\n"),
    ("Metrics", lambda f: f.metrics),
    ("Evaluation Data", lambda f: f"We evaluated on this: {f.evaluation_data} That is all."),
    ("Training Data", lambda f: f.training_data),
    ("Quantitative Analyses", lambda f: _table(f)),
    ("Ethical Considerations", lambda f: f.ethical_considerations),
    ("Caveats and Recommendations", lambda f: f.caveats_and_recommendations),
]


def _accuracy(right, rows):
    return str((Decimal(right) / Decimal(rows)).quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN))


def _expected(facts):
    yield from ((group, c.rows, _accuracy(c.right, c.rows)) for group, c in facts.results.items())
    right, rows = (sum(getattr(c, name) for c in facts.results.values()) for name in ("right", "rows"))
    yield "all", rows, _accuracy(right, rows)


def _table(facts):
    lines = ["| group | rows | accuracy |", "|-|-|-|"]
    lines.extend("| %s | %d | %s |" % row for row in _expected(facts))
    return "\n".join(lines)


def model_card(facts):
    for field, value in facts.model_dump().items():
        content = "".join(value) if field != "results" else "x" * len(value)
        if content.strip() == "":
            raise ValueError(f"no card without {field}")
    out = StringIO()
    print(f"# Model card: {facts.name} {facts.version}", file=out)
    for heading, body in SECTIONS:
        print(f"\n## {heading}\n\n{body(facts)}", file=out)
    return out.getvalue()


def check_card(text, facts):
    lines = text.splitlines()
    starts = {line[3:]: number for number, line in enumerate(lines) if line.startswith("## ")}
    ends = dict(zip(starts.values(), [*list(starts.values())[1:], len(lines)]))
    problems, table = [], {}
    for heading, _ in SECTIONS:
        if heading not in starts:
            problems.append("missing: " + heading)
            continue
        start = starts[heading]
        body = "\n".join(lines[start + 1 : ends[start]])
        if not body.strip():
            problems.append("empty: " + heading)
        if "TODO" in body:
            problems.append("todo: " + heading)
        if heading == "Quantitative Analyses":
            cells = [[c.strip() for c in line.split("|")[1:-1]] for line in body.splitlines() if line.startswith("|")]
            for group, *rest in cells[2:]:
                table.setdefault(group, []).append(tuple(rest))
    for group, rows, accuracy in _expected(facts):
        if table.pop(group, []) != [(str(rows), accuracy)]:
            problems.append("number: " + group)
    return problems + ["unknown: " + group for group in table]
