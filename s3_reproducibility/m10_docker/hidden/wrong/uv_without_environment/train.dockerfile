FROM python:3.12-slim
COPY --from=ghcr.io/astral-sh/uv:0.9.11 /uv /bin/uv
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.txt .
RUN uv pip install --no-cache -r requirements.txt
COPY pyproject.toml .
COPY src/ src/
RUN uv pip install --no-cache --no-deps .
ENTRYPOINT ["python", "-m", "digits_classifier.train"]
