# Two images from one file:
#   docker build --target web   -t solescope .           serves; no TensorFlow
#   docker build --target train -t solescope-train .     trains; TensorFlow on top
#
# The web image runs with a read-only root file system; only /data is written to:
#   docker run --read-only --tmpfs /tmp -v solescope:/data -p 8000:8000 solescope
#   docker run --read-only --tmpfs /tmp -v solescope:/data solescope flask --app wsgi worker

FROM python:3.11-slim AS web
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 SOLESCOPE_INSTANCE=/data HOST=0.0.0.0 PORT=8000
WORKDIR /app
COPY requirements/web.txt requirements/constraints.txt requirements/
RUN pip install --no-cache-dir -r requirements/web.txt && useradd --uid 10001 --no-create-home solescope \
    && install -d -o solescope /data
COPY wsgi.py gunicorn.conf.py Procfile ./
COPY webapp webapp
COPY scraper scraper
COPY ml ml
COPY migrations migrations
COPY bundles bundles
USER solescope
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=3)"]
# One worker process: the models, the rate limits and the admission queue are per process. See docs/decisions.
CMD ["sh", "-c", "flask --app wsgi db upgrade && exec honcho start web"]

FROM web AS train
USER root
COPY requirements/train.txt requirements/
RUN pip install --no-cache-dir -r requirements/train.txt
COPY demo demo
USER solescope
CMD ["python", "-m", "ml", "--help"]
