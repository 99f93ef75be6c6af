"""Foot Locker's listing pages, as the shop served them in 2018: up to 180 products a page, all facts in the tile.

A tile is a link to `/product/model:<model>/sku:<sku>/...` around a picture, a title ("Nike LeBron 15 - Men's") and a
price, where a reduced one reads "$94.99 Now $59.99". The picture's alt text is the title and, mostly, the colours:
"Nike LeBron Soldier 11 - Men's -  Lebron James - Black / Black".

Matches 20 saved pages of March 2018, product by product; the shop of today has another face.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement, document_fromstring

from scraper.genders import read_gender
from scraper.listing import Listing, ListingError, ListingImage
from scraper.page_text import one_line
from scraper.sites.page import ListingPage, PageError, Site, absolute_url, require_whole

# Brands of more than one word; any other brand is the title's first word.
LONG_BRANDS = (
    "Under Armour", "New Balance", "The North Face", "Polo Ralph Lauren", "Le Coq Sportif", "Onitsuka Tiger",
    "Creative Recreation", "Air Jordan", "Dr. Martens", "Cole Haan",
)  # fmt: skip

SKU = re.compile(r"/sku:([^/?#]+)")
PRICE = re.compile(r"\$\s*(\d[\d,]{0,9})\.(\d\d)\b")
AUDIENCES = ("men", "women", "boys", "girls", "kids", "unisex", "infant", "toddler", "preschool", "grade school")

DEPARTMENTS = {
    "men": (
        "https://www.footlocker.com/Mens/Nike/Shoes/_-_/N-24ZzzZrj?Rpp=180",
        "https://www.footlocker.com/Mens/adidas-Originals/Shoes/_-_/N-24ZzrZrj?Rpp=180",
        "https://www.footlocker.com/Mens/adidas/Shoes/_-_/N-24ZzcZrj?Rpp=180",
    ),
    "everybody": ("https://www.footlocker.com/Shoes/_-_/N-rj/keyword-vans?Rpp=180",),
}


@dataclass(frozen=True)
class Title:
    """The parts of a title as the shop writes it."""

    brand: str
    name: str
    gender: str
    audience: str = ""


def read_title(title: str) -> Title:
    """ "Nike LeBron 15 - Men's" -> brand "Nike", name "LeBron 15", gender "men"; raises PageError without a name."""
    words, _, audience = one_line(title).rpartition(" - ")
    if not words or not audience.lower().startswith(AUDIENCES):
        words, audience = one_line(title), ""
    long_brand = next((brand for brand in LONG_BRANDS if words.lower().startswith(f"{brand.lower()} ")), "")
    brand = words[: len(long_brand)] if long_brand else words.partition(" ")[0]
    name = words[len(brand) :].strip()
    if not name or not any(letter.isalnum() for letter in brand):
        raise PageError(f"The title {title!r} has no brand and name.")
    return Title(brand, name, *read_gender(audience))


def read_price_cents(text: str) -> int:
    """The price to pay now, in US cents: "$94.99 Now $59.99" -> 5999; raises PageError where there is none."""
    prices = PRICE.findall(text)
    if not prices:
        raise PageError(f"{one_line(text)!r} holds no price.")
    dollars, cents = prices[-1]
    return int(dollars.replace(",", "")) * 100 + int(cents)


def parse_listing_page(html: str, url: str) -> ListingPage:
    """The products of one listing page and the page behind it; raises PageError for a page that broke off."""
    require_whole(html)
    # Menus and filters are a third of the page and stand before the products. A page has 180 tiles, so that lxml's own
    # tree is worth it: several times quicker than one that is wrapped.
    page = document_fromstring(html[max(0, html.find('id="endeca_search_results"')) :] or "<html/>")
    listings: list[Listing] = []
    unreadable: list[str] = []
    for tile in page.iterfind(".//a[@href]"):
        if not SKU.search(tile.get("href", "")) or tile.find(".//img") is None:
            continue  # a second link to the same product, such as "Reviews", or to something else
        try:
            listings.append(_read_tile(tile, url))
        except (PageError, ListingError) as error:
            unreadable.append(f"A product on {url} cannot be read: {error}")
    following = [absolute_url(url, link.get("href")) for link in page.find_class("next") if link.get("href")]
    return ListingPage(tuple(listings), (), tuple(dict.fromkeys(filter(None, following))), tuple(unreadable))


def parse_product(html: str, url: str) -> Listing:
    """Never needed: Foot Locker's listing pages tell everything."""
    raise PageError("Foot Locker's product pages are not read; its listing pages tell everything.")


def _read_tile(tile: HtmlElement, page_url: str) -> Listing:
    """One product; raises PageError naming the part that is missing."""
    sku = SKU.search(tile.get("href", ""))
    title, price = (next(iter(tile.find_class(name)), None) for name in ("product_title", "product_price"))
    picture = next((image for image in tile.iterfind(".//img[@src]") if "/pi/" in image.get("src")), None)
    if sku is None or title is None or price is None or picture is None:
        parts_of = {"SKU": sku, "title": title, "price": price, "picture": picture}
        raise PageError(f"It has no {' and no '.join(name for name, part in parts_of.items() if part is None)}.")
    words = title.text_content()
    parts = read_title(words)
    return Listing(
        site="footlocker",
        style_code=sku.group(1),
        url=absolute_url(page_url, tile.get("href")),
        brand=parts.brand,
        name=parts.name,
        colorway=_colorway(picture.get("alt", ""), words),
        gender=parts.gender,
        audience=parts.audience,
        price_cents=read_price_cents(" ".join(price.itertext())),
        currency="USD",
        images=(ListingImage(absolute_url(page_url, picture.get("src"))),),
    )


def _colorway(alt: str, title: str) -> str:
    """The colours at the end of a picture's alt text, "" where it names none (or only a player)."""
    rest = one_line(alt).removeprefix(one_line(title))
    last = rest.rpartition("- ")[2]
    return last if "/" in last else ""


FOOT_LOCKER = Site(
    name="footlocker",
    start_urls=tuple(url for urls in DEPARTMENTS.values() for url in urls),
    delay_s=1.0,
    parse_listing_page=parse_listing_page,
    parse_product=parse_product,
    title="Foot Locker",
    home="https://www.footlocker.com/",
    terms="https://www.footlocker.com/help/terms-of-use.html",
    matches="20 saved pages of March 2018; the shop of today has another face",
    departments=DEPARTMENTS,
)
