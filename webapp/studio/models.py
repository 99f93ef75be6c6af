"""What the studio keeps: variants of catalogue pictures made ahead, and what was recommended to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from webapp.accounts.models import User
from webapp.catalogue.models import Product
from webapp.database import Model, UtcDateTime, now


def _new_id() -> str:
    return str(uuid4())


class VariantEmbedding(Model):
    """One augment of a catalogue picture as an e-mail delivers it, and what one bundle sees in it.

    `sha256` names the delivered JPEG in the image store, width and height are its pixels; `vector` is a unit vector and
    `augment_probabilities` those of RECOGNISED_AUGMENTS, both float32, little-endian, of the pixels that come out of
    that JPEG.
    """

    __tablename__ = "variant_embeddings"

    image_id: Mapped[int] = mapped_column(ForeignKey("product_images.id", ondelete="CASCADE"), primary_key=True)
    augment: Mapped[str] = mapped_column(String(40), primary_key=True)
    bundle_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    augment_probabilities: Mapped[bytes] = mapped_column(LargeBinary)


def variants_in_use(session: Session, sha256s: Sequence[str]) -> set[str]:
    """Those of these pictures that are variants of a product's picture."""
    return set(session.scalars(select(VariantEmbedding.sha256).where(VariantEmbedding.sha256.in_(sha256s))))


def variants_of(session: Session, image_ids: Sequence[int]) -> set[str]:
    """The variants that were made of these product images."""
    return set(session.scalars(select(VariantEmbedding.sha256).where(VariantEmbedding.image_id.in_(image_ids))))


class Recommendation(Model):
    """What was recommended once, kept as it was given: models and products may change meanwhile, this does not.

    `user_id` is whom it was made for. `product_id` is None for a picture that was sent, and where the product is gone.
    """

    __tablename__ = "recommendations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=_new_id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="SET NULL"), index=True)
    source: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(40))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The API's answer but for id and created_at; made by `webapp.studio.answer`."""
    user: Mapped[User] = relationship()
    product: Mapped[Product | None] = relationship()

    __table_args__ = (
        CheckConstraint("source IN ('catalogue', 'upload')", name="source"),
        Index("ix_recommendations_of_user", "user_id", "created_at"),
    )

    @property
    def document(self) -> dict[str, Any]:
        """The answer as the API gives it, the same each time."""
        return {"id": self.id, "created_at": self.created_at.isoformat(), **self.answer}
