"""/api/v1/products: search the catalogue, read one product."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.api.callers import caller, reading_pace
from webapp.api.problems import Problem
from webapp.catalogue.browse import Search, SearchError, find
from webapp.catalogue.looks import gallery_of
from webapp.catalogue.models import Product, ProductImage
from webapp.catalogue.offer_models import Offer
from webapp.database import db
from webapp.extensions import limiter
from webapp.identify.portraits import alternates_in_portraits, portrait_of, portraits_of
from webapp.recognition import current_recognition

blueprint = Blueprint("products", __name__, url_prefix="/products")
pace = limiter.shared_limit(reading_pace, scope="reading", key_func=caller)


@blueprint.get("")
@pace
def browse() -> dict[str, Any]:
    """One page of the products that the query asks for."""
    try:
        found = find(Search.from_arguments(request.args))
    except SearchError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
    load_offers([product.id for product, _ in found.products])
    return {
        "products": [product_of(product, image) for product, image in found.products],
        "page": found.search.page,
        "pages": found.pages,
        "total": found.total,
    }


@blueprint.get("/<int:product_id>")
@pace
def show(product_id: int) -> dict[str, Any]:
    """A product with all its images and what looks like it."""
    product = db.session.get(Product, product_id) if product_id < 2**63 else None
    if product is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no product {product_id}.")
    alternates = current_recognition().alternates_of(product_id)
    portraits = portraits_of(alternate.product_id for alternate in alternates)
    return {
        **product_of(product, product.images[0] if product.images else None),
        "images": [image_of(image) for image in gallery_of(product)],
        "alternates": alternates_in_portraits(alternates, portraits),
    }


def product_of(product: Product, image: ProductImage | None) -> dict[str, Any]:
    """All that we know of a product but its other images."""
    return {
        **portrait_of(product, image),
        "label": product.label,
        "style_code": product.style_code,
        "site": product.site,
        "gender": product.gender,
        "category": product.category,
        "url": product.url,
        "first_seen_at": product.first_seen_at.isoformat(),
        "last_seen_at": product.last_seen_at.isoformat(),
        "retired": product.retired_at is not None,
        "merged_into": product.merged_into_id,
        "offers": [offer_of(offer) for offer in product.live_offers],
    }


def load_offers(product_ids: Sequence[int]) -> None:
    """Load the offers of products that are in memory with one question, instead of one each."""
    db.session.scalars(select(Product).where(Product.id.in_(product_ids)).options(selectinload(Product.offers))).all()


def offer_of(offer: Offer) -> dict[str, Any]:
    """What one shop asks for a product."""
    return {
        "shop": offer.site,
        "style_code": offer.style_code,
        "url": offer.url,
        "price_cents": offer.price_cents,
        "currency": offer.currency,
        "last_seen_at": offer.last_seen_at.isoformat(),
    }


def image_of(image: ProductImage) -> dict[str, Any]:
    """One picture at full size: pixels, and the angle of a 360-degree view where it is known."""
    return {"url": image.url, "angle_deg": image.angle_deg, "width": image.width, "height": image.height}
