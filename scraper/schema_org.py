"""What we want to know of a schema.org Product, however the page wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bs4 import BeautifulSoup

from scraper.genders import read_gender
from scraper.json_ld import Thing, text_of, things_of_type
from scraper.links import absolute_url
from scraper.listing import ListingImage
from scraper.microdata import microdata_of_type
from scraper.open_graph import open_graph_product
from scraper.prices import read_cents

KINDS = ("Product", "ProductGroup")
CODES = ("mpn", "sku", "productID", "productGroupID", "gtin13", "gtin", "gtin12")  # the maker's own code comes first
LIST_PRICE = re.compile(r"(?:List|Strikethrough|MSRP|SRP|Regular)(?:Price)?$", re.IGNORECASE)


def products_on(soup: BeautifulSoup) -> list[Thing]:
    """The products that a page describes in JSON-LD, else those in microdata; the only one's gaps are filled from
    microdata and Open Graph. What several scripts say of one name is one product: a shop's theme tells its price, and
    its reviews tell their stars apart from that."""
    linked = _joined(thing for kind in KINDS for thing in things_of_type(soup, kind))
    marked = _joined(microdata_of_type(soup, "Product"))
    graph = open_graph_product(soup)
    products = linked or marked or ([graph] if graph else [])
    if len(products) != 1:
        return products
    whole = dict(products[0])
    for other in (*marked[:1], *([graph] if graph else [])):
        _fill(whole, other)
    return [whole]


def _joined(things: Iterable[Thing]) -> list[Thing]:
    """One for each name, in their order; those without a name are left out."""
    joined: dict[str, Thing] = {}
    for thing in things:
        if name := text_of(thing, "name"):
            _fill(joined.setdefault(name.casefold(), {}), thing)
    return list(joined.values())


def _fill(whole: Thing, other: Thing) -> None:
    """Take over what only the other one says."""
    whole |= {name: value for name, value in other.items() if value and not whole.get(name)}


def price_of(product: Thing) -> tuple[int | None, str]:
    """Price in cents and currency of the first offer that has one; None where there is no price. A price that is struck
    through, or only the maker's, is none."""
    currency = ""
    for offer in offers_of(product):
        if LIST_PRICE.search(text_of(offer, "priceType")):
            continue
        stated = next((text_of(offer, name) for name in ("price", "lowPrice") if text_of(offer, name)), "")
        currency = currency or text_of(offer, "priceCurrency").upper()
        cents = read_cents(stated)
        if cents is not None:
            return cents, text_of(offer, "priceCurrency").upper() or currency or "USD"
    return None, currency or "USD"


def offers_of(product: Thing) -> Iterator[Thing]:
    """The offers of a product, those within an AggregateOffer and those of its variants; each before what is in it."""
    for offer in _things(product.get("offers")):
        yield offer
        yield from _things(offer.get("priceSpecification"))
        yield from _things(offer.get("offers"))
    for variant in _things(product.get("hasVariant")):
        yield from _things(variant.get("offers"))


def code_of(product: Thing) -> str:
    """The style code: the maker's where the page tells it, else the shop's; "" where there is neither."""
    holders = (product, *_things(product.get("offers")), *_things(product.get("hasVariant")))
    return next((code for holder in holders for code in (text_of(holder, name) for name in CODES) if code), "")


def gender_of(product: Thing) -> tuple[str, str]:
    """`Listing.gender` and `Listing.audience`."""
    audiences = list(_things(product.get("audience"))) or [product]
    said = [
        text_of(one, name) for one in audiences for name in ("suggestedGender", "ageGroup", "audienceType", "gender")
    ]
    return read_gender(*said)


def pictures_of(product: Thing, url: str) -> tuple[ListingImage, ...]:
    """The pictures of a product, each once; `url` is the page's."""
    listed = product.get("image")
    sources = [_source(one) for one in (listed if isinstance(listed, list) else [listed])]
    absolute = [absolute_url(url, source) for source in sources if source]
    return tuple(ListingImage(source) for source in dict.fromkeys(absolute) if source)


def _source(picture: object) -> str:
    if isinstance(picture, dict):
        picture = next((picture[name] for name in ("contentUrl", "url", "@id") if picture.get(name)), "")
    return picture.strip() if isinstance(picture, str) else ""


def _things(value: object) -> Iterator[Thing]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one
