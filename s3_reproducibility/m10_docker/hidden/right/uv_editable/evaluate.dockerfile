FROM python:3.14-slim AS base
COPY --from=ghcr.io/astral-sh/uv:0.9.9 /uv /usr/local/bin/uv
ENV UV_SYSTEM_PYTHON=1
WORKDIR /app
COPY requirements.txt pyproject.toml ./
RUN uv pip install --no-cache -r requirements.txt && uv pip install --no-cache --no-deps -e .

FROM base
COPY src/digits_classifier/*.py src/digits_classifier/
ENV PYTHONUNBUFFERED=true
ENTRYPOINT [ "python", "-m", "digits_classifier.evaluate", "--data-dir=/app/data" ]
