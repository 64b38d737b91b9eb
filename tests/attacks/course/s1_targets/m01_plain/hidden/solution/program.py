"""Print the sum of the whole numbers on standard input."""

import sys

print(sum(int(line) for line in sys.stdin if line.strip()))
