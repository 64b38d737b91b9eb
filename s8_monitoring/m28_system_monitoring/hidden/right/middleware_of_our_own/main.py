"""Decorators and an exception handler: the endpoint itself only classifies."""

from contextlib import contextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Counter, Histogram, Summary, generate_latest
from pydantic import BaseModel
from sentiment import classify

requests = Counter("prediction_requests", "requests")
error_counter = Counter("prediction_error", "errors")
latency = Histogram("prediction_latency_seconds", "seconds")
lengths = Summary("review_length_summary", "characters")

trace.set_tracer_provider(TracerProvider(resource=Resource.create({"service.name": "sentiment-api"})))
trace.get_tracer_provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=100))

app = FastAPI()
FastAPIInstrumentor.instrument_app(app)


class Review(BaseModel):
    review: str


@app.exception_handler(ValueError)
def unreadable(request: Request, error: ValueError):
    return JSONResponse(status_code=400, content={"detail": str(error)})


@app.get("/metrics", response_class=PlainTextResponse)
def metrics():
    return generate_latest().decode()


@contextmanager
def watched(review: str):
    requests.inc()
    lengths.observe(len(review))
    with trace.get_tracer("main").start_as_current_span("predict", attributes={"message": review}) as span:
        with latency.time(), error_counter.count_exceptions(ValueError):
            yield span


@app.post("/predict")
def predict(body: Review):
    with watched(body.review) as span:
        label, probability = classify(body.review)
        span.set_attributes({"label": label, "label_probability": probability})
        return {"label": label, "probability": probability}
