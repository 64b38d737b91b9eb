FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.txt .
RUN uv pip install --system --no-cache -r requirements.txt
COPY pyproject.toml .
COPY src/ src/
RUN uv pip install --system --no-cache --no-deps .
ENTRYPOINT ["python", "-m", "digits_classifier.evaluate"]
