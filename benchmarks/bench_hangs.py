"""How long the judge waits for what hangs: each attack on the clock (tests/attacks/corpus/clock.py), one by one.

    python benchmarks/bench_hangs.py [NAME…] [--patience SECONDS]

On a quiet machine no wait may last more than 1.5 times the patience. On a busy one the time beyond it is time in which
the machine let nobody compute: it is shown beside.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "attacks"))

from corpus import Attack, clock
from mlops_grade.errors import MachineTooBusy
from mlops_grade.judge.grader import Grader, RunOptions
from mlops_grade.student.client import Pod
from mlops_grade.student.clock import Clock
from mlops_grade.student.handles import StudentFailure
from mlops_grade.student.jail import Limits
from mlops_grade.student.launch import ServerProcess


def waited(parent: ServerProcess, attack: Attack, patience: float) -> tuple[float, float, str]:
    """Seconds on the wall, those of them that the clock stood still, and what was said in the end."""
    files = {name: text.encode() if isinstance(text, str) else text for name, text in attack.files.items()}
    budget = Clock(10 * patience)
    pod = Pod(parent, files, Limits(), budget, seed=1)
    module = pod.ask(30, "load", "plain", ".")
    began = time.monotonic()
    try:
        pod.ask(patience, "call", pod.ask(patience, "get", module, "weighted"), ([1.0], [1.0]), {})
        said = "came back"
    except (StudentFailure, MachineTooBusy) as error:
        said = str(error)
    seconds = time.monotonic() - began
    pod.close()
    return seconds, budget.stalled, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--patience", type=float, default=4)
    arguments = parser.parse_args()
    with Grader((), RunOptions(), 1) as grader:
        parent = grader.judge._parent(())
        for attack in clock.ATTACKS:
            if arguments.names and attack.name not in arguments.names:
                continue
            seconds, stalled, said = waited(parent, attack, arguments.patience)
            times = seconds / arguments.patience
            print(f"{attack.name:24} {times:5.2f} times its patience, {stalled:5.1f} s still: {said[:80]}", flush=True)


if __name__ == "__main__":
    main()
