"""What gunicorn does beside the options of its command line (see Procfile)."""

import ctypes
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
    """Load the models as soon as the worker has the app: after the fork, in the background."""
    worker.wsgi.extensions["recognition"].start()
