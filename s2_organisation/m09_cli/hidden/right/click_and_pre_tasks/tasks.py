from shlex import quote

from invoke import task

PROGRAM = "python iris_classifier.py"


@task
def git(c, message):
    """Commit everything."""
    c.run(f"git add . && git commit -m {quote(message)} && git push", echo=True)


@task
def train(c, kernel, n_neighbors):
    """Train both."""
    knn = f"{PROGRAM} train knn -k {n_neighbors} -o models/knn.joblib"
    c.run(f"{knn} && {PROGRAM} train svm --kernel={kernel} -o ./models/svm.joblib")


@task
def experiment(c, kernel="linear", n_neighbors=5):
    """Train and evaluate both."""
    train(c, kernel, n_neighbors)
    for model in ("knn", "svm"):
        c.run(f"{PROGRAM} evaluate models/{model}.joblib")
