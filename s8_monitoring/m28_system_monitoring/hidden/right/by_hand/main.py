"""Async, with a registry of its own, the status set by hand and the clock read by hand."""

import time

import prometheus_client as prometheus
import sentiment
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

registry = prometheus.CollectorRegistry()
REQUESTS = prometheus.Counter("prediction_requests_total", "all requests", registry=registry)
ERRORS = prometheus.Counter("prediction_error_total", "failed requests", registry=registry)
LATENCY = prometheus.Histogram(
    "prediction_latency_seconds", "latency", buckets=[0.01, 0.05, 0.1, 0.25, 0.5, 1, 2], registry=registry
)
LENGTH = prometheus.Summary("review_length_summary", "length of reviews", registry=registry)

traces = TracerProvider(resource=Resource({SERVICE_NAME: "sentiment-api", "service.version": "1"}))
traces.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
tracer = traces.get_tracer("sentiment")

app = FastAPI()


class Review(BaseModel):
    review: str


@app.get("/metrics")
async def metrics():
    return Response(prometheus.generate_latest(registry), media_type=prometheus.CONTENT_TYPE_LATEST)


def predict_in_span(text):
    span = tracer.start_span("predict", attributes={"message": text})
    try:
        label, probability = sentiment.classify(text)
        span.set_attribute("label", label)
        span.set_attribute("label_probability", float(probability))
        return label, probability
    except ValueError as error:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        raise
    finally:
        span.end()


@app.post("/predict")
async def predict(body: Review):
    started = time.perf_counter()
    try:
        label, probability = await run_in_threadpool(predict_in_span, body.review)
    except ValueError as error:
        ERRORS.inc()
        return JSONResponse({"detail": str(error)}, status_code=400)
    else:
        return {"label": label, "probability": probability}
    finally:
        REQUESTS.inc()
        LENGTH.observe(len(body.review))
        LATENCY.observe(time.perf_counter() - started)
