"""Zappos' listing pages, written by hand after the state that they hand to their own script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher
from scraper.sites.page import PageError
from scraper.sites.zappos import DEPARTMENTS, ZAPPOS, parse_listing_page, parse_product
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import picture

URL = DEPARTMENTS["men"][0]


def tile(number: int = 1, **changes: object) -> dict[str, object]:
    """A shoe as the shop's state tells it, with much that we do not need."""
    return {
        "productId": f"901{number:04}",
        "styleId": f"42{number:05}",
        "colorId": "6",
        "brandName": "Nike",
        "productName": f"Air Max {number}",
        "productUrl": f"/p/nike-air-max-{number}/product/901{number:04}/color/6",
        "color": "Black/White",
        "price": "$119.95",
        "originalPrice": "$150.00",
        "percentOff": "20%",
        "onSale": "true",
        "msaImageId": "71nFAQ+51CL",
        "thumbnailImageUrl": "https://m.media-amazon.com/images/I/71nFAQ+51CL._AC_SR255,340_.jpg",
        "txAttrFacet_Gender": ["Men"],
        "productType": "Shoes",
        "sizing": {},
        "relatedStyles": [{"styleId": "1", "color": "Red", "price": "$99.00"}],
        **changes,
    }


def page(*tiles: object, total: int = 0, **changes: object) -> str:
    """A listing page: class names like those of today, of which tomorrow's know nothing."""
    products = {"list": list(tiles), "totalProductCount": total or len(tiles), "productLimit": 100, **changes}
    state = json.dumps({"pageView": {}, "products": products}).replace("</", "<\\/")
    return (
        '<!DOCTYPE html><html><head><title>Men</title></head><body><div id="products" class="Rl-z">'
        '<article class="ql-z"><a href="/p/x/product/1">Nike</a></article></div>'
        "<script>window.__AB_TESTS__ = {};</script>"
        f"<script>window.__INITIAL_STATE__ = {state};</script></body></html>"
    )


def test_a_tile_tells_everything() -> None:
    (listing,) = parse_listing_page(page(tile()), URL).listings
    assert (listing.site, listing.style_code) == ("zappos", "zappos-9010001-6")
    assert (listing.brand, listing.name, listing.colorway) == ("Nike", "Air Max 1", "Black/White")
    assert (listing.gender, listing.audience, listing.category) == ("men", "", "Shoes")
    assert (listing.price_cents, listing.currency) == (11995, "USD"), "the price to pay, not the one before"
    assert listing.url == "https://www.zappos.com/p/nike-air-max-1/product/9010001/color/6"
    assert [image.url for image in listing.images] == [
        "https://m.media-amazon.com/images/I/71nFAQ+51CL._AC_SR736,920_.jpg"
    ]


@pytest.mark.parametrize(
    ("said", "department", "expected"),
    [
        (["Men"], "men", ("men", "")),
        (["Women"], "women", ("women", "")),
        (["Men", "Women"], "men", ("unisex", "")),
        (["Boys"], "boys", ("kids", "boys")),
        (["Girls"], "girls", ("kids", "girls")),
        (["Boys", "Girls"], "girls", ("kids", "")),
        (None, "boys", ("kids", "boys")),
        (None, "girls", ("kids", "girls")),
        ("", "women", ("women", "")),
        ([], "men", ("men", "")),
    ],
)
def test_whom_a_shoe_is_for(said: object, department: str, expected: tuple[str, str]) -> None:
    found = parse_listing_page(page(tile(txAttrFacet_Gender=said)), DEPARTMENTS[department][0])
    assert (found.listings[0].gender, found.listings[0].audience) == expected


def test_pages_follow_each_other_as_long_as_there_are_shoes() -> None:
    tiles = [tile(number) for number in range(3)]
    first = parse_listing_page(page(*tiles, total=250), URL)
    assert first.total == 250
    assert first.next_pages == (f"{URL}?p=1",)
    assert parse_listing_page(page(*tiles, total=250), f"{URL}?s=new&p=1").next_pages == (f"{URL}?s=new&p=2",)
    assert parse_listing_page(page(*tiles, total=250), f"{URL}?p=2").next_pages == ()
    assert parse_listing_page(page(total=250), f"{URL}?p=1").next_pages == (), "an empty page ends it"


def test_what_is_missing_is_told_and_the_others_are_read() -> None:
    found = parse_listing_page(
        page(
            tile(1),
            tile(2, brandName=""),
            tile(3, productId=None, productName=" "),
            "nonsense",
            tile(4, price="sold out"),
        ),
        URL,
    )
    assert [(listing.name, listing.price_cents) for listing in found.listings] == [
        ("Air Max 1", 11995),
        ("Air Max 4", None),
    ]
    assert [sentence.partition("read: ")[2] for sentence in found.unreadable] == [
        "It has no brandName.",
        "It has no productId and no productName.",
        "It has no productId and no brandName and no productName.",
    ]


def test_without_a_large_picture_the_small_one_is_taken() -> None:
    (listing,) = parse_listing_page(page(tile(msaImageId=None)), URL).listings
    assert listing.images[0].url.endswith("_AC_SR255,340_.jpg")
    (listing,) = parse_listing_page(page(tile(msaImageId=None, thumbnailImageUrl=None)), URL).listings
    assert listing.images == ()


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<html><body>Sale</body></html>", "lacks the facts"),
        ("<html><script>window.__INITIAL_STATE__ = {broken</script></html>", "are broken"),
        (f"<html><script>window.__INITIAL_STATE__ = {'[' * 9000}</script></html>", "are broken"),
        ("<html><script>window.__INITIAL_STATE__ = [];</script></html>", "holds no list of products"),
        (page(tile()).replace('"list"', '"lots"'), "holds no list of products"),
        (page(tile())[:-300], "breaks off"),
        ("", "empty"),
    ],
)
def test_other_pages_are_told(html: str, sentence: str) -> None:
    with pytest.raises(PageError, match=sentence):
        parse_listing_page(html, URL)


def test_product_pages_are_not_read() -> None:
    with pytest.raises(PageError, match="listing pages tell everything"):
        parse_product("<html></html>", URL)


def test_a_whole_department_through_the_crawl(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    shop["/boys-sneakers/CK.zso"] = Reply.html(
        page(*(tile(n, txAttrFacet_Gender=["Boys"]) for n in range(2)), total=3, productLimit=2)
    )
    shop["/boys-sneakers/CK.zso?p=1"] = Reply.html(
        page(tile(2, msaImageId=None, thumbnailImageUrl="/i/2.jpg"), total=3, productLimit=2)
    )
    shop["/i/2.jpg"] = picture("2")
    listings = list(crawl(ZAPPOS, fetcher, start_urls=[shop.at("/boys-sneakers/CK.zso")]))
    assert [listing.style_code for listing in listings] == [f"zappos-901000{n}-6" for n in range(3)]
    assert {listing.audience for listing in listings[:2]} == {"boys"}
    assert shop.paths() == ["/boys-sneakers/CK.zso", "/boys-sneakers/CK.zso?p=1"]


def test_it_is_left_alone_until_somebody_says_that_it_may_be_read(fetcher: Fetcher) -> None:
    with pytest.raises(CrawlError, match=r"Nobody has confirmed that Zappos may be scraped.*terms"):
        list(crawl(ZAPPOS, fetcher))
    assert fetcher.hosts == {}
