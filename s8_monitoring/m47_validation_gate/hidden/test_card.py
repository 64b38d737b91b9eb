"""Hidden suite of m47, the card: what it says, and what is wrong with one."""

import re
from typing import Any

import numpy as np
from cards import FACT, NUMBERS, SECTIONS, bodies, card, facts, table

from mlops_grade.suite import Student, hint, probe


@probe
def written(known: dict[str, Any]) -> str:
    from card import model_card
    from schema import Facts

    try:
        return str(model_card(Facts(**known)))
    except ValueError:
        return "ValueError"


def sections_of(text: str) -> dict[str, str]:
    pieces = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return {name.strip(): body.strip() for name, body in zip(pieces[1::2], pieces[2::2])}


@hint("Compare the title and the nine headings with the list in the text, and each section with its fact.")
def test_card_has_its_sections(shared_student: Student, rng: np.random.Generator) -> None:
    """model_card writes nine sections in order, each with its fact, and no card with holes"""
    for known in (facts(rng), facts(rng)):
        text = shared_student.run(written, known)
        first = text.strip().splitlines()[0].strip() if text.strip() else ""
        assert first == f"# Model card: {known['name']} {known['version']}", "the card's first line"
        found = sections_of(text)
        assert list(found) == list(SECTIONS), "the sections, in order"
        for section, fact in FACT.items():
            assert known[fact] in found[section], f"the section {section} does not have the fact, as it is written"
        for fact in (known["name"], known["version"], *known["trained_by"]):
            assert fact in found["Model Details"], f"the section Model Details does not have {fact!r}"
    whole = facts(rng)
    holes = {"results": {}, "trained_by": [], **dict.fromkeys(("name", "version", *FACT.values()), " ")}
    holes["metrics"] = ""
    for field, nothing in holes.items():
        with hint("Spaces are blank, too; and a card needs every fact, somebody who trained, and results."):
            got = shared_student.run(written, {**whole, field: nothing})
            assert got == "ValueError", f"model_card with {nothing!r} for `{field}`"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@hint("One row for each group of the results, and one named `all`: rows, and accuracy to three decimals.")
def test_card_has_the_numbers(shared_student: Student, rng: np.random.Generator) -> None:
    """model_card's table has the results of each group and of all, from the facts"""
    for known in (facts(rng), facts(rng)):
        text = shared_student.run(written, known)
        lines = [line for line in sections_of(text).get(NUMBERS, "").splitlines() if line.strip().startswith("|")]
        assert lines, f"there is no table in the section {NUMBERS}"
        assert cells(lines[0]) == ["group", "rows", "accuracy"], "the table's columns"
        rows = [cells(line) for line in lines[1:] if not re.fullmatch(r"[|:\- ]*", line.strip())]
        expected = table(known)
        assert sorted(row[0] for row in rows) == sorted(expected), "the groups in the table"
        for name, *numbers in rows:
            why = "The accuracy is right by rows, rounded to three decimals."
            if name == "all":
                why = "The accuracy of all is right of all by rows of all: large groups weigh more than small ones."
            with hint(why):
                assert numbers == list(expected[name]), f"rows and accuracy of `{name}`"


@probe
def problems(texts: list[str], known: dict[str, Any]) -> list[list[str]]:
    from card import check_card
    from schema import Facts

    return [[str(problem) for problem in check_card(text, Facts(**known))] for text in texts]


def assert_problems(
    student: Student, known: dict[str, Any], cases: list[tuple[str, str, list[str], str]], others: tuple[str, ...]
) -> None:
    """Compare what check_card says about each case: its name, the card, the problems, a hint.

    What begins like `others` is left to another check.
    """
    found = student.run(problems, [text for _, text, _, _ in cases], known)
    for (case, _, expected, why), got in zip(cases, found):
        with hint(why):
            said = sorted(problem for problem in got if not problem.startswith(others))
            assert said == sorted(expected), f"what check_card says about {case}"


@hint("A section is a line that is its heading, and what stands below until the next one.")
def test_check_card_finds_sections(shared_student: Student, rng: np.random.Generator) -> None:
    """check_card finds sections that are missing, empty or still to do, and nothing in a good card"""
    known = facts(rng)
    good = bodies(known)
    some = [str(name) for name in rng.permutation(list(FACT))]
    a, b, c = some[:3]
    mentions = f"See {a} and Model Details."
    cases: list[tuple[str, str, list[str], str]] = [
        ("a good card", card(known, {**good}), [], "A good card has no problems."),
        ("a card without two sections", card(known, {**good, a: None, b: None}), [f"missing: {a}", f"missing: {b}"],
         "All problems are listed."),
        ("a card that mentions a section, but has none", card(known, {**good, a: None, c: mentions}),
         [f"missing: {a}"], "A section's name within a sentence is no heading."),
        ("a card with a heading of another level", card(known, {**good}).replace(f"## {b}\n", f"### {b}\n"),
         [f"missing: {b}"], "`### …` is not `## …`."),
        ("a card without Model Details", card(known, {**good, "Model Details": None}), ["missing: Model Details"],
         "Sections without a fact of their own count as well."),
        ("a card with an empty section", card(known, {**good, a: "  \n"}), [f"empty: {a}"], "Blank lines are nothing."),
        ("a card with an empty section at its end", card(known, {**good, SECTIONS[-1]: ""}), [f"empty: {SECTIONS[-1]}"],
         "The last section has no heading after it."),
        ("a card with a TODO", card(known, {**good, c: f"{known[FACT[c]]} TODO: ask the lawyers"}), [f"todo: {c}"],
         "The word TODO may stand anywhere in a section."),
        ("a card with two TODOs", card(known, {**good, a: "TODO", b: "TODO"}),
         [f"todo: {a}", f"todo: {b}"], "A section that has TODO is not empty, and each is listed."),
    ]  # fmt: skip
    assert_problems(shared_student, known, cases, ("number", "unknown"))
    without_numbers = shared_student.run(problems, [card(known, {**good, NUMBERS: None})], known)[0]
    assert f"missing: {NUMBERS}" in without_numbers, f"check_card does not say `missing: {NUMBERS}`"


@hint("Read the table's rows and compare each with the facts; then look for groups without a row.")
def test_check_card_finds_wrong_numbers(shared_student: Student, rng: np.random.Generator) -> None:
    """check_card finds numbers that are not the evaluation's, and groups that are missing or unknown"""
    known = facts(rng)
    good = bodies(known)
    expected = table(known)
    group, other = (str(name) for name in rng.permutation(list(known["results"]))[:2])

    def changed(name: str, rows: str | None = None, accuracy: str | None = None) -> str:
        before = "| {} | {} | {} |".format(name, *expected[name])
        after = f"| {name} | {rows or expected[name][0]} | {accuracy or expected[name][1]} |"
        return card(known, {**good, NUMBERS: good[NUMBERS].replace(before, after)})

    def line(name: str) -> str:
        return "| {} | {} | {} |".format(name, *expected[name])

    def with_table(text: str) -> str:
        return card(known, {**good, NUMBERS: text})

    accuracies = [each["right"] / each["rows"] for each in known["results"].values()]
    nearly = f"{float(expected[group][1]) + 0.001:.3f}"
    better = f"{float(expected[group][1]) + 0.04:.3f}"
    mean = f"{sum(accuracies) / len(accuracies):.3f}"
    mean = mean if mean != expected["all"][1] else f"{float(mean) - 0.01:.3f}"
    wrong = f"| {group} | {expected[group][0]} | {better} |"
    swapped = "| {} | {} | {} |".format(group, *expected[other])
    once = "Both, rows and accuracy, are compared as they are printed."
    double = "Exactly one row for each group: a second one, right or wrong, is a problem of that group."
    cases: list[tuple[str, str, list[str], str]] = [
        ("a good card", card(known, {**good}), [], "A good card has no problems."),
        ("a card with a better accuracy", changed(group, accuracy=better), [f"number: {group}"], once),
        ("a card with an accuracy off by 0.001", changed(group, accuracy=nearly), [f"number: {group}"], once),
        ("a card with another number of rows", changed(other, rows=str(int(expected[other][0]) + 1)),
         [f"number: {other}"], once),
        ("a card whose `all` is the mean of the groups", changed("all", accuracy=mean), ["number: all"],
         "`all` is a row as the others, and has to be recomputed."),
        ("a card with words for a number", changed(group, accuracy="very good"), [f"number: {group}"],
         "A number that is none is wrong, and no reason to stop."),
        ("a card without a group's row", with_table(good[NUMBERS].replace(line(group) + "\n", "")),
         [f"number: {group}"], "Go through the facts as well as through the table."),
        ("a card with a wrong row above the right one",
         with_table(good[NUMBERS].replace(line(group), f"{wrong}\n{line(group)}")), [f"number: {group}"], double),
        ("a card with a wrong row below the right one",
         with_table(good[NUMBERS].replace(line(group), f"{line(group)}\n{wrong}")), [f"number: {group}"], double),
        ("a card with a right row twice",
         with_table(good[NUMBERS].replace(line(group), f"{line(group)}\n{line(group)}")), [f"number: {group}"], double),
        ("a card with a group that was not evaluated", with_table(f"{good[NUMBERS]}\n| moon | 12 | 1.000 |"),
         ["unknown: moon"], "Go through the table as well as through the facts."),
        ("a card with the numbers of another group", with_table(good[NUMBERS].replace(line(group), swapped)),
         [f"number: {group}"], "The numbers belong to a group."),
    ]  # fmt: skip
    assert_problems(shared_student, known, cases, ("missing", "empty", "todo"))
