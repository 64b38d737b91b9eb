NUMBERS = [3, 1, 4]
