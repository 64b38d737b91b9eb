import re
from string import Template

TEMPLATE = Template("""\
# Model card: $name $version

## Model Details

$name is the model's name and $version its version. Responsible: $people.

## Intended Use

### For what, and for what not

$intended_use

## Factors

$factors

## Metrics

> $metrics

## Evaluation Data

$evaluation_data

## Training Data

$training_data

## Quantitative Analyses

Measured by the gate.

| group        | rows   | accuracy |
| ------------ | ------ | -------- |
$table

See the gate's decision for differences.

## Ethical Considerations

$ethical_considerations

## Caveats and Recommendations

$caveats_and_recommendations
""")
SECTIONS = re.findall(r"^## (.+)$", TEMPLATE.template, re.M)


def model_card(facts):
    texts = {k: v for k, v in facts if isinstance(v, str)}
    if not all(map(str.strip, texts.values())) or not facts.trained_by or not facts.results:
        raise ValueError("there are holes in these facts")
    table = "\n".join(f"| {name:<12} | {rows:<6} | {accuracy:<8} |" for name, rows, accuracy in wanted(facts))
    return TEMPLATE.substitute(texts, people="; ".join(facts.trained_by), table=table)


def wanted(facts):
    per_group = sorted((name, c.right, c.rows) for name, c in facts.results.items())
    _, rights, rows = zip(*per_group)
    per_group.append(("all", sum(rights), sum(rows)))
    return [(name, str(n), format(round(right / n, 3), ".3f")) for name, right, n in per_group]


def check_card(text, facts):
    report = []
    for section in SECTIONS:
        match = re.search(rf"^## {section}[ \t]*$(.*?)(?=^## |\Z)", text, re.M | re.S)
        if match is None:
            report.append("missing: " + section)
        elif match[1].strip() == "":
            report.append("empty: " + section)
        elif re.search(r"\bTODO\b", match[1]):
            report.append("todo: " + section)
    found = re.findall(r"^\| *([\w-]+) *\| *(.*?) *\| *(.*?) *\|$", text, re.M)
    found = [row for row in found if row[0] != "group" and set(row[0]) != {"-"}]
    names = [row[0] for row in found]
    right = wanted(facts)
    report += ["number: " + row[0] for row in right if names.count(row[0]) != 1 or row not in found]
    report += ["unknown: " + name for name in dict.fromkeys(names) if name not in [row[0] for row in right]]
    return report
