FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1

WORKDIR /app

# The dependencies change less often than the code: a layer of their own, before it.

COPY requirements.txt pyproject.toml ./
COPY src/ src/
RUN pip install --no-cache-dir -r requirements.txt . 

ENTRYPOINT ["python", "-m", "digits_classifier.evaluate"]
