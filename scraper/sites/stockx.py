"""StockX: product pages with the maker's style code and the shoe turned once around in 36 pictures.

Hand-written pages only: no page of the shop was saved. They follow what a page hands to its own script in
`<script id="__NEXT_DATA__">`: somewhere in it an object with `urlKey`, `styleId`, `traits` and
`media.all360Images` (.../Lv2/img01.jpg to img36.jpg, ten degrees apart), as public copies of it show since 2022. The
shop keeps machines out with captchas; the crawl then ends and says so.
"""

from __future__ import annotations

import re

from scraper.genders import read_gender
from scraper.json_ld import Thing, count_of, text_of
from scraper.listing import Listing, ListingImage
from scraper.prices import read_cents
from scraper.sites.page import ListingPage, PageError, Site, absolute_url, require_whole, with_query, without_brand
from scraper.sites.script_state import state_after, things_in

HOME = "https://stockx.com/"
STATE = re.compile(r'\bid="__NEXT_DATA__"[^>]{0,300}>\s*')
FRAME = re.compile(r"/img(\d{2})\.(?:jpg|png|webp)", re.IGNORECASE)
FRAMES = 36
DEPARTMENTS = {who: (f"{HOME}category/sneakers?gender={who}",) for who in ("men", "women", "kids")}


def parse_listing_page(html: str, url: str) -> ListingPage:
    """The products that a page of the catalogue links to, and the page behind it."""
    require_whole(html)
    things = list(things_in(state_after(STATE, html)))
    keys = [text_of(thing, "urlKey") for thing in things if "title" in thing or "name" in thing]
    links = (absolute_url(url, f"/{key}") for key in keys if key)
    paging = next((thing for thing in things if "pageCount" in thing and "page" in thing), {})
    page = count_of(paging, "page")
    return ListingPage(
        product_links=tuple(dict.fromkeys(links)),
        next_pages=(with_query(url, "page", page + 1),) if 0 < page < count_of(paging, "pageCount") else (),
        total=count_of(paging, "total"),
    )


def parse_product(html: str, url: str) -> Listing:
    """The shoe of a product page; PageError names what is missing."""
    require_whole(html)
    things = things_in(state_after(STATE, html))
    product = next((one for one in things if one.get("urlKey") and one.get("media") and "traits" in one), None)
    if product is None:
        raise PageError("Its __NEXT_DATA__ holds no product.")
    listed = product["traits"] if isinstance(product["traits"], list) else []
    traits = {text_of(one, "name"): text_of(one, "value") for one in listed if isinstance(one, dict)}
    needed = {
        "style code": text_of(product, "styleId") or traits.get("Style", ""),
        "brand": text_of(product, "brand"),
        "title": text_of(product, "title"),
    }
    missing = [name for name, text in needed.items() if not text]
    if missing:
        raise PageError(f"Its product has no {' and no '.join(missing)}.")
    gender, audience = read_gender(text_of(product, "gender"))
    return Listing(
        site="stockx",
        style_code=needed["style code"],
        url=url,
        brand=needed["brand"],
        name=without_brand(needed["title"], needed["brand"]),
        colorway=traits.get("Colorway", ""),
        gender=gender,
        audience=audience,
        category=text_of(product, "productCategory"),
        price_cents=_price(product, traits),
        currency="USD",
        images=_images(product["media"], url),
    )


def _price(product: Thing, traits: dict[str, str]) -> int | None:
    """What the shoe is offered for now, else what it cost when it was new."""
    market = next((one for one in things_in(product.get("market")) if one.get("lowestAsk") is not None), {})
    ask = market.get("lowestAsk")
    now = text_of(ask, "amount") if isinstance(ask, dict) else text_of(market, "lowestAsk")
    return read_cents(now) or read_cents(traits.get("Retail Price", ""))


def _images(media: object, url: str) -> tuple[ListingImage, ...]:
    """The frames around the shoe with their angles; without them, the shop's other pictures."""
    pictures = media if isinstance(media, dict) else {}
    around = [_frame(absolute_url(url, link)) for link in _links(pictures.get("all360Images"))]
    frames = {frame.url: frame for frame in around if frame is not None}
    if frames:
        return tuple(frames.values())
    others = [*_links(pictures.get("gallery")), *_links(pictures.get("imageUrl"))]
    return tuple(ListingImage(source) for source in dict.fromkeys(absolute_url(url, link) for link in others) if source)


def _frame(source: str) -> ListingImage | None:
    """Frame number 1 shows the shoe at 0 degrees."""
    number = FRAME.search(source)
    if number is None or not 1 <= int(number.group(1)) <= FRAMES:
        return None
    return ListingImage(source, angle_deg=(int(number.group(1)) - 1) * 360 // FRAMES)


def _links(value: object) -> list[str]:
    return [link for link in (value if isinstance(value, list) else [value]) if isinstance(link, str) and link]


STOCKX = Site(
    name="stockx",
    start_urls=tuple(url for urls in DEPARTMENTS.values() for url in urls),
    delay_s=3.0,
    parse_listing_page=parse_listing_page,
    parse_product=parse_product,
    title="StockX",
    home=HOME,
    terms="https://stockx.com/terms",
    matches="hand-written pages after public descriptions since 2022; never checked on saved pages",
    departments=DEPARTMENTS,
)
