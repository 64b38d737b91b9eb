"""The classifier as a service, in a container of your own: you start the server.

    PORT=8080 python service.py
"""

from typing import Any

from fastapi import FastAPI

app = FastAPI(title="Irises")


@app.get("/health")
def health() -> dict[str, str]:
    """`{"status": "ok"}` as soon as the service can predict."""
    raise NotImplementedError("TODO: say that all is well")


@app.post("/predict")
def predict() -> dict[str, Any]:
    """`{"input_data": [four numbers]}` gives `{"prediction": label}`; anything else 422."""
    raise NotImplementedError("TODO: declare the body, predict, answer")


def main() -> None:
    """Serve on all addresses of the machine, on the port in the environment's PORT, else on 8080."""
    raise NotImplementedError("TODO: start uvicorn")


if __name__ == "__main__":
    main()
