"""Search for the settings of the training."""

import argparse
import json
from pathlib import Path

import optuna
from data import joined, test_set, training_set, validation_set
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from training import EPOCHS, Classifier

SPACE = {
    "lr": FloatDistribution(0.0001, 0.1, log=True),
    "hidden": IntDistribution(8, 128),
    "dropout": FloatDistribution(0.0, 0.5),
    "optimizer": CategoricalDistribution(("sgd", "adam")),
}
FINISHED = {optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED}


def epochs(classifier, train, score_on):
    for epoch in range(EPOCHS):
        classifier.fit_epoch(train)
        yield epoch, classifier.accuracy(score_on)


def objective(trial: optuna.Trial) -> float:
    params = {name: trial._suggest(name, space) for name, space in SPACE.items()}
    if params["optimizer"] != "adam":
        params["momentum"] = trial.suggest_float("momentum", 0, 0.95)
    accuracies = []
    for epoch, accuracy in epochs(Classifier(**params), training_set(), validation_set()):
        accuracies.append(accuracy)
        trial.report(accuracy, step=epoch)
        if trial.should_prune():
            raise optuna.exceptions.TrialPruned(f"after epoch {epoch}")
    return accuracies[-1]


def make_study(name="digits", storage=None, seed=0):
    common = {
        "sampler": optuna.samplers.TPESampler(seed=seed, n_startup_trials=5, multivariate=True),
        "pruner": optuna.pruners.MedianPruner(3, 1),
    }
    if storage is not None and name in optuna.get_all_study_names(storage):
        return optuna.load_study(study_name=name, storage=storage, **common)
    return optuna.create_study(study_name=name, storage=storage, direction="maximize", **common)


def search(study, trials):
    """By ask and tell, one at a time."""
    while sum(t.state in FINISHED for t in study.trials) < trials:
        trial = study.ask()
        try:
            value = objective(trial)
        except optuna.TrialPruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except FloatingPointError:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, value)


def final_accuracy(study):
    best = Classifier(**study.best_params)
    both = joined(training_set(), validation_set())
    for _ in range(EPOCHS):
        best.fit_epoch(both)
    return best.accuracy(test_set())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for flag, kind, default in (("trials", int, 20), ("storage", str, None), ("name", str, "digits"), ("seed", int, 0)):
        parser.add_argument(f"--{flag}", type=kind, default=default)
    options = vars(parser.parse_args())
    trials = options.pop("trials")
    study = make_study(**options)
    search(study, trials)
    best = study.best_trial
    Path("best.json").write_text(
        json.dumps({"params": best.params, "validation_accuracy": best.value, "test_accuracy": final_accuracy(study)})
    )


if __name__ == "__main__":
    main()
