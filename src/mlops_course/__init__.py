"""What the exercises and their suites may import: data sets that need no download, and the choice of a device.

Importing this package is cheap: torch is imported by the functions that need it.
"""
