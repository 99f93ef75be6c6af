"""JSON-LD as it is found in the wild."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from scraper.json_ld import text_of, things_of_type

PRODUCT = '{"@type": "Product", "name": "Dart", "url": "https://shop/dart"}'


def products(*scripts: str) -> list[str]:
    html = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return [text_of(thing, "name") for thing in things_of_type(BeautifulSoup(html, "lxml"), "Product")]


@pytest.mark.parametrize(
    "script",
    [
        PRODUCT,
        f"[{PRODUCT}]",
        f'{{"@graph": [{{"@type": "WebPage"}}, {PRODUCT}]}}',
        PRODUCT.replace('"Product"', '["Thing", "Product"]'),
        PRODUCT.replace('"Product"', '"https://schema.org/Product"'),
        PRODUCT.replace('"Product"', '["schema:Product", 7, null]'),
        f"{PRODUCT};",
        f"// the product\n{PRODUCT}",
        f"/* made by\n a machine */ {PRODUCT}",
        PRODUCT.replace('"Dart",', '"Dart", // not "Dash"\n').replace("}", ",\n// the end\n}"),
        f"<!-- {PRODUCT} -->",
        f"//<![CDATA[\n{PRODUCT}\n//]]>",
        PRODUCT.replace("Dart", "Da\trt").replace("Da\trt", "Dart\n"),
    ],
)
def test_products_are_found(script: str) -> None:
    assert products(script) == ["Dart"]


def test_a_broken_script_does_not_hide_the_others() -> None:
    assert products("{'not': json", PRODUCT, "", "null", "7", "[" * 5000, PRODUCT) == ["Dart", "Dart"]


@pytest.mark.parametrize("kind", ["Application/LD+JSON", "application/ld+json; charset=utf-8", " application/ld+json "])
def test_a_script_may_write_its_type_otherwise(kind: str) -> None:
    soup = BeautifulSoup(f'<script>{PRODUCT}</script><script type="{kind}">{PRODUCT}</script>', "lxml")
    assert len(list(things_of_type(soup, "Product"))) == 1


def test_numbers_are_read_as_they_were_meant() -> None:
    thing = {"a": 64.99000000000001, "b": 119.0, "c": 0.5, "d": float("inf"), "e": float("nan"), "f": -3.25}
    assert [text_of(thing, name) for name in "abcdef"] == ["64.99", "119", "0.5", "", "", "-3.25"]


def test_text_of_all_kinds() -> None:
    thing = {
        "a": " x\n y ",
        "b": 7,
        "c": {"name": "z"},
        "d": ["first", "second"],
        "e": True,
        "f": None,
        "g": [],
        "h": {},
    }
    assert [text_of(thing, name) for name in "abcdefghi"] == ["x y", "7", "z", "first", "", "", "", "", ""]


@pytest.mark.data
def test_pages_from_the_wild(shared_data: Path) -> None:
    kinds = ("NewsArticle", "ItemList", "BlogPosting", "LocalBusiness", "Review", "Product")
    found = []
    for path in sorted((shared_data / "product_pages").glob("*.html")):
        soup = BeautifulSoup(path.read_bytes(), "lxml")
        found += [kind for kind in kinds if any(things_of_type(soup, kind))]
    assert {"NewsArticle", "ItemList", "BlogPosting"} <= set(found)
