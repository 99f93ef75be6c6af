"""Merge a run into the catalogue: all that it has staged, in one transaction, and what it has not seen."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from webapp.catalogue.models import CatalogueState, Product
from webapp.catalogue.offer_models import Offer
from webapp.catalogue.run_models import RunChange, ScrapeRun, StagedListing
from webapp.catalogue.runs import good_runs_of
from webapp.catalogue.settle import settle
from webapp.catalogue.staging import staged_of
from webapp.catalogue.upsert import Written, state_of, write
from webapp.database import now, write_transaction

MISSED_BEFORE_GONE = 3
RUNS_REVERSIBLE = 10
"""Of so many good runs of a shop is kept what they changed, so that they can be undone."""
_AT_A_TIME = 500
_UNSYNCED = {"synchronize_session": False}  # nothing of it is in memory


def merge_run(run: ScrapeRun) -> list[int]:
    """Make products of what a run has staged; the ids of those that are new or changed.

    One transaction: whoever reads sees the catalogue before or after, and a process that dies leaves it as it was. What
    has not changed is only stamped, in a few statements; that is most of it, most of the time.
    """
    with write_transaction() as session:
        seen_at = run.read_at or now()
        run.unchanged = _stamp_unchanged(session, run)
        written = _write_news(session, run)
        run.new, run.changed = written.new, written.changed
        run.unchanged += written.unchanged
        run.retired = miss_the_unseen(session, run)
        session.execute(delete(StagedListing).where(StagedListing.run_id == run.id))
        run.state, run.finished_at, run.read_at = "succeeded", now(), seen_at
        session.flush()
        _forget_old_changes(session, run.site)
    return written.product_ids


def _stamp_unchanged(session: Session, run: ScrapeRun) -> int:
    """Keep that offers were seen which say what they said before; how many. They are staged no more."""
    staged = select(StagedListing.style_code, StagedListing.digest).where(StagedListing.run_id == run.id)
    same: tuple[ColumnElement[bool], ...] = (
        Offer.site == run.site,
        Offer.missed == 0,
        Offer.gone_at.is_(None),
        tuple_(Offer.style_code, Offer.digest).in_(staged),
    )
    stamp = update(Offer).where(*same).values(last_run_id=run.id, last_seen_at=run.read_at)
    session.execute(stamp.execution_options(**_UNSYNCED))
    seen = (Offer.site == run.site, Offer.last_run_id == run.id)
    stamped = session.scalar(select(func.count()).select_from(Offer).where(*seen)) or 0
    products = select(Offer.product_id).where(*seen)
    session.execute(
        update(Product)
        .where(Product.id.in_(products), Product.last_seen_at < run.read_at)
        .values(last_seen_at=run.read_at)
        .execution_options(**_UNSYNCED)
    )
    session.execute(
        delete(StagedListing)
        .where(StagedListing.run_id == run.id, StagedListing.style_code.in_(select(Offer.style_code).where(*seen)))
        .execution_options(**_UNSYNCED)
    )
    return stamped


def _write_news(session: Session, run: ScrapeRun) -> Written:
    """Write what is new or otherwise than before."""
    whole = Written()
    for piece in staged_of(run.id, run.site, _AT_A_TIME):
        written = write(piece, run.read_at or now(), run.id)
        whole.new += written.new
        whole.changed += written.changed
        whole.unchanged += written.unchanged
        whole.product_ids += written.product_ids
    return whole


def miss_the_unseen(session: Session, run: ScrapeRun) -> int:
    """Count one more miss of each offer of the shop that this run has not seen; the third in a row makes it gone, and
    products without any other offer retire. How many do."""
    unseen = (
        Offer.site == run.site,
        Offer.gone_at.is_(None),
        Offer.last_run_id.is_(None) | (Offer.last_run_id != run.id),
    )
    table = Offer.__table__
    going = session.execute(select(*table.c).where(*unseen, Offer.missed >= MISSED_BEFORE_GONE - 1)).all()
    session.execute(update(Offer).where(*unseen).values(missed=Offer.missed + 1).execution_options(**_UNSYNCED))
    if not going:
        return 0
    session.execute(update(Offer), [{"id": offer.id, "gone_at": now()} for offer in going])
    changes = [
        {"run_id": run.id, "offer_id": offer.id, "kind": "gone", "before": state_of(offer, None), "after": {}}
        for offer in going
    ]
    session.execute(insert(RunChange), changes)
    retired = settle(session, [offer.product_id for offer in going])
    counted = {"products": CatalogueState.products + 1, "embeddings": CatalogueState.embeddings + 1}
    session.execute(update(CatalogueState).values(**counted))
    return retired


def _forget_old_changes(session: Session, site: str) -> None:
    """Keep what runs changed only as long as somebody may want to undo them."""
    old = [run.id for run in good_runs_of(site, most=RUNS_REVERSIBLE + 5)[RUNS_REVERSIBLE:]]
    session.execute(delete(RunChange).where(RunChange.run_id.in_(old)))
    session.execute(update(ScrapeRun).where(ScrapeRun.id.in_(old)).values(is_reversible=False))
