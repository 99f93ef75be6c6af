"""How patient and how greedy we are with shops."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Manners:
    """How patient and how greedy a fetcher is. Times are seconds.

    `delay_s` is the pause between two requests to a host whose robots.txt asks for none; `at_least_s` is one that
    holds in any case. A run makes at most `most_requests` requests to one host and takes at most `most_bytes` of
    bodies from it; a run that was broken off and goes on counts as one.
    """

    delay_s: float = 1.0
    at_least_s: float = 0.0
    attempts: int = 4
    first_backoff_s: float = 0.5
    most_backoff_s: float = 30.0
    most_retry_after_s: float = 120.0
    most_crawl_delay_s: float = 60.0
    exchange_s: float = 30.0
    redirects: int = 5
    most_requests: int = 200_000
    most_bytes: int = 50_000_000_000
