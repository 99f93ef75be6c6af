"""What serving would answer about held-out pictures: each is decoded, cut out, seen in all its views, and combined.

Calibration and evaluation look at these answers, so that a card's numbers are about what people get.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from ml.datasets.pictures import TRUSTED
from ml.datasets.snapshot import Snapshot, SnapshotImage
from ml.imaging.cutout import cut_out
from ml.imaging.decode import DecodeError, decode_with_alpha
from ml.imaging.fit import Picture, fit_square
from ml.serving.pipeline import combine, views_of
from ml.training.graphs import Answer

WORKERS = 2
AT_ONCE = 16
"""Pictures whose views go through the network together."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """Row i of `embeddings` (N, D) and `logits` (N, labels) is about `images[i]`.

    softmax(logits / temperature) are the probabilities that are served at that temperature.
    """

    images: tuple[SnapshotImage, ...]
    embeddings: Floats
    logits: Floats

    def rows(self, split: str, *, negatives: bool = False) -> NDArray[np.intp]:
        """Where the pictures of a split lie: those with a label, or the negatives."""
        chosen = [
            row for row, image in enumerate(self.images) if (image.split, image.is_negative) == (split, negatives)
        ]
        return np.array(chosen, np.intp)

    def targets(self, labels: Sequence[str]) -> NDArray[np.int64]:
        """The position of each row's label in `labels`; -1 for negatives."""
        position = {label: place for place, label in enumerate(labels)}
        return np.array([position[image.label] if image.label else -1 for image in self.images], np.int64)


def answer_as_served(
    answer: Answer, snapshot: Snapshot, images: Sequence[SnapshotImage], size: int, console: Console
) -> Answers:
    """The answers of a network for squares of `size` pixels, whose second output are logits or log-probabilities.

    Pictures that cannot be read are left out. Shows its progress on the terminal.
    """
    answered: list[SnapshotImage] = []
    embeddings: list[Floats] = []
    logits: list[Floats] = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("held-out pictures, as uploads", total=len(images))
        for several in _seen(snapshot, images, size):
            if several:
                answers = answer(np.concatenate([views for _, views in several]))
                ends = np.cumsum([len(views) for _, views in several])[:-1]
                for (image, _), vectors, numbers in zip(
                    several, *(np.split(one, ends) for one in answers), strict=True
                ):
                    embedding, logit = combine(vectors, numbers)
                    answered.append(image)
                    embeddings.append(embedding)
                    logits.append(logit)
            bar.advance(task, AT_ONCE)
    if not answered:
        nothing = np.zeros((0, 1), np.float32)
        return Answers((), nothing, nothing)
    return Answers(tuple(answered), np.stack(embeddings), np.stack(logits))


def _seen(
    snapshot: Snapshot, images: Sequence[SnapshotImage], size: int
) -> Iterator[list[tuple[SnapshotImage, NDArray[np.uint8]]]]:
    """Some pictures at a time, each with its views (V, size, size, 3)."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for start in range(0, len(images), AT_ONCE):
            some = images[start : start + AT_ONCE]
            views = pool.map(partial(_fitted_views, snapshot, size), some)
            yield [(image, squares) for image, squares in zip(some, views, strict=True) if squares is not None]


def _fitted_views(snapshot: Snapshot, size: int, image: SnapshotImage) -> NDArray[np.uint8] | None:
    try:
        decoded = decode_with_alpha(snapshot.file(image).read_bytes(), TRUSTED)
    except (DecodeError, OSError):
        return None
    views: list[Picture] = views_of(decoded.image, cut_out(decoded.image, decoded.alpha))
    return np.stack([fit_square(view, size) for view in views])
