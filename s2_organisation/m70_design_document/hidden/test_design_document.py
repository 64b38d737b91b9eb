"""Hidden suite of m70: a design document read as data, and the functions that its numbers come from."""

import datetime
import itertools
import math
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from documents import Document, quoted, same, shown_number
from questions_asked import SECTIONS

from mlops_grade.suite import Student, assert_close, hint

# ---------------------------------------------------------------------------------------------------------- design.md

LIMITS = {"wrong_readings": 0.007, "wrong_readings_over_75": 0.014}
SOURCES = {  # the owner, whether it may be used, and for how many months it is then kept
    "cards_archive": ("Customer Service", True, 36),
    "meter_register": ("Metering", True, 120),
    "app_photos": ("Complaints", False, None),
    "public_digits": ("University of Havn", False, None),
}
CAPACITY = {"peak_per_second": 1.0417, "replicas": 4, "storage_gb": 1125, "labels": 6676, "cost_per_year": 20310.64}
APPROVERS = {"head of customer service": "open", "data protection officer": "given", "works council": "open"}


@pytest.fixture
def document(student: Student) -> Document:
    return Document(student.read("design.md"))


def assert_number(document: Document, expected: float, *place: str | int, rtol: float = 1e-9) -> None:
    got = document.number(*place)
    where = ".".join(map(str, place))
    assert math.isclose(got, expected, rel_tol=rtol), f"{where} is {got:g}, which is not what the brief leads to"


@hint("The brief's last table says what each metric means. Which of them would Mette ask for?")
def test_goal_and_baseline(document: Document) -> None:
    """The head says what success is by Customer Service's own measure, and what is there to beat"""
    document.words("problem")
    users = document.at("users")
    assert users, "TODO: users is empty"
    metric = document.words("success", "metric")
    with hint("A model can have the smallest loss and help nobody. What do the people of the brief want less of?"):
        assert metric == "cards_without_clerk", f"success is measured by {metric}"
    with hint("The brief counts the cards that go to a clerk; the metric counts the others."):
        assert_number(document, 0.8, "success", "target")
    with hint("What is there to beat is what runs today, where it runs: no vendor's figure, and not nothing."):
        name = document.words("baseline", "name")
        assert name == "old_ocr", (
            f"the baseline is {name}, expected what reads the cards today, by its name in the brief"
        )
        assert_number(document, 0.42, "baseline", "value")


@hint("Two sentences of Mette's say what would make her stop it.")
def test_guardrails_and_rollback(document: Document) -> None:
    """Two metrics must not get worse, each with its limit, and at one of these the model is taken back"""
    for metric, limit in LIMITS.items():
        place = document.position("guardrails", "metric", metric)
        with hint("Seven in a thousand, as a share; and twice that."):
            assert_number(document, limit, "guardrails", place, "limit")
    metric = document.words("rollback", "metric")
    with hint("A rollback is decided before, on a number that somebody watches: wrong readings of all customers."):
        assert metric == "wrong_readings", f"the rollback watches {metric}, expected wrong_readings"
        assert_number(document, 0.007, "rollback", "above")


@hint("For each of the four: whose is it, what were the people told whose data it is, until when is it kept?")
def test_data(document: Document) -> None:
    """Each source of the brief has its owner and its right, and what may not be used is not used"""
    for name, (owner, may_be_used, months) in SOURCES.items():
        place = document.position("data", "name", name)
        entry = document.entries("data")[place]
        got = document.words("data", place, "owner")
        assert same(got, owner), f"the owner of {name} is {got}, expected {owner}"
        document.words("data", place, "rights")
        used = entry.get("use")
        assert isinstance(used, bool), f"use of {name} is {quoted(used)}, expected true or false"
        with hint(
            "Data that are there are not yet data that may be used: what did people agree to, what says the licence?"
        ):
            assert may_be_used or not used, f"{name} is used, and may not be for this"
        with hint("Without it there is nothing to learn from, or to check a reading against; and it is allowed."):
            assert used or not may_be_used, f"{name} is not used, and may be"
        if used:
            with hint("What is kept is erased some day, and what was learnt from it has to be thought of then."):
                assert_number(document, float(months or 0), "data", place, "kept_months")


@hint("Operations says what it may cost, how long a card may take, and where it has to run.")
def test_constraints(document: Document) -> None:
    """The head has the constraints: seconds, euros a year, and the place"""
    assert_number(document, 2, "constraints", "latency_p95_seconds")
    with hint("Building is paid once. What may a year cost in which it runs?"):
        assert_number(document, 30000, "constraints", "budget_per_year")
    location = document.words("constraints", "location")
    assert location == "on_premises", f"constraints.location is {location}, which Operations would not allow"


@hint("Call your functions of capacity.py with the brief's numbers.")
def test_capacity_of_the_brief(document: Document) -> None:
    """The head's capacity is what the brief's numbers lead to"""
    for key, expected in CAPACITY.items():
        assert_number(document, expected, "capacity", key, rtol=0.01)


@hint("Read again what Jonas says about eggs, and how long it takes until a wrong bill is found.")
def test_rollout(document: Document) -> None:
    """The model goes from the shadow to all cards in stages, the first of them small, each as long as a fault takes"""
    stages = document.entries("rollout")
    shares = [document.number("rollout", place, "share") for place in range(len(stages))]
    days = [document.number("rollout", place, "days") for place in range(len(stages)) if place < len(stages) - 1]
    shown = ", ".join(f"{share:g}" for share in shares)
    with hint("A share is a number from 0 to 1."):
        assert all(0 <= share <= 1 for share in shares), f"the shares of the rollout are {shown}"
    with hint("In the shadow it reads all cards and decides on none."):
        assert shares[0] == 0, f"the rollout begins with the share {shares[0]:g}, not in the shadow"
    assert all(before < after for before, after in itertools.pairwise(shares)), f"the rollout does not grow: {shown}"
    with hint("A rollout ends when the model decides on all cards."):
        assert shares[-1] == 1, f"the rollout ends with the share {shares[-1]:g}"
    assert len(shares) > 2 and shares[1] <= 0.05, (
        f"the first stage after the shadow has the share {shares[1]:g}: more than one card in twenty"
    )
    assert days[0] > 0, "the shadow lasts no day"
    for share, length in zip(shares[1:], days[1:]):
        assert length >= 14, f"the stage with the share {share:g} lasts {length:g} days: too few to find a wrong bill"


@hint("A document that knows no other way, no danger and nobody who has to agree is an advertisement.")
def test_alternatives_risks_and_approvals(document: Document) -> None:
    """There are alternatives, one without machine learning; risks that somebody sees to; approvals as they stand"""
    alternatives = document.entries("alternatives")
    for place, entry in enumerate(alternatives):
        document.words("alternatives", place, "what")
        document.words("alternatives", place, "why_not")
        learns = entry.get("ml")
        assert isinstance(learns, bool), f"alternatives.{place}.ml is {quoted(learns)}, expected true or false"
    assert len(alternatives) >= 2, f"there are {len(alternatives)} alternatives, expected two or more"
    with hint("What would a company without machine learning do?"):
        assert any(entry.get("ml") is False for entry in alternatives), "no alternative does without machine learning"
    risks = document.entries("risks")
    for place in range(len(risks)):
        for key in ("risk", "mitigation", "owner"):
            document.words("risks", place, key)
    assert len(risks) >= 3, f"there are {len(risks)} risks, expected three or more"
    for role, state in APPROVERS.items():
        place = document.position("approvals", "role", role)
        got = document.words("approvals", place, "state")
        with hint("What somebody will surely agree to is not agreed to. The brief says who has."):
            assert same(got, state), f"the approval of the {role} is {got!r}, expected {state!r}"
        if state == "given":
            date = document.at("approvals", place, "date")
            day = date.isoformat()[:10] if isinstance(date, datetime.date) else date
            assert day == "2026-11-02", f"the approval of the {role} has the date {quoted(day)}, expected 2026-11-02"
    status = document.words("status")
    assert status in ("draft", "review", "approved"), f"the status is {status!r}, expected draft, review or approved"
    with hint("Approved is a document when the last of them has said yes."):
        assert status != "approved", "the document calls itself approved, and approvals are open"


@hint("[80 %](#success.target): the number as people read it, the place as the head has it.")
def test_text_agrees_with_the_head(document: Document) -> None:
    """Every number that the text links to the head agrees with it, six of them are there, and no percentage is loose"""
    named = set()
    for link in document.links():
        value = document.at(*link.place)
        if not (link.shows_digits or isinstance(value, int | float)):
            continue  # a word that leads to a word
        with hint("A place is written with the keys of the head and dots; entries of a list are counted from 0."):
            assert value is not None, f"{link} leads to no place of the head"
        expected = document.number(*link.place)
        shown = shown_number(link.shown)
        assert shown is not None, f"{link} does not show exactly one number in digits"
        with hint("One of the two was changed and the other forgotten: which is right?"):
            assert math.isclose(shown, expected, rel_tol=0.01), f"{link} shows {shown:g}, and the head has {expected:g}"
        named.add(tuple(str(int(step)) if step.isdecimal() else step for step in link.place))
    limit = document.position("guardrails", "metric", "wrong_readings")
    for place in (
        ("success", "target"), ("baseline", "value"), ("guardrails", str(limit), "limit"),
        ("capacity", "cost_per_year"), ("constraints", "budget_per_year"), ("rollout", "1", "share"),
    ):  # fmt: skip
        assert place in named, f"TODO: the text has no link to {'.'.join(place)}"
    with hint("A percentage that stands alone is the one that is forgotten when the head changes: link it."):
        loose = next(document.loose_percentages(), None)
        assert loose is None, f"a percentage of the text is no link into the head: … {loose} …"


# --------------------------------------------------------------------------------------------------------- scoping.py

Project = dict[str, Any]


def a_project(rng: np.random.Generator, name: str, **known: Any) -> Project:
    """A project that is worth it unless something else is known of it; all money in whole thousands."""
    drawn = {
        "value_per_year": 1000 * int(rng.integers(200, 400)), "running_per_year": 1000 * int(rng.integers(5, 30)),
        "errors_per_year": 1000 * int(rng.integers(1, 20)), "cost_per_error": int(rng.integers(1, 4)),
        "build": 1000 * int(rng.integers(20, 90)), "chance": float(rng.choice([0.5, 0.75])),
    }  # fmt: skip
    return {"name": name, **drawn, "data_usable": True, "rule_per_year": None, **known}


def gain_of(project: Project, years: int) -> float:
    each_year = (
        project["value_per_year"] - project["running_per_year"] - project["errors_per_year"] * project["cost_per_error"]
    )
    return float(project["chance"] * years * each_year - project["build"])


@hint("Which amounts come every year, which only if it works, and which once?")
def test_gain(student: Student, rng: np.random.Generator) -> None:
    """gain weighs value, running, errors and building, by the chance that it works"""
    gain = student.load("scoping").gain
    for years in (1, 2, 5):
        project = a_project(rng, "cards")
        assert_close(gain(project, years), gain_of(project, years), f"the gain of a project in {years} years")
    assert_close(gain(project), gain_of(project, 3), "the gain when no years are given")
    loss = a_project(rng, "chat", errors_per_year=90_000, cost_per_error=20)
    assert_close(gain(loss, 2), gain_of(loss, 2), "the gain of a project whose errors cost more than it brings")


@hint("High value is not high gain, and what need not be learnt should not be.")
def test_rank(student: Student, rng: np.random.Generator) -> None:
    """rank orders by gain and leaves out what has no data, no gain or a rule that is as good"""
    rank = student.load("scoping").rank
    values = [int(value) * 20_000 for value in rng.permutation(np.arange(11, 19))]
    good = [a_project(rng, f"project {place}", value_per_year=value) for place, value in enumerate(values)]

    def check(projects: list[Project], expected: list[str], what: str, *years: int) -> None:
        assert list(rank(projects, *years)) == expected, f"the ranking of {what}"

    def ordered(projects: list[Project], years: int = 3) -> list[str]:
        worth = [project for project in projects if gain_of(project, years) > 0]
        return [project["name"] for project in sorted(worth, key=lambda project: -gain_of(project, years))]

    check(good, ordered(good), "eight projects that are all worth it")
    steep = {"value_per_year": 100_000, "running_per_year": 10_000, "errors_per_year": 0, "cost_per_error": 0}
    dear = a_project(rng, "dear", **steep | {"value_per_year": 150_000}, build=120_000, chance=0.5)
    cheap = a_project(rng, "cheap", **steep, build=40_000, chance=0.5)
    with hint("What costs much to build needs years: are they taken as they are given?"):
        check([dear, cheap], ["cheap"], "a dear and a cheap project, in one year", 1)
        check([dear, cheap], ["cheap", "dear"], "a dear and a cheap project, in two years", 2)
        check([cheap, dear], ["dear", "cheap"], "a dear and a cheap project, in six years", 6)
    with hint("Data that nobody may use are no data, however high the gain."):
        forbidden = a_project(rng, "forbidden", value_per_year=10_000_000, data_usable=False)
        check([forbidden, *good], ordered(good), "eight projects and one without usable data")
    with hint("A project that brings nothing is no project: 0 is nothing."):
        nothing = a_project(rng, "nothing", **steep, build=135_000, chance=0.5)
        check([cheap, nothing], ["cheap"], "a project that gains and one that gains exactly 0")
    exact = {**steep, "build": 15_000, "chance": 0.5}  # 120,000 in three years
    with hint("A rule earns as long as the model would; where it earns as much, the rule is what you build."):
        for rule, wanted in ((41_000, False), (40_000, False), (39_000, True), (0, True), (-5_000, True)):
            ruled = a_project(rng, "ruled", **exact, rule_per_year=rule)
            what = f"a project that gains 120,000 in three years, and a rule of {rule:,} a year"
            check([cheap, ruled], ["ruled", "cheap"] if wanted else ["cheap"], what)
    with hint("Equal gains stay in the order in which they came."):
        twins = [a_project(rng, name, **exact) for name in ("zinc", "acid", "moss")]
        check([cheap, *twins], ["zinc", "acid", "moss", "cheap"], "three projects with the same gain, and a lesser one")
    check([], [], "no projects")


@hint("The constant is learnt from train alone. Test only says how good it is.")
def test_baseline_value(student: Student, rng: np.random.Generator) -> None:
    """baseline_value learns one constant from train and gives its score on test"""
    baseline = student.load("scoping").baseline_value
    usual, other = (int(label) for label in rng.permutation(5)[:2])
    train = [usual] * 7 + [other] * 4 + [9] * 3
    test = [other] * int(rng.integers(8, 13)) + [usual] * 5 + [9] * 2
    train, test = ([values[place] for place in rng.permutation(len(values))] for values in (train, test))
    assert_close(baseline("accuracy", train, test), 5 / len(test), "the accuracy of the most common label of train")
    with hint("Of labels that are equally common, the smallest."):
        small, large = sorted((usual, other))
        assert_close(
            baseline("accuracy", [large, small] * 3, [small, large, large]), 1 / 3, "accuracy, two labels as common"
        )
    with hint("Always 1: the recall is 1, and the precision?"):
        positive, negative = int(rng.integers(2, 9)), int(rng.integers(10, 30))
        truths = [1] * positive + [0] * negative
        expected = 2 * positive / (2 * positive + negative)
        assert_close(baseline("f1", [0, 1, 0, 0, 0], truths), expected, "the F1 of saying 1 always")
    numbers = [float(value) for value in np.round(rng.lognormal(2.0, 1.0, 12), 2)]
    later = [float(value) for value in np.round(rng.lognormal(2.5, 1.0, 9), 2)]
    middle, mean = statistics.median(numbers), statistics.fmean(numbers)
    expected = statistics.fmean(abs(value - middle) for value in later)
    assert_close(baseline("mae", numbers, later), expected, "the mean absolute error of the median of train")
    expected = math.sqrt(statistics.fmean((value - mean) ** 2 for value in later))
    assert_close(baseline("rmse", numbers, later), expected, "the root mean squared error of the mean of train")
    with hint("A metric that is misspelt must not get a number."), pytest.raises(ValueError):
        baseline("acuracy", [0, 1], [1])


# -------------------------------------------------------------------------------------------------------- capacity.py


@hint("A day has a peak: what is needed is what the busiest hours need.")
def test_requests_and_replicas(student: Student, rng: np.random.Generator) -> None:
    """peak_per_second and replicas: busiest hours, Little's law, utilisation, spare ones"""
    capacity = student.load("capacity")
    for hours in (1, 2.5):
        per_day, share = int(rng.integers(5_000, 900_000)), round(float(rng.uniform(0.3, 0.6)), 2)
        expected = per_day * share / (hours * 3600)
        what = f"requests per second, {per_day} a day, {share} of them in {hours} hours"
        assert_close(capacity.peak_per_second(per_day, share, hours), expected, what)
    for arriving, seconds, utilisation, spare, expected in (
        (10.0, 0.25, 0.7, 1, 5), (10.0, 0.25, 1.0, 0, 3), (40.0, 0.31, 0.6, 2, 23), (0.1, 0.2, 0.5, 1, 2),
        (7.0, 2.0, 0.8, 3, 21),
    ):  # fmt: skip
        got = capacity.replicas(arriving, seconds, utilisation, spare)
        assert got == expected, (
            f"the replicas for {arriving} requests a second of {seconds} s, {utilisation}, {spare} spare"
        )
    with hint("The signature says how busy they are to be, and how many are spare."):
        assert capacity.replicas(10.0, 0.25) == 5, "the replicas for 10 requests a second of 0.25 s, by default"


@hint("z times the root of p (1 - p) / n is the half width: solve it for n.")
def test_storage_and_labels(student: Student, rng: np.random.Generator) -> None:
    """storage_gb and labels_needed: what is kept, and what a share costs to know"""
    capacity = student.load("capacity")
    with hint("What is kept for that many days, each of its copies, in units of 10**9 bytes."):
        per_day, days, size, copies = (
            int(rng.integers(*ends)) for ends in ((900, 9000), (30, 900), (10**4, 10**6), (2, 5))
        )
        expected = per_day * days * size * copies / 1e9
        assert_close(capacity.storage_gb(per_day, days, size, copies), expected, "gigabytes in store")
    for rate, half_width, expected in ((0.5, 0.05, 385), (0.1, 0.02, 865), (0.9, 0.02, 865), (0.02, 0.005, 3012)):
        got = capacity.labels_needed(rate, half_width)
        assert got == expected, f"the labels for a share of {rate} to ± {half_width}"
    with hint("z belongs to the confidence, and is an argument."):
        assert capacity.labels_needed(0.5, 0.05, 2.576) == 664, "the labels for a share of 0.5 to ± 0.05, z = 2.576"


@hint("Machines by the hour, storage by the month, people by what they read.")
def test_cost_per_year(student: Student, rng: np.random.Generator) -> None:
    """cost_per_year adds up machines, storage and people, each with its own unit"""
    cost = student.load("capacity").cost_per_year
    zero: dict[str, float] = {
        "replicas": 0, "replica_hour": 0.0, "storage_gb": 0.0, "gb_month": 0.0, "labels": 0, "rounds": 0, "readers": 0,
        "seconds_each": 0.0, "wage": 0.0,
    }  # fmt: skip
    machines = zero | {"replicas": int(rng.integers(2, 9)), "replica_hour": round(float(rng.uniform(0.2, 2)), 2)}
    storage = zero | {"storage_gb": float(rng.integers(300, 3000)), "gb_month": round(float(rng.uniform(0.02, 0.2)), 3)}
    people = zero | {
        "labels": int(rng.integers(300, 3000)), "rounds": int(rng.integers(2, 13)), "readers": int(rng.integers(2, 4)),
        "seconds_each": float(rng.integers(5, 50)), "wage": float(rng.integers(25, 60)),
    }  # fmt: skip
    parts = {
        "machines": (machines, machines["replicas"] * machines["replica_hour"] * 8760),
        "storage": (storage, storage["storage_gb"] * storage["gb_month"] * 12),
        "people": (
            people,
            math.prod(people[key] for key in ("labels", "rounds", "readers", "seconds_each", "wage")) / 3600,
        ),
    }
    for name, (arguments, expected) in parts.items():
        assert_close(cost(**arguments), expected, f"the cost of a year with nothing but {name}")
    everything = {key: machines[key] + storage[key] + people[key] for key in zero}
    total = sum(expected for _, expected in parts.values())
    assert_close(cost(**everything), total, "the cost of a year with machines, storage and people")


# --------------------------------------------------------------------------------------------------------- metrics.py

Sample = tuple[list[float], list[int]]


def a_sample(rng: np.random.Generator, size: int = 60) -> Sample:
    """Scores that are too close together to be probabilities, and truths; a good half of them are 1."""
    y = (rng.random(size) < 0.6).astype(int)
    y[:2] = 0, 1
    scores = np.clip(0.2 + 0.12 * y + rng.normal(0, 0.08, size), 0.01, 0.99)
    return [float(score) for score in np.round(scores, 3)], [int(truth) for truth in y]


def cost_of(costs: list[list[float]], base_rate: float, sample: Sample, at: float) -> float:
    probs, y = (np.asarray(part) for part in sample)
    of_truth = [np.mean([costs[truth][int(yes)] for yes in probs[y == truth] >= at]) for truth in (0, 1)]
    return float((1 - base_rate) * of_truth[0] + base_rate * of_truth[1])


@hint(
    "The mean cost among those that are 0, the mean among those that are 1, and how common each of the two is in use."
)
def test_expected_cost(student: Student, rng: np.random.Generator) -> None:
    """expected_cost weighs the four costs by how common each truth is in use"""
    expected_cost = student.load("metrics").expected_cost
    for base_rate in (0.02, 0.3, 0.9):
        sample = a_sample(rng)
        costs = [[round(float(cost), 2) for cost in row] for row in rng.uniform(-2, 12, (2, 2))]
        at = float(np.median(sample[0])) + 0.0005
        got = expected_cost(costs, base_rate, *sample, at)
        assert_close(
            got, cost_of(costs, base_rate, sample, at), f"the expected cost, costs={costs}, base_rate={base_rate}"
        )
    with hint("costs[truth][decision]: costs[1][0] is a miss, costs[0][1] a false alarm."):
        sample = ([0.1, 0.2, 0.9, 0.8], [0, 1, 0, 1])
        assert_close(expected_cost([[0, 0], [20, 0]], 0.5, *sample, 0.5), 5.0, "the cost of one miss among two")
        assert_close(expected_cost([[0, 8], [0, 0]], 0.5, *sample, 0.5), 2.0, "the cost of one false alarm among two")
    with hint("A score that is the threshold is at least the threshold."):
        got = expected_cost([[0, 8], [20, 0]], 0.25, [0.3, 0.3, 0.7], [0, 1, 1], 0.3)
        assert_close(got, 6.0, "the expected cost when the threshold is one of the scores")


@hint("Try every score, and what lies above all of them: which costs least in use?")
def test_threshold(student: Student, rng: np.random.Generator) -> None:
    """threshold finds what no other threshold undercuts, for costs and a base rate in use"""
    find = student.load("metrics").threshold

    def check(costs: list[list[float]], base_rate: float, sample: Sample) -> None:
        got = find(costs, base_rate, *sample)
        assert isinstance(got, int | float) and not math.isnan(got), f"threshold gave {got!r}, expected a number"
        best = min(cost_of(costs, base_rate, sample, at) for at in [*sample[0], math.inf])
        paid = cost_of(costs, base_rate, sample, got)
        assert paid <= best + 1e-9, (
            f"the threshold {got:.4g} costs {paid:.4g} a case with costs={costs} and base_rate={base_rate}; "
            f"there is one that costs {best:.4g}"
        )

    for _ in range(6):
        miss, alarm = float(rng.integers(20, 60)), float(rng.integers(1, 4))
        check([[0.0, alarm], [miss, 0.0]], 0.05, a_sample(rng))
        check([[0.0, miss], [alarm, 0.0]], 0.9, a_sample(rng))
        with hint("A decision that is right can cost as well, or bring something: all four costs count."):
            check([[-alarm, miss / 2], [miss, miss / 3]], 0.3, a_sample(rng))
    with hint("How common yes is in the sample says nothing about how common it is in use."):
        for base_rate in (0.01, 0.99):
            check([[0.0, 2.0], [8.0, 0.0]], base_rate, a_sample(rng))
    with hint("Sometimes the best is to say yes to nobody, or to all."):
        check([[0.0, 1000.0], [1.0, 0.0]], 0.01, a_sample(rng))
        check([[0.0, 1.0], [1000.0, 0.0]], 0.99, a_sample(rng))
        probs, y = a_sample(rng)
        check([[0.0, 1000.0], [1.0, 0.0]], 0.5, ([*probs, 1.0], [*y, 0]))


# ------------------------------------------------------------------------------------------------------- readiness.py

Answers = dict[str, str]


def with_points(rng: np.random.Generator, points: list[float]) -> Answers:
    """Answers that give each section so many points, some of what brings nothing left out."""
    answers = {}
    for (_, questions), wanted in zip(SECTIONS.items(), points, strict=True):
        halves = int(2 * wanted)
        automated = int(rng.integers(max(0, halves - 7), halves // 2 + 1))
        words = ["automated"] * automated + ["manual"] * (halves - 2 * automated)
        words += [str(rng.choice(["no", "undocumented", "left out"])) for _ in range(7 - len(words))]
        for question, place in zip(questions, rng.permutation(7)):
            if words[place] != "left out":
                answers[question] = words[place]
    keys = list(answers)
    return {keys[place]: answers[keys[place]] for place in rng.permutation(len(keys))}


@pytest.fixture
def score(student: Student) -> Callable[[Answers], Any]:
    function: Callable[[Answers], Any] = student.load("readiness").ml_test_score
    return function


@hint("A point for what a system does again and again, half a point for what a person does and writes down.")
def test_points_of_sections(score: Callable[[Answers], Any], rng: np.random.Generator) -> None:
    """ml_test_score gives each section the points of its answers"""
    for word, each in (("automated", 1.0), ("manual", 0.5), ("undocumented", 0.0), ("no", 0.0)):
        answers = {question: word for questions in SECTIONS.values() for question in questions}
        got = dict(score(answers).sections)
        assert got == dict.fromkeys(SECTIONS, 7 * each), f"the points of the sections when every answer is {word}"
    for _ in range(4):
        points = [float(value) / 2 for value in rng.integers(0, 15, 4)]
        got = dict(score(with_points(rng, points)).sections)
        assert got == dict(zip(SECTIONS, points)), "the points of the sections, for answers at random"
    with hint("A question without an answer is a question with the answer no."):
        assert dict(score({}).sections) == dict.fromkeys(SECTIONS, 0.0), "the points of the sections without any answer"


@hint("The total is the worst section's: three perfect ones and an empty one are 0.")
def test_total_level_and_weakest(score: Callable[[Answers], Any], rng: np.random.Generator) -> None:
    """ml_test_score's total is the smallest section's, and has its level and the sections to work on"""
    levels = {
        0.0: "research", 0.5: "holes", 1.0: "holes", 1.5: "basic", 2.0: "basic", 2.5: "fair", 3.0: "fair",
        3.5: "strong", 5.0: "strong", 5.5: "exceptional", 7.0: "exceptional",
    }  # fmt: skip
    for total, level in levels.items():
        points = [min(7.0, total + extra) for extra in (0.0, 1.0, 0.5, 4.0)]
        points = [points[place] for place in rng.permutation(4)]
        got = score(with_points(rng, points))
        assert_close(got.total, total, f"the total, for sections with {points}")
        assert got.level == level, f"the level of a total of {total}"
        with hint("Only more points in the worst section, or in each of several worst, raise the total."):
            weakest = sorted(name for name, reached in zip(SECTIONS, points) if reached == total)
            assert sorted(got.weakest) == weakest, f"the weakest sections, for {dict(zip(SECTIONS, points))}"
    got = score(with_points(rng, [4.0, 2.5, 6.0, 2.5]))
    assert sorted(got.weakest) == ["model", "monitoring"], "the weakest sections, where two have the fewest points"


@hint("A misspelt id would silently count as no, and a misspelt answer as whatever comes last.")
def test_unknown_answers_are_refused(score: Callable[[Answers], Any], rng: np.random.Generator) -> None:
    """ml_test_score refuses ids and answers that do not exist"""
    good = with_points(rng, [5.0, 5.0, 5.0, 5.0])
    for what, bad in (
        ("an id that no question has", {"rollbacks": "automated"}),
        ("a section's name as an id", {"data": "manual"}),
        ("the answer 'yes'", {"canary": "yes"}),
        ("the answer 'Automated'", {"canary": "Automated"}),
    ):
        try:
            score(good | bad)
        except ValueError:
            continue
        raise AssertionError(f"no ValueError for {what}")
