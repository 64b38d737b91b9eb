"""Trials are asked for and told one by one; a pruner of our own says which to stop."""

import argparse
import json
import pathlib
import statistics

import data
import optuna
import training
from optuna.trial import TrialState

# Loaded once; the last one is for the end.
TRAIN, VALIDATION, TEST = data.training_set(), data.validation_set(), data.test_set()


class BelowTheMedian(optuna.pruners.BasePruner):
    def prune(self, study, trial):
        step = trial.last_step
        complete = study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
        if step is None or step < 1 or len(complete) < 3:
            return False
        others = [other.intermediate_values[step] for other in complete if step in other.intermediate_values]
        best = max(trial.intermediate_values.values())
        return bool(others) and best < statistics.median(others)


def settings(trial):
    yield "optimizer", trial.suggest_categorical("optimizer", choices=("sgd", "adam"))
    yield "lr", trial.suggest_float("lr", low=1e-4, high=0.1, log=True)
    yield "hidden", trial.suggest_int("hidden", low=8, high=128)
    yield "dropout", trial.suggest_float("dropout", low=0.0, high=0.5)
    if trial.params["optimizer"] == "sgd":
        yield "momentum", trial.suggest_float("momentum", low=0.0, high=0.95)


def objective(trial):
    classifier = training.Classifier(**dict(settings(trial)))
    for step in range(training.EPOCHS):
        classifier.fit_epoch(TRAIN)
        trial.report(classifier.accuracy(VALIDATION), step=step)
        if trial.should_prune():
            raise optuna.TrialPruned(f"after epoch {step}")
    return classifier.accuracy(VALIDATION)


def make_study(name="digits", storage=None, seed=0):
    options = {"sampler": optuna.samplers.RandomSampler(seed), "pruner": BelowTheMedian()}
    if storage is not None:
        storage = optuna.storages.get_storage(storage)
        if name in optuna.get_all_study_names(storage):
            return optuna.load_study(study_name=name, storage=storage, **options)
    directions = [optuna.study.StudyDirection.MAXIMIZE]
    return optuna.create_study(study_name=name, storage=storage, directions=directions, **options)


def finished(study):
    return sum(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in study.trials)


def search(study, trials):
    while finished(study) < trials:
        trial = study.ask()
        try:
            study.tell(trial, objective(trial))
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except FloatingPointError:
            study.tell(trial, state=TrialState.FAIL)


def final_accuracy(study):
    classifier = training.Classifier(**study.best_trial.params)
    everything = data.joined(TRAIN, VALIDATION)
    for _ in range(training.EPOCHS):
        classifier.fit_epoch(everything)
    return classifier.accuracy(TEST)


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", default=10, type=int)
    parser.add_argument("--storage", default=None)
    parser.add_argument("--name", default="digits")
    parser.add_argument("--seed", default=0, type=int)
    given = parser.parse_args(arguments)
    study = make_study(given.name, given.storage, given.seed)
    search(study, given.trials)
    best = study.best_trial
    result = {"params": best.params, "validation_accuracy": best.values[0], "test_accuracy": final_accuracy(study)}
    with pathlib.Path("best.json").open("w") as file:
        json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
