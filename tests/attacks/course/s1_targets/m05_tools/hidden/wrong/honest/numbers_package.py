NUMBERS = [2, 7, 1]
