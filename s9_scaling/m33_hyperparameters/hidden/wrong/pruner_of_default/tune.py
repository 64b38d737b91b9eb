"""Search for the settings of the training."""

import argparse
import json
from pathlib import Path

import optuna
from data import joined, test_set, training_set, validation_set
from training import EPOCHS, Classifier

FINISHED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)


def objective(trial: optuna.Trial) -> float:
    """Train with the settings of the trial, and return the accuracy on the validation set after the last epoch.

    Raises:
        optuna.TrialPruned: the trial is not worth going on with.
    """
    settings = {
        "lr": trial.suggest_float("lr", 1e-4, 1e-1, log=True),
        "hidden": trial.suggest_int("hidden", 8, 128),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        "optimizer": trial.suggest_categorical("optimizer", ["sgd", "adam"]),
    }
    if settings["optimizer"] == "sgd":
        settings["momentum"] = trial.suggest_float("momentum", 0.0, 0.95)
    classifier = Classifier(**settings)
    train, validation = training_set(), validation_set()
    for epoch in range(EPOCHS):
        classifier.fit_epoch(train)
        accuracy = classifier.accuracy(validation)
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


def make_study(name: str = "digits", storage: str | None = None, seed: int = 0) -> optuna.Study:
    """A study that looks for the highest value: the one of that name in the storage, or a new one."""
    return optuna.create_study(
        study_name=name,
        storage=storage,
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(),
    )


def search(study: optuna.Study, trials: int) -> None:
    """Go on until the study has so many finished trials, complete or pruned; those that it had before count.

    A trial whose training raises FloatingPointError has failed: it does not count, and the search goes on.
    """
    while (missing := trials - len(study.get_trials(states=FINISHED))) > 0:
        study.optimize(objective, n_trials=missing, catch=(FloatingPointError,))


def final_accuracy(study: optuna.Study) -> float:
    """Train on training set and validation set with the best settings, and return the accuracy on the test set."""
    classifier = Classifier(**study.best_params)
    data = joined(training_set(), validation_set())
    for _ in range(EPOCHS):
        classifier.fit_epoch(data)
    return classifier.accuracy(test_set())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--storage")
    parser.add_argument("--name", default="digits")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    study = make_study(options.name, options.storage, options.seed)
    search(study, options.trials)
    best = {
        "params": study.best_params,
        "validation_accuracy": study.best_value,
        "test_accuracy": final_accuracy(study),
    }
    Path("best.json").write_text(json.dumps(best))
