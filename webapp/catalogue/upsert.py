"""Write what shops say: new listings become offers, known ones are made what the shop says now, the rest left alone.

Products follow from their offers (`settle.py`). A new offer joins the product of another shop that has its style code
and brand, or the known model of its label, or becomes a product of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from webapp.catalogue.incoming import Incoming, Placed
from webapp.catalogue.labels import spelled
from webapp.catalogue.models import KNOWN_MODELS, MERGED, CatalogueState, Product, ProductImage
from webapp.catalogue.offer_models import Offer, OfferPrice
from webapp.catalogue.offer_pictures import picture_columns, pictures_of, replace_pictures
from webapp.catalogue.pieces import slices
from webapp.catalogue.run_models import RunChange
from webapp.catalogue.settle import settle
from webapp.database import table_of, write_transaction

_AT_A_TIME = 500


@dataclass
class Written:
    """What came of writing: how many offers of each kind, and the ids of their products, in the order they came."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    product_ids: list[int] = field(default_factory=list)


def write(incoming: Sequence[Incoming], seen_at: datetime, run_id: int | None = None) -> Written:
    """Write what shops say in one transaction. With `run_id`, what changes is kept so that it can be undone."""
    written = Written()
    with write_transaction() as session:
        for site in dict.fromkeys(one.site for one in incoming):
            whole = {one.style_code: one for one in incoming if one.site == site}
            for some in slices(list(whole.values()), _AT_A_TIME):
                _Writing(session, site, some, seen_at, run_id, written).write()
        if written.new or written.changed:
            session.execute(update(CatalogueState).values(products=CatalogueState.products + 1))
        if written.changed:  # a picture may be gone, a label another
            session.execute(update(CatalogueState).values(embeddings=CatalogueState.embeddings + 1))
    return written


@dataclass
class _Writing:
    """One shop's part of what is written, at most _AT_A_TIME listings of it."""

    session: Session
    site: str
    incoming: Sequence[Incoming]
    seen_at: datetime
    run_id: int | None
    written: Written

    def write(self) -> None:
        known = self._known()
        fresh = [one for one in self.incoming if one.style_code not in known]
        listed = [one for one in self.incoming if one.style_code in known]
        product_of = {code: offer.product_id for code, offer in known.items()}
        product_of |= self._add(fresh)
        self._change([one for one in listed if _is_news(one, known[one.style_code])], known)
        self._see(known.values())
        self.written.product_ids += [product_of[one.style_code] for one in self.incoming]

    def _known(self) -> dict[str, Row[Any]]:
        """The offers that are there already, by style code."""
        codes = [one.style_code for one in self.incoming]
        table = Offer.__table__
        question = select(*table.c).where(table.c.site == self.site, table.c.style_code.in_(codes))
        return {offer.style_code: offer for offer in self.session.execute(question)}

    def _add(self, fresh: Sequence[Incoming]) -> dict[str, int]:
        """Make offers of listings that were never seen before; the ids of their products by style code."""
        if not fresh:
            return {}
        joined = self._partners(fresh)
        alone = [one for one in fresh if one.style_code not in joined]
        product_of = joined | dict(zip((one.style_code for one in alone), self._add_products(alone), strict=True))
        offer_ids = self._insert(Offer, [self._offer(one, product_of[one.style_code]) for one in fresh])
        prices = [
            {"offer_id": offer_id, **_price(one), "since": self.seen_at, "run_id": self.run_id}
            for offer_id, one in zip(offer_ids, fresh, strict=True)
        ]
        self.session.execute(insert(table_of(OfferPrice)), prices)
        offer_of = dict(zip((one.style_code for one in fresh), offer_ids, strict=True))
        self._add_pictures(alone, product_of, offer_of)
        for one in fresh:
            if one.style_code in joined and one.pictures:
                replace_pictures(self.session, product_of[one.style_code], offer_of[one.style_code], one.pictures)
        settle(self.session, joined.values())
        self.written.new += len(fresh)
        return product_of

    def _add_products(self, alone: Sequence[Incoming]) -> list[int]:
        rows = [
            {"site": self.site, "style_code": one.style_code, "style_key": one.style_key, "url": one.url, **one.facts}
            | {**_price(one), "first_seen_at": self.seen_at, "last_seen_at": self.seen_at}
            for one in alone
        ]
        return self._insert(Product, rows)

    def _insert(self, table: type[Product | Offer], rows: list[dict[str, Any]]) -> list[int]:
        """Insert rows and return their ids, in order. Asking for the ids afterwards is many times quicker than having
        each row return its own."""
        if not rows:
            return []
        self.session.execute(insert(table_of(table)), rows)
        codes = [row["style_code"] for row in rows]
        theirs = (table.site == self.site, table.style_code.in_(codes))
        rows_there = self.session.execute(select(table.style_code, table.id).where(*theirs))
        ids = {row.style_code: row.id for row in rows_there}
        return [ids[code] for code in codes]

    def _offer(self, one: Incoming, product_id: int) -> dict[str, Any]:
        return {
            "product_id": product_id,
            "site": self.site,
            "style_code": one.style_code,
            "first_seen_at": self.seen_at,
            "first_run_id": self.run_id,
            "last_run_id": self.run_id,
            "last_seen_at": self.seen_at,
            **_told(one),
        }

    def _add_pictures(
        self, alone: Sequence[Incoming], product_of: Mapping[str, int], offer_of: Mapping[str, int]
    ) -> None:
        rows = [
            {"product_id": product_of[one.style_code], "offer_id": offer_of[one.style_code], "position": position}
            | picture_columns(placed)
            for one in alone
            for position, placed in enumerate(one.pictures)
        ]
        if rows:
            self.session.execute(insert(table_of(ProductImage)), rows)

    def _partners(self, fresh: Sequence[Incoming]) -> dict[str, int]:
        """The products that are there for a new offer, by its style code: the same shoe of another shop, else the known
        model of its label, so that what old answers link to has pictures from then on."""
        shared = _by_style_key(self.session, self.site, fresh)
        waiting = _known_models(self.session, {one.facts["label"] for one in fresh})
        partners: dict[str, int] = {}
        for one in fresh:
            product_id = shared.pop((one.style_key, spelled(one.facts["brand"])), None)
            if product_id is None:
                product_id = waiting.pop(one.facts["label"], None)
                if product_id is not None:
                    moment = {"first_seen_at": self.seen_at, "last_seen_at": self.seen_at}
                    self.session.execute(update(Product).where(Product.id == product_id).values(**moment))
            if product_id is not None:
                partners[one.style_code] = product_id
        return partners

    def _change(self, listed: Sequence[Incoming], known: Mapping[str, Row[Any]]) -> None:
        """Make offers what their listings say, and count which of them that changed."""
        pictures = pictures_of(self.session, [known[one.style_code].id for one in listed])
        updates: list[dict[str, Any]] = []
        kept: list[dict[str, Any]] = []
        prices: list[dict[str, Any]] = []
        touched: list[int] = []
        for one in listed:
            offer, have = known[one.style_code], pictures.get(known[one.style_code].id, [])
            takes = takes_pictures(one, have)
            after = changes_of(one, offer) | ({"pictures": len(one.pictures)} if takes else {})
            updates.append({"id": offer.id, **_told(one), "missed": 0, "gone_at": None})
            before = state_of(offer, have if takes else None)
            kind = "changed" if offer.gone_at is None else "returned"
            change = {"run_id": self.run_id, "offer_id": offer.id, "kind": kind, "before": before, "after": after}
            if after or offer.missed or kind == "returned":
                kept.append(change)
            if takes:
                replace_pictures(self.session, offer.product_id, offer.id, one.pictures)
            if after.keys() & {"price_cents", "currency"}:
                prices.append({"offer_id": offer.id, **_price(one), "since": self.seen_at, "run_id": self.run_id})
            if after or kind == "returned":
                touched.append(offer.product_id)
        self._execute(update(Offer), updates)
        self._execute(insert(OfferPrice), prices)
        if self.run_id is not None:
            self._execute(insert(RunChange), kept)
        settle(self.session, touched)
        self.written.changed += len(touched)
        self.written.unchanged -= len(touched)

    def _see(self, offers: Iterable[Row[Any]]) -> None:
        """Keep that these offers were seen; all that did not change are counted here."""
        ids = [offer.id for offer in offers]
        product_ids = {offer.product_id for offer in offers}
        later: dict[str, Any] = {"last_seen_at": self.seen_at}
        older = (Offer.id.in_(ids), Offer.last_seen_at < self.seen_at)
        self.session.execute(update(Offer).where(*older).values(later))
        if self.run_id is not None:
            self.session.execute(update(Offer).where(Offer.id.in_(ids)).values(last_run_id=self.run_id, missed=0))
        older = (Product.id.in_(product_ids), Product.last_seen_at < self.seen_at)
        self.session.execute(update(Product).where(*older).values(later))
        self.written.unchanged += len(ids)

    def _execute(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(statement, rows)


def state_of(offer: Row[Any], pictures: Sequence[Placed] | None) -> dict[str, Any]:
    """An offer as it is, in JSON, so that it can be made so again; `pictures` only where they are about to change."""
    names = ("url", "price_cents", "currency", "facts", "digest", "missed", "last_run_id")
    state = {name: getattr(offer, name) for name in names}
    state["last_seen_at"] = offer.last_seen_at.isoformat()
    state["gone_at"] = offer.gone_at and offer.gone_at.isoformat()
    state["pictures"] = None if pictures is None else [placed.kept() for placed in pictures]
    return state


def _is_news(one: Incoming, offer: Row[Any]) -> bool:
    """Whether an offer has to be looked at: its shop says something else, or it was not seen the last time."""
    return bool(one.digest != offer.digest or offer.missed or offer.gone_at is not None)


def takes_pictures(one: Incoming, have: Sequence[Placed]) -> bool:
    """Whether a listing's pictures take the place of those that are there: one bad download loses nothing."""
    return bool(one.pictures) and list(one.pictures) != list(have) and (one.is_whole or not have)


def changes_of(one: Incoming, offer: Row[Any]) -> dict[str, Any]:
    """What a listing says otherwise than the offer, by column."""
    says = {**one.facts, **_price(one), "url": one.url}
    told = {**offer.facts, "price_cents": offer.price_cents, "currency": offer.currency, "url": offer.url}
    return {name: value for name, value in says.items() if told.get(name) != value}


def _told(one: Incoming) -> dict[str, Any]:
    """What a listing says, by column of `offers`."""
    return {"url": one.url, **_price(one), "facts": one.facts, "digest": one.digest}


def _price(one: Incoming) -> dict[str, Any]:
    return {"price_cents": one.price_cents, "currency": one.currency}


def _by_style_key(session: Session, site: str, fresh: Sequence[Incoming]) -> dict[tuple[str, str], int]:
    """The products that only other shops have, by style key and brand."""
    keys = sorted({one.style_key for one in fresh} - {""})
    ours = select(Offer.id).where(Offer.product_id == Product.id, Offer.site == site).exists()
    question = select(Product.style_key, Product.brand, Product.id).where(
        Product.style_key.in_(keys), Product.site.not_in((KNOWN_MODELS, MERGED)), ~ours
    )
    rows = session.execute(question.order_by(Product.id.desc())) if keys else ()
    return {(key, spelled(brand)): product_id for key, brand, product_id in rows}


def _known_models(session: Session, labels: set[str]) -> dict[str, int]:
    """The products that wait for a shop to bring them, by label."""
    waiting = select(Product.label, Product.id).where(Product.site == KNOWN_MODELS, Product.label.in_(sorted(labels)))
    return {label: product_id for label, product_id in session.execute(waiting)}  # noqa: C416 (rows are no pairs)
