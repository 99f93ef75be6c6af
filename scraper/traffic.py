"""What goes to and fro between us and each host: paced, counted, limited, and remembered by the journal."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from scraper.journal import Journal
from scraper.manners import Manners
from scraper.pace import Look, Pace, look_away, retry_after_s
from scraper.transfer import Answer, FetchError

TOO_MUCH = (429, 503)
LONGEST_CLOSED_S = 24 * 3600.0  # a Retry-After of a year is no reason to stay away for one


@dataclass
class HostTraffic:
    """What one host was asked and has answered in this run. Moments are seconds of time.time(), 0 for never.

    `recalled` answers came from the journal without a request, `unanswered` requests got none, `not_modified` ones a
    304. `statuses` counts answers by status, robots.txt included. Before `next_at` no further request goes there.
    """

    requests: int = 0
    received_bytes: int = 0
    recalled: int = 0
    unanswered: int = 0
    not_modified: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    pause_s: float = 0.0
    next_at: float = 0.0
    closed_until: float = 0.0

    def as_facts(self) -> dict[str, Any]:
        """For people and JSON: the counts, those of 403 and 429 apart, and when the next request may go."""
        next_at = datetime.fromtimestamp(self.next_at, UTC).isoformat(timespec="seconds") if self.next_at else None
        facts = {name: value for name, value in asdict(self).items() if name not in ("next_at", "closed_until")}
        refused = {"forbidden_403": self.statuses.get("403", 0), "throttled_429": self.statuses.get("429", 0)}
        return facts | refused | {"pause_s": round(self.pause_s, 3), "next_request_at": next_at}


class TrafficBook:
    """The traffic with every host that was met; `hosts` may be read at any time.

    With a journal the counts go on where a killed run left them, and the pause since its last request is kept too.
    """

    def __init__(self, manners: Manners, journal: Journal | None, look: Look = look_away) -> None:
        self.hosts: dict[str, HostTraffic] = {}
        self._look = look
        self._manners = manners
        self._journal = journal
        self._paces: dict[str, Pace] = {}

    def take_turn(self, url: str, pause_s: float) -> None:
        """Wait until the host of `url` may be asked; FetchError that ends the run where it may not be asked at all."""
        host = host_of(url)
        traffic, pace = self._of(host)
        self._refuse_if_closed(url, host, traffic)
        self._refuse_if_spent(url, host, traffic)
        pace.wait(pause_s, self._look)
        traffic.requests += 1
        self._keep(host, pause_s, is_open=True)  # a killed run must not come back sooner than an unharmed one

    def answered(self, answer: Answer, pause_s: float, took_s: float, received_bytes: int) -> None:
        """Note an answer, whatever it says."""
        host, status = host_of(answer.url), answer.status
        traffic, pace = self._of(host)
        traffic.received_bytes += received_bytes
        traffic.statuses[str(status)] = traffic.statuses.get(str(status), 0) + 1
        traffic.not_modified += status == 304
        if status in TOO_MUCH or "Retry-After" in answer.headers:
            pace.too_much(pause_s)
        else:
            pace.answered(took_s)
        self._keep(host, pause_s)

    def failed(self, failure: FetchError, pause_s: float, received_bytes: int) -> None:
        """Note a request that got no answer, or one that we did not take to its end."""
        host = host_of(failure.url)
        traffic, pace = self._of(host)
        traffic.received_bytes += received_bytes
        if failure.passing:
            traffic.unanswered += 1
            pace.too_much(pause_s)
        elif failure.status is None:
            traffic.requests -= 1  # refused before anything was sent
        else:
            traffic.statuses[str(failure.status)] = traffic.statuses.get(str(failure.status), 0) + 1
        self._keep(host, pause_s)

    def recalled(self, url: str) -> None:
        """Note an answer that the journal gave instead of the host."""
        self._of(host_of(url))[0].recalled += 1

    def close_for(self, failure: FetchError) -> FetchError:
        """Ask the host no more until the time that its Retry-After names; returns the failure that ends the run."""
        asked = retry_after_s(failure.retry_after) or 0.0
        host = host_of(failure.url)
        traffic = self._of(host)[0]
        traffic.closed_until = traffic.next_at = time.time() + min(asked, LONGEST_CLOSED_S)
        self._write(host, traffic)
        sentence = f"{failure.sentence} It asks to come back in {asked:.0f} s; run this again then."
        return FetchError(failure.url, sentence, status=failure.status, ends_the_run=True)

    def _refuse_if_closed(self, url: str, host: str, traffic: HostTraffic) -> None:
        left = traffic.closed_until - time.time()
        if 0 < left <= LONGEST_CLOSED_S:
            until = datetime.fromtimestamp(traffic.closed_until, UTC)
            sentence = f"{host} has asked not to be asked again before {until:%Y-%m-%d %H:%M:%S} UTC."
            raise FetchError(url, f"{url} is not fetched: {sentence}", ends_the_run=True)

    def _refuse_if_spent(self, url: str, host: str, traffic: HostTraffic) -> None:
        manners = self._manners
        spent = ""
        if traffic.requests >= manners.most_requests:
            spent = f"{manners.most_requests} requests"
        elif traffic.received_bytes >= manners.most_bytes:
            spent = f"{manners.most_bytes / 1e6:g} MB"
        if spent:
            raise FetchError(url, f"{url} is not fetched: a run takes at most {spent} of {host}.", ends_the_run=True)

    def _of(self, host: str) -> tuple[HostTraffic, Pace]:
        if host not in self.hosts:
            pace = Pace(self._manners.first_backoff_s, self._manners.most_backoff_s)
            self.hosts[host] = self._remembered(host, pace)
            self._paces[host] = pace
        return self.hosts[host], self._paces[host]

    def _remembered(self, host: str, pace: Pace) -> HostTraffic:
        """What the journal knows of a host; `pace` goes on from there."""
        kept = self._journal.recall_host(host) if self._journal else None
        if kept is None or kept[0].keys() != {*HostTraffic.__dataclass_fields__, "extra_s", "last_at", "is_open"}:
            return HostTraffic()  # the host is new, or another version of us met it
        facts, is_of_this_run = kept
        # A clock that was set back does not shorten the pause; and of a request that was killed nobody knows the end.
        last_at = facts.pop("last_at")
        since = 0.0 if facts.pop("is_open") else max(0.0, time.time() - last_at)
        pace.last_at, pace.extra_s = time.monotonic() - since, facts.pop("extra_s")
        if is_of_this_run:
            return HostTraffic(**facts)
        return HostTraffic(pause_s=facts["pause_s"], next_at=facts["next_at"], closed_until=facts["closed_until"])

    def _keep(self, host: str, pause_s: float, *, is_open: bool = False) -> None:
        """Note that the host was busy with us until now, or still is."""
        traffic, pace = self._of(host)
        pace.last_at = time.monotonic()
        traffic.pause_s = pace.pause_s(pause_s)
        traffic.next_at = time.time() + traffic.pause_s
        self._write(host, traffic, is_open)

    def _write(self, host: str, traffic: HostTraffic, is_open: bool = False) -> None:
        if self._journal:
            pace = self._paces[host]
            last_at = time.time() - (time.monotonic() - pace.last_at) if pace.last_at > 0 else 0.0
            kept = {**asdict(traffic), "extra_s": pace.extra_s, "last_at": last_at, "is_open": is_open}
            self._journal.keep_host(host, json.dumps(kept))


def host_of(url: str) -> str:
    """The host of a URL, with its port where that is not the scheme's own: "www.shop.com", "127.0.0.1:8100".

    The same shop by http and by https is one host: both are answered by the same machines.
    """
    parsed = httpx.URL(url)
    host = parsed.host
    return host if parsed.port is None else f"{host}:{parsed.port}"
