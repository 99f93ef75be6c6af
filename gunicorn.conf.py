"""What gunicorn does beside the options of its command line (see Procfile)."""

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Load the models as soon as the worker has the app: after the fork, in the background."""
    worker.wsgi.extensions["recognition"].start()
