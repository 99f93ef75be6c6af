"""Pages made to keep a parser busy for ever, or to make it stumble: each is told off within a moment."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import pytest

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher
from scraper.listing import Listing
from scraper.page_text import decode_page
from scraper.sites import SITES
from scraper.sites.page import ListingPage, PageError
from scraper.tally import CrawlStats
from tests.scraper.local_shop import LocalShop
from tests.scraper.small_shop import open_small_shop

URL = "https://shop.example/products/1"
SCOPE = "itemscope itemtype='http://schema.org/Product'"
IN_A_CIRCLE = f"<i itemprop=x {SCOPE} itemref=z></i>" * 30
PAGES = {
    "quotes in JSON": "<script type='application/ld+json'>{\"" + '\\"' * 90_000 + "</script>",
    "comments in JSON": "<script type='application/ld+json'>{" + "/*" * 90_000 + "</script>",
    "depth in JSON": "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
    "scripts that never begin": "<script " * 100_000,
    "digits in a link": f"<a href='/{'1' * 20_000}'>x</a>",
    "references": f"<div id=z>{'<p>' * 1000}</div>" + f"<div {SCOPE} itemref=z><b itemprop=name>a</b></div>" * 1000,
    "references in circles": f"<div id=z>{IN_A_CIRCLE}</div>{IN_A_CIRCLE.replace('itemprop=x', '')}",
    "words within words": f"<div {SCOPE}>" + "<div itemprop=name>a" * 3000,
    "a price of a million digits": f"<div {SCOPE}><b itemprop=price>{'1.111' * 200_000}</b><b itemprop=name>a</b>",
    "state that never begins": "window.__INITIAL_STATE__ " * 100_000,
    "a price of 5000 digits": "<a href='/sku:1'><img src='/pi/1'><b class=product_title>Nike A - Men's</b>"
    f"<b class=product_price>${'9' * 5000}.00</b></a>",
}


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize("page", PAGES)
def test_no_page_keeps_a_parser_busy(name: str, page: str) -> None:
    html = f"<html>{PAGES[page]}</html>"
    for parse in (SITES[name].parse_listing_page, SITES[name].parse_product):
        begin = time.process_time()
        with suppress(PageError):
            parse(html, URL)
        assert time.process_time() - begin < 3.0


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "utf-7", "undefined", "rot13"])
def test_no_charset_keeps_us_busy(charset: str) -> None:
    begin = time.process_time()
    assert decode_page(b"<p>a-" + b"zz9" * 300_000, f"text/html; charset={charset}").startswith("<p>a-")
    assert time.process_time() - begin < 3.0


def test_a_parser_that_stumbles_is_a_page_that_cannot_be_read(shop: LocalShop, fetcher: Fetcher) -> None:
    """One product that it was not made for costs one product, a list costs the crawl."""
    open_small_shop(shop, products=12)
    demo, stats = SITES["demo"], CrawlStats()

    def stumble(html: str, url: str) -> Listing:
        return demo.parse_product(html, url) if not url.endswith("/3") else stumbled()

    def stumbled() -> Listing:
        raise IndexError("list index out of range")

    def fall(html: str, url: str) -> ListingPage:
        raise AttributeError("'NoneType' object has no attribute 'get_text'")

    starts = [shop.at("/")]
    assert len(list(crawl(replace(demo, parse_product=stumble), fetcher, start_urls=starts, stats=stats))) == 11
    (sentence,) = stats.failures
    assert sentence.endswith("/product/3 cannot be read: Its parser stumbled (IndexError: list index out of range).")
    with pytest.raises(CrawlError, match=r"cannot be read: Its parser stumbled \(AttributeError: 'NoneType'"):
        list(crawl(replace(demo, parse_listing_page=fall), fetcher, start_urls=starts))
