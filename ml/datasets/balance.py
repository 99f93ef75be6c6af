"""Against lopsided labels: rows repeated until each label has its share, or errors weighted by how rare a label is.

The training of a network takes either: `oversampled_rows` instead of the plain rows of an epoch (augmentation makes the
repeats differ), or `class_weights` in its loss. Both change training pictures only; what is measured stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray


def oversampled_rows(targets: Sequence[int] | NDArray[np.int64], share: float, *, seed: int = 0) -> NDArray[np.intp]:
    """Rows of `targets`, each at least once, with pictures of rare labels repeated.

    Afterwards every label has at least `share` (0 to 1) times as many rows as the largest: 0 changes nothing, 1 makes
    all alike. Every picture of a label is repeated as often as the others, give or take one. Negative targets (no
    label) are never repeated. Raises ValueError where `share` is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"oversampling takes a share between 0 and 1, not {share}")
    known = np.asarray(targets, np.int64)
    labels, counts = np.unique(known[known >= 0], return_counts=True)
    wanted = int(np.ceil(share * counts.max(initial=0) - 1e-9))
    random, extra = default_rng(seed), []
    for label, count in zip(labels, counts, strict=True):
        own = random.permutation(np.nonzero(known == label)[0])
        extra.append(np.resize(own, max(0, wanted - count)))
    return np.concatenate([np.arange(len(known)), *extra]).astype(np.intp)


def class_weights(targets: Sequence[int] | NDArray[np.int64], labels: int) -> NDArray[np.float32]:
    """(labels,): n / (labels * pictures of the label), as scikit-learn's "balanced"; their mean over pictures is 1.

    Negative targets do not count. A label without pictures weighs 0. Raises ValueError where a target is no label.
    """
    known = np.asarray(targets, np.int64)
    known = known[known >= 0]
    if known.max(initial=-1) >= labels:
        raise ValueError(f"target {known.max()} is none of {labels} labels")
    counts = np.bincount(known, minlength=labels)
    present = np.count_nonzero(counts)
    weights = len(known) / (max(1, present) * np.maximum(counts, 1))
    return np.where(counts > 0, weights, 0).astype(np.float32)
