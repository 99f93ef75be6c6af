"""StockX' pages, written by hand after the object that they hand to their own script."""

from __future__ import annotations

import json

import pytest

from scraper.crawl import crawl
from scraper.fetch import Fetcher
from scraper.sites.page import PageError
from scraper.sites.stockx import STOCKX, parse_listing_page, parse_product
from tests.scraper.local_shop import LocalShop, Reply

URL = "https://stockx.com/vello-dart-low-chalk"
AROUND = [
    f"https://images.stockx.com/360/Vello-Dart/Images/Vello-Dart/Lv2/img{n:02}.jpg?fm=webp&w=559&updated_at=1635341304"
    for n in range(1, 37)
]


def product(**changes: object) -> dict[str, object]:
    """The product of a page."""
    return {
        "id": "e158a310",
        "urlKey": "vello-dart-low-chalk",
        "styleId": "CU1110-010",
        "brand": "Vello",
        "model": "Vello Dart Low",
        "title": "Vello Dart Low Chalk (2020)",
        "primaryTitle": "Vello Dart Low",
        "productCategory": "sneakers",
        "gender": "men",
        "media": {"all360Images": AROUND, "gallery": [], "imageUrl": "https://images.stockx.com/images/Dart.jpg?w=700"},
        "traits": [
            {"name": "Style", "value": "CU1110-010"},
            {"name": "Colorway", "value": "Chalk/Ink-Light Graphite"},
            {"name": "Retail Price", "value": "190"},
            {"name": "Release Date", "value": "2020-01-22"},
        ],
        "market": {"bidAskData": {"lowestAsk": 312, "highestBid": 290}},
        "variants": [{"id": "6ade2f5f", "traits": {"size": "4"}}],
        **changes,
    }


def page(state: object) -> str:
    """A page of the shop, with its script's facts where its framework puts them."""
    data = {"props": {"pageProps": {"req": {"appContext": {"states": {"query": {"value": {"queries": [state]}}}}}}}}
    return (
        '<!DOCTYPE html><html><head></head><body><div id="__next"></div>'
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script></body></html>'
    )


def product_page(**changes: object) -> str:
    related = {"urlKey": "other-shoe", "title": "Other", "media": {}}
    return page({"state": {"data": {"related": [related], "product": product(**changes)}}})


def test_the_facts_of_a_shoe() -> None:
    listing = parse_product(product_page(), URL)
    assert (listing.site, listing.style_code, listing.url) == ("stockx", "CU1110-010", URL)
    assert (listing.brand, listing.name) == ("Vello", "Dart Low Chalk (2020)")
    assert (listing.colorway, listing.gender, listing.category) == ("Chalk/Ink-Light Graphite", "men", "sneakers")
    assert (listing.price_cents, listing.currency) == (31200, "USD")


def test_the_shoe_is_turned_once_around() -> None:
    images = parse_product(product_page(), URL).images
    assert [image.angle_deg for image in images] == list(range(0, 360, 10))
    assert [image.url for image in images] == AROUND


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ({"all360Images": [AROUND[35], AROUND[0], AROUND[0]]}, [350, 0]),
        ({"all360Images": ["https://x/img00.jpg", "https://x/img37.jpg", "https://x/face.jpg", 7, AROUND[4]]}, [40]),
        ({"all360Images": None, "gallery": ["/g/1.jpg", "/g/1.jpg"], "imageUrl": "/i.jpg"}, [None, None]),
        ({"imageUrl": "https://images.stockx.com/images/Dart.jpg"}, [None]),
        ({"imageUrl": None}, []),
    ],
)  # fmt: skip
def test_odd_and_missing_frames(media: object, expected: list[int | None]) -> None:
    assert [image.angle_deg for image in parse_product(product_page(media=media), URL).images] == expected


@pytest.mark.parametrize(
    ("changes", "cents"),
    [
        ({"market": {"state": {"lowestAsk": {"amount": 155.5}}}}, 15550),
        ({"market": {"bidAskData": {"lowestAsk": None}}}, 19000),
        ({"market": None}, 19000),
        ({"market": None, "traits": []}, None),
        ({"market": None, "traits": "none", "styleId": "X1"}, None),
    ],
)
def test_the_price_is_what_it_is_offered_for_else_what_it_cost_when_new(
    changes: dict[str, object], cents: int | None
) -> None:
    assert parse_product(product_page(**changes), URL).price_cents == cents


@pytest.mark.parametrize(
    ("gender", "expected"),
    [
        ("women", "women"),
        ("child", "kids"),
        ("preschool", "kids"),
        ("toddler", "kids"),
        ("unisex", "unisex"),
        (None, "unisex"),
    ],
)
def test_genders(gender: object, expected: str) -> None:
    assert parse_product(product_page(gender=gender), URL).gender == expected


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        (product_page(styleId="", traits=[], brand=None), r"Its product has no style code and no brand\."),
        (page({"state": {"data": {}}}), "holds no product"),
        ("<html><body>hello</body></html>", "lacks the facts"),
        (product_page()[:-50], "breaks off"),
    ],
)
def test_other_pages_are_told(html: str, sentence: str) -> None:
    with pytest.raises(PageError, match=sentence):
        parse_product(html, URL)


def test_a_list_links_to_its_shoes_and_to_the_page_behind_it() -> None:
    nodes = [{"node": {"urlKey": key, "title": key, "name": "x"}} for key in ("dart-1", "dart-2", "dart-1")]
    paging = {"limit": 40, "page": 1, "pageCount": 2, "total": 80}
    url = "https://stockx.com/category/sneakers?gender=men"
    found = parse_listing_page(page({"results": {"edges": nodes, "pageInfo": paging}}), url)
    assert found.product_links == ("https://stockx.com/dart-1", "https://stockx.com/dart-2")
    assert found.next_pages == (f"{url}&page=2",)
    assert found.total == 80
    last = parse_listing_page(page({"results": {"edges": nodes, "pageInfo": {**paging, "page": 2}}}), f"{url}&page=2")
    assert last.next_pages == ()


def test_a_shop_that_wants_people_says_so(shop: LocalShop, fetcher: Fetcher) -> None:
    """Through the crawl: the list is there, the shoes are behind a captcha."""
    nodes = [{"node": {"urlKey": f"dart-{n}", "title": "Dart"}} for n in range(3)]
    shop["/sneakers"] = Reply.html(page({"results": {"edges": nodes}}))
    for number in range(2):
        shop[f"/dart-{number}"] = Reply.html(product_page(styleId=f"CU1110-01{number}"))
    shop["/dart-2"] = Reply(403)
    listings = list(crawl(STOCKX, fetcher, start_urls=[shop.at("/sneakers")]))
    assert [one.style_code for one in listings] == ["CU1110-010", "CU1110-011"]
    assert fetcher.hosts[shop.url.removeprefix("http://")].as_facts()["forbidden_403"] == 1
