"""Hidden suite of m47, the gate: paired differences, slices, limits, reasons."""

import json
from typing import Any

import numpy as np
from measured import evaluation, interval, policy

from mlops_grade.suite import Student, assert_close, hint, probe

TOMORROW = """
import json
from pathlib import Path

from gate import decide
from schema import Evaluation, Policy

measured = Evaluation(**json.loads(Path("mixed.json").read_text()))
for confidence in (0.9, 0.95, 0.99):
    rules = Policy(margin=1, slice_margin=1, max_latency_ms=100, max_size_mb=100, confidence=confidence)
    print(list(decide(measured, rules).interval))
"""
FAIL_OPEN = "What nobody has measured has not been shown: an empty list and None are no way through a gate."


@probe
def decided(measured: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    from gate import decide
    from schema import Evaluation, Policy

    decision = decide(Evaluation(**measured), Policy(**rules))
    return {
        "approved": bool(decision.approved),
        "difference": float(decision.difference),
        "interval": [float(end) for end in decision.interval],
        "slices": {str(name): float(difference) for name, difference in decision.slices.items()},
        "reasons": [str(reason) for reason in decision.reasons],
    }


def assert_decided(decision: dict[str, Any], reasons: list[str], case: str) -> None:
    assert sorted(decision["reasons"]) == sorted(reasons), f"the reasons against {case}"
    assert decision["approved"] == (not reasons), f"`approved` of {case}, with the reasons {decision['reasons']}"


@hint(
    "Draw rows, each with what both models made of it: 1 where only the challenger is right, -1 where only the other."
)
def test_paired_interval(shared_student: Student, rng: np.random.Generator) -> None:
    """decide gives the paired difference in accuracy, and its interval with the policy's confidence"""
    shared_student.patience = 40
    alike = (1500, int(rng.integers(36, 44)), int(rng.integers(16, 24)))  # paired is far narrower than unpaired
    unlike = (1000, int(rng.integers(320, 340)), int(rng.integers(290, 310)))
    for (rows, gained, lost), confidence in ((alike, 0.95), (unlike, 0.45)):
        measured = evaluation(rng, {"north": (rows - 400, gained, 8), "south": (400, 0, lost - 8)})
        decision = shared_student.run(decided, measured, policy(confidence=confidence))
        difference = (gained - lost) / rows
        assert_close(decision["difference"], difference, "the difference in accuracy, challenger less champion")
        expected = interval(rows, gained, lost, confidence)
        allowed = (expected[1] - expected[0]) / 8
        with hint("The policy's confidence says how much lies within; the rest is outside, half of it on each side."):
            what = f"the interval (low, high) with a confidence of {confidence}, give or take {allowed:.4f}"
            assert_close(decision["interval"], expected, what, rtol=0, atol=allowed)


@hint("`accuracy` is a reason if the interval begins below -margin, and at no other time.")
def test_not_worse(shared_student: Student, rng: np.random.Generator) -> None:
    """decide lets a model go out that is shown to be not worse by more than the margin"""
    shared_student.patience = 60
    cases = [
        ("a model that is clearly better", (600, 40, 6), 0.02, [], "A better model may go out."),
        ("a model that is slightly worse, on many rows", (1500, 6, 12), 0.02, [],
         "It need not be better; and paired, the difference of two models that mostly agree is known quite exactly."),
        ("a model that is better by luck, on few rows", (120, 8, 6), 0.02, ["accuracy"],
         "A difference on few rows may be luck: look at where the interval begins, not at its middle."),
        ("a model that is clearly worse", (600, 6, 60), 0.02, ["accuracy"], "It is worse by more than the margin."),
        ("a model that may be worse than a margin of 0.1", (150, 6, 16), 0.1, ["accuracy"],
         "The margin is compared with the beginning of the interval."),
    ]  # fmt: skip
    for case, (rows, gained, lost), margin, reasons, why in cases:
        decision = shared_student.run(decided, evaluation(rng, {"all": (rows, gained, lost)}), policy(margin=margin))
        with hint(why):
            assert_decided(decision, reasons, case)
    same = shared_student.run(decided, evaluation(rng, {"all": (90, 0, 0)}), policy(margin=0.0))
    with hint("Two models that are right on the same rows differ by nothing, whatever is drawn."):
        assert same["interval"] == [0.0, 0.0], "the interval of two models that are right on the same rows"
        assert_decided(same, [], "a model that is right on the same rows, with a margin of 0")


@hint("Take the difference in each group of at least `min_slice` rows, and compare it with `slice_margin`.")
def test_slices(shared_student: Student, rng: np.random.Generator) -> None:
    """decide lists the groups that are large enough, and names those that lose too much"""
    groups = {"large": (200, 90, 0), "exact": (32, 2, 10), "small": (31, 0, 31), "hurt": (40, 1, 13)}
    decision = shared_student.run(decided, evaluation(rng, groups), policy(min_slice=32, slice_margin=0.25))
    with hint("A group of exactly `min_slice` rows is large enough, one row less is not."):
        assert sorted(decision["slices"]) == ["exact", "hurt", "large"], (
            "the groups in `slices`, of rows 200 (large), 32 (exact), 31 (small) and 40 (hurt), with min_slice=32"
        )
    for name, expected in {"large": 0.45, "exact": -0.25, "hurt": -0.3}.items():
        assert_close(decision["slices"][name], expected, f"the difference of the group `{name}`")
    case = "a model that gains 0.45 in one group, loses 0.25 in `exact` and 0.3 in `hurt`, with slice_margin=0.25"
    with hint("What one group gains does not make up for another; a loss of just the margin is allowed."):
        assert_decided(decision, ["slice:hurt"], case)
    few = {"large": (64, 0, 0), "thirty": (30, 0, 20), "less": (29, 0, 20)}
    decision = shared_student.run(decided, evaluation(rng, few), policy(slice_margin=0.25))
    assert_decided(decision, ["slice:thirty"], "a model that loses much in groups of 30 and of 29 rows, by default")


@hint(FAIL_OPEN)
def test_required_groups(shared_student: Student, rng: np.random.Generator) -> None:
    """decide says which required groups it can say nothing about"""
    measured = evaluation(rng, {"north": (50, 9, 0), "south": (29, 2, 0), "west": (30, 2, 0)})
    rules = policy(required_groups=["north", "south", "east", "west"])
    decision = shared_student.run(decided, measured, rules)
    with hint(
        "A required group that is too small, or not there at all, must not slip through a loop over large groups."
    ):
        expected = ["unmeasured:south", "unmeasured:east"]
        assert_decided(decision, expected, "a model with 50, 29, 0 and 30 rows in north, south, east and west")
    small = evaluation(rng, {"north": (20, 5, 1), "south": (20, 5, 1)})
    assert_decided(shared_student.run(decided, small, policy(required_groups=["north"])), ["unmeasured:north"],
                   "a model with no group that is large enough, where `north` is required")  # fmt: skip
    with hint("Small groups are neither listed nor judged, unless they are required."):
        assert_decided(shared_student.run(decided, small, policy()), [],
                       "a model with no group that is large enough, where none is required")  # fmt: skip


@hint("Is it the 95th percentile, and is the limit itself still allowed?")
def test_latency_and_size(shared_student: Student, rng: np.random.Generator) -> None:
    """decide keeps to the limits of latency and size, and does not let through what nobody measured"""
    groups = {"all": (60, 9, 1)}

    def paces(slow: int) -> list[float]:
        return [float(pace) for pace in rng.permutation([10.0] * (200 - slow) + [300.0] * slow)]

    cases: list[tuple[str, dict[str, Any], list[str], str]] = [
        ("a model with 2 % of slow requests", {"latency_ms": paces(4)}, [], "A percentile is not the maximum."),
        ("a model with 8 % of slow requests", {"latency_ms": paces(16)}, ["latency"],
         "The mean and the median hide the slow ones; the 95th percentile does not."),
        ("a model just as slow as allowed", {"latency_ms": [64.0] * 40}, [], "The limit itself is allowed."),
        ("a model just as large as allowed", {"size_mb": 100.0}, [], "The limit itself is allowed."),
        ("a model that is too large", {"size_mb": 100.5}, ["size"], "Compare `size_mb` with `max_size_mb`."),
        ("a model whose latency nobody measured", {"latency_ms": []}, ["latency"], FAIL_OPEN),
        ("a model whose size nobody measured", {"size_mb": None}, ["size"], FAIL_OPEN),
    ]  # fmt: skip
    for case, changed, reasons, why in cases:
        with hint(why):
            measured, rules = evaluation(rng, groups, **changed), policy(max_latency_ms=64.0)
            assert_decided(shared_student.run(decided, measured, rules), reasons, case)


@hint("Go through all of the rules before you answer: whoever gets one reason a day needs a week.")
def test_all_reasons_and_the_same_tomorrow(shared_student: Student, rng: np.random.Generator) -> None:
    """decide lists everything that speaks against a model, and decides the same again"""
    shared_student.patience = 40
    measured = evaluation(rng, {"a": (70, 0, 30), "b": (70, 0, 28), "c": (5, 0, 0)}, latency_ms=[500.0], size_mb=None)
    rules = policy(margin=0.01, slice_margin=0.1, required_groups=["c", "a"])
    decision = shared_student.run(decided, measured, rules)
    expected = ["accuracy", "slice:a", "slice:b", "unmeasured:c", "latency", "size"]
    assert_decided(decision, expected, "a model that is worse, slow, of unknown size, and unmeasured in `c`")
    mixed = evaluation(rng, {"a": (800, 250, 240)})
    for confidence in (0.9, 0.95, 0.99):  # ends of a coarse interval may fall together: it takes some of them
        first, again = (shared_student.run(decided, mixed, policy(confidence=confidence)) for _ in range(2))
        with hint("A bootstrap draws at random: give its generator a seed, each time anew."):
            assert again == first, f"the decision when the same evaluation is decided again (confidence {confidence})"
    shared_student.write("mixed.json", json.dumps(mixed))
    shared_student.write("tomorrow.py", TOMORROW)
    shared_student.write("another_day.sh", "PYTHONHASHSEED=$1 exec python tomorrow.py\n")
    with hint("Another process is another day: `hash()` of a text differs there, and so does the clock."):
        today, tomorrow = (shared_student.shell("another_day.sh", salt, timeout=40) for salt in ("7", "8"))
        assert today.exit_code == 0, f"a program that decides ends with status {today.exit_code}: {today.last_words}"
        assert tomorrow.stdout == today.stdout, "the decision on the same evaluation, in another process"


@probe
def refusal(measured: dict[str, Any]) -> str:
    from gate import decide
    from schema import Evaluation, Policy

    rules = Policy(margin=1, slice_margin=1, max_latency_ms=100, max_size_mb=100)
    try:
        return str(decide(Evaluation(**measured), rules).reasons)
    except ValueError:
        return "ValueError"


@hint("`zip` stops at the shortest, and numpy stretches lists of one: look at the lengths first.")
def test_rows_that_do_not_match(shared_student: Student, rng: np.random.Generator) -> None:
    """decide raises ValueError for lists of different lengths, and for no rows"""
    whole = evaluation(rng, {"all": (40, 5, 1)})
    for name in ("labels", "groups", "champion", "challenger"):
        for length in (39, 1):
            got = shared_student.run(refusal, {**whole, name: whole[name][:length]})
            assert got == "ValueError", f"decide on 40 rows of which `{name}` has {length}"
    nothing: dict[str, Any] = {name: [] for name in ("labels", "groups", "champion", "challenger")}
    got = shared_student.run(refusal, {**whole, **nothing})
    assert got == "ValueError", "decide on an evaluation without rows"


@probe
def adjusted(champion: dict[str, Any], challenger: dict[str, Any]) -> float | str:
    from gate import adjusted_difference
    from schema import Counts

    reports = [{name: Counts(right=r, rows=n) for name, (r, n) in each.items()} for each in (champion, challenger)]
    try:
        return float(adjusted_difference(*reports))
    except ValueError:
        return "ValueError"


@hint("First the difference within each group, then the weights: the rows of a group in both reports together.")
def test_reports_on_different_rows(shared_student: Student, rng: np.random.Generator) -> None:
    """adjusted_difference is not misled by easier rows"""
    easy, hard, odd = (int(number) for number in rng.integers((60, 560, 20), (90, 640, 40)))
    champion = {"easy": (round(0.95 * easy), easy), "hard": (round(0.60 * hard), hard), "odd": (odd // 2, odd)}
    easy, hard = int(rng.integers(760, 840)), int(rng.integers(60, 90))
    challenger = {"hard": (round(0.5 * hard), hard), "odd": (3, 9), "easy": (round(0.9 * easy), easy)}
    share = {name: champion[name][1] + challenger[name][1] for name in champion}
    within = {name: challenger[name][0] / challenger[name][1] - right / n for name, (right, n) in champion.items()}
    expected = sum(share[name] * within[name] for name in share) / sum(share.values())
    got = shared_student.run(adjusted, champion, challenger)
    case = "of a challenger that is worse in every group, on easier rows"
    assert_close(got, expected, f"the adjusted difference {case}")
    assert_close(shared_student.run(adjusted, challenger, champion), -expected, "the same with the reports swapped")
    refused: list[tuple[str, Any, Any]] = [
        ("of which the second lacks a group", champion, {"easy": (9, 10), "hard": (5, 10)}),
        ("of which the first lacks a group", {"easy": (9, 10), "hard": (5, 10)}, challenger),
        ("without groups", {}, {}),
    ]
    for which, first, second in refused:
        got = shared_student.run(adjusted, first, second)
        with hint("What only one report knows cannot be compared."):
            assert got == "ValueError", f"adjusted_difference of two reports {which}"
