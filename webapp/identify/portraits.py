"""Portraits: products as answers show them, in few words and one picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from webapp.catalogue.models import Product, ProductImage
from webapp.database import db

PICTURE_WIDTH = 320


def portrait_of(product: Product, sha256: str | None) -> dict[str, Any]:
    """A product in the API's brief shape; `sha256` names its first picture."""
    return {
        "product_id": product.id,
        "brand": product.brand,
        "name": product.name,
        "colorway": product.colorway,
        "price_cents": product.price_cents,
        "currency": product.currency,
        "image_url": f"/images/{sha256}/{PICTURE_WIDTH}" if sha256 else None,
    }


def portraits_of(product_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The portraits of those products that (still) exist, by id."""
    wanted = set(product_ids)
    products = {
        product.id: product for product in db.session.scalars(select(Product).where(Product.id.in_(wanted)))
    }
    pictures = first_pictures(wanted)
    return {product_id: portrait_of(product, pictures.get(product_id)) for product_id, product in products.items()}


def first_pictures(product_ids: Iterable[int]) -> dict[int, str]:
    """The SHA-256 of each product's first picture, for those that have one."""
    first = (
        select(ProductImage.product_id, func.min(ProductImage.position).label("position"))
        .where(ProductImage.product_id.in_(set(product_ids)))
        .group_by(ProductImage.product_id)
        .subquery()
    )
    question = select(ProductImage.product_id, ProductImage.sha256).join(
        first, (first.c.product_id == ProductImage.product_id) & (first.c.position == ProductImage.position)
    )
    return {product_id: sha256 for product_id, sha256 in db.session.execute(question)}


def products_by_label(labels: Iterable[str]) -> dict[str, int]:
    """The first product of each label that has one: stands in where no picture of the label is embedded yet."""
    question = (
        select(Product.label, func.min(Product.id)).where(Product.label.in_(set(labels))).group_by(Product.label)
    )
    return {label: product_id for label, product_id in db.session.execute(question)}
