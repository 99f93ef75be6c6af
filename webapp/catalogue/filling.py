"""Fill an empty catalogue from the demo shop while it is read."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from webapp.catalogue.offer_models import Offer
from webapp.catalogue.run_models import DEMO, ScrapeRun
from webapp.database import db, now, write_transaction


def may_fill(site: str) -> bool:
    """Whether a shop is our own and the catalogue has nothing of it, but for what an earlier try has left."""
    published = exists().where(ScrapeRun.site == site, ScrapeRun.state.in_(("succeeded", "undone")))
    others = exists().where(Offer.site == site, Offer.first_run_id.is_(None))
    return site == DEMO and not db.session.scalar(select(published | others))


def publish_filled(run: ScrapeRun) -> None:
    """What was filled stays."""
    with write_transaction() as session:
        seen = (Offer.site == run.site, Offer.last_run_id == run.id)
        run.new = (
            session.scalar(select(func.count()).select_from(Offer).where(*seen, Offer.first_run_id == run.id)) or 0
        )
        run.unchanged = (session.scalar(select(func.count()).select_from(Offer).where(*seen)) or 0) - run.new
        run.state, run.finished_at = "succeeded", now()
