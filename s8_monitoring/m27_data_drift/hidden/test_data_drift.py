"""Hidden suite of m27: an API that records what it predicts, and the comparison with its training data."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from mlops_grade.suite import Student, assert_close, hint, probe

HEADER = ["time", "sepal_length", "sepal_width", "petal_length", "petal_width", "prediction"]
MEASUREMENTS = HEADER[1:5]
SPECIES = ["setosa", "versicolor", "virginica"]
CENTROIDS = np.array([[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]])
DATABASE = "prediction_database.csv"
Frame = dict[str, list[Any]]


def flowers(rng: np.random.Generator, number: int) -> list[dict[str, float]]:
    """Flowers of all species, no two alike, none of which is near a border between two species."""
    species = np.arange(number) % 3
    spread = 0.2 * rng.uniform(-1, 1, size=(number, 4))
    values = np.round(CENTROIDS[species] + spread, 3)
    values[:, 0] += np.arange(number) / 10_000
    return [dict(zip(MEASUREMENTS, row.round(4).tolist())) for row in values]


def species_of(flower: dict[str, float]) -> int:
    distances = ((CENTROIDS - np.array(list(flower.values()))) ** 2).sum(1)
    return int(distances.argmin())


def answer_to(flower: dict[str, float]) -> dict[str, str | int]:
    return {"prediction": SPECIES[species_of(flower)], "prediction_int": species_of(flower)}


def rows_of(text: bytes) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text.decode())) if row]


def rows_in_database(student: Student, expected: int) -> list[list[str]]:
    """The database without its header, once it has as many rows as expected or the server had two seconds for them."""
    rows: list[list[str]] = []
    for _ in student.looks(2):
        rows = rows_of(student.read(DATABASE)) if student.files(DATABASE) else []
        if len(rows) > expected:
            break
    assert rows, f"there is no {DATABASE} in the folder that the server runs in, or it is empty"
    with hint("A blank behind a comma is part of the name to whoever reads the file."):
        blanks = [name.strip() for name in rows[0]] == HEADER != rows[0]
        assert not blanks, f"the first line of {DATABASE} has blanks around its names: {rows[0]}"
    assert rows[0] == HEADER, f"the first line of {DATABASE}"
    return rows[1:]


def as_recorded(rows: list[list[str]]) -> list[list[float]]:
    """Measurements and prediction of each row."""
    assert all(len(row) == len(HEADER) for row in rows), "some row does not have six fields: was it torn apart?"
    return [[number(field) for field in row[1:]] for row in rows]


def number(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        pytest.fail(f"a row of {DATABASE} has {field!r} where a number is expected")


def moment_of(field: str) -> datetime:
    try:
        return datetime.fromisoformat(field)
    except ValueError:
        pytest.fail(f"the time {field!r} is not in the format that datetime.isoformat writes")


def to_be_recorded(flower: dict[str, float]) -> list[float]:
    return [*flower.values(), species_of(flower)]


# ---------------------------------------------------------------------------------------------- the API


@hint("classifier.predict gives the index, classifier.SPECIES the name. Only iris_v2 touches the database.")
def test_iris_v1_classifies_and_records_nothing(student: Student, rng: np.random.Generator) -> None:
    """/iris_v1/ names the species of a flower, and records nothing"""
    with student.serve("main:app") as client:
        for flower in flowers(rng, 5):
            response = client.post("/iris_v1/", params=flower)
            assert response.status_code == 200, f"/iris_v1/ gave status {response.status_code}, expected 200"
            assert response.json() == answer_to(flower), f"the answer of /iris_v1/ to {flower}"
        incomplete = client.post("/iris_v1/", params={"sepal_length": 5.1, "petal_width": 0.2})
        assert incomplete.status_code == 422, (
            f"without two of the measurements /iris_v1/ gave status {incomplete.status_code}, expected 422"
        )
        recorded = rows_of(student.read(DATABASE))[1:] if student.files(DATABASE) else []
    assert recorded == [], f"there are rows in {DATABASE} after requests to /iris_v1/ alone"


@hint("One row per request, its fields in the order of the header; datetime.now needs to be told the time zone.")
def test_iris_v2_records_each_request(student: Student, rng: np.random.Generator) -> None:
    """/iris_v2/ answers the same and records time, measurements and prediction, in order"""
    asked = flowers(rng, 5)
    times = [datetime.now(UTC)]
    with student.serve("main:app") as client:
        for number, flower in enumerate(asked, start=1):
            response = client.post("/iris_v2/", params=flower)
            assert response.status_code == 200, f"/iris_v2/ gave status {response.status_code}, expected 200"
            assert response.json() == answer_to(flower), f"the answer of /iris_v2/ to {flower}"
            rows = rows_in_database(student, number)
            times.append(datetime.now(UTC))
    assert as_recorded(rows) == [to_be_recorded(flower) for flower in asked], (
        "the measurements and the prediction in each row, in the order of the requests"
    )
    for row, earliest, latest in zip(rows, times, times[1:]):
        recorded = moment_of(row[0])
        assert recorded.tzinfo is not None, f"the time {row[0]} has no offset: nobody can tell that it is UTC"
        assert recorded.utcoffset() == timedelta(0), f"the time {row[0]} is not given in UTC"
        # Whoever rounds to seconds or milliseconds is not wrong.
        assert earliest - timedelta(seconds=1) <= recorded <= latest + timedelta(seconds=1), (
            f"the row says {row[0]}, but it was written between {earliest} and {latest}"
        )


@probe
def post_directly(app, query, database):
    """Drive the app by hand, to see the file at the moment when the response is complete."""
    import asyncio
    import pathlib

    seen = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            seen.append(message["status"])
        elif not message.get("more_body", False):
            path = pathlib.Path(database)
            seen.append(path.read_bytes() if path.exists() else b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/iris_v2/",
        "raw_path": b"/iris_v2/",
        "root_path": "",
        "query_string": query.encode(),
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))
    return seen


@hint("Hand the writing to BackgroundTasks: what runs inside the endpoint runs before the response.")
def test_row_is_written_after_the_response(student: Student, rng: np.random.Generator) -> None:
    """/iris_v2/ responds first and writes its row afterwards"""
    [flower] = flowers(rng, 1)
    app = student.load("main").app
    query = "&".join(f"{name}={value}" for name, value in flower.items())
    status, database_at_response = student.run(post_directly, app, query, DATABASE)
    assert status == 200, f"/iris_v2/ gave status {status}, expected 200"
    assert rows_of(database_at_response)[1:] == [], "the row was already in the file when the response was sent"
    assert as_recorded(rows_in_database(student, 1)) == [to_be_recorded(flower)], (
        "the measurements and the prediction in the rows, after one request"
    )


@hint("Open the file for appending: reading it all and writing it back loses what others wrote in between.")
def test_concurrent_requests_are_all_recorded(student: Student, rng: np.random.Generator) -> None:
    """Ten clients posting at the same time: no row is lost or torn"""
    asked = flowers(rng, 60)
    with student.serve("main:app") as client, ThreadPoolExecutor(10) as clients:
        responses = list(clients.map(lambda flower: client.post("/iris_v2/", params=flower), asked))
        statuses = [response.status_code for response in responses]
        assert statuses == [200] * len(asked), (
            f"the statuses of {len(asked)} requests, of which {len(asked) - statuses.count(200)} did not give 200"
        )
        rows = rows_in_database(student, len(asked))
    recorded = as_recorded(rows)
    lost = [flower for flower in asked if to_be_recorded(flower) not in recorded]
    assert not lost, f"{len(lost)} of {len(asked)} requests are missing from the database"
    assert len(recorded) == len(asked), f"{len(asked)} requests were made, and there are {len(recorded)} rows"


@hint("What does your code do to the file when the server starts, and when is a header due?")
def test_restart_keeps_the_database(student: Student, rng: np.random.Generator) -> None:
    """A restarted server adds to the database that it finds"""
    earlier = "2025-01-31T09:30:00.123456+00:00,5.9,2.7,4.2,1.3,1"
    student.write(DATABASE, ",".join(HEADER) + f"\n{earlier}\n")
    [flower] = flowers(rng, 1)
    with student.serve("main:app") as client:
        assert client.post("/iris_v2/", params=flower).status_code == 200, "the status that /iris_v2/ gave"
        rows = rows_in_database(student, 2)
    assert rows, f"there are no rows in {DATABASE} any more"
    assert rows[0] == earlier.split(","), "the first row, which was there before the server started"
    assert as_recorded(rows[1:]) == [to_be_recorded(flower)], (
        "the measurements and the prediction in the rows after the first"
    )


# ----------------------------------------------------------------------------------- from rows to a window


@probe
def loaded(module, path):
    frame = module.load_predictions(path)
    times = [[moment.isoformat(), str(moment.tzinfo)] for moment in frame["time"]]
    return times, {str(name): [float(v) for v in frame[name]] for name in frame.columns if name != "time"}


@hint("Compare the header of the database with the one of reference.csv.")
def test_load_predictions(student: Student, rng: np.random.Generator) -> None:
    """load_predictions reads a database into a frame that fits the reference data"""
    asked = flowers(rng, 7)
    start = datetime(2025, 3, 1, 23, 59, 58, tzinfo=UTC)
    times = [start + timedelta(seconds=i, microseconds=(i + 1) * 1001) for i in range(len(asked))]
    lines = [",".join(map(str, [t.isoformat(), *to_be_recorded(f)])) for t, f in zip(times, asked)]
    student.write("some_database.csv", "\n".join([",".join(HEADER), *lines]) + "\n")
    read_times, columns = student.run(loaded, student.load("data_drift"), "some_database.csv")
    assert sorted(columns) == sorted([*MEASUREMENTS, "target"]), "the columns of the frame, apart from time"
    assert [datetime.fromisoformat(moment) for moment, _ in read_times] == times, "the column time"
    assert [columns[name] for name in [*MEASUREMENTS, "target"]] == [
        list(column) for column in zip(*map(to_be_recorded, asked))
    ], f"the columns {', '.join(MEASUREMENTS)} and target, one after the other"


@hint("What main.py writes is what data_drift.py reads: the names in the header and the times have to be understood.")
def test_own_database_can_be_read(student: Student, rng: np.random.Generator) -> None:
    """load_predictions reads the database that the API wrote"""
    asked = flowers(rng, 3)
    with student.serve("main:app") as client:
        for number, flower in enumerate(asked, start=1):
            assert client.post("/iris_v2/", params=flower).status_code == 200, "the status that /iris_v2/ gave"
            rows_in_database(student, number)
    times, columns = student.run(loaded, student.load("data_drift"), DATABASE)
    assert len(times) == 3, "the number of rows that load_predictions reads after three requests"
    assert [columns.get(name) for name in [*MEASUREMENTS, "target"]] == [
        list(column) for column in zip(*map(to_be_recorded, asked))
    ], f"the columns {', '.join(MEASUREMENTS)} and target of the API's own database, one after the other"


@probe
def windows(module, times, number, cases):
    """The `number` column of each window; whether the frame that was handed in changed; the window's columns."""
    import datetime

    import pandas

    frame = pandas.DataFrame({"number": number, "time": pandas.to_datetime(times, utc=True)})
    before = frame.copy()
    results = []
    for n, seconds in cases:
        t = None if seconds is None else datetime.timedelta(seconds=seconds)
        window = module.filter_data(frame, n=n, t=t)
        results.append([int(value) for value in window["number"]])
    return results, bool(frame.equals(before)), [str(name) for name in module.filter_data(frame, n=1).columns]


class History:
    """Rows at known seconds, shuffled: row k lies at the k-th of them."""

    def __init__(self, rng: np.random.Generator, number: int = 17) -> None:
        self.seconds = np.cumsum(rng.integers(20, 500, size=number)).tolist()
        self.order = rng.permutation(number).tolist()
        if self.order[-1] == number - 1:  # the newest row must not happen to come last
            self.order.reverse()
        start = datetime(2024, 2, 28, 20, tzinfo=UTC)
        self.times = [(start + timedelta(seconds=self.seconds[k])).isoformat() for k in self.order]

    def window(self, n: int | None, seconds: float | None) -> list[int]:
        ages = [(k, self.seconds[-1] - second) for k, second in enumerate(self.seconds)]
        rows = [k for k, age in ages if seconds is None or age <= seconds]
        return rows if n is None else rows[max(0, len(rows) - n) :]


def check_windows(student: Student, history: History, cases: list[tuple[int | None, float | None]]) -> None:
    module = student.load("data_drift")
    got, unchanged, columns = student.run(windows, module, history.times, history.order, cases)
    for case, rows in zip(cases, got):
        n, seconds = case
        expected = history.window(n, seconds)
        described = f"filter_data(data, n={n}, t={None if seconds is None else timedelta(seconds=seconds)!r})"
        assert sorted(rows) == expected, f"{described} on shuffled rows 0 (oldest) to 16 kept the wrong rows"
        assert rows == expected, f"{described} kept the right rows; they must leave oldest first"
    assert unchanged, "filter_data changed the frame that it was given"
    assert columns == ["number", "time"], "the columns of what filter_data returns"


@hint("Newest is a matter of the column time, not of the position. And 0 is a number, None is not.")
def test_window_by_count(student: Student, rng: np.random.Generator) -> None:
    """filter_data keeps the n newest rows, oldest first"""
    check_windows(student, History(rng), [(5, None), (1, None), (17, None), (40, None), (0, None), (None, None)])


@hint("Measure age from the newest row of the data; a row that is exactly t old is still in. With n and t, both hold.")
def test_window_by_time(student: Student, rng: np.random.Generator) -> None:
    """filter_data keeps the rows of the last t, counted from the newest row; with n as well, the newest n of them"""
    history = History(rng)
    age = history.seconds[-1] - history.seconds[-6]
    check_windows(student, history, [(None, age), (None, age - 1), (None, age + 1), (None, 0), (None, 10**7)])
    check_windows(student, history, [(3, age), (12, age), (0, age), (3, 0)])


# ------------------------------------------------------------------------------------------------ drift


COLUMNS = ["petal_length", "moisture", "acidity", "age", "target"]


def reference_frame(rng: np.random.Generator, rows: int = 211) -> Frame:
    frame = {name: rng.normal(rng.uniform(-5, 50), rng.uniform(0.5, 4), size=rows).tolist() for name in COLUMNS[:-1]}
    return {**frame, "target": rng.permutation(np.arange(rows) % 3).tolist()}


def current_frame(rng: np.random.Generator, reference: Frame, moved: list[str], spread: list[str]) -> Frame:
    """The reference rows of each column in another order, a few left out; some columns changed beyond doubt."""
    frame: Frame = {"time": [f"2025-05-01T10:{k // 60:02d}:{k % 60:02d}+00:00" for k in range(203)]}
    for name in rng.permutation(list(reference)).tolist():
        column = rng.permutation(np.array(reference[name]))[:203]
        mean, std = column.mean(), column.std()
        if name in moved:
            column = column + 2 * std
        if name in spread:
            column = mean + 3.5 * (column - mean)
        frame[name] = column.tolist()
    return frame


@probe
def drifted(module, reference, current):
    import pandas

    return [str(name) for name in module.drifted_columns(pandas.DataFrame(reference), pandas.DataFrame(current))]


def check_drift(student: Student, rng: np.random.Generator, moved: list[str], spread: list[str]) -> None:
    reference = reference_frame(rng)
    current = current_frame(rng, reference, moved, spread)
    student.patience = 30
    assert student.run(drifted, student.load("data_drift"), reference, current) == moved + spread, (
        f"what drifted_columns gives when {len(moved + spread)} of {len(COLUMNS)} columns changed"
    )


@hint("Report(...).run(current, reference) with tests included has a verdict for every column: read it from .dict().")
def test_columns_that_moved(student: Student, rng: np.random.Generator) -> None:
    """drifted_columns names the columns whose values moved: none, one, all"""
    for moved in [[], ["moisture"], COLUMNS]:
        check_drift(student, rng, moved, [])


@hint("A mean says nothing about the spread: leave the choice of the test to Evidently.")
def test_column_that_spread(student: Student, rng: np.random.Generator) -> None:
    """drifted_columns names a column whose mean stayed and whose variance grew"""
    check_drift(student, rng, [], ["age"])


@hint("Only columns that both frames have can be compared, and time moves on by nature.")
def test_columns_that_are_not_compared(student: Student, rng: np.random.Generator) -> None:
    """Columns of one frame only, and time, are left out of the comparison"""
    reference = reference_frame(rng)
    current = current_frame(rng, reference, ["moisture", "target"], [])
    # Both frames have a time of their own, and each a column that the other one lacks.
    reference["time"] = [float(k) for k in range(211)]
    current["time"] = [1e9 + k for k in range(203)]
    current["request"] = [float(k) for k in range(203)]
    del current["acidity"]
    student.patience = 30
    assert student.run(drifted, student.load("data_drift"), reference, current) == ["moisture", "target"], (
        "what drifted_columns gives"
    )


@probe
def results_of_run_tests(module, reference, current, shares):
    import pandas

    frames = pandas.DataFrame(reference), pandas.DataFrame(current)
    results = [module.run_tests(*frames)] + [module.run_tests(*frames, drift_share=share) for share in shares]
    return [{str(name): bool(passed) for name, passed in result.items()} for result in results]


@hint("The test passes while fewer than drift_share of the compared columns drifted; at exactly that share it fails.")
def test_drift_share(student: Student, rng: np.random.Generator) -> None:
    """run_tests: drift passes below drift_share of the columns, and not at it"""
    reference = reference_frame(rng)
    del reference["acidity"]  # four columns are left, two of them drift: one half
    current = current_frame(rng, reference, ["petal_length"], ["age"])
    student.patience = 30
    results = student.run(results_of_run_tests, student.load("data_drift"), reference, current, [0.3, 0.6])
    absent = [name for name in ["drift", "missing_values"] for result in results if name not in result]
    assert not absent, f"what run_tests returns has no {absent[0]}"
    assert [result["drift"] for result in results] == [False, False, True], (
        "whether drift passed when half of the columns drifted: by default, at drift_share 0.3, at drift_share 0.6"
    )
    assert [result["missing_values"] for result in results] == [True] * 3, (
        "whether missing_values passed, in three runs on data without gaps"
    )


@hint("Which of the two frames is tested? Evidently's interfaces do not take them in the same order.")
def test_missing_values(student: Student, rng: np.random.Generator) -> None:
    """run_tests: missing_values looks at the current data"""
    reference = reference_frame(rng)
    current = current_frame(rng, reference, [], [])
    module = student.load("data_drift")
    student.patience = 30
    with_gaps = {**current, "age": [*current["age"][:-3], None, None, current["age"][-1]]}
    [result] = student.run(results_of_run_tests, module, reference, with_gaps, [])
    assert result == {"drift": True, "missing_values": False}, "two values of the current data are missing"
    earlier_gaps = {**reference, "age": [None, *reference["age"][1:]]}
    [result] = student.run(results_of_run_tests, module, earlier_gaps, current, [])
    assert result == {"drift": True, "missing_values": True}, "only the reference data lack a value"


@probe
def reported(module, reference, current, path):
    import pandas

    module.write_report(pandas.DataFrame(reference), pandas.DataFrame(current), path)


@hint("Snapshots and legacy reports have save_html; the folder has to exist first.")
def test_report_is_written(student: Student, rng: np.random.Generator) -> None:
    """write_report saves Evidently's page about the data, in a folder that did not exist"""
    reference = reference_frame(rng, 101)
    odd = f"column_{rng.integers(10**6, 10**7)}"
    reference[odd] = reference.pop("acidity")
    current = {name: values[:97] for name, values in reference.items()}
    student.patience = 30
    student.run(reported, student.load("data_drift"), reference, current, "reports/today/drift.html")
    assert student.files("reports/today/drift.html"), "write_report wrote no file at the path that it was given"
    page = student.read("reports/today/drift.html").decode(errors="replace")
    assert "drawDashboard" in page, "this is not a page that Evidently saved"
    assert odd in page, "the page does not mention one of the columns that were compared"


# ------------------------------------------------------------------------------------------------ images


def features_of(images: np.ndarray) -> np.ndarray:
    """The definition, pixel by pixel: independent of numpy's own mean, std and gradient."""
    rows = []
    for image in images.astype(float):
        height, width = image.shape
        above = np.clip(np.arange(height) - 1, 0, None)
        below = np.clip(np.arange(height) + 1, None, height - 1)
        left = np.clip(np.arange(width) - 1, 0, None)
        right = np.clip(np.arange(width) + 1, None, width - 1)
        vertical = (image[below] - image[above]) / (below - above)[:, None]
        horizontal = (image[:, right] - image[:, left]) / (right - left)
        brightness = image.sum() / image.size
        contrast = (((image - brightness) ** 2).sum() / image.size) ** 0.5
        sharpness = (np.abs(vertical).sum() + np.abs(horizontal).sum()) / (2 * image.size)
        rows.append([brightness, contrast, sharpness])
    return np.array(rows)


def check_features(student: Student, images: np.ndarray) -> None:
    got = student.load("image_drift").extract_features(images)
    assert isinstance(got, np.ndarray), "extract_features returns a numpy array"
    assert got.shape == (len(images), 3), f"the shape of the features of {len(images)} images"
    assert got.dtype.kind == "f", f"the features are {got.dtype}, not floats"
    for column, name in enumerate(["brightness", "contrast", "sharpness"]):
        assert_close(got[:, column].astype(float), features_of(images)[:, column], name)


@hint("Is the deviation the population's? Are both directions in? And which number is 3 - 5 in uint8?")
def test_image_features(student: Student, rng: np.random.Generator) -> None:
    """extract_features gives brightness, contrast and sharpness of each image, of floats as well as of bytes"""
    images = rng.normal(rng.uniform(-1, 1, size=(5, 1, 1)), rng.uniform(0.1, 2, size=(5, 1, 1)), size=(5, 6, 9))
    images[3] += np.arange(9)  # a ramp: sharp in one direction only
    check_features(student, images)
    check_features(student, rng.integers(0, 256, size=(4, 7, 5)).astype(np.uint8))
    nothing = student.load("image_drift").extract_features(np.zeros((0, 5, 4), dtype=np.float32))
    assert tuple(nothing.shape) == (0, 3), "the shape of the features of no images"
