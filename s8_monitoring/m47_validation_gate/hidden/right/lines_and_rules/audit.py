import fcntl
import functools
import hashlib
import json


def _hash(previous, entry):
    return hashlib.sha256(
        previous.encode() + json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _load(line):
    try:
        record = json.loads(line)
        return record if sorted(record) == ["entry", "hash", "previous"] else {}
    except (ValueError, TypeError):
        return {}


def _chain(lines):
    return [_load(line) for line in lines]


def verify(log, head=None):
    try:
        with open(log, "rb") as file:
            chain = _chain(file.readlines())
    except FileNotFoundError:
        chain = []
    before = ["0" * 64, *(str(record.get("hash")) for record in chain)]
    holds = [
        bool(record) and record["previous"] == previous and record["hash"] == _hash(previous, record["entry"])
        for record, previous in zip(chain, before)
    ]
    if False in holds:
        return holds.index(False)
    return len(chain) if head and head not in before[1:] else None


def _locked(function):
    @functools.wraps(function)
    def alone(log, *arguments):
        with open(f"{log}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return function(log, *arguments)

    return alone


@_locked
def append(log, entry):
    if verify(log) is not None:
        raise ValueError("the log was tampered with")
    with open(log, "a+", encoding="utf-8") as file:
        file.seek(0)
        lines = file.readlines()
        previous = json.loads(lines[-1])["hash"] if lines else "0" * 64
        record = {"entry": entry, "previous": previous, "hash": _hash(previous, entry)}
        file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    return record["hash"]


def sign_off(log, model, decision, trained_by, approver):
    approver = approver.strip()
    same = [person for person in trained_by if person.strip().upper() == approver.upper()]
    may = decision.approved and approver and trained_by and not same
    entry = dict(event="approved" if may else "refused", model=model, approver=approver, reasons=decision.reasons)
    result = append(log, entry | {"trained_by": trained_by})
    if not may:
        raise PermissionError("no")
    return result
