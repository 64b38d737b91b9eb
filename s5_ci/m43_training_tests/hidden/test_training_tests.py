"""Hidden suite of m43: the student's checks and tests, tried on what is right and on what is broken."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from broken import CHECKPOINTS, DIRECTION, EVALUATION, FUNCTIONALITY, INVARIANCE, STEPS, UNABLE, Broken

from mlops_grade.suite import Student, hint, probe

STEPS_OF_SMOKE, BATCHES = 3, 30


def lay_out(student: Student, hidden: Path) -> None:
    """Put what the checks are tried on beside them."""
    for name in ("trainings.py", "models.py"):
        student.write(name, (hidden / "tried_on" / name).read_text())


def lay_out_broken(student: Student, hidden: Path, number: int, broken: Broken) -> str:
    """Put trainings with one edit beside the checks; return the name of their module, which says nothing."""
    name = f"trainings_{number}"
    student.write(f"{name}.py", broken.apply((hidden / "tried_on" / "trainings.py").read_text()))
    return name


def refuses(found: dict[str, Any], what: str) -> None:
    assert found["said"] is not None, f"{what} passes"
    assert found["said"] != "", f"{what} is refused by an AssertionError without a message"


def accepts(found: dict[str, Any], what: str) -> None:
    assert found["said"] is None, f"{what} is refused: {found['said']}"


# ------------------------------------------------------------------------------------------------------------ smoke


@probe
def run_smoke(kind, seed, steps, module="trainings", later=0):
    import importlib
    import itertools
    import tempfile
    import time
    from pathlib import Path

    clocks = {name: getattr(time, name) for name in ("time", "perf_counter", "monotonic", "process_time")}
    if later:  # a clock that moves on by so many seconds whenever somebody looks
        moments = itertools.count(1)
        for name in clocks:
            setattr(time, name, lambda: next(moments) * float(later))
    try:
        import torch
        from training_checks import smoke

        trainings = importlib.import_module(module)
        training = getattr(trainings, kind)(seed)
        torch.manual_seed(seed)
        folders = Path(), Path(tempfile.gettempdir())
        before = {path for folder in folders for path in folder.rglob("*")}
        found = trainings.attempt(smoke, training, steps=steps)
        after = {path for folder in folders for path in folder.rglob("*")}
        left = sorted(str(path) for path in after - before if "__pycache__" not in path.parts)
    finally:
        for name, clock in clocks.items():
            setattr(time, name, clock)
    return found | {"calls": training.calls, "drawn": training.drawn, "left": left}


SMOKED = {
    "Plain": ("a right training with dropout", "Each loader may shuffle: keep the batches that you compare on."),
    "Normalised": ("a right training with BatchNorm", "An evaluation is compared with one of the same model."),
    "Rising": (
        "a right training whose second loss is higher than its first",
        "The loss of one batch says nothing about that of another. Ask whether the weights have changed.",
    ),
    "Words": (
        "a right training whose embedding is frozen on purpose",
        "Some weight has to change, not every weight. Inputs can be numbers of words, int64.",
    ),
}


@hint("Read in training.py what each method promises, and ask for nothing else.")
def test_smoke_passes_right_trainings(student: Student, hidden: Path, seed: int) -> None:
    """smoke passes trainings that are right"""
    lay_out(student, hidden)
    with hint("Time depends on who else uses the machine: a check that measures it fails by chance."):
        found = student.run(run_smoke, "Plain", seed, STEPS_OF_SMOKE, later=100)
        accepts(found, "a right training on a very slow machine")
    for kind, (what, why) in SMOKED.items():
        for number in range(2):
            with hint(why):
                accepts(student.run(run_smoke, kind, seed + number, STEPS_OF_SMOKE), what)


@hint("itertools.islice takes the first few batches of a loader, and looks at no more.")
def test_smoke_goes_every_path_on_little_data(
    student: Student, hidden: Path, seed: int, rng: np.random.Generator
) -> None:
    """smoke trains the steps that it is told to, evaluates, saves and loads, on few batches, and leaves no file"""
    lay_out(student, hidden)
    steps = int(rng.integers(4, 9))
    found = student.run(run_smoke, "Plain", seed, steps)
    accepts(found, "a right training with dropout")
    assert found["calls"].count("step") == steps, f"the calls of `step`, with steps={steps}"
    for path in ("evaluate", "save", "load"):
        assert path in found["calls"], f"smoke never calls `{path}`"
    for train, name in ((True, "training"), (False, "validation")):
        drawn = [count for kind, count in found["drawn"] if kind is train]
        assert drawn, f"no batch of the {name} set was used"
        assert max(drawn) <= steps + 1, f"of the {name} set's {BATCHES} batches {max(drawn)} were read, with {steps=}"
    with hint("tempfile.TemporaryDirectory() gives a folder, and throws it away with what is in it."):
        assert found["left"] == [], "files that smoke left behind"


@hint("Read in training.py what each method promises. Which of it is not so here?")
@pytest.mark.parametrize("part", ["steps", "evaluation", "checkpoint"])
def test_smoke_finds_what_is_broken(student: Student, hidden: Path, seed: int, part: str) -> None:
    """smoke refuses trainings that are broken in one place"""
    tries = 1 if part == "steps" else 2  # of two models the losses can be nearly the same, by chance
    for number, broken in enumerate({"steps": STEPS, "evaluation": EVALUATION, "checkpoint": CHECKPOINTS}[part]):
        module = lay_out_broken(student, hidden, number, broken)
        with hint(broken.hint):
            found = [
                student.run(run_smoke, broken.training, seed + more, STEPS_OF_SMOKE, module) for more in range(tries)
            ]
            refuses(next((one for one in found if one["said"] is not None), found[0]), f"a training {broken.fault}")


# --------------------------------------------------------------------------------------------------------- memorise


@probe
def run_memorise(kind, seed, max_steps, target, module="trainings"):
    import importlib

    import torch
    from training_checks import memorise

    trainings = importlib.import_module(module)
    training = getattr(trainings, kind)(seed)
    batch = next(iter(training.make_loader(True)))
    training.drawn.clear()
    torch.manual_seed(seed)
    found = trainings.attempt(memorise, training, batch, max_steps=max_steps, target=target)
    return found | {"losses": training.losses, "drawn": training.drawn}


MEMORISED = {
    "Deep": ("a right training", "Each step is one on the batch that was given."),
    "Heavy": (
        "a right training with much dropout",
        "With dropout on, the loss stays high: what is asked is whether the network can, so switch dropout off.",
    ),
    "Tiny": (
        "a right training with BatchNorm, whose inputs are tiny",
        "In eval mode BatchNorm takes its running mean and variance, and never learns what the inputs are like. "
        "Dropout can be switched off alone: every module has a mode of its own.",
    ),
    "Words": ("a right training whose embedding is frozen on purpose", "Inputs can be numbers of words, int64."),
}


@hint("One new model, one batch; a step's loss is what `step` returns.")
def test_memorise_counts_the_steps(student: Student, hidden: Path, seed: int) -> None:
    """memorise learns one batch, and returns how many steps that took"""
    lay_out(student, hidden)
    for kind, (what, why) in MEMORISED.items():
        for target in (0.02, 0.5):
            with hint(why):
                found = student.run(run_memorise, kind, seed, 400, target)
                accepts(found, f"{what}, with {target=},")
                losses = found["losses"]
                assert losses, "memorise never calls `step`"
                assert losses[-1] < target, f"memorise stopped at the loss {losses[-1]:.3f}, with {target=}"
            assert sum(loss < target for loss in losses) == 1, f"memorise went on below the target, with {target=}"
            assert found["result"] == len(losses), "the number of steps, as memorise returned it"
            assert found["drawn"] == [], "memorise took batches of the training's own loader"


@hint("The loss has to get below the target: that it fell is not enough.")
def test_memorise_finds_what_cannot_learn(student: Student, hidden: Path, seed: int) -> None:
    """memorise refuses trainings that cannot learn a batch, after max_steps steps, and says what the last loss was"""
    for number, broken in enumerate(UNABLE):
        module = lay_out_broken(student, hidden, number, broken)
        found = student.run(run_memorise, broken.training, seed, 51, 0.1, module)
        with hint(broken.hint or "A network that cannot learn one batch by heart will not learn a thousand."):
            refuses(found, f"a training {broken.fault}")
        assert len(found["losses"]) == 51, f"the steps on a training {broken.fault}, with max_steps=51"
        if math.isfinite(found["losses"][-1]):
            assert_tells(found["said"], found["losses"][-1])


def assert_tells(said: str, loss: float) -> None:
    numbers = [float(number) for number in re.findall(r"\d+\.\d+", said)]
    with hint('f"… the loss is {loss}": who reads the message wants to know how far it got.'):
        assert any(abs(number - loss) < 0.006 for number in numbers), (
            f"the last loss, {loss:.3f}, is not in the message: {said}"
        )


# ----------------------------------------------------------------------------------------------------- initial loss


@probe
def run_initial_loss(logits, target, classes, named):
    import models
    import torch
    import trainings
    from training_checks import check_initial_loss

    batch = torch.rand(8, 3), torch.full((8,), target)
    return trainings.attempt(check_initial_loss, models.Guess(logits), batch, classes, **named)


def logits_and_target(classes: int, distance: float) -> tuple[list[float], int]:
    """Logits and a target whose cross-entropy is ln(classes) + distance: one class is favoured, rightly or not."""
    if distance > 0:
        bias, target = math.log(classes * math.exp(distance) - (classes - 1)), classes - 1
    else:
        bias, target = -math.log((classes * math.exp(distance) - 1) / (classes - 1)), 0
    return [bias] + [0.0] * (classes - 1), target


NEAR = [(0.0, {}), (0.42, {}), (-0.42, {}), (0.8, {"tolerance": 1.0}), (-0.03, {"tolerance": 0.05})]
FAR = [
    (0.62, {}, "a loss 0.62 above that of a guess"),
    (-0.62, {}, "a loss 0.62 below that of a guess, as that of a model that has learned already,"),
    (7.7, {}, "a loss far above that of a guess, as that of a model with a large bias,"),
    (0.2, {"tolerance": 0.1}, "a loss 0.2 above that of a guess, with tolerance=0.1,"),
]


@hint("A guess gives each class the probability 1/classes: its cross-entropy is the natural logarithm of classes.")
def test_initial_loss_is_that_of_a_guess(student: Student, hidden: Path) -> None:
    """check_initial_loss passes a loss near ln(classes), and refuses one that is farther away than the tolerance"""
    lay_out(student, hidden)
    for classes in (3, 40):
        for distance, named in NEAR:
            found = student.run(run_initial_loss, *logits_and_target(classes, distance), classes, named)
            accepts(found, f"a loss {distance:+} from that of a guess among {classes}, with {named or 'the default'},")
        for distance, named, what in FAR:
            with hint("Too low is as wrong as too high, and how far is too far is an argument."):
                refuses(student.run(run_initial_loss, *logits_and_target(classes, distance), classes, named), what)
        with hint("Every comparison with NaN is false: `if distance > tolerance: raise` lets it through."):
            logits = [math.nan] + [0.0] * (classes - 1)
            refuses(student.run(run_initial_loss, logits, 1, classes, {}), "a loss that is NaN")


# -------------------------------------------------------------------------------------------------------- gradients


@probe
def run_gradients(kind, seed, stale=False):
    import models
    import torch
    from training_checks import parameters_that_learn_nothing

    torch.manual_seed(seed)
    model = getattr(models, kind)()
    inputs = torch.randint(0, 200, (9, 4)) if kind == "Bag" else torch.randn(9, models.FEATURES)
    if stale:
        for weight in model.parameters():
            weight.grad = torch.ones_like(weight)
    return list(parameters_that_learn_nothing(model, (inputs, torch.arange(9) % models.CLASSES)))


def names(*layers: str) -> list[str]:
    return sorted(f"{layer}.{part}" for layer in layers for part in ("weight", "bias"))


@hint("What is frozen has `requires_grad` False. Of a large weight a part may well have the gradient 0.")
def test_right_models_learn_everywhere(student: Student, hidden: Path, seed: int) -> None:
    """parameters_that_learn_nothing names none of a right model, and none that is frozen on purpose"""
    lay_out(student, hidden)
    for kind, what in (
        ("Three", "a model of three layers"),
        ("Frozen", "a model whose first layer is frozen on purpose"),
        ("Bag", "a model with an embedding, most rows of which are in no batch"),
    ):
        assert student.run(run_gradients, kind, seed) == [], f"what learns nothing in {what}"


@hint("A gradient can be None, and it can be there and be of no use.")
def test_what_learns_nothing_is_named(student: Student, hidden: Path, seed: int) -> None:
    """parameters_that_learn_nothing names those with no gradient, with zeros alone, or with one that is not finite"""
    lay_out(student, hidden)
    for kind, expected, what in (
        ("Detached", names("encoder"), "a model that detaches what its encoder returns"),
        ("Spare", names("spare"), "a model with a layer that it never calls"),
        ("Dead", [*names("encoder"), "middle.weight"], "a model whose ReLU is 0 for every input"),
        ("Gain", ["gain"], "a model with one gradient that is NaN"),
        ("Offset", ["offset"], "a model with gradients that are infinite"),
    ):
        assert sorted(student.run(run_gradients, kind, seed)) == expected, f"what learns nothing in {what}"
    with hint("What an earlier backward pass has left in `.grad` says nothing about this batch."):
        found = sorted(student.run(run_gradients, "Detached", seed, stale=True))
        assert found == names("encoder"), "what learns nothing in a model that comes with gradients of an earlier batch"


# ----------------------------------------------------------------------------------------------------- independence


@probe
def run_independence(kind, seed, rows):
    import models
    import torch
    import trainings
    from training_checks import check_independence

    torch.manual_seed(seed)
    model = getattr(models, kind)()
    shape = (rows, 4, 8) if kind in ("Attending", "AttendingOthers", "Viewed") else (rows, models.FEATURES)
    return trainings.attempt(check_independence, model, torch.randn(shape))


INDEPENDENT = [
    ("Centred", "a model whose logits sum to 0"),
    ("Attending", "a model with attention within each input"),
    ("Normalised", "a model with BatchNorm and dropout"),
]
MIXING = [
    ("Viewed", "a model that uses view where it should transpose", "Change one input and look at the others."),
    ("AttendingOthers", "a model whose attention takes the batch for the sentence", "Look at its default layout."),
    ("AlwaysNormalising", "a model that takes the batch's own mean in eval mode", "Eval mode alone mends nothing."),
    ("LastTwo", "a model that exchanges the last two of a batch", "One pair of inputs stands for no other pair."),
    (
        "CentredOverBatch",
        "a model whose logits sum to 0, and which takes the batch's mean off,",
        "Where a sum of logits is always the same, its gradient is 0, whatever they depend on.",
    ),
]


@hint("In train mode BatchNorm mixes a batch, and has to.")
def test_independent_models_pass(student: Student, hidden: Path, seed: int) -> None:
    """check_independence passes models that take each input by itself"""
    lay_out(student, hidden)
    for kind, what in INDEPENDENT:
        for rows in (2, 7):
            accepts(student.run(run_independence, kind, seed, rows), f"{what}, on {rows} inputs,")


@hint("Which inputs can the logits of each one depend on? Try all of them.")
def test_models_that_mix_the_batch_are_found(student: Student, hidden: Path, seed: int) -> None:
    """check_independence refuses models whose logits depend on another input of the batch"""
    lay_out(student, hidden)
    for kind, what, why in MIXING:
        for rows in (2, 7):
            with hint(why):
                refuses(student.run(run_independence, kind, seed, rows), f"{what}, on {rows} inputs,")


# -------------------------------------------------------------------------------------------------- reproducibility


@probe
def run_reproducible(kind, seed):
    import itertools

    import torch
    import trainings
    from training_checks import check_reproducible

    calls, ticks = [], itertools.count(1)

    def train(given):
        calls.append(given)
        if kind != "unseeded":
            torch.manual_seed(0 if kind == "fixed" else given)
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
        model(torch.randn(5, 3))
        learned = {name: value.detach().clone() for name, value in model.state_dict().items()}
        if kind == "last":
            learned["2.bias"] = learned["2.bias"] + next(ticks)
        if kind == "rounding":
            learned["0.weight"] = learned["0.weight"] * (1 + 1e-6 * next(ticks))
        return learned

    torch.manual_seed(12345)
    return trainings.attempt(check_reproducible, train, seed) | {"calls": calls}


@hint("Train twice with one seed and once with another, and compare all there is.")
def test_reproducible_training_is_told_from_others(student: Student, hidden: Path, seed: int) -> None:
    """check_reproducible passes a training that uses its seed, and refuses seeds that are ignored, fixed, or not all"""
    lay_out(student, hidden)
    for given in (seed | 1, seed & ~1, 0):
        with hint("Some of what was learned, such as the number of batches, may be equal for all seeds."):
            accepts(student.run(run_reproducible, "right", given), f"a training that uses its seed, with {given},")
    for kind, what, why in (
        (
            "unseeded",
            "a training that ignores its seed",
            "Who seeds the generators before calling `train` tests themselves: that is the training's to do.",
        ),
        ("fixed", "a training with a seed of its own", "The same seed gives the same. So may any other: try one."),
        ("last", "a training of which only the last weight differs from run to run", "Compare all there is."),
        ("rounding", "a training whose results differ in the sixth digit", "Equal to the last bit: torch.equal."),
    ):
        with hint(why):
            refuses(student.run(run_reproducible, kind, seed), what)


# ---------------------------------------------------------------------------------------------------- left as it was


@probe
def run_beside(seed, check):
    import models
    import torch
    import training_checks

    torch.manual_seed(seed)
    model = models.Normalised()
    model[1].eval()
    for weight in list(model.parameters())[:4]:
        weight.grad = torch.ones_like(weight)
    model[7].bias.requires_grad_(False)
    inputs, targets = torch.randn(9, models.FEATURES), torch.arange(9) % models.CLASSES
    kept, before = inputs.clone(), models.state(model)
    arguments = {
        "check_initial_loss": ((inputs, targets), models.CLASSES, 100.0),
        "parameters_that_learn_nothing": ((inputs, targets),),
        "check_independence": (inputs,),
    }[check]
    getattr(training_checks, check)(model, *arguments)
    return before, models.state(model), kept, inputs.detach(), inputs.requires_grad


@hint("copy.deepcopy(model) is a model to do with as you please.")
def test_models_are_left_as_they_were(student: Student, hidden: Path, seed: int) -> None:
    """The checks leave the model and the inputs that they are given exactly as they were"""
    lay_out(student, hidden)
    for check in ("check_initial_loss", "parameters_that_learn_nothing", "check_independence"):
        assert_leaves_as_it_was(student, seed, check)


def assert_leaves_as_it_was(student: Student, seed: int, check: str) -> None:
    before, after, kept, inputs, asks_gradient = student.run(run_beside, seed, check)
    for name, value in before.items():
        message = f"{check} has changed this of the model that it was given: {name}"
        if isinstance(value, torch.Tensor) and isinstance(after[name], torch.Tensor):
            assert torch.equal(after[name], value), message
        elif name.endswith("(training)"):
            with hint("model.train(mode) sets the mode of every module in it; some came in a mode of their own."):
                assert after[name] == value, message
        else:
            assert type(after[name]) is type(value) and after[name] == value, message
    assert torch.equal(inputs, kept), f"{check} has changed the inputs"
    assert asks_gradient is False, f"after {check} the inputs ask for a gradient"


# --------------------------------------------------------------------------------------- tests/test_expectations.py

OTHERS = {  # of each list all but the first, which everybody tries
    "praise": ("great", "excellent", "wonderful", "delicious", "charming"),
    "blame": ("awful", "terrible", "boring", "disgusting", "rude"),
    "name": ("Chidi", "Fatima", "Giulia", "Ingrid", "Kenji", "Mohammed", "Priya", "Siobhan", "Yusuf"),
    "mark": (",", ";", ":", "!", "?"),
    "stronger": ("really", "extremely"),
    "weaker": ("somewhat", "fairly"),
}
QUIET = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
OPTIONS = ("-x", "-p", "no:cacheprovider", "-p", "no:unraisableexception")
TELLING, SILENT = ("-q", "--tb=short"), ("-qq", "--tb=no", "--no-summary")


def run_tests(student: Student, how: tuple[str, ...] = TELLING) -> tuple[bool, int, str]:
    """Whether pytest was content, how many tests passed, and the first complaint."""
    run = student.cli("-m", "pytest", *OPTIONS, *how, "tests/test_expectations.py", env=QUIET, timeout=30)
    passed = re.search(r"(\d+) passed", run.stdout)
    failed = re.findall(r"^(?:FAILED|ERROR) .*$", run.stdout, re.MULTILINE)
    errors = [line.removeprefix("E").strip() for line in run.stdout.splitlines() if line.startswith("E  ")]
    complaint = " ".join([*failed[:1], *errors[:1]]) or (run.stdout + run.stderr).strip()[-400:]
    return run.exit_code == 0, int(passed[1]) if passed else 0, complaint


@pytest.fixture(scope="module")
def on_given_model(shared_student: Student) -> tuple[bool, int, str]:
    """One run on the given model, for all checks of these tests."""
    return run_tests(shared_student)


@hint("Test what the text promises, and no number or rule beyond it.")
def test_the_tests_pass_on_right_models(student: Student, hidden: Path, on_given_model: tuple[bool, int, str]) -> None:
    """The tests pass on the given sentiment model, and on another that keeps the promises"""
    content, passed, complaint = on_given_model
    assert content, f"on the given model: {complaint}"
    assert passed, "no test of tests/test_expectations.py ran and passed"
    student.write("sentiment.py", (hidden / "tried_on" / "other_sentiment.py").read_text())
    content, _, complaint = run_tests(student)
    assert content, f"on another model that keeps the nine promises: {complaint}"


@hint("Test what the text promises, and no number or rule beyond it.")
@pytest.mark.parametrize("kind", ["minimum functionality", "invariance", "direction"])
def test_broken_models_are_found(
    student: Student, hidden: Path, rng: np.random.Generator, on_given_model: tuple[bool, int, str], kind: str
) -> None:
    """The tests fail on sentiment models that break one promise"""
    content, passed, complaint = on_given_model
    assert content and passed, f"on the given model: {complaint}"
    given = (hidden.parent / "sentiment.py").read_text()
    drawn = {key: str(rng.choice(words)) for key, words in OTHERS.items()}
    for broken in {"minimum functionality": FUNCTIONALITY, "invariance": INVARIANCE, "direction": DIRECTION}[kind]:
        student.write("sentiment.py", broken.apply(given, drawn))
        found = not run_tests(student, SILENT)[0]
        with hint(broken.hint or "Read the promise again: which review tells a model that breaks it?"):
            assert found, f"your tests all pass on a model {broken.told(drawn)}"
