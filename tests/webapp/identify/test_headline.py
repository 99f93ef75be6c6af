"""The sentence above an answer is as sure as its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.identify.headline import NARROW, headline_of, name_of, percent_of


def answer(*probabilities: float, in_catalogue: bool = True, likely: int = 1) -> dict[str, Any]:
    matches = [
        {"label": f"shoe_{n}", "brand": "Vello", "name": f"Dart {n}", "colorway": "Chalk / Ink", "probability": p}
        for n, p in enumerate(probabilities)
    ]
    return {
        "in_catalogue": in_catalogue,
        "matches": matches,
        "answer_set": [match["label"] for match in matches[:likely]],
        "answer_set_coverage": 0.9,
    }


def test_one_likely_shoe_is_named_with_its_probability() -> None:
    said = headline_of(answer(0.94, 0.04))
    assert (said.certainty, said.title, said.colorway) == ("sure", "Vello Dart 0", "Chalk / Ink")
    assert said.percent == f"94{NARROW}%"


def test_a_weak_first_match_is_called_probable() -> None:
    assert headline_of(answer(0.61, 0.2)).title == "Probably the Vello Dart 0"


@pytest.mark.parametrize(("likely", "number"), [(2, "two"), (3, "three"), (4, "four")])
def test_a_few_likely_shoes_are_counted_not_named(likely: int, number: str) -> None:
    said = headline_of(answer(0.4, 0.3, 0.2, 0.1, likely=likely))
    assert said.title == f"Probably one of these {number}"
    assert said.likely == likely
    together = sum([0.4, 0.3, 0.2, 0.1][:likely])
    assert percent_of(together) in said.explanation
    assert not said.percent


def test_a_first_match_that_is_not_even_probable_is_no_answer_by_itself() -> None:
    said = headline_of(answer(0.48, 0.44, 0.05))
    assert said.title == "Probably one of these two"
    assert said.likely == 2


def test_many_likely_shoes_are_no_answer() -> None:
    said = headline_of(answer(*[0.1] * 10, likely=9))
    assert said.certainty == "unsure"


def test_a_shoe_that_is_not_ours_is_called_so_however_probable_the_first_match() -> None:
    said = headline_of(answer(0.99, in_catalogue=False))
    assert (said.certainty, said.title, said.percent) == ("unknown", "Not in our catalogue", "")


def test_an_answer_without_matches_names_nothing() -> None:
    assert headline_of(answer()).certainty == "unknown"


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "> 99 %"), (0.9949, "99 %"), (0.5, "50 %"), (0.004, "< 1 %"), (0.0, "< 1 %")]
)
def test_nothing_is_certain(share: float, words: str) -> None:
    assert percent_of(share).replace(NARROW, " ") == words


def test_a_brand_is_not_said_twice() -> None:
    assert name_of({"brand": "nike", "name": "Nike LeBron 15"}) == "Nike LeBron 15"
    assert name_of({"brand": "Vello", "name": "Dart Low"}) == "Vello Dart Low"
