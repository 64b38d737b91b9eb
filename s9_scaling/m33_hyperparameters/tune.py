"""Search for the settings of the training."""

import argparse

import optuna


def objective(trial: optuna.Trial) -> float:
    """Train with the settings of the trial, and return the accuracy on the validation set after the last epoch.

    Raises:
        optuna.TrialPruned: the trial is not worth going on with.
    """
    raise NotImplementedError("TODO: suggest settings, train, report after each epoch, prune")


def make_study(name: str = "digits", storage: str | None = None, seed: int = 0) -> optuna.Study:
    """A study that looks for the highest value: the one of that name in the storage, or a new one."""
    raise NotImplementedError("TODO: create the study, with its direction, sampler, pruner and storage")


def search(study: optuna.Study, trials: int) -> None:
    """Go on until the study has so many finished trials, complete or pruned; those that it had before count.

    A trial whose training raises FloatingPointError has failed: it does not count, and the search goes on.
    """
    raise NotImplementedError("TODO: optimise the objective")


def final_accuracy(study: optuna.Study) -> float:
    """Train on training set and validation set with the best settings, and return the accuracy on the test set."""
    raise NotImplementedError("TODO: train once more, and look at the test set for the first time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--storage")
    parser.add_argument("--name", default="digits")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    raise NotImplementedError("TODO: search, and write best.json")
