"""Undo a run: what it changed is as before, what it added is retired, or gone where another shop has the product."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.catalogue.incoming import Placed
from webapp.catalogue.models import UNDONE, CatalogueState, Product
from webapp.catalogue.offer_models import Offer, OfferPrice
from webapp.catalogue.offer_pictures import renumber, replace_pictures
from webapp.catalogue.pieces import slices
from webapp.catalogue.re_embed import embed_soon
from webapp.catalogue.run_models import RunChange, ScrapeRun
from webapp.catalogue.runs import RunError, good_runs_of
from webapp.catalogue.settle import settle
from webapp.database import db, now, when_written, write_transaction

_AT_A_TIME = 500
_UNSYNCED = {"synchronize_session": False}

log = logging.getLogger(__name__)


def undo(run: ScrapeRun, person: User, *, with_later: Sequence[int] = ()) -> None:
    """Take back what a run did. Later runs of the same shop build on it: they must be undone first, or are, all in one
    transaction, where `with_later` names each of them, the newest first: nobody undoes a run that they have not seen.
    Raises RunError with a sentence where that, or anything else, stands in the way."""
    with write_transaction() as session:
        later = later_runs_of(run) if with_later else []
        if [one.id for one in later] != list(with_later):
            raise RunError("Other runs build on it by now than this page said. Look at it again before you undo them.")
        for each in [*later, run]:
            if refusal := why_not(each):
                raise RunError(refusal)
            _take_back(session, each)
            each.why = f"Undone by {person.email}. {each.why}"[:500]
            each.decided_by, each.decided_at = person.id, now()
            log.info("user %s undoes run %s of %s", person.id, each.id, each.site)
    when_written(embed_soon)


def later_runs_of(run: ScrapeRun) -> list[ScrapeRun]:
    """The good runs of its shop that build on this one, the newest first."""
    later = (ScrapeRun.site == run.site, ScrapeRun.id > run.id, ScrapeRun.state == "succeeded")
    return list(db.session.scalars(select(ScrapeRun).where(*later).order_by(ScrapeRun.id.desc())))


def why_not(run: ScrapeRun) -> str:
    """Why a run cannot be undone, as a sentence; empty where it can."""
    if run.state != "succeeded":
        return f"Run {run.id} of {run.site} is {run.state}: there is nothing to undo."
    if later := later_runs_of(run):
        return f"Later runs of {run.site} build on it: undo run {later[0].id} first, or all of them together."
    if not run.is_reversible:
        return f"What run {run.id} of {run.site} changed is no longer kept, so it cannot be undone."
    return ""


def _take_back(session: Session, run: ScrapeRun) -> None:
    touched = [*_restore_changed(session, run), *_hide_added(session, run)]
    _forget_seeing(session, run)
    settle(session, touched, UNDONE)
    counts = {"products": CatalogueState.products + 1, "embeddings": CatalogueState.embeddings + 1}
    session.execute(update(CatalogueState).values(**counts))
    session.execute(delete(RunChange).where(RunChange.run_id == run.id))
    run.state, run.is_reversible = "undone", False
    session.flush()


def changed_pictures(session: Session, run_id: int) -> set[str]:
    """The pictures that undoing a run would bring back."""
    states = session.scalars(select(RunChange.before).where(RunChange.run_id == run_id))
    return {picture[0] for state in states for picture in state.get("pictures") or []}


def _restore_changed(session: Session, run: ScrapeRun) -> Iterator[int]:
    """Make offers what they were before the run; the ids of their products."""
    rows = session.execute(
        select(RunChange.offer_id, RunChange.before, Offer.product_id)
        .join(Offer, Offer.id == RunChange.offer_id)
        .where(RunChange.run_id == run.id)
    ).all()
    states = [{"id": row.offer_id, **_columns(row.before)} for row in rows]
    if states:
        session.execute(update(Offer), states)
    added = select(Offer.id).where(Offer.first_run_id == run.id)
    prices = (OfferPrice.run_id == run.id, OfferPrice.offer_id.not_in(added))
    session.execute(delete(OfferPrice).where(*prices).execution_options(**_UNSYNCED))
    for row in rows:
        if row.before["pictures"] is not None:
            pictures = [Placed.of(kept) for kept in row.before["pictures"]]
            replace_pictures(session, row.product_id, row.offer_id, pictures)
        yield row.product_id


def _columns(before: dict[str, Any]) -> dict[str, Any]:
    """An offer's columns as `upsert.state_of` has kept them."""
    columns = {name: value for name, value in before.items() if name != "pictures"}
    columns["last_seen_at"] = datetime.fromisoformat(before["last_seen_at"])
    columns["gone_at"] = before["gone_at"] and datetime.fromisoformat(before["gone_at"])
    return columns


def _hide_added(session: Session, run: ScrapeRun) -> list[int]:
    """Let the offers be gone that the run has added; the ids of their products. Of a product that has other offers
    nothing is left of these: neither their pictures nor their words are to be shown, or learned from, under it."""
    added = Offer.first_run_id == run.id
    product_ids = list(session.scalars(select(Offer.product_id).where(added)))
    others = select(Offer.product_id).where(Offer.first_run_id.is_distinct_from(run.id))
    shared = select(Offer.id, Offer.product_id).where(added, Offer.product_id.in_(others))
    rows = session.execute(shared).all()
    for some in slices([row.id for row in rows], _AT_A_TIME):
        session.execute(delete(Offer).where(Offer.id.in_(some)).execution_options(**_UNSYNCED))
    session.execute(update(Offer).where(added).values(gone_at=now()).execution_options(**_UNSYNCED))
    session.expire_all()
    renumber(session, sorted({row.product_id for row in rows}))
    return product_ids


def _forget_seeing(session: Session, run: ScrapeRun) -> None:
    """Offers that the run saw unchanged were last seen by the run before it; those that it missed, it did not miss."""
    before = good_runs_of(run.site, most=1, before=run.id)
    of_shop = Offer.site == run.site
    not_seen = Offer.last_run_id.is_distinct_from(run.id)  # None: it never came by a run
    unseen = (of_shop, Offer.missed > 0, Offer.gone_at.is_(None), not_seen)
    changed = select(RunChange.offer_id).where(RunChange.run_id == run.id)
    missed = update(Offer).where(*unseen, Offer.id.not_in(changed)).values(missed=Offer.missed - 1)
    session.execute(missed.execution_options(**_UNSYNCED))
    seen = (of_shop, Offer.last_run_id == run.id, Offer.first_run_id.is_distinct_from(run.id))
    products = session.scalars(select(Offer.product_id).where(*seen)).all()
    last_seen_at = before[0].read_at if before else Offer.first_seen_at
    earlier = update(Offer).where(*seen).values(last_run_id=before[0].id if before else None, last_seen_at=last_seen_at)
    session.execute(earlier.execution_options(**_UNSYNCED))
    if products:
        latest = select(func.max(Offer.last_seen_at)).where(Offer.product_id == Product.id).scalar_subquery()
        theirs = select(Offer.product_id).where(of_shop)
        restored = update(Product).where(Product.id.in_(theirs)).values(last_seen_at=latest)
        session.execute(restored.execution_options(**_UNSYNCED))
