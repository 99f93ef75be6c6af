"""Demo photos that no training saw, and non-shoes, through the whole path that an upload takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.table import Row
from demo.models import MODELS
from demo.nonshoes import non_shoe
from demo.phone_camera import encode_jpeg
from demo.photos import phone_photo
from ml.imaging.pool import PhotoPool
from ml.serving.alternates import EmbeddingIndex
from ml.serving.bundle import read_bundle
from ml.serving.pipeline import Identification, identify
from ml.serving.runtime import Recogniser

PHOTOS_PER_MODEL, NON_SHOES, SEED = 4, 180, 20_261_121
SIZE = (800, 600)


def measure(bundle_folder: Path) -> Iterator[Row]:
    """Top-1 on fresh phone photos of any hardness, and how often a non-shoe is refused."""
    recogniser = Recogniser(read_bundle(bundle_folder))
    index = EmbeddingIndex(recogniser.prototypes, np.arange(len(recogniser.prototypes)))
    rng = np.random.default_rng(SEED)
    pool = PhotoPool()

    def identified(image: np.ndarray) -> Identification:
        return identify([encode_jpeg(image, 88)], pool, recogniser, index)

    try:
        shoes = [
            (
                model.slug,
                identified(phone_photo(model, model.colorways[number % len(model.colorways)], rng, SIZE).image),
            )
            for model in MODELS
            for number in range(PHOTOS_PER_MODEL)
        ]
        others = [identified(non_shoe(rng, SIZE)) for _ in range(NON_SHOES)]
    finally:
        pool.close()
    right = sum(answer.matches[0].label == slug for slug, answer in shoes) / len(shoes)
    kept = sum(answer.in_catalogue for _, answer in shoes) / len(shoes)
    refused = sum(not answer.in_catalogue for answer in others) / len(others)
    chance = 1 / len(recogniser.bundle.card.labels)
    yield Row(
        f"{len(shoes)} fresh demo photos, top-1", f"{chance:.3f} (chance)", f"{right:.3f}", "", "0.95", right >= 0.95
    )
    yield Row("  of these called in the catalogue", "", f"{kept:.3f}", "", "", None)
    yield Row(f"{len(others)} demo non-shoes refused", "", f"{refused:.3f}", "", "0.90", refused >= 0.9)
