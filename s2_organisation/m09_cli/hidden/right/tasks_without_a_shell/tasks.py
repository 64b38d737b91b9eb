import subprocess
import sys

import invoke


def call(*words):
    done = subprocess.run(words)
    if done.returncode:
        raise invoke.Exit(f"{words[0]} failed", code=done.returncode)


@invoke.task(help={"message": "what changed"})
def git(_, message):
    call("git", "add", "-A", ":/")
    call("git", "commit", "-q", f"--message={message}")
    call("git", "push", "-q")


@invoke.task
def experiment(_, kernel="linear", n_neighbors=5):
    settings = {"knn": f"-k{n_neighbors}", "svm": f"--kernel={kernel}"}
    for kind, setting in settings.items():
        path = f"./models/{kind}.joblib"
        call(sys.executable, "iris_classifier.py", "train", kind, "-o", path, setting)
        call(sys.executable, "iris_classifier.py", "evaluate", path)
