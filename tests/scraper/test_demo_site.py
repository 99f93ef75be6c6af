"""The demo shop's parser, on the demo shop's own pages and on pages that are not as they should be."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from demo.models import MODELS
from demo.shop import create_shop, serve
from demo.stock import all_articles
from scraper.crawl import crawl
from scraper.fetch import Fetcher
from scraper.listing import ListingError
from scraper.pictures import check_picture
from scraper.sites.demo import DEMO, parse_listing_page, parse_product
from scraper.sites.page import PageError
from tests.scraper.small_shop import product_page

URL = "http://shop/product/VD-0007"


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = serve(create_shop(tmp_path_factory.mktemp("pictures"), MODELS[:9]), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_demo_shop_is_read_whole(demo_url: str, fetcher: Fetcher) -> None:
    articles = all_articles(MODELS[:9])
    expected = set()
    listings = {
        one.style_code: one
        for one in crawl(DEMO, fetcher, start_urls=[demo_url], progress=lambda stats: expected.add(stats.expected))
    }
    assert expected == {len(articles)}, "the shop says at once how many there will be"
    assert listings.keys() == {article.style_code for article in articles}
    for article in articles:
        listing, model = listings[article.style_code], article.model
        assert (listing.brand, listing.name, listing.colorway) == (model.brand, model.name, article.colorway.name)
        assert (listing.gender, listing.category) == (model.gender, model.category)
        assert (listing.price_cents, listing.currency) == (model.price_cents, "USD")
        assert [image.angle_deg for image in listing.images] == list(range(0, 360, 10))


def test_its_pictures_are_pictures(demo_url: str, fetcher: Fetcher) -> None:
    (listing,) = crawl(DEMO, fetcher, start_urls=[demo_url], limit=1)
    fetched = fetcher.get(listing.images[9].url, 1_000_000)
    assert check_picture(fetched.body, fetched.content_type) == "jpg"


def html(**changes: object) -> str:
    return product_page(7, **changes).body.decode()


def test_facts_that_are_missing_are_named() -> None:
    with pytest.raises(PageError, match=r"Its JSON-LD has no sku and no brand\."):
        parse_product(html(sku="", brand=None), URL)
    with pytest.raises(PageError, match="no product in its JSON-LD"):
        parse_product("<html><script type='application/ld+json'>{broken</script></html>", URL)
    with pytest.raises(PageError, match="breaks off"):
        parse_product(html()[:-20], URL)


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        ({"price": "129.00", "priceCurrency": "EUR"}, (12900, "EUR")),
        ({"price": 129.5}, (12950, "USD")),
        ([{"price": "9.99", "priceCurrency": "USD"}, {"price": "1"}], (999, "USD")),
        ({"price": "ask us"}, (None, "USD")),
        ({"price": "NaN"}, (None, "USD")),
        ({"price": "-3"}, (None, "USD")),
        ([], (None, "USD")),
        (None, (None, "USD")),
        ("free", (None, "USD")),
    ],
)
def test_prices(offers: object, expected: tuple[int | None, str]) -> None:
    listing = parse_product(html(offers=offers), URL)
    assert (listing.price_cents, listing.currency) == expected


@pytest.mark.parametrize(
    ("audience", "gender"),
    [
        ({"suggestedGender": "male"}, "men"),
        ({"suggestedGender": "Female"}, "women"),
        ({"suggestedGender": "kids"}, "kids"),
        ({"suggestedGender": "martians"}, "unisex"),
        ({}, "unisex"),
        ("everybody", "unisex"),
    ],
)
def test_genders(audience: object, gender: str) -> None:
    assert parse_product(html(audience=audience), URL).gender == gender


def test_characters_that_no_file_can_hold() -> None:
    assert parse_product(html(name="Da\ud800rt\x00 \u2028Low"), URL).name == "Da rt Low"
    with pytest.raises(ListingError, match="half a character"):
        parse_product(product_page(7, angles=0, image="/\ud800.jpg").body.decode(), URL)


def test_without_views_the_pictures_of_the_facts_are_taken() -> None:
    page = product_page(7, angles=0, image=["/a.jpg", "http://[", 7, "https://cdn.example/b.jpg"])
    images = parse_product(page.body.decode(), URL).images
    assert [(image.url, image.angle_deg) for image in images] == [
        ("http://shop/a.jpg", None),
        ("https://cdn.example/b.jpg", None),
    ]


def test_views_with_odd_angles_are_left_out() -> None:
    views = (
        "<a data-angle='20' href='/2.jpg'></a><a data-angle='²' href='/x'></a><a data-angle='370' href='/3.jpg'></a>"
    )
    page = html().replace("<ol>", f"<ol>{views}<a data-angle='30'></a>")
    angles = [image.angle_deg for image in parse_product(page, URL).images]
    assert angles == [20, 10, 0, 10, 20]


def test_links_of_a_listing_page_come_once_and_in_order() -> None:
    page = (
        "<html><link rel='next' href='?page=2'><a href='/product/b'>b</a><a href='/product/a#x'>a</a>" * 2 + "</html>"
    )
    found = parse_listing_page(page, "http://shop/shoes")
    assert found.product_links == ("http://shop/product/b", "http://shop/product/a")
    assert found.next_pages == ("http://shop/shoes?page=2",)
    assert found.total == 0


@pytest.mark.parametrize(("told", "total"), [("144", 144), ("", 0), ("-3", 0), ("many", 0), ("9" * 40, 0)])
def test_a_listing_page_says_how_many_products_there_are(told: str, total: int) -> None:
    page = f"<html><p data-total='{told}'>shoes</p><a href='/product/a'>a</a></html>"
    assert parse_listing_page(page, "http://shop/shoes").total == total
