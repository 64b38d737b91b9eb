"""Tasks for invoke, without a shell in between."""

import subprocess

from invoke import Exit, task


def call(*command, **more):
    print("$", *command)
    done = subprocess.run(command, **more)
    if done.returncode:
        raise Exit(f"{command[0]} failed", code=done.returncode)


@task
def git(context, message):
    """Stage all changes, commit them with this message, and push."""
    call("git", "add", "--all", ":/")
    call("git", "commit", "--cleanup=verbatim", "--file=-", input=message.encode())
    call("git", "push")


@task(help={"kernel": "of the SVM", "n-neighbors": "of the nearest-neighbour classifier"})
def experiment(context, kernel="linear", n_neighbors=5):
    """Train both classifiers into the folder models, then evaluate both."""
    models = {"svm": ["--kernel", kernel], "knn": ["--n-neighbors", str(n_neighbors)]}
    for name, options in models.items():
        call("python", "iris_classifier.py", "train", name, *options, "--output", f"models/{name}.joblib")
    for name in models:
        call("python", "iris_classifier.py", "evaluate", f"models/{name}.joblib")
