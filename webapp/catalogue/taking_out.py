"""Take a shop's offers out of the catalogue, and the products that no other shop has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.catalogue.known_models import list_known_models
from webapp.catalogue.models import CatalogueState, Product, ProductImage
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.offer_pictures import renumber
from webapp.catalogue.pieces import slices
from webapp.catalogue.settle import settle
from webapp.database import write_transaction

_AT_A_TIME = 500


@dataclass(frozen=True)
class TakenOut:
    """How many products went, and the ids and names of the pictures that went with them."""

    products: int
    image_ids: tuple[int, ...]
    sha256s: frozenset[str]


def take_out(site: str) -> TakenOut:
    """Take a shop out. A product that another shop has too is from now on that shop's; a known model that had become
    one of the others waits for a shop again, under the id that answers link to."""
    recognition = current_app.extensions["recognition"]
    recognition.refresh()
    with write_transaction() as session:
        theirs = select(Offer.id).where(Offer.site == site)
        images = session.execute(
            select(ProductImage.id, ProductImage.sha256).where(ProductImage.offer_id.in_(theirs))
        ).all()
        touched = session.scalars(select(Offer.product_id).where(Offer.site == site).distinct()).all()
        session.execute(delete(Offer).where(Offer.site == site).execution_options(synchronize_session=False))
        session.expire_all()
        alone = _without_offers(session, touched)
        labels = _first_ids(session, alone)
        for some in slices(alone, _AT_A_TIME):
            gone = Product.id.in_(some) | Product.merged_into_id.in_(some)
            session.execute(delete(Product).where(gone).execution_options(synchronize_session=False))
        shared = sorted(set(touched) - set(alone))
        renumber(session, shared)
        settle(session, shared)
        counts = {"products": CatalogueState.products + 1, "embeddings": CatalogueState.embeddings + 1}
        session.execute(update(CatalogueState).values(**counts))
        if recognition.bundle is not None:
            list_known_models(recognition.bundle.card, labels)
    return TakenOut(len(alone), tuple(image.id for image in images), frozenset(image.sha256 for image in images))


def _without_offers(session: Session, product_ids: Sequence[int]) -> list[int]:
    """Those of the products that no offer is left of."""
    left: set[int] = set()
    for some in slices(product_ids, _AT_A_TIME):
        left.update(session.scalars(select(Offer.product_id).where(Offer.product_id.in_(some))))
    return sorted(set(product_ids) - left)


def _first_ids(session: Session, product_ids: Sequence[int]) -> dict[str, int]:
    """The first of these products of each label."""
    first: dict[str, int] = {}
    for some in slices(product_ids, _AT_A_TIME):
        question = select(Product.label, func.min(Product.id)).where(Product.id.in_(some)).group_by(Product.label)
        for label, product_id in session.execute(question):
            first.setdefault(label, product_id)
    return first
