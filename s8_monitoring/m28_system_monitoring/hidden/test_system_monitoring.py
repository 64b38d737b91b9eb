"""Hidden suite of m28: an API's metrics and spans, and what is made of them."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from promql import Node, Series, evaluate, parse
from rules import Rule, read_rules, run, sources

from mlops_grade.suite import Inspector, Student, assert_close, hint, probe

QUIET = {"OTEL_SDK_DISABLED": "true"}
WORTH = {
    "good": 1.2, "great": 2.1, "love": 1.8, "excellent": 2.6, "nice": 0.9, "fun": 1.1,
    "bad": -1.3, "awful": -2.4, "hate": -1.9, "boring": -1.5, "poor": -1.0, "broken": -1.7,
}  # fmt: skip


def reviews(rng: np.random.Generator, number: int) -> list[str]:
    fill = ["the film", "a plot", "and actors", "of it"]
    return [
        " ".join([str(rng.choice(fill)), *map(str, rng.choice(list(WORTH), size=rng.integers(1, 4)))]) + "!" * k
        for k in range(number)
    ]


def answer_to(review: str) -> tuple[str, float]:
    score = sum(WORTH.get(word, 0.0) for word in review.replace("!", "").split())
    positive = 1 / (1 + math.exp(-score))
    return ("positive", positive) if positive >= 0.5 else ("negative", 1 - positive)


def post(client: httpx.Client, review: str) -> httpx.Response:
    return client.post("/predict", json={"review": review})


def metrics_of(client: httpx.Client) -> dict[str, float]:
    """Every sample without labels, and the types of its metrics under `name type`."""
    response = client.get("/metrics", follow_redirects=True)
    assert response.status_code == 200, f"/metrics gave status {response.status_code}, expected 200"
    found: dict[str, Any] = {}
    try:
        for family in text_string_to_metric_families(response.text):
            found[f"{family.name} type"] = family.type
            for sample in family.samples:
                if not sample.labels:
                    found[sample.name] = sample.value
    except ValueError:
        pytest.fail("/metrics is not in the format that Prometheus reads")
    return found


def sample_of(found: dict[str, float], name: str) -> float:
    assert name in found, f"/metrics has no {name} without labels: compare names and kinds with the README"
    return found[name]


# --------------------------------------------------------------------------------------------------- metrics


@hint("sentiment.classify does it; a ValueError becomes an HTTPException with the right status.")
def test_predictions(student: Student, rng: np.random.Generator) -> None:
    """/predict answers with label and probability, and with 400 to what has no words"""
    with student.serve("main:app", env=QUIET) as client:
        for review in reviews(rng, 4):
            response = post(client, review)
            assert response.status_code == 200, (
                f"/predict gave status {response.status_code} for {review!r}, expected 200"
            )
            label, probability = answer_to(review)
            got = response.json()
            assert isinstance(got, dict), f"the answer of /predict is {got!r}, expected an object"
            missing = [name for name in ["label", "probability"] if name not in got]
            assert not missing, f"the answer of /predict has no {missing[0]}"
            assert got["label"] == label, f"the label for {review!r}"
            assert_close(float(got["probability"]), probability, "the probability")
        for review in ["", "12345 !?"]:
            assert post(client, review).status_code == 400, f"the status that /predict gives for {review!r}"


@hint("Create the metrics when the module is loaded, with exactly the names and kinds of the README.")
def test_metrics_before_the_first_request(student: Student) -> None:
    """/metrics shows all four metrics at zero before the first request"""
    with student.serve("main:app", env=QUIET) as client:
        found = metrics_of(client)
    kinds = {
        "prediction_requests": "counter",
        "prediction_error": "counter",
        "prediction_latency_seconds": "histogram",
        "review_length_summary": "summary",
    }
    for name, kind in kinds.items():
        assert f"{name} type" in found, f"/metrics has no {name}"
        assert found[f"{name} type"] == kind, f"the kind of the metric {name}"
        sample = f"{name}_total" if kind == "counter" else f"{name}_count"
        assert found.get(sample) == 0, f"{sample} is {found.get(sample)} before the first request, expected 0"


@hint("In which branch of your function is each metric touched? A failure is a request, too.")
def test_counters(student: Student, rng: np.random.Generator) -> None:
    """Requests are counted whether they succeed or not, errors when they fail, malformed bodies never"""
    with student.serve("main:app", env=QUIET) as client:
        good = reviews(rng, 5)
        for review in good:
            post(client, review)
        found = metrics_of(client)
        requests, errors = (sample_of(found, f"prediction_{what}_total") for what in ["requests", "error"])
        assert requests == 5, f"after 5 reviews prediction_requests_total is {requests}, expected 5"
        assert errors == 0, f"after 5 reviews prediction_error_total is {errors}, expected 0"
        bad = ["", "?!", "123 456"]
        for review in bad:
            post(client, review)
        for body in [{"text": "a good film"}, {"review": 7}, []]:
            assert client.post("/predict", json=body).status_code == 422, (
                f"the status that /predict gives for the malformed body {body}"
            )
        found = metrics_of(client)
    then = "after 5 reviews, 3 more without words and 3 malformed bodies"
    requests, errors = (sample_of(found, f"prediction_{what}_total") for what in ["requests", "error"])
    assert requests == 8, f"{then} prediction_requests_total is {requests}, expected 8"
    assert errors == 3, f"{then} prediction_error_total is {errors}, expected 3"
    timed = sample_of(found, "prediction_latency_seconds_count")
    with hint("A malformed body never reaches your function: a middleware sees it all the same."):
        assert timed == 8, f"{then} prediction_latency_seconds_count is {timed}, expected 8"
    number, length = (sample_of(found, f"review_length_summary_{what}") for what in ["count", "sum"])
    assert number == 8, f"{then} review_length_summary_count is {number}, expected 8"
    assert length == sum(map(len, good + bad)), (
        f"{then} review_length_summary_sum is {length}, expected {sum(map(len, good + bad))} characters"
    )


@hint("A histogram can time a block or a function: which of them takes long, and does it also end when it fails?")
def test_latency(student: Student, rng: np.random.Generator) -> None:
    """The histogram holds the time of each prediction in seconds, failed ones included"""
    with student.serve("main:app", env=QUIET | {"SENTIMENT_DELAY": "0.15"}) as client:
        start = time.monotonic()
        for review in [*reviews(rng, 3), "", "?"]:
            post(client, review)
        elapsed = time.monotonic() - start
        found = metrics_of(client)
    number, total = (sample_of(found, f"prediction_latency_seconds_{what}") for what in ["count", "sum"])
    assert number == 5, (
        f"after 5 reviews, 2 of them without words, prediction_latency_seconds_count is {number}, expected 5"
    )
    assert total >= 5 * 0.149, f"five predictions of 0.15 s or more took {total:.3f} s altogether, says the histogram"
    assert total <= elapsed, (
        f"five predictions took {total:.3f} s, says the histogram; from outside it was {elapsed:.3f} s"
    )


# ---------------------------------------------------------------------------------------------------- traces


@dataclass(frozen=True)
class Span:
    """A span, and the attributes of the resource behind it."""

    name: str
    resource: dict[str, Any]
    attributes: dict[str, Any]
    is_error: bool
    events: list[str]
    start: int
    end: int


@probe
def spans_in(requests):
    """Each span in the bodies of OTLP requests: what `Span` has, in its order."""
    import gzip

    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import Status

    def plain(attributes):
        kinds = {one.key: one.value.WhichOneof("value") for one in attributes}
        return {one.key: getattr(one.value, kinds[one.key]) for one in attributes if kinds[one.key]}

    def scalar(value):
        return value if isinstance(value, str | bool | int | float | bytes) else str(value)

    found = []
    for body, packed in requests:
        request = ExportTraceServiceRequest()
        request.ParseFromString(gzip.decompress(body) if packed else body)
        for resource in request.resource_spans:
            described = {name: scalar(value) for name, value in plain(resource.resource.attributes).items()}
            for span in (span for scoped in resource.scope_spans for span in scoped.spans):
                attributes = {name: scalar(value) for name, value in plain(span.attributes).items()}
                is_error = span.status.code == Status.STATUS_CODE_ERROR
                events = [event.name for event in span.events]
                times = (span.start_time_unix_nano, span.end_time_unix_nano)
                found.append((span.name, described, attributes, is_error, events, *times))
    return found


class Collector:
    """An OTLP receiver over HTTP: what it receives is read in the inspector."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._received: list[tuple[bytes, bool]] = []
        self._read: list[Span] = []
        self.paths: set[str] = set()

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.paths.add(scope["path"])
        headers = dict(scope["headers"])
        status = 404
        if scope["path"] == "/v1/traces":
            self._received.append((body, headers.get(b"content-encoding") == b"gzip"))
            status = 200  # an empty body is an ExportTraceServiceResponse that has nothing to say
        raw = [(b"content-type", b"application/x-protobuf"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b""})

    def spans(self) -> list[Span]:
        received, self._received = self._received, []
        if received:
            self._read += [Span(*each) for each in self._inspector.run(spans_in, received)]
        return self._read

    def predictions(self, student: Student, expected: int) -> list[Span]:
        """The spans called predict, once there are as many as expected or the server had six seconds for them."""
        found: list[Span] = []
        for _ in student.looks(6):
            found = [span for span in self.spans() if span.name == "predict"]
            if len(found) >= expected:
                break
        names = sorted({span.name for span in self.spans()})
        assert len(found) == expected, (
            f"for {expected} requests {len(found)} spans called predict arrived; seen were {', '.join(names) or 'none'}"
        )
        return sorted(found, key=lambda span: span.start)


@pytest.fixture
def collector(inspector: Inspector) -> Collector:
    return Collector(inspector)


def traced(url: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "50"}


@hint("start_as_current_span around the work, set_attribute for each fact; the provider's Resource names the service.")
def test_spans(student: Student, collector: Collector, rng: np.random.Generator) -> None:
    """Each prediction sends a span with message, label and label_probability, from the service sentiment-api"""
    asked = reviews(rng, 3)
    with student.host(collector) as url, student.serve("main:app", env=traced(url)) as client:
        for review in asked:
            assert post(client, review).status_code == 200, f"the status that /predict gives for {review!r}"
        found = collector.predictions(student, 3)
    for review, span in zip(asked, found):
        label, probability = answer_to(review)
        attributes = span.attributes
        missing = [name for name in ["message", "label", "label_probability"] if name not in attributes]
        assert not missing, f"the span has no attribute {missing[0]}"
        assert attributes["message"] == review, "the span's attribute message"
        assert attributes["label"] == label, "the span's attribute label"
        assert isinstance(attributes["label_probability"], float), "label_probability is not sent as a float"
        assert_close(attributes["label_probability"], probability, "label_probability")
        assert not span.is_error, "a prediction that succeeded has the status error"
        assert span.resource.get("service.name") == "sentiment-api", "service.name of the resource behind the span"


@hint("A span notices an exception that passes through it. Does yours pass through, or is it caught before?")
def test_span_of_a_failure(student: Student, collector: Collector) -> None:
    """A prediction that fails sends a span with the status error, the message and the exception"""
    with student.host(collector) as url, student.serve("main:app", env=traced(url)) as client:
        assert post(client, "42 ?!").status_code == 400, "the status that /predict gives for '42 ?!'"
        assert post(client, "a good film").status_code == 200, "the status that /predict gives for 'a good film'"
        failed, fine = collector.predictions(student, 2)
    assert failed.is_error, "the span of a failed prediction has not the status error"
    assert not fine.is_error, "the span after a failed one has the status error as well"
    attributes = failed.attributes
    assert attributes.get("message") == "42 ?!", "the attribute message of the failed prediction's span"
    assert "label" not in attributes, "there was no label, yet the span has one"
    assert "exception" in failed.events, "the exception is not recorded on the span"


@hint("The duration of a span is the time between its start and its end: what lies between them in your code?")
def test_span_lasts_as_long_as_the_work(student: Student, collector: Collector) -> None:
    """The span covers the classification"""
    env = {"SENTIMENT_DELAY": "0.12"}
    with student.host(collector) as url, student.serve("main:app", env=traced(url) | env) as client:
        post(client, "a nice film")
        [span] = collector.predictions(student, 1)
    duration = (span.end - span.start) / 1e9
    assert duration >= 0.119, f"the classification took 0.12 s, the span {duration:.4f} s"


# ---------------------------------------------------------------------------------------------------- alerts

STEP = 15
BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, math.inf]
Traffic = Callable[[int], tuple[float, float, float, float]]


def below(bound: float, latency: float) -> float:
    """The share of requests under a bound, when they take between a half and one and a half times the latency."""
    return min(1.0, max(0.0, (bound - 0.5 * latency) / latency))


def scraped(traffic: Traffic, minutes: int = 40, restart: int | None = None) -> Series:
    """What Prometheus has seen of two instances.

    `traffic` gives, for each minute, requests per second, the share of errors, the latency, and the share of requests
    that take two seconds instead.
    """
    series: Series = {}
    for instance, weight in [("10.0.0.1:8000", 1.0), ("10.0.0.2:8000", 1.5)]:
        labels = {("job", "sentiment-api"), ("instance", instance)}
        totals: dict[tuple[str, str], float] = {}
        for tick in range(minutes * 60 // STEP):
            if restart is not None and tick == restart * 60 // STEP:
                totals = {}  # counters begin anew
            requests, errors, latency, slow = traffic(tick * STEP // 60)
            requests *= weight * STEP
            added = {
                ("prediction_requests_total", ""): requests,
                ("prediction_error_total", ""): requests * errors,
                ("prediction_latency_seconds_sum", ""): requests * ((1 - slow) * latency + slow * 2),
                ("prediction_latency_seconds_count", ""): requests,
                ("review_length_summary_sum", ""): requests * 81,
                ("review_length_summary_count", ""): requests,
            }
            for bound in BUCKETS:
                share = (1 - slow) * below(bound, latency) + slow * below(bound, 2)
                text = "+Inf" if math.isinf(bound) else str(bound)
                added["prediction_latency_seconds_bucket", text] = requests * share
            for key, value in added.items():
                totals[key] = totals.get(key, 0.0) + value
                name, bound_text = key
                full = frozenset(labels | ({("le", bound_text)} if bound_text else set()))
                series.setdefault(name, {}).setdefault(full, []).append((tick * STEP, totals[key]))
    return series


def scenario(number: float = 2.0, errors: float = 0.02, latency: float = 0.05, **when: Any) -> Traffic:
    """Quiet traffic, but for the minutes from `first` to `last`."""

    def traffic(minute: int) -> tuple[float, float, float, float]:
        if when.get("first", 0) <= minute < when.get("last", 0):
            return (
                when.get("number_then", number),
                when.get("errors_then", errors),
                when.get("latency_then", latency),
                when.get("slow_then", 0.0),
            )
        return number, errors, latency, 0.0

    return traffic


SCENARIOS: dict[str, tuple[Series, set[str]]] = {
    "quiet": (scraped(scenario()), set()),
    "errors": (scraped(scenario(first=15, last=35, errors_then=0.3)), {"HighErrorRate"}),
    "few requests with errors": (scraped(scenario(0.05, first=15, last=35, errors_then=0.14)), {"HighErrorRate"}),
    "many requests with few errors": (scraped(scenario(300, first=15, last=35, errors_then=0.07)), set()),
    "errors for a minute": (scraped(scenario(first=15, last=16, errors_then=0.55)), set()),
    "slow": (scraped(scenario(first=15, last=35, latency_then=0.6)), {"SlowPredictions"}),
    "slow for a minute": (scraped(scenario(first=15, last=16, number_then=0.5, latency_then=2.0)), set()),
    "fast enough": (scraped(scenario(first=15, last=35, latency_then=0.29)), set()),
    "slow for some": (scraped(scenario(first=15, last=35, slow_then=0.07)), {"SlowPredictions"}),
    "slow for very few": (scraped(scenario(first=15, last=35, slow_then=0.03)), set()),
    "idle": (scraped(scenario(first=10, last=39, number_then=0.0)), set()),
    "restarted": (scraped(scenario(), restart=20), set()),
}


LATEST = {"few requests with errors": (7.0, 10.0), "slow for some": (7.0, 10.0)}
"""Minutes between which the alert comes, where it takes most of the five minutes' window to see the trouble."""


def rules_of(student: Student) -> list[Rule]:
    try:
        rules = read_rules(student.read("alerts.yaml"))
    except ValueError as error:
        pytest.fail(f"Prometheus refuses alerts.yaml: {error}")
    alerts = [rule.name for rule in rules if not rule.records]
    for name in ["HighErrorRate", "SlowPredictions"]:
        assert alerts.count(name) == 1, f"there are {alerts.count(name)} alerts called {name}"
    return rules


def known_metrics(student: Student, used: set[str], given: Series) -> Series:
    """The given series, and flat ones of whatever else that is used and the service really shows at /metrics."""
    if not used - set(given):
        return given
    with student.serve("main:app", env=QUIET) as client:
        text = client.get("/metrics", follow_redirects=True).text
    further: Series = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = frozenset({**sample.labels, "job": "sentiment-api", "instance": "10.0.0.1:8000"}.items())
                flat = [(float(second), sample.value) for second in range(0, 2400, STEP)]
                further.setdefault(sample.name, {})[labels] = flat
    except ValueError:
        return given
    return further | given


@hint("Prometheus reads groups with a name, of rules; an alert without severity and summary tells nobody what to do.")
def test_alert_rules(student: Student) -> None:
    """alerts.yaml has both alerts, each with a valid expression, severity and summary"""
    rules = rules_of(student)
    for rule in rules:
        if rule.name in {"HighErrorRate", "SlowPredictions"}:
            assert rule.labels.get("severity"), f"{rule.name} has no severity"
            assert rule.annotations.get("summary"), f"{rule.name} has no summary"
    recorded = {rule.name for rule in rules if rule.records}
    quiet = SCENARIOS["quiet"][0]
    used = set().union(*(rule.expression.metrics() for rule in rules)) - recorded
    unknown = sorted(used - set(known_metrics(student, used, quiet)))
    with hint("Copy the names from /metrics: they end in _total, _bucket, _sum or _count."):
        assert not unknown, f"a rule looks at {unknown[0]}, and no metric of the service is called so"


def check_alerts(student: Student, situations: list[str]) -> None:
    rules = rules_of(student)
    times = [float(second) for second in range(300, 40 * 60, 30)]
    for situation in situations:
        series, expected = SCENARIOS[situation]
        try:
            _, fires = run(rules, series, times)
        except ValueError as error:
            pytest.fail(str(error))
        for name in ["HighErrorRate", "SlowPredictions"]:
            fired = fires[name]
            if name not in expected:
                assert not fired, f"{name} fires in the situation '{situation}'"
                continue
            assert fired, f"{name} never fires in the situation '{situation}' (20 minutes of it, after 15 quiet ones)"
            after = fired[0] / 60 - 15
            with hint("A rule can wait: its condition has to hold for a while before it fires."):
                assert after >= 4.75, (
                    f"{name} fires {after:.1f} minutes after trouble began: it should hold for 5 first"
                )
            early, late = LATEST.get(situation, (4.75, 12.0))
            window = f"{name} fires {after:.1f} minutes after trouble began, in the situation '{situation}': too "
            with hint("Which window does the rule look at? The last five minutes are asked for."):
                assert after >= early, window + "early"
                assert after <= late, window + "late"


@hint("Look at rates within the window, not at totals; at a quantile of the rates of the buckets, by le.")
def test_alerts_in_trouble(student: Student) -> None:
    """Each alert fires in its trouble, and the other one keeps silent"""
    check_alerts(student, ["errors", "slow", "few requests with errors", "slow for some"])


@hint("Is it a share that you compare, or a number? What is nothing divided by nothing?")
def test_alerts_when_all_is_well(student: Student) -> None:
    """No alert fires while the service is quiet, busy, idle or restarted"""
    situations = ["quiet", "fast enough", "many requests with few errors", "slow for very few", "idle", "restarted"]
    check_alerts(student, situations)


@hint("A rule can wait: its condition has to hold for a while before it fires.")
def test_alerts_let_hiccups_pass(student: Student) -> None:
    """No alert fires because of a single bad minute"""
    check_alerts(student, ["errors for a minute", "slow for a minute"])


# ------------------------------------------------------------------------------------------------- dashboard


def dashboard_of(student: Student) -> dict[str, Any]:
    try:
        content = json.loads(student.read("dashboard.json"))
    except ValueError as error:
        pytest.fail(f"dashboard.json is no JSON: {error}")
    assert isinstance(content, dict), "a dashboard is an object"
    for name in ["widgets", "layout"]:
        assert isinstance(content.get(name), list), f"the dashboard has no list {name}"
        assert all(isinstance(one, dict) for one in content[name]), f"something in {name} is no object"
    return content


def panels_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The widgets that show something: SigNoz also has rows, which are headings."""
    return [widget for widget in content["widgets"] if widget.get("panelTypes") != "row"]


def queries_of(content: dict[str, Any]) -> list[tuple[str, str]]:
    """The title of the panel and the query, for each query that is not switched off."""
    found = []
    for widget in panels_of(content):
        title, query = widget.get("title"), widget.get("query")
        assert isinstance(title, str) and title.strip(), f"the widget {widget.get('id')} has no title"
        assert isinstance(query, dict) and query.get("queryType") == "promql", f"'{title}' is no query in PromQL"
        queries = query.get("promql")
        assert isinstance(queries, list), f"'{title}' has no list of queries"
        assert all(isinstance(one, dict) for one in queries), f"'{title}' has a query that is no object"
        shown = [one for one in queries if one.get("disabled") is not True]
        assert shown, f"'{title}' has no query that is shown"
        for one in shown:
            assert isinstance(one.get("query"), str) and one["query"].strip(), f"'{title}' has a query without text"
            found.append((title, one["query"]))
    return found


CHANGES = {"rate", "irate", "increase", "resets", "changes", "absent", "absent_over_time", "present_over_time"}
"""Of a counter these do not show its value, but how it changes, or whether it is there."""


def bare_counters(node: Node) -> set[str]:
    """Counters that are shown as they are."""
    if node.kind == "selector":
        grows = str(node.value).endswith(("_total", "_count", "_sum", "_bucket"))
        return {node.value} if grows else set()
    if (node.kind == "function" and node.value in CHANGES) or is_difference(node):
        return set()
    if node.kind == "aggregation" and node.value in {"count", "group"}:
        return set()
    return set().union(*(bare_counters(child) for child in node.children))


def is_difference(node: Node) -> bool:
    """Whether it is a series less itself a while ago."""
    if node.kind != "binary" or node.value != "-":
        return False
    left, right = node.children
    return left.kind == right.kind == "selector" and left.labels == right.labels and left.offset != right.offset


@hint("Copy the names from /metrics: they end in _total, _bucket, _sum or _count.")
def test_dashboard_queries(student: Student) -> None:
    """dashboard.json has four panels or more, whose queries show what the service measures"""
    content = dashboard_of(student)
    panels = panels_of(content)
    assert len(panels) >= 4, f"there are {len(panels)} panels, where four are asked for"
    series, rules = SCENARIOS["quiet"][0], recording_rules(student)
    series, _ = run(rules, series, [float(second) for second in range(300, 1830, 30)])
    shown: set[str] = set()
    for title, query in queries_of(content):
        try:
            tree = parse(query)
            series = known_metrics(student, tree.metrics(series), series)
            value = evaluate(query, series, 1800.0)
        except ValueError as error:
            pytest.fail(f"'{title}': {query} cannot be evaluated: {error}")
        used = tree.metrics(series)
        unknown = sorted(used - set(series))
        assert not unknown, f"'{title}' looks at {unknown[0]}, and no metric of the service is called so"
        with hint("PromQL has functions for how fast a counter grows."):
            assert not bare_counters(tree), (
                f"'{title}' shows {sorted(bare_counters(tree))[0]} as it is: it only grows, until the service restarts"
            )
        numbers = list(value.values()) if isinstance(value, dict) else [value]
        visible = bool(numbers) and not any(math.isnan(number) for number in numbers)
        with hint("Try the query's parts one by one: labels, windows, names. What is left over?"):
            assert visible, f"'{title}' shows nothing, although the service is busy: {query}"
        shown |= sources(used, rules, series)
    for name in ["prediction_requests", "prediction_error", "prediction_latency_seconds", "review_length_summary"]:
        assert any(metric.startswith(name) for metric in shown), f"no panel shows {name}"


def recording_rules(student: Student) -> list[Rule]:
    """What alerts.yaml records; nothing where it cannot be read, which is another check's business."""
    try:
        rules = [rule for rule in read_rules(student.read("alerts.yaml")) if rule.records]
        run(rules, SCENARIOS["quiet"][0], [300.0])
    except ValueError:
        return []
    return rules


@hint("Every widget's id appears once as i in the layout; x + w is at most 12.")
def test_dashboard_layout(student: Student) -> None:
    """Every panel of the dashboard has a place of its own"""
    content = dashboard_of(student)
    identities = [widget.get("id") for widget in content["widgets"]]
    panels = panels_of(content)
    assert len(panels) >= 4, f"there are {len(panels)} panels, where four are asked for"
    assert len(set(map(str, identities))) == len(identities), "two widgets have the same id"
    assert sorted(str(place.get("i")) for place in content["layout"]) == sorted(map(str, identities)), (
        "the ids (i) in the layout, compared with those of the widgets"
    )
    cells: dict[tuple[int, int], str] = {}
    for place in content["layout"]:
        try:
            x, y, width, height = (int(place[key]) for key in "xywh")
        except (KeyError, TypeError, ValueError):
            pytest.fail(f"the place of {place.get('i')} is not given by whole numbers x, y, w and h")
        inside = x >= 0 and y >= 0 and width > 0 and x + width <= 12 and 0 < height <= 100 and y <= 1000
        assert inside, f"the place of {place.get('i')} does not lie within the 12 columns"
        for cell in ((column, row) for column in range(x, x + width) for row in range(y, y + height)):
            assert cell not in cells, f"{place.get('i')} and {cells.get(cell)} overlap"
            cells[cell] = str(place.get("i"))
