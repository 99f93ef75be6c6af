"""Two products that are one shoe are merged; one that is two is split. Offers and pictures go along."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.catalogue.editing import EditError, count_change
from webapp.catalogue.models import KNOWN_MODELS, MERGED, MERGED_AWAY, Product, ProductImage
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.offer_pictures import renumber
from webapp.catalogue.settle import settle
from webapp.database import now, write_transaction

log = logging.getLogger(__name__)


def merge(product: Product, into: Product, person: User) -> None:
    """Make two products one: offers and pictures of `product` go over to `into`; it stays as a signpost for old links.

    Raises EditError where they are one already, or one of them is a signpost, or `into` has no shop or is retired.
    """
    with write_transaction() as session:
        _expect_mergeable(product, into)
        product_id, into_id = product.id, into.id
        signpost = {"site": MERGED, "style_code": _signpost_for(session, product), "url": ""}
        place = session.scalar(select(func.max(ProductImage.position)).where(ProductImage.product_id == into_id))
        moved = {"product_id": into_id, "position": ProductImage.position + (0 if place is None else place + 1)}
        _update(session, ProductImage, ProductImage.product_id == product_id, **moved)
        _update(session, Offer, Offer.product_id == product_id, product_id=into_id)
        _update(session, Product, Product.merged_into_id == product_id, merged_into_id=into_id)
        gone = {"retired_at": now(), "retired_because": MERGED_AWAY, "merged_into_id": into_id, "style_key": ""}
        _update(session, Product, Product.id == product_id, **signpost, **gone)
        session.expire_all()
        renumber(session, [into_id])
        settle(session, [into_id])
        count_change(session)
    log.info("user %s merged product %s into %s", person.id, product_id, into_id)


def split(product: Product, offer_ids: Sequence[int], person: User) -> Product:
    """Make some of a product's offers, with their pictures, a product of their own, which is returned.

    A product that had been merged into this one comes back under its old id. Raises EditError unless at least one offer
    goes and one stays.
    """
    with write_transaction() as session:
        going = [offer.id for offer in product.offers if offer.id in set(offer_ids)]
        staying = [offer for offer in product.offers if offer.id not in going]
        if not going or not staying or len(going) != len(set(offer_ids)):
            raise EditError("Choose some of its offers, but not all of them.")
        product_id = product.id
        product.site, product.style_code = staying[0].site, staying[0].style_code
        session.flush()
        other = _product_for(session, product_id, going[0])
        _update(session, Offer, Offer.id.in_(going), product_id=other.id)
        _update(session, ProductImage, ProductImage.offer_id.in_(going), product_id=other.id)
        session.expire_all()
        renumber(session, [product_id, other.id])
        settle(session, [product_id, other.id])
        count_change(session)
    log.info("user %s split product %s from %s", person.id, other.id, product_id)
    return other


def _expect_mergeable(product: Product, into: Product) -> None:
    """Inside of the transaction, since somebody else may just have merged one of the two."""
    if product.id == into.id:
        raise EditError("That is the same product.")
    if MERGED in (product.site, into.site):
        raise EditError("One of the two was merged into another product before.")
    if into.site == KNOWN_MODELS or into.retired_at is not None:
        raise EditError(f"Product {into.id} is not in a shop now; merge the other way round.")


def _product_for(session: Session, product_id: int, offer_id: int) -> Product:
    """The product that an offer gets to itself: the one that it had before it was merged, else a new one."""
    offer = session.get_one(Offer, offer_id)
    signpost = (Product.site == MERGED, Product.style_code == _signpost_of(offer_id))
    other = session.scalars(select(Product).where(*signpost, Product.merged_into_id == product_id)).one_or_none()
    if other is None:
        other = Product(
            first_seen_at=offer.first_seen_at, last_seen_at=offer.last_seen_at, url=offer.url, **offer.facts
        )
        session.add(other)
    other.site, other.style_code, other.merged_into_id = offer.site, offer.style_code, None
    other.retired_at, other.retired_because = None, ""
    session.flush()
    return other


def _signpost_for(session: Session, product: Product) -> str:
    """What its signpost is called: after the offer that gave it its name, by which `split` finds it again. Where
    another signpost is called so, or there is no offer, after itself: it can then only lead on."""
    own = (Offer.product_id == product.id, Offer.site == product.site, Offer.style_code == product.style_code)
    offer_id = session.scalar(select(Offer.id).where(*own))
    taken = select(Product.id).where(Product.site == MERGED, Product.style_code == _signpost_of(offer_id or 0))
    if offer_id is None or session.scalar(taken) is not None:
        return f"product {product.id}"
    return _signpost_of(offer_id)


def _signpost_of(offer_id: int) -> str:
    return f"offer {offer_id}"


def _update(session: Session, table: type[Product | ProductImage | Offer], where: object, **values: object) -> None:
    statement = update(table).where(where).values(**values)  # type: ignore[arg-type]
    session.execute(statement.execution_options(synchronize_session=False))
