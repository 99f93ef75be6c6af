"""The sneakers that we know: products, their pictures, and what the models see in these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Model, UtcDateTime, now

if TYPE_CHECKING:
    from webapp.catalogue.offer_models import Offer

_LIVE: dict[str, Any] = {name: text("retired_at IS NULL") for name in ("sqlite_where", "postgresql_where")}
# People look for "adidas" under A, next to "Asics".
_name = String(300).with_variant(String(300, collation="NOCASE"), "sqlite")


KNOWN_MODELS = "known-models"
"""The site of products that no shop has brought: a bundle knows them. Their style code is the bundle's label, and they
have neither pictures nor an address. See `known_models.py`."""

MERGED = "merged"
"""The site of what is left of a product that was merged into another one: a signpost for old links. Its style code is
the id of the offer that it was made of."""
UNSEEN, UNDONE, BY_HAND, MERGED_AWAY = "unseen", "undone", "by hand", "merged"
"""Why a product is retired. One that is unseen or undone returns when a shop shows it again; the others stay away."""


class Product(Model):
    """A sneaker in one colorway, made of its offers (see `settle.py`), the first of which gives it `site`,
    `style_code` and its facts; the price is the lowest that a shop asks. `label` is what a classifier may learn to call
    it.

    A retired product is hidden from browsing and alternates, never deleted; `retired_because` says why. `edited` names
    the columns that a person has set: no shop changes them.
    """

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(60))
    style_code: Mapped[str] = mapped_column(String(120))
    brand: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(_name)
    label: Mapped[str] = mapped_column(String(300))
    colorway: Mapped[str] = mapped_column(String(200), default="")
    gender: Mapped[str] = mapped_column(String(20), default="unisex")
    category: Mapped[str] = mapped_column(String(60), default="")
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    url: Mapped[str] = mapped_column(String(2000))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    style_key: Mapped[str] = mapped_column(String(120), default="", index=True)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_because: Mapped[str] = mapped_column(String(20), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="SET NULL"))
    edited: Mapped[list[str]] = mapped_column(JSON, default=list)
    offers: Mapped[list[Offer]] = relationship(
        "Offer", back_populates="product", order_by="Offer.id", cascade="all, delete-orphan", passive_deletes=True
    )
    images: Mapped[list[ProductImage]] = relationship(
        back_populates="product", order_by="ProductImage.position", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        UniqueConstraint("site", "style_code"),
        CheckConstraint("price_cents >= 0", name="price"),
        Index("ix_products_label", "label"),
        # The browse page walks one of these in its order and filters on the way without touching the table;
        # what is retired is not in them.
        Index("ix_products_newest", "id", "brand", "gender", "category", **_LIVE),
        Index("ix_products_price", "price_cents", "id", "brand", "gender", "category", **_LIVE),
        Index("ix_products_name", "name", "id", "brand", "gender", "category", **_LIVE),
        Index("ix_products_facets", "brand", "gender", "category", **_LIVE),
        {"sqlite_autoincrement": True},  # old answers speak of products by id: no id is given twice
    )

    @property
    def is_from_a_shop(self) -> bool:
        """Whether a shop has brought it; else it is only known to a model."""
        return self.site != KNOWN_MODELS

    @property
    def live_offers(self) -> list[Offer]:
        """The offers of shops that still show it, cheapest first, those without a price last."""
        live = [offer for offer in self.offers if offer.gone_at is None]
        return sorted(live, key=lambda offer: (offer.price_cents is None, offer.price_cents or 0, offer.id))


class ProductImage(Model):
    """One picture of a product, as one offer brought it. The file is in the image store under its SHA-256; width and
    height are pixels. Offers whose pictures show the same share one file. `told_angle_deg` is what the shop said;
    where `angle_deg` is another, a person has set it."""

    __tablename__ = "product_images"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    suffix: Mapped[str] = mapped_column(String(5))
    angle_deg: Mapped[int | None]
    told_angle_deg: Mapped[int | None]
    width: Mapped[int]
    height: Mapped[int]
    product: Mapped[Product] = relationship(back_populates="images")

    __table_args__ = (UniqueConstraint("product_id", "position"),)

    @property
    def url(self) -> str:
        """Where a browser finds the picture at full size."""
        return f"/images/{self.sha256}.{self.suffix}"

    def thumbnail_url(self, width: int) -> str:
        """Where a browser finds it small; `width` is one of the image store's THUMBNAIL_WIDTHS."""
        return f"/images/{self.sha256}/{width}"


class Embedding(Model):
    """What one bundle sees in one picture: `vector` is a unit vector, float32, little-endian."""

    __tablename__ = "embeddings"

    image_id: Mapped[int] = mapped_column(ForeignKey("product_images.id", ondelete="CASCADE"), primary_key=True)
    bundle_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class CatalogueState(Model):
    """One row that counts changes: who keeps a copy in memory sees cheaply whether it is out of date.

    `products` goes up with every change of a product or its pictures, `embeddings` with every change of embeddings.
    Whoever writes those raises it in the same transaction.
    """

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    products: Mapped[int] = mapped_column(default=0)
    embeddings: Mapped[int] = mapped_column(default=0)
