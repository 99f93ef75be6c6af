"""What the admin's desk shows: how much there is, who serves, what is going on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select

from ml.serving.bundle import Bundle
from webapp.accounts.models import User
from webapp.catalogue.models import Embedding, Product, ProductImage
from webapp.database import db
from webapp.identify.models import Feedback, Identification
from webapp.jobs.models import Job

JOBS_SHOWN = 12


@dataclass(frozen=True)
class Overview:
    """The numbers and lists of the overview. `embedded` counts products with an embedding of the bundle on duty."""

    products: int
    pictures: int
    embedded: int
    identifications: int
    feedback: int
    bundle: Bundle | None
    jobs: list[Job]
    users: list[User]


def look() -> Overview:
    """The overview of this moment."""
    bundle: Bundle | None = current_app.extensions["recognition"].bundle
    return Overview(
        products=_count(Product),
        pictures=_count(ProductImage),
        embedded=_embedded(bundle.card.id) if bundle else 0,
        identifications=_count(Identification),
        feedback=_count(Feedback),
        bundle=bundle,
        jobs=list(db.session.scalars(select(Job).order_by(Job.id.desc()).limit(JOBS_SHOWN))),
        users=list(db.session.scalars(select(User).order_by(User.email))),
    )


def _count(table: type[Product | ProductImage | Identification | Feedback]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _embedded(bundle_id: str) -> int:
    question = (
        select(func.count(ProductImage.product_id.distinct()))
        .join(Embedding, Embedding.image_id == ProductImage.id)
        .where(Embedding.bundle_id == bundle_id)
    )
    return db.session.scalar(question) or 0
