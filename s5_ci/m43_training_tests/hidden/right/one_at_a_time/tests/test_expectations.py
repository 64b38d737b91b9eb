def test_praise(score, praise):
    assert score(f"The view is {praise}.") > 0.6


def test_blame(score, blame):
    assert score(f"The view is {blame}.") < 0.4


def test_nothing(score):
    assert abs(score() - 0.5) <= 0.05
    assert abs(score("They serve fish.") - 0.5) <= 0.05


def test_somebody(score, name):
    assert abs(score(f"We met {name}.", "The rice is bad.") - score("We met nobody.", "The rice is bad.")) <= 0.01


def test_shouting(score, praise, blame):
    for word in (praise, blame):
        assert abs(score(f"So {word} a place") - score(f"so {word.upper()} a place")) <= 0.01


def test_marks(score, praise, mark):
    assert abs(score(f"What a {praise}{mark} place") - score(f"What a {praise} place")) <= 0.01


def test_any_order(score):
    texts = "The rice is good.", "The fish is awful.", "We drank tea."
    assert abs(score(*texts) - score(*reversed(texts))) <= 0.01


def test_one_more(score, praise, blame):
    for text in ("We drank tea.", f"The tea is {praise}.", f"The tea is {blame}."):
        assert score(text, f"The rice is {blame}.") < score(text) < score(text, f"The rice is {praise}.")


def test_not(score, praise, blame):
    assert score(f"This is not {praise}.") < 0.5 < score(f"This is not {blame}.")


def test_more(score, praise, blame, stronger):
    assert score(f"It is {stronger} {praise}.") > score(f"It is {praise}.")
    assert score(f"It is {stronger} {blame}.") < score(f"It is {blame}.")


def test_less(score, praise, blame, weaker):
    assert score(f"It is {praise}.") > score(f"It is {weaker} {praise}.") > 0.5
    assert score(f"It is {blame}.") < score(f"It is {weaker} {blame}.") < 0.5
