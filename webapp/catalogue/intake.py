"""Intake: listings become products. Taking the same listings in twice changes nothing.

Listings are taken in chunks. The pictures of a chunk are decoded and stored first; then one short transaction writes
its rows. A process that dies in between leaves pictures that nobody speaks of yet, never a row without its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from scraper.listing import Listing
from webapp.catalogue.models import KNOWN_MODELS, ProductImage
from webapp.catalogue.pictures import PictureRefusedError, TakenPicture, take_picture
from webapp.catalogue.upsert import Key, Pictures, Written, slices, write
from webapp.database import db, now
from webapp.image_store import ImageStore

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
    in `sentences`."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    product_ids: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many listings are products now."""
        return self.new + self.changed + self.unchanged

    def count(self, written: Written) -> None:
        """Add what one chunk came to."""
        self.new += written.new
        self.changed += written.changed
        self.unchanged += written.unchanged
        self.product_ids += written.product_ids

    def refuse(self, listing: Listing, sentence: str) -> None:
        """Count something that was left out, and why."""
        self.errors += 1
        if len(self.sentences) < SENTENCES_KEPT:
            self.sentences.append(f"{listing.site} {listing.style_code}: {sentence}")

    def counts(self) -> dict[str, int]:
        """The numbers, by their names in the API."""
        return {"new": self.new, "changed": self.changed, "unchanged": self.unchanged, "errors": self.errors}


def take_in(
    listings: Iterable[Listing],
    folder: Path,
    store: ImageStore,
    *,
    seen_at: datetime | None = None,
    chunk: int = CHUNK,
    progress: Callable[[Intake], None] | None = None,
) -> Intake:
    """Make products of `listings`, whose picture files lie below `folder`; `progress` is called after each chunk.

    `seen_at` is when the shop was read (now, if not given). A listing that cannot be a product, and a picture that
    cannot be read, are left out and counted; a listing is taken without the pictures that were refused. Pictures that
    a product has already are replaced only by a whole set, so that one bad download loses nothing.
    """
    intake, seen_at = Intake(), seen_at or now()
    remaining = iter(listings)
    while batch := list(islice(remaining, chunk)):
        usable = {(listing.site, listing.style_code): listing for listing in batch if _is_usable(listing, intake)}
        pictures = _take_pictures(usable, folder, store, intake)
        intake.count(write(usable, pictures, seen_at))
        if progress is not None:
            progress(intake)
    return intake


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
    if listing.site == KNOWN_MODELS:
        sentence = f"no shop may be named {KNOWN_MODELS}"
    if sentence:
        intake.refuse(listing, sentence)
    return not sentence


def _take_pictures(
    listings: dict[Key, Listing], folder: Path, store: ImageStore, intake: Intake
) -> dict[Key, Pictures]:
    known = _known_pictures(listings.values())
    return {key: _pictures_of(listing, folder, store, known, intake) for key, listing in listings.items()}


def _pictures_of(
    listing: Listing, folder: Path, store: ImageStore, known: dict[str, TakenPicture], intake: Intake
) -> Pictures:
    taken: dict[str, tuple[TakenPicture, int | None]] = {}
    whole = True
    for image in listing.images:
        if image.file is None:
            whole = False
            continue
        try:
            picture = known.get(Path(image.file).stem) or take_picture(folder, image.file, store)
        except PictureRefusedError as error:
            whole = False
            intake.refuse(listing, f"a picture is left out: {error}")
            continue
        taken.setdefault(picture.sha256, (picture, image.angle_deg))
    return Pictures(tuple(taken.values()), whole and bool(taken))


def _known_pictures(listings: Iterable[Listing]) -> dict[str, TakenPicture]:
    """Pictures of these listings that the catalogue has, by SHA-256: the scraper names files by their content."""
    names = {Path(image.file).stem for listing in listings for image in listing.images if image.file}
    known: dict[str, TakenPicture] = {}
    for some in slices(sorted(names), 500):
        rows = db.session.execute(
            select(ProductImage.sha256, ProductImage.suffix, ProductImage.width, ProductImage.height)
            .where(ProductImage.sha256.in_(some))
            .distinct()
        )
        known |= {row.sha256: TakenPicture(*row) for row in rows}
    return known
