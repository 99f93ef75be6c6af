"""Batches follow from the seed, can begin anywhere, and pass on what goes wrong while they are made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.random import Generator

from ml.training.lessons import Lessons, ahead, soft_targets


def rows_and_chance(rows: np.ndarray, random: Generator) -> np.ndarray:
    return np.stack([rows, random.integers(0, 1000, len(rows))], axis=1)


def lessons(pictures: int = 23, batch_size: int = 5) -> Lessons:
    return Lessons(np.arange(pictures), np.eye(pictures, dtype=np.float32), batch_size, seed=1)


def test_an_epoch_begun_in_the_middle_goes_on_as_if_it_had_not_stopped() -> None:
    whole = list(lessons().batches(rows_and_chance, epoch=2))
    rest = list(lessons().batches(rows_and_chance, epoch=2, first=3))
    assert len(whole) == 4
    assert all((a[0] == b[0]).all() and (a[1] == b[1]).all() for a, b in zip(whole[3:], rest, strict=True))


def test_epochs_differ_and_visit_no_picture_twice() -> None:
    first, second = (
        np.concatenate([batch[0][:, 0] for batch in lessons().batches(rows_and_chance, epoch)]) for epoch in (0, 1)
    )
    assert len(set(first)) == len(first) == 20
    assert first.tolist() != second.tolist()


def test_fewer_pictures_than_a_batch_make_one_batch() -> None:
    (batch,) = lessons(pictures=3).batches(rows_and_chance, 0)
    assert sorted(batch[0][:, 0]) == [0, 1, 2]


def test_targets_are_smooth_and_even_for_negatives() -> None:
    soft = soft_targets(np.array([1, -1]), 4, 0.1)
    assert soft[0] == pytest.approx([0.025, 0.925, 0.025, 0.025])
    assert soft[1] == pytest.approx([0.25] * 4)


def test_errors_come_out_where_the_batches_are_read() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("disk gone")

    batches = ahead(broken(), 2)
    assert next(batches) == 1
    with pytest.raises(OSError, match="disk gone"):
        next(batches)


def test_a_reader_that_leaves_early_stops_the_making() -> None:
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    batches = ahead(endless(), 2)
    assert next(batches) == 0
    batches.close()  # type: ignore[attr-defined]
    count = len(made)
    assert count <= 5
    assert len(made) == count
