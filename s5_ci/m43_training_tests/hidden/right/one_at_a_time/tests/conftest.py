import pytest
import sentiment


@pytest.fixture
def score():
    return lambda *sentences: sentiment.positive(" ".join(sentences))


def pytest_generate_tests(metafunc):
    lists = {
        "praise": sentiment.PRAISE,
        "blame": sentiment.BLAME,
        "name": sentiment.NAMES,
        "stronger": sentiment.STRONGER,
        "weaker": sentiment.WEAKER,
        "mark": list(".,;:!?"),
    }
    for name, words in lists.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, words)
