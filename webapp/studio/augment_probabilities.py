"""How likely a picture shows each recognised augment: what the conversion model is told about the variant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.conversions.contexts import RECOGNISED_AUGMENTS


def augment_probabilities(augment: str) -> NDArray[np.float32]:
    """(A,) over RECOGNISED_AUGMENTS, sums to 1: the augment that was made, for certain, because we made it.

    An augment that a recogniser does not tell apart (a background, a crop) stands there as the original, which is what
    a recogniser would take it for. A recogniser's own probabilities belong here as soon as bundles bring one.
    """
    known = augment if augment in RECOGNISED_AUGMENTS else "original"
    certain = np.zeros(len(RECOGNISED_AUGMENTS), np.float32)
    certain[RECOGNISED_AUGMENTS.index(known)] = 1
    return certain
