"""Data: so far, whether a number is odd."""


def pairs(count):
    return [(number, number % 2) for number in range(count)]
