"""Hidden suite of m47, the log: a chain of hashes, tampering, four eyes."""

import json
from typing import Any

import numpy as np
from chain import FIRST, chained, entries, hash_of, text_of
from chain import tampered as tampered_logs

from mlops_grade.suite import Student, hint, probe


@probe
def appended(path: str, entry: dict[str, Any]) -> str:
    from pathlib import Path

    from audit import append

    try:
        return str(append(Path(path), entry))
    except ValueError:
        return "ValueError"


def records(data: bytes) -> list[dict[str, Any]]:
    """Read a log that the student's code wrote."""
    assert data.endswith(b"\n"), "the log's last line has no end"
    found: list[dict[str, Any]] = []
    for number, line in enumerate(data.decode("utf-8", "replace").removesuffix("\n").split("\n")):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise AssertionError(f"line {number} of the log is no JSON: {line[:80]!r}") from None
        assert isinstance(record, dict) and sorted(record) == ["entry", "hash", "previous"], (
            f"line {number} of the log does not have the keys entry, previous and hash, and no others: {line[:80]!r}"
        )
        found.append(record)
    return found


def assert_chained(log: list[dict[str, Any]]) -> None:
    before = FIRST
    for number, record in enumerate(log):
        assert record["previous"] == before, f"`previous` in line {number} of the log"
        with hint("Keys sorted, no spaces, letters as they are, UTF-8: the text says how the entry is written."):
            assert record["hash"] == hash_of(before, record["entry"]), f"`hash` in line {number} of the log"
        before = record["hash"]


@hint("A new line has the hash of the line before it, and a hash of its own: look at the order and the spelling.")
def test_append_makes_a_chain(shared_student: Student, rng: np.random.Generator) -> None:
    """append adds a line that vouches for the one before, touches no other, and refuses a log that does not hold"""
    made = entries(rng, 4)
    before = b""
    for number, entry in enumerate(made):
        got = shared_student.run(appended, "new.jsonl", entry)
        data = shared_student.read("new.jsonl")
        assert data.startswith(before), f"append number {number} has changed what was in the log before"
        found = records(data)
        assert_chained(found)
        assert [each["entry"] for each in found] == made[: number + 1], f"the entries after append number {number}"
        assert got == found[-1]["hash"], f"what append number {number} returned, compared with the hash in its line"
        before = data
    log = chained(made)
    text = text_of([*log[:3], json.dumps(dict(reversed(log[3].items())), indent=None, separators=(" , ", " : "))])
    shared_student.write("given.jsonl", text)
    shared_student.run(appended, "given.jsonl", {"event": "goes on"})
    data = shared_student.read("given.jsonl")
    assert data.startswith(text.encode()), "append to a log from elsewhere has changed what was in it before"
    assert_chained(records(data))
    assert len(records(data)) == 5, "the number of lines after an append to a log from elsewhere that had four"
    log[1]["entry"]["approver"] = "Mallory"
    broken = text_of(log)
    shared_student.write("broken.jsonl", broken)
    with hint("Who adds to a log that was tampered with vouches for it."):
        got = shared_student.run(appended, "broken.jsonl", {"event": "goes on"})
        assert got == "ValueError", "append to a log that was tampered with"
        assert shared_student.read("broken.jsonl") == broken.encode(), "append has changed a log that does not hold"


@probe
def verified(cases: list[Any]) -> list[Any]:
    from pathlib import Path

    from audit import verify

    return [verify(Path(path)) if head is None else verify(Path(path), head) for path, head in cases]


@hint("Each line: is it a record, is `previous` the hash before (64 zeros at first), is `hash` that of both?")
def test_verify_finds_tampering(shared_student: Student, rng: np.random.Generator) -> None:
    """verify gives the number of the first line that does not hold, and None for a log that does"""
    for length in (1, 5):
        shared_student.write("good.jsonl", text_of(chained(entries(rng, length))))
        got = shared_student.run(verified, [("good.jsonl", None)])[0]
        assert got is None, f"verify of a good log of length {length}: expected None, got {got!r}"
    with hint("A file that is not there is an empty log, and an empty log holds."):
        shared_student.write("empty.jsonl", "")
        found = shared_student.run(verified, [("empty.jsonl", None), ("not-there.jsonl", None)])
        assert found == [None, None], "verify of an empty log, and of one that is not there"
    for what, log, first in tampered_logs(rng):
        shared_student.write("tampered.jsonl", text_of(log))
        got = shared_student.run(verified, [("tampered.jsonl", None)])[0]
        assert got == first and not isinstance(got, bool), (
            f"verify of a log of {len(log)} lines with {what}: expected {first}, got {got!r}"
        )


@hint("A chain that was cut or made anew holds in itself. Look for `head` among the hashes that you have seen.")
def test_verify_with_a_head_kept_elsewhere(shared_student: Student, rng: np.random.Generator) -> None:
    """verify with a head finds a log that was cut short or rewritten, and lets one grow"""
    made = entries(rng, 6)
    log = chained(made)
    shared_student.write("log.jsonl", text_of(log))
    with hint("First of all, let `verify` accept a good log without a head."):
        assert shared_student.run(verified, [("log.jsonl", None)]) == [None], "verify of a good log, without a head"
    other = chained([*made[:2], {**made[2], "approver": "Mallory"}, *made[3:]])
    damaged = [*log[:3], {**log[3], "entry": {}}, *log[4:]]
    cases: list[tuple[str, list[Any], str, int | None, str]] = [
        ("a whole log, with its last hash", log, log[-1]["hash"], None, "The head is there: all is well."),
        ("a log that has grown since", log, log[2]["hash"], None, "The head may be the hash of any line."),
        ("a log that has grown since its first line", log, log[0]["hash"], None, "The head may be that of any line."),
        ("a log that lost two lines", log[:4], log[-1]["hash"], 4, "What is missing comes after the lines there are."),
        ("a log that lost its last line", log[:5], log[-1]["hash"], 5, "The first line that is missing is number 5."),
        ("a log that was rewritten from line 2", other, log[-1]["hash"], 6, "No line has the head."),
        ("a log with nothing left", [], log[-1]["hash"], 0, "An empty log has no line with the head."),
        ("a log with a changed line 3", damaged, log[-1]["hash"], 3, "A line that does not hold comes first."),
        ("a log with a changed line 3, and a head from before", damaged, log[1]["hash"], 3,
         "The lines after the head count as well."),
    ]  # fmt: skip
    for case, lines, head, expected, why in cases:
        shared_student.write("log.jsonl", text_of(lines))
        got = shared_student.run(verified, [("log.jsonl", head)])[0]
        with hint(why):
            assert got == expected and not isinstance(got, bool), (
                f"verify of {case} ({len(lines)} lines): expected {expected}, got {got!r}"
            )


@probe
def signed(path: str, model: str, approved: bool, reasons: list[str], trained_by: list[str], approver: str) -> str:
    from pathlib import Path

    from audit import sign_off
    from schema import Decision

    decision = Decision(approved=approved, difference=0.0, interval=(0.0, 0.0), slices={}, reasons=reasons)
    try:
        return str(sign_off(Path(path), model, decision, trained_by, approver))
    except PermissionError:
        return "PermissionError"


@hint("Four conditions: the gate's word, an approver with a name, trainers who are known, and no one who is both.")
def test_sign_off_takes_four_eyes(shared_student: Student, rng: np.random.Generator) -> None:
    """sign_off lets nobody approve their own model, and writes into the log what was asked and what came of it"""
    number = int(rng.integers(100, 999))
    ada, grace, soren = f"ada{number}@lab.example", f"Grace {number}", f"Søren{number}"
    same = "Letters may be small or capital, and spaces may stand around: it is the same person."
    cases: list[tuple[str, bool, list[str], str, bool, str]] = [
        ("somebody who did not train it", True, [ada, soren], grace, True, "Nothing speaks against that."),
        ("its only trainer", True, [ada], ada, False, "Who trained it may not approve it."),
        ("one of its trainers", True, [grace, soren, ada], soren, False, "None of those who trained it may."),
        ("a trainer in other letters", True, [ada, grace], ada.upper(), False, same),
        ("a trainer with spaces", True, [f" {soren} ", grace], f"{soren}  ".lower(), False, same),
        ("somebody whose name is part of a trainer's", True, [f"{grace}-Hopper"], grace, True,
         "A name is a whole name."),
        ("somebody, although the gate has not approved it", False, [ada], grace, False, "The gate comes first."),
        ("somebody, when nobody is known to have trained it", True, [], grace, False, "Not known is not nobody."),
        ("nobody", True, [ada], "  ", False, "A blank name is no person."),
    ]  # fmt: skip
    for index, (who, approved, trainers, approver, granted, why) in enumerate(cases):
        model, reasons = f"leaf-net:{number + index}", [] if approved else ["latency", f"slice:g{number}"]
        got = shared_student.run(signed, "signed.jsonl", model, approved, reasons, trainers, approver)
        with hint(why):
            assert (got != "PermissionError") == granted, (
                f"sign_off by {who}: expected {'the hash of an entry' if granted else 'a PermissionError'}, got {got!r}"
            )
        with hint("Every attempt goes into the log, also one that is refused: write first, raise then."):
            log = records(shared_student.read("signed.jsonl"))
            assert len(log) == index + 1, f"the number of entries in the log after {index + 1} calls of sign_off"
        entry = log[-1]["entry"]
        assert entry.get("event") == ("approved" if granted else "refused"), f"`event` in the log, signed by {who}"
        assert entry.get("model") == model, f"`model` in the log, signed by {who}"
        assert sorted(map(str, entry.get("reasons") or [])) == sorted(reasons), f"`reasons` in the log, signed by {who}"
        assert str(entry.get("approver")).strip().casefold() == approver.strip().casefold(), (
            f"`approver` in the log, signed by {who}: expected {approver!r}, got {entry.get('approver')!r}"
        )
        if granted:
            assert got == log[-1]["hash"], "what sign_off returned, compared with the hash in the log"
