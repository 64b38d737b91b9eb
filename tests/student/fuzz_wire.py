"""Throw damaged frames at the decoder for a while: `python tests/student/fuzz_wire.py [SECONDS]` (60 by default).

Hypothesis makes the frames, from a new seed each time. Anything but a value or a WireError, or a frame that takes more
than two seconds, ends the run with the example that did it.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from wire_strategies import DAMAGE, VALUES, damaged, frame_of

from mlops_grade.student import wire

tally = {"frames": 0, "refused": 0}


@settings(max_examples=2_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(VALUES, DAMAGE)
def fuzz(value: Any, damage: list[tuple[int, int, bytes]]) -> None:
    header, body = damaged(*frame_of(value), damage)
    began = time.process_time()
    tally["frames"] += 1
    try:
        wire.decode(header, body, lambda reference: reference)
    except wire.WireError:
        tally["refused"] += 1
    assert time.process_time() - began < 2, "too slow"


if __name__ == "__main__":
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 60)
    while time.monotonic() < end:
        fuzz()
    print(f"{tally['frames']} frames, {tally['refused']} of them refused, none of them trouble")
