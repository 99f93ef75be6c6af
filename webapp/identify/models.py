"""What people sent us, what we answered, and what they say it really was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from webapp.database import Model, UtcDateTime, now


def _new_id() -> str:
    return str(uuid4())


class Identification(Model):
    """What we answered once, kept as it was given: products may change or go meanwhile, this does not."""

    __tablename__ = "identifications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=_new_id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    bundle_id: Mapped[str] = mapped_column(String(200))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The API's answer but for id, created_at and bundle; made by `webapp.identify.answer`."""
    training_allowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the person said that models may be trained on the photos; None where they have not, or no longer do."""
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When photos, answer and feedback were deleted: by the person, or for their age. Only this row is left then."""
    uploads: Mapped[list[Upload]] = relationship(
        back_populates="identification", order_by="Upload.position", cascade="all, delete-orphan", lazy="selectin"
    )
    feedback: Mapped[Feedback | None] = relationship(
        back_populates="identification", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted: there is no answer any more."""
        return self.deleted_at is not None

    @property
    def document(self) -> dict[str, Any]:
        """The answer as the API gives it, the same each time."""
        return {"id": self.id, "created_at": self.created_at.isoformat(), "bundle": self.bundle_id, **self.answer}


class Upload(Model):
    """One photo of an identification and its cut-out, both re-encoded by us: no EXIF, no GPS. Pixels, and the part of
    the picture (0..1) that the shoe covers; `fallback` where the background could not be removed."""

    __tablename__ = "uploads"

    identification_id: Mapped[str] = mapped_column(
        ForeignKey("identifications.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    photo_sha256: Mapped[str] = mapped_column(String(64))
    cutout_sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    coverage: Mapped[float]
    fallback: Mapped[bool]
    identification: Mapped[Identification] = relationship(back_populates="uploads")

    __table_args__ = (
        Index("ix_uploads_photo_sha256", "photo_sha256"),
        Index("ix_uploads_cutout_sha256", "cutout_sha256"),
    )


def pictures_in_use(session: Session, sha256s: Sequence[str]) -> set[str]:
    """Those of these pictures that somebody has sent, or that were cut out of what they sent."""
    columns = (Upload.photo_sha256, Upload.cutout_sha256)
    return {name for column in columns for name in session.scalars(select(column).where(column.in_(sha256s)))}


class Feedback(Model):
    """What a person says the shoe really is. One an identification; saying it again replaces it.

    `correct` true: our first match is right. Else `label` is what it is instead, or None where they only know that we
    are wrong; `product_id` is the exact product where they picked one.
    """

    __tablename__ = "feedback"

    identification_id: Mapped[str] = mapped_column(
        ForeignKey("identifications.id", ondelete="CASCADE"), primary_key=True
    )
    correct: Mapped[bool]
    label: Mapped[str | None] = mapped_column(String(300))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="SET NULL"), index=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    identification: Mapped[Identification] = relationship(back_populates="feedback")

    __table_args__ = (
        CheckConstraint("NOT correct OR (label IS NULL AND product_id IS NULL)", name="correct_needs_no_label"),
    )
