"""Admission: a bounded number of callers work, a short queue waits, everyone else is told to come back.

gunicorn sheds no load of its own. So the bound here (working + waiting) must stay below the server's number of threads:
else the threads fill up with waiting uploads, and even `/health/live` starves.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Busy(Exception):  # noqa: N818 (a state, not a mistake)
    """No place is free. `retry_after_s` says when it is worth asking again; the message can be shown to a person."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("Every place is taken at the moment. Please send the photo again in a few seconds.")
        self.retry_after_s = retry_after_s


class NotReady(Exception):  # noqa: N818 (a state, not a mistake)
    """No bundle is loaded (yet). The message can be shown to a person."""

    def __init__(self) -> None:
        super().__init__("The models are still being loaded. Please try again in a few seconds.")
        self.retry_after_s = 3


class Admission:
    """`working` callers at a time, `waiting` more in the queue for at most `patience_s` seconds each."""

    def __init__(self, working: int, waiting: int, patience_s: float = 8.0) -> None:
        if working < 1 or waiting < 0:
            raise ValueError(f"admission needs at least 1 working and 0 waiting places, not {working} and {waiting}")
        self.bound = working + waiting
        self._patience_s = patience_s
        self._places = threading.BoundedSemaphore(self.bound)
        self._work = threading.BoundedSemaphore(working)

    @property
    def has_place(self) -> bool:
        """Whether a caller would be let in at this moment, if only to wait."""
        if not self._places.acquire(blocking=False):
            return False
        self._places.release()
        return True

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a working place for the length of the block; raises Busy where none comes free in time."""
        if not self._places.acquire(blocking=False):
            raise Busy(retry_after_s=2)
        try:
            if not self._work.acquire(timeout=self._patience_s):
                raise Busy(retry_after_s=5)
            try:
                yield
            finally:
                self._work.release()
        finally:
            self._places.release()
