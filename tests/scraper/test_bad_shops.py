"""Shops that turn bad: a sentence that says why, and the old file as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bad_shops import BROKEN_SHOPS, OLD, BadShop, what_is_said_of
from scraper.listing import read_listings
from scraper.walls import is_wall


@pytest.mark.parametrize("way", BROKEN_SHOPS)
def test_a_shop_that_turns_bad_is_told_why(way: str, tmp_path: Path) -> None:
    said = what_is_said_of(BROKEN_SHOPS[way], tmp_path)
    assert BROKEN_SHOPS[way].words in said
    assert "Traceback" not in said
    assert list(read_listings(tmp_path / "listings.jsonl")) == [OLD]


def test_a_good_shop_is_not_told_off(tmp_path: Path) -> None:
    assert what_is_said_of(BadShop(lambda shop: None, ""), tmp_path) == ""
    assert len(list(read_listings(tmp_path / "listings.jsonl"))) == 12


@pytest.mark.parametrize(
    "html",
    [
        "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script>",
        "<p>Please verify you are a human</p>",
        "<div class='g-recaptcha' data-sitekey='x'></div>",
        "<h1>Are you a robot?</h1>",
        "<script src='https://geo.captcha-delivery.com/c.js'></script>",
        "<p>We have detected unusual traffic from your network.</p>",
    ],
)
def test_walls(html: str) -> None:
    assert is_wall(f"<html><body>{html}</body></html>")


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Down for maintenance</h1>",
        "<p>Sold out. Come back soon!</p>",
        "",
        "<p>shoe</p>" * 20_000 + "<form class='g-recaptcha'>newsletter</form>",
    ],
)
def test_no_walls(html: str) -> None:
    assert not is_wall(html)
