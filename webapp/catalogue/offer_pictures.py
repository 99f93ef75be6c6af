"""The pictures that offers bring to a product: those of one offer stand together, in the shop's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.catalogue.incoming import Placed
from webapp.catalogue.models import ProductImage
from webapp.catalogue.pictures import TakenPicture
from webapp.catalogue.pieces import slices

_AT_A_TIME = 500


def pictures_of(session: Session, offer_ids: Iterable[int]) -> dict[int, list[Placed]]:
    """The pictures of offers as their shops show them, in their order; offers without pictures are left out."""
    found: dict[int, list[Placed]] = defaultdict(list)
    for some in slices(sorted(offer_ids), _AT_A_TIME):
        rows = session.execute(
            select(
                ProductImage.offer_id,
                ProductImage.sha256,
                ProductImage.suffix,
                ProductImage.width,
                ProductImage.height,
                ProductImage.told_angle_deg,
            )
            .where(ProductImage.offer_id.in_(some))
            .order_by(ProductImage.product_id, ProductImage.position)
        )
        for offer_id, sha256, suffix, width, height, angle_deg in rows:
            found[offer_id or 0].append(Placed(TakenPicture(sha256, suffix, width, height), angle_deg))
    return found


def picture_columns(placed: Placed) -> dict[str, Any]:
    """What a row of product_images says about a picture."""
    picture = placed.picture
    return {
        "sha256": picture.sha256,
        "suffix": picture.suffix,
        "angle_deg": placed.angle_deg,
        "told_angle_deg": placed.angle_deg,
        "width": picture.width,
        "height": picture.height,
    }


def replace_pictures(session: Session, product_id: int, offer_id: int, pictures: Sequence[Placed]) -> None:
    """Put a set of pictures in the place of those that this offer brought; one that stays keeps its row, and so its
    embeddings. New ones come behind those of other offers."""
    images = list(
        session.scalars(
            select(ProductImage).where(ProductImage.product_id == product_id).order_by(ProductImage.position)
        )
    )
    ours = [image for image in images if image.offer_id == offer_id]
    place = images.index(ours[0]) if ours else len(images)  # what stands before our first one is of others
    kept = {image.sha256: image for image in ours}
    for image in images:  # positions are unique: move everything out of the way first
        image.position = -1 - image.position
    session.flush()
    wanted = []
    for placed in pictures:
        have = kept.pop(placed.picture.sha256) if placed.picture.sha256 in kept else None
        image = have or ProductImage(product_id=product_id, offer_id=offer_id)
        by_hand = have is not None and have.angle_deg != have.told_angle_deg
        for name, value in picture_columns(placed).items():
            if not (by_hand and name == "angle_deg"):
                setattr(image, name, value)
        wanted.append(image)
    for image in kept.values():
        session.delete(image)
    session.flush()
    others = [image for image in images if image.offer_id != offer_id]
    for position, image in enumerate([*others[:place], *wanted, *others[place:]]):
        image.position = position
        session.add(image)
    session.flush()


def renumber(session: Session, product_ids: Sequence[int]) -> None:
    """Close the gaps that pictures have left which went: the first picture of a product is at 0."""
    for some in slices(list(product_ids), _AT_A_TIME):
        rows = session.execute(
            select(ProductImage.id, ProductImage.product_id, ProductImage.position)
            .where(ProductImage.product_id.in_(some))
            .order_by(ProductImage.product_id, ProductImage.position)
        ).all()
        place: Counter[int] = Counter()
        for image_id, product_id, position in rows:  # in their order: the place of each is free by then
            if position != place[product_id]:
                moved = update(ProductImage).where(ProductImage.id == image_id).values(position=place[product_id])
                session.execute(moved)
            place[product_id] += 1
