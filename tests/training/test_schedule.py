"""The schedule: sizes grow, the rate rises and falls, by epochs or by the clock."""

from __future__ import annotations

import pytest

from ml.training.schedule import Place, Schedule

BY_EPOCHS = Schedule(10, 0.1, sizes=(48, 96), epochs=(4, 2))
BY_CLOCK = Schedule(10, 0.1, sizes=(48, 96), epochs=(4, 1), minutes=10)


def test_sizes_follow_the_epochs() -> None:
    assert [BY_EPOCHS.size(Place(epoch)) for epoch in range(6)] == [48] * 4 + [96] * 2
    assert not BY_EPOCHS.finished(Place(5, 9))
    assert BY_EPOCHS.finished(Place(6))


def test_progress_counts_cost_not_epochs() -> None:
    assert BY_EPOCHS.progress(Place(0)) == 0
    assert BY_EPOCHS.progress(Place(4)) == pytest.approx(1 / 3)
    assert BY_EPOCHS.progress(Place(5, 5)) == pytest.approx(1 / 3 + 2 / 3 * 0.75)
    assert BY_EPOCHS.progress(Place(6)) == pytest.approx(1)


def test_the_clock_gives_each_size_its_share() -> None:
    assert BY_CLOCK.size(Place(7, seconds=299)) == 48
    assert BY_CLOCK.size(Place(7, seconds=301)) == 96
    assert not BY_CLOCK.finished(Place(99, seconds=599))
    assert BY_CLOCK.finished(Place(0, seconds=600))


def test_the_rate_rises_then_falls_to_nearly_nothing() -> None:
    rates = [BY_EPOCHS.rate(Place(epoch, batch)) for epoch in range(6) for batch in range(10)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.1, rel=0.05)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.002


def test_each_size_needs_its_epochs() -> None:
    with pytest.raises(ValueError, match="one number of epochs for each size"):
        Schedule(10, 0.1, sizes=(48, 64), epochs=(3,))
