FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 worker
USER worker
ENV PATH=/home/worker/.local/bin:$PATH PYTHONUNBUFFERED=x
COPY --chown=worker requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --user -qr /tmp/requirements.txt
COPY --chown=worker . /home/worker/code
WORKDIR /home/worker/code
RUN pip install --no-cache-dir --no-deps --user --only-binary :none: .
WORKDIR /app
ENTRYPOINT ["tini", "--", "digits-train"]
