"""Take the pictures of listings into the image store, each once.

One whose bytes came before is not opened again. One that shows the same as a picture that its product has in the same
pose (another shop's copy, or the shop's own, compressed anew) is not stored: the one that is there stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from ml.imaging.decode import DecodeError
from ml.imaging.likeness import Likeness, hashes_agree, is_same_picture, likeness_of
from scraper.listing import Listing
from webapp.catalogue.incoming import Placed
from webapp.catalogue.labels import spelled
from webapp.catalogue.models import Product, ProductImage
from webapp.catalogue.offer_models import Offer, StoredPicture
from webapp.catalogue.pictures import Decode, PictureRefusedError, TakenPicture, open_picture
from webapp.catalogue.pieces import slices
from webapp.catalogue.style_keys import style_key
from webapp.database import db, write_transaction
from webapp.image_store import ImageStore, PictureMissingError

_AT_A_TIME = 500


@dataclass(frozen=True)
class Taken:
    """The pictures of one listing. `is_whole` if there are some and none was refused or missing; `refused` says why.
    Of `tried` pictures `valid` could be read; copies of each other count as often as they came."""

    pictures: tuple[Placed, ...]
    is_whole: bool
    refused: tuple[str, ...]
    tried: int
    valid: int


@dataclass(frozen=True)
class _Candidate:
    """A picture that a new one may be a copy of; no hash where none was kept."""

    placed: Placed
    phash: bytes | None


@dataclass
class PictureTaking:
    """Takes the pictures that lie below `folder`, a batch of listings at a time."""

    folder: Path
    store: ImageStore
    decode: Decode
    _known: dict[str, TakenPicture] = field(default_factory=dict)
    _new: dict[str, StoredPicture] = field(default_factory=dict)

    def take(self, listings: Sequence[Listing]) -> list[Taken]:
        """The pictures of these listings, in their order. Files are in their place before anything speaks of them."""
        self._known, self._new = _known_pictures(listings, self.store), {}
        taken = [self._take(listing) for listing in listings]
        if self._new:
            with write_transaction() as session:
                for picture in self._new.values():
                    session.merge(picture)
        return taken

    def _take(self, listing: Listing) -> Taken:
        placed: dict[str, Placed] = {}
        refused: list[str] = []
        candidates: list[_Candidate] | None = None
        for image in (image for image in listing.images if image.file is not None):
            file = str(image.file)
            try:
                if Path(file).stem not in self._known:
                    candidates = _candidates(listing) if candidates is None else candidates
                    self._open(file, image.angle_deg, candidates)
            except PictureRefusedError as error:
                refused.append(str(error))
                continue
            picture = self._known[Path(file).stem]
            placed.setdefault(picture.sha256, Placed(picture, image.angle_deg))
        valid = sum(image.file is not None for image in listing.images) - len(refused)
        is_whole = bool(placed) and valid == len(listing.images)
        return Taken(tuple(placed.values()), is_whole, tuple(refused), len(listing.images), valid)

    def _open(self, file: str, angle_deg: int | None, candidates: list[_Candidate]) -> None:
        """Open a picture that is new to us, and keep it unless one of the candidates shows the same."""
        opened = open_picture(self.folder, file, self.decode)
        likeness = likeness_of(opened.pixels)
        picture = self._same_among(likeness, angle_deg, candidates)
        if picture is None:
            picture = opened.put(self.store)
            candidates.append(_Candidate(Placed(picture, angle_deg), likeness.phash))
            self._note(picture.sha256, picture, likeness)
        self._note(Path(file).stem, picture, likeness)

    def _same_among(
        self, likeness: Likeness, angle_deg: int | None, candidates: Iterable[_Candidate]
    ) -> TakenPicture | None:
        """The candidate in the same pose that shows the same."""
        for candidate in candidates:
            picture, agrees = candidate.placed.picture, candidate.placed.angle_deg == angle_deg
            if agrees and (candidate.phash is None or hashes_agree(candidate.phash, likeness.phash)):
                other = self._likeness_of_stored(picture.sha256)
                if other is not None and is_same_picture(likeness, other) and self.store.want(picture.sha256):
                    return picture
        return None

    def _likeness_of_stored(self, sha256: str) -> Likeness | None:
        try:
            return likeness_of(self.decode(self.store.path(sha256).read_bytes()))
        except (PictureMissingError, DecodeError):
            return None

    def _note(self, sha256: str, picture: TakenPicture, likeness: Likeness) -> None:
        self._known[sha256] = picture
        self._new[sha256] = StoredPicture(
            sha256=sha256,
            same_as=picture.sha256,
            suffix=picture.suffix,
            width=picture.width,
            height=picture.height,
            phash=likeness.phash,
        )


def _known_pictures(listings: Iterable[Listing], store: ImageStore) -> dict[str, TakenPicture]:
    """The pictures of these listings that came before and are still here, by SHA-256: the scraper names files by their
    content. They are wanted from now on, so that no sweep takes one before it has its row."""
    names = {Path(image.file).stem for listing in listings for image in listing.images if image.file}
    known: dict[str, TakenPicture] = {}
    columns = (StoredPicture.same_as, StoredPicture.suffix, StoredPicture.width, StoredPicture.height)
    for some in slices(sorted(names), _AT_A_TIME):
        rows = db.session.execute(select(StoredPicture.sha256, *columns).where(StoredPicture.sha256.in_(some)))
        known |= {row.sha256: TakenPicture(row.same_as, row.suffix, row.width, row.height) for row in rows}
    here = {sha256 for sha256 in {picture.sha256 for picture in known.values()} if store.want(sha256)}
    return {sha256: picture for sha256, picture in known.items() if picture.sha256 in here}


def _candidates(listing: Listing) -> list[_Candidate]:
    """The pictures of the product that a listing belongs to, or will: its own, and those of other shops."""
    own = select(Offer.product_id).where(Offer.site == listing.site, Offer.style_code == listing.style_code)
    product_ids = set(db.session.scalars(own))
    if key := style_key(listing.style_code):
        same_code = db.session.execute(select(Product.id, Product.brand).where(Product.style_key == key))
        product_ids |= {row.id for row in same_code if spelled(row.brand) == spelled(listing.brand)}
    rows = db.session.execute(
        select(
            ProductImage.sha256,
            ProductImage.suffix,
            ProductImage.width,
            ProductImage.height,
            ProductImage.angle_deg,
            StoredPicture.phash,
        )
        .join(Product, Product.id == ProductImage.product_id)
        .outerjoin(StoredPicture, StoredPicture.sha256 == ProductImage.sha256)
        .where(Product.id.in_(product_ids))
        .order_by(ProductImage.position)
    )
    return [
        _Candidate(Placed(TakenPicture(row.sha256, row.suffix, row.width, row.height), row.angle_deg), row.phash)
        for row in rows
    ]
