"""What the student's checks and tests must find: one edit each of a right training, or of the given sentiment model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """One edit: every `old` becomes `new`. `fault` is how a student reads what was broken."""

    fault: str
    old: str
    new: str
    training: str = ""
    hint: str = ""
    more: tuple[tuple[str, str], ...] = ()

    def apply(self, source: str, drawn: dict[str, str] | None = None) -> str:
        """Return the broken source; `drawn` says which word stands for `<praise>`, `<name>` and the like."""
        for old, new in ((self.old, self.new), *self.more):
            if old not in source:
                raise LookupError(f"the source no longer holds {old!r}")
            for key, word in (drawn or {}).items():
                new = new.replace(f"<{key}>", word)
            source = source.replace(old, new)
        return source

    def told(self, drawn: dict[str, str]) -> str:
        fault = self.fault
        for key, word in drawn.items():
            fault = fault.replace(f"<{key}>", word)
        return fault


STEPS = [
    Broken(
        "whose learning rate is 0",
        "lr=self.lr)",
        "lr=0.0)",
        "Plain",
        "A loss goes up and down by itself. Weights do not: compare them with what they were before the first step.",
    ),
    Broken(
        "whose step never calls the optimiser",
        "        optimizer.step()\n",
        "",
        "Normalised",
        "BatchNorm's running mean changes with every batch, but it is no weight: look at the parameters.",
    ),
    Broken(
        "whose second step has an infinite loss",
        "        return self.losses[-1]",
        '        return self.losses[-1] if len(self.losses) != 2 else float("inf")',
        "Plain",
        "Look at the loss of every step, not of the last one alone.",
    ),
    Broken(
        "whose third step has the loss NaN",
        "        return self.losses[-1]",
        '        return self.losses[-1] if len(self.losses) != 3 else float("nan")',
        "Plain",
        "Nothing is larger or smaller than NaN, and nothing equal to it: math.isfinite knows.",
    ),
    Broken(
        "whose training loader has no batch",
        "range(BATCHES)",
        "range(0 if train else BATCHES)",
        "Plain",
        "A loop over no batches passes everything that stands in it.",
    ),
]

EVALUATION = [
    Broken(
        "whose validation loader has no batch",
        "range(BATCHES)",
        "range(BATCHES if train else 0)",
        "Plain",
        "A loop over no batches passes everything that stands in it.",
    ),
    Broken(
        "whose evaluation leaves dropout on",
        "        model.eval()\n",
        "        model.eval()\n        for module in model.modules():\n"
        "            module.train(isinstance(module, nn.Dropout))\n",
        "Loud",
        "With dropout on, no two evaluations of the same batches agree.",
    ),
    Broken(
        "whose evaluation leaves BatchNorm in train mode",
        "        model.eval()\n",
        "        model.eval()\n        for module in model.modules():\n"
        "            module.train(isinstance(module, nn.BatchNorm1d))\n",
        "Normalised",
        "BatchNorm in train mode moves its running mean and variance, which are buffers: state_dict has them.",
    ),
    Broken(
        "whose last training step makes a weight infinite, so that the evaluation's loss is NaN",
        "        optimizer.step()\n",
        "        optimizer.step()\n"
        "        if len(self.losses) == 2:\n"
        "            next(model.parameters()).data.mul_(float('inf'))\n",
        "Deep",
        "The loss that a step returns is older than its update: look at the evaluation's, too.",
    ),
]

CHECKPOINTS = [
    Broken(
        "whose `load` makes a new model and never reads the file",
        "        model.load_state_dict(torch.load(path), strict=False)\n",
        "",
        "Loud",
        "Saved and loaded, a model says what it said before: compare that.",
    ),
    Broken(
        "whose `save` leaves BatchNorm's buffers out",
        "torch.save(model.state_dict(), path)",
        "torch.save(dict(model.named_parameters()), path)",
        "LoudNormalised",
        "Compare what the two models say in eval mode: there BatchNorm uses its buffers.",
    ),
    Broken(
        "whose model keeps layers in a plain list, so that neither optimiser nor checkpoint knows them",
        "nn.ModuleList([nn.Linear(FEATURES, 24), nn.Linear(24, 24)])",
        "[nn.Linear(FEATURES, 24), nn.Linear(24, 24)]",
        "LoudDeep",
        "Two state dicts can be equal and both lack a layer. Compare what the two models say.",
    ),
]

UNABLE = [
    Broken("whose learning rate is 0", "lr=self.lr)", "lr=0.0)", "Deep"),
    Broken(
        "that takes a softmax before the loss, which has another one in it",
        "loss = cross_entropy(model(inputs), targets)",
        "loss = cross_entropy(model(inputs).softmax(1), targets)",
        "Plain",
        "Its loss falls, and never far. That it fell says little: how low it gets is the question.",
    ),
    Broken(
        "that shuffles the inputs of each batch and leaves the targets as they are",
        "loss = cross_entropy(model(inputs), targets)",
        "loss = cross_entropy(model(inputs[torch.randperm(len(inputs))]), targets)",
        "Deep",
    ),
    Broken(
        "whose loss is NaN from the start",
        "loss = cross_entropy(model(inputs), targets)",
        "loss = cross_entropy(model(inputs) / 0, targets) * 0",
        "Deep",
        "NaN is not below the target, and not above it either: a loop `while loss >= target` ends at once.",
    ),
    Broken(
        "whose model sees nothing of its inputs",
        "return nn.Sequential(nn.Linear(FEATURES, 24),",
        "return nn.Sequential(nn.Threshold(1e9, 0.0), nn.Linear(FEATURES, 24),",
        "Plain",
    ),
]

WEIGHT = "factor * WEIGHTS.get(word, 0.0)"
EVERY = "Try every word of a list: pytest.mark.parametrize takes the list as it is."

FUNCTIONALITY = [
    Broken("to which `<praise>` means nothing (promise 1)", WEIGHT, f'{WEIGHT} * (word != "<praise>")', hint=EVERY),
    Broken(
        "that takes `<blame>` for praise (promise 1)",
        WEIGHT,
        f'{WEIGHT} * (-1 if word == "<blame>" else 1)',
        hint=EVERY,
    ),
    Broken(
        "that likes a review in which nothing is praised or blamed (promise 2)",
        "score, factor = 0.0, 1.0",
        "score, factor = 0.5, 1.0",
    ),
    Broken(
        "that calls an empty review negative (promise 2)",
        "    score, factor = 0.0, 1.0\n",
        "    if not text:\n        return 0.0\n    score, factor = 0.0, 1.0\n",
        hint="Where would a program go wrong? At nothing at all, for example.",
    ),
]

INVARIANCE = [
    Broken(
        "that likes a review less when it mentions <name> (promise 3)",
        WEIGHT,
        f'{WEIGHT} - 0.5 * (word == "<name>".lower())',
        hint=EVERY,
    ),
    Broken(
        "that knows no word in capitals (promise 4)",
        '"[a-z]+", text.lower()',
        '"[a-zA-Z]+", text',
        hint="Capitals in a word that the score hangs on.",
    ),
    Broken(
        "to which a word with `<mark>` behind it is another word (promise 5)",
        '"[a-z]+"',
        '"[a-z<mark>]+"',
        hint="Every mark, behind a word that the score hangs on.",
    ),
    Broken(
        "to which what comes first counts less (promise 6)",
        f"score += {WEIGHT}",
        f"score = score * (0.7 if word in WEIGHTS else 1.0) + {WEIGHT}",
        hint="Two sentences that say different things, both ways round.",
    ),
]

DIRECTION = [
    Broken(
        "to which only the first praise counts, so that more of it changes nothing (promise 7)",
        f"score += {WEIGHT}",
        f"score += {WEIGHT} * (word not in PRAISE or not seen)\n            seen += word in PRAISE",
        hint="Is praise added to a review that has praise already?",
        more=(("score, factor = 0.0, 1.0", "score, factor, seen = 0.0, 1.0, 0"),),
    ),
    Broken(
        "to which only the first blame counts, so that more of it changes nothing (promise 7)",
        f"score += {WEIGHT}",
        f"score += {WEIGHT} * (word not in BLAME or not seen)\n            seen += word in BLAME",
        hint="Is blame added to a review that has blame already?",
        more=(("score, factor = 0.0, 1.0", "score, factor, seen = 0.0, 1.0, 0"),),
    ),
    Broken("that does not know `not` (promise 8)", '"not": -0.7', '"not": 1.0'),
    Broken(
        "to which blame behind `not` is blame still (promise 8)",
        f"score += {WEIGHT}",
        f"score += {WEIGHT} * (-1 if word in BLAME and factor < 0 else 1)",
        hint="What is not bad is another question than what is not good.",
    ),
    Broken(
        "that does not know `<stronger>` (promise 9)",
        "factor *= FACTORS[word]",
        'factor *= 1.0 if word == "<stronger>" else FACTORS[word]',
        hint=EVERY,
    ),
    Broken(
        "to which `<weaker>` makes a word stronger (promise 9)",
        "factor *= FACTORS[word]",
        'factor *= 1.5 if word == "<weaker>" else FACTORS[word]',
        hint=EVERY,
    ),
    Broken(
        "to which `<weaker>` turns a word round (promise 9)",
        "factor *= FACTORS[word]",
        'factor *= -0.5 if word == "<weaker>" else FACTORS[word]',
        hint="Weaker praise is praise still.",
    ),
]
