import json

import click
import data
import optuna
import training
from optuna.trial import TrialState


class Objective:
    def __init__(self):
        self.train = data.training_set()
        self.validation = data.validation_set()

    def suggest(self, trial):
        name = trial.suggest_categorical("optimizer", ["adam", "sgd"])
        extra = {"momentum": trial.suggest_float("momentum", 0, 0.95)} if name == "sgd" else {}
        return training.Classifier(
            trial.suggest_float("lr", 0.0001, 0.1, log=True),
            trial.suggest_int("hidden", 8, 128),
            trial.suggest_float("dropout", 0, 0.5),
            name,
            **extra,
        )

    def __call__(self, trial):
        classifier = self.suggest(trial)
        scores = []
        for step in range(training.EPOCHS):
            classifier.fit_epoch(self.train)
            scores.append(classifier.accuracy(self.validation))
            trial.report(scores[-1], step=step)
            if trial.should_prune():
                raise optuna.exceptions.TrialPruned(f"after {step + 1} epochs")
        return scores[-1]


def objective(trial):
    return Objective()(trial)


def make_study(name="digits", storage=None, seed=0):
    sampler = optuna.samplers.RandomSampler(seed)
    pruner = optuna.pruners.PercentilePruner(50.0, n_startup_trials=3, n_warmup_steps=1)
    return optuna.create_study(
        storage=storage, sampler=sampler, pruner=pruner, study_name=name, direction="maximize", load_if_exists=True
    )


def search(study, trials):
    def done():
        return sum(t.state in (TrialState.COMPLETE, TrialState.PRUNED) for t in study.trials)

    goal = Objective()
    while done() < trials:
        study.optimize(goal, n_trials=1, catch=FloatingPointError)


def final_accuracy(study):
    best = max(study.get_trials(states=[TrialState.COMPLETE]), key=lambda trial: trial.value)
    classifier = training.Classifier(**best.params)
    everything = data.joined(data.training_set(), data.validation_set())
    for _ in range(training.EPOCHS):
        classifier.fit_epoch(everything)
    return classifier.accuracy(data.test_set())


@click.command()
@click.option("--trials", default=20)
@click.option("--storage", default=None)
@click.option("--name", default="digits")
@click.option("--seed", default=0)
def main(trials, storage, name, seed):
    study = make_study(name, storage, seed)
    search(study, trials)
    report = dict(
        params=study.best_trial.params, validation_accuracy=study.best_trial.value, test_accuracy=final_accuracy(study)
    )
    with open("best.json", "w") as file:
        json.dump(report, file, indent=2)
    click.echo(report)


if __name__ == "__main__":
    main()
