"""Intake: listings become products. Taking the same listings in twice changes nothing.

Listings are taken in chunks. The pictures of a chunk are decoded and stored first; then one short transaction writes
its rows. A process that dies in between leaves pictures that nobody speaks of yet, never a row without its file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from scraper.listing import Listing
from webapp.catalogue.incoming import Incoming
from webapp.catalogue.models import KNOWN_MODELS, MERGED
from webapp.catalogue.picture_taking import PictureTaking, Taken
from webapp.catalogue.pictures import Decode
from webapp.catalogue.plausible import Totals
from webapp.catalogue.upsert import Written, write
from webapp.database import now
from webapp.image_store import ImageStore
from webapp.recognition import current_recognition

CHUNK = 100
SENTENCES_KEPT = 50
_LENGTHS = {
    "site": 60,
    "style_code": 120,
    "brand": 120,
    "name": 300,
    "colorway": 200,
    "category": 60,
    "currency": 3,
    "url": 2000,
}
_DEAREST_CENTS = 100_000_000


@dataclass
class Intake:
    """What came of taking listings in. `errors` counts listings not taken and pictures refused; the first reasons are
    in `sentences`. `seen` counts the listings that can be products, `present` how many of them have each field."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    seen: int = 0
    pictures_tried: int = 0
    pictures_valid: int = 0
    present: Counter[str] = field(default_factory=Counter)
    product_ids: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many listings are products now."""
        return self.new + self.changed + self.unchanged

    @property
    def coverage(self) -> dict[str, float]:
        """The share of the listings that have a field, by its name; rounded down: 94.996 % is not 95 %."""
        return {name: 10_000 * self.present[name] // self.seen / 10_000 for name in FIELDS} if self.seen else {}

    @property
    def totals(self) -> Totals:
        """The numbers that say whether it is plausible."""
        return Totals(self.seen, self.coverage, self.pictures_tried, self.pictures_valid)

    def count(self, written: Written) -> None:
        """Add what one chunk came to."""
        self.new += written.new
        self.changed += written.changed
        self.unchanged += written.unchanged
        self.product_ids += written.product_ids

    def admit(self, one: Incoming, taken: Taken) -> None:
        """Count a listing that can be a product."""
        self.seen += 1
        self.pictures_tried += taken.tried
        self.pictures_valid += taken.valid
        says = {**one.facts, "price": one.price_cents is not None, "picture": one.pictures}
        self.present.update(name for name in FIELDS if says[name])

    def refuse(self, listing: Listing, sentence: str) -> None:
        """Count something that was left out, and why."""
        self.errors += 1
        if len(self.sentences) < SENTENCES_KEPT:
            self.sentences.append(f"{listing.site} {listing.style_code}: {sentence}")

    def counts(self) -> dict[str, int]:
        """The numbers, by their names in the API."""
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged, "errors": self.errors}


FIELDS = ("brand", "name", "price", "picture", "colorway", "category")
"""What a listing may say; every listing has a gender."""


def take_in(
    listings: Iterable[Listing],
    folder: Path,
    store: ImageStore,
    *,
    seen_at: datetime | None = None,
    chunk: int = CHUNK,
    progress: Callable[[Intake], None] | None = None,
    run_id: int | None = None,
    decode: Decode | None = None,
) -> Intake:
    """Make products of `listings`, whose picture files lie below `folder`; `progress` is called after each chunk.

    `seen_at` is when the shop was read (now, if not given). A listing that cannot be a product, and a picture that
    cannot be read, are left out and counted; a listing is taken without the pictures that were refused. Pictures that
    a product has already are replaced only by a whole set, so that one bad download loses nothing. Nothing is asked
    about the whole being plausible: shops are read by runs (`staging.py`), which are.
    """
    intake, seen_at = Intake(), seen_at or now()
    for admitted in admit(listings, folder, store, intake, chunk=chunk, decode=decode):
        intake.count(write(admitted, seen_at, run_id))
        if progress is not None:
            progress(intake)
    return intake


def admit(
    listings: Iterable[Listing],
    folder: Path,
    store: ImageStore,
    intake: Intake,
    *,
    chunk: int = CHUNK,
    decode: Decode | None = None,
) -> Iterator[list[Incoming]]:
    """The listings that can be products, in chunks, their pictures stored; the others are counted in `intake`."""
    taking = PictureTaking(folder, store, decode or current_recognition().decode)
    remaining = iter(listings)
    while batch := list(islice(remaining, chunk)):
        usable = {(listing.site, listing.style_code): listing for listing in batch if _is_usable(listing, intake)}
        admitted = []
        for listing, taken in zip(usable.values(), taking.take(list(usable.values())), strict=True):
            for sentence in taken.refused:
                intake.refuse(listing, f"a picture is left out: {sentence}")
            one = Incoming.of_listing(listing, taken.pictures, taken.is_whole)
            intake.admit(one, taken)
            admitted.append(one)
        yield admitted


def _is_usable(listing: Listing, intake: Intake) -> bool:
    """Whether a listing can be a product; the reason why not is counted."""
    sentence = ""
    for name, longest in _LENGTHS.items():
        if len(getattr(listing, name)) > longest:
            sentence = f"its {name} is longer than {longest} characters"
    if not listing.url.startswith(("http://", "https://")):
        sentence = "its url is not a web address"
    if listing.price_cents is not None and listing.price_cents > _DEAREST_CENTS:
        sentence = f"its price of {listing.price_cents} cents cannot be right"
    if listing.site in (KNOWN_MODELS, MERGED):
        sentence = f"no shop may be named {listing.site}"
    if sentence:
        intake.refuse(listing, sentence)
    return not sentence
