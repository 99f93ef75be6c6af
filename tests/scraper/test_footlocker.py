"""Foot Locker's pages: small ones written by hand after the saved ones, and the saved ones themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.footlocker_scrape import pages_per_second, score
from benchmarks.footlocker_shop import read_labels, running_footlocker_shop
from scraper.__main__ import main
from scraper.listing import read_listings
from scraper.sites.footlocker import parse_listing_page, read_price_cents, read_title
from scraper.sites.page import PageError

URL = "https://www.footlocker.com/Mens/Nike/Shoes/_-_/N-24ZzzZrj?Rpp=180"
REDUCED = "<strike><b>$94.99</b></strike><br><em><b>Now $59.99</b></em><br>"


def tile(sku: str, title: str, price: str, more_alt: str = " - Black / White") -> str:
    """A product as the shop writes it, quick view button and all."""
    link = f"https://www.footlocker.com/product/model:284856/sku:{sku}/some-name/"
    return f"""<li><span class="quickViewButtonWrap"><a href="javascript:void(0);" class="quickviewButton"
        onmousedown="openQuickViewWithURL('{link}');"><span></span></a><a class="" href="{link}">
        <img src="//images.footlocker.com/pi/{sku}/large/some-name" alt="{title}{more_alt}" width="180">
        <div class="product_title" aria-hidden="true">{title}</div>
        <div class="other_product_attributes">Width - D - Medium</div>
        <div><img src="//footlocker.ugc.bazaarvoice.com/8001/4_5/5/rating.png" alt="Rating"></div>
        <div class="product_price">{price}</div></a></span>
        <div class="product_freeShipping">FREE <a class="info_icon" title="Item is eligible">?</a></div></li>"""


def page(*tiles: str, following: str = "") -> str:
    """A listing page; its paging stands above and below the products, as in the shop."""
    paging = f'<div class="endeca_pagination"><a href="?Nao=0" class="current">1</a>{following}</div>'
    menus = '<a href="/Mens/Nike/Shoes/_-_/N-24ZzzZrjZ1g6?Rpp=180" rel="nofollow">03.5 (1)</a>'
    return (
        f'<html><body>{menus}{paging}<div id="endeca_search_results"><ul>{"".join(tiles)}'
        f'<li class="clearRow"></li></ul></div>{paging}</body></html>'
    )


def test_a_tile_tells_everything() -> None:
    found = parse_listing_page(page(tile("2363100", "Nike LeBron 15 - Men's", "<b>$185.00</b>")), URL)
    (listing,) = found.listings
    assert (listing.site, listing.style_code, listing.brand, listing.name) == (
        "footlocker",
        "2363100",
        "Nike",
        "LeBron 15",
    )
    assert (listing.gender, listing.price_cents, listing.currency) == ("men", 18500, "USD")
    assert listing.colorway == "Black / White"
    assert listing.url == "https://www.footlocker.com/product/model:284856/sku:2363100/some-name/"
    assert [image.url for image in listing.images] == ["https://images.footlocker.com/pi/2363100/large/some-name"]
    assert found.next_pages == found.product_links == found.unreadable == ()


def test_products_come_in_the_shops_order_and_the_next_page_after_them() -> None:
    following = '<a href="?Nao=180">2</a> | <a class="next" href="/Mens/N-24?Rpp=180&amp;Nao=180">Next »</a>'
    tiles = [tile(sku, f"Vans Era {sku} - Women's", "<b>$1,050.99</b>") for sku in ("C3", "A1", "B2")]
    found = parse_listing_page(page(*tiles, following=following), URL)
    assert [listing.style_code for listing in found.listings] == ["C3", "A1", "B2"]
    assert {listing.price_cents for listing in found.listings} == {105099}
    assert found.next_pages == ("https://www.footlocker.com/Mens/N-24?Rpp=180&Nao=180",)


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Nike LeBron 15 - Men's", ("Nike", "LeBron 15", "men")),
        ("adidas Originals Samba  - Men's", ("adidas", "Originals Samba", "men")),
        ("Vans SK8-Hi Slim - Women's", ("Vans", "SK8-Hi Slim", "women")),
        ("Vans Classic Slip On - Boys' Grade School", ("Vans", "Classic Slip On", "kids")),
        ("Vans Classic Slip On - Girls' Toddler", ("Vans", "Classic Slip On", "kids")),
        ("New Balance 574 - Kids' Preschool", ("New Balance", "574", "kids")),
        ("Under Armour Curry 4 - Men's", ("Under Armour", "Curry 4", "men")),
        ("ASICS GEL - Lyte III", ("ASICS", "GEL - Lyte III", "unisex")),
        ("Timberland Mensa", ("Timberland", "Mensa", "unisex")),
    ],
)
def test_titles(title: str, parts: tuple[str, str, str]) -> None:
    found = read_title(title)
    assert (found.brand, found.name, found.gender) == parts


@pytest.mark.parametrize("title", ["", "Nike", "Nike - Men's", " - Men's"])
def test_a_title_without_brand_and_name_is_refused(title: str) -> None:
    with pytest.raises(PageError, match="has no brand and name"):
        read_title(title)


def test_prices() -> None:
    assert read_price_cents("$185.00") == 18500
    assert read_price_cents("$94.99 Now $59.99") == 5999
    assert read_price_cents("$1,050.00") == 105000
    with pytest.raises(PageError, match="holds no price"):
        read_price_cents("See price in cart")
    (listing,) = parse_listing_page(page(tile("1", "Nike Dunk - Men's", REDUCED)), URL).listings
    assert listing.price_cents == 5999


@pytest.mark.parametrize(
    ("more_alt", "colorway"),
    [
        ("", ""),
        (" - All White / White", "All White / White"),
        (" -  Lebron James", ""),
        (" -  Lebron James - Black / Black", "Black / Black"),
        (" - Off-White / Blue", "Off-White / Blue"),
    ],
)
def test_colours_stand_behind_the_title(more_alt: str, colorway: str) -> None:
    found = parse_listing_page(page(tile("1", "Nike Dunk - Men's", "<b>$9.99</b>", more_alt)), URL)
    assert found.listings[0].colorway == colorway


def test_a_tile_that_lacks_a_part_is_told_and_the_others_are_read() -> None:
    whole = tile("1", "Nike Dunk - Men's", "<b>$9.99</b>")
    found = parse_listing_page(
        page(
            whole,
            tile("2", "Nike Dunk - Men's", "soon"),
            tile("3", "Nike", "<b>$9.99</b>"),
            tile("4", "Nike Dunk - Men's", "<b>$9.99</b>").replace("product_title", "x").replace("/pi/", "/no/"),
        ),
        URL,
    )
    assert [listing.style_code for listing in found.listings] == ["1"]
    assert [sentence.partition("read: ")[2] for sentence in found.unreadable] == [
        "'soon' holds no price.",
        "The title 'Nike' has no brand and name.",
        "It has no title and no picture.",
    ]


@pytest.mark.parametrize("html", ["", " \n", page(tile("1", "Nike Dunk - Men's", "<b>$9.99</b>"))[:-400], "\x00"])
def test_a_page_that_breaks_off_is_refused(html: str) -> None:
    with pytest.raises(PageError, match=r"is empty|breaks off"):
        parse_listing_page(html, URL)


def test_another_shops_page_holds_nothing() -> None:
    assert not parse_listing_page("<html><a href='/product/1'><img src='/1.jpg'>Shoe</a></html>", URL).listings


@pytest.mark.data
def test_all_products_of_the_saved_pages_are_found(shared_data: Path, tmp_path: Path) -> None:
    """Without their pictures, which take half a minute: `python -m benchmarks.footlocker_scrape` fetches all."""
    with running_footlocker_shop(shared_data) as shop:
        starts = [word for url in shop.start_urls for word in ("--start-url", url)]
        assert main(["footlocker", "--no-images", "--out", str(tmp_path / "listings.jsonl"), *starts]) == 0
    counted = score(read_listings(tmp_path / "listings.jsonl"), read_labels(shared_data), shared_data, tmp_path)
    assert counted.found == counted.title == counted.price == counted.all_right == counted.labels > 0, counted


@pytest.mark.data
def test_the_pictures_that_were_saved_come_whole(shared_data: Path, tmp_path: Path) -> None:
    with running_footlocker_shop(shared_data) as shop:
        vans = ["--start-url", shop.start_urls[-1]]
        assert main(["footlocker", "--out", str(tmp_path / "listings.jsonl"), *vans]) == 0
    labels = {sku: label for sku, label in read_labels(shared_data).items() if label.brand == "vans"}
    counted = score(read_listings(tmp_path / "listings.jsonl"), labels, shared_data, tmp_path)
    assert counted.pictures == counted.saved > 0, counted


@pytest.mark.data
def test_pages_are_parsed_quickly(shared_data: Path) -> None:
    assert pages_per_second(shared_data, most=4) > 4  # 10 and more on a quiet core
