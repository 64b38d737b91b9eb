"""The corpus: hostile submissions, in families, each with one line saying what it tries.

An attack is a set of files for one of the five targets in `course/`. What it tries has failed when the verdict is "not
passed" with a reason, and nothing of what `firing_range.Harm` lists has happened. `opens` names the tiers in which it
is known to succeed (docs/security.md says so to people), `spares` those in which trying it would harm this machine.

In the files, `@course@`, `@hidden@`, `@home@`, `@neighbour@`, `@port@`, `@socket@`, `@abstract@` and `@trace@` stand
for places that the range plants secrets in or watches. `broken(...)` in a payload claims that something worked.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlops_grade.student.isolation import Tier

NAMESPACES, LANDLOCK, LIMITS = Tier.NAMESPACES, Tier.LANDLOCK, Tier.LIMITS
FAMILIES = (
    "ending", "lying", "patching", "frames", "reading", "picked_up", "intake", "processes", "resources", "network",
    "waiting", "clock", "parsers", "tools", "next_student",
)  # fmt: skip
#: What these go for is the jail, which each tier makes otherwise. The others go for the wire, the judge, the clock and
#: the intake, the same in all: the tests try each in one tier, turn by turn, and in all of them with --every-tier.
FAMILIES_OF_THE_JAIL = ("reading", "picked_up", "processes", "resources", "network", "next_student")
TARGETS = Path(__file__).parents[1] / "course" / "s1_targets"
PROOF = "BROKEN"
PRELUDE = f"""
import os, sys
def broken(what):
    print("{PROOF}: " + str(what), flush=True)
"""


@dataclass(frozen=True)
class Attack:
    """One hostile submission. `build` makes what no mapping of names to bytes can say: links, FIFOs, folders."""

    name: str
    tries: str
    target: str
    files: Mapping[str, str | bytes]
    opens: frozenset[Tier] = frozenset()
    spares: frozenset[Tier] = frozenset()
    build: Callable[[Path, Mapping[str, str]], None] | None = None
    follow_up: Mapping[str, str | bytes] = field(default_factory=dict)
    checks: tuple[str, ...] = ()  # those that look at its files; all where none is named
    family: str = ""

    @property
    def depends_on_the_tier(self) -> bool:
        return self.family in FAMILIES_OF_THE_JAIL or bool(self.opens or self.spares)


def honest_mistake(target: str, file: str) -> str:
    """A file of the target's honest wrong solution: no attack may turn it into a right one."""
    return (TARGETS / target / "hidden" / "wrong" / "honest" / file).read_text()


def plain(
    name: str,
    tries: str,
    payload: str = "",
    program: str = "",
    *,
    instead: str | None = None,
    opens: tuple[Tier, ...] = (),
    spares: tuple[Tier, ...] = (),
    build: Callable[[Path, Mapping[str, str]], None] | None = None,
    more: Mapping[str, str | bytes] | None = None,
    follow_up: str = "",
) -> Attack:
    """Against the plain target: the payload runs after the honest mistake is defined; `instead` replaces it."""
    body = honest_mistake("m01_plain", "plain.py") if instead is None else instead
    files = {
        "plain.py": PRELUDE + body + "\n" + payload,
        "program.py": PRELUDE + program if program else honest_mistake("m01_plain", "program.py"),
        **(more or {}),
    }
    after = {"plain.py": PRELUDE + honest_mistake("m01_plain", "plain.py") + follow_up} if follow_up else {}
    return Attack(name, tries, "m01_plain", files, frozenset(opens), frozenset(spares), build, after)


def network(name: str, tries: str, payload: str) -> Attack:
    """Against the target with tensors."""
    return Attack(
        name, tries, "m02_network", {"network.py": PRELUDE + honest_mistake("m02_network", "network.py") + payload}
    )


def service(name: str, tries: str, app: str = "", caller: str = "") -> Attack:
    """Against the target that serves."""
    files = {
        "service.py": PRELUDE + (app or honest_mistake("m03_service", "service.py")),
        "caller.py": PRELUDE + (caller or honest_mistake("m03_service", "caller.py")),
    }
    return Attack(name, tries, "m03_service", files)


def every_attack() -> list[Attack]:
    """All attacks of all families, in order."""
    found = []
    for family in FAMILIES:
        for attack in importlib.import_module(f"corpus.{family}").ATTACKS:
            object.__setattr__(attack, "family", family)
            found.append(attack)
    names = [attack.name for attack in found]
    assert len(set(names)) == len(names), "two attacks bear the same name"
    return found
