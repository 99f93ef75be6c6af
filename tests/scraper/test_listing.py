"""The border file: one listing a line, replaced only when the last one has come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.listing import Listing, ListingError, ListingImage, read_listings, write_listings

DART = Listing(
    "demo",
    "VD-1",
    "http://shop/1",
    "Vello",
    "Dart “Low”",
    images=(ListingImage("http://shop/1.png", 10, "images/a.png"),),
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    listings = [DART, Listing("demo", "VD-2", "http://shop/2", "Vello", "Dart\u2028High", price_cents=0)]
    assert write_listings(path, listings) == 2
    assert list(read_listings(path)) == listings


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    write_listings(path, [DART])

    def failing() -> Iterator[Listing]:
        yield Listing("demo", "VD-9", "http://shop/9", "Vello", "Nine")
        raise RuntimeError("the shop is gone")

    with pytest.raises(RuntimeError, match="the shop is gone"):
        write_listings(path, failing())
    assert list(read_listings(path)) == [DART]
    assert [file.name for file in tmp_path.iterdir()] == ["listings.jsonl"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("not json", "line 2: not a listing"),
        ("[]", "line 2: not a listing"),
        ("{}", "line 2: not a listing"),
        (DART.to_json().replace("Vello", "Vel\\ud800o"), "line 2: a listing holds half a character"),
        (DART.to_json().replace('"VD-1"', '" "'), "line 2: a listing needs a style_code"),
        (DART.to_json().replace("unisex", "robots"), "line 2: gender is 'robots'"),
        (DART.to_json().replace('"audience": ""', '"audience": "dogs"'), "line 2: audience is 'dogs'"),
        (DART.to_json().replace('"price_cents": null', '"price_cents": -1'), "line 2: price_cents is -1"),
    ],
)
def test_the_first_bad_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "listings.jsonl"
    path.write_text(f"{DART.to_json()}\n{line}\n", encoding="utf-8")
    with pytest.raises(ListingError, match=sentence):
        list(read_listings(path))


def test_lines_of_before_there_was_an_audience_are_read(tmp_path: Path) -> None:
    path = tmp_path / "listings.jsonl"
    path.write_text(DART.to_json().replace('"audience": "", ', "") + "\n", encoding="utf-8")
    assert list(read_listings(path)) == [DART]
