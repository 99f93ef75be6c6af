"""Whose turn it is: crawls that know nothing of each other keep to the pace of a host together."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from scraper.crawl import crawl
from scraper.fetch import Fetcher
from scraper.journal import Journal
from scraper.sites import SITES
from scraper.tally import CrawlStats
from scraper.traffic import host_of
from scraper.turns import Turn, shared_folder, turn_of
from tests.scraper.conftest import QUICK
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import open_small_shop

ROOT = Path(__file__).resolve().parents[2]
PAGE = Reply.html("<html>shoes</html>")


def gaps(shop: LocalShop) -> list[float]:
    """Seconds between two requests, as the shop has seen them."""
    return [after.at - before.at for before, after in pairwise(shop.asked)]


def slowed(shop: LocalShop, delay_s: float) -> None:
    shop["/robots.txt"] = Reply(body=f"User-agent: *\nCrawl-delay: {delay_s}".encode())


def test_two_crawls_at_once_keep_to_the_pace_together(shop: LocalShop, tmp_path: Path) -> None:
    """Two processes with files of their own; redirects and pictures count."""
    open_small_shop(shop, products=3, angles=2)
    slowed(shop, 0.12)
    shop["/pictures/1-0.png"] = Reply(301, headers={"Location": "/pictures/1-10.png"})
    command = [sys.executable, "-m", "scraper", "demo", "--start-url", shop.at("/"), "--out"]
    crawls = [
        subprocess.Popen([*command, str(tmp_path / name / "listings.jsonl")], cwd=ROOT, stderr=subprocess.DEVNULL)
        for name in ("one", "two")
    ]
    assert [crawl.wait(60) for crawl in crawls] == [0, 0]
    assert len(shop.asked) == 2 * (1 + 2 + 3 + 6 + 1)
    assert min(gaps(shop)) >= 0.12
    agents = [asked.headers["User-Agent"] for asked in shop.asked]
    assert len(set(agents)) == 1


def test_nobody_waits_for_ever_while_another_is_at_work(shop: LocalShop) -> None:
    slowed(shop, 0.05)
    for name in "ab":
        for number in range(12):
            shop[f"/{name}{number}"] = PAGE

    both_there = threading.Barrier(2)

    def ask(name: str) -> None:
        with Fetcher(QUICK) as fetcher:
            fetcher.trust(shop.url)
            both_there.wait(60)
            for number in range(12):
                fetcher.get(shop.at(f"/{name}{number}"), 1000)

    threads = [threading.Thread(target=ask, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    asked = "".join(path[1] for path in shop.paths())
    assert (asked.count("a"), asked.count("b")) == (12, 12)
    assert min(asked.rindex("a"), asked.rindex("b")) > 12, asked
    assert min(gaps(shop)) >= 0.05


def test_a_run_that_knows_nothing_of_the_one_before_is_not_too_soon(shop: LocalShop) -> None:
    """Not even with robots.txt itself, which it has not read yet."""
    slowed(shop, 0.5)
    shop["/a"] = PAGE
    for _ in range(2):
        with Fetcher(QUICK) as fetcher:
            fetcher.trust(shop.url)
            fetcher.get(shop.at("/a"), 1000)
    assert [asked.path for asked in shop.asked] == ["/robots.txt", "/a"] * 2
    assert min(gaps(shop)) >= 0.5


class StopError(Exception):
    """Somebody wants it to stop."""


def impatient_after(seconds: float) -> object:
    begin = time.monotonic()

    def call(*stats: CrawlStats) -> None:
        if time.monotonic() - begin > seconds:
            raise StopError

    return call


@pytest.mark.parametrize(
    "answer",
    [
        Reply(429, headers={"Retry-After": "60"}),
        Reply(301, headers={"Location": "/else"}),
        lambda _: lambda _: time.sleep(60),
    ],
    ids=["Retry-After", "the pause of robots.txt", "silence"],
)
def test_a_crawl_stops_while_it_waits(shop: LocalShop, tmp_path: Path, answer: object) -> None:
    open_small_shop(shop, products=2)
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nCrawl-delay: 0.1")
    if isinstance(answer, Reply) and answer.status == 301:
        slowed(shop, 30.0)
    shop["/"] = answer  # type: ignore[assignment]
    begin = time.monotonic()
    with Fetcher(replace(QUICK, most_retry_after_s=100.0, exchange_s=60.0)) as fetcher, pytest.raises(StopError):
        list(crawl(SITES["demo"], fetcher, start_urls=[shop.at("/")], progress=impatient_after(0.5)))  # type: ignore[arg-type]
    assert time.monotonic() - begin < 8.0


def test_a_shop_that_asked_to_wait_is_not_asked_sooner_after_a_kill(shop: LocalShop, tmp_path: Path) -> None:
    shop["/page"] = [Reply(429, headers={"Retry-After": "3"}), PAGE]
    with Journal(tmp_path, "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
        fetcher.trust(shop.url)
        fetcher.while_waiting(impatient_after(0.0))  # type: ignore[arg-type]
        with pytest.raises(StopError):
            fetcher.get(shop.at("/page"), 1000)
        facts = fetcher.hosts[host_of(shop.url)].as_facts()
        assert facts["asked_to_wait_until"] == facts["next_request_at"]
    with Journal(tmp_path, "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
        fetcher.trust(shop.url)
        assert fetcher.get(shop.at("/page"), 1000).body == PAGE.body
    assert [asked.path for asked in shop.asked] == ["/robots.txt", "/page", "/page"]
    assert gaps(shop)[-1] >= 3.0


def test_a_pause_is_not_told_as_something_that_the_shop_asked_for(shop: LocalShop, tmp_path: Path) -> None:
    """Each host's pace is told; that it wants to be left alone only where it said so."""
    open_small_shop(shop, products=1)
    slowed(shop, 0.2)
    stats = CrawlStats()
    with Fetcher(QUICK) as fetcher:
        list(crawl(SITES["demo"], fetcher, start_urls=[shop.at("/")], stats=stats))
        facts = stats.as_facts()
        assert facts["asked_to_wait_until"] is None
        assert facts["next_request_at"] is not None
        assert facts["hosts"][host_of(shop.url)]["next_request_at"] is not None
        assert facts["hosts"][host_of(shop.url)]["asked_to_wait_until"] is None
        shop["/busy"] = [Reply(503, headers={"Retry-After": "1"}), PAGE]
        fetcher.get(shop.at("/busy"), 1000)
        assert stats.as_facts()["asked_to_wait_until"] is not None


# ---- the file of a host


def test_of_a_request_that_was_killed_nobody_knows_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("scraper.turns.time", SimpleNamespace(time=lambda: clock.now))
    with turn_of("shop.example", tmp_path) as turn:
        assert isinstance(turn, Turn)
        assert (turn.since_s, turn.left_s) == (float("inf"), 0.0)
        turn.note(2.0, is_open=True)
    clock.now += 0.5
    with turn_of("shop.example", tmp_path) as turn:
        assert isinstance(turn, Turn)
        assert (turn.since_s, turn.left_s) == (0.0, 2.0)
    clock.now += 0.5
    with turn_of("shop.example", tmp_path) as turn:
        assert isinstance(turn, Turn)
        assert (turn.since_s, turn.left_s) == (0.5, 1.5)


def test_one_at_a_time_and_only_of_one_host(tmp_path: Path) -> None:
    with turn_of("shop.example", tmp_path) as first, turn_of("shop.example", tmp_path) as second:
        assert first is not None
        assert second is None
        with turn_of("other.example", tmp_path) as other:
            assert other is not None
    with turn_of("shop.example", tmp_path) as again:
        assert again is not None


def test_nonsense_in_the_file_makes_nobody_wait_long(tmp_path: Path) -> None:
    with turn_of("shop.example", tmp_path):
        pass
    (file,) = tmp_path.iterdir()
    for nonsense in (b"", b"x", b"\x7f" * 99, b"\xff" * 99):
        file.write_bytes(nonsense)
        with turn_of("shop.example", tmp_path) as turn:
            assert isinstance(turn, Turn)
            assert turn.left_s <= 150.0


def test_the_folder_must_be_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.turns.tempfile.gettempdir", lambda: str(tmp_path))
    folder = shared_folder()
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    folder.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    assert shared_folder() is None
    monkeypatch.setattr("scraper.turns.tempfile.gettempdir", lambda: os.devnull)
    assert shared_folder() is None


def test_without_a_folder_each_crawl_keeps_its_own_pace(shop: LocalShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.traffic.shared_folder", lambda: None)
    slowed(shop, 0.2)
    shop["/a"] = shop["/b"] = PAGE
    with Fetcher(QUICK) as fetcher:
        fetcher.trust(shop.url)
        fetcher.get(shop.at("/a"), 1000)
        fetcher.get(shop.at("/b"), 1000)
    assert min(gaps(shop)) >= 0.2


@pytest.mark.parametrize(("scheme", "before"), [("http", 8), ("https", 0)])
def test_a_crawl_stops_while_a_host_lets_it_knock(scheme: str, before: int) -> None:
    """Nobody accepts connections there, and where others are `before` us, no more fit into the line: it answers neither
    yes nor no. Without them we get into the line, and nobody says hello."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, ExitStack() as line:
        for _ in range(before):
            waiting = line.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        url = f"{scheme}://127.0.0.1:{deaf.getsockname()[1]}/"
        begin = time.monotonic()
        with Fetcher(replace(QUICK, exchange_s=60.0)) as fetcher, pytest.raises(StopError):
            list(crawl(SITES["demo"], fetcher, start_urls=[url], progress=impatient_after(0.5)))  # type: ignore[arg-type]
        assert time.monotonic() - begin < 8.0
