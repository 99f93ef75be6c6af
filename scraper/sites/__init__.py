"""The shops that we can read, by name. Each is a pair of pure parsers."""

from collections.abc import Mapping
from types import MappingProxyType

from scraper.sites.demo import DEMO
from scraper.sites.footlocker import FOOT_LOCKER
from scraper.sites.generic import GENERIC
from scraper.sites.page import ListingPage, PageError, Site
from scraper.sites.stockx import STOCKX
from scraper.sites.zappos import ZAPPOS

__all__ = ["SITES", "ListingPage", "PageError", "Site"]

SITES: Mapping[str, Site] = MappingProxyType({site.name: site for site in (DEMO, FOOT_LOCKER, GENERIC, STOCKX, ZAPPOS)})
