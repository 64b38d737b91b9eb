"""Hidden suite of m33: a search that can be watched, resumed and believed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_grade.suite import Student, assert_close, hint, probe

EPOCHS = 4  # of the scripted training
SPACE = {
    "lr": ("float", 1e-4, 1e-1, True),
    "hidden": ("int", 8, 128, False),
    "dropout": ("float", 0.0, 0.5, False),
    "optimizer": ("categorical", "adam", "sgd", False),
}
MOMENTUM = {"momentum": ("float", 0.0, 0.95, False)}


def script(student: Student, hidden: Path, *curves: list[float] | str) -> None:
    """Let training n (from 0) have the accuracies of curve n on the validation set; after the last it starts over."""
    student.write("data.py", (hidden / "scripted_data.py").read_text())
    student.write("training.py", (hidden / "scripted_training.py").read_text())
    student.write("script.json", json.dumps(curves))
    student.write("journal.txt", "")


def journal(student: Student, word: str) -> list[Any]:
    """What the scripted training noted under a word, in order."""
    lines = [line.partition(" ") for line in student.read("journal.txt").decode().splitlines()]
    return [rest if word == "look" else json.loads(rest) for first, _, rest in lines if first == word]


@probe
def one_trial(fixed):
    """Run the objective on one trial of a plain study, some of its settings fixed."""
    import optuna
    import tune

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.enqueue_trial(fixed)
    trial = study.ask()
    value = tune.objective(trial)
    kinds = {"FloatDistribution": "float", "IntDistribution": "int", "CategoricalDistribution": "categorical"}
    space = {}
    for name, found in trial.distributions.items():
        if hasattr(found, "choices"):
            low, high = min(map(str, found.choices)), max(map(str, found.choices))
            space[name] = ("categorical", low, high, len(found.choices) != 2)
        else:
            space[name] = (kinds.get(type(found).__name__, "unknown"), found.low, found.high, found.log)
    reported = study.trials[trial.number].intermediate_values
    return value, dict(trial.params), space, {int(step): float(seen) for step, seen in reported.items()}


@probe
def searches(counts, name, storage, seed):
    """Make the study and search, as often as there are counts; return its trials after each search."""
    import optuna
    import tune

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found = []
    for count in counts:
        study = tune.make_study(name, storage, seed)
        tune.search(study, count)
        found.append([(t.state.name, t.value, dict(t.params), dict(t.intermediate_values)) for t in study.trials])
    return found


@probe
def final(settings, seed):
    """Let a study know these settings and their values, and ask for the final accuracy."""
    import optuna
    import tune

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = tune.make_study("known", None, seed)
    ranges = {
        "lr": optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True),
        "hidden": optuna.distributions.IntDistribution(8, 128),
        "dropout": optuna.distributions.FloatDistribution(0.0, 0.5),
        "optimizer": optuna.distributions.CategoricalDistribution(["sgd", "adam"]),
        "momentum": optuna.distributions.FloatDistribution(0.0, 0.95),
    }
    for params, value in settings:
        space = {name: ranges[name] for name in params}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=space, value=value))
    return tune.final_accuracy(study)


def spoken(setting: tuple[Any, ...] | None) -> str:
    """A setting of the search space in words."""
    if setting is None:
        return "not suggested"
    kind, low, high, special = setting
    if kind == "categorical":
        return f"one of {low}, {high}" + (" and others" if special else "")
    return f"{kind} from {low} to {high}" + (" on a log scale" if special else "")


def curve(rng: np.random.Generator, low: float, high: float) -> list[float]:
    return [round(float(value), 3) for value in rng.uniform(low, high, EPOCHS)]


@hint("suggest_float, suggest_int, suggest_categorical; momentum is asked for in one of two cases.")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_search_space(student: Student, hidden: Path, rng: np.random.Generator, optimizer: str) -> None:
    """The objective suggests lr (log scale), hidden, dropout, optimizer, and momentum for SGD only"""
    script(student, hidden, curve(rng, 0.3, 0.9))
    _, _, space, _ = student.run(one_trial, {"optimizer": optimizer})
    expected = SPACE | MOMENTUM if optimizer == "sgd" else SPACE
    for name in expected.keys() | space.keys():
        asked, wanted = (spoken(setting.get(name)) for setting in (space, expected))
        assert asked == wanted, f"with {optimizer}, {name} is {asked}, expected {wanted}"


@hint("Every setting that is suggested must be handed to the Classifier.")
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_settings_reach_the_training(student: Student, hidden: Path, rng: np.random.Generator, optimizer: str) -> None:
    """What a trial suggests is what the classifier is made with"""
    script(student, hidden, curve(rng, 0.3, 0.9))
    fixed = {"optimizer": optimizer, "lr": 0.0123, "hidden": 77, "dropout": 0.31}
    _, params, _, _ = student.run(one_trial, fixed | ({"momentum": 0.71} if optimizer == "sgd" else {}))
    assert journal(student, "made") == [{"momentum": 0.0, **params}], "the settings of the classifiers that were made"


@hint("A trial is worth what it reaches on data that it did not train on, after its last epoch.")
def test_value_of_a_trial(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """The objective trains all epochs and returns the last accuracy on the validation set"""
    accuracies = curve(rng, 0.3, 0.9)
    accuracies[-1] = 0.25  # the last one is not the best one
    script(student, hidden, accuracies)
    value = student.run(one_trial, {})[0]
    assert journal(student, "fit") == [{"sets": ["training"], "size": 19}] * EPOCHS, "the data of each epoch"
    assert_close(value, accuracies[-1], "the value of the trial")


@hint("trial.report(value, step), after each epoch, from 0.")
def test_reports(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """After each epoch the trial reports its validation accuracy"""
    accuracies = curve(rng, 0.3, 0.9)
    script(student, hidden, accuracies)
    reported = student.run(one_trial, {})[3]
    assert list(reported) == list(range(EPOCHS)), "the steps that were reported"
    assert_close([reported[epoch] for epoch in range(EPOCHS)], accuracies, "the reported accuracies")


@hint("Choosing by the test set makes it a second validation set: then nothing is left that says how good you are.")
def test_no_look_at_the_test_set(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """The search never looks at the test set"""
    script(student, hidden, *(curve(rng, 0.3, 0.9) for _ in range(3)))
    trials = student.run(searches, [3], "blind", None, 1)[-1]
    assert len(trials) == 3, f"3 trials were asked for and there are {len(trials)}"
    used = {name for word in ("fit", "score") for entry in journal(student, word) for name in entry["sets"]}
    assert "test" not in used, "the search trained on the test set, or took an accuracy of it"
    assert sorted(used) == ["training", "validation"], "the sets that the search trained on or took accuracies of"


@hint("Accuracy: more is better. The study must know.")
def test_direction(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """The study looks for the highest accuracy"""
    script(student, hidden, *([0.5 + 0.1 * n] * EPOCHS for n in (1, 3, 0, 2)))
    study = student.load("tune").make_study("direction", None, 3)
    student.load("tune").search(study, 4)
    assert_close(study.best_value, 0.8, "the best value of accuracies 0.6, 0.8, 0.5, 0.7")


@hint("Samplers have a seed.")
def test_seed(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """The same seed suggests the same settings, another seed others"""
    script(student, hidden, [0.5] * EPOCHS)
    first, again, other = (
        [trial[2] for trial in student.run(searches, [4], f"study {n}", None, seed)[-1]]
        for n, seed in enumerate((11, 11, 12))
    )
    assert len(first) == 4, f"4 trials were asked for and there are {len(first)}"
    same = again == first
    assert same, f"with seed 11 the first trial has {first[0]}, and in another study {again[0]}"
    assert other != first, "seeds 11 and 12 suggest the same settings"


@hint("Report, then ask should_prune, then raise TrialPruned. The pruner's own settings say from when on it may.")
def test_pruning(student: Student, hidden: Path) -> None:
    """From the fourth trial on, one below the median is pruned after its second epoch; others are not"""
    good, bad, better = [0.6, 0.7, 0.8, 0.9], [0.2, 0.2, 0.2, 0.2], [0.7, 0.8, 0.9, 0.95]
    script(student, hidden, good, good, bad, bad, better)
    trials = student.run(searches, [5], "pruning", None, 2)[-1]
    states = [trial[0] for trial in trials]
    assert states == ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"], (
        "two good trials, then two bad ones (the first of them comes too early to be pruned), then the best one"
    )
    assert len(trials[3][3]) == 2, f"the bad trial was stopped after {len(trials[3][3])} epochs"
    assert len(journal(student, "fit")) == 4 * EPOCHS + 2, "a pruned trial must not train on"


@hint("An existing study of that name is loaded; what it has counts; only what is missing is run.")
def test_resume(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """A study in a storage is taken up again: search runs what is missing, by name"""
    script(student, hidden, *(curve(rng, 0.3, 0.9) for _ in range(7)))
    storage = "sqlite:///study.db"
    first, second, *later = student.run(searches, [2, 5, 5, 3], "one", storage, 4)
    counts = [len(trials) for trials in (first, second, *later)]
    assert counts == [2, 5, 5, 5], "the trials that the study has after search(study, n) with n = 2, 5, 5, 3"
    assert second[:2] == first, "the trials of before are gone"
    assert len(journal(student, "made")) == 5, "trials were run that the study had already"
    other = student.run(searches, [1], "another", storage, 4)[-1]
    assert len(other) == 1, "a study of another name has trials of the first one"


@hint("optimize has an argument for exceptions that mean: this trial has failed, go on. Which ones count as finished?")
def test_failing_trials(student: Student, hidden: Path) -> None:
    """A trial whose loss is no number has failed: it does not count, and the search goes on"""
    script(student, hidden, [0.5] * EPOCHS, "fail", [0.6] * EPOCHS, "fail", [0.7] * EPOCHS)
    trials = student.run(searches, [3], "failing", None, 5)[-1]
    states = [trial[0] for trial in trials]
    assert [state for state in states if state != "FAIL"] == ["COMPLETE"] * 3, (
        f"three finished trials were asked for, and the states are {states}"
    )
    assert states.count("FAIL") == 2, f"two trainings broke down, and the states are {states}"


@hint("The best settings of the study, all the data but the test set, all epochs, and then one look.")
def test_final_accuracy(student: Student, hidden: Path, rng: np.random.Generator) -> None:
    """final_accuracy trains anew with the best settings, on training and validation set, and tests once"""
    settings = [
        {"lr": 0.01, "hidden": 20, "dropout": 0.1, "optimizer": "adam"},
        {"lr": 0.02, "hidden": 30, "dropout": 0.2, "optimizer": "sgd", "momentum": 0.4},
        {"lr": 0.03, "hidden": 40, "dropout": 0.3, "optimizer": "adam"},
    ]
    accuracies = curve(rng, 0.3, 0.9)
    script(student, hidden, accuracies)
    best = int(rng.integers(2))
    values = [0.5, 0.5, 0.6]
    values[best] = 0.9
    accuracy = student.run(final, list(zip(settings, values)), 6)
    assert journal(student, "made") == [{"momentum": 0.0, **settings[best]}], (
        "the settings of the classifier that was made are not the study's best"
    )
    trained, scored = journal(student, "fit"), journal(student, "score")
    assert trained == [{"sets": ["training", "validation"], "size": 26}] * EPOCHS, "the data of each epoch"
    assert scored == [{"sets": ["test"], "size": 11}], "the data that the accuracy was taken of"
    assert_close(accuracy, accuracies[-1] + 0.0002, "the accuracy on the test set")


@probe
def stored(name, storage):
    import optuna

    study = optuna.load_study(study_name=name, storage=storage)
    return [(t.state.name, t.value, dict(t.params)) for t in study.trials]


@hint("Parse, make, search, write: and take each value from the study.")
def test_command_line(student: Student) -> None:
    """tune.py searches on the real digits, keeps its study in the storage, and writes best.json"""
    options = ("--trials", "3", "--storage", "sqlite:///kept.db", "--name", "real", "--seed", "8")
    run = student.cli("tune.py", *options, timeout=60)
    assert run.exit_code == 0, f"tune.py ends with status {run.exit_code}: {run.last_words}"
    assert student.files("best.json"), "there is no best.json"
    best = json.loads(student.read("best.json"))
    trials = student.run(stored, "real", "sqlite:///kept.db")
    complete = [(value, params) for state, value, params in trials if state == "COMPLETE"]
    assert len(trials) == 3, f"3 trials were asked for and the storage has {len(trials)}"
    value, params = max(complete, key=lambda trial: trial[0])
    assert best.get("params") == params, "params in best.json are not those of the study's best trial"
    assert_close(best.get("validation_accuracy"), value, "validation_accuracy in best.json")
    share = best.get("test_accuracy", -1) * 297
    is_fraction = 0 <= share <= 297 and abs(share - round(share)) < 1e-3
    assert is_fraction, f"test_accuracy {best.get('test_accuracy')} is no fraction of the 297 test digits"
    is_near = abs(best["test_accuracy"] - value) < 0.4
    assert is_near, f"test accuracy {best['test_accuracy']:.3f} is far from validation accuracy {value:.3f}"
