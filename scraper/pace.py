"""How long to wait: between two requests to a host, longer while it is slow or has enough of us, and before a retry."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SLOW_S = 2.0  # an answer that takes longer comes from a host that has much to do
CALMS_TO = 0.75  # each good and quick answer shortens the extra pause to so much of it
NEGLIGIBLE_S = 0.05


@dataclass
class Pace:
    """Keeps requests to one host apart. The pause counts from the end of one to the start of the next. Moments are
    seconds of time.monotonic().

    `extra_s` is the pause that the host's answers make necessary: it doubles with each refusal for too many requests
    (from `first_s`, up to `most_s`), is as long as a slow answer took, and shrinks with each good and quick one.
    """

    first_s: float = 1.0
    most_s: float = 30.0
    extra_s: float = 0.0
    last_at: float = float("-inf")  # when the last request began or ended
    not_before: float = float("-inf")  # when the host may be asked again, whatever the pause

    def pause_s(self, asked_s: float) -> float:
        """Seconds between two requests now, where robots.txt or our manners ask for `asked_s`."""
        return max(asked_s, self.extra_s)

    def left_s(self, asked_s: float) -> float:
        """Seconds until the next request; 0 where it may begin."""
        return max(0.0, max(self.last_at + self.pause_s(asked_s), self.not_before) - time.monotonic())

    def rest(self, seconds: float) -> None:
        """Ask no more for so long."""
        self.not_before = max(self.not_before, time.monotonic() + seconds)

    def too_much(self, asked_s: float) -> None:
        """The host has said 429 or 503, or nothing at all: leave it twice as long in peace."""
        self.extra_s = min(self.most_s, max(self.first_s, 2 * self.pause_s(asked_s)))

    def answered(self, took_s: float) -> None:
        """A good answer has come, in `took_s` seconds."""
        calmer = self.extra_s * CALMS_TO
        self.extra_s = calmer if calmer > NEGLIGIBLE_S else 0.0
        if took_s > SLOW_S:
            self.extra_s = min(self.most_s, max(self.extra_s, took_s))


def backoff_s(attempt: int, first_s: float, most_s: float) -> float:
    """The pause after failed attempt number `attempt` (from 1): doubling, and up to half of it by chance.

    Chance keeps several crawlers that failed together from coming back together.
    """
    pause: float = min(most_s, first_s * 2 ** (attempt - 1))
    return pause * random.uniform(0.5, 1.0)


def retry_after_s(header: str) -> float | None:
    """The seconds that a Retry-After header asks for, as seconds or as a date; None where it says neither."""
    header = header.strip()
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):  # the latter for numbers that no clock has
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
