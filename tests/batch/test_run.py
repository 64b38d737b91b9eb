"""The driver: equal files once, nothing twice, a changed suite alone, tries and flaky verdicts."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from builders import (
    ADD,
    DAY,
    MAIN,
    MONDAY,
    RIGHT,
    SKELETON,
    WRONG,
    FakeGrader,
    check,
    cohort_of,
    commit,
    git,
    judge,
    make_fork,
    run_batch,
    verdict_on,
    write,
)  # fmt: skip
from mlops_grade.batch import dates
from mlops_grade.batch.ledger import Fork, Ledger
from mlops_grade.batch.store import Standing, Store
from mlops_grade.course.discovery import Course, load_course
from mlops_grade.course.submission import from_checkout
from mlops_grade.errors import GraderError, UsageError
from mlops_grade.verdict import Outcome


def moment(text: str) -> datetime:
    return dates.moment(dates.read(text), ZoneInfo("UTC"))


def standing(store_path: Path, student: str, module: str, cohort: str = "autumn") -> Standing:
    with Store(store_path) as store:
        return store.standing(Ledger(store, cohort).handed(student)[module].unit)


def outcome(store_path: Path, student: str, module: str) -> Outcome:
    verdict = standing(store_path, student, module).verdict
    assert verdict is not None
    return verdict.outcome


def fork_row(store_path: Path, student: str) -> Fork:
    with Store(store_path) as store:
        row = Ledger(store, "autumn").fork(student)
    assert row is not None
    return row


def test_every_student_gets_a_verdict_on_every_module(course: Course, tmp_path: Path, store_path: Path) -> None:
    forks = [make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob", WRONG), make_fork(tmp_path / "cyd")]
    run_batch(course, cohort_of(*forks), store_path)
    found = {(s, m): outcome(store_path, s, m) for s in ("ada", "bob", "cyd") for m in ("m01", "m02")}
    assert [key for key, value in found.items() if value is Outcome.PASSED] == [("ada", "m01")]


def test_equal_files_are_graded_once_in_a_cohort(course: Course, tmp_path: Path, store_path: Path) -> None:
    forks = [make_fork(tmp_path / name, RIGHT) for name in ("ada", "bob", "cyd", "dan")]
    grader = FakeGrader()
    batch = run_batch(course, cohort_of(*forks), store_path, grader)
    assert grader.runs == 2, "one right m01, one untouched m02"
    assert (batch.tally.handed_in, batch.tally.units) == (8, 2)


def test_a_second_run_grades_nothing(course: Course, tmp_path: Path, store_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob"))
    run_batch(course, cohort, store_path)
    grader = FakeGrader()
    batch = run_batch(course, cohort, store_path, grader)
    assert grader.runs == 0
    assert batch.tally.known == batch.tally.units == 3


def test_a_changed_suite_regrades_its_module_only(course: Course, tmp_path: Path, store_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT), make_fork(tmp_path / "bob"))
    run_batch(course, cohort, store_path)
    write(course.root, {"s1_basics/m01_add/hidden/test_add.py": "def test_add(student):\n    assert 1 == 1\n"})
    grader = FakeGrader()
    run_batch(load_course(course.root), cohort, store_path, grader)
    assert {module for module, _ in grader.asked} == {"m01"}


def test_a_longer_submit_list_takes_the_new_file_too(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", {"s1_basics/m01_add/more.py": "MORE = 1\n"})
    run_batch(course, cohort_of(fork), store_path)
    write(course.root, {"s1_basics/m01_add/module.toml": 'title = "A"\ncore = true\nsubmit = ["add.py", "more.py"]\n'})
    changed = load_course(course.root)
    grader = FakeGrader()
    run_batch(changed, cohort_of(fork), store_path, grader)
    assert list(grader.asked) == [("m01", from_checkout(fork, changed.module("m01")).digest)]


def test_a_new_commit_regrades_what_it_changed(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", WRONG)
    run_batch(course, cohort_of(fork), store_path)
    commit(fork, RIGHT)
    grader = FakeGrader()
    run_batch(course, cohort_of(fork), store_path, grader)
    assert [module for module, _ in grader.asked] == ["m01"]
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED


def test_a_rewritten_history_is_taken_as_it_is_now(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", WRONG)
    run_batch(course, cohort_of(fork), store_path)
    old = fork_row(store_path, "ada").commit
    git(fork, "checkout", "-q", "--orphan", "fresh")
    commit(fork, RIGHT)
    git(fork, "branch", "-M", "fresh", "main")
    run_batch(course, cohort_of(fork), store_path)
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED
    kept = git(store_path.parent / "forks.git", "for-each-ref", "--format=%(refname)")
    assert f"refs/graded/{old}" in kept, "what was graded stays, for whoever asks later"


def test_a_fork_that_is_gone_is_a_row_with_the_reason(course: Course, tmp_path: Path, store_path: Path) -> None:
    forks = [make_fork(tmp_path / "ada", RIGHT), tmp_path / "bob"]
    batch = run_batch(course, cohort_of(*forks), store_path)
    assert batch.tally.not_collected == 1
    assert "no folder" in fork_row(store_path, "bob").reason
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED


def test_a_fork_that_fails_today_is_graded_as_it_was_collected(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT)
    run_batch(course, cohort_of(fork), store_path)
    fork.rename(tmp_path / "elsewhere")
    run_batch(course, cohort_of(fork), store_path)
    assert "collected before" in fork_row(store_path, "ada").reason
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED


def test_a_plain_folder_is_graded_as_it_lies(course: Course, tmp_path: Path, store_path: Path) -> None:
    write(tmp_path / "ada", {**SKELETON, **RIGHT})
    run_batch(course, cohort_of(tmp_path / "ada"), store_path)
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED


@pytest.mark.parametrize(
    ("before", "expected"),
    [(MONDAY + 1 * DAY, Outcome.NOT_PASSED), (MONDAY + 2 * DAY, Outcome.PASSED), (None, Outcome.NOT_PASSED)],
)
def test_before_picks_the_last_state_by_committer_date(
    course: Course, tmp_path: Path, store_path: Path, before: int | None, expected: Outcome
) -> None:
    fork = make_fork(tmp_path / "ada", WRONG, RIGHT, WRONG)
    when = None if before is None else datetime.fromtimestamp(before, UTC)
    run_batch(course, cohort_of(fork), store_path, before=when)
    assert outcome(store_path, "ada", "m01") is expected


def test_nothing_before_the_date_is_a_row_with_the_reason(course: Course, tmp_path: Path, store_path: Path) -> None:
    run_batch(course, cohort_of(make_fork(tmp_path / "ada")), store_path, before=moment("2001-01-01"))
    assert "no commit dated before 2001-01-01" in fork_row(store_path, "ada").reason


def test_the_date_of_collecting_cannot_be_forged(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", WRONG)
    run_batch(course, cohort_of(fork), store_path)
    with Store(store_path) as store:  # the first look was long ago
        store.database.execute("UPDATE sightings SET seen = ?", (MONDAY,))
    commit(fork, RIGHT, date=MONDAY - DAY)  # claims to be older than everything
    deadline = moment("2027-06-01")
    run_batch(course, cohort_of(fork), store_path, before=moment("1970-01-01T00:00:01"), dated="committed")
    assert fork_row(store_path, "ada").reason, "control: by committer date nothing is that old"
    with Store(store_path) as store:
        store.database.execute("UPDATE sightings SET seen = ? WHERE seen != ?", (deadline.timestamp() + 1, MONDAY))
    run_batch(course, cohort_of(fork), store_path, before=deadline, dated="collected")
    assert outcome(store_path, "ada", "m01") is Outcome.NOT_PASSED


def test_an_untouched_skeleton_with_the_line_ends_of_windows_is_untouched(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    fork = make_fork(tmp_path / "ada")
    (fork / ADD).write_bytes((fork / ADD).read_bytes().replace(b"\n", b"\r\n"))
    git(fork, "-c", "core.autocrlf=false", "commit", "-qam", "from Windows")
    run_batch(course, cohort_of(fork), store_path)
    with Store(store_path) as store:
        assert Ledger(store, "autumn").handed("ada")["m01"].untouched


def test_a_repository_inside_the_repository_is_named(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada")
    make_fork(tmp_path / "inner")
    git(fork, "rm", "-q", "-r", "s1_basics")
    git(
        fork, "update-index", "--add", "--cacheinfo", f"160000,{git(tmp_path / 'inner', 'rev-parse', 'HEAD')},s1_basics"
    )
    git(fork, "commit", "-qm", "a clone in the clone")
    run_batch(course, cohort_of(fork), store_path)
    with Store(store_path) as store:
        (note,) = Ledger(store, "autumn").handed("ada")["m01"].notes
    assert note.startswith("s1_basics is a repository of its own")


def test_what_is_said_of_one_student_s_files_does_not_reach_another(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    for name in ("ada", "bob"):
        write(tmp_path / name, {**SKELETON, **RIGHT})
    write(tmp_path / "ada", {"s1_basics/m01_add/module.toml": "title = 'Mine'\n"})
    run_batch(course, cohort_of(tmp_path / "ada", tmp_path / "bob"), store_path)
    with Store(store_path) as store:
        ada, bob = (Ledger(store, "autumn").handed(name)["m01"] for name in ("ada", "bob"))
    assert ada.unit == bob.unit, "control: the verdict is shared"
    assert "module.toml was changed" in ada.notes[0]
    assert bob.notes == ()


def test_a_timeout_is_tried_again_at_once_and_a_pass_is_then_flaky(
    course: Course, tmp_path: Path, store_path: Path
) -> None:
    module = course.module("m01")
    slow = verdict_on(module, check("test_done", False, reason="timeout"), check("test_right", True))
    grader = FakeGrader(told={"m01": [slow]})
    batch = run_batch(course, cohort_of(make_fork(tmp_path / "ada", RIGHT)), store_path, grader)
    found = standing(store_path, "ada", "m01")
    assert batch.tally.retried == 1
    assert found.flaky
    assert found.settled


def test_three_grader_errors_end_the_trying(course: Course, tmp_path: Path, store_path: Path) -> None:
    grader = FakeGrader(told={"m01": [RuntimeError("no"), RuntimeError("no"), RuntimeError("no")]})
    cohort = cohort_of(make_fork(tmp_path / "ada", RIGHT))
    run_batch(course, cohort, store_path, grader)
    found = standing(store_path, "ada", "m01")
    assert (len(found.tries), found.settled) == (3, True)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.GRADER_ERROR
    assert "RuntimeError: no" in found.verdict.reason
    run_batch(course, cohort, store_path, again=True)
    assert outcome(store_path, "ada", "m01") is Outcome.PASSED, "--again clears what was left open"
    assert len(standing(store_path, "ada", "m01").tries) == 4, "and deletes nothing"


def test_a_refusal_to_run_stops_the_batch_and_is_no_verdict(course: Course, tmp_path: Path, store_path: Path) -> None:
    grader = FakeGrader(told={"m02": [UsageError("--require-isolation namespaces: not here")]})
    with pytest.raises(UsageError, match="not here"):
        run_batch(course, cohort_of(make_fork(tmp_path / "ada")), store_path, grader)
    assert standing(store_path, "ada", "m02").tries == ()


def test_a_machine_on_which_nothing_runs_stops_the_batch(course: Course, tmp_path: Path, store_path: Path) -> None:
    broken = OSError("no processes left")
    grader = FakeGrader(told={"m01": [broken] * 99, "m02": [broken] * 99})
    own = ({ADD: f"X = {number}\n"} for number in range(9))
    cohort = cohort_of(*(make_fork(tmp_path / f"s{number}", files) for number, files in enumerate(own)))
    with pytest.raises(GraderError, match="none of the first 8 suites could be run: no processes left"):
        run_batch(course, cohort, store_path, grader)
    assert run_batch(course, cohort, store_path).tally.known < 10, "the next run goes on"


def test_the_longest_modules_go_first(course: Course, tmp_path: Path, store_path: Path) -> None:
    order: list[str] = []

    def note(module, submission):
        order.append(module.id)
        return judge(module, submission)

    run_batch(
        course, cohort_of(make_fork(tmp_path / "ada"), make_fork(tmp_path / "bob", RIGHT)), store_path, note, slots=1
    )
    assert order == ["m02", "m01", "m01"], "m02 has the longer limit"


def test_other_seeds_and_limits_are_other_verdicts(course: Course, tmp_path: Path, store_path: Path) -> None:
    cohort = cohort_of(make_fork(tmp_path / "ada"))
    run_batch(course, cohort, store_path)
    for other in ({"seed": 2}, {"limits": "timeout=99"}, {"environment": "newer"}):
        grader = FakeGrader()
        run_batch(course, cohort, store_path, grader, **other)
        assert grader.runs == 2


def test_the_date_of_the_last_change_is_kept_module_by_module(course: Course, tmp_path: Path, store_path: Path) -> None:
    fork = make_fork(tmp_path / "ada", RIGHT, {MAIN: "DONE = 1\n"}, {"README.md": "hello\n"})
    run_batch(course, cohort_of(fork), store_path)
    with Store(store_path) as store:
        handed = Ledger(store, "autumn").handed("ada")
    assert handed["m01"].changed == MONDAY + 1 * DAY
    assert handed["m02"].changed == MONDAY + 2 * DAY


def test_some_modules_only(course: Course, tmp_path: Path, store_path: Path) -> None:
    grader = FakeGrader()
    cohort = cohort_of(make_fork(tmp_path / "ada"))
    run_batch(course, cohort, store_path, grader, modules=course.resolve(["m02"]))
    assert [module for module, _ in grader.asked] == ["m02"]


@pytest.mark.slow
def test_a_disk_that_fills_up_loses_nothing(course: Course, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        own = ({ADD: f"def add(a, b):\n    return a + b  # {number}\n"} for number in range(12))
        cohort = cohort_of(*(make_fork(tmp_path / f"s{number}", files) for number, files in enumerate(own)))
        bulky = check("test_done", True, output="x" * 100_000)

        def grade(module, submission):
            return verdict_on(module, bulky)

        with pytest.raises(GraderError, match=r"run the same command again|no space left"):
            run_batch(course, cohort, disk / "store", grade)
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        with Store(disk / "store") as store:
            assert store.database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            kept = store.database.execute("SELECT count(*) FROM tries").fetchone()[0]
        batch = run_batch(course, cohort, disk / "store", grade)
        assert batch.tally.known == kept > 0
        assert batch.tally.graded == 13 - kept
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=False)
