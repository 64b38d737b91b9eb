"""Search for the settings of the training."""

import argparse
import json

import data
import optuna
import training
from optuna.trial import TrialState


def suggest(trial):
    kind = trial.suggest_categorical("optimizer", ["adam", "sgd"])
    settings = {
        "optimizer": kind,
        "dropout": trial.suggest_float("dropout", 0, 0.5),
        "hidden": trial.suggest_int("hidden", 8, 128),
        "lr": trial.suggest_float("lr", 1e-4, 1e-1, log=True),
    }
    if kind == "sgd":
        settings["momentum"] = trial.suggest_float("momentum", 0.0, 0.95)
    return settings


def objective(trial: optuna.Trial) -> float:
    classifier = training.Classifier(**suggest(trial))
    train, validation = data.training_set(), data.validation_set()
    score = float("nan")
    for epoch in range(training.EPOCHS):
        classifier.fit_epoch(train)
        score = classifier.accuracy(validation)
        trial.report(score, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return score


def make_study(name: str = "digits", storage: str | None = None, seed: int = 0) -> optuna.Study:
    return optuna.create_study(
        study_name=name,
        storage=storage,
        load_if_exists=True,
        direction=optuna.study.StudyDirection.MAXIMIZE,
        sampler=optuna.samplers.RandomSampler(seed),
        pruner=optuna.pruners.PercentilePruner(50.0, n_startup_trials=3, n_warmup_steps=1),
    )


def search(study: optuna.Study, trials: int) -> None:
    def missing():
        return trials - len(study.get_trials(deepcopy=False, states=[TrialState.PRUNED, TrialState.COMPLETE]))

    while (left := missing()) > 0:
        study.optimize(objective, n_trials=left, catch=FloatingPointError)


def final_accuracy(study: optuna.Study) -> float:
    classifier = training.Classifier(**study.best_trial.params)
    everything = data.joined(data.training_set(), data.validation_set())
    for _ in range(training.EPOCHS):
        classifier.fit_epoch(everything)
    return classifier.accuracy(data.test_set())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--storage")
    parser.add_argument("--name", default="digits")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    study = make_study(options.name, options.storage, options.seed)
    search(study, options.trials)
    with open("best.json", "w") as stream:
        best = dict(test_accuracy=final_accuracy(study), validation_accuracy=study.best_value, params=study.best_params)
        json.dump(best, stream, indent=4)
