FROM python:3.12-slim
COPY requirements.txt /tmp/
RUN set -e; pip install --no-cache-dir -r /tmp/requirements.txt; rm /tmp/requirements.txt
COPY src/digits_classifier /code/digits_classifier/
ENV PYTHONPATH=/code
WORKDIR /app
ENTRYPOINT ["/usr/local/bin/python3", "-u", "-m", "digits_classifier.evaluate"]
