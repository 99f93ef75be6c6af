"""What the admin's desk shows first: how much there is, who serves, what is going on, what waits for a person."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, func, select

from ml.serving.bundle import Bundle
from webapp.admin.feedback import count_waiting
from webapp.admin.shops import ShopRow, shop_rows
from webapp.catalogue.models import Embedding, Product, ProductImage
from webapp.database import db
from webapp.identify.models import Identification
from webapp.jobs.models import Job
from webapp.settings import current_settings

JOBS_SHOWN = 6
LITTLE_DISK_GB = 2.0


@dataclass(frozen=True)
class Overview:
    """The numbers and lists of the overview. `embedded` counts products with an embedding of the bundle on duty;
    `disk_free_gb` is what is left where this site keeps its things."""

    products: int
    pictures: int
    embedded: int
    identifications: int
    waiting: int
    disk_free_gb: float
    bundle: Bundle | None
    jobs: list[Job]
    shops: list[ShopRow]

    @property
    def disk_is_short(self) -> bool:
        return self.disk_free_gb < LITTLE_DISK_GB


def look() -> Overview:
    """The overview of this moment."""
    bundle: Bundle | None = current_app.extensions["recognition"].bundle
    return Overview(
        products=_count(Product),
        pictures=_count(ProductImage),
        embedded=_embedded(bundle.card.id) if bundle else 0,
        identifications=_count(Identification),
        waiting=count_waiting(),
        disk_free_gb=shutil.disk_usage(current_settings().instance).free / 1e9,
        bundle=bundle,
        jobs=list(db.session.scalars(jobs_as_shown().limit(JOBS_SHOWN))),
        shops=shop_rows(),
    )


def jobs_as_shown() -> Select[Job]:
    """All jobs: those at work first, then the newest."""
    return select(Job).order_by(Job.state.in_(("running", "queued")).desc(), Job.id.desc())


def _count(table: type[Product | ProductImage | Identification]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _embedded(bundle_id: str) -> int:
    question = (
        select(func.count(ProductImage.product_id.distinct()))
        .join(Embedding, Embedding.image_id == ProductImage.id)
        .where(Embedding.bundle_id == bundle_id)
    )
    return db.session.scalar(question) or 0
