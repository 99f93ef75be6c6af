"""Splits by group: all rows of one product lie on one side, so that no model is asked about what it has seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def folds_of(groups: Integers, folds: int, seed: int) -> Integers:
    """(N,): a fold, 0 to folds - 1, for each row; rows of one group share it, and folds hold as many groups each."""
    names, place = np.unique(groups, return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(names)) % folds
    return drawn[place].astype(np.int64)


def halves_of(groups: Integers, pairs: int, seed: int) -> NDArray[np.bool_]:
    """(2 * pairs, N): halves of the groups, each followed by its complement."""
    firsts = np.stack([folds_of(groups, 2, seed + pair) == 0 for pair in range(pairs)])
    return np.stack([firsts, ~firsts], axis=1).reshape(2 * pairs, len(groups))


def sums_by_group(values: NDArray[np.float64], groups: Integers) -> NDArray[np.float64]:
    """(G,): the sum of `values` over the rows of each group that occurs."""
    place = np.unique(groups, return_inverse=True)[1]
    return np.asarray(np.bincount(place, weights=values), np.float64)
