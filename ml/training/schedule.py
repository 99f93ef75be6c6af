"""How a course of training runs: picture sizes, epochs or minutes, and the learning rate on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Place:
    """Where a course is: the epoch, the next batch in it, and the seconds trained so far, over all sittings."""

    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """Stages of growing picture size, `epochs[i]` at `sizes[i]`, with one warm-up and one cosine over all of them.

    With `minutes` the clock decides: each stage gets the share of the time that its epochs would cost (a picture costs
    the square of its size), and the learning rate follows the clock, so that the course is whole when time is up.
    Where it does not fall the rate stays at its peak behind the warm-up: something else slows it down.
    """

    batches_per_epoch: int
    peak_rate: float
    sizes: tuple[int, ...] = (0,)
    epochs: tuple[int, ...] = (1,)
    minutes: float | None = None
    warm_up: float = 0.05
    last_rate_share: float = 0.002
    falls: bool = True
    _shares: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.sizes) != len(self.epochs) or min(self.epochs) < 0 or not sum(self.epochs):
            raise ValueError(f"one number of epochs for each size is needed, not {self.epochs} for {self.sizes}")
        costs = [epochs * max(size, 1) ** 2 for size, epochs in zip(self.sizes, self.epochs, strict=True)]
        object.__setattr__(self, "_shares", tuple(cost / sum(costs) for cost in costs))

    @property
    def total_epochs(self) -> int:
        """Epochs in all, where no clock decides."""
        return sum(self.epochs)

    def progress(self, place: Place) -> float:
        """How much of the course lies behind, 0 to 1, by cost or by the clock."""
        if self.minutes is not None:
            return min(1.0, place.seconds / (self.minutes * 60))
        behind, left = 0.0, place.epoch + place.batch / self.batches_per_epoch
        for share, epochs in zip(self._shares, self.epochs, strict=True):
            if epochs:
                behind += share * min(left, epochs) / epochs
                left = max(0.0, left - epochs)
        return min(1.0, behind)

    def finished(self, place: Place) -> bool:
        """Whether nothing is left to do."""
        return self.progress(place) >= 1 if self.minutes is not None else place.epoch >= self.total_epochs

    def size(self, place: Place) -> int:
        """The picture size at a place."""
        if self.minutes is None:
            epochs_before = 0
            for size, epochs in zip(self.sizes, self.epochs, strict=True):
                epochs_before += epochs
                if place.epoch < epochs_before:
                    return size
            return self.sizes[-1]
        behind, progress = 0.0, self.progress(place)
        for size, share in zip(self.sizes, self._shares, strict=True):
            behind += share
            if progress < behind:
                return size
        return self.sizes[-1]

    def rate(self, place: Place) -> float:
        """The learning rate at a place: a straight rise, then half a cosine down to nearly nothing."""
        progress = self.progress(place)
        if progress < self.warm_up:
            return self.peak_rate * max(0.02, progress / self.warm_up)
        if not self.falls:
            return self.peak_rate
        fall = (progress - self.warm_up) / (1 - self.warm_up)
        low = self.last_rate_share
        return self.peak_rate * (low + (1 - low) * (1 + math.cos(math.pi * fall)) / 2)
