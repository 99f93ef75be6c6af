"""How many e-mails tell two variants apart, and how to share them out meanwhile."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SIGNIFICANCE, POWER = 0.05, 0.8
WORTH_KNOWING = 0.1
"""Differences below a tenth of the base rate are not asked about: no list is long enough to see them."""
FLOOR = 0.1
DRAWS = 4000

Floats = NDArray[np.float64]


def emails_to_settle(first: float, second: float, base_rate: float, spread: float = 0.0) -> int:
    """E-mails per variant after which a two-sided test at 5 % sees the difference of two means four times in five.

    Shares by the normal approximation for two proportions (Fleiss, "Statistical Methods for Rates and Proportions",
    1981, chapter 3); amounts where `spread`, their standard deviation over e-mails, is given. Where the means differ
    by less than a tenth of the base rate, it is the number for that tenth.
    """
    from scipy.special import ndtri  # type: ignore[import-untyped]

    low, high = sorted((first, second))
    wanted = WORTH_KNOWING * max(base_rate, 1e-9)
    if high - low < wanted:
        middle = (low + high) / 2
        low, high = middle - wanted / 2, middle + wanted / 2
    sure, strong = float(ndtri(1 - SIGNIFICANCE / 2)), float(ndtri(POWER))
    if spread:
        return math.ceil(2 * ((sure + strong) * spread / (high - low)) ** 2)
    low, high = max(low, 1e-9), min(high, 1 - 1e-9)
    middle = (low + high) / 2
    apart = sure * math.sqrt(2 * middle * (1 - middle)) + strong * math.sqrt(low * (1 - low) + high * (1 - high))
    return math.ceil((apart / (high - low)) ** 2)


def floor_of(variants: int) -> float:
    """The least share of the e-mails that each of so many variants gets: a tenth, or half an even share if smaller."""
    return min(FLOOR, 0.5 / max(variants, 1))


def split_shares(chances: Floats) -> Floats:
    """(V,) shares that sum to 1: a floor for each variant, the rest by its chance of being the best.

    Thompson sampling's shares (1933), with a floor, so that every variant goes on being tested.
    """
    floor = floor_of(len(chances))
    return np.asarray(floor + (1 - floor * len(chances)) * chances / chances.sum(), np.float64)


def chances_of_best(margins: Floats, spread: float, sign: int, seed: int = 0) -> Floats:
    """(V,): how often each variant is the best, where margins (members, V) scatter as their pairs do.

    `spread` is the standard deviation by which each variant departs from its margin for reasons of its own. Variants
    with equal margins share what they win.
    """
    random = np.random.default_rng(seed)
    differences = (margins[::2] - margins[1::2]) / 2
    moved = random.normal(0, 1, (DRAWS, len(differences))) @ differences / math.sqrt(len(differences))
    drawn = sign * (margins.mean(axis=0) + moved + random.normal(0, 1, moved.shape) * spread)
    best = np.isclose(drawn, drawn.max(axis=1, keepdims=True), rtol=0, atol=1e-12)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0), np.float64)
