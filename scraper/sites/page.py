"""What a shop's parser takes and gives. Parsers are pure: HTML in, listings and links out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scraper.links import absolute_url, with_query
from scraper.listing import Listing

__all__ = [
    "ListingPage",
    "PageError",
    "Site",
    "absolute_url",
    "require_whole",
    "require_words",
    "with_query",
    "without_brand",
]


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
    """One shop: where to start, how long to wait between requests, how to read its pages, and facts about it.

    `parse_listing_page(html, url)` and `parse_product(html, url)` raise PageError; `delay_s` holds where the
    shop's robots.txt asks for no other. `title` is what people call the shop, `home` and `terms` are the addresses of
    its home page and terms of use ("" where there are none), `matches` says which pages the parsers are known to
    match, and since when. `departments` are the start URLs by whom they are for. `is_ours` marks a shop of our own,
    for which nobody has to give leave.
    """

    name: str
    start_urls: tuple[str, ...]
    delay_s: float
    parse_listing_page: Callable[[str, str], ListingPage]
    parse_product: Callable[[str, str], Listing]
    title: str = ""
    home: str = ""
    terms: str = ""
    matches: str = ""
    departments: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    is_ours: bool = False

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name)

    def as_facts(self) -> dict[str, Any]:
        """What the admin's page tells about the shop, ready for JSON."""
        facts = {
            name: getattr(self, name) for name in ("name", "title", "home", "terms", "matches", "delay_s", "is_ours")
        }
        departments = {who: list(urls) for who, urls in self.departments.items()}
        return facts | {"start_urls": list(self.start_urls), "departments": departments}


def require_words(html: str) -> None:
    """Raise PageError for an empty page."""
    if not html.strip():
        raise PageError("The page is empty.")


def require_whole(html: str) -> None:
    """Raise PageError for an empty page and for one that was cut off before `</html>`.

    A parser would silently read half of the products of such a page.
    """
    require_words(html)
    if "</html>" not in html[-1000:].lower():
        raise PageError("The page breaks off before its end (there is no </html>).")


def without_brand(name: str, brand: str) -> str:
    """("Nike Dunk Low", "Nike") -> "Dunk Low"; a name that is nothing but the brand stays."""
    rest = name[len(brand) :].lstrip(" -–") if name.lower().startswith(f"{brand.lower()} ") else name
    return rest or name
