"""Shops, the runs that read them, what a run has read but not yet published, and what it has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model, UtcDateTime, now

DEMO = "demo"
"""Our own shop: nobody has to confirm that it may be scraped."""
SCHEDULES = ("off", "daily", "weekly")
RUN_STATES = ("queued", "running", "succeeded", "suspect", "failed", "cancelled", "undone")


class Shop(Model):
    """A shop and how it is read: `reader` is the parser (one of scraper.sites.SITES), `start_urls` where to begin (or
    where the parser says, if there are none). It is only read once an admin has confirmed that it may be."""

    __tablename__ = "shops"

    site: Mapped[str] = mapped_column(String(60), primary_key=True)
    reader: Mapped[str] = mapped_column(String(60))
    start_urls: Mapped[list[str]] = mapped_column(JSON, default=list)
    enabled: Mapped[bool] = mapped_column(default=True)
    schedule: Mapped[str] = mapped_column(String(10), default="off")
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint(f"schedule IN {SCHEDULES!r}", name="schedule"),)

    @property
    def is_confirmed(self) -> bool:
        """Whether it may be scraped: somebody says so, or it is our own and nobody has removed it."""
        return self.confirmed_at is not None or (self.site == DEMO and self.removed_at is None)


class ScrapeRun(Model):
    """One reading of a shop. Ids are never given twice.

    `coverage` is the share of listings that have a field; `why` a sentence for people: why it is suspect or failed, or
    what came of it. `crawl` holds the crawler's own numbers. `read_at` is when the shop was read.
    """

    __tablename__ = "scrape_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    pages: Mapped[int] = mapped_column(default=0)
    listings: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    retired: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    pictures_tried: Mapped[int] = mapped_column(default=0)
    pictures_valid: Mapped[int] = mapped_column(default=0)
    coverage: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    crawl: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    why: Mapped[str] = mapped_column(String(500), default="")
    is_reversible: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"state IN {RUN_STATES!r}", name="state"),
        Index("ix_scrape_runs_of_site", "site", "id"),
        {"sqlite_autoincrement": True},
    )

    def counts(self) -> dict[str, int]:
        """The numbers, by their names in the API."""
        names = ("pages", "listings", "new", "changed", "unchanged", "retired", "errors")
        return {name: getattr(self, name) for name in names}


class StagedListing(Model):
    """A listing that a run has read, not yet published. Its pictures lie in the image store: `pictures` holds
    [sha256, suffix, width, height, angle_deg] of each, `is_whole` says whether there are some and none is missing."""

    __tablename__ = "staged_listings"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("scrape_runs.id", ondelete="CASCADE"))
    style_code: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(2000))
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    pictures: Mapped[list[list[Any]]] = mapped_column(JSON)
    is_whole: Mapped[bool]
    digest: Mapped[str] = mapped_column(String(40))

    __table_args__ = (UniqueConstraint("run_id", "style_code"),)


class RunChange(Model):
    """What a run changed of an offer that was there before: `before` is all that undoing needs, `after` holds the
    columns that changed. `kind` is changed, returned or gone. What a run added names it as its first run."""

    __tablename__ = "run_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("scrape_runs.id", ondelete="CASCADE"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (CheckConstraint("kind IN ('changed', 'returned', 'gone')", name="kind"),)
