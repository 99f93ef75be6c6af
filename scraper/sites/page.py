"""What a shop's parser takes and gives. Parsers are pure: HTML in, listings and links out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from scraper.listing import Listing


class PageError(ValueError):
    """A page that the parser cannot read. The message is a sentence that says what is missing on it."""


@dataclass(frozen=True)
class ListingPage:
    """What one listing page shows, in the shop's order; all URLs are absolute and without fragment.

    `listings` are products that the page itself tells everything about; `product_links` lead to products that
    have to be read from their own pages; `unreadable` says in a sentence each which products could not be read.
    `total` is how many products the shop says there are on this page and those behind it.
    """

    listings: tuple[Listing, ...] = ()
    product_links: tuple[str, ...] = ()
    next_pages: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class Site:
    """One shop: where to start, how long to wait between requests, and how to read its pages.

    `parse_listing_page(html, url)` and `parse_product(html, url)` raise PageError; `delay_s` holds where the
    shop's robots.txt asks for no other.
    """

    name: str
    start_urls: tuple[str, ...]
    delay_s: float
    parse_listing_page: Callable[[str, str], ListingPage]
    parse_product: Callable[[str, str], Listing]


def require_whole(html: str) -> None:
    """Raise PageError for an empty page and for one that was cut off before `</html>`.

    A parser would silently read half of the products of such a page.
    """
    if not html.strip():
        raise PageError("The page is empty.")
    if "</html>" not in html[-1000:].lower():
        raise PageError("The page breaks off before its end (there is no </html>).")


def absolute_url(page_url: str, link: object) -> str:
    """Where a link on a page leads, without fragment; "" for one that leads nowhere, such as "http://[".

    `link` is an attribute as the HTML parser gives it.
    """
    try:
        return urldefrag(urljoin(page_url, str(link or "").strip())).url
    except ValueError:
        return ""
