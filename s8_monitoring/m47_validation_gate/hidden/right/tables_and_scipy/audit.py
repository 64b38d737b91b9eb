import hashlib
import json
import os

from pydantic import BaseModel, ConfigDict, ValidationError

ZEROS = 64 * "0"


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    entry: dict
    previous: str
    hash: str

    def fits(self, previous):
        return self.previous == previous and self.hash == seal(previous, self.entry)


def seal(previous, entry):
    dumped = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.new("sha256", f"{previous}{dumped}".encode()).hexdigest()


def read(log):
    """Return the lines up to the first that does not hold, and whether that was all."""
    lines = []
    for raw in log.read_text(encoding="utf-8").split("\n")[:-1] if log.is_file() else []:
        try:
            line = Line.model_validate_json(raw)
        except ValidationError:
            return lines, False
        if not line.fits(lines[-1].hash if lines else ZEROS):
            return lines, False
        lines.append(line)
    return lines, True


def append(log, entry):
    lines, whole = read(log)
    if not whole:
        raise ValueError(f"{log}: line {len(lines)} does not hold")
    previous = lines[-1].hash if lines else ZEROS
    line = Line(entry=entry, previous=previous, hash=seal(previous, entry))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (line.model_dump_json() + "\n").encode())
    finally:
        os.close(descriptor)
    return line.hash


def verify(log, head=None):
    lines, whole = read(log)
    known = head is None or any(line.hash == head for line in lines)
    return None if whole and known else len(lines)


def sign_off(log, model, decision, trained_by, approver):
    people = {" ".join(name.casefold().split()) for name in trained_by}
    signer = " ".join(approver.casefold().split())
    granted = all((decision.approved, signer, people, signer not in people))
    entry = decision.model_dump(mode="json") | {
        "event": ["refused", "approved"][granted],
        "model": model,
        "approver": approver.strip(),
    }
    sealed = append(log, entry)
    if granted:
        return sealed
    raise PermissionError(f"{model} stays where it is")
