"""Whether a shop may be scraped at all: only once an admin has read its terms and said so, or where it is our own."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from scraper.sites.page import Site


def why_not(site: Site, start_urls: Sequence[str], confirmed: bool) -> str:
    """Why `site` may not be read from `start_urls`, in a sentence; "" where it may.

    Nobody has to confirm our own shop, nor a copy of one that is served on this very machine.
    """
    if confirmed or site.is_ours or (start_urls and all(is_here(url) for url in start_urls)):
        return ""
    terms = f" Its terms: {site.terms}" if site.terms else ""
    return f"Nobody has confirmed that {site.title} may be scraped; an admin must, after reading its terms.{terms}"


def is_here(url: str) -> bool:
    """Whether a URL plainly names this machine: "localhost" or a loopback address."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
