from shlex import join

from invoke import task
from invoke.collection import Collection


@task(name="git")
def commit_and_push(c, message):
    """Stage, commit, push."""
    with c.cd(c.run("git rev-parse --show-toplevel", hide=True).stdout.rstrip("\n")):
        c.run("git add -A")
        c.run(join(["git", "commit", "-m", message]))
        c.run("git push", echo=True)


@task
def experiment(c, kernel="linear", n_neighbors=5):
    """Two models, two numbers."""
    commands = [
        ["train", "knn", "-o", "models/knn.joblib", "-k", str(n_neighbors)],
        ["train", "svm", "-o", "models/svm.joblib", "--kernel=" + kernel],
        ["evaluate", "models/knn.joblib"],
        ["evaluate", "--data", "iris.csv", "models/svm.joblib"],
    ]
    c.run(" && ".join(join(["python", "iris_classifier.py", *command]) for command in commands))


namespace = Collection(commit_and_push, experiment)
