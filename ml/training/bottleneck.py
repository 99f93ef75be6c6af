"""Bottleneck features: what the frozen layers say about every picture, computed once and kept on disk as float16.

    <cache>/<key>.npy            (visits, ...) features, one row for each visit
    <cache>/<key>.json           the seconds that they took
    <cache>/<key>.unfinished.*   a computation under way: it goes on where it was killed

A visit is a picture in one of its variants: number 0 is the picture itself, 1 its mirror image, the others are random.
The key covers the weights, the pictures, the size, the layer and the visits: what changes one of them computes anew.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from ml.datasets.disk_array import flush, new_disk_array
from ml.datasets.pictures import Pictures
from ml.imaging.augments.email_pipeline import disturb
from ml.networks.weights import weights_digest
from ml.training.augment import STRONG, augment
from ml.training.run_folder import replace_text

if TYPE_CHECKING:
    import keras

BATCH = 32
BATCHES_BETWEEN_FLUSHES = 8


@dataclass(frozen=True)
class Visits:
    """Which variants of which pictures there are features of: `first[row]` is where a picture's begin."""

    rows: NDArray[np.intp]
    variants: NDArray[np.intp]
    first: NDArray[np.intp]
    counts: NDArray[np.intp]
    seed: int
    email_pipeline: bool = False

    def digest(self) -> str:
        """SHA-256 over all visits, the seed of their variants, and how these are made."""
        how = f"{self.seed}, e-mail pipeline" if self.email_pipeline else str(self.seed)
        return hashlib.sha256(self.rows.tobytes() + self.variants.tobytes() + how.encode()).hexdigest()

    def originals(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Where the features of these pictures, unchanged, lie."""
        return self.first[rows]

    def chosen(self, rows: NDArray[np.intp], random: Generator) -> NDArray[np.intp]:
        """Where the features of one variant of each of these pictures lie, drawn anew."""
        return self.first[rows] + random.integers(0, self.counts[rows])


def plan_visits(pictures: Pictures, variants: int, seed: int, *, email_pipeline: bool = False) -> Visits:
    """`variants` of every picture to learn from, the picture alone of all others."""
    counts = np.array([max(1, variants) if image.split == "train" else 1 for image in pictures.images], np.intp)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    rows = np.repeat(np.arange(len(counts)), counts)
    numbers = np.arange(counts.sum()) - np.repeat(first, counts)
    return Visits(rows, numbers.astype(np.intp), first, counts, seed, email_pipeline)


def visited_pictures(pictures: Pictures, visits: Visits) -> Callable[[slice], NDArray[np.uint8]]:
    """Gives the pictures of a range of visits: (B, S, S, 3) uint8."""

    scenes = pictures.pixels[pictures.rows("train", negatives=True)]

    def of_range(where: slice) -> NDArray[np.uint8]:
        pairs = zip(visits.rows[where], visits.variants[where], strict=True)
        lots = [(row, (visits.seed, int(row), int(number))) for row, number in pairs]
        return np.stack([_variant(pictures.pixels[row], scenes, lot, visits.email_pipeline) for row, lot in lots])

    return of_range


def cached_features(
    part: keras.Model, inputs: Callable[[slice], NDArray[Any]], count: int, key: str, cache: Path, console: Console
) -> NDArray[np.float16]:
    """`part`'s output for `count` inputs, from the disk or computed now; `inputs(range)` gives a batch of them.

    Read-only, mapped from the file: (count, ...) float16. A killed computation goes on from its last flush.
    """
    digest = hashlib.sha256(f"{key}\t{weights_digest(part)}".encode()).hexdigest()[:24]
    file = cache / f"{digest}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _compute(part, inputs, count, file, console)
    features: NDArray[np.float16] = np.load(file, mmap_mode="r")
    return features


def seconds_spent(features: NDArray[np.float16]) -> float:
    """How long features of `cached_features` took to compute, be it now or in an earlier run; 0 where nobody knows."""
    file = Path(str(getattr(features, "filename", ""))).with_suffix(".json")
    return float(json.loads(file.read_text(encoding="utf-8"))["seconds"]) if file.is_file() else 0.0


def _compute(
    part: keras.Model, inputs: Callable[[slice], NDArray[Any]], count: int, file: Path, console: Console
) -> None:
    import tensorflow as tf

    unfinished, progress_file = file.with_suffix(".unfinished.npy"), file.with_suffix(".unfinished.json")
    shape = (count, *part.output_shape[1:])
    features, done, seconds = _open_unfinished(unfinished, progress_file, shape)
    started = time.monotonic() - seconds
    run = tf.function(lambda batch: part(tf.cast(batch, tf.float32), training=False), reduce_retracing=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"features of {part.name}", total=count, completed=done)
        for number, where in enumerate(_ranges(done, count), 1):
            # 65504 is the largest float16: a feature beyond it would become infinite.
            features[where] = np.minimum(np.asarray(run(inputs(where))), 65504)
            bar.update(task, completed=where.stop)
            if number % BATCHES_BETWEEN_FLUSHES == 0:
                flush(features)
                seconds = time.monotonic() - started
                replace_text(progress_file, json.dumps({"done": where.stop, "seconds": seconds}))
    flush(features)
    replace_text(file.with_suffix(".json"), json.dumps({"seconds": round(time.monotonic() - started, 2)}))
    unfinished.replace(file)
    progress_file.unlink(missing_ok=True)


def _open_unfinished(
    unfinished: Path, progress_file: Path, shape: tuple[int, ...]
) -> tuple[NDArray[np.float16], int, float]:
    """The file of a computation under way, how many rows of it are done, and how long they took."""
    if unfinished.is_file() and progress_file.is_file():
        progress = json.loads(progress_file.read_text(encoding="utf-8"))
        return np.load(unfinished, mmap_mode="r+"), int(progress["done"]), float(progress.get("seconds", 0))
    return new_disk_array(unfinished, np.float16, shape), 0, 0.0


def _ranges(start: int, stop: int) -> Iterator[slice]:
    for place in range(start, stop, BATCH):
        yield slice(place, min(stop, place + BATCH))


def _variant(
    picture: NDArray[np.uint8], scenes: NDArray[np.uint8], lot: tuple[int, int, int], email_pipeline: bool
) -> NDArray[np.uint8]:
    """The variant that `lot` (seed, row, number) draws."""
    number = lot[2]
    if number == 0:
        return picture
    if number == 1:
        return picture[:, ::-1]
    if email_pipeline:
        return disturb(picture, default_rng(lot))
    return augment(picture, default_rng(lot), STRONG, scenes)
