"""Whether what a run has read can be true: a shop that changed, throttles or breaks looks like one that sells less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

REQUIRED = ("brand", "name", "price", "picture")
LEAST_LISTINGS = 0.70
LEAST_COVERAGE = 0.95
LEAST_VALID_PICTURES = 0.90


@dataclass(frozen=True)
class Totals:
    """What a run has read: how many listings, which share of them has each field, how many pictures could be used."""

    listings: int
    coverage: Mapping[str, float]
    pictures_tried: int
    pictures_valid: int


def doubts_about(totals: Totals, usual: Sequence[int]) -> list[str]:
    """Why a reading is suspect, a sentence each; none where it is plausible.

    `usual` are the numbers of listings of recent good runs: fewer than 70 % of their median are suspect. Required
    fields must be there on 95 % of the listings, and 90 % of the pictures must be pictures.
    """
    if totals.listings == 0:
        return ["The shop shows no products."]
    return [*_too_few(totals.listings, usual), *_missing_fields(totals.coverage), *_bad_pictures(totals)]


def _too_few(listings: int, usual: Sequence[int]) -> list[str]:
    if not usual or listings >= LEAST_LISTINGS * median(usual):
        return []
    expected = round(median(usual))
    return [f"Only {listings:,} products, where recent runs found {expected:,} ({_percent(listings / expected)})."]


def _missing_fields(coverage: Mapping[str, float]) -> list[str]:
    return [
        f"Only {_percent(coverage.get(name, 0.0))} of the products have a {name}."
        for name in REQUIRED
        if coverage.get(name, 0.0) < LEAST_COVERAGE
    ]


def _bad_pictures(totals: Totals) -> list[str]:
    tried, valid = totals.pictures_tried, totals.pictures_valid
    if not tried or valid >= LEAST_VALID_PICTURES * tried:
        return []
    return [f"Only {valid:,} of {tried:,} pictures ({_percent(valid / tried)}) could be fetched and read."]


def _percent(share: float) -> str:
    """Rounded down: 94.97 % is not 95 %."""
    return f"{int(share * 1000) / 10:g} %"
