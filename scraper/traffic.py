"""What goes to and fro between us and each host: paced, counted, limited, and remembered by the journal."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from scraper.journal import Journal
from scraper.manners import Manners
from scraper.pace import Pace, retry_after_s
from scraper.transfer import Answer, FetchError
from scraper.turns import COURTESY_S, Turn, shared_folder, turn_of

TOO_MUCH = (429, 503)
LOOK_UP_EVERY_S = 1.0  # while we wait
SOON_S = 0.02  # how often we look whether somebody else has done with a host
LONGEST_CLOSED_S = 24 * 3600.0  # a Retry-After of a year is no reason to stay away for one


@dataclass
class HostTraffic:
    """What one host was asked and has answered in this run. Moments are seconds of time.time(), 0 for never.

    `recalled` answers came from the journal without a request, `unanswered` requests got none, `not_modified` ones a
    304. `statuses` counts answers by status, robots.txt included. Before `next_at` no further request goes there; until
    `asked_until` because the host itself has asked for that (Retry-After).
    """

    requests: int = 0
    received_bytes: int = 0
    recalled: int = 0
    unanswered: int = 0
    not_modified: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    pause_s: float = 0.0
    next_at: float = 0.0
    asked_until: float = 0.0

    def as_facts(self) -> dict[str, Any]:
        """For people and JSON: the counts, those of 403 and 429 apart, when the next request may go, and until when the
        host has asked to be left alone (ISO 8601, or None)."""
        facts = {name: value for name, value in asdict(self).items() if name not in ("next_at", "asked_until")}
        refused = {"forbidden_403": self.statuses.get("403", 0), "throttled_429": self.statuses.get("429", 0)}
        moments = {"next_request_at": _iso(self.next_at), "asked_to_wait_until": _iso(self.asked_until)}
        return facts | refused | {"pause_s": round(self.pause_s, 3)} | moments


class TrafficBook:
    """The traffic with every host that was met; `hosts` may be read at any time.

    With a journal the counts go on where a killed run left them. The pause between two requests is kept by all crawls
    on this machine together, and over a kill. `while_waiting` is called about every second of a longer wait; it may
    raise, which ends the wait.
    """

    def __init__(self, manners: Manners, journal: Journal | None) -> None:
        self.hosts: dict[str, HostTraffic] = {}
        self.while_waiting: Callable[[], None] = lambda: None
        self._manners = manners
        self._journal = journal
        self._paces: dict[str, Pace] = {}
        self._turns = shared_folder()
        self._me = random.getrandbits(64)  # among all crawls of this machine

    @contextmanager
    def turn(self, url: str, pause_s: float) -> Iterator[None]:
        """A block in which the host of `url` may be asked once, after as long a wait as it takes; FetchError that ends
        the run where it may not be asked at all."""
        host = host_of(url)
        traffic, pace = self._of(host)
        is_patient = True
        while True:
            self._refuse_if_closed(url, host, traffic)
            self._refuse_if_spent(url, host, traffic)
            with turn_of(host, self._turns, self._me) as turn:
                left_s = self._left_s(turn, pace, pause_s)
                if turn is not None and left_s <= 0 and is_patient and turn.is_wanted:
                    left_s, is_patient = COURTESY_S, False
                elif turn is not None and left_s <= 0:
                    traffic.requests += 1
                    self._keep(host, pause_s)
                    turn.note(pace.left_s(pause_s), is_open=True)
                    try:
                        yield
                    finally:
                        self._keep(host, pause_s)
                        turn.note(pace.left_s(pause_s), is_open=False)
                    return
            self.sleep(left_s)

    def _left_s(self, turn: Turn | None, pace: Pace, pause_s: float) -> float:
        """Seconds until the host may be asked, by all that is known; 0 for now."""
        if turn is None:
            return SOON_S
        pace.last_at = max(pace.last_at, time.monotonic() - turn.since_s)
        pace.rest(turn.left_s)
        if left_s := pace.left_s(pause_s):
            turn.stand_in_line()
        return left_s

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long, or until `while_waiting` raises."""
        while seconds > 0:
            time.sleep(min(seconds, LOOK_UP_EVERY_S))
            seconds -= LOOK_UP_EVERY_S
            if seconds > 0:
                self.while_waiting()

    def rest(self, url: str, seconds: float) -> None:
        """Ask the host of `url` no more for so long."""
        self._of(host_of(url))[1].rest(seconds)

    def answered(self, answer: Answer, pause_s: float, took_s: float, received_bytes: int) -> None:
        """Note an answer, whatever it says."""
        status = answer.status
        traffic, pace = self._of(host_of(answer.url))
        traffic.received_bytes += received_bytes
        traffic.statuses[str(status)] = traffic.statuses.get(str(status), 0) + 1
        traffic.not_modified += status == 304
        asked = retry_after_s(answer.headers.get("Retry-After", ""))
        if asked:
            traffic.asked_until = time.time() + min(asked, LONGEST_CLOSED_S)
        if status in TOO_MUCH or asked is not None:
            pace.too_much(pause_s)
        else:
            pace.answered(took_s)

    def failed(self, failure: FetchError, pause_s: float, received_bytes: int) -> None:
        """Note a request that got no answer, or one that we did not take to its end."""
        traffic, pace = self._of(host_of(failure.url))
        traffic.received_bytes += received_bytes
        if failure.passing:
            traffic.unanswered += 1
            pace.too_much(pause_s)
        elif failure.status is None:
            traffic.requests -= 1  # refused before anything was sent
        else:
            traffic.statuses[str(failure.status)] = traffic.statuses.get(str(failure.status), 0) + 1

    def recalled(self, url: str) -> None:
        """Note an answer that the journal gave instead of the host."""
        self._of(host_of(url))[0].recalled += 1

    def _refuse_if_closed(self, url: str, host: str, traffic: HostTraffic) -> None:
        """FetchError where the host wants peace for longer than we wait."""
        left = traffic.asked_until - time.time()
        if self._manners.most_retry_after_s < left <= LONGEST_CLOSED_S:
            until = datetime.fromtimestamp(traffic.asked_until, UTC)
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
        if kept is None or kept[0].keys() != {*HostTraffic.__dataclass_fields__, "extra_s"}:
            return HostTraffic()  # the host is new, or another version of us met it
        facts, is_of_this_run = kept
        pace.extra_s = facts.pop("extra_s")
        pace.rest(min(facts["next_at"] - time.time(), self._manners.most_retry_after_s))
        if is_of_this_run:
            return HostTraffic(**facts)
        return HostTraffic(pause_s=facts["pause_s"], next_at=facts["next_at"], asked_until=facts["asked_until"])

    def _keep(self, host: str, pause_s: float) -> None:
        """Note that the host was busy with us until now."""
        traffic, pace = self._of(host)
        pace.last_at = time.monotonic()
        asked_s = traffic.asked_until - time.time()
        if asked_s <= self._manners.most_retry_after_s:
            pace.rest(asked_s)
        traffic.pause_s = pace.pause_s(pause_s)
        traffic.next_at = time.time() + max(pace.left_s(pause_s), min(asked_s, LONGEST_CLOSED_S))
        if self._journal:
            self._journal.keep_host(host, json.dumps({**asdict(traffic), "extra_s": pace.extra_s}))


def host_of(url: str) -> str:
    """The host of a URL, with its port where that is not the scheme's own: "www.shop.com", "127.0.0.1:8100".

    The same shop by http and by https is one host: both are answered by the same machines.
    """
    parsed = httpx.URL(url)
    host = parsed.host
    return host if parsed.port is None else f"{host}:{parsed.port}"


def _iso(moment: float) -> str | None:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds") if moment else None
