"""Tiny folders of pictures and tables, as people bring them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from ml.datasets.snapshot import SnapshotImage

STYLES_HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


def noise(seed: int, size: int = 48) -> NDArray[np.uint8]:
    """A picture of blobs, as fine as a hash looks, in one colour: no two seeds look alike."""
    random = default_rng(seed)
    coarse = random.integers(0, 200, (20, 20, 1)) + random.integers(0, 56, (1, 1, 3))
    return np.asarray(cv2.resize(coarse.astype(np.uint8), (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def write_picture(file: Path, seed: int = 0, size: int = 48) -> Path:
    """A small PNG or JPEG, by the file's suffix."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), noise(seed, size))
    return file


def write_class_folders(folder: Path, labels: Sequence[str] = ("boot", "clog"), per_label: int = 3) -> Path:
    """Class-named folders with different pictures."""
    for place, label in enumerate(labels):
        for number in range(per_label):
            write_picture(folder / label / f"{number}.png", seed=1000 * place + number)
    return folder


def write_styles(folder: Path, lines: Sequence[str], pictures: Sequence[int], *, encoding: str = "utf-8") -> Path:
    """A folder in the layout of Kaggle's Fashion Product Images."""
    for number in pictures:
        write_picture(folder / "images" / f"{number}.jpg", seed=number)
    (folder / "styles.csv").write_bytes("\r\n".join([STYLES_HEADER, *lines, ""]).encode(encoding))
    return folder


def straddling_groups(images: Iterable[SnapshotImage]) -> list[str]:
    """The groups that lie in more than one split: there should be none."""
    splits: dict[str, set[str]] = defaultdict(set)
    for image in images:
        splits[image.group].add(image.split)
    return sorted(group for group, found in splits.items() if len(found) > 1)
