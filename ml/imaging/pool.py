"""The photo pool: strangers' pictures are opened and cut out in child processes that can be killed.

A picture that crashes its child, eats its memory or never ends costs that picture an error and the pool a new child.
"""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ml.imaging.decode import Limits
from ml.imaging.opener import Opener, PreparedPhoto

__all__ = ["PhotoPool", "PreparedPhoto"]


class PhotoPool:
    """Children that decode and cut out. Safe to use from many threads; make it after any fork.

    `memory_mb` bounds the address space of each child, `seconds` what a photo may take: one that is not open by then is
    refused, one that is not cut out by then is used whole. Children start at once, in the background, and end with
    this process.
    """

    def __init__(
        self, workers: int = 1, *, memory_mb: int = 1024, seconds: float = 4.0, limits: Limits | None = None
    ) -> None:
        self._limits, self._memory_mb, self._seconds = limits or Limits(), memory_mb, seconds
        self._lock = threading.Lock()
        self._openers: set[Opener] = set()
        self._idle: queue.SimpleQueue[Opener | None] = queue.SimpleQueue()
        self._kill_all = weakref.finalize(self, _kill_all, self._openers)  # at the interpreter's exit, too
        for _ in range(workers):
            self._add_opener()

    def prepare(self, data: bytes) -> PreparedPhoto:
        """Open a photo and cut its shoe out. Raises DecodeError where it cannot be opened within the limits.

        Waits while all children are busy. Raises RuntimeError where the pool is closed or no child can start.
        """
        with self._opener() as opener:
            return opener.prepare(data)

    def decode(self, data: bytes) -> NDArray[np.uint8]:
        """Open a picture (H, W, 3) uint8 RGB without cutting it out; raises as `prepare` does."""
        with self._opener() as opener:
            return opener.decode(data)

    def close(self) -> None:
        """End the children, whatever they are at: photos that are being prepared raise DecodeError."""
        with self._lock:
            self._kill_all()
        self._idle.put(None)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The children's, for measuring."""
        return tuple(opener.process.pid for opener in tuple(self._openers))

    def __enter__(self) -> PhotoPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _opener(self) -> Iterator[Opener]:
        """A child for one photo, replaced afterwards where it did not survive."""
        opener = self._idle.get()
        if opener is None or not self._kill_all.alive:
            self._idle.put(None)  # for whoever waits next
            raise RuntimeError("the photo pool is closed")
        try:
            opener.wait_until_ready()
            yield opener
        finally:
            if opener.is_well:
                self._idle.put(opener)
            else:
                self._replace(opener)

    def _add_opener(self) -> None:
        with self._lock:
            if not self._kill_all.alive:
                return
            opener = Opener(self._limits, self._memory_mb, self._seconds)
            self._openers.add(opener)
        self._idle.put(opener)

    def _replace(self, opener: Opener) -> None:
        opener.kill()
        self._openers.discard(opener)
        self._add_opener()


def _kill_all(openers: set[Opener]) -> None:
    while openers:
        openers.pop().kill()
