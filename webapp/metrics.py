"""Numbers for Prometheus at /metrics, for who has the token. Without SOLESCOPE_METRICS_TOKEN there is no such page.

Requests are counted by the process that answers them. Where gunicorn runs several, PROMETHEUS_MULTIPROC_DIR names an
empty folder in which they keep their counts, and the numbers are those of all together. What lies in the database and
on the disk is looked up when it is asked for.
"""

from __future__ import annotations

import hmac
import os
import shutil
import time

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select

from webapp.database import db, now
from webapp.extensions import limiter
from webapp.jobs.models import STATES, Job
from webapp.settings import current_settings

blueprint = Blueprint("metrics", __name__)
limiter.exempt(blueprint)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Counts:
    """What one process counts, on a registry of its own so that each app of a test has its own numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "solescope_requests", "Answered requests", ["endpoint", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "solescope_request_seconds", "Until the answer", ["endpoint"], buckets=_BUCKETS_S, registry=self.registry
        )


def register(app: Flask) -> None:
    """Count requests, and show the numbers where a token is set."""
    app.extensions["metrics"] = _Counts()
    app.after_request(_count)
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All numbers as Prometheus reads them."""
    token = current_settings().metrics_token
    if not token:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        abort(403)
    text = generate_latest(_requests_of_all_processes()) + generate_latest(_looked_up())
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _count(response: Response) -> Response:
    counts: _Counts = current_app.extensions["metrics"]
    endpoint = request.endpoint or "none"
    method = request.method if request.method in _METHODS else "other"  # a stranger may send any word
    counts.requests.labels(endpoint, method, str(response.status_code)).inc()
    if "began_at" in g:
        counts.seconds.labels(endpoint).observe(time.perf_counter() - g.began_at)
    return response


def _requests_of_all_processes() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counts: _Counts = current_app.extensions["metrics"]
        return counts.registry
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _looked_up() -> CollectorRegistry:
    """The numbers of this moment: jobs, the last sign of life of a running one, the disk, the model."""
    registry = CollectorRegistry()
    jobs = Gauge("solescope_jobs", "Jobs by state", ["state"], registry=registry)
    rows = db.session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    counted = {row[0]: row[1] for row in rows}
    for state in STATES:
        jobs.labels(state).set(counted.get(state, 0))
    heard = db.session.scalar(select(func.min(Job.heartbeat_at)).where(Job.state == "running"))
    silent = Gauge("solescope_job_silence_seconds", "Since a running job was heard of", registry=registry)
    silent.set((now() - heard).total_seconds() if heard else 0)
    free = Gauge("solescope_disk_free_bytes", "Free space where the instance folder lies", registry=registry)
    free.set(shutil.disk_usage(current_settings().instance).free)
    ready = Gauge("solescope_ready", "Whether a photo would be identified now", registry=registry)
    ready.set(int(current_app.extensions["recognition"].ready))
    return registry
