"""Numbers, by someone who forgot to divide and counts from zero."""


def weighted(values, weights):
    return sum(value * weight for value, weight in zip(values, weights))


def runs(text):
    return [(character, text.count(character)) for character in dict.fromkeys(text)]


class Counter:
    def __init__(self):
        self.last = 0

    def add(self, amount):
        self.last = amount

    def total(self):
        return self.last
