"""The crawl over a whole small shop: order, failures that are let pass, and failures that are not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from scraper.crawl import CrawlError, crawl
from scraper.fetch import Fetcher, Manners
from scraper.journal import Journal
from scraper.listing import Listing
from scraper.sites import SITES
from scraper.tally import CrawlStats
from tests.scraper.conftest import QUICK
from tests.scraper.local_shop import LocalShop, Reply
from tests.scraper.small_shop import open_small_shop, picture, product_page

DEMO = SITES["demo"]


def read(shop: LocalShop, fetcher: Fetcher, folder: Path | None = None, **options: object) -> list[Listing]:
    return list(crawl(DEMO, fetcher, start_urls=[shop.at("/")], images_folder=folder, **options))  # type: ignore[arg-type]


def test_a_shop_is_read_in_its_order_with_all_its_facts(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=12)
    listings = read(shop, fetcher, tmp_path / "images")
    assert [listing.style_code for listing in listings] == [f"VD-{number:04}" for number in range(12)]
    first = listings[0]
    assert (first.site, first.brand, first.name, first.colorway) == ("demo", "Vello", "Dart 0", "Chalk / Ink")
    assert (first.gender, first.category, first.price_cents, first.currency) == ("women", "low", 9050, "USD")
    assert first.url == shop.at("/product/0")
    assert [image.angle_deg for image in first.images] == [0, 10, 20]


def test_pictures_lie_under_their_sha256(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=2)
    listings = read(shop, fetcher, tmp_path / "images")
    bytes_of = {image.file: (tmp_path / str(image.file)).read_bytes() for one in listings for image in one.images}
    assert len(bytes_of) == 6
    assert all(name == f"images/{hashlib.sha256(body).hexdigest()}.png" for name, body in bytes_of.items())
    assert bytes_of[listings[1].images[2].file] == picture("1-20").body
    assert len(list((tmp_path / "images").iterdir())) == 6


def test_nothing_is_fetched_before_it_is_asked_for(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop)
    listings = crawl(DEMO, fetcher, start_urls=[shop.at("/")], images_folder=tmp_path / "images")
    assert shop.asked == []
    next(listings)
    assert shop.paths() == ["/", "/shoes?page=1", "/product/0", *(f"/pictures/0-{angle}.png" for angle in (0, 10, 20))]


def test_a_limit_ends_the_crawl_early(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop)
    assert len(read(shop, fetcher, tmp_path / "images", limit=3)) == 3
    assert "/shoes?page=2" not in shop.paths()


def test_without_a_folder_pictures_stay_where_they_are(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=1)
    (listing,) = read(shop, fetcher)
    assert [image.file for image in listing.images] == [None] * 3
    assert not any(path.startswith("/pictures") for path in shop.paths())


def test_progress_is_told_after_every_fetch(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=6)
    seen: list[tuple[int, int, int]] = []
    read(
        shop,
        fetcher,
        tmp_path / "images",
        progress=lambda stats: seen.append((stats.products.got, stats.expected, stats.pictures.got)),
    )
    assert seen == sorted(seen)
    assert seen[-1] == (6, 6, 18)
    assert len(set(seen)) >= 18


def test_a_shoe_shown_twice_is_read_once(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=3)
    links = "<a href='/product/0'>a</a><a href='/product/0#reviews'>b</a><a href='/product/1'>c</a>"
    twin = "<a href='/product/twin'>d</a>"
    shop["/shoes?page=1"] = Reply.html(f"<html>{links}{twin}<a rel='next' href='/shoes?page=1'>Next</a></html>")
    shop["/product/twin"] = product_page(1)
    stats = CrawlStats()
    assert [one.style_code for one in read(shop, fetcher, stats=stats)] == ["VD-0000", "VD-0001"]
    assert (stats.duplicates, stats.expected) == (1, 2)


def test_other_shops_are_left_alone(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=1)
    shop["/"] = Reply.html(
        "<html><a href='http://127.0.0.1:1/product/9'>x</a><a href='mailto:x@/product/'>y</a>"
        "<a href='http://[/product/'>z</a><a rel='next' href='/shoes?page=1'>All</a></html>"
    )
    assert len(read(shop, fetcher)) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Reply(404), r"/shoes\?page=1 answered 404 \(Not Found\)"),
        (Reply(429), r"/shoes\?page=1 answered 429 \(Too Many Requests\)"),
        (Reply(500), r"/shoes\?page=1 answered 500 \(Internal Server Error\)"),
        (Reply.html(""), r"/shoes\?page=1 cannot be read: The page is empty"),
        (Reply.html("  \n "), "The page is empty"),
        (Reply.html("<html><body><p>Down for maintenance</p></body></html>"), "shows no products"),
        (Reply.html("<html><ul><li><a href='/product/0'>Shoe</a><li><a href='/prod"), "breaks off before its end"),
        (Reply.html("<<<>>></html><<a href=\x00'"), "shows no products"),
        (Reply(body=b"\x00\xff\xfe" * 99), "breaks off before its end"),
        (Reply(302, headers={"Location": "/shoes?page=1"}), "redirects more than"),
    ],
)
def test_a_listing_page_that_fails_ends_the_crawl(
    shop: LocalShop, fetcher: Fetcher, answer: Reply, sentence: str
) -> None:
    open_small_shop(shop)
    shop["/shoes?page=1"] = answer
    with pytest.raises(CrawlError, match=sentence):
        read(shop, fetcher)


def test_a_shop_that_is_away_is_told_so() -> None:
    with Fetcher(Manners(attempts=1)) as fetcher, pytest.raises(CrawlError, match="could not be reached"):
        list(crawl(DEMO, fetcher, start_urls=["http://127.0.0.1:9/"]))


@pytest.mark.parametrize("url", ["", "shoes", "ftp://shop/", "http://shop:99999/", "http://:80/"])
def test_a_start_that_is_no_web_address_is_told_so(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(CrawlError, match="is not a"):
        list(crawl(DEMO, fetcher, start_urls=[url]))


def test_single_failures_are_skipped_and_told(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=12)
    shop["/product/3"] = Reply.html("<html><h1>Oops</h1></html>")
    shop["/pictures/5-10.png"] = Reply.html("<html>please sign in</html>")
    shop["/pictures/6-20.png"] = Reply(404)
    stats = CrawlStats()
    listings = read(shop, fetcher, tmp_path / "images", stats=stats)
    assert len(listings) == 11
    assert [image.file is None for one in listings if one.style_code == "VD-0005" for image in one.images] == [
        False,
        True,
        False,
    ]
    assert stats.summary() == "11 products, 1 failed; 31 pictures, 1 failed, 1 not there"
    assert [sentence.split("/", 3)[3] for sentence in stats.failures] == [
        "product/3 cannot be read: There is no product in its JSON-LD.",
        "pictures/5-10.png is not used: The shop says that it is text/html, not a picture.",
        "pictures/6-20.png answered 404 (Not Found).",
    ]


def test_too_many_failing_products_end_the_crawl(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=12)
    shop["/product/3"] = shop["/product/4"] = Reply(500)
    with pytest.raises(CrawlError, match=r"10 products, 2 failed.*For example: .*/product/3 answered 500"):
        read(shop, fetcher)


def test_too_many_failing_pictures_end_the_crawl(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=12)
    for number in range(4):
        shop[f"/pictures/{number}-0.png"] = Reply(body=b"GIF89a no shoe", headers={"Content-Type": "image/gif"})
    with pytest.raises(CrawlError, match=r"32 pictures, 4 failed"):
        read(shop, fetcher, tmp_path / "images")


def test_pictures_that_are_not_there_may_be_more_but_not_most(
    shop: LocalShop, fetcher: Fetcher, tmp_path: Path
) -> None:
    open_small_shop(shop, products=6)
    for number in range(6):
        shop[f"/pictures/{number}-0.png"] = Reply(404)
    assert len(read(shop, fetcher, tmp_path / "images")) == 6
    for number in range(6):
        shop[f"/pictures/{number}-10.png"] = Reply(404)
    with pytest.raises(CrawlError, match=r"6 pictures, 0 failed, 12 not there"):
        read(shop, fetcher, tmp_path / "images")


def test_a_shop_that_collapses_is_left_soon(shop: LocalShop, fetcher: Fetcher) -> None:
    open_small_shop(shop, products=50, per_page=50)
    for number in range(50):
        shop[f"/product/{number}"] = Reply(403)
    with pytest.raises(CrawlError, match="0 products, 8 failed"):
        read(shop, fetcher)
    assert len(shop.paths()) == 10


def test_a_crawl_tells_what_the_admin_wants_to_see(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    open_small_shop(shop, products=12)
    shop["/product/3"] = product_page(3, color="", offers={})
    shop["/product/4"] = product_page(4, angles=0, audience=None)
    shop["/product/5"] = Reply(403)
    shop["/pictures/6-0.png"] = [Reply(429, headers={"Retry-After": "0"}), picture("6-0")]
    stats = CrawlStats()
    read(shop, fetcher, tmp_path / "images", stats=stats)
    facts = stats.as_facts()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["products"] == {"got": 11, "failed": 1, "missing": 0}
    assert facts["coverage"] == {
        "brand": 1.0, "name": 1.0, "colorway": round(10 / 11, 4), "gender": round(10 / 11, 4), "category": 1.0,
        "price": round(10 / 11, 4), "picture": round(10 / 11, 4), "angle": round(10 / 11, 4),
    }  # fmt: skip
    host = facts["hosts"][shop.url.removeprefix("http://")]
    assert (host["forbidden_403"], host["throttled_429"], host["unanswered"]) == (1, 1, 0)
    assert host["requests"] == len(shop.asked)
    assert host["received_bytes"] > 30 * 300
    assert datetime.fromisoformat(host["next_request_at"]).tzinfo is not None


def test_what_has_not_changed_is_counted(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=2)
    for unchanged in (0, 6):
        stats = CrawlStats()
        with Journal(tmp_path / "journal", "test") as journal, Fetcher(QUICK, journal=journal) as fetcher:
            read(shop, fetcher, tmp_path / "images", stats=stats)
            journal.finish()
        assert stats.as_facts()["hosts"][shop.url.removeprefix("http://")]["not_modified"] == unchanged


def test_before_anything_is_read_the_facts_are_there_already() -> None:
    facts = CrawlStats().as_facts()
    assert facts["coverage"]["price"] == 0.0
    assert facts["hosts"] == {}
    assert json.dumps(facts)


def test_a_spent_budget_ends_the_crawl_and_the_next_run_goes_on(shop: LocalShop, tmp_path: Path) -> None:
    open_small_shop(shop, products=6)
    for most, words in ((20, "a run takes at most 20 requests"), (200, "")):
        manners = replace(QUICK, most_requests=most)
        with Journal(tmp_path / "journal", "test") as journal, Fetcher(manners, journal=journal) as fetcher:
            try:
                assert len(read(shop, fetcher, tmp_path / "images")) == 6
                said = ""
            except CrawlError as error:
                said = str(error)
            assert words in said
            assert bool(words) == bool(said)
    assert len(shop.paths()) == len(set(shop.paths())), "nothing is asked for twice"


def test_a_host_that_asks_for_peace_half_way_ends_the_crawl(shop: LocalShop, fetcher: Fetcher, tmp_path: Path) -> None:
    """A single picture is enough: going on with the others is what the host asked us not to do."""
    open_small_shop(shop, products=12)
    shop["/pictures/2-10.png"] = Reply(503, headers={"Retry-After": "900"})
    with pytest.raises(CrawlError, match="asks to come back in 900 s"):
        read(shop, fetcher, tmp_path / "images")
    assert shop.paths()[-1] == "/pictures/2-10.png"
