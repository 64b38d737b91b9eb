FROM python:3.11-slim
WORKDIR /srv
COPY requirements.txt .
RUN <<SCRIPT
set -e
python -m venv --prompt "digits
evaluation" /srv/venv
. /srv/venv/bin/activate
pip --no-cache-dir install --no-cache-dir -r requirements.txt
SCRIPT

COPY src ./src
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/start
#!/bin/sh
exec python -u -m digits_classifier.evaluate "$@"
SCRIPT

ENV PATH=/srv/venv/bin:$PATH PYTHONPATH=/srv/src
WORKDIR /app
ENTRYPOINT ["start"]
