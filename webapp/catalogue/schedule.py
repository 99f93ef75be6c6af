"""Read shops by their schedules."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import func, select

from webapp.catalogue.run_models import ScrapeRun, Shop
from webapp.catalogue.scrape import start_run
from webapp.catalogue.shops import refusal_of
from webapp.database import db, now

log = logging.getLogger(__name__)

EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


def start_due() -> list[str]:
    """Have each shop read whose turn it is; which ones. A run that fails waits for the next turn, too; a shop that
    cannot be begun with does not hold up the others."""
    begun = []
    for site in due_shops():
        try:
            start_run(site)
            begun.append(site)
        except ValueError:  # somebody has just switched it off, or withdrawn what they had confirmed
            log.warning("%s is due and was not begun", site, exc_info=True)
    return begun


def due_shops() -> list[str]:
    """The shops whose last run began longer ago than their schedule says, and that may be read."""
    last = select(ScrapeRun.site, func.max(ScrapeRun.created_at).label("at")).group_by(ScrapeRun.site).subquery()
    question = select(Shop, last.c.at).outerjoin(last, last.c.site == Shop.site).where(Shop.schedule.in_(list(EVERY)))
    rows = db.session.execute(question.order_by(Shop.site)).all()
    due = [
        shop.site for shop, at in rows if not refusal_of(shop) and (at is None or now() - at >= EVERY[shop.schedule])
    ]
    db.session.rollback()  # a reading transaction left open would keep the write-ahead log from being cut
    return due
