"""What there is to know of every shop, and the page that tells how to add one."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import types
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import scraper.sites
from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher
from scraper.permission import why_not
from scraper.sites import SITES, Site
from scraper.sites.page import ListingPage
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import open_small_shop

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "sites.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SITES)
def test_a_shop_has_facts_for_people(name: str) -> None:
    site = SITES[name]
    facts = site.as_facts()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["title"]
    assert facts["matches"]
    assert site.delay_s > 0
    if not site.is_ours:
        assert site.delay_s >= 1.0, "strangers are asked at most once a second"
    if site.departments:
        assert [url for urls in site.departments.values() for url in urls] == list(site.start_urls)
    if site.start_urls and not site.is_ours:
        assert {urlsplit(url).scheme for url in (*site.start_urls, site.home, site.terms)} == {"https"}


@pytest.mark.parametrize("name", SITES)
def test_a_parser_says_what_it_matches(name: str) -> None:
    words = importlib.import_module(f"scraper.sites.{name}").__doc__ or ""
    assert re.search(r"\b(Matches|Hand-written pages only)\b", words), name
    assert re.search(r"\b20\d\d\b", words), f"{name} does not say since when"


def test_every_parser_is_named() -> None:
    names = [module.name for module in pkgutil.iter_modules(scraper.sites.__path__)]
    modules = [importlib.import_module(f"scraper.sites.{name}") for name in names]
    written = {site for module in modules for site in vars(module).values() if isinstance(site, Site)}
    assert written == set(SITES.values())


@pytest.mark.parametrize("name", SITES)
def test_the_guide_lists_every_shop(name: str) -> None:
    assert f"`{name}`" in GUIDE


def test_zappos_asks_for_men_women_boys_and_girls() -> None:
    assert list(SITES["zappos"].departments) == ["men", "women", "boys", "girls"]


# ---- leave


def test_only_our_own_shop_and_copies_on_this_machine_need_no_leave() -> None:
    stranger, own = SITES["footlocker"], SITES["demo"]
    assert "Nobody has confirmed that Foot Locker may be scraped" in why_not(stranger, stranger.start_urls, False)
    assert stranger.terms in why_not(stranger, stranger.start_urls, False)
    assert why_not(stranger, stranger.start_urls, True) == ""
    assert why_not(own, ["https://far.example/"], False) == ""
    for here in ("http://127.0.0.1:8200/x", "http://localhost/x", "http://[::1]:80/"):
        assert why_not(stranger, [here], False) == ""
    for elsewhere in (
        "http://127.0.0.1.evil.example/",
        "http://localhost.example/",
        "https://10.0.0.1/",
        "",
        "http://[",
    ):
        assert why_not(stranger, [elsewhere], False)
    assert why_not(stranger, ["http://localhost/", "https://www.footlocker.com/"], False)
    assert why_not(stranger, [], False)


@pytest.mark.parametrize("name", [name for name, site in SITES.items() if not site.is_ours and site.start_urls])
def test_a_shop_is_not_asked_for_anything_without_leave(name: str, fetcher: Fetcher) -> None:
    with pytest.raises(CrawlError, match="Nobody has confirmed"):
        next(crawl(SITES[name], fetcher))
    assert fetcher.hosts == {}


def test_a_shop_without_start_pages_says_so(fetcher: Fetcher) -> None:
    with pytest.raises(CrawlError, match="read from addresses that somebody gives, and there are none"):
        next(crawl(SITES["generic"], fetcher, confirmed=True))


def test_with_leave_it_is_read(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=2)
    demo = SITES["demo"]
    stranger = Site("stranger", (shop.at("/"),), 0.0, demo.parse_listing_page, demo.parse_product)
    assert stranger.title == "stranger"
    assert len(list(crawl(stranger, fetcher, confirmed=True))) == 2


# ---- the guide


def example() -> types.ModuleType:
    """The adapter that the guide shows, as a module."""
    (code,) = re.findall(r"```python\n(\"\"\"WSS.*?)```", GUIDE, re.DOTALL)
    module = types.ModuleType("scraper.sites.wss")
    exec(compile(code, "docs/sites.md", "exec"), module.__dict__)
    return module


def tile(number: int, price: str = "<span class='reg-price'>$49.<sup>99</sup> </span>") -> str:
    script = f"<script>var prodObj_{number} = {{'prod': \"7\", 'id': \"VD-{number}\"}};</script>"
    return (
        f"<div id='pi-{number}' class='prod-item column'>{script}"
        f"<a href='/mens/dart-{number}.htm'><img src='/i/{number}.jpg'>"
        f"<div class='pi-name'><span class='pi-brand'>Vello</span>Dart {number} - Mens</div>"
        f"<div class='pi-price js-price'>{price}</div></a></div>"
    )


def test_the_example_of_the_guide_runs(shop: LocalShop, fetcher: Fetcher) -> None:
    reduced = (
        "<span class='reg-price was-price'>$59.<sup>99</sup></span> <span class='sale-price'>$49.<sup>50</sup></span>"
    )
    following = "<link rel='next' href='/mens-shoes?page=2'>"
    shop["/mens-shoes"] = Reply.html(f"<html>{following}{tile(1)}{tile(2, reduced)}</html>")
    shop["/mens-shoes?page=2"] = Reply.html(f"<html>{tile(3, '')}<div class='prod-item' id='pi-9'></div></html>")
    site: Site = example().WSS
    listings = list(crawl(site, fetcher, start_urls=[shop.at("/mens-shoes")], confirmed=True))
    assert [(one.style_code, one.brand, one.name) for one in listings] == [
        ("VD-1", "Vello", "Dart 1"), ("VD-2", "Vello", "Dart 2"), ("VD-3", "Vello", "Dart 3")
    ]  # fmt: skip
    assert [(one.gender, one.price_cents) for one in listings] == [("men", 4999), ("men", 4950), ("men", None)]
    assert listings[0].images[0].url == shop.at("/i/1.jpg")


@pytest.mark.data
def test_the_example_of_the_guide_reads_the_saved_page(shared_data: Path) -> None:
    html = (shared_data / "footlocker" / "pages" / "wssp.html").read_text(encoding="utf-8", errors="replace")
    url = "https://www.shopwss.com/mens-shoes/all-mens-shoes.htm"
    page: ListingPage = example().parse_listing_page(html, url)
    assert page.next_pages == (f"{url}?page=2",)
    assert len(page.listings) == html.count('class="prod-item column"') > 500
    assert sum(listing.price_cents is not None for listing in page.listings) > 0.9 * len(page.listings)
    assert page.unreadable == ()
