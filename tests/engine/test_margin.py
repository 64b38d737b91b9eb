"""prove tells how clearly a wrong solution was caught."""

from __future__ import annotations

from mlops_grade.prove.command import _line_text
from mlops_grade.prove.lines import Line, _margin
from mlops_grade.verdict import Check, ModuleVerdict, Outcome


def verdict(*excesses: float | None) -> ModuleVerdict:
    checks = tuple(
        Check(name=f"c{place}", title="A check", outcome=Outcome.NOT_PASSED, message="x", excess=excess)
        for place, excess in enumerate(excesses)
    )
    return ModuleVerdict(module="m01", session="s1", title="t", core=True, outcome=Outcome.NOT_PASSED, checks=checks)


def test_it_is_the_clearest_check_of_the_least_clear_seed() -> None:
    assert _margin([verdict(3.0, 40.0), verdict(2.0, 25.0)]) == 25.0


def test_a_check_that_compares_no_numbers_leaves_no_doubt() -> None:
    assert _margin([verdict(1.5, None)]) is None
    assert _margin([]) is None


def test_a_narrow_margin_is_a_warning() -> None:
    close = _line_text(Line("m11_config", "wrong: last_batch", True, margin=1.7)).plain
    assert "close: off by 1.7 times the tolerance" in close
    clear = _line_text(Line("m11_config", "wrong: last_batch", True, margin=37.0)).plain
    assert "close" not in clear and "off by 37 times the tolerance" in clear
