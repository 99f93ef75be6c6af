"""Rare labels are repeated or weighted; common ones and pictures without a label are left alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ml.datasets.balance import class_weights, oversampled_rows

TARGETS = [0] * 10 + [1] * 4 + [2] + [-1] * 3


@pytest.mark.parametrize(
    ("share", "counts"),
    [(0, {0: 10, 1: 4, 2: 1, -1: 3}), (0.5, {0: 10, 1: 5, 2: 5, -1: 3}), (1, {0: 10, 1: 10, 2: 10, -1: 3})],
)
def test_each_label_reaches_its_share(share: float, counts: dict[int, int]) -> None:
    rows = oversampled_rows(TARGETS, share)
    assert set(rows) == set(range(18))
    assert Counter(np.array(TARGETS)[rows].tolist()) == counts


def test_repeats_are_spread_over_a_labels_pictures() -> None:
    repeats = Counter(oversampled_rows(TARGETS, 1, seed=4).tolist())
    assert sorted(repeats[row] for row in range(10, 14)) == [2, 2, 3, 3]
    assert oversampled_rows(TARGETS, 1, seed=4).tolist() == oversampled_rows(TARGETS, 1, seed=4).tolist()


def test_class_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    known = np.array(TARGETS[:15])
    weights = class_weights(TARGETS, 3)
    assert weights == pytest.approx(compute_class_weight("balanced", classes=np.arange(3), y=known))
    assert weights[known].mean() == pytest.approx(1)


def test_odd_input() -> None:
    assert class_weights([0, 0, 2], 4).tolist() == pytest.approx([0.75, 0, 1.5, 0])
    assert class_weights([], 2).tolist() == [0, 0]
    assert oversampled_rows([], 1).tolist() == []
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        oversampled_rows(TARGETS, 1.5)
    with pytest.raises(ValueError, match="target 2 is none of 2 labels"):
        class_weights(TARGETS, 2)
