"""Hidden suite of m23: a function under its framework, a service as a platform starts and stops it, and its image."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from mlops_course.docker import LAUNCHER, DockerfileError, Image, build, launch, unpack
from mlops_grade.suite import Handle, Student, hint, probe

SPECIES = ("setosa", "versicolor", "virginica")


@probe
def function_client():
    import functions_framework

    return functions_framework.create_app("knn_classifier", "main.py").test_client()


@probe
def call(client, body, content_type, method):
    response = client.open("/", method=method, data=body, content_type=content_type)
    return response.status_code, response.get_data()


@probe
def reachable(address, port):
    import socket

    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


@probe
def request_has_begun(port):
    """Whether a connection to the port was taken, and all that came over it read (proc(5): net/tcp)."""
    from pathlib import Path

    rows = []
    for table in filter(Path.exists, (Path("/proc/self/net", name) for name in ("tcp", "tcp6"))):
        rows += [line.split() for line in table.read_text().splitlines()[1:]]
    established = [row for row in rows if int(row[1].rpartition(":")[2], 16) == port and row[3] == "01"]
    return all(row[9] != "0" and row[4].endswith(":00000000") for row in established)


@probe
def remove(path):
    from pathlib import Path

    Path(path).unlink()


class Irises:
    """A model of its own for each check: made-up flowers, and what the given classifier makes of them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.k = int(rng.integers(1, 4)) * 2 + 1
        self.features = np.round(rng.uniform(0.2, 7.8, size=(60, 4)), 2)
        self.labels = [SPECIES[row % 3] for row in range(60)]
        self.rng = rng

    def file(self) -> str:
        return json.dumps({"k": self.k, "features": self.features.tolist(), "labels": self.labels})

    def predict(self, flower: list[float]) -> str:
        order = np.argsort(np.linalg.norm(self.features - np.array(flower), axis=1), kind="stable")
        return Counter(self.labels[row] for row in order[: self.k]).most_common(1)[0][0]

    def flowers(self, count: int) -> list[list[float]]:
        """Flowers whose label changes when their measures are cut to integers."""
        found: list[list[float]] = []
        while len(found) < count:
            flower = [float(number) for number in np.round(self.rng.uniform(0.5, 7.5, 4), 1)]
            if self.predict(flower) != self.predict([float(int(number)) for number in flower]):
                found.append(flower)
        return found


@pytest.fixture
def irises(student: Student, rng: np.random.Generator) -> Irises:
    model = Irises(rng)
    student.write("model.json", model.file())
    return model


@pytest.fixture
def ask(student: Student, irises: Irises) -> Any:
    """Ask the function, under functions-framework's test client: status and JSON of the answer."""
    client: Handle = student.run(function_client)

    def asked(body: Any, content_type: str = "application/json", method: str = "POST") -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, text = student.run(call, client, data, content_type, method)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    return asked


def port_of(rng: np.random.Generator) -> int:
    return int(rng.integers(20_000, 30_000))


@hint("A measure of 5.9 is no 5. Give the model floats, and the answer as a dictionary: it becomes JSON.")
def test_function_predicts(ask: Any, irises: Irises) -> None:
    """knn_classifier answers lists of integers and of decimal numbers with the model's label"""
    for flower in [*irises.flowers(4), [5, 3, 1, 0], [6, 3.5, 5, 1]]:
        status, answer = ask({"input_data": flower})
        assert status == 200, f"{flower} gave status {status}: {answer}"
        expected = {"prediction": irises.predict([float(number) for number in flower])}
        assert answer == expected, f"the answer to the list {flower}"
    status, answer = ask({"input_data": flower}, "application/json; charset=utf-8")
    with hint("A content type may have parameters behind it; `request.is_json` knows."):
        assert status == 200, f"with the content type application/json; charset=utf-8 the status is {status}: {answer}"


@hint("A string of numbers has commas between them, and perhaps spaces.")
def test_function_takes_text(ask: Any, irises: Irises) -> None:
    """knn_classifier takes the four numbers as one string, too"""
    for flower, separator in zip(irises.flowers(3), (",", ", ", " , "), strict=True):
        text = separator.join(map(str, flower))
        status, answer = ask({"input_data": text})
        assert status == 200, f"{text!r} gave status {status}: {answer}"
        assert answer == {"prediction": irises.predict(flower)}, f"the answer to the string {text!r}"


FORM = "application/x-www-form-urlencoded"


@hint("`request.get_json(silent=True)` gives None instead of an error page. What if it is a list, or a value a word?")
def test_function_refuses_bad_requests(ask: Any) -> None:
    """knn_classifier answers 400 to bodies that make no sense and 405 to other methods, always with a reason"""
    good = {"input_data": [5.9, 3.0, 5.1, 1.8]}
    cases: list[tuple[str, int, Any]] = [
        ("an empty body", 400, ask(b"")),
        ("broken JSON", 400, ask(b'{"input_data": [5.9, 3.0')),
        ("the JSON null", 400, ask(None)),
        ("a bare list", 400, ask([5.9, 3.0, 5.1, 1.8])),
        ("no input_data", 400, ask({"data": [5.9, 3.0, 5.1, 1.8]})),
        ("three numbers", 400, ask({"input_data": [5.9, 3.0, 5.1]})),
        ("five numbers", 400, ask({"input_data": "5.9,3.0,5.1,1.8,0.2"})),
        ("words", 400, ask({"input_data": [5.9, "wide", 5.1, 1.8]})),
        ("nested lists", 400, ask({"input_data": [[5.9], [3.0], [5.1], [1.8]]})),
        ("one number", 400, ask({"input_data": 5.9})),
        ("null as input_data", 400, ask({"input_data": None})),
        ("not-a-number", 400, ask({"input_data": "5.9,nan,5.1,1.8"})),
        ("a plain text body", 400, ask(b"5.9,3.0,5.1,1.8", "text/plain")),
        ("JSON that is called plain text", 400, ask(good, "text/plain")),
        ("JSON that is called a form, as curl does unless it is told", 400, ask(good, FORM)),
        ("a GET request", 405, ask(good, method="GET")),
        ("a DELETE request", 405, ask(good, method="DELETE")),
    ]
    for what, expected, (status, answer) in cases:
        assert status == expected, f"{what} gave status {status}, expected {expected}: {str(answer)[:200]}"
        assert isinstance(answer, dict) and "error" in answer, f"{what} gave no JSON with 'error': {str(answer)[:200]}"


@hint("What stands at the top of a module runs once; what stands in the function runs for every request.")
def test_function_reads_the_model_once(student: Student, ask: Any, irises: Irises) -> None:
    """The function's model is read once, not for every request"""
    first, second = irises.flowers(2)
    assert ask({"input_data": first}) == (200, {"prediction": irises.predict(first)}), (
        "status and answer of the first request"
    )
    student.run(remove, "model.json")
    status, answer = ask({"input_data": second})
    assert status == 200, f"without model.json the second request gave status {status}: the file is read again"
    assert answer == {"prediction": irises.predict(second)}, "the answer to the second request, without model.json"


@pytest.fixture
def service(student: Student, irises: Irises, rng: np.random.Generator) -> Iterator[Any]:
    """The service, started as `PORT=… python service.py`."""
    port = port_of(rng)
    with student.start("service.py", port=port, env={"PORT": str(port)}) as running:
        yield running


def content(response: httpx.Response, status: int = 200) -> Any:
    got = response.status_code
    what = f"{response.request.method} {response.request.url.path}"
    assert got == status, f"{what} answered with status {got}, expected {status}: {response.text[:300]}"
    try:
        return response.json()
    except ValueError:
        pytest.fail(f"{what} answered with no JSON: {response.text[:300]}")


@hint("The same model as the function's, loaded before the first request comes.")
def test_service_predicts(student: Student, service: Any, irises: Irises) -> None:
    """The service predicts, reads its model once, and says that it is healthy"""
    student.run(remove, "model.json")
    assert content(service.client.get("/health")) == {"status": "ok"}, "the answer to GET /health"
    for flower in [*irises.flowers(3), [6, 3, 5, 2]]:
        expected = {"prediction": irises.predict([float(number) for number in flower])}
        response = service.client.post("/predict", json={"input_data": flower})
        with hint("Read the model when the module is imported, or when the service starts."):
            assert response.status_code < 500, (
                f"model.json was taken away after the service had started, and POST /predict gave status "
                f"{response.status_code}: is the file read for each request?"
            )
        assert content(response) == expected, f"the answer to POST /predict for {flower}"


@hint("A pydantic model as the parameter: a list of four floats. FastAPI answers 422 to the rest.")
def test_service_refuses_bad_requests(service: Any) -> None:
    """The service answers 422 to bodies that make no sense, and goes on"""
    bodies: list[Any] = [b"", b"{", b"[1, 2, 3, 4]", b"{}"]
    bodies += [json.dumps({"input_data": data}).encode() for data in ([1, 2, 3], [1, 2, 3, 4, 5], ["a"] * 4, None)]
    for body in bodies:
        response = service.client.post("/predict", content=body, headers={"Content-Type": "application/json"})
        got = response.status_code
        assert got == 422, f"the body {body.decode()!r} gave status {got}, expected 422: {response.text[:200]}"
    content(service.client.post("/predict", json={"input_data": [5.9, 3.0, 5.1, 1.8]}))


@hint("0.0.0.0 stands for all addresses; 127.0.0.1 is reached from inside the container only. PORT is text.")
def test_service_listens_where_it_is_told(student: Student, service: Any, irises: Irises) -> None:
    """`python service.py` listens on $PORT, on all addresses, and on 8080 without it"""
    assert student.run(reachable, "127.0.0.2", service.port), "the service takes connections from 127.0.0.1 only"
    with student.start("service.py", port=8080) as second:
        assert content(second.client.get("/health")) == {"status": "ok"}, "the answer to GET /health on port 8080"


@hint("uvicorn does this by itself when the signal reaches it: in the same process, with its own handler in place.")
def test_service_ends_cleanly(student: Student, service: Any, irises: Irises) -> None:
    """On SIGTERM the service answers the request that it has begun, and ends"""
    (flower,) = irises.flowers(1)
    body = json.dumps({"input_data": flower}).encode()
    ended: list[Any] = []
    stopping = threading.Thread(target=lambda: ended.append(service.terminate(8)))

    def slowly() -> Iterator[bytes]:
        yield body[:10]
        for _ in student.looks(5):
            if student.run(request_has_begun, service.port):
                break
        time.sleep(0.2)
        stopping.start()
        time.sleep(0.4)
        yield body[10:]

    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    try:
        response = service.client.post("/predict", content=slowly(), headers=headers)
    except httpx.TransportError:
        pytest.fail("a request that was on its way when SIGTERM came got no answer")
    finally:
        if stopping.ident is not None:
            stopping.join()
    assert content(response) == {"prediction": irises.predict(flower)}, (
        "the answer to the request that was on its way when SIGTERM came"
    )
    assert ended, "the process did not end within 8 seconds after SIGTERM"
    assert not student.run(reachable, "127.0.0.1", service.port), "the process has ended, but the port is still served"


def image_of(student: Student, hidden: Path, irises: Irises) -> Image:
    """What the student's Dockerfile builds from the module's folder."""
    given = {name: (hidden.parent / name).read_bytes() for name in ("classifier.py", "requirements.txt")}
    handed_in = {name: student.read(name) for name in ("main.py", "service.py")}
    context = given | handed_in | {"model.json": irises.file().encode(), "README.md": b"# Irises\n"}
    try:
        image = build(student.read("Dockerfile").decode(errors="replace"), context).final
    except DockerfileError as error:
        pytest.fail(f"the Dockerfile does not build: {error}")
    for path, data in unpack(image).items():
        student.write(path, data)
    return image


@hint("Copy everything that the service reads, install requirements.txt, and take the port when the container starts.")
def test_image_serves_on_the_given_port(
    student: Student, hidden: Path, irises: Irises, rng: np.random.Generator
) -> None:
    """A container of the image listens on the $PORT that it is started with, and predicts"""
    image = image_of(student, hidden, irises)
    port = port_of(rng)
    try:
        start = launch(image, environment={"PORT": str(port)})
    except DockerfileError as error:
        pytest.fail(str(error))
    missing = sorted({"fastapi", "numpy", "uvicorn"} - image.distributions(start.python))
    assert not missing, f"in the image {start.python} would not find {', '.join(missing)}"
    (flower,) = irises.flowers(1)
    with student.start(LAUNCHER, *start.arguments, port=port, env=start.environment) as container:
        answer = content(container.client.post("/predict", json={"input_data": flower}))
        assert answer == {"prediction": irises.predict(flower)}, f"the container's answer for {flower}"
        assert student.run(reachable, "127.0.0.2", port), "the container takes connections from its own inside only"


@hint("In shell form process 1 is a shell, which passes no signal on, unless it says `exec`.")
def test_image_passes_signals_on(student: Student, hidden: Path, irises: Irises) -> None:
    """SIGTERM reaches the service: process 1 of the container is no shell"""
    image = image_of(student, hidden, irises)
    try:
        line = image.process()
    except DockerfileError as error:
        pytest.fail(str(error))
    shell = line[0].rsplit("/", 1)[-1] in ("sh", "bash", "dash")
    script = line[2].strip() if len(line) > 2 else ""
    replaced = re.search(r"(?:^|[;&|\n(])\s*exec\s", script) is not None
    assert not shell or replaced, f"process 1 would be {' '.join(line)}"
