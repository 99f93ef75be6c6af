"""Who sells a product, for how much and since when; and the pictures that we keep, each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.catalogue.models import Product
from webapp.database import Model, UtcDateTime, now


class Offer(Model):
    """A product as one shop shows it: `site` and `style_code` name it. `facts` is what the shop says about the shoe.

    `missed` counts the good runs in a row that did not see it; from the third on it is gone (`gone_at`). `digest`
    stands for all that the shop says, so that what has not changed is found without reading it.
    """

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    site: Mapped[str] = mapped_column(String(60))
    style_code: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(2000))
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    digest: Mapped[str] = mapped_column(String(40), default="")
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    missed: Mapped[int] = mapped_column(default=0)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_run_id: Mapped[int | None] = mapped_column(ForeignKey("scrape_runs.id", ondelete="SET NULL"), index=True)
    last_run_id: Mapped[int | None] = mapped_column(ForeignKey("scrape_runs.id", ondelete="SET NULL"), index=True)
    product: Mapped[Product] = relationship(back_populates="offers")
    prices: Mapped[list[OfferPrice]] = relationship(
        back_populates="offer", order_by="OfferPrice.id", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (UniqueConstraint("site", "style_code"), CheckConstraint("price_cents >= 0", name="price"))


class OfferPrice(Model):
    """What an offer has cost since a moment, and which run saw it first; no price where the shop named none."""

    __tablename__ = "offer_prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), index=True)
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("scrape_runs.id", ondelete="SET NULL"), index=True)
    offer: Mapped[Offer] = relationship(back_populates="prices")


class StoredPicture(Model):
    """A picture that a shop sent, by the SHA-256 of its bytes, so that it is opened only once.

    `same_as` is the picture of the image store that stands for it: itself, or one that shows the same. `phash` is the
    perceptual hash (32 bytes); none of pictures that came before hashes were kept.
    """

    __tablename__ = "stored_pictures"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    same_as: Mapped[str] = mapped_column(String(64), index=True)
    suffix: Mapped[str] = mapped_column(String(5))
    width: Mapped[int]
    height: Mapped[int]
    phash: Mapped[bytes | None] = mapped_column(LargeBinary)
