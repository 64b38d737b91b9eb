# syntax=docker/dockerfile:1

FROM python:3.12-slim AS packages
COPY requirements.txt /tmp/
RUN python -m venv --without-pip /opt/packages && \
    pip --python /opt/packages/bin/python install --no-cache-dir --requirement /tmp/requirements.txt

FROM python:3.12-slim AS final
LABEL org.opencontainers.image.title="digits: training"
ENV PATH="/opt/packages/bin:${PATH}" \
    PYTHONPATH=/app/src \
    PYTHONUNBUFFERED=1
COPY --from=packages /opt/packages /opt/packages
WORKDIR /app
COPY src src
# options come behind the name of the image
ENTRYPOINT ["python", "-m", "digits_classifier.train"]
