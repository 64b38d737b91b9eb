FROM python:3.12-slim AS packages
COPY requirements.txt /requirements.txt
RUN pip install --user --no-cache-dir --no-warn-script-location -r /requirements.txt

FROM python:3.12-slim
COPY --from=packages /root/.local /root/.local
COPY src/digits_classifier/ /opt/code/digits_classifier/
ENV PYTHONPATH=/opt/code
WORKDIR /app
ENTRYPOINT ["python", "-u", "-m", "digits_classifier.evaluate"]
CMD ["models/model.npz"]
