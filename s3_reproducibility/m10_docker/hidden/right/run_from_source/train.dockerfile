FROM docker.io/library/python:3.13.1-slim-bookworm
WORKDIR /app
ENV PYTHONPATH=/app/src PIP_NO_CACHE_DIR=1
RUN --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    --mount=type=cache,target=/root/.cache/pip \
    pip install --no-cache-dir -r /tmp/requirements.txt
COPY . .
ENTRYPOINT ["python", "-u", "src/digits_classifier/train.py"]
CMD ["--epochs", "4"]
