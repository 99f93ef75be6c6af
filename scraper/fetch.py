"""Fetching with good manners: robots.txt, one request at a time and not too often, patience, and a memory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from scraper import __version__, robots
from scraper.journal import Entry, Journal
from scraper.manners import Manners
from scraper.pace import backoff_s, retry_after_s
from scraper.robots import RobotsBook, Rules, origin_of
from scraper.traffic import HostTraffic, TrafficBook
from scraper.transfer import Answer, FetchError, Transfer, status_error

__all__ = ["FetchError", "Fetched", "Fetcher", "Manners"]

GONE = (404, 410)  # answers that a run remembers: asking again would get the same
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Fetched:
    """A page or picture: `url` is where it was found in the end, `file` where the journal keeps its body.

    `is_news` tells whether the body has just come over the network.
    """

    url: str
    content_type: str
    body: bytes
    is_news: bool
    file: Path | None = None


class Fetcher:
    """Fetches URLs for one thread, one at a time.

    With a `journal`, what this run has fetched before is not asked for again, and what earlier runs have fetched
    is asked for with If-None-Match and If-Modified-Since. `contact` is a URL or e-mail address for the shop's
    owner, sent in the User-Agent.
    """

    def __init__(self, manners: Manners | None = None, *, journal: Journal | None = None, contact: str = "") -> None:
        self.manners = manners or Manners()
        self.user_agent = f"{robots.AGENT}/{__version__}" + (f" (+{contact})" if contact else "")
        self._journal = journal
        self._transfer = Transfer(self.user_agent, self.manners.exchange_s)
        self._traffic = TrafficBook(self.manners, journal)
        self._robots = RobotsBook(self._read_robots)

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; the journal stays open."""
        self._transfer.close()

    @property
    def hosts(self) -> dict[str, HostTraffic]:
        """What went to and fro between us and each host in this run, by host; it grows while the fetcher works."""
        return self._traffic.hosts

    def while_waiting(self, call: Callable[[], None]) -> None:
        """Have `call` called about every second of a longer wait; what it raises ends the wait."""
        self._traffic.while_waiting = self._transfer.deadline.while_waiting = call

    def trust(self, url: str) -> None:
        """Allow the host of `url` though it may be on this machine or a private network. Others there are refused."""
        self._transfer.trust(_clean(url))

    def get(self, url: str, max_bytes: int) -> Fetched:
        """What is at `url`, at most `max_bytes` of it; FetchError with a sentence for every way in which it fails."""
        url = _clean(url)
        if self._journal is None:
            answer = self._follow(url, max_bytes, None)
            if answer.status != 200:
                raise status_error(answer.url, answer.status)
            return Fetched(answer.url, answer.headers.get("Content-Type", ""), answer.body, is_news=True)
        return self._get_with_journal(url, max_bytes, self._journal)

    def forget(self, url: str) -> None:
        """Ask for `url` anew next time, even in the run that is going on: what came was no use."""
        if self._journal:
            with contextlib.suppress(FetchError):  # a URL that is none was never remembered
                self._journal.forget(_clean(url))

    def _get_with_journal(self, url: str, max_bytes: int, journal: Journal) -> Fetched:
        known = journal.recall(url)
        body = journal.body(known) if known else None
        if known is not None and body is not None and journal.is_of_this_run(known):
            self._traffic.recalled(url)
            return _from_journal(url, known, body, journal)
        is_good = known is not None and body is not None and known.status == 200
        answer = self._follow(url, max_bytes, known if is_good else None)
        if answer.status == 304 and is_good and known is not None and body is not None:
            journal.confirm(url)
            return _from_journal(url, known, body, journal)
        if answer.status in (200, *GONE):
            known = journal.keep(url, _entry_of(answer), answer.body if answer.status == 200 else b"")
        if answer.status != 200 or known is None:
            raise status_error(answer.url, answer.status)
        file = journal.body_path(known.sha256)
        return Fetched(answer.url, known.content_type, answer.body, is_news=True, file=file)

    def _follow(self, url: str, max_bytes: int, known: Entry | None) -> Answer:
        """The answer at the end of a URL's redirects, each of which the robots.txt of its host must allow."""
        hop = url
        for _ in range(self.manners.redirects + 1):
            rules = self._robots.rules_for(hop)
            refusal = rules.why_not(hop)
            if refusal:
                raise FetchError(hop, refusal)
            headers = _validators(known) if known is not None and known.final_url == hop else {}
            answer = self._ask(hop, max_bytes, headers, self._pause(hop, rules))
            if answer.status not in REDIRECTS:
                return answer
            hop = _redirect_target(answer)
        raise FetchError(url, f"{url} redirects more than {self.manners.redirects} times.")

    def _read_robots(self, url: str) -> Answer:
        """robots.txt, asked for once a run; FetchError without an answer or with one of 4xx or 5xx."""
        known = self._journal.recall(url) if self._journal else None
        body = self._journal.body(known) if self._journal and known else None
        if self._journal and known and body is not None and self._journal.is_of_this_run(known):
            if known.status != 200:
                raise status_error(url, known.status)
            return Answer(url, 200, httpx.Headers(), body)
        answer = self._follow_robots(url)
        if self._journal and (answer.status == 200 or 400 <= answer.status < 500):
            self._journal.keep(url, _entry_of(answer), answer.body if answer.status == 200 else b"")
        if answer.status != 200:
            raise status_error(url, answer.status)
        return answer

    def _follow_robots(self, url: str) -> Answer:
        """The answer at the end of the redirects of a robots.txt."""
        hop = url
        for _ in range(self.manners.redirects + 1):
            answer = self._ask(hop, robots.MAX_BYTES, {}, max(self.manners.at_least_s, self.manners.delay_s), cut=True)
            if answer.status not in REDIRECTS:
                return answer
            hop = _redirect_target(answer)
        # RFC 9309, 2.3.1.2: too many redirects count as "there is none".
        raise FetchError(url, f"{url} redirects more than {self.manners.redirects} times.", status=404)

    def _ask(self, url: str, max_bytes: int, headers: dict[str, str], pause_s: float, *, cut: bool = False) -> Answer:
        """One URL, tried as often as manners allow; 4xx answers come back, passing failures raise FetchError."""
        for attempt in range(1, self.manners.attempts + 1):
            try:
                with self._traffic.turn(url, pause_s):
                    answer = self._exchange(url, max_bytes, headers, pause_s, cut)
                failure = status_error(url, answer.status, answer.headers.get("Retry-After", ""))
                if not failure.passing:
                    return answer
            except FetchError as error:
                failure = error
            if not failure.passing:
                break
            self._end_if_asked(failure)
            if attempt < self.manners.attempts:
                self._traffic.sleep(backoff_s(attempt, self.manners.first_backoff_s, self.manners.most_backoff_s))
        raise failure

    def _exchange(self, url: str, max_bytes: int, headers: dict[str, str], pause_s: float, cut: bool) -> Answer:
        begin, before = time.monotonic(), self._transfer.received_bytes
        try:
            answer = self._transfer.get(url, max_bytes, headers, cut=cut)
        except FetchError as failure:
            self._traffic.failed(failure, pause_s, self._transfer.received_bytes - before)
            raise
        took_s, received = time.monotonic() - begin, self._transfer.received_bytes - before
        self._traffic.answered(answer, pause_s, took_s, received)
        if cut and (asked := robots.rules_in(answer).crawl_delay_s):  # whoever asks next may not have read it yet
            self._traffic.rest(url, min(asked, self.manners.most_crawl_delay_s))
        return answer

    def _end_if_asked(self, failure: FetchError) -> None:
        """FetchError that ends the run where the shop asks for more peace than we wait for."""
        asked = retry_after_s(failure.retry_after)
        if asked is not None and asked > self.manners.most_retry_after_s:
            sentence = f"{failure.sentence} It asks to come back in {asked:.0f} s; run this again then."
            raise FetchError(failure.url, sentence, status=failure.status, ends_the_run=True)

    def _pause(self, url: str, rules: Rules) -> float:
        """Seconds between two requests to the host of `url`."""
        asked = rules.crawl_delay_s
        if asked is not None and asked > self.manners.most_crawl_delay_s:
            sentence = (
                f"The robots.txt of {origin_of(url)} asks for {asked:g} s between two requests: too long to crawl."
            )
            raise FetchError(url, sentence)
        return max(self.manners.at_least_s, self.manners.delay_s if asked is None else asked)


def _entry_of(answer: Answer) -> Entry:
    """What the journal should remember of an answer."""
    headers = answer.headers
    return Entry(
        run=0,
        status=answer.status,
        final_url=answer.url,
        content_type=headers.get("Content-Type", ""),
        etag=headers.get("ETag", ""),
        last_modified=headers.get("Last-Modified", ""),
        sha256="",
    )


def _from_journal(url: str, entry: Entry, body: bytes, journal: Journal) -> Fetched:
    """A remembered answer; FetchError where it was a 404."""
    if entry.status != 200:
        raise status_error(url, entry.status)
    return Fetched(entry.final_url, entry.content_type, body, is_news=False, file=journal.body_path(entry.sha256))


def _clean(url: str) -> str:
    """`url` without fragment; FetchError for all but http and https, and for one with a password in it."""
    try:
        parsed = httpx.URL(urldefrag(url).url)
        _ = urlsplit(url).port  # raises above 65535, which httpx lets pass
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(url, f"{url!r} is not a URL: {error}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise FetchError(url, f"{url!r} is not a plain http or https URL.")
    return str(parsed)


def _validators(known: Entry) -> dict[str, str]:
    """The headers that ask "changed since?"."""
    validators = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in validators.items() if value}


def _redirect_target(answer: Answer) -> str:
    location = answer.headers.get("Location", "")
    if not location:
        raise FetchError(
            answer.url, f"{answer.url} answered {answer.status} without saying where to.", status=answer.status
        )
    try:
        return _clean(urljoin(answer.url, location))
    except ValueError as error:
        raise FetchError(answer.url, f"{answer.url} redirects to {location!r}, which is no URL.") from error
