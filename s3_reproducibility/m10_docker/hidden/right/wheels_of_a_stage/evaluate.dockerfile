FROM python:3.12-slim-bookworm AS installed
COPY requirements.txt /
RUN pip install --no-cache-dir -r /requirements.txt

FROM python:3.12-slim-bookworm
COPY --from=installed /usr/local/lib/python3.12/site-packages/ /usr/local/lib/python3.12/site-packages/
WORKDIR /app
COPY src/digits_classifier/ digits_classifier/
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["python3.12", "digits_classifier/evaluate.py"]
ENV PYTHONPATH=/app
