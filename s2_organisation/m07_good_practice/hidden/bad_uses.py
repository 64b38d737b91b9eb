"""Calls that go against the docstrings: a type checker must complain about each line below the imports."""

from training_log import (
    EarlyStopping,
    batches,
    best,
    group_by,
    load_runs,
    moving_average,
    parse_line,
    read_log,
    report,
    summarise,
    timed,
)

parse_line(3)
parse_line("a=1")["a"]
read_log([1, 2])
read_log([])[0].upper()
moving_average(["a"])
moving_average([1.0], window="3")
moving_average([1.0])[0].upper()
best([1], key=lambda number: "a")
best(["a"], key=len).upper()
best([1], key=float, default="a").upper()
group_by(["a"], key=len)["a"]
group_by(["a"], key=len)[1].append(2)
next(iter(batches([1], 1)))[0].upper()
batches([1], size="1")
timed(abs)("a")
timed(len)("a").upper()
timed(len)("a")[0].upper()
EarlyStopping("3")
EarlyStopping(3).update("x")
EarlyStopping(3).best + 1
EarlyStopping(3).update(1.0).upper()
load_runs(3)
load_runs("runs.json")["a"].upper()
summarise({"a": ["x"]})
summarise({})["a"]["last"].upper()
report(summarise({}), out="a name")
report(summarise({})).upper()
