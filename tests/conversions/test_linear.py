"""The line under the trees: what adds up is found in few events, and what is not there is not invented."""

from __future__ import annotations

import numpy as np
import pytest

from ml.conversions.contexts import CAMPAIGN_TYPES, INDUSTRIES, SNEAKER_TYPES
from ml.conversions.families import AMOUNT, SHARE
from ml.conversions.linear import Plane, line_of

ROWS = 20_000
TYPES = ("q", "q", "c", "c", "c")


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Rows of features, and their true margins: one quantity counts, so does the campaign type."""
    random = np.random.default_rng(4)
    codes = [random.integers(0, len(values), ROWS) for values in (CAMPAIGN_TYPES, INDUSTRIES, SNEAKER_TYPES)]
    matrix = np.stack([*random.normal(0, 0.2, (2, ROWS)), *codes], axis=1).astype(np.float32)
    steps = np.linspace(-0.6, 0.6, len(CAMPAIGN_TYPES))
    return matrix, -2 + 3 * matrix[:, 0].astype(float) + steps[codes[0]]


@pytest.mark.parametrize("family", [SHARE, AMOUNT])
def test_it_finds_what_adds_up(family) -> None:  # type: ignore[no-untyped-def]
    matrix, margins = drawn()
    random = np.random.default_rng(5)
    means = family.mean(margins)
    rates = random.binomial(1, means) if family is SHARE else random.poisson(means)
    everyone, once = np.ones(ROWS, bool), np.ones(ROWS)
    line = Plane(matrix, TYPES).fitted(everyone, rates.astype(float), once, family, 10)
    assert np.sqrt(np.mean((line.margins(matrix) - margins) ** 2)) < 0.12
    assert abs(line.slopes[1]) < 0.4 < line.slopes[0]
    parts = line.intercept + line.contributions(matrix).sum(axis=1)
    assert parts == pytest.approx(line.margins(matrix), abs=1e-4)


def test_without_a_signal_it_stays_near_the_base_rate() -> None:
    matrix, _ = drawn()
    rates = np.random.default_rng(6).binomial(1, 0.01, ROWS).astype(float)
    line = Plane(matrix, TYPES).fitted(np.ones(ROWS, bool), rates, np.ones(ROWS), SHARE, 100)
    assert line.margins(matrix).std() < 0.3
    assert SHARE.mean(line.margins(matrix)).mean() == pytest.approx(rates.mean(), abs=0.001)


def test_rows_that_were_not_chosen_teach_nothing() -> None:
    matrix, margins = drawn()
    rates = np.random.default_rng(5).binomial(1, SHARE.mean(margins)).astype(float)
    half = np.arange(ROWS) < ROWS // 2
    plane = Plane(matrix, TYPES)
    told = [plane.fitted(half, np.where(half, rates, other), np.ones(ROWS), SHARE, 10).numbers for other in (0, 1)]
    assert told[0] == pytest.approx(told[1])


def test_it_comes_back_from_its_numbers() -> None:
    matrix, margins = drawn()
    line = Plane(matrix, TYPES).fitted(np.ones(ROWS, bool), SHARE.mean(margins), np.ones(ROWS), SHARE, 10)
    assert line_of(line.numbers, 2).margins(matrix) == pytest.approx(line.margins(matrix))
    with pytest.raises(ValueError, match="does not have"):
        line_of(line.numbers[:-1], 2)
