"""What gunicorn does beside the options of its command line (see Procfile)."""

import ctypes
import os
from contextlib import suppress
from typing import Any

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h of glibc


def on_starting(_server: Any) -> None:
    """Have the memory of pictures that are gone given back: a dozen threads would keep a hundred megabytes of it.

    They share two heaps instead of having one each, and whatever takes a megabyte is mapped by itself.
    """
    with suppress(OSError, AttributeError):  # another C library than glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 2**20)


def post_worker_init(worker: Any) -> None:
    """Set up the log, and load the models as soon as the worker has the app: after the fork, in the background."""
    from webapp.logs import set_up_logging

    set_up_logging(worker.wsgi.extensions["settings"])
    worker.wsgi.extensions["recognition"].start()


def child_exit(_server: Any, worker: Any) -> None:
    """Where several processes count together for Prometheus: one that is gone counts no longer as being there."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
