"""Leafcount counts the leaves of plants on photographs."""

__version__ = "0.3.0"
