FROM python:3.12-slim AS build
RUN python -m venv /build/venv
WORKDIR /build
COPY requirements.txt .
RUN venv/bin/pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml .
COPY src src
RUN venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
COPY --from=build /build/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
ENTRYPOINT ["digits-train"]
