"""Shops that turn bad, one way each: the catalogue must stay as it was, byte for byte, and the run must say why.

`python -m benchmarks.bad_shops` has the site's own job read a shop over HTTP that turns bad, and prints each way with
the sentence that it got.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from benchmarks.scraper_table import Finding, report
from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, Manners
from scraper.journal import Journal
from scraper.listing import Listing, write_listings
from scraper.sites import SITES
from tests.scraper.local_shop import LocalShop, Reply, running_shop
from tests.scraper.small_shop import open_small_shop, product_page

if TYPE_CHECKING:
    from flask import Flask

IMPATIENT = Manners(delay_s=0.0, attempts=2, first_backoff_s=0.01, most_backoff_s=0.02, exchange_s=10.0)
OLD = Listing("demo", "VD-1", "http://shop/1", "Vello", "Dart")
PRODUCTS = 12
CAPTCHA = Reply.html(
    "<html><head><title>Access to this page has been denied</title></head><body><div id='px-captcha'></div>"
    "<p>Press &amp; Hold to confirm you are a human (and not a bot).</p></body></html>"
)
REDESIGNED = Reply.html(
    "<html><body><div class='x1a'><a class='x2b' href='/shoe~7'>Dart 7</a> $ 97.50</div></body></html>"
)


@dataclass(frozen=True)
class BadShop:
    """`spoil` turns a good small shop into a bad one; `words` must be in what we say of it.

    Its answers get `exchange_s` seconds each.
    """

    spoil: Callable[[LocalShop], None]
    words: str
    exchange_s: float = IMPATIENT.exchange_s


def drips(handler: BaseHTTPRequestHandler) -> None:
    """An answer that never stops coming, a byte now and then."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(60):
        handler.wfile.write(b".")
        handler.wfile.flush()
        time.sleep(0.05)


def never_ends(handler: BaseHTTPRequestHandler) -> None:
    """An answer without end, as fast as it goes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    while True:
        handler.wfile.write(b"<p>shoes</p>" * 50_000)


def _bomb(shop: LocalShop) -> None:
    """100 MB in half a MB."""
    shop["/shoes?page=1"] = Reply(body=gzip.compress(bytes(100_000_000), 1), headers={"Content-Encoding": "gzip"})


def _at(path: str, answer: object) -> Callable[[LocalShop], None]:
    def spoil(shop: LocalShop) -> None:
        shop[path] = answer  # type: ignore[assignment]

    return spoil


def _products(answer: object) -> Callable[[LocalShop], None]:
    def spoil(shop: LocalShop) -> None:
        for number in range(PRODUCTS):
            shop[f"/product/{number}"] = answer  # type: ignore[assignment]

    return spoil


def _pictures(answer: object) -> Callable[[LocalShop], None]:
    def spoil(shop: LocalShop) -> None:
        for number in range(PRODUCTS):
            for angle in (0, 10, 20):
                shop[f"/pictures/{number}-{angle}.png"] = answer  # type: ignore[assignment]

    return spoil


def _to(url: str) -> Reply:
    return Reply(302, headers={"Location": url})


def _third(shop: LocalShop) -> None:
    """Four of twelve shoes are left."""
    links = "".join(f"<li><a href='/product/{number}'>Shoe</a></li>" for number in range(PRODUCTS // 3))
    shop["/shoes?page=1"] = Reply.html(f"<html><ul>{links}</ul></html>")


def _without(angles: int = 3, **facts: object) -> Callable[[LocalShop], None]:
    """Products that tell less than before."""

    def spoil(shop: LocalShop) -> None:
        for number in range(PRODUCTS):
            shop[f"/product/{number}"] = product_page(number, angles, **facts)

    return spoil


# What the scraper itself cannot know to be wrong: the site's gate does, which knows earlier runs.
SUSPECT_SHOPS: Mapping[str, BadShop] = MappingProxyType(
    {
        "a third of the products": BadShop(_third, "Only 4 products, where recent runs found 12"),
        "no prices": BadShop(_without(offers={}), "Only 0 % of the products have a price"),
        "prices of nothing": BadShop(_without(offers={"price": "0.00"}), "Only 0 % of the products have a price"),
        "no pictures": BadShop(_without(angles=0), "Only 0 % of the products have a picture"),
        "broken pictures": BadShop(
            _pictures(Reply(body=b"\x89PNG\r\n\x1a\n" + b"broken" * 30, headers={"Content-Type": "image/png"})),
            "pictures (0 %) could be fetched and read",
        ),
    }
)
BROKEN_SHOPS: Mapping[str, BadShop] = MappingProxyType(
    {
        "no products": BadShop(_at("/shoes?page=1", Reply.html("<html><p>Sold out</p></html>")), "shows no products"),
        "a captcha for lists": BadShop(_at("/shoes?page=2", CAPTCHA), "asks for a human being"),
        "a captcha for products": BadShop(_products(CAPTCHA), "asks for a human being"),
        "lists redesigned": BadShop(_at("/shoes?page=1", REDESIGNED), "changed its pages?"),
        "products redesigned": BadShop(_products(REDESIGNED), "no product in its JSON-LD"),
        "500 for lists": BadShop(_at("/shoes?page=1", Reply(500)), "answered 500 (Internal Server Error)"),
        "500 for products": BadShop(_products(Reply(500)), "answered 500 (Internal Server Error)"),
        "500 for pictures": BadShop(_pictures(Reply(500)), "answered 500 (Internal Server Error)"),
        "403 for products": BadShop(_products(Reply(403)), "answered 403 (Forbidden)"),
        "429 for ever": BadShop(_products(Reply(429)), "answered 429 (Too Many Requests)"),
        "slow bodies of lists": BadShop(
            _at("/shoes?page=1", lambda _: drips), "did not answer in full within 0.3 s", 0.3
        ),
        "slow bodies of pictures": BadShop(_pictures(lambda _: drips), "did not answer in full within 0.3 s", 0.3),
        "endless lists": BadShop(_at("/shoes?page=1", lambda _: never_ends), "is larger than 5 MB"),
        "endless pictures": BadShop(_pictures(lambda _: never_ends), "is larger than 20 MB"),
        "a gzip bomb": BadShop(_bomb, "larger than 5 MB"),
        "half a page": BadShop(_at("/shoes?page=1", Reply.html("<html><ul><li><a href='/product/0'>")), "breaks off"),
        "an empty page": BadShop(_at("/shoes?page=1", Reply.html("")), "The page is empty"),
        "sign in for pictures": BadShop(_pictures(Reply.html("<html>Please sign in</html>")), "not a picture"),
        "pictures gone": BadShop(_pictures(Reply(404)), "36 not there"),
        "to this machine": BadShop(_at("/shoes?page=1", _to("http://127.1:1/admin")), "not on the public internet"),
        "to the cloud's keys": BadShop(
            _at("/shoes?page=1", _to("http://0xa9fea9fe/latest/meta-data/")),
            "169.254.169.254, which is not on the public",
        ),
        "in circles": BadShop(_at("/shoes?page=1", _to("/shoes?page=1")), "redirects more than 5 times"),
        "robots.txt broken": BadShop(_at("/robots.txt", Reply(503)), "robots.txt answered 503"),
        "robots.txt says no": BadShop(
            _at("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /")), "robots.txt forbids it"
        ),
        # The last one: the next run would keep to it, too.
        "429, come back in an hour": BadShop(
            _at("/product/3", Reply(429, headers={"Retry-After": "3600"})), "asks to come back in 3600 s"
        ),
    }
)
BAD_SHOPS = MappingProxyType({**SUSPECT_SHOPS, **BROKEN_SHOPS})


def what_is_said_of(bad: BadShop, folder: Path) -> str:
    """Scrape such a shop over an old file in `folder`; the sentence, "" where the scrape succeeded all the same.

    Raises AssertionError where the old file is not as it was.
    """
    out = folder / "listings.jsonl"
    manners = replace(IMPATIENT, exchange_s=bad.exchange_s)
    write_listings(out, [OLD])
    before = out.read_bytes()
    with (
        running_shop() as shop,
        Journal(folder / "journal", "bad") as journal,
        Fetcher(manners, journal=journal) as fetcher,
    ):
        open_small_shop(shop, products=PRODUCTS)
        bad.spoil(shop)
        try:
            write_listings(
                out, crawl(SITES["demo"], fetcher, start_urls=[shop.at("/")], images_folder=folder / "images")
            )
        except CrawlError as error:
            assert out.read_bytes() == before
            return str(error)
    return ""


def measure() -> Iterator[Finding]:
    """The rows of the table: every way, and every spelling of an address, read by the site's own job."""
    from benchmarks.shop_job import site_with_shop

    with tempfile.TemporaryDirectory() as scratch, site_with_shop(Path(scratch)) as (app, shop):
        redirects = _redirects(app, shop)
        yield _ways(app, shop)
        yield redirects


def _ways(app: Flask, shop: LocalShop) -> Finding:
    """Each way once, with a good run before."""
    from benchmarks.shop_job import read_badly, read_well

    wrong = []
    for name, bad in BAD_SHOPS.items():
        read_well(app, shop)
        found = read_badly(app, shop, bad.spoil, bad.exchange_s)
        if found.state not in ("failed", "suspect") or not found.is_untouched or bad.words not in found.why:
            wrong.append(name)
        print(f"{'!! ' if name in wrong else '   '}{name}: {found.state}. {found.why}", file=sys.stderr)
    told = f"{len(BAD_SHOPS) - len(wrong)} of {len(BAD_SHOPS)} ways: catalogue byte-identical, the run says why"
    measured = f"{told}; not so: {', '.join(wrong)}" if wrong else told
    return Finding("shops that turn bad, read by the site's job", measured, "all of them", not wrong)


def _redirects(app: Flask, shop: LocalShop) -> Finding:
    """Each spelling of an address behind our own walls once, as a redirect of the list; pictures and product pages
    are fetched in the same way."""
    from benchmarks.forbidden_addresses import connections_seen, every_spelling, traps
    from benchmarks.shop_job import read_badly

    hosts, wrong = every_spelling(), []
    own = int(shop.url.rpartition(":")[2])
    with traps() as (port, accepted), connections_seen() as seen:
        for host in hosts:
            url = f"http://{host}:{port}/latest/meta-data/".encode().decode("latin-1")
            found = read_badly(app, shop, _at("/shoes?page=1", _to(url)), IMPATIENT.exchange_s)
            if found.state != "failed" or not found.is_untouched or not found.why:
                wrong.append(host)
        opened = sum(target[1] != own for target in seen) + len(accepted)
    measured = f"{len(hosts) - len(wrong)} of {len(hosts)} spellings refused, {opened} connections"
    reached = not wrong and opened == 0 and len(hosts) >= 60
    what = "redirects to addresses behind our own walls, met by the site's job"
    return Finding(what, measured, "60 spellings, not one connection", reached)


def main() -> int:
    """Print every way with its sentence, and the table; 1 where one of them is not what it should be."""
    return report(argparse.ArgumentParser(description="Let a shop turn bad in every way."), lambda _: measure())


if __name__ == "__main__":
    sys.exit(main())
