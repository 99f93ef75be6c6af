"""How a product is shown: its pictures as a turn or a gallery, and what looks like it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from webapp.catalogue.browse import with_first_images
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db

ENOUGH_FOR_A_TURN = 12


@dataclass(frozen=True)
class Lookalike:
    """A product that looks like another one; `similarity` is the cosine of their embeddings."""

    product: Product
    image: ProductImage | None
    similarity: float


def is_shown_to_all(sha256: str) -> bool:
    """Whether a picture of the image store is a product's."""
    return db.session.scalar(select(ProductImage.id).where(ProductImage.sha256 == sha256).limit(1)) is not None


def turn_of(product: Product) -> list[ProductImage]:
    """The pictures of a full turn in the order of their angles, all of one shop; none where there are too few."""
    for offer_id in dict.fromkeys(image.offer_id for image in product.images):
        images = [image for image in reversed(product.images) if image.offer_id == offer_id]
        by_angle = {image.angle_deg: image for image in images if image.angle_deg is not None}
        if len(by_angle) >= ENOUGH_FOR_A_TURN:
            return [by_angle[angle] for angle in sorted(by_angle)]
    return []


def gallery_of(product: Product) -> list[ProductImage]:
    """A product's pictures, each once: shops that sell the same shoe show the same ones."""
    first: dict[str, ProductImage] = {}
    for image in product.images:
        first.setdefault(image.sha256, image)
    return list(first.values())


def price_from(product: Product) -> str:
    """Where the price that is shown comes from: a shop, or "us" where a person has set it; empty where nobody shows the
    product any more."""
    if "price_cents" in product.edited:
        return "us"
    told = (product.price_cents, product.currency)
    return next((offer.site for offer in product.live_offers if (offer.price_cents, offer.currency) == told), "")


def lookalikes_of(product: Product, colorways: int = 0, count: int = 8) -> list[Lookalike]:
    """The products that look most like this one, its own `colorways` (as many as there are) left out.

    None as long as no model is loaded or the product has no embedding.
    """
    alternates = current_app.extensions["recognition"].alternates_of(product.id, count + colorways)
    similarity = {alternate.product_id: alternate.similarity for alternate in alternates}
    alike = [
        Lookalike(other, image, similarity[other.id])
        for other, image in with_first_images(list(similarity))
        if other.label != product.label
    ]
    return alike[:count]
