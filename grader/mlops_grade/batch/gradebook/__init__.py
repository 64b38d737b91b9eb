"""The gradebook of a cohort, and the forms it is written in."""

from mlops_grade.batch.gradebook.book import Cell, Gradebook, Result, Row, State, UnitSummary

__all__ = ["Cell", "Gradebook", "Result", "Row", "State", "UnitSummary"]
