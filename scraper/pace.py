"""How long to wait: between two requests to a host, and before asking again."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Pace:
    """Keeps requests to one host apart. The pause counts from the end of one to the start of the next."""

    def __init__(self) -> None:
        self._last_end: dict[str, float] = {}

    def wait(self, host: str, delay_s: float) -> None:
        """Sleep until `delay_s` seconds have gone by since the last request to `host` ended."""
        ready_at = self._last_end.get(host, float("-inf")) + delay_s
        pause = ready_at - time.monotonic()
        if pause > 0:
            time.sleep(pause)

    def ended(self, host: str) -> None:
        """Note that a request to `host` has just ended."""
        self._last_end[host] = time.monotonic()


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
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
