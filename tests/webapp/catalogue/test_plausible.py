"""When a reading of a shop is believed."""

from __future__ import annotations

from collections import Counter

import pytest

from webapp.catalogue.intake import Intake
from webapp.catalogue.plausible import Totals, doubts_about

FULL = {"brand": 1.0, "name": 1.0, "price": 1.0, "picture": 1.0}


def totals(listings: int = 100, tried: int = 200, valid: int = 200, **coverage: float) -> Totals:
    return Totals(listings, FULL | coverage, tried, valid)


def test_a_reading_like_the_others_is_plausible() -> None:
    assert doubts_about(totals(), [98, 100, 103]) == []
    assert doubts_about(totals(), []) == []


@pytest.mark.parametrize(("listings", "suspect"), [(70, False), (69, True), (400, False)])
def test_fewer_than_70_percent_of_the_median_are_suspect(listings: int, suspect: bool) -> None:
    doubts = doubts_about(totals(listings), [100, 10_000, 100, 90, 1])  # the median, not the mean
    assert bool(doubts) is suspect
    assert not suspect or doubts == ["Only 69 products, where recent runs found 100 (69 %)."]


@pytest.mark.parametrize("name", ["brand", "name", "price", "picture"])
@pytest.mark.parametrize(("share", "suspect"), [(0.95, False), (0.9499, True), (0.0, True)])
def test_required_fields_must_be_there(name: str, share: float, suspect: bool) -> None:
    doubts = doubts_about(totals(**{name: share}), [100])
    assert bool(doubts) is suspect
    assert not suspect or f"of the products have a {name}" in doubts[0]


def test_shares_are_not_rounded_up() -> None:
    intake = Intake(seen=100_000, present=Counter({"brand": 94_996, "name": 100_000}))
    assert (intake.coverage["brand"], intake.coverage["name"]) == (0.9499, 1.0)


def test_other_fields_may_be_missing() -> None:
    assert doubts_about(totals(colorway=0.0, category=0.0), [100]) == []


@pytest.mark.parametrize(("valid", "suspect"), [(180, False), (179, True)])
def test_most_pictures_must_be_pictures(valid: int, suspect: bool) -> None:
    assert bool(doubts_about(totals(valid=valid), [100])) is suspect


def test_an_empty_shop_is_suspect_without_any_history() -> None:
    assert doubts_about(Totals(0, {}, 0, 0), []) == ["The shop shows no products."]


def test_every_doubt_is_told() -> None:
    assert len(doubts_about(totals(10, valid=0, price=0.5), [100])) == 3
