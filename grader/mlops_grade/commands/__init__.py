"""What each command of `mlops-grade` does; `cli.py` has its words and options."""
