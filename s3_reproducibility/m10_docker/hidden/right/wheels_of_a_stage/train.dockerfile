FROM python:3.12-slim-bookworm AS wheels
WORKDIR /wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels --requirement requirements.txt

FROM python:3.12-slim-bookworm
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels /wheels/*.whl
WORKDIR /app
COPY src/digits_classifier /opt/code/digits_classifier
ENV PYTHONPATH=/opt/code
ENTRYPOINT ["sh", "-c", "exec python -u -m digits_classifier.train \"$@\"", "train"]
