"""Make products what their offers say: facts of the first offer, the lowest price, retired where no shop shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from webapp.catalogue.incoming import FACTS
from webapp.catalogue.models import BY_HAND, MERGED_AWAY, UNSEEN, Product
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.pieces import slices
from webapp.catalogue.style_keys import style_key
from webapp.database import now

SHOWN_ANYWAY = "shown anyway"
"""Among the edited columns of a product: a person wants it shown, though no shop does."""
_AT_A_TIME = 500
_COLUMNS = (
    Product.id,
    Product.site,
    Product.style_code,
    *(getattr(Product, name) for name in FACTS),
    Product.price_cents,
    Product.currency,
    Product.url,
    Product.style_key,
    Product.last_seen_at,
    Product.retired_at,
    Product.retired_because,
)


def settle(session: Session, product_ids: Iterable[int], because: str = UNSEEN) -> int:
    """Make these products what their offers say, inside a write transaction; how many are newly retired.

    `because` is why a product is retired that no shop shows any more. What a person has set, or retired, stays; a
    product without offers is left alone.
    """
    session.flush()
    retired = 0
    for some in slices(sorted(set(product_ids)), _AT_A_TIME):
        offers = _offers_of(session, some)
        rows = session.execute(select(*_COLUMNS, Product.edited).where(Product.id.in_(some)))
        changes = []
        for row in rows:
            if row.id not in offers:
                continue
            settled = _settled(row, offers[row.id], because)
            if any(getattr(row, name) != value for name, value in settled.items()):
                changes.append({"id": row.id, **settled})
                retired += row.retired_at is None and settled["retired_at"] is not None
        if changes:
            session.execute(update(Product), changes)
    session.expire_all()
    return retired


def _offers_of(session: Session, product_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    offers: dict[int, list[Row[Any]]] = defaultdict(list)
    table = Offer.__table__
    for offer in session.execute(select(*table.c).where(table.c.product_id.in_(product_ids)).order_by(table.c.id)):
        offers[offer.product_id].append(offer)
    return offers


def _settled(row: Any, offers: Sequence[Row[Any]], because: str) -> dict[str, Any]:
    """All columns of a product that follow from its offers, and from what a person has set."""
    first = next((offer for offer in offers if (offer.site, offer.style_code) == (row.site, row.style_code)), offers[0])
    live = [offer for offer in offers if offer.gone_at is None]
    cheapest = _cheapest(first, live)
    settled = {
        "site": first.site,
        "style_code": first.style_code,
        "style_key": style_key(first.style_code),
        **first.facts,
        "price_cents": cheapest.price_cents,
        "currency": cheapest.currency,
        "url": (first if first.gone_at is None or not live else live[0]).url,
        "last_seen_at": max(offer.last_seen_at for offer in offers),
        **_retirement(row, bool(live), because),
    }
    for name in set(row.edited) & settled.keys():
        settled[name] = getattr(row, name)
    return settled


def _cheapest(first: Row[Any], live: Sequence[Row[Any]]) -> Row[Any]:
    """The live offer with the lowest price in the first offer's currency; the first one where there is none."""
    priced = [offer for offer in live if offer.price_cents is not None and offer.currency == first.currency]
    return min(priced, key=lambda offer: (offer.price_cents, offer.id)) if priced else first


def _retirement(row: Any, is_live: bool, because: str) -> dict[str, Any]:
    if row.retired_because in (BY_HAND, MERGED_AWAY) or SHOWN_ANYWAY in row.edited:
        return {"retired_at": row.retired_at, "retired_because": row.retired_because}
    if is_live:
        return {"retired_at": None, "retired_because": ""}
    return {"retired_at": row.retired_at or now(), "retired_because": row.retired_because or because}
