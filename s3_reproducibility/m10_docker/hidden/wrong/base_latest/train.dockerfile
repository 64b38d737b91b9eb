FROM python:latest

ENV PYTHONUNBUFFERED=1

WORKDIR /app

# The dependencies change less often than the code: a layer of their own, before it.
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY pyproject.toml .
COPY src/ src/
RUN pip install --no-cache-dir --no-deps .

ENTRYPOINT ["python", "-m", "digits_classifier.train"]
