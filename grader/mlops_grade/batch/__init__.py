"""Grading a cohort: collect forks, grade what is not known, keep every verdict, write the gradebook."""
