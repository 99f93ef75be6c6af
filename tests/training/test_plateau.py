"""Slower where validation stands still, an end where it stays so, the best epoch kept."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from ml.training.plateau import SLOWER, Watch


def test_three_epochs_without_progress_slow_it_down() -> None:
    watch = Watch(slows=True)
    shares = []
    for accuracy in (0.5, 0.6, 0.6, 0.6, 0.6, 0.7, 0.6):
        watch.see(accuracy, 1.0)
        shares.append(watch.rate_share)
    assert shares == pytest.approx([1, 1, 1, 1, SLOWER, SLOWER, SLOWER])
    assert not watch.ended


def test_a_smaller_loss_is_progress_where_accuracy_is_the_same() -> None:
    watch = Watch(early_stop=2)
    assert [watch.see(0.5, loss) for loss in (1.0, 0.9, 0.95)] == [True, True, False]
    assert not watch.ended
    watch.see(0.4, 0.1)
    assert watch.ended


def test_it_goes_on_from_what_it_saw() -> None:
    watch, again = Watch(slows=True), Watch(slows=True)
    for _ in range(3):
        watch.see(0.5, 1.0)
    again.resume(asdict(watch))
    assert again == watch
    again.resume({})
    assert again == watch
