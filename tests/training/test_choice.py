"""Bottleneck or fine-tuned model: validation decides; a tie in accuracy goes to the smaller log-loss."""

from __future__ import annotations

import pytest

from ml.training.recipe import is_worse


@pytest.mark.parametrize(
    ("fine_tuned", "bottleneck", "worse"),
    [((0.95, 0.3), (0.9, 0.1), False), ((0.9, 0.1), (0.95, 0.3), True), ((0.9963, 0.073), (0.9963, 0.077), False)],
)
def test_validation_decides(fine_tuned: tuple[float, float], bottleneck: tuple[float, float], worse: bool) -> None:
    names = ("validation_accuracy", "validation_log_loss")
    first, second = (dict(zip(names, numbers, strict=True)) for numbers in (fine_tuned, bottleneck))
    assert is_worse(first, second) == worse
