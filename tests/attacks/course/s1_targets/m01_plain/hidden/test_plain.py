"""Hidden suite of the plain target. @secret suite@"""

import itertools

import numpy as np

from mlops_grade.suite import Student, assert_close, hint

PATIENCE = 2.0


@hint("Divide by the sum of the weights.")
def test_weighted_mean(student: Student, rng: np.random.Generator) -> None:
    """weighted gives the weighted mean"""
    student.patience = PATIENCE
    values, weights = rng.normal(size=7).tolist(), rng.uniform(1, 2, size=7).tolist()
    got = student.load("plain").weighted(values, weights)
    assert_close(got, float(np.average(values, weights=weights)), "the weighted mean")


@hint("A run ends where the character changes.")
def test_runs(student: Student, rng: np.random.Generator) -> None:
    """runs gives each run of equal characters with its length"""
    student.patience = PATIENCE
    text = "".join(rng.choice(list("ab"), size=41))
    got = student.load("plain").runs(text)
    assert got == [(character, len(list(group))) for character, group in itertools.groupby(text)]


@hint("Keep the sum in the object.")
def test_counter(student: Student, rng: np.random.Generator) -> None:
    """Counter adds up what it is told"""
    student.patience = PATIENCE
    amounts = [int(amount) for amount in rng.integers(1, 1000, size=5)]
    counter = student.load("plain").Counter()
    for amount in amounts:
        counter.add(amount)
    assert counter.total() == sum(amounts), "the total is not the sum of the amounts"


@hint("One number a line.")
def test_program(student: Student, rng: np.random.Generator) -> None:
    """program.py prints the sum of the numbers on standard input"""
    numbers = [int(number) for number in rng.integers(-1000, 1000, size=9)]
    run = student.cli("program.py", stdin="\n".join(map(str, numbers)), timeout=PATIENCE)
    assert run.exit_code == 0, "the program failed"
    assert run.stdout.strip() == str(sum(numbers))
