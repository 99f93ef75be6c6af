"""An epoch of fine-tuning on 1,000 pictures at 224 px: on cached features of the frozen layers, and plainly."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.table import Row

PICTURES, SIZE, LABELS, FROZEN, BATCH = 1000, 224, 50, 15, 32
ASKED = 4
PLAIN_PICTURES = 160
"""The plain epoch is timed on this many pictures and scaled to 1,000: it would take most of ten minutes."""


def measure() -> Iterator[Row]:
    """Time ours (the whole epoch) and `model.fit` on the whole network, float32, as tutorials have it."""
    from ml.training.machine import prepare_tensorflow

    rng = np.random.default_rng(7)
    targets = np.eye(LABELS, dtype=np.float32)[rng.integers(0, LABELS, PICTURES)]
    plain_s = _plain_epoch(rng, targets)
    has_bfloat16 = prepare_tensorflow()
    ours_s, caching_s = _our_epoch(rng, targets)
    ratio = plain_s / ours_s
    yield Row(
        f"a fine-tuning epoch, {PICTURES:,} pictures at {SIZE} px",
        f"{plain_s:.0f} s (model.fit, float32, from {PLAIN_PICTURES} pictures)",
        f"{ours_s:.1f} s{', bfloat16' if has_bfloat16 else ''} (features once: {caching_s:.0f} s)",
        f"{ratio:.1f} x",
        f"{ASKED} x",
        ratio >= ASKED,
    )


def _plain_epoch(rng: np.random.Generator, targets: np.ndarray) -> float:
    import keras

    from benchmarks.plain_app import plain_network

    network = plain_network()
    network.compile(keras.optimizers.SGD(1e-4, momentum=0.9), "categorical_crossentropy")
    pictures = rng.random((PLAIN_PICTURES, SIZE, SIZE, 3), np.float32)
    network.fit(pictures[:BATCH], targets[:BATCH], batch_size=BATCH, verbose=0)
    started = time.perf_counter()
    network.fit(pictures, targets[:PLAIN_PICTURES], batch_size=BATCH, verbose=0)
    return (time.perf_counter() - started) * PICTURES / PLAIN_PICTURES


def _our_epoch(rng: np.random.Generator, targets: np.ndarray) -> tuple[float, float]:
    """Seconds of an epoch on cached features, and of computing them once."""
    from ml.networks.build import join
    from ml.networks.freezing import cut, freeze_first
    from ml.networks.heads import build_head
    from ml.networks.table import network_named
    from ml.networks.vgg16 import build_vgg16, with_preprocessing
    from ml.training.learner import Learner, Score, build_optimizer

    trunk = freeze_first(build_vgg16(SIZE, None), FROZEN)
    first, tail = cut(trunk, FROZEN)
    frozen = with_preprocessing(first)
    started = time.perf_counter()
    pictures = rng.random((BATCH, SIZE, SIZE, 3), np.float32) * 255
    features = np.concatenate(
        [np.asarray(frozen(pictures, training=False), np.float16) for _ in range(0, PICTURES, BATCH)]
    )[:PICTURES]
    caching_s = time.perf_counter() - started
    head = build_head(trunk.output_shape[-1], LABELS)
    learner = Learner(join(network_named("vgg16"), tail, head), build_optimizer("sgd", 0.0))
    learner.learn(features[:BATCH], targets[:BATCH], 1e-3, Score())
    started = time.perf_counter()
    for start in range(0, PICTURES, BATCH):
        learner.learn(features[start : start + BATCH], targets[start : start + BATCH], 1e-3, Score())
    return time.perf_counter() - started, caching_s
