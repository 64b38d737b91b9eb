"""An API that classifies reviews, and can be watched while it does."""

from fastapi import FastAPI, HTTPException
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import Counter, Histogram, Summary, make_asgi_app
from pydantic import BaseModel
from sentiment import classify

prediction_requests = Counter("prediction_requests", "Reviews that were asked about.")
prediction_error = Counter("prediction_error", "Reviews that could not be classified.")
prediction_latency = Histogram("prediction_latency_seconds", "Time that a prediction took.")
review_length = Summary("review_length_summary", "Characters in a review.")

provider = TracerProvider(resource=Resource.create({"service.name": "sentiment-api"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer(__name__)

app = FastAPI()
app.mount("/metrics", make_asgi_app())


class Review(BaseModel):
    """What a client sends."""

    review: str


@app.middleware("http")
async def timed(request, call_next):
    """The latency, seen from outside."""
    if request.url.path != "/predict":
        return await call_next(request)
    with prediction_latency.time():
        return await call_next(request)


@app.post("/predict")
def predict(review: Review) -> dict[str, str | float]:
    """Classify a review."""
    prediction_requests.inc()
    review_length.observe(len(review.review))
    with tracer.start_as_current_span("predict") as span:
        span.set_attribute("message", review.review)
        try:
            label, probability = classify(review.review)
        except ValueError as error:
            prediction_error.inc()
            # The span sees the exception pass: that marks it as an error.
            raise HTTPException(400, str(error)) from error
        span.set_attributes({"label": label, "label_probability": probability})
    return {"label": label, "probability": probability}
