"""Admission: a bounded number of callers work, a short queue waits, everyone else is told to come back.

gunicorn sheds no load of its own. So the bound here (working + waiting) must stay below the server's number of threads:
else the threads fill up with waiting uploads, and even `/health/live` starves.
"""

from __future__ import annotations

import threading
from collections import deque
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
    """`working` callers at a time; `waiting` more, first come first served, for at most `patience_s` seconds."""

    def __init__(self, working: int, waiting: int, patience_s: float = 8.0) -> None:
        if working < 1 or waiting < 0:
            raise ValueError(f"admission needs at least 1 working and 0 waiting places, not {working} and {waiting}")
        self.bound = working + waiting
        self._waiting, self._patience_s = waiting, patience_s
        self._free = working
        self._queue: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._mine = threading.local()

    @property
    def has_place(self) -> bool:
        """Whether a caller would be let in at this moment, if only to wait."""
        with self._lock:
            return self._free > 0 or len(self._queue) < self._waiting

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a working place for the length of the block; raises Busy where none comes free in time.

        A thread that holds one already keeps that one: a block inside a block takes no second place.
        """
        if getattr(self._mine, "held", False):
            yield
            return
        self._take()
        self._mine.held = True
        try:
            yield
        finally:
            self._mine.held = False
            self._pass_on()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if len(self._queue) >= self._waiting:
                raise Busy(retry_after_s=2)
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(self._patience_s):
            return
        with self._lock:
            if turn in self._queue:  # else the place was passed on to us in the last moment
                self._queue.remove(turn)
                raise Busy(retry_after_s=5)

    def _pass_on(self) -> None:
        """Give the place to who has waited longest, else set it free."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1
