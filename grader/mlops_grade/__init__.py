"""mlops-grade: judge a module's hidden suite from outside the student's process."""

__version__ = "1.0.0"
