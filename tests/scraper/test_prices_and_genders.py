"""Numbers and words as shops write them."""

from __future__ import annotations

import pytest

from scraper.genders import read_gender
from scraper.prices import read_cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("119.99 ", 11999), ("$1,050.00", 105000), ("1.050,00 €", 105000), ("1 050,00 kr", 105000), ("129", 12900),
        ("129.5", 12950), ("1,299", 129900), ("CHF 1'299.-", 129900), ("12,50", 1250), ("129.0000", 12900), ("0", None),
        ("MSRP: $160.00 $99.99", None), ("from 99 to 120", None), ("", None), ("free", None), ("NaN", None),
        ("-3", None), ("$-3.00", None), ("- 3", None), ("9" * 40, None), ("1e5", None), ("²", None),
        ("129.00 USD", 12900), ("100000.0", 10000000), ("1\u202f299,00\u00a0€", 129900),
        ("$0.00", None), ("1" + ".111" * 100, None), ("9.99 " + "x" * 200, None),
    ],
)  # fmt: skip
def test_prices(text: str, cents: int | None) -> None:
    assert read_cents(text) == cents


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Men's"], ("men", "")), (["mens"], ("men", "")), (["WOMENS"], ("women", "")), (["Women’s"], ("women", "")),
        (["female"], ("women", "")), (["male"], ("men", "")), (["Men", "Women"], ("unisex", "")),
        ([""], ("unisex", "")),
        (["Boys' Grade School"], ("kids", "boys")), (["Girls"], ("kids", "girls")), (["Boys", "Girls"], ("kids", "")),
        (["male", "kids"], ("kids", "")), (["Toddler"], ("kids", "")), (["Unisex"], ("unisex", "")),
        (["Mensa"], ("unisex", "")), (["martians"], ("unisex", "")), (["infant"], ("kids", "")),
        (["everybody"], ("unisex", "")),
    ],
)  # fmt: skip
def test_genders(texts: list[str], expected: tuple[str, str]) -> None:
    assert read_gender(*texts) == expected
