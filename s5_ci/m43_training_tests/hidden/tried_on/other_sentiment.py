"""Another model that keeps the nine promises, otherwise made and with other numbers."""

PRAISE = ("good", "great", "excellent", "wonderful", "delicious", "charming")
BLAME = ("bad", "awful", "terrible", "boring", "disgusting", "rude")
STRONGER = ("very", "really", "extremely")
WEAKER = ("slightly", "somewhat", "fairly")
NAMES = ("Ada", "Chidi", "Fatima", "Giulia", "Ingrid", "Kenji", "Mohammed", "Priya", "Siobhan", "Yusuf")

ODDS = dict(zip(PRAISE + BLAME, (2.2, 4.0, 7.5, 6.5, 6.0, 2.5, 0.5, 0.2, 0.15, 0.4, 0.12, 0.3), strict=True))


def positive(text: str) -> float:
    odds = 1.0
    before = ""
    for word in "".join(letter if letter.isalpha() else " " for letter in text.casefold()).split():
        power = 1.3 if before in STRONGER else 0.7 if before in WEAKER else -0.4 if before == "not" else 1.0
        odds *= ODDS.get(word, 1.0) ** power
        before = word
    return odds / (1 + odds)
