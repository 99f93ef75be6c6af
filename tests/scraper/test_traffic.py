"""What goes to and fro: paced as the shop asks and as it can bear, limited, counted, and kept over a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.fetch import Fetcher, FetchError, Manners
from scraper.journal import Journal
from scraper.traffic import host_of
from tests.scraper.conftest import QUICK
from tests.scraper.local_shop import Asked, LocalShop, Reply

PAGE = Reply.html("<html>shoes</html>")


def gaps(shop: LocalShop) -> list[float]:
    """Seconds between two requests, as the shop has seen them, robots.txt included."""
    return [after.at - before.at for before, after in pairwise(shop.asked)]


def get_all(shop: LocalShop, fetcher: Fetcher, paths: list[str]) -> None:
    for path in paths:
        fetcher.get(shop.at(path), 100_000)


def test_retries_redirects_and_errors_keep_the_crawl_delay_too(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 0.15")
    shop["/moody"] = [Reply(500), Reply(429), PAGE]
    shop["/old"] = Reply(301, headers={"Location": "/new"})
    shop["/new"] = PAGE
    get_all(shop, fetcher, ["/moody", "/old"])
    with pytest.raises(FetchError):
        fetcher.get(shop.at("/gone"), 1000)
    get_all(shop, fetcher, ["/new"])
    assert len(shop.asked) == 8
    assert min(gaps(shop)) >= 0.15


@pytest.mark.parametrize(
    ("robots", "pause_s"),
    [("Request-rate: 5/1", 0.2), ("Request-rate: 1/1\nCrawl-delay: 0.1", 1.0), ("Crawl-delay: 0.2", 0.2)],
)
def test_a_request_rate_is_a_crawl_delay(shop: LocalShop, fetcher: Fetcher, robots: str, pause_s: float) -> None:
    shop["/robots.txt"] = Reply(body=f"User-agent: *\n{robots}".encode())
    shop["/a"] = shop["/b"] = PAGE
    get_all(shop, fetcher, ["/a", "/b"])
    assert all(pause_s <= gap < pause_s + 3.0 for gap in gaps(shop)), gaps(shop)


def test_a_killed_run_does_not_come_back_sooner(shop: LocalShop, tmp_path: Path) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 0.4")
    shop["/a"] = shop["/b"] = shop["/c"] = PAGE
    for path in ("/a", "/b", "/c"):
        with Journal(tmp_path, "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
            fetcher.trust(shop.url)
            fetcher.get(shop.at(path), 1000)
    assert [asked.path for asked in shop.asked] == ["/robots.txt", "/a", "/b", "/c"], "robots.txt is read once a run"
    assert min(gaps(shop)) >= 0.4


def test_it_slows_down_when_there_is_too_much_and_recovers(shop: LocalShop) -> None:
    shop["/robots.txt"] = Reply(404)
    shop["/page"] = [Reply(429), Reply(503), *[PAGE] * 20]
    manners = replace(QUICK, first_backoff_s=0.1, most_backoff_s=2.0)
    with Fetcher(manners) as fetcher:
        fetcher.trust(shop.url)
        get_all(shop, fetcher, ["/page"] * 12)
    measured = gaps(shop)[1:]  # from the 429 on
    assert measured[0] >= 0.1
    assert measured[1] >= 0.2
    assert measured[2] >= 0.2 * 0.75
    assert min(measured[3:]) < 0.1, "a host that is well again is asked as quickly as before"


def test_a_slow_host_is_left_as_long_in_peace(
    shop: LocalShop, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.pace.SLOW_S", 0.2)
    shop["/slow"] = answer_after(0.5)
    shop["/quick"] = PAGE
    with Fetcher(replace(QUICK, most_backoff_s=5.0)) as patient:
        patient.trust(shop.url)
        get_all(shop, patient, ["/slow", "/quick"])
    assert gaps(shop)[-1] >= 2 * 0.5


def answer_after(seconds: float) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        time.sleep(seconds)
        return PAGE

    return answer


def test_a_host_that_wants_to_be_left_alone_is(shop: LocalShop, tmp_path: Path) -> None:
    """Not one more request, neither for another page nor by a run that begins anew."""
    shop["/page"] = Reply(429, headers={"Retry-After": "3600"})
    shop["/other"] = PAGE
    for attempt in range(2):
        with Journal(tmp_path, f"run {attempt}") as journal, Fetcher(QUICK, journal=journal) as fetcher:
            fetcher.trust(shop.url)
            for path in ("/page", "/other"):
                with pytest.raises(FetchError, match=r"come back in 3600 s|not to be asked again before") as failure:
                    fetcher.get(shop.at(path), 1000)
                assert failure.value.ends_the_run
            facts = fetcher.hosts[host_of(shop.url)].as_facts()
    assert shop.paths() == ["/page"]
    assert facts["next_request_at"] > time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 3000))


def test_the_budget_of_requests_ends_the_run(shop: LocalShop, tmp_path: Path) -> None:
    manners = replace(QUICK, most_requests=4)
    shop["/page"] = PAGE
    for expected in (3, 0):  # robots.txt is the fourth; the second turn belongs to the same run
        got = 0
        with Journal(tmp_path, "test") as journal, Fetcher(manners, journal=journal) as fetcher:
            fetcher.trust(shop.url)
            with pytest.raises(FetchError, match=r"a run takes at most 4 requests of 127\.0\.0\.1:") as failure:
                for number in range(10):
                    shop[f"/page?{expected}{number}"] = PAGE
                    fetcher.get(shop.at(f"/page?{expected}{number}"), 1000)
                    got += 1
        assert got == expected
        assert failure.value.ends_the_run
    assert len(shop.asked) == 4
    with Journal(tmp_path, "another run") as journal, Fetcher(manners, journal=journal) as fetcher:
        fetcher.trust(shop.url)
        assert fetcher.get(shop.at("/page"), 1000).body


def test_the_budget_of_bytes_ends_the_run(shop: LocalShop) -> None:
    shop["/page"] = Reply(body=b"x" * 600_000)
    with Fetcher(replace(QUICK, most_bytes=1_000_000)) as fetcher:
        fetcher.trust(shop.url)
        get_all_large = [fetcher.get(shop.at("/page"), 1_000_000) for _ in range(2)]
        assert len(get_all_large) == 2
        with pytest.raises(FetchError, match=r"a run takes at most 1 MB of 127\.0\.0\.1:"):
            fetcher.get(shop.at("/page"), 1_000_000)


def test_traffic_is_counted_by_host(shop: LocalShop, tmp_path: Path) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nAllow: /")
    shop["/page"] = lambda asked: (
        Reply(304) if "If-None-Match" in asked.headers else Reply(body=b"x" * 500, headers={"ETag": "1"})
    )
    shop["/secret"] = Reply(403)
    shop["/busy"] = [Reply(429), PAGE]
    shop["/silent"] = lambda _: lambda handler: None
    for run in range(2):
        with Journal(tmp_path, f"run {run}") as journal, Fetcher(QUICK, journal=journal) as fetcher:
            fetcher.trust(shop.url)
            get_all(shop, fetcher, ["/page", "/page", "/busy"])
            for path in ("/secret", "/silent"):
                with pytest.raises(FetchError):
                    fetcher.get(shop.at(path), 1000)
            facts = fetcher.hosts[host_of(shop.url)].as_facts()
            assert (facts["forbidden_403"], facts["throttled_429"]) == (1, 1 - run)
            assert (facts["not_modified"], facts["recalled"], facts["unanswered"]) == (run, 1, 4)
            journal.finish()
    assert (
        facts["received_bytes"]
        == len(b"User-agent: *\nAllow: /") + len(PAGE.body) + facts["statuses"].get("403", 0) * 0
    )
    assert facts["requests"] == sum(facts["statuses"].values()) + facts["unanswered"]
    json.dumps(facts, allow_nan=False)


def test_what_is_refused_before_it_is_sent_is_no_request(fetcher: Fetcher) -> None:
    with pytest.raises(FetchError):
        fetcher.get("http://127.0.0.1:1/x", 1000)
    assert fetcher.hosts["127.0.0.1:1"].requests == 0


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/x", "shop.example"),
        ("http://shop.example:80/x", "shop.example"),
        ("http://shop.example:8080/", "shop.example:8080"),
    ],
)
def test_a_shop_is_one_host_by_http_and_https(url: str, host: str) -> None:
    assert host_of(url) == host


def test_what_another_version_of_us_kept_of_a_host_is_forgotten(shop: LocalShop, tmp_path: Path) -> None:
    shop["/page"] = PAGE
    with Journal(tmp_path, "test") as journal:
        journal.keep_host(host_of(shop.url), json.dumps({"requests": 7, "mood": "good"}))
        with Fetcher(Manners(delay_s=0), journal=journal) as fetcher:
            fetcher.trust(shop.url)
            assert fetcher.get(shop.at("/page"), 1000).body
            assert fetcher.hosts[host_of(shop.url)].requests == 2
