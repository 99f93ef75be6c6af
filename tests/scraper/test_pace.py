"""How long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from scraper.pace import Pace, backoff_s, retry_after_s

MOMENT = "Fri, 02 Mar 2018 01:57:54"
HUGE = "9" * 30


def test_the_backoff_doubles_and_differs() -> None:
    pauses = [[backoff_s(attempt, 1.0, 5.0) for _ in range(50)] for attempt in (1, 2, 3, 4)]
    for most, some in zip((1.0, 2.0, 4.0, 5.0), pauses, strict=True):
        assert most / 2 <= min(some) < max(some) <= most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0), ("120", 120), (" 7 ", 7), ("9" * 50, 999999999), ("Fri, 02 Mar 2018 01:57:54 GMT", 0)],
)
def test_retry_after(header: str, seconds: float) -> None:
    assert retry_after_s(header) == seconds


def test_retry_after_a_date() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=60)
    assert 58 < (retry_after_s(format_datetime(moment, usegmt=True)) or 0) <= 60


@pytest.mark.parametrize(
    "header", ["", "soon", "-5", "1.5", "²", "Fri, 99 Foo 2018", f"Fri, 02 Mar 2018 {HUGE}:00", f"{MOMENT} +{HUGE}"]
)
def test_retry_after_nonsense(header: str) -> None:
    assert retry_after_s(header) is None


def test_the_pause_doubles_up_to_the_most_and_shrinks_again() -> None:
    pace = Pace(first_s=1.0, most_s=5.0)
    pauses = []
    for _ in range(4):
        pace.too_much(0.1)
        pauses.append(pace.pause_s(0.1))
    assert pauses == [1.0, 2.0, 4.0, 5.0]
    for _ in range(20):
        pace.answered(0.01)
    assert pace.pause_s(0.1) == 0.1


def test_it_never_falls_below_what_is_asked() -> None:
    pace = Pace(first_s=0.1, most_s=5.0)
    pace.too_much(3.0)
    assert pace.pause_s(3.0) == 5.0
    pace.answered(0.01)
    assert pace.pause_s(4.5) == 4.5


def test_a_slow_answer_is_followed_by_as_long_a_pause() -> None:
    pace = Pace(first_s=0.1, most_s=5.0)
    pace.answered(3.0)
    assert pace.pause_s(1.0) == 3.0
    pace.answered(60.0)
    assert pace.pause_s(1.0) == 5.0
