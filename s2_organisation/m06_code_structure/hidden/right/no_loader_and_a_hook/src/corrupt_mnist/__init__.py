"""Handwritten digits that were rotated and blurred, and a network that reads them."""
