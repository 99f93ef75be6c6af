"""docs/results.md: each command fills its own part, and what is said of the bundles is what their cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.results_page import RESULTS, fill
from benchmarks.shipped_bundles import page_of, shipped_bundles
from benchmarks.table import markdown


def test_a_part_is_filled_and_the_rest_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Before\n<!-- one: begin -->\nold\n<!-- one: end -->\nAfter\n<!-- two: begin --><!-- two: end -->\n"
    )
    fill("one", markdown(("a", "b"), [("1", "2")]), page)
    assert page.read_text() == (
        "Before\n<!-- one: begin -->\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n<!-- one: end -->\nAfter\n"
        "<!-- two: begin --><!-- two: end -->\n"
    )
    with pytest.raises(ValueError, match="has no marks <!-- three: begin -->"):
        fill("three", "new", page)


def test_the_page_tells_what_the_cards_of_the_bundles_tell() -> None:
    """`python -m benchmarks.shipped_bundles --write` brings it up to date."""
    assert page_of(shipped_bundles()) in RESULTS.read_text(encoding="utf-8")
