"""Tasks for invoke: long commands with short names. `invoke --list` lists them."""

import shlex

from invoke import Context, task


@task
def git(context: Context, message: str) -> None:
    """Stage all changes, commit them with this message, and push."""
    context.run("git add *")
    context.run(f"git commit --message {shlex.quote(message)}")
    context.run("git push")


@task
def experiment(context: Context, kernel: str = "linear", n_neighbors: int = 5) -> None:
    """Train both classifiers into the folder models, then evaluate both."""
    context.run(f"python iris_classifier.py train svm --kernel {kernel} --output models/svm.joblib")
    context.run(f"python iris_classifier.py train knn --n-neighbors {n_neighbors} --output models/knn.joblib")
    context.run("python iris_classifier.py evaluate models/svm.joblib")
    context.run("python iris_classifier.py evaluate models/knn.joblib")
