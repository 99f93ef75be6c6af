"""The sneakers that we know: products, their pictures, and what the models see in these."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import Model, UtcDateTime, now

# People look for "adidas" under A, next to "Asics".
_name = String(300).with_variant(String(300, collation="NOCASE"), "sqlite")


KNOWN_MODELS = "known-models"
"""The site of products that no shop has brought: a bundle knows them. Their style code is the bundle's label, and they
have neither pictures nor an address. See `known_models.py`."""


class Product(Model):
    """A sneaker in one colorway. `site` and `style_code` name it; `label` is what a classifier may learn to call it."""

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
    images: Mapped[list[ProductImage]] = relationship(
        back_populates="product", order_by="ProductImage.position", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        UniqueConstraint("site", "style_code"),
        CheckConstraint("price_cents >= 0", name="price"),
        Index("ix_products_label", "label"),
        # The browse page walks one of these in its order and filters on the way without touching the table.
        Index("ix_products_newest", "id", "brand", "gender", "category"),
        Index("ix_products_price", "price_cents", "id", "brand", "gender", "category"),
        Index("ix_products_name", "name", "id", "brand", "gender", "category"),
        Index("ix_products_facets", "brand", "gender", "category"),
        {"sqlite_autoincrement": True},  # old answers speak of products by id: no id is given twice
    )

    @property
    def is_from_a_shop(self) -> bool:
        """Whether a shop has brought it; else it is only known to a model."""
        return self.site != KNOWN_MODELS


class ProductImage(Model):
    """One picture of a product. The file is in the image store under its SHA-256; width and height are pixels."""

    __tablename__ = "product_images"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    suffix: Mapped[str] = mapped_column(String(5))
    angle_deg: Mapped[int | None]
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
