"""robots.txt, asked of a real server: what is allowed, how often, and what a missing or broken file means."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scraper.fetch import Fetcher, FetchError
from tests.scraper.conftest import QUICK
from tests.scraper.local_shop import LocalShop, Reply

PAGE = Reply.html("<html>shoes</html>")


def robots(*lines: str) -> Reply:
    return Reply(body="\n".join(lines).encode(), headers={"Content-Type": "text/plain"})


def test_forbidden_pages_are_never_asked_for(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = robots("User-agent: *", "Disallow: /*?sort=", "Disallow: /cart$", "Allow: /")
    shop["/shoes"] = shop["/cart/rules"] = PAGE
    assert fetcher.get(shop.at("/shoes"), 1000).body == b"<html>shoes</html>"
    assert fetcher.get(shop.at("/cart/rules"), 1000).body
    for path in ("/shoes?sort=price", "/cart"):
        with pytest.raises(FetchError, match=r"robots\.txt forbids it"):
            fetcher.get(shop.at(path), 1000)
    assert shop.paths() == ["/shoes", "/cart/rules"]


def test_rules_for_us_by_name_come_before_those_for_all(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = robots("User-agent: *", "Allow: /", "User-agent: solescope", "Disallow: /")
    with pytest.raises(FetchError, match="forbids"):
        fetcher.get(shop.at("/shoes"), 1000)


def test_robots_txt_is_read_once(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = robots("User-agent: *", "Allow: /")
    shop["/shoes"] = PAGE
    fetcher.get(shop.at("/shoes"), 1000)
    fetcher.get(shop.at("/shoes"), 1000)
    assert [asked.path for asked in shop.asked] == ["/robots.txt", "/shoes", "/shoes"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_without_robots_txt_all_is_allowed(shop: LocalShop, fetcher: Fetcher, status: int) -> None:
    shop["/robots.txt"] = Reply(status)
    shop["/shoes"] = PAGE
    assert fetcher.get(shop.at("/shoes"), 1000).body


@pytest.mark.parametrize("status", [429, 500, 503])
def test_with_a_broken_robots_txt_nothing_is_allowed(shop: LocalShop, fetcher: Fetcher, status: int) -> None:
    shop["/robots.txt"] = Reply(status)
    shop["/shoes"] = PAGE
    with pytest.raises(FetchError, match=rf"robots\.txt answered {status}.*nothing is fetched"):
        fetcher.get(shop.at("/shoes"), 1000)
    assert shop.paths() == []


def test_an_unreachable_host_allows_nothing() -> None:
    with Fetcher(QUICK) as fetcher, pytest.raises(FetchError, match="could not be reached") as failure:
        fetcher.trust("http://127.0.0.1:9/")
        fetcher.get("http://127.0.0.1:9/shoes", 1000)
    assert failure.value.status is None


def test_robots_txt_is_found_behind_redirects(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = Reply(301, headers={"Location": "/real-robots.txt"})
    shop["/real-robots.txt"] = robots("User-agent: *", "Disallow: /secret")
    with pytest.raises(FetchError, match="forbids"):
        fetcher.get(shop.at("/secret"), 1000)


def test_a_robots_txt_without_end_is_read_as_far_as_the_standard_asks(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = Reply(body=b"User-agent: *\nDisallow: /secret\n" + b"# padding\n" * 200_000)
    shop["/shoes"] = PAGE
    assert fetcher.get(shop.at("/shoes"), 1000).body
    with pytest.raises(FetchError, match="forbids"):
        fetcher.get(shop.at("/secret"), 1000)


def test_the_crawl_delay_is_kept_to_fractions_of_a_second(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = robots("User-agent: *", "Crawl-delay: 0.25")
    for number in range(4):
        shop[f"/{number}"] = PAGE
        fetcher.get(shop.at(f"/{number}"), 1000)
    arrivals = [asked.at for asked in shop.asked]
    pauses = [after - before for before, after in pairwise(arrivals)]
    assert len(pauses) == 4
    assert all(0.24 <= pause < 0.6 for pause in pauses), pauses


def test_a_crawl_delay_of_a_day_ends_the_crawl_instead_of_sleeping(shop: LocalShop, fetcher: Fetcher) -> None:
    shop["/robots.txt"] = robots("User-agent: *", "Crawl-delay: 86400")
    with pytest.raises(FetchError, match="asks for 86400 s between two requests"):
        fetcher.get(shop.at("/shoes"), 1000)
