"""Hidden suite of the target that serves. @secret suite@"""

from typing import Any

import numpy as np

from mlops_grade.suite import Student, hint


@hint("Square, as text.")
def test_service(student: Student, rng: np.random.Generator) -> None:
    """GET /square/N answers N * N"""
    number = int(rng.integers(11, 99))
    with student.serve("service:app", timeout=5) as client:
        response = client.get(f"/square/{number}", timeout=2)
        assert response.status_code == 200, "the status is not 200"
        assert response.text == str(number * number)


@hint("Send the number as the body, print what comes back.")
def test_caller(student: Student, rng: np.random.Generator) -> None:
    """caller.py posts the number and prints the answer"""
    number, factor = int(rng.integers(11, 99)), int(rng.integers(1000, 9999))

    async def multiply(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(int(body) * factor).encode()})

    with student.host(multiply) as url:
        run = student.cli("caller.py", url, str(number), timeout=3)
    assert run.exit_code == 0, "the program failed"
    assert run.stdout.strip() == str(number * factor)
