"""How likely a picture shows each recognised augment: what the conversion model is told about the variant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import RECOGNISED_AUGMENTS

Probabilities = NDArray[np.float32]


def in_our_order(recognised: Probabilities | None, augments: Sequence[str]) -> Probabilities | None:
    """(N, A) over RECOGNISED_AUGMENTS of what a bundle recognised in N pictures, whose columns are `augments`.

    None where the bundle tells no augments apart, or others than these.
    """
    if recognised is None or set(augments) != set(RECOGNISED_AUGMENTS):
        return None
    places = [list(augments).index(name) for name in RECOGNISED_AUGMENTS]
    return np.ascontiguousarray(recognised[:, places])


def made(augment: str) -> Probabilities:
    """(A,) over RECOGNISED_AUGMENTS, sums to 1: the augment that was made, for certain, because we made it.

    It stands where no bundle has recognised the picture. An augment that is not told apart (a background, a crop)
    counts as the original.
    """
    known = augment if augment in RECOGNISED_AUGMENTS else "original"
    certain = np.zeros(len(RECOGNISED_AUGMENTS), np.float32)
    certain[RECOGNISED_AUGMENTS.index(known)] = 1
    return certain
