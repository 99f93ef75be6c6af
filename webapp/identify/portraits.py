"""Portraits: products as answers show them, in few words and one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select

from ml.serving.alternates import Alternate
from webapp.catalogue.browse import with_first_images
from webapp.catalogue.labels import spelled
from webapp.catalogue.models import Product, ProductImage
from webapp.database import db

PICTURE_WIDTH = 320


def portrait_of(product: Product, image: ProductImage | None) -> dict[str, Any]:
    """A product in the API's brief shape, with its first picture."""
    return {
        "product_id": product.id,
        "brand": product.brand,
        "name": product.name,
        "colorway": product.colorway,
        "price_cents": product.price_cents,
        "currency": product.currency,
        "image_url": image.thumbnail_url(PICTURE_WIDTH) if image else None,
    }


def portraits_of(product_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The portraits of those products that (still) exist, by id."""
    found = with_first_images(list(set(product_ids)))
    return {product.id: portrait_of(product, image) for product, image in found}


def alternates_in_portraits(alternates: Sequence[Alternate], portraits: dict[int, dict[str, Any]]) -> list[Any]:
    """Alternates in the API's shape, the most similar first; those whose product is gone are left out."""
    return [
        {**portraits[alternate.product_id], "similarity": round(float(alternate.similarity), 4)}
        for alternate in alternates
        if alternate.product_id in portraits
    ]


def products_by_label(labels: Iterable[str]) -> dict[str, int]:
    """The first product of each of a bundle's labels that has one: stands in where no picture of it is embedded yet."""
    spellings = {label: spelled(label) for label in labels}
    known = set(spellings.values())
    shown = (Product.label.in_(known), Product.retired_at.is_(None))
    question = select(Product.label, func.min(Product.id)).where(*shown).group_by(Product.label)
    found = {label: product_id for label, product_id in db.session.execute(question)}  # noqa: C416 (rows are no pairs)
    return {label: found[spelling] for label, spelling in spellings.items() if spelling in found}
