"""Zappos: listing pages for men, women, boys and girls, a hundred shoes a page, one for each colour.

Hand-written pages only: no page of the shop was saved. They follow what a listing page hands to its own script,
`window.__INITIAL_STATE__ = {"products": {"list": [...], "totalProductCount": n, "productLimit": 100}}`, as public
descriptions of the shop give it in 2026. The class names in the markup change several times a day, so they are not
used. Pages are numbered from 0 in the query, `?p=1` is the second. The shop tells no maker's code: a style code here is
"zappos-<product>-<colour>", so that it is never taken for another shop's.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from scraper.genders import read_gender
from scraper.json_ld import Thing, count_of, text_of
from scraper.listing import Listing, ListingError, ListingImage
from scraper.prices import read_cents
from scraper.sites.page import ListingPage, PageError, Site, absolute_url, require_whole, with_query, without_brand
from scraper.sites.script_state import state_after

HOME = "https://www.zappos.com/"
STATE = re.compile(r"window\.__INITIAL_STATE__\s*=\s*")
PICTURE = "https://m.media-amazon.com/images/I/{}._AC_SR736,920_.jpg"
DEPARTMENTS = {
    "men": (f"{HOME}men-sneakers-athletic-shoes/CK_XARC81wHAAQLiAgMBAhg.zso",),
    "women": (f"{HOME}women-sneakers-athletic-shoes/CK_XARC81wHAAQHiAgMBAhg.zso",),
    "boys": (f"{HOME}boys-sneakers-athletic-shoes/CK_XARC81wHAAQTiAgMBAhg.zso",),
    "girls": (f"{HOME}girls-sneakers-athletic-shoes/CK_XARC81wHAAQPiAgMBAhg.zso",),
}


def parse_listing_page(html: str, url: str) -> ListingPage:
    """The shoes of one page and the page behind it; PageError for a page that broke off or tells nothing."""
    require_whole(html)
    products = state_after(STATE, html).get("products")
    if not isinstance(products, dict) or not isinstance(products.get("list"), list):
        raise PageError("It holds no list of products in its __INITIAL_STATE__.")
    listings: list[Listing] = []
    unreadable: list[str] = []
    for tile in products["list"]:
        try:
            listings.append(_read_tile(tile if isinstance(tile, dict) else {}, url))
        except (PageError, ListingError) as error:
            unreadable.append(f"A product on {url} cannot be read: {error}")
    total, per_page = count_of(products, "totalProductCount"), count_of(products, "productLimit") or 100
    following = _page_behind(url, -(-total // per_page)) if products["list"] else ()
    return ListingPage(tuple(listings), (), following, tuple(unreadable), total)


def parse_product(html: str, url: str) -> Listing:
    """Never needed: Zappos' listing pages tell everything."""
    raise PageError("Zappos' product pages are not read; its listing pages tell everything.")


def _read_tile(tile: Thing, page_url: str) -> Listing:
    """One shoe in one colour; PageError names what is missing."""
    needed = {name: text_of(tile, name) for name in ("productId", "brandName", "productName")}
    missing = [name for name, text in needed.items() if not text]
    if missing:
        raise PageError(f"It has no {' and no '.join(missing)}.")
    said = tile.get("txAttrFacet_Gender")
    gender, audience = read_gender(*(map(str, said) if isinstance(said, list) else [str(said or "")]))
    if gender == "unisex" and not said:
        gender, audience = read_gender(urlsplit(page_url).path.strip("/").partition("-")[0])
    link = text_of(tile, "productUrl") or text_of(tile, "productSeoUrl") or f"/product/{needed['productId']}"
    picture = text_of(tile, "msaImageId")
    source = PICTURE.format(picture) if picture else absolute_url(page_url, text_of(tile, "thumbnailImageUrl"))
    return Listing(
        site="zappos",
        style_code=f"zappos-{needed['productId']}-{text_of(tile, 'colorId') or text_of(tile, 'styleId')}".rstrip("-"),
        url=absolute_url(page_url, link),
        brand=needed["brandName"],
        name=without_brand(needed["productName"], needed["brandName"]),
        colorway=text_of(tile, "color"),
        gender=gender,
        audience=audience,
        category=text_of(tile, "productType"),
        price_cents=read_cents(text_of(tile, "price")),
        currency="USD",
        images=(ListingImage(source),) if source and source != page_url else (),
    )


def _page_behind(url: str, pages: int) -> tuple[str, ...]:
    """The URL of the next page, if there is one."""
    number = dict(parse_qsl(urlsplit(url).query)).get("p", "0")
    following = int(number[:6]) + 1 if number.isascii() and number.isdigit() else 1
    return (with_query(url, "p", following),) if following < pages else ()


ZAPPOS = Site(
    name="zappos",
    start_urls=tuple(url for urls in DEPARTMENTS.values() for url in urls),
    delay_s=3.0,
    parse_listing_page=parse_listing_page,
    parse_product=parse_product,
    title="Zappos",
    home=HOME,
    terms="https://www.zappos.com/c/terms-of-use",
    matches="hand-written pages after public descriptions of 2026; never checked on saved pages",
    departments=DEPARTMENTS,
)
