"""The studio's words are as sure as its numbers, and not surer."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.studio.wording import difference_of, rate_of, top_of, verdict_of


def answer(**changes: Any) -> dict[str, Any]:
    one = {"probability": 0.2, "interval": [0.1, 0.3], "extrapolating": False}
    best = {**one, "augment": "brighter", "title": "Brighter", "probability": 0.8, "interval": [0.7, 0.85]}
    against = {"difference": 0.6, "interval": [0.5, 0.7], "too_close_to_call": False, "sends_to_settle": 1200}
    return {
        "unit": "probability",
        "provenance": "simulated",
        "base_rate": 0.3,
        "original": {**one, "augment": "original", "title": "Original"},
        "augments": [best],
        "alternates": [],
        "best_augment": "brighter",
        "against_best_augment": against,
        "too_close_to_call": False,
        "keep_original": False,
        "model": {"beats_base_rate": True},
        **changes,
    }


@pytest.mark.parametrize(
    ("value", "words"), [(0.213, "21 %"), (0.0341, "3.4 %"), (0.0025, "0.25 %"), (0.0, "0 %"), (1.0, "100 %")]
)
def test_rates_have_two_digits_that_count(value: float, words: str) -> None:
    assert rate_of(value).replace("\N{NARROW NO-BREAK SPACE}", " ") == words


def test_amounts_and_differences() -> None:
    assert rate_of(123.44, "cents").startswith("123.4")
    assert difference_of(0.123).startswith("+12.3")
    assert difference_of(-0.0012).startswith("\N{MINUS SIGN}0.12")
    assert difference_of(-3.0, "cents").startswith("\N{MINUS SIGN}3.0")
    assert difference_of(0).startswith("0")


def test_a_clear_winner_is_named_with_its_interval() -> None:
    verdict = verdict_of(answer())
    assert (verdict.call, verdict.title) == ("change", "Send it as “Brighter”")
    assert "Both are simulated" in verdict.explanation
    assert "between +50.0" in verdict.explanation and not verdict.to_settle


def test_too_close_says_to_keep_it_and_what_would_settle_it() -> None:
    close = answer(too_close_to_call=True, keep_original=True)
    verdict = verdict_of(close)
    assert (verdict.call, verdict.title) == ("close", "Too close to call: keep the original")
    assert "1,200" in verdict.to_settle
    assert "nothing that does better" in verdict_of({**close, "model": {"beats_base_rate": False}}).explanation
    far = {**close["original"], "extrapolating": True}
    assert "outside" in verdict_of({**close, "original": far}).explanation


def test_a_clear_loser_keeps_the_original() -> None:
    assert verdict_of(answer(keep_original=True)).title == "Keep the original"


def test_bars_hold_every_number() -> None:
    assert top_of(answer()) > 0.85
