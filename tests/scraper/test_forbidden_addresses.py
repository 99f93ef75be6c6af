"""No connection to this machine or to a cloud's key store, however a shop spells their addresses."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import httpcore
import pytest

from benchmarks.forbidden_addresses import connections_seen, every_spelling, traps, try_all
from scraper.addresses import is_own
from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, FetchError
from scraper.sites import SITES, Site
from scraper.tally import CrawlStats
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import open_small_shop, product_page


def test_no_spelling_leads_to_a_connection() -> None:
    outcome = try_all(every_spelling())
    assert outcome.tried >= 60
    assert len(outcome.refusals) == 2 * outcome.tried
    assert (outcome.let_through, outcome.connections, outcome.accepted) == ([], [], 0)


def test_a_connection_would_be_seen_in_both_ways() -> None:
    with traps() as (port, accepted), connections_seen() as seen:
        socket.create_connection(("127.0.0.1", port)).close()
        deadline = time.monotonic() + 60
        while not accepted and time.monotonic() < deadline:
            time.sleep(0.01)
    assert ("127.0.0.1", port) in seen
    assert len(accepted) == 1


def test_pictures_and_pages_of_a_shop_lead_nowhere_private(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    """Pictures come from anywhere but from behind our walls; product pages and redirects neither."""
    open_small_shop(shop, products=12)
    with traps() as (port, accepted), connections_seen() as seen:
        shop["/pictures/1-0.png"] = Reply(302, headers={"Location": f"http://127.1:{port}/secret.png"})
        shop["/product/2"] = Reply(302, headers={"Location": f"http://[::ffff:127.0.0.1]:{port}/admin"})
        shop["/product/3"] = product_page(3, angles=0, image=[f"http://2130706433:{port}/x.png"])
        stats = CrawlStats()
        listings = list(
            crawl(SITES["demo"], fetcher, start_urls=[shop.at("/")], images_folder=tmp_path / "images", stats=stats)
        )
        own = int(shop.url.rpartition(":")[2])
        assert [target for target in seen if target[1] != own] == []
        assert accepted == []
    assert len(listings) == 11
    assert len(stats.failures) == 3
    assert all("not on the public internet" in sentence for sentence in stats.failures)


def test_a_name_that_leads_to_a_public_and_a_private_address_is_refused(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr("scraper.addresses.socket.getaddrinfo", lambda *args, **kwargs: both)
    with connections_seen() as seen, pytest.raises(FetchError, match=r"leads to 10\.0\.0\.1"):
        fetcher.get("http://shop.example/x", 1000)
    assert seen == []


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is checked and private a moment later gains nothing."""
    answers = iter(["192.0.2.1", "127.0.0.1", "127.0.0.1"])
    monkeypatch.setattr("scraper.addresses.is_public", lambda address: address == "192.0.2.1")
    monkeypatch.setattr(
        "scraper.addresses.socket.getaddrinfo",
        lambda *args, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))],
    )
    connected: list[str] = []

    def refuse(backend: object, host: str, *rest: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", refuse)
    with pytest.raises(FetchError):
        fetcher.get("http://shop.example/x", 1000)
    assert connected == ["192.0.2.1"]


def test_a_name_that_is_never_resolved_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    impatient = type(fetcher.manners)(delay_s=0.0, attempts=1, exchange_s=0.3)
    monkeypatch.setattr("scraper.addresses.socket.getaddrinfo", lambda *args, **kwargs: time.sleep(10) or [])
    begin = time.monotonic()
    with Fetcher(impatient) as hasty, pytest.raises(FetchError, match="did not answer in full within"):
        hasty.get("http://shop.example/x", 1000)
    assert time.monotonic() - begin < 5.0


@pytest.mark.parametrize(
    ("address", "own"),
    [("127.0.0.1", True), ("::1", True), ("192.168.1.2", True), ("10.0.0.8", True), ("8.8.8.8", False)]
    + [(address, True) for address in ("172.31.0.1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1")]
    + [(address, False) for address in ("169.254.169.254", "fe80::1", "0.0.0.0", "::", "no address", "100.64.0.1")]
    + [(address, False) for address in ("::ffff:169.254.169.254", "64:ff9b:1::a9fe:a9fe", "fd00:ec2::254")],
)
def test_where_a_shop_of_ones_own_may_stand(address: str, own: bool) -> None:
    assert is_own(address) is own


def test_start_pages_of_strangers_are_not_trusted(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop)
    with Fetcher(fetcher.manners) as stranger, pytest.raises(CrawlError, match="not on the public internet"):
        list(crawl(SITES["demo"], stranger, start_urls=[shop.at("/")], trust_starts=False))
    assert shop.asked == []


def test_by_itself_only_what_plainly_names_this_machine_is_trusted(shop: LocalShop, fetcher: Fetcher) -> None:
    """Another name for it may be anybody's."""
    port = shop.url.rpartition(":")[2]
    open_small_shop(shop, products=1)
    demo = SITES["demo"]
    site = Site("stranger", (), 0.0, demo.parse_listing_page, demo.parse_product)
    for host, is_trusted in (("127.0.0.1", True), ("localhost", True), ("127.1", False), ("2130706433", False)):
        with Fetcher(fetcher.manners) as fresh:
            starts = [f"http://{host}:{port}/"]
            if is_trusted:
                assert len(list(crawl(site, fresh, start_urls=starts, confirmed=True))) == 1
                continue
            with pytest.raises(CrawlError, match="not on the public internet"):
                list(crawl(site, fresh, start_urls=starts, confirmed=True))
        with Fetcher(fetcher.manners) as fresh:
            assert len(list(crawl(site, fresh, start_urls=starts, confirmed=True, trust_starts=True))) == 1
