FROM python:3.13-slim AS packages
RUN pip install --no-cache-dir uv==0.9.11 && uv venv /venv
COPY requirements.txt /tmp/
RUN uv pip install --no-cache --python /venv/bin/python -r /tmp/requirements.txt
COPY pyproject.toml /source/
COPY src/ /source/src/
RUN uv pip install --no-cache -p /venv --no-deps /source

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=yes
COPY --from=packages /venv /venv
WORKDIR /app
ENTRYPOINT ["/venv/bin/digits-evaluate"]
