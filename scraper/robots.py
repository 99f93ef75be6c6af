"""robots.txt by RFC 9309: read once a host; 4xx means all is allowed, 5xx, 429 or no answer means nothing is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from scraper.transfer import Answer, FetchError

AGENT = "Solescope"
MAX_BYTES = 512_000  # RFC 9309 asks for 500 KiB; rules behind that are not read


@dataclass(frozen=True)
class Rules:
    """What one host allows. `refusal` is a sentence where it allows nothing for now."""

    robots: Protego | None = None
    refusal: str = ""

    def why_not(self, url: str) -> str:
        """Why `url` may not be fetched, in a sentence; "" where it may."""
        if self.refusal:
            return self.refusal
        if self.robots is not None and not self.robots.can_fetch(url, AGENT):
            return f"{url} is not fetched: the shop's robots.txt forbids it."
        return ""

    @property
    def crawl_delay_s(self) -> float | None:
        """The seconds that the host wants between two requests (Crawl-delay, Request-rate), None where it does not
        say."""
        if self.robots is None:
            return None
        delay, rate = self.robots.crawl_delay(AGENT), self.robots.request_rate(AGENT)
        asked = [float(delay)] if delay is not None else []
        if rate is not None and rate.requests > 0:
            asked.append(rate.seconds / rate.requests)
        return max(0.0, *asked) if asked else None


def rules_in(answer: Answer) -> Rules:
    """What a robots.txt says; where there is none, all is allowed."""
    if answer.status != 200:
        return Rules()
    return Rules(robots=Protego.parse(answer.body[:MAX_BYTES].decode("utf-8-sig", errors="replace")))


class RobotsBook:
    """The rules of every host met so far.

    `read(url)` fetches a robots.txt, redirects and retries included, and raises FetchError when there is no answer
    or one of status 4xx or 5xx.
    """

    def __init__(self, read: Callable[[str], Answer]) -> None:
        self._read = read
        self._rules: dict[str, Rules] = {}

    def rules_for(self, url: str) -> Rules:
        """The rules of the host of `url`; fetches its robots.txt the first time."""
        origin = origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = self._fetch(f"{origin}/robots.txt")
        return self._rules[origin]

    def _fetch(self, robots_url: str) -> Rules:
        try:
            answer = self._read(robots_url)
        except FetchError as error:
            if error.ends_the_run:
                raise
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return Rules()
            return Rules(refusal=f"{error.sentence} Until its robots.txt can be read, nothing is fetched there.")
        return rules_in(answer)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as robots.txt counts hosts: "http://127.0.0.1:8100". FetchError if it is none."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(url, f"{url!r} is not a URL: {error}.") from error
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
