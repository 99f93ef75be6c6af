"""The demo shop: listing pages with links, product pages with JSON-LD and a series of pictures around the shoe.

Matches the demo shop itself (`demo/shop.py`), since both were written in 2026: the tests read it whole, so the
two cannot drift apart.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, SoupStrainer, Tag

from scraper.json_ld import Thing, text_of, things_of_type
from scraper.listing import Listing, ListingImage
from scraper.schema_org import gender_of, pictures_of, price_of
from scraper.sites.page import ListingPage, PageError, Site, absolute_url, require_whole


def parse_listing_page(html: str, url: str) -> ListingPage:
    """The products that a listing page links to, and the listing pages behind it."""
    require_whole(html)
    soup = BeautifulSoup(html, "lxml", parse_only=SoupStrainer(["a", "link", "p"]))
    links = soup.find_all(["a", "link"], href=True)
    products = [absolute_url(url, link["href"]) for link in links if "/product/" in str(link["href"])]
    following = [absolute_url(url, link["href"]) for link in links if "next" in link.get_attribute_list("rel")]
    counted = soup.select_one("p[data-total]")
    total = str(counted["data-total"]) if counted else ""
    return ListingPage(
        product_links=tuple(dict.fromkeys(filter(None, products))),
        next_pages=tuple(dict.fromkeys(filter(None, following))),
        total=int(total) if re.fullmatch(r"[0-9]{1,6}", total, re.ASCII) else 0,
    )


def parse_product(html: str, url: str) -> Listing:
    """The shoe of a product page; PageError names what is missing."""
    require_whole(html)
    soup = BeautifulSoup(html, "lxml")
    product = next(things_of_type(soup, "Product"), None)
    if product is None:
        raise PageError("There is no product in its JSON-LD.")
    needed = {"sku": text_of(product, "sku"), "brand": text_of(product, "brand"), "name": text_of(product, "name")}
    missing = [name for name, text in needed.items() if not text]
    if missing:
        raise PageError(f"Its JSON-LD has no {' and no '.join(missing)}.")
    price_cents, currency = price_of(product)
    gender, audience = gender_of(product)
    return Listing(
        site="demo",
        style_code=needed["sku"],
        url=url,
        brand=needed["brand"],
        name=needed["name"],
        colorway=text_of(product, "color"),
        gender=gender,
        audience=audience,
        category=text_of(product, "category"),
        price_cents=price_cents,
        currency=currency,
        images=_images(soup, product, url),
    )


def _images(soup: BeautifulSoup, product: Thing, url: str) -> tuple[ListingImage, ...]:
    """The pictures around the shoe by their angle, else those of the JSON-LD."""
    frames = [_frame(frame, url) for frame in soup.select("[data-angle]")]
    around = {image.url: image for image in frames if image is not None}
    if around:
        return tuple(around.values())
    return pictures_of(product, url)


def _frame(frame: Tag, url: str) -> ListingImage | None:
    link = frame.get("data-src") or frame.get("src") or frame.get("href")
    source = absolute_url(url, link) if link else ""
    angle = str(frame["data-angle"])
    if not source or not (angle.isascii() and angle.isdigit()):
        return None
    return ListingImage(source, angle_deg=int(angle[:6]) % 360)


DEMO = Site(
    name="demo",
    start_urls=("http://127.0.0.1:8100/",),
    delay_s=0.1,
    parse_listing_page=parse_listing_page,
    parse_product=parse_product,
    title="Demo shop",
    home="http://127.0.0.1:8100/",
    matches="the demo shop that comes with us",
    is_ours=True,
)
