"""The classifier as a service, with what FastAPI itself is made of: Starlette, pydantic, uvicorn."""

import contextlib
import os
from pathlib import Path

import pydantic
import uvicorn
from classifier import NearestNeighbours
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

HERE = Path(__file__).parent
Numbers = pydantic.conlist(pydantic.confloat(strict=True, allow_inf_nan=False), min_length=4, max_length=4)
Body = pydantic.create_model("Body", input_data=(Numbers, ...))


@contextlib.asynccontextmanager
async def lifespan(app):
    """uvicorn takes no request before this has got to its yield."""
    app.state.model = NearestNeighbours.from_file(HERE / "model.json")
    yield


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def predict(request: Request) -> JSONResponse:
    try:
        body = Body.model_validate_json(await request.body())
    except pydantic.ValidationError as error:
        return JSONResponse({"detail": error.errors(include_url=False, include_input=False, include_context=False)}, 422)
    label = await run_in_threadpool(request.app.state.model.predict, body.input_data)
    return JSONResponse({"prediction": label})


app = Starlette(
    routes=[Route("/health", health), Route("/predict", predict, methods=["POST"])],
    lifespan=lifespan,
)


def main() -> None:
    uvicorn.run(
        "service:app",
        app_dir=str(HERE),
        host="0.0.0.0",
        port=int(os.environ.get("PORT") or 8080),
        timeout_graceful_shutdown=5,
        timeout_keep_alive=2,
        access_log=False,
    )


if __name__ == "__main__":
    main()
