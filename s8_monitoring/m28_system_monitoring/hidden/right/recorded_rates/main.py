"""The same service as an application factory, with a registry of its own beside the default one."""

import time

import sentiment
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Status, StatusCode
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, Summary, generate_latest
from pydantic import BaseModel

METRICS = {
    "requests": Counter("prediction_requests", "all"),
    "errors": Counter("prediction_error", "without a label"),
    "latency": Histogram("prediction_latency_seconds", "seconds", buckets=[0.01 * 2**k for k in range(10)]),
    "length": Summary("review_length_summary", "characters"),
}


class Review(BaseModel):
    review: str


class Unclassified(Exception):
    pass


def create_app() -> FastAPI:
    app = FastAPI(title="Sentiment")
    provider = TracerProvider(resource=Resource(attributes={"service.name": "sentiment-api"}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("sentiment")

    @app.exception_handler(Unclassified)
    def refuse(request: Request, error: Unclassified) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=400)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.post("/predict")
    def predict(body: Review) -> dict[str, str | float]:
        METRICS["requests"].inc()
        METRICS["length"].observe(len(body.review))
        began = time.perf_counter()
        span = tracer.start_span("predict", attributes={"message": body.review})
        try:
            label, probability = sentiment.classify(body.review)
        except ValueError as error:
            METRICS["errors"].inc()
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, "no words"))
            raise Unclassified(error) from error
        else:
            span.set_attribute("label", label)
            span.set_attribute("label_probability", probability)
        finally:
            span.end()
            METRICS["latency"].observe(time.perf_counter() - began)
        return {"label": label, "probability": probability}

    return app


app = create_app()
