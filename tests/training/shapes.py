"""A snapshot of coloured shapes: easy to tell apart, quick to learn, a few kilobytes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from ml.datasets.snapshot import Snapshot, SnapshotImage, write_snapshot

COLOURS = {"red_disc": (220, 40, 30), "green_box": (30, 170, 60), "blue_bar": (40, 60, 220), "black_ring": (20, 20, 20)}


def shape_picture(label: str, random: Generator, size: int = 40) -> NDArray[np.uint8]:
    """A shape of its label's form and colour on a pale ground; grey noise for the empty label."""
    if not label:
        return np.repeat(random.integers(60, 200, (size, size, 1)), 3, axis=2).astype(np.uint8)
    picture = np.full((size, size, 3), random.integers(225, 256, 3), np.uint8)
    middle = tuple(int(place) for place in random.integers(size * 2 // 5, size * 3 // 5, 2))
    radius, colour = int(random.integers(size // 5, size // 3)), COLOURS[label]
    if label in ("red_disc", "black_ring"):
        cv2.circle(picture, middle, radius, colour, -1 if label == "red_disc" else 3)
    else:
        height = radius if label == "green_box" else radius // 3
        corners = (middle[0] - radius, middle[1] - height), (middle[0] + radius, middle[1] + height)
        cv2.rectangle(picture, *corners, colour, -1)
    return picture


def write_shapes(
    folder: Path, *, per_label: int = 12, labels: int = 3, negatives: int = 0, splits: bool = True, size: int = 40
) -> Snapshot:
    """Write `per_label` pictures of each of the first `labels` shapes and `negatives` of noise."""
    random = default_rng(5)
    (folder / "images").mkdir(parents=True)
    images = []
    wanted = [(label, per_label) for label in list(COLOURS)[:labels]] + [("", negatives)]
    for label, count in wanted:
        for number in range(count):
            path = f"images/{label or 'negative'}_{number:03d}.png"
            picture = shape_picture(label, random, size)
            cv2.imwrite(str(folder / path), picture[..., ::-1])
            split = ("train", "train", "validation", "train", "test")[number % 5] if splits else ""
            images.append(SnapshotImage(path, label, group=path, split=split))
    return write_snapshot(folder, "coloured shapes", images)
