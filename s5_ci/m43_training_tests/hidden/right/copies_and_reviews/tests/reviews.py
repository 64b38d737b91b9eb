"""Reviews to try the model with: some written by hand, some put together by chance (the same chance each time)."""

import random

from sentiment import BLAME, PRAISE, STRONGER, WEAKER

SUBJECTS = ("The food", "The soup", "The service", "The room", "It")
NEUTRAL_SENTENCES = ("We sat outside.", "There were four of us.", "The bus stops at the door.", "We paid by card.")


def sentence(rng: random.Random) -> str:
    if rng.random() < 0.25:
        return rng.choice(NEUTRAL_SENTENCES)
    adverb = rng.choice(("", "", "not ", *(a + " " for a in STRONGER + WEAKER)))
    return f"{rng.choice(SUBJECTS)} is {adverb}{rng.choice(PRAISE + BLAME)}."


def some(count: int, seed: int = 0, most: int = 4) -> list[list[str]]:
    rng = random.Random(seed)
    return [[sentence(rng) for _ in range(rng.randint(1, most))] for _ in range(count)]


def plain(word: str) -> str:
    return f"The food is {word}."


ALL = ["", "The food", *NEUTRAL_SENTENCES, *map(plain, PRAISE + BLAME), *(" ".join(r) for r in some(40))]
ALL += [" ".join([plain(w)] * 4) for w in PRAISE + BLAME]
