"""A marketer's own results: what was imported when, its rows, what was wrong with others, and how columns were read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.accounts.models import User
from webapp.catalogue.models import Product, ProductImage
from webapp.database import Model, UtcDateTime, now
from webapp.jobs.models import Job

for referred_to in (User, Product, ProductImage, Job):
    assert referred_to

STATES = ("mapping", "importing", "imported", "failed", "cancelled")


class CampaignImport(Model):
    """One file that somebody sent. `mapping` says for each field which column tells it, `usual` the context of rows
    that do not tell theirs. The file itself is kept until it is imported: see `sent_files.py`."""

    __tablename__ = "campaign_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    lines: Mapped[int]
    columns: Mapped[list[str]] = mapped_column(JSON)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON)
    usual: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), default="mapping")
    message: Mapped[str] = mapped_column(String(500), default="")
    imported: Mapped[int] = mapped_column(default=0)
    known_before: Mapped[int] = mapped_column(default=0)
    faulty: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        {"sqlite_autoincrement": True},  # the file's name is its import's id: no id is given twice
    )


class CampaignFault(Model):
    """Why a line of an imported file was left out."""

    __tablename__ = "campaign_faults"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("campaign_imports.id", ondelete="CASCADE"), index=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))


class CampaignRow(Model):
    """One imported send, or one recipient: which picture went out in which context, and what came of it.

    `picture` is what the file wrote, `image_id` the picture that it stands for; it outlives that picture. Counts are
    None where the file does not tell them. No two rows have the same digest, so that nothing is imported twice.
    """

    __tablename__ = "campaign_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("campaign_imports.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    line: Mapped[int]
    picture: Mapped[str] = mapped_column(String(300))
    image_id: Mapped[int | None] = mapped_column(ForeignKey("product_images.id", ondelete="SET NULL"), index=True)
    augment: Mapped[str] = mapped_column(String(40))
    campaign: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[str] = mapped_column(String(60), default="")
    campaign_type: Mapped[str] = mapped_column(String(60))
    industry: Mapped[str] = mapped_column(String(60))
    sneaker_type: Mapped[str] = mapped_column(String(60))
    recipients: Mapped[int] = mapped_column(BigInteger)
    bounces: Mapped[int | None] = mapped_column(BigInteger)
    opens: Mapped[int | None] = mapped_column(BigInteger)
    clicks: Mapped[int | None] = mapped_column(BigInteger)
    carts: Mapped[int | None] = mapped_column(BigInteger)
    abandoned_carts: Mapped[int | None] = mapped_column(BigInteger)
    conversions: Mapped[int | None] = mapped_column(BigInteger)
    purchases: Mapped[int | None] = mapped_column(BigInteger)
    unsubscribes: Mapped[int | None] = mapped_column(BigInteger)
    revenue_cents: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("recipients >= 1", name="recipients"),)


class ColumnMapping(Model):
    """How the columns of a table were read last: `headers` is a digest of their names, so that the next file of the
    same tool is read alike."""

    __tablename__ = "column_mappings"

    headers: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    usual: Mapped[dict[str, Any]] = mapped_column(JSON)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
