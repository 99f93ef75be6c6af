"""The listing: what a scraper saw in a shop, not yet a product of ours.

A file of listings is JSON Lines, one listing a line, sorted by nothing but the order in which the shop shows them.
Pictures that were fetched lie in a folder beside the file; `ListingImage.file` is their path relative to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

GENDERS = ("men", "women", "kids", "unisex")
AUDIENCES = ("", "boys", "girls")


class ListingError(ValueError):
    """A line that is not a listing. The message says which line and why."""


@dataclass(frozen=True)
class ListingImage:
    """One picture of a listing: where the shop has it, how the shoe is turned, and where we put it."""

    url: str
    angle_deg: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class Listing:
    """A shoe as one shop shows it. `site` and `style_code` together name it.

    `audience` is the shop's finer word where `gender` is "kids": "boys", "girls", or "" for both.
    """

    site: str
    style_code: str
    url: str
    brand: str
    name: str
    colorway: str = ""
    gender: str = "unisex"
    category: str = ""
    price_cents: int | None = None
    currency: str = "USD"
    images: tuple[ListingImage, ...] = ()
    audience: str = ""

    def __post_init__(self) -> None:
        for field in ("site", "style_code", "url", "brand", "name"):
            if not getattr(self, field).strip():
                raise ListingError(f"a listing needs a {field}")
        if self.gender not in GENDERS:
            raise ListingError(f"gender is {self.gender!r}, expected one of {', '.join(GENDERS)}")
        if self.audience not in AUDIENCES:
            raise ListingError(f"audience is {self.audience!r}, expected one of boys, girls, or nothing")
        if self.price_cents is not None and self.price_cents < 0:
            raise ListingError(f"price_cents is {self.price_cents}, expected 0 or more")
        words = (self.style_code, self.url, self.brand, self.name, self.colorway, self.category)
        try:
            "".join((*words, *(image.url for image in self.images))).encode("utf-8")
        except UnicodeEncodeError:
            raise ListingError("a listing holds half a character, which no file can") from None

    def to_json(self) -> str:
        """This listing as one line of JSON, without the line's end."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, line: str) -> Listing:
        """The listing of one line; raises ListingError where it is none."""
        try:
            fields = json.loads(line)
            images = tuple(ListingImage(**image) for image in fields.pop("images", ()))
            return cls(**fields, images=images)
        except ListingError:
            raise
        except (ValueError, TypeError, AttributeError) as error:
            raise ListingError(f"not a listing: {error}") from error


def read_listings(path: Path) -> Iterator[Listing]:
    """Yield the listings of a file in its order; raises ListingError with the number of the first bad line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield Listing.from_json(line)
            except ListingError as error:
                raise ListingError(f"{path.name}, line {number}: {error}") from error


def write_listings(path: Path, listings: Iterable[Listing]) -> int:
    """Write a file of listings and return how many; `path` changes only once the last one has come.

    Whatever stops `listings` half way leaves the file that was there before.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8") as lines:
            for count, listing in enumerate(listings, start=1):  # noqa: B007
                lines.write(listing.to_json() + "\n")
            lines.flush()
            os.fsync(lines.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
