"""What the tests share."""

import pytest
import sentiment


@pytest.fixture(scope="session")
def score():
    """The model's score, and on the way: it is a probability."""

    def ask(text: str) -> float:
        p = sentiment.positive(text)
        assert 0.0 <= p <= 1.0, f"{text!r} has the probability {p}"
        return p

    return ask


def pytest_generate_tests(metafunc):
    for argument, values in {
        "praise": sentiment.PRAISE,
        "blame": sentiment.BLAME,
        "stronger": sentiment.STRONGER,
        "weaker": sentiment.WEAKER,
        "name": sentiment.NAMES,
        "mark": list(".,;:!?"),
    }.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, values)
