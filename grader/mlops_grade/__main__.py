"""`python -m mlops_grade` is `mlops-grade`."""

from mlops_grade.cli import main

if __name__ == "__main__":
    main()
