"""Hidden suite of m22: a FastAPI server asked over a socket, and a client called against servers that misbehave."""

import asyncio
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI, Request, Response
from PIL import Image

from mlops_grade.suite import Inspector, Student, hint, probe

APP = "main:app"
COLOURS = ((220, 30, 40), (40, 200, 60), (30, 60, 210), (230, 220, 50))


def content(response: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that has the status it should have."""
    check_status(response, status)
    kind = response.headers.get("content-type", "")
    assert "json" in kind, f"{asked(response)} should answer with JSON, its content type is {kind!r}"
    return response.json()


def check_status(response: httpx.Response, status: int) -> None:
    got = response.status_code
    assert got == status, f"{asked(response)} answered with status {got}, expected {status}: {response.text[:300]}"


def asked(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.raw_path.decode()}"


def quadrants(width: int, height: int) -> Image.Image:
    """An image with a colour of its own in each quarter, and a little noise so that it does not compress to nothing."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left], pixels[:top, left:], pixels[top:, :left], pixels[top:, left:] = COLOURS
    noise = np.random.default_rng(width).integers(0, 6, pixels.shape, dtype=np.uint8)
    return Image.fromarray(pixels + noise)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind)
    return buffer.getvalue()


@probe
def opened(png):
    """Mode and pixels of a PNG, or its size alone where it is a large one; None for what is no PNG."""
    import io

    import numpy
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if image.width * image.height > 1024 * 1024:
            return image.mode, [image.height, image.width]
        return image.mode, numpy.array(image)
    except OSError:
        return None


@dataclass(frozen=True)
class Picture:
    """What a PNG shows: pixels [rows, columns] or [rows, columns, channels]."""

    mode: str
    pixels: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]


def decoded(response: httpx.Response, inspector: Inspector) -> Picture:
    """The PNG in an answer, opened with care: it was made by somebody else."""
    check_status(response, 200)
    kind = response.headers.get("content-type", "")
    with hint("FastAPI makes JSON of what a function returns, unless it returns a `Response(content, media_type=…)`."):
        assert kind.startswith("image/png"), f"the content type is {kind!r}, expected 'image/png'"
    found = inspector.run(opened, response.content)
    assert found is not None, f"the body ({len(response.content)} bytes) is not a PNG"
    mode, pixels = found
    assert not isinstance(pixels, list), f"the image has {pixels[0]} rows, {pixels[1]} columns"
    return Picture(mode, pixels)


def corners(pixels: np.ndarray) -> np.ndarray:
    """The colours in the middle of the quarters, [4] or [4, channels]: top left and right, bottom left and right."""
    height, width = pixels.shape[:2]
    places = [(row, column) for row in (height // 4, 3 * height // 4) for column in (width // 4, 3 * width // 4)]
    return np.array([pixels[place] for place in places], dtype=int)


@hint("`http.HTTPStatus.OK` is 200 and has a `.phrase`.")
def test_root_says_that_all_is_well(student: Student) -> None:
    """GET / answers OK and 200"""
    with student.serve(APP) as client:
        assert content(client.get("/")) == {"message": "OK", "status-code": 200}, "the answer to GET /"


@hint("Say `item_id: int` in the signature: FastAPI converts it, and refuses what is no integer. No default: required.")
def test_items_are_integers(student: Student, rng: np.random.Generator) -> None:
    """GET /items/{item_id} and /query_items take any integer, and answer 422 to the rest"""
    with student.serve(APP) as client:
        for item_id in (int(rng.integers(1_000, 1_000_000)), 0, -int(rng.integers(1, 1_000))):
            expected = {"item_id": item_id}
            assert content(client.get(f"/items/{item_id}")) == expected, f"the answer to GET /items/{item_id}"
            assert content(client.get("/query_items", params={"item_id": item_id})) == expected, (
                f"the answer to GET /query_items?item_id={item_id}"
            )
        for word in ("seven", "7.5"):
            check_status(client.get(f"/items/{word}"), 422)
            check_status(client.get("/query_items", params={"item_id": word}), 422)
        check_status(client.get("/query_items"), 422)


@hint("Routes are tried in the order in which they are declared: which one meets `/items/me` first?")
def test_own_item_is_reachable(student: Student) -> None:
    """GET /items/me is not taken for a number"""
    with student.serve(APP) as client:
        assert content(client.get("/items/me")) == {"item_id": "me"}, "the answer to GET /items/me"


@hint("An Enum (or a Literal) as the parameter's type lists what is allowed; FastAPI refuses the rest for you.")
def test_restricted_items(student: Student) -> None:
    """GET /restric_items/{item_id} takes alexnet, resnet and lenet; others get 422"""
    with student.serve(APP) as client:
        for name in ("lenet", "alexnet", "resnet"):
            answer = content(client.get(f"/restric_items/{name}"))
            assert answer == {"item_id": name}, f"the answer to GET /restric_items/{name}"
        for name in ("vgg", "resnet50", "ALEXNET"):
            check_status(client.get(f"/restric_items/{name}"), 422)


@hint("Three cases: a name that is new, a name that is known with its password, and with another one.")
def test_login_saves_accepts_and_refuses(student: Student, rng: np.random.Generator) -> None:
    """POST /login/ saves a new user (201), accepts a known one (200), refuses a wrong password (401)"""
    ada = {"username": f"ada{rng.integers(1_000)}", "password": f"first {rng.integers(10**9)}"}
    bob = {"username": f"bob{rng.integers(1_000)}", "password": f"second {rng.integers(10**9)}"}
    with student.serve(APP) as client:
        for form in ({"username": ada["username"]}, {"password": ada["password"]}):
            check_status(client.post("/login/", data=form), 422)
        for user in (ada, bob):
            assert content(client.post("/login/", data=user), 201) == {"message": "login saved"}, (
                "the answer to a new user"
            )
        for user in (ada, bob, ada):
            assert content(client.post("/login/", data=user)) == {"message": "login accepted"}, (
                "the answer to a known user with the right password"
            )
        check_status(client.post("/login/", data=ada | {"password": bob["password"]}), 401)


@hint("A salt of its own for each user and a slow digest; the csv module quotes names with commas in them.")
def test_database_remembers_users_and_no_passwords(student: Student, rng: np.random.Generator) -> None:
    """database.csv makes users known after a restart, and holds none of their passwords"""
    password = f"correct-horse, {rng.integers(10**9)}"
    names = [f'Lovelace, "Ada" {rng.integers(1_000)}', f"grace hopper, {rng.integers(1_000)}"]
    with student.serve(APP) as client:
        for name in names:
            check_status(client.post("/login/", data={"username": name, "password": password}), 201)
    assert "database.csv" in student.files("*"), "there is no database.csv in the folder where the server ran"
    text = student.read("database.csv").decode(errors="replace")
    rows = list(csv.reader(io.StringIO(text)))
    assert password not in text and not any(password in row for row in rows), "database.csv holds a user's password"
    entries = [[cell for cell in row if cell != name] for name in names for row in rows if name in row]
    assert len(entries) == 2, f"the csv module finds {len(entries)} rows with the names of the 2 new users"
    assert entries[0] != entries[1], "two users with the same password have the same entry: nothing is salted"
    # A time or a number may tell the rows apart, and the name of the digest be the same: look at what is long.
    same = [cell for cell in entries[0] if cell in entries[1] and re.fullmatch(r"[\w+/=-]{32,}", cell)]
    assert not same, f"two users with the same password both have {same[0]!r} in their rows: nothing is salted"
    with student.serve(APP) as client:
        for name in names:
            check_status(client.post("/login/", data={"username": name, "password": password}), 200)
            check_status(client.post("/login/", data={"username": name, "password": "guess"}), 401)


@hint("`re.fullmatch` wants the whole text to match; `re.search` and `re.match` are content with a part of it.")
def test_text_model_knows_addresses(student: Student, rng: np.random.Generator) -> None:
    """GET /text_model/ tells e-mail addresses from other texts"""
    number = int(rng.integers(1_000))
    addresses = [f"mlops{number}@dtu.dk", f"a.b+c_d%e-{number}@mail.some-{number}.example.org", "x@y.io"]
    others = ["mlops.dtu.dk", "a@b@dtu.dk", f"user{number}@localhost", "me@dtu.d", "@dtu.dk", "me@.dk", "a b@dtu.dk"]
    others += [f"write to me{number}@dtu.dk", f"me{number}@dtu.dk\n", "me@dtu.dk, you@dtu.dk", "me@dtu..dk", ""]
    with student.serve(APP) as client:
        for text in addresses + others:
            answer = content(client.get("/text_model/", params={"data": text}))
            assert isinstance(answer, dict), f"the answer is {answer!r}, expected a JSON object"
            verdict = answer.pop("is_email", None)
            assert verdict is (text in addresses), f"is_email is {verdict!r} for {text!r}"
            assert answer == {"input": text, "message": "OK", "status-code": 200}, (
                f"the rest of the answer for {text!r}, without is_email"
            )
        check_status(client.get("/text_model/"), 422)


@hint("Take the body as a pydantic model; look at the label right behind the @, not anywhere in the text.")
def test_text_model_matches_domains(student: Student, rng: np.random.Generator) -> None:
    """POST /text_model/ wants an address at the given provider"""
    name = f"user{rng.integers(1_000)}"
    cases = [
        (f"{name}@gmail.com", "gmail", True),
        (f"{name}@hotmail.co.uk", "hotmail", True),
        (f"{name}@hotmail.com", "gmail", False),
        (f"gmail.{name}@dtu.dk", "gmail", False),
        (f"{name}@notgmail.com", "gmail", False),
        (f"{name}@gmailing.com", "gmail", False),
        (f"{name}@post.hotmail.com", "hotmail", False),
        (f"{name} at gmail.com", "gmail", False),
        (f"{name}@gmail", "gmail", False),
    ]
    with student.serve(APP) as client:
        for email, domain, expected in cases:
            body = {"email": email, "domain_match": domain}
            answer = content(client.post("/text_model/", json=body))
            assert isinstance(answer, dict), f"the answer is {answer!r}, expected a JSON object"
            verdict = answer.pop("is_email", None)
            assert verdict is expected, f"is_email is {verdict!r} for {email!r} with domain_match {domain!r}"
            assert answer == {"input": body, "message": "OK", "status-code": 200}, (
                f"the rest of the answer for {email!r}, without is_email"
            )
        check_status(client.post("/text_model/", json={"email": f"{name}@dtu.dk", "domain_match": "dtu"}), 422)
        check_status(client.post("/text_model/", json={"email": f"{name}@gmail.com"}), 422)


@hint("Rows are the height h, columns the width w. Pillow's `resize` takes them in the other order.")
def test_images_are_resized(student: Student, inspector: Inspector, rng: np.random.Generator) -> None:
    """POST /cv_model/ scales the whole image to h rows and w columns"""
    upload = encoded(quadrants(90 + int(rng.integers(10)), 41))
    sizes = [({}, (28, 28)), ({"h": 9, "w": 33}, (9, 33)), ({"h": 51}, (51, 28)), ({"w": 64}, (28, 64))]
    with student.serve(APP) as client:
        for params, size in sizes:
            response = client.post("/cv_model/", params=params, files={"data": ("some.png", upload)})
            image = decoded(response, inspector)
            assert image.size == size, f"{params} gave (rows, columns) {image.size}"
            with hint('`image.convert("RGB")` gives three channels, whatever came in.'):
                assert image.mode == "RGB", f"the PNG has mode {image.mode}, expected RGB"
            found = corners(image.pixels)
            off = np.abs(found - np.array(COLOURS)).max()
            told = f"the colours of the four quarters are {found.tolist()}, in the upload {list(map(list, COLOURS))}"
            assert off < 40, told


@hint("Convert to RGB whatever comes in. Keep uploads in memory: `io.BytesIO`, and `Response(content, media_type=…)`.")
def test_images_of_all_modes_leave_nothing_behind(student: Student, inspector: Inspector) -> None:
    """POST /cv_model/ takes grey, palette and transparent images, and leaves none on the disk"""
    image = quadrants(37, 53)
    uploads = {
        "grey JPEG": encoded(image.convert("L"), "JPEG"),
        "PNG with a palette": encoded(image.quantize(8)),
        "PNG with transparency": encoded(image.convert("RGBA")),
    }
    before = set(student.files())
    with student.serve(APP) as client:
        for name, upload in uploads.items():
            sent = {"params": {"h": 20, "w": 30}, "files": {"data": ("image", upload)}}
            answer = decoded(client.post("/cv_model/", **sent), inspector)
            assert answer.mode == "RGB", f"a {name} came back with mode {answer.mode}, expected RGB"
            expected = corners(np.array(image.convert("L") if "grey" in name else image.convert("RGB")))
            off = np.abs(corners(answer.pixels) - expected.reshape(4, -1)).max()
            assert off < 40, f"a {name} came back with other colours than it had"
    left = sorted(name for name in set(student.files()) - before if is_image(student.read(name)))
    with hint("Keep uploads in memory: `io.BytesIO` is a file for Pillow."):
        assert not left, f"the server left images on its disk: {', '.join(left)}"


def is_image(data: bytes) -> bool:
    return data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"))


@hint("Limit h and w with `Query(ge=…, le=…)`. Pillow reads pixels late: a damaged file fails when they are used.")
def test_bad_uploads_are_refused(student: Student, inspector: Inspector) -> None:
    """POST /cv_model/ answers 422 to impossible sizes and 400 to what is no image"""
    upload = encoded(quadrants(64, 48))
    with student.serve(APP) as client:
        for params in ({"h": 0}, {"w": 0}, {"w": -3}, {"h": 1025}, {"w": 1025}, {"h": "tall"}):
            check_status(client.post("/cv_model/", params=params, files={"data": upload}), 422)
        check_status(client.post("/cv_model/"), 422)
        check_status(client.post("/cv_model/", files={"data": ("cat.png", b"this is not a cat")}), 400)
        check_status(client.post("/cv_model/", files={"data": ("half.png", upload[: len(upload) // 2])}), 400)
        edges = client.post("/cv_model/", params={"h": 1, "w": 1024}, files={"data": upload})
        assert decoded(edges, inspector).size == (1, 1024), "rows and columns with h=1 and w=1024"


class Backend:
    """The API as the client meets it: it answers with the given statuses in turn, then as it should."""

    def __init__(self, *statuses: int, delay: float = 0) -> None:
        self.statuses = list(statuses)
        self.delay = delay
        self.requests: list[dict[str, Any]] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self.answer, methods=["GET", "POST", "PUT"])

    async def answer(self, path: str, request: Request) -> Response:
        seen: dict[str, Any] = {"method": request.method, "path": f"/{path}", "query": dict(request.query_params)}
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            seen["json"] = await request.json()
        elif kind.startswith("multipart/"):
            form = await request.form()
            seen["data"] = await form["data"].read() if hasattr(form.get("data"), "read") else None
        self.requests.append(seen)
        await asyncio.sleep(self.delay)
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            return Response(f"<h1>{status}</h1>", status_code=status, media_type="text/html")
        if path.startswith("cv_model"):
            return Response(b"\x89PNG not quite", media_type="image/png")
        email = seen.get("json", {}).get("email", "")
        answer = b'{"is_email": true}' if "right" in email else b'{"is_email": false}'
        return Response(answer, media_type="application/json")


@probe
def outcome(client, name, *args, **kwargs):
    """What a call did: the value that it returned, or the names of the classes of what it raised, and the message."""
    try:
        return {"returned": getattr(client, name)(*args, **kwargs)}
    except Exception as error:
        return {"raised": [kind.__name__ for kind in type(error).__mro__], "message": str(error)}


def returned(result: dict[str, Any]) -> Any:
    """The value that a call returned."""
    assert "returned" in result, f"the call raised {result.get('raised', ['?'])[0]}: {result.get('message')}"
    return result["returned"]


def api_error(result: dict[str, Any]) -> str:
    """The message of the ApiError that a call raised."""
    assert "raised" in result, f"the call returned {result.get('returned')!r}, expected ApiError"
    kinds = result["raised"]
    assert "ApiError" in kinds, f"the call raised {kinds[0]} ({result['message']}), expected ApiError"
    return str(result["message"])


@hint("`requests.post(url, json=…)` sends JSON; `.json()` reads it. Mind the slash between base_url and path.")
def test_client_asks_the_text_model(student: Student, rng: np.random.Generator) -> None:
    """check_email posts the question and returns the answer's is_email"""
    backend = Backend()
    client = student.load("client")
    number = int(rng.integers(1_000))
    with student.host(backend.app) as url:
        for base, email, domain in (
            (url.rstrip("/"), f"right{number}@gmail.com", "gmail"),
            (url.rstrip("/") + "/", f"wrong{number}@dtu.dk", "hotmail"),
        ):
            answer = returned(student.run(outcome, client, "check_email", base, email, domain))
            assert answer is ("right" in email), f"check_email returned {answer!r}, the server said otherwise"
            expected = {"email": email, "domain_match": domain}
            question = {"method": "POST", "path": "/text_model/", "query": {}, "json": expected}
            assert backend.requests, "check_email made no request"
            assert backend.requests[-1] == question, "the request that check_email made"
    assert len(backend.requests) == 2, f"2 calls of check_email made {len(backend.requests)} requests"


@hint("Only 503 is worth another try, `retries` times at most; after that the caller wants to know.")
def test_client_retries_when_busy(student: Student, rng: np.random.Generator) -> None:
    """check_email asks again after 503, as often as it may"""
    retries = int(rng.integers(2, 4))
    question = ("right@gmail.com", "gmail")
    client = student.load("client")

    patient = Backend(*[503] * retries)
    with student.host(patient.app) as url:
        answer = returned(student.run(outcome, client, "check_email", url, *question, retries=retries))
        assert answer is True, f"check_email returned {answer!r}, the server said true after {retries} times 503"
    asked_for = len(patient.requests)
    assert asked_for == retries + 1, (
        f"retries={retries} made {asked_for} requests to a server that was busy {retries} times, expected {retries + 1}"
    )

    for allowed in (0, 1):
        busy = Backend(*[503] * 9)
        with student.host(busy.app) as url:
            message = api_error(student.run(outcome, client, "check_email", url, *question, retries=allowed))
        assert "503" in message, f"the message of ApiError lacks the status: {message!r}"
        assert len(busy.requests) == allowed + 1, (
            f"retries={allowed} made {len(busy.requests)} requests to a busy server, expected {allowed + 1}"
        )


@hint("Look at the status (`response.ok`), pass `timeout=`, and catch the base class `requests.RequestException`.")
def test_client_raises_api_error_at_once(student: Student) -> None:
    """Refusals, slow servers and unreachable ones raise ApiError after one request"""
    client = student.load("client")
    question = ("right@gmail.com", "gmail")
    for status in (422, 500, 504):
        backend = Backend(*[status] * 9)
        with student.host(backend.app) as url:
            message = api_error(student.run(outcome, client, "check_email", url, *question))
        assert str(status) in message, f"the message of ApiError lacks the status {status}: {message!r}"
        assert len(backend.requests) == 1, f"status {status} was asked {len(backend.requests)} times, expected once"

    slow = Backend(delay=0.3)
    student.write("picture.png", encoded(quadrants(8, 6)))
    with student.host(slow.app) as url:
        api_error(student.run(outcome, client, "check_email", url, *question, timeout=0.1))
        pictures = (Path("picture.png"), Path("small.png"))
        api_error(student.run(outcome, client, "resize_image", url, *pictures, timeout=0.1))
        for _ in student.looks(5):  # a request may be on its way when its client has given up
            if len(slow.requests) >= 2:
                break
        assert len(slow.requests) == 2, f"2 calls to a slow server made {len(slow.requests)} requests"
        answer = returned(student.run(outcome, client, "check_email", url, *question, timeout=60.0))
        assert answer is True, f"with timeout=60.0 check_email returned {answer!r}, the slow server said true"
    api_error(student.run(outcome, client, "check_email", url, *question))


@hint("`files={'data': …}` uploads; h and w go into `params`. Look at the status before you write to `output`.")
def test_client_resizes_images(student: Student, rng: np.random.Generator) -> None:
    """resize_image uploads the file and writes the answer, on success only"""
    upload = encoded(quadrants(30 + int(rng.integers(9)), 20))
    student.write("my pictures/large one.png", upload)
    client = student.load("client")
    arguments = (Path("my pictures/large one.png"), Path("small.png"))
    backend = Backend(200, 200, 422)
    with student.host(backend.app) as url:
        returned(student.run(outcome, client, "resize_image", url, *arguments, h=7, w=11))
        assert student.read("small.png") == b"\x89PNG not quite", "what resize_image wrote into its output"
        assert backend.requests, "resize_image made no request"
        assert backend.requests[0] == {
            "method": "POST",
            "path": "/cv_model/",
            "query": {"h": "7", "w": "11"},
            "data": upload,
        }, "the request that resize_image made with h=7 and w=11"
        returned(student.run(outcome, client, "resize_image", url, arguments[0], Path("other.png")))
        query = backend.requests[1]["query"]
        assert {"h": "28", "w": "28"} | query == {"h": "28", "w": "28"}, f"without h and w the query was {query}"
        student.write("small.png", b"precious")
        message = api_error(student.run(outcome, client, "resize_image", url, *arguments))
        assert "422" in message, f"the message of ApiError lacks the status 422: {message!r}"
    assert student.read("small.png") == b"precious", "resize_image overwrote its output although the request failed"
