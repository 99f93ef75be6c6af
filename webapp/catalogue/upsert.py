"""Write listings as products: new ones are added, known ones made what their listing says, the rest left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session, selectinload

from scraper.listing import Listing
from webapp.catalogue.labels import label_of
from webapp.catalogue.models import KNOWN_MODELS, CatalogueState, Product, ProductImage
from webapp.catalogue.pictures import TakenPicture
from webapp.database import write_transaction

Key = tuple[str, str]
"""A listing's site and style code."""
Facts = dict[str, str | int | None]
"""What a listing says about its product, by column."""
T = TypeVar("T")


@dataclass(frozen=True)
class Pictures:
    """The pictures of one listing, each with its angle; `whole` if there are some and none was refused."""

    taken: tuple[tuple[TakenPicture, int | None], ...]
    whole: bool


@dataclass
class Written:
    """What came of writing: how many products of each kind, and the ids of all."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    product_ids: list[int] = field(default_factory=list)


def write(listings: Mapping[Key, Listing], pictures: Mapping[Key, Pictures], seen_at: datetime) -> Written:
    """Make products of listings in one transaction."""
    written = Written()
    with write_transaction() as session:
        products = _existing(session, listings)
        facts = {key: _facts(listing) for key, listing in listings.items()}
        known = _known_models(session, {str(facts[key]["label"]) for key in listings if key not in products})
        for key in listings:
            product = products.get(key)
            if product is None:
                product = known.pop(str(facts[key]["label"]), None) or Product()
                _fill(product, key, facts[key], pictures[key], seen_at)
                session.add(product)
                products[key] = product
                written.new += 1
            elif _update(session, product, facts[key], pictures[key], seen_at):
                written.changed += 1
            else:
                written.unchanged += 1
        if written.new or written.changed:
            session.execute(update(CatalogueState).values(products=CatalogueState.products + 1))
        if written.changed:  # a picture may be gone, a label another
            session.execute(update(CatalogueState).values(embeddings=CatalogueState.embeddings + 1))
        session.flush()
        written.product_ids = [products[key].id for key in listings]
    return written


def _existing(session: Session, keys: Iterable[Key]) -> dict[Key, Product]:
    found: dict[Key, Product] = {}
    for some in slices(list(keys), 200):
        products = session.scalars(
            select(Product)
            .where(tuple_(Product.site, Product.style_code).in_(some))
            .options(selectinload(Product.images))
        )
        found |= {(product.site, product.style_code): product for product in products}
    return found


def _known_models(session: Session, labels: set[str]) -> dict[str, Product]:
    """The products by label that wait for a shop to bring them: the first new listing of a label becomes that one, so
    that what old answers link to has pictures from then on."""
    found: dict[str, Product] = {}
    for some in slices(sorted(labels), 200):
        waiting = session.scalars(
            select(Product)
            .where(Product.site == KNOWN_MODELS, Product.label.in_(some))
            .options(selectinload(Product.images))
        )
        found |= {product.label: product for product in waiting}
    return found


def _facts(listing: Listing) -> Facts:
    """What a listing says about its product, as columns."""
    return {
        "brand": listing.brand.strip(),
        "name": listing.name.strip(),
        "label": label_of(listing.brand, listing.name),
        "colorway": listing.colorway.strip(),
        "gender": listing.gender,
        "category": listing.category.strip().lower(),
        "price_cents": listing.price_cents,
        "currency": listing.currency.upper(),
        "url": listing.url,
    }


def _fill(product: Product, key: Key, facts: Facts, pictures: Pictures, seen_at: datetime) -> None:
    """Make a product of a listing that was never seen before."""
    product.site, product.style_code = key
    product.first_seen_at = product.last_seen_at = seen_at
    for name, value in facts.items():
        setattr(product, name, value)
    product.images = [_image(position, *taken) for position, taken in enumerate(pictures.taken)]


def _update(session: Session, product: Product, facts: Facts, pictures: Pictures, seen_at: datetime) -> bool:
    """Make a product what its listing says; whether that changed anything but when it was last seen."""
    changes = {name: value for name, value in facts.items() if getattr(product, name) != value}
    for name, value in changes.items():
        setattr(product, name, value)
    product.last_seen_at = max(product.last_seen_at, seen_at)
    have = [(image.sha256, image.angle_deg) for image in product.images]
    want = [(picture.sha256, angle) for picture, angle in pictures.taken]
    if have == want or not want or (have and not pictures.whole):
        return bool(changes)
    _replace_images(session, product, pictures)
    return True


def _replace_images(session: Session, product: Product, pictures: Pictures) -> None:
    """Put the new set in the place of the old; a picture that stays keeps its row, and so its embeddings."""
    kept = {image.sha256: image for image in product.images}
    for image in product.images:  # positions are unique: move everything out of the way first
        image.position = -1 - image.position
    session.flush()
    images = []
    for position, (picture, angle) in enumerate(pictures.taken):
        image = kept.get(picture.sha256) or _image(position, picture, angle)
        image.position, image.angle_deg = position, angle
        images.append(image)
    product.images = images


def _image(position: int, picture: TakenPicture, angle_deg: int | None) -> ProductImage:
    return ProductImage(
        position=position,
        sha256=picture.sha256,
        suffix=picture.suffix,
        angle_deg=angle_deg,
        width=picture.width,
        height=picture.height,
    )


def slices(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`whole` in pieces of `size`; the last one may be shorter. SQL takes only so many parameters at once."""
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
