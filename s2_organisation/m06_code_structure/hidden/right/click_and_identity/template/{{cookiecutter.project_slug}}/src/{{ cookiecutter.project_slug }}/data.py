def lines(file):
    """The lines that are not empty."""
    yield from filter(None, (line.strip() for line in file))
