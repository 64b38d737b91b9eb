import json
from hashlib import sha256

FIRST = "0" * 64


def digest(previous, entry):
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    hasher = sha256(previous.encode("ascii"))
    hasher.update(text.encode("utf-8"))
    return hasher.hexdigest()


def walk(log):
    """Hashes of the lines that hold; ends with a None where one does not."""
    if not log.exists():
        return
    previous = FIRST
    with log.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            try:
                record = json.loads(line)
                entry, before, own = record["entry"], record["previous"], record["hash"]
            except (ValueError, TypeError, KeyError):
                yield None
                return
            if len(record) != 3 or before != previous or own != digest(previous, entry):
                yield None
                return
            previous = own
            yield own


def verify(log, head=None):
    hashes = list(walk(log))
    if hashes and hashes[-1] is None:
        return len(hashes) - 1
    if head is None or head in hashes:
        return None
    return len(hashes)


def append(log, entry):
    previous = FIRST
    for previous in walk(log):
        if previous is None:
            raise ValueError(f"{log} does not hold")
    own = digest(previous, entry)
    with log.open("a", encoding="utf-8") as file:
        print(json.dumps({"entry": entry, "previous": previous, "hash": own}, ensure_ascii=False), file=file)
    return own


def sign_off(log, model, decision, trained_by, approver):
    def plain(name):
        return name.strip().lower()

    why = None
    if not decision.approved:
        why = "the gate has not approved"
    elif not plain(approver):
        why = "nobody signs"
    elif not trained_by:
        why = "nobody knows who trained it"
    elif plain(approver) in map(plain, trained_by):
        why = "who trained may not sign"
    own = append(
        log,
        {
            "event": "refused" if why else "approved",
            "model": model,
            "approver": approver,
            "reasons": list(decision.reasons),
            "trained_by": trained_by,
            "why": why,
        },
    )
    if why:
        raise PermissionError(why)
    return own
