"""Print the sum of the whole numbers on standard input."""

raise NotImplementedError("TODO: read, add, print")
