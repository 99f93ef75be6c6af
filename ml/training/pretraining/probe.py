"""The linear probe: how far a logistic regression gets on the trunk's pooled features, as training goes on.

The regression learns from a set's train pictures. Its strength, and every choice between runs, goes by the validation
pictures; what it reaches on the held-out test pictures is written down beside it and chooses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.training.pretraining.material import Material, Pixels

if TYPE_CHECKING:
    import keras

BATCH = 64
STRENGTHS = (1e-3, 1e-2)
MOST_STEPS = 300


@dataclass(frozen=True)
class Reached:
    """What a probe reached on one split of one set."""

    top1: float
    top5: float
    log_loss: float
    pictures: int


def pooled_features(trunk: keras.Model, pixels: Pixels, rows: NDArray[np.intp], size: int) -> NDArray[np.float32]:
    """(rows, channels): the trunk's output in inference, averaged over places, for pictures scaled to `size` px."""
    import keras

    from ml.networks.vgg16 import preprocess

    entrance = keras.layers.Input((None, None, 3))
    small = keras.layers.Resizing(size, size, interpolation="bilinear", antialias=True)(entrance)
    pooled = keras.ops.mean(trunk(preprocess(small), training=False), axis=(1, 2))
    network = keras.Model(entrance, pooled)
    found = []
    for start in range(0, len(rows), BATCH):
        taken = rows[start : start + BATCH]
        # Whole batches only: every other shape would be compiled anew.
        padded = np.concatenate([taken, np.repeat(taken[-1:], BATCH - len(taken))])
        found.append(np.asarray(network.predict_on_batch(pixels[padded].astype(np.float32)))[: len(taken)])
    return np.concatenate(found).astype(np.float32)


def probe(trunk: keras.Model, material: Material, name: str, size: int) -> dict[str, Reached]:
    """What the probe reaches on the validation and the test pictures of a set, where it has some."""
    rows = {split: material.rows(split, name) for split in ("train", "validation", "test")}
    rows = {split: own[material.targets[own] >= 0] for split, own in rows.items()}
    features = pooled_features(trunk, material.pixels, np.concatenate(list(rows.values())), size)
    ends = np.cumsum([len(own) for own in rows.values()])[:-1]
    split_features = dict(zip(rows, np.split(features, ends), strict=True))
    return fit_and_ask(split_features, {split: material.targets[own] for split, own in rows.items()})


def fit_and_ask(features: dict[str, NDArray[np.float32]], targets: dict[str, NDArray[np.int64]]) -> dict[str, Reached]:
    """Fit on "train", choose the strength on "validation" by log-loss, and score both held-out splits."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # type: ignore[import-not-found, import-untyped, unused-ignore]

    scaler = StandardScaler().fit(features["train"])
    scaled = {split: scaler.transform(values) for split, values in features.items() if len(values)}
    asked = [split for split in ("validation", "test") if split in scaled]
    best: dict[str, Reached] = {}
    for strength in STRENGTHS:
        # In float32 on one thread: on a machine that has other work, waiting for each other costs ten times the work.
        with threadpool_limits(1):
            fitted = LogisticRegression(C=strength, max_iter=MOST_STEPS).fit(scaled["train"], targets["train"])
        reached: dict[str, Reached] = {
            split: _score(fitted.predict_proba(scaled[split]), fitted.classes_, targets[split]) for split in asked
        }
        if not best or (asked and reached[asked[0]].log_loss < best[asked[0]].log_loss):
            best = reached
    return best


def _score(probabilities: NDArray[np.float64], classes: NDArray[np.int64], truth: NDArray[np.int64]) -> Reached:
    """A label that the regression never saw is always missed."""
    ranked = classes[np.argsort(-probabilities, axis=1)]
    right = probabilities * (classes == truth[:, None])
    return Reached(
        top1=round(float((ranked[:, 0] == truth).mean()), 4),
        top5=round(float((ranked[:, :5] == truth[:, None]).any(axis=1).mean()), 4),
        log_loss=round(float(-np.log(np.clip(right.sum(axis=1), 1e-12, 1)).mean()), 4),
        pictures=len(truth),
    )
