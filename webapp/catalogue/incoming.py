"""A listing on its way into the catalogue: its words made columns, its pictures in the image store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row

from scraper.listing import Listing
from webapp.catalogue.labels import label_of
from webapp.catalogue.pictures import TakenPicture
from webapp.catalogue.style_keys import style_key

FACTS = ("brand", "name", "label", "colorway", "gender", "category")
"""What a shop says about a shoe, by column of `products`. The first offer of a product gives it these."""


@dataclass(frozen=True)
class Placed:
    """A picture of a listing, and how the shoe is turned on it."""

    picture: TakenPicture
    angle_deg: int | None

    def kept(self) -> list[Any]:
        """As it is kept in JSON."""
        picture = self.picture
        return [picture.sha256, picture.suffix, picture.width, picture.height, self.angle_deg]

    @classmethod
    def of(cls, kept: list[Any]) -> Placed:
        """From JSON."""
        return cls(TakenPicture(*kept[:4]), kept[4])


@dataclass(frozen=True)
class Incoming:
    """What a shop says about one shoe. `is_whole` if there are pictures and none was refused or missing."""

    site: str
    style_code: str
    url: str
    price_cents: int | None
    currency: str
    facts: dict[str, str]
    pictures: tuple[Placed, ...]
    is_whole: bool
    known_digest: str = ""

    @classmethod
    def of_listing(cls, listing: Listing, pictures: tuple[Placed, ...], is_whole: bool) -> Incoming:
        """A listing with the pictures that were taken of it."""
        facts = {
            "brand": listing.brand.strip(),
            "name": listing.name.strip(),
            "label": label_of(listing.brand, listing.name),
            "colorway": listing.colorway.strip(),
            "gender": listing.gender,
            "category": listing.category.strip().lower(),
        }
        return cls(
            site=listing.site,
            style_code=listing.style_code,
            url=listing.url,
            price_cents=listing.price_cents,
            currency=listing.currency.upper(),
            facts=facts,
            pictures=pictures,
            is_whole=is_whole,
        )

    @classmethod
    def of_staged(cls, site: str, staged: Row[Any]) -> Incoming:
        """A listing that a run has staged: a row of StagedListing's columns."""
        return cls(
            site=site,
            style_code=staged.style_code,
            url=staged.url,
            price_cents=staged.price_cents,
            currency=staged.currency,
            facts=staged.facts,
            pictures=tuple(Placed.of(kept) for kept in staged.pictures),
            is_whole=staged.is_whole,
            known_digest=staged.digest,
        )

    @cached_property
    def digest(self) -> str:
        """Stands for all of it: the same digest, nothing to do. One that is not whole always has to be looked at."""
        if self.known_digest:
            return self.known_digest
        pictures = [placed.kept() for placed in self.pictures]
        told = json.dumps([self.facts, self.url, self.price_cents, self.currency, pictures, self.is_whole])
        return hashlib.sha256(told.encode()).hexdigest()[:40]

    @property
    def style_key(self) -> str:
        """The style code in the spelling that shops share; empty where it has none."""
        return style_key(self.style_code)
