"""What admins decided about what people said, and which answers they keep an eye on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model, UtcDateTime, now

ACCEPTED, REJECTED = "accepted", "rejected"


class FeedbackReview(Model):
    """Whether what a person said about their photos becomes training data. Accepted photos show `label`, or no shoe of
    ours where it is empty. Feedback that was given anew since `reviewed_at` waits again."""

    __tablename__ = "feedback_reviews"

    identification_id: Mapped[str] = mapped_column(
        ForeignKey("feedback.identification_id", ondelete="CASCADE"), primary_key=True
    )
    verdict: Mapped[str] = mapped_column(String(20))
    label: Mapped[str | None] = mapped_column(String(300))
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (
        CheckConstraint("verdict IN ('accepted', 'rejected')", name="verdict"),
        CheckConstraint("verdict = 'rejected' OR label IS NOT NULL", name="accepted_has_label"),
    )


class PinnedIdentification(Model):
    """An answer whose photos are asked anew of every bundle that might be published."""

    __tablename__ = "pinned_identifications"

    identification_id: Mapped[str] = mapped_column(
        ForeignKey("identifications.id", ondelete="CASCADE"), primary_key=True
    )
    pinned_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
