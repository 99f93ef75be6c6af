"""The top model gives unit embeddings and cosine logits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from ml.networks.heads import SHARPNESS, build_head

pytestmark = pytest.mark.training


def test_embeddings_are_unit_vectors_and_logits_their_scaled_cosines() -> None:
    head = build_head(512, 7, dimensions=32)
    cosines = head.get_layer("cosines")
    kernel = cosines.get_weights()[0]
    cosines.set_weights([kernel / np.linalg.norm(kernel, axis=0)])
    features = default_rng(0).uniform(0, 3, (5, 512)).astype(np.float32)
    embedding, logits = (np.asarray(output) for output in head(features, training=False))
    assert embedding.shape == (5, 32)
    assert np.linalg.norm(embedding, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert logits == pytest.approx(SHARPNESS * embedding @ cosines.get_weights()[0], abs=1e-4)
