"""Any shop whose pages say what they sell in schema.org's words: JSON-LD, microdata or Open Graph.

Matches saved pages: those of `product_pages` (microdata and Open Graph of real shops, 2017 to 2021, and the broken
JSON-LD of others), tested since November 2026. Whoever adds such a shop gives the pages to start at: listing pages, or
the products' own.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from scraper.json_ld import Thing, text_of, things_of_type
from scraper.listing import Listing
from scraper.microdata import microdata_of_type
from scraper.page_text import one_line
from scraper.schema_org import code_of, gender_of, pictures_of, price_of, products_on
from scraper.sites.page import ListingPage, PageError, Site, absolute_url, require_words, without_brand

# How shop programs address a product (Shopify, WooCommerce, Magento, Salesforce and others), where a listing page does
# not name its products in schema.org's words.
PRODUCT_PATH = re.compile(r"/(?:products?|p|pd|pdp|dp|item|sku)/[^/]|-p-?\d{3,}\b")
PRODUCT_FILE = re.compile(r"\d{4}")


def parse_listing_page(html: str, url: str) -> ListingPage:
    """The products that a page shows or links to, and the page behind it. A product's own page is a list of one."""
    require_words(html)  # not every shop writes </html>
    soup = BeautifulSoup(html, "lxml")
    following = [
        absolute_url(url, link["href"]) for link in soup.select('a[rel~="next"][href], link[rel~="next"][href]')
    ]
    links = [absolute_url(url, link) for link in (*_linked_by_lists(soup), *_linked_by_things(soup))]
    if not links:
        products = products_on(soup)
        if len(products) == 1:
            return ListingPage(listings=(_listing(products[0], url),))
        links = [absolute_url(url, link["href"]) for link in soup.find_all("a", href=_is_of_a_product)]
    others = (link for link in links if link and link != url)
    return ListingPage(
        product_links=tuple(dict.fromkeys(others)), next_pages=tuple(dict.fromkeys(filter(None, following)))
    )


def parse_product(html: str, url: str) -> Listing:
    """The first product that a page describes; PageError names what is missing."""
    require_words(html)  # not every shop writes </html>
    products = products_on(BeautifulSoup(html, "lxml"))
    if not products:
        raise PageError("It describes no product, neither in JSON-LD nor in microdata nor in Open Graph.")
    return _listing(products[0], url)


def _listing(product: Thing, url: str) -> Listing:
    brand = text_of(product, "brand") or text_of(product, "manufacturer")
    name = text_of(product, "name")
    missing = [word for word, text in (("brand", brand), ("name", name)) if not text]
    if missing:
        raise PageError(f"The product that it describes has no {' and no '.join(missing)}.")
    price_cents, currency = price_of(product)
    gender, audience = gender_of(product)
    return Listing(
        site="generic",
        style_code=code_of(product) or _slug(url),
        url=url,
        brand=brand,
        name=without_brand(name, brand),
        colorway=text_of(product, "color"),
        gender=gender,
        audience=audience,
        category=text_of(product, "category"),
        price_cents=price_cents,
        currency=currency if re.fullmatch("[A-Z]{3}", currency) else "USD",
        images=pictures_of(product, url),
    )


def _is_of_a_product(link: str | None) -> bool:
    """Whether a link looks like a product's: "/products/dart-low", "/dart-low-12345.html"."""
    path = re.split("[?#]", link or "", maxsplit=1)[0]
    file = path.rpartition("/")[2]
    return PRODUCT_PATH.search(path) is not None or (
        path != file and file.endswith((".html", ".htm")) and PRODUCT_FILE.search(file) is not None
    )


def _slug(url: str) -> str:
    """The last part of a page's path, for a shop that tells no code."""
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    return one_line(parts[-1])[:100] if parts else url[:100]


def _linked_by_lists(soup: BeautifulSoup) -> list[str]:
    """Links of schema.org's ItemList."""
    entries = [
        entry for listed in things_of_type(soup, "ItemList") for entry in _as_list(listed.get("itemListElement"))
    ]
    things = [
        entry.get("item") if isinstance(entry.get("item"), dict) else entry
        for entry in entries
        if isinstance(entry, dict)
    ]
    return [link for link in (text_of(thing, "url") or text_of(thing, "item") for thing in things if thing) if link]


def _linked_by_things(soup: BeautifulSoup) -> list[str]:
    """Links of several products in microdata; a single one is what the page is about."""
    links = [text_of(thing, "url") for thing in microdata_of_type(soup, "Product", with_parts=True)]
    return [link for link in links if link] if len(links) > 1 else []


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


GENERIC = Site(
    name="generic",
    start_urls=(),
    delay_s=2.0,
    parse_listing_page=parse_listing_page,
    parse_product=parse_product,
    title="Any shop with schema.org facts",
    matches="saved product pages of several shops; tested since November 2026",
)
