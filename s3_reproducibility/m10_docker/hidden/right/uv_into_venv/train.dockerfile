FROM python:3.13-slim AS base

FROM base AS packages
COPY --from=ghcr.io/astral-sh/uv:0.9.11 /uv /usr/local/bin/uv
RUN ["python", "-m", "venv", "/venv"]
ENV VIRTUAL_ENV=/venv
COPY requirements.txt /tmp/
RUN --mount=type=cache,target=/root/.cache/uv uv pip install -r /tmp/requirements.txt
WORKDIR /source
COPY pyproject.toml .
COPY src/ src/
RUN /venv/bin/python -m pip install --no-cache-dir --no-deps . 2>&1

FROM base
COPY --link --from=packages /venv /venv
WORKDIR /app
ENTRYPOINT ["/venv/bin/python", "-u", "-m", "digits_classifier.train"]
