"""Callbacks stop the search; failures are told to Optuna by hand."""

import argparse
import json
import pathlib

import optuna
from data import joined, test_set, training_set, validation_set
from training import EPOCHS, Classifier

SPACE = (
    ("suggest_float", "lr", {"low": 1e-4, "high": 1e-1, "log": True}),
    ("suggest_int", "hidden", {"low": 8, "high": 128}),
    ("suggest_float", "dropout", {"low": 0.0, "high": 0.5}),
    ("suggest_categorical", "optimizer", {"choices": ["sgd", "adam"]}),
)


def objective(trial):
    for method, name, options in SPACE:
        getattr(trial, method)(name, **options)
    if trial.params["optimizer"] == "sgd":
        trial.suggest_float("momentum", 0.0, 0.95)
    classifier = Classifier(seed=0, **trial.params)
    for epoch in range(EPOCHS):
        classifier.fit_epoch(training_set())
        reached = classifier.accuracy(validation_set())
        trial.report(reached, epoch)
        if epoch < EPOCHS - 1 and trial.should_prune():
            raise optuna.TrialPruned
    return reached


def make_study(name="digits", storage=None, seed=0):
    options = {
        "sampler": optuna.samplers.TPESampler(seed=seed, multivariate=False),
        "pruner": optuna.pruners.MedianPruner(3, 1),
    }
    if storage is not None and name in optuna.get_all_study_names(storage):
        return optuna.load_study(study_name=name, storage=storage, **options)
    direction = optuna.study.StudyDirection.MAXIMIZE
    return optuna.create_study(study_name=name, storage=storage, direction=direction, **options)


def search(study, trials):
    finished = [trial for trial in study.trials if trial.state.name in ("COMPLETE", "PRUNED")]
    remaining = trials - len(finished)
    while remaining > 0:
        trial = study.ask()
        try:
            study.tell(trial, objective(trial))
        except optuna.TrialPruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except FloatingPointError:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            continue
        remaining -= 1


def final_accuracy(study):
    classifier = Classifier(**study.best_params)
    everything = joined(validation_set(), training_set())
    epoch = 0
    while epoch < EPOCHS:
        classifier.fit_epoch(everything)
        epoch += 1
    return classifier.accuracy(test_set())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--storage", default=None)
    parser.add_argument("--name", default="digits")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    study = make_study(arguments.name, arguments.storage, arguments.seed)
    search(study, arguments.trials)
    pathlib.Path("best.json").write_text(
        json.dumps(
            {
                "test_accuracy": final_accuracy(study),
                "validation_accuracy": study.best_value,
                "params": study.best_params,
                "trials": len(study.trials),
            }
        )
    )


if __name__ == "__main__":
    main()
