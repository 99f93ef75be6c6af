"""Batches in an order that the seed fixes: the same epoch and batch are the same pictures, whenever the run goes on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

Batch = tuple[NDArray[np.generic], NDArray[np.float32]]
"""Inputs (B, ...) and targets (B, labels), each row a distribution."""

Inputs = Callable[[NDArray[np.intp], Generator], NDArray[np.generic]]
"""Gives the inputs of some rows; draws its chances from the generator alone."""

PREFETCHED = 3
T = TypeVar("T")


def soft_targets(targets: NDArray[np.int64], labels: int, smoothing: float) -> NDArray[np.float32]:
    """(N,) positions -> (N, labels) distributions: smoothed, and even for negatives (-1), which are no label at all."""
    soft = np.full((len(targets), labels), smoothing / labels, np.float32)
    known = targets >= 0
    soft[known, targets[known]] += 1 - smoothing
    soft[~known] = 1 / labels
    return soft


@dataclass(frozen=True)
class Lessons:
    """What an epoch is made of: rows to learn from, their targets, and how many go into a batch."""

    rows: NDArray[np.intp]
    soft_targets: NDArray[np.float32]
    batch_size: int
    seed: int

    @property
    def batches_per_epoch(self) -> int:
        """Whole batches only; one that holds everything where there is less than one."""
        return max(1, len(self.rows) // self.batch_size)

    def batches(self, inputs: Inputs, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from number `first` on, made ahead in a thread."""
        order = default_rng((self.seed, epoch)).permutation(self.rows)

        def make() -> Iterator[Batch]:
            for number in range(first, self.batches_per_epoch):
                rows = order[number * self.batch_size : (number + 1) * self.batch_size]
                yield inputs(rows, default_rng((self.seed, epoch, number))), self.soft_targets[rows]

        return ahead(make(), PREFETCHED)


def ahead(source: Iterator[T], depth: int) -> Iterator[T]:
    """The same elements, made up to `depth` ahead in a thread; its exceptions come out here."""
    made: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(depth)
    stop = threading.Event()

    def put(entry: tuple[bool, T | BaseException | None]) -> None:
        while not stop.is_set():
            try:
                made.put(entry, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for element in source:
                put((True, element))
                if stop.is_set():
                    return
            put((False, None))
        except BaseException as error:  # handed to the reader, who raises it
            put((False, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            more, element = made.get()
            if isinstance(element, BaseException):
                raise element
            if not more:
                return
            yield element  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()
