"""Variants of a picture, as an e-mail delivers them and as a bundle sees them: found where made ahead, else made.

The JPEGs lie in the image store, and rows about them are written afterwards. Those of catalogue pictures are kept with
the bundle that embedded them; another bundle embeds the same JPEGs anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from ml.imaging.augments.delivered import make_variants
from ml.imaging.augments.table import AUGMENTS
from ml.imaging.decode import DecodeError, decode
from ml.imaging.fit import Picture
from ml.imaging.pool import PreparedPhoto
from ml.serving.bundle import Bundle
from ml.serving.runtime import Seen
from webapp.catalogue.models import ProductImage
from webapp.database import db, write_transaction
from webapp.image_store import ImageStore, PictureMissingError
from webapp.studio.augment_probabilities import in_our_order, made
from webapp.studio.models import VariantEmbedding

Vector = NDArray[np.float32]
SWIVEL_DEG, SWIVEL_TOLERANCE_DEG = 30, 10


class Models(Protocol):
    """What opens, cuts out and embeds pictures: webapp.recognition's Recognition."""

    @property
    def bundle(self) -> Bundle | None: ...

    def see(self, images: Sequence[NDArray[np.uint8]]) -> tuple[Bundle, Seen]: ...

    def prepare(self, photo: bytes) -> PreparedPhoto: ...


@dataclass(frozen=True, eq=False)
class Variant:
    """One augment as delivered: its JPEG in the image store, that JPEG's pixels, its unit embedding (D,), and how
    likely it shows each of RECOGNISED_AUGMENTS."""

    augment: str
    sha256: str
    width: int
    height: int
    embedding: Vector
    augment_probabilities: Vector


def first_images(product_ids: Iterable[int]) -> dict[int, ProductImage]:
    """The first picture of each of these products that has one, by product: the one that the studio varies."""
    images = db.session.scalars(
        select(ProductImage).where(ProductImage.product_id.in_(list(product_ids)), ProductImage.position == 0)
    )
    return {image.product_id: image for image in images}


def kept_variants(
    image_ids: Collection[int], bundle_id: str, augments: Collection[str] = tuple(AUGMENTS)
) -> dict[int, list[Variant]]:
    """The variants made ahead by a bundle, by picture, in the order of the gallery."""
    rows = db.session.scalars(
        select(VariantEmbedding).where(
            VariantEmbedding.image_id.in_(image_ids),
            VariantEmbedding.bundle_id == bundle_id,
            VariantEmbedding.augment.in_(augments),
        )
    )
    order = list(AUGMENTS)
    found: dict[int, list[Variant]] = {}
    for row in sorted((row for row in rows if row.augment in order), key=lambda row: order.index(row.augment)):
        found.setdefault(row.image_id, []).append(_read(row))
    return found


def variants_of_photo(photo: PreparedPhoto, models: Models, store: ImageStore) -> tuple[str, list[Variant]]:
    """The bundle that embedded them, and all variants of an opened picture, their JPEGs kept in the image store."""
    made = make_variants(photo.image, photo.cutout)
    jpegs = {name: (store.put(one.jpeg, "jpg"), one.pixels) for name, one in made.items()}
    return _embedded(jpegs, models)


def variants_of_image(image: ProductImage, models: Models, store: ImageStore) -> tuple[str, list[Variant]]:
    """The same of a catalogue's picture, and kept for the next time.

    Raises DecodeError or PictureMissingError where the picture cannot be used (any more), NotReady without a bundle.
    """
    image_id, sha256, turned = image.id, image.sha256, _turned_frame(image)
    jpegs = _made_before(image_id, store)
    db.session.rollback()  # what follows takes long: nobody should wait for the end of a reading transaction
    if not jpegs:
        photo = models.prepare(store.path(sha256).read_bytes())
        frame = _pixels(store, turned) if turned else None
        made = make_variants(photo.image, photo.cutout, turned=frame)
        jpegs = {name: (store.put(one.jpeg, "jpg"), one.pixels) for name, one in made.items()}
    bundle_id, variants = _embedded(jpegs, models)
    _keep(image_id, bundle_id, variants)
    return bundle_id, variants


def _made_before(image_id: int, store: ImageStore) -> dict[str, tuple[str, Picture]]:
    """The JPEGs of a picture that were made for another bundle, with their pixels; none unless all are there."""
    rows = db.session.execute(
        select(VariantEmbedding.augment, VariantEmbedding.sha256).where(VariantEmbedding.image_id == image_id)
    ).all()
    names = {row.augment: row.sha256 for row in rows}
    jpegs = {name: (names[name], _pixels(store, names[name])) for name in AUGMENTS if name in names}
    whole = {name: (sha256, pixels) for name, (sha256, pixels) in jpegs.items() if pixels is not None}
    return whole if len(whole) == len(AUGMENTS) else {}


def _embedded(jpegs: Mapping[str, tuple[str, Picture]], models: Models) -> tuple[str, list[Variant]]:
    bundle, seen = models.see([pixels for _, pixels in jpegs.values()])
    recognised = in_our_order(seen.augments, bundle.card.augments)
    probabilities = np.stack([made(name) for name in jpegs]) if recognised is None else recognised
    variants = [
        Variant(name, sha256, pixels.shape[1], pixels.shape[0], vector, shown)
        for (name, (sha256, pixels)), vector, shown in zip(jpegs.items(), seen.embeddings, probabilities, strict=True)
    ]
    return bundle.card.id, variants


def _read(row: VariantEmbedding) -> Variant:
    vectors = np.frombuffer(row.vector, "<f4"), np.frombuffer(row.augment_probabilities, "<f4")
    return Variant(row.augment, row.sha256, row.width, row.height, *vectors)


def _keep(image_id: int, bundle_id: str, variants: Sequence[Variant]) -> None:
    """Write the rows that are not there yet, unless the picture has gone meanwhile."""
    with write_transaction() as session:
        if session.get(ProductImage, image_id) is None:
            return
        question = select(VariantEmbedding.augment).where(
            VariantEmbedding.image_id == image_id, VariantEmbedding.bundle_id == bundle_id
        )
        there = set(session.scalars(question))
        rows = [
            {
                "image_id": image_id,
                "augment": one.augment,
                "bundle_id": bundle_id,
                "sha256": one.sha256,
                "width": one.width,
                "height": one.height,
                "vector": np.asarray(one.embedding, "<f4").tobytes(),
                "augment_probabilities": np.asarray(one.augment_probabilities, "<f4").tobytes(),
            }
            for one in variants
            if one.augment not in there
        ]
        if rows:
            session.execute(insert(VariantEmbedding), rows)


def _turned_frame(image: ProductImage) -> str | None:
    """The SHA-256 of the real picture from 30 degrees further on, where the product was turned."""
    if image.angle_deg is None:
        return None
    wanted = (image.angle_deg + SWIVEL_DEG) % 360
    frames = db.session.execute(
        select(ProductImage.sha256, ProductImage.angle_deg).where(
            ProductImage.product_id == image.product_id,
            ProductImage.angle_deg.is_not(None),
            ProductImage.id != image.id,
        )
    ).all()
    apart = [
        (min((angle - wanted) % 360, (wanted - angle) % 360), sha256) for sha256, angle in frames if angle is not None
    ]
    near = [frame for frame in apart if frame[0] <= SWIVEL_TOLERANCE_DEG]
    return min(near)[1] if near else None


def _pixels(store: ImageStore, sha256: str) -> Picture | None:
    try:
        return decode(store.path(sha256).read_bytes())
    except (PictureMissingError, DecodeError):
        return None
